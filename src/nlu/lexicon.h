/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon.h - our own words and phrases about moods and people (phrases.txt).
 *
 * Immutable tables; pure, thread-safe.
 */
#pragma once

#include "base/str.h"

enum lexicon_kind {
	LEX_ANGER, LEX_FRUSTRATION, LEX_CONFUSION, LEX_URGENCY, LEX_GRATITUDE,
	LEX_ANNOYANCE, LEX_DISAPPOINTMENT,	/* so far as enum mood */
	LEX_PERSON, LEX_CONTACT, LEX_WANT, LEX_NOUN, LEX_WEAK, LEX_BOT, LEX_NEGATE, LEX_KNOWN
};

struct lexicon_phrase {
	const char *text;	/* words joined by a blank */
	enum lexicon_kind kind;
	int32_t ppm;
};
struct lexicon_word {
	const char *text;
	const char *folded;	/* targets: ASCII, without accents */
	bool target;		/* a slip may be corrected to it */
	uint32_t mask;		/* the letters in it, bit 0 = a */
};

struct lexicon_hit {
	const struct lexicon_phrase *phrase;
	size_t at, n;		/* words from, how many */
};

/* All phrases in the words, by position; at most max. Phrases may overlap. */
size_t lexicon_find(const struct str *words, size_t n, struct lexicon_hit *out, size_t max);
/* The words of all phrases, sorted. */
const struct lexicon_word *lexicon_words(size_t *n);
/* Indexes into them, ascending: those that a slip may be corrected to, by the first folded letter a-z. */
const uint16_t *lexicon_targets(char first, size_t *n);
bool lexicon_has_word(struct str w);
