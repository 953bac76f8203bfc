/* SPDX-License-Identifier: Apache-2.0 */
/* corpus_file.h - a folder of articles as candidates, for tests and benchmarks here: the real
 * loader lives above this layer. */
#pragma once

#include "kb/answer.h"

/* All passages of the .md files in dir; NULL when there is none. */
const struct kb_candidate *corpus_read(struct arena *a, const char *dir, size_t *n,
    struct kb_stats **stats);
