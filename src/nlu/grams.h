/* SPDX-License-Identifier: Apache-2.0 */
/* grams.h - the features of a text: words, pairs of words, concepts, pieces of words.
 *
 * Hashed to 31 bits, never 0; the highest bit says that it is a piece.  Pure, thread-safe.
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

#define GRAMS_MAX 4096		/* of one text */
#define GRAM_WORDS_MAX 200	/* words of a text that are looked at */
#define GRAM_CHARS_MAX 40	/* characters of a word that are looked at */

struct gram {
	uint32_t key;
	float v;		/* what it weighs in the text */
	uint16_t word;		/* that it stands in (the first of a pair); GRAM_NO_WORD: none */
};
#define GRAM_NO_WORD UINT16_MAX
#define GRAM_PIECE (UINT32_C(1) << 31)

/* How many there may be: out of grams_of() has room for these. */
size_t grams_room(const struct str *words, size_t n);
/* At most GRAMS_MAX, pieces last; a feature may come twice.  function: of each of the first
 * GRAM_WORDS_MAX words, whether it is_function_word; may be NULL. */
size_t grams_of(const struct str *words, size_t n, struct gram *out, bool *function);
/* Each once, with the sum of what it weighs, in the order of first sight; how many are left. */
size_t grams_distinct(struct gram *g, size_t n);
/* The key of a word by itself. */
uint32_t gram_of_word(struct str w);
/* A word without a meaning of its own, in English or German. */
bool is_function_word(struct str w);
