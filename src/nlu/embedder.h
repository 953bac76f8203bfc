/* SPDX-License-Identifier: Apache-2.0 */
/* embedder.h - an encoder with a memory: vectors of known texts are kept.
 *
 * The cache is keyed by SHA-256 of encoder source and text, bounded (least recently
 * used goes), and may be kept in a file: a damaged one is thrown away, it is only a
 * cache.  Thread-safe (one lock, not held while the encoder works).
 */
#pragma once

#include "vec/encoder.h"

struct embedder;

/* Takes a reference of the encoder. path NULL: in memory only. cache_max: vectors kept. */
struct embedder *embedder_new(struct encoder *e, const char *path, size_t cache_max);
void embedder_free(struct embedder **m);	/* writes the file, if there is a path */
const struct encoder_info *embedder_info(const struct embedder *m);
const struct encoder *embedder_encoder(const struct embedder *m);

/* For training: remembers. */
void embedder_embed_known(struct embedder *m, struct arena *a, struct str text, float *out);
/* For a customer's message: looks in the memory, adds nothing. */
void embedder_embed(struct embedder *m, struct arena *a, struct str text, float *out);
