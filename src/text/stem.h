/* SPDX-License-Identifier: Apache-2.0 */
/* stem.h - word stems by libstemmer (Snowball).
 *
 * A stemmer belongs to its arena and to one thread at a time.
 */
#pragma once

#include "base/str.h"

struct stemmer;

/* Never fails: a language without a stemmer gives one that keeps words. */
struct stemmer *stemmer_new(struct arena *a, struct str lang);
/* The stem of a normalised word, copied into the arena. */
struct str stemmer_word(struct stemmer *s, struct arena *a, struct str word);
