/* SPDX-License-Identifier: Apache-2.0 */
/* encoder.h - text to vector: the forward pass of a BERT-family sentence encoder.
 *
 * WordPiece, token + position + type embeddings, LayerNorm, the layers, mean or
 * first-token pooling, L2 norm (Devlin et al. 2019, arXiv 1810.04805; Reimers and
 * Gurevych 2019, arXiv 1908.10084).  The kernels (portable, AVX2, AVX-512, VNNI) are
 * chosen once, by what the processor has; they agree within the rounding of their
 * precision, not bit for bit: what decides is recorded (facts/perception.h).
 * Immutable, shared by reference count, thread-safe.  Total: any bytes give a vector in
 * bounded time; past ENCODER_TOKENS_MAX tokens (or 64 KB) a text is cut.
 */
#pragma once

#include "vec/encoder_file.h"

#define ENCODER_TOKENS_MAX 128	/* with [CLS] and [SEP] */

enum encoder_kernel { KERNEL_BEST, KERNEL_PORTABLE, KERNEL_AVX2, KERNEL_AVX512, KERNEL_VNNI };

struct encoder;

/* Maps the file, checks it, packs the weights for the kernel. E_NOTFOUND, E_INVALID by name.
 * A kernel this processor has not: E_INVALID. */
enum err encoder_open(const char *path, enum encoder_kernel k, struct encoder **out,
    struct fault *f) NODISCARD;
/* The same over weights in memory, which must outlive it. */
enum err encoder_make(const struct encoder_weights *w, enum encoder_kernel k, struct encoder **out,
    struct fault *f) NODISCARD;
struct encoder *encoder_ref(struct encoder *e);
void encoder_unref(struct encoder **e);

const struct encoder_info *encoder_info_of(const struct encoder *e);
const char *encoder_kernel_name(const struct encoder *e);
size_t encoder_memory_bytes(const struct encoder *e);

/* out: info.width floats, of length 1 (all zero only for a text without any token).
 * Scratch comes from the arena, at most 8 MB. */
void encoder_embed(const struct encoder *e, struct arena *a, struct str text, float *out);
/* How many tokens a text has ([CLS] and [SEP] not counted, past the cut neither), how many
 * words without punctuation, and how many of those are whole tokens: typos fall apart. */
size_t encoder_count_tokens(const struct encoder *e, struct arena *a, struct str text,
    size_t *words, size_t *whole);
