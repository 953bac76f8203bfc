/* SPDX-License-Identifier: Apache-2.0 */
/* slips.h - slips of the keyboard, corrected towards words that we know.
 *
 * Known are the desk's own words (its examples), our lexicon, our language lists
 * and English words; corrected to are the desk's, the lexicon's and, in English
 * text, common English words.  Words with a digit, short words and known words
 * stay.  Also: repeated letters (pleaseee), accents left out (mochte), vowels left
 * out (trnsfr), short forms (u, pls, tmrw), words joined (myorder) and split
 * (re fund).  Pure, thread-safe.
 */
#pragma once

#include "facts/perception.h"

struct buf;
struct bytes_reader;
struct sparse_text;

#define SLIP_WORD_MAX 24

/* Words by length and by a letter: where vocab's orders begin. */
#define VOCAB_BINS ((SLIP_WORD_MAX + 1) * 26)
static inline size_t
vocab_bin(size_t len, char letter)
{
	return len * 26 + (size_t)(letter - 'a');
}

struct vocab_slot {
	uint32_t hash;
	uint32_t word;		/* index + 1; 0: free */
};

struct vocab {			/* sorted by text */
	const struct str *text;
	char (*folded)[SLIP_WORD_MAX + 1];	/* "" = not corrected to */
	const uint32_t *mask;	/* the letters in it, bit 0 = a */
	const uint32_t *count;
	const uint32_t *skeleton;		/* of its consonants: vocab_skeleton */
	const uint32_t *by_first, *first_at;	/* indexes by length and first letter; VOCAB_BINS + 1 starts */
	const uint32_t *by_last, *last_at;	/* and last letter */
	const struct vocab_slot *slots;	/* by hash: a power of two */
	size_t n, slots_n;
	uint64_t total;		/* of the counts */
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
/* Index of the word, or SIZE_MAX. */
size_t vocab_find(const struct vocab *v, struct str word);
/* Of a folded word: the same for words with the same first letter and consonants. */
uint32_t vocab_skeleton(struct str folded);
bool vocab_has(const struct vocab *v, struct str word);
struct slips {
	const struct str *words;	/* corrected: more or fewer than came in */
	const uint32_t *at;		/* words[i] came from the typed word at[i] (the first of joined ones) */
	size_t n;
	const struct correction *fixed;	/* in the order of the text; views */
	size_t fixed_n;
};
/* What was found for the words of one message: its text, its parts and the messages before it are
 * corrected with the same vocabulary, and have words in common.  Begins as { .n = 0 }. */
#define SLIPS_SEEN 24
struct slips_seen {
	struct {
		struct str typed, meant;
		bool english;
	} v[SLIPS_SEEN];
	size_t n;
};
/* All of it: slips, short forms, words joined and split. v may be NULL. */
struct slips slips_mend(const struct vocab *v, struct arena *a, const struct str *words, size_t n);
/* Word by word: as many words as came in; unchanged ones are the same views. v may be NULL. */
const struct str *slips_correct(const struct vocab *v, struct arena *a, const struct str *words,
    size_t n);
/* The same, looking into `seen` first and adding to it; seen may be NULL. */
struct slips slips_mend_seen(const struct vocab *v, struct arena *a, struct slips_seen *seen,
    const struct str *words, size_t n);
const struct str *slips_correct_seen(const struct vocab *v, struct arena *a, struct slips_seen *seen,
    const struct str *words, size_t n);
/* The slip distance 0..max of two folded words, or max + 1. For tests and kb. */
unsigned slip_distance(struct str a, struct str b, unsigned max);
/* ASCII letters without accents; false if it has others or is longer. */
bool slip_fold(struct str word, char out[SLIP_WORD_MAX + 1], uint32_t *mask);
