/* SPDX-License-Identifier: Apache-2.0 */
/* passages.h - the searched passages of one published version, in memory.
 *
 * The same BM25 as passage_search() (FTS5's: k1 1.2, b 0.75, titles 4, listed
 * questions 3, sections 2, text 1), for the same stems, without reading the
 * store: every commit empties a reader's page cache, and FTS5 counts a word's
 * passages anew in each query.  Built from the store after a publish, then
 * immutable and thread-safe; lives in the arena it was built in, and so do the
 * texts of its hits.
 */
#pragma once

#include "model/library.h"

struct passage_index;
/* The passages held, by number: passage_hit.at counts in these. */
const struct passage_hit *passage_index_all(const struct passage_index *x, size_t *n);

/* *out is NULL where there are too many passages to hold in memory: then
 * passage_search() is the way. */
enum err passage_index_new(struct db *db, struct arena *a, struct passage_index **out,
    struct fault *f) NODISCARD;
/* Like passage_search(); a term is one stem.  *out is in a, its texts are views. */
void passage_index_search(const struct passage_index *x, const struct str *terms, size_t terms_n,
    size_t limit, struct arena *a, struct passage_hit **out, size_t *n);
