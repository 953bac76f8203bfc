/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_source.h - where a published encoder's files lie: a folder, an archive, a file.
 *
 * A folder in the layout of sentence-transformers; a wheel, zip or jar that holds one,
 * at any depth; or a .safetensors with vocab.txt beside it.  Of an archive only the files
 * with the names wanted are unpacked, into memory, after the safetensors header has said
 * how large the weights are: an entry that unpacks to something else, past 2 GB in all, or
 * out of too few bytes is refused by name.  Reads files; thread-safe.
 */
#pragma once

#include "vec/encoder_import.h"

#define ENCODER_SOURCE_MAX ((uint64_t)2 << 30)
#define ENCODER_RATIO_MAX 50	/* unpacked to packed; weights pack to 0.9, text to a quarter */

/* One file, whole, of at most ENCODER_SOURCE_MAX. */
enum err encoder_source_file(struct arena *a, const char *path, struct str *out, struct fault *f) NODISCARD;

/* E_NOTFOUND, or E_INVALID which names the file.  All in the arena. */
enum err encoder_source_read(struct arena *a, const char *path, struct encoder_files *out,
    struct fault *f) NODISCARD;
