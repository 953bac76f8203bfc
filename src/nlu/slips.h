/* SPDX-License-Identifier: Apache-2.0 */
/* slips.h - slips of the keyboard, corrected towards words that we know.
 *
 * Known are the desk's own words (its examples), our lexicon and our language
 * lists; only the first two are corrected to.  Words with a digit, short words
 * and known words stay.  Also: repeated letters (pleaseee), accents left out
 * (mochte), and the usual short forms (u, pls, tmrw).  Pure, thread-safe.
 */
#pragma once

#include "facts/perception.h"

struct buf;
struct bytes_reader;
struct sparse_text;

#define SLIP_WORD_MAX 24

struct vocab {			/* sorted by text */
	const struct str *text;
	char (*folded)[SLIP_WORD_MAX + 1];	/* "" = not corrected to */
	const uint32_t *mask;
	const uint32_t *count;
	size_t n;
};

/* words sorted and distinct, counts beside; views are kept. */
void vocab_build(struct arena *a, const struct str *words, const uint32_t *count, size_t n,
    struct vocab *out);
/* Of the words of texts (nlu/sparse.h), placeholders left out; copied into a. */
void vocab_of_texts(struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n,
    struct vocab *out);
void vocab_save(const struct vocab *v, struct buf *out);
/* Into a; makes the reader bad if it is no vocabulary. */
void vocab_load(struct arena *a, struct bytes_reader *r, struct vocab *out);
bool vocab_has(const struct vocab *v, struct str word);
struct slips {
	const struct str *words;	/* corrected: more or fewer than came in */
	const uint32_t *at;		/* words[i] came from the typed word at[i] (the first of joined ones) */
	size_t n;
	const struct correction *fixed;	/* in the order of the text; views */
	size_t fixed_n;
};
/* All of it: slips, short forms, words joined and split. v may be NULL. */
struct slips slips_mend(const struct vocab *v, struct arena *a, const struct str *words, size_t n);
/* Word by word: as many words as came in; unchanged ones are the same views. v may be NULL. */
const struct str *slips_correct(const struct vocab *v, struct arena *a, const struct str *words,
    size_t n);
/* The slip distance 0..max of two folded words, or max + 1. For tests and kb. */
unsigned slip_distance(struct str a, struct str b, unsigned max);
/* ASCII letters without accents; false if it has others or is longer. */
bool slip_fold(struct str word, char out[SLIP_WORD_MAX + 1], uint32_t *mask);
