/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h - a text cut for the finders of entities and personal data: tokens and what they may mean.
 *
 * A token is a run of digits or a run of letters of the plain text
 * (text/plain.h): "17h30" is three, "HP-1042" two.  What a word may mean in the
 * seven languages stands in entity_words.txt; a pattern holds only where one
 * language has all of its words.  Linear; in the arena; thread-safe.
 */
#pragma once

#include "text/plain.h"

#define SCAN_BYTES_MAX 16000
#define LANGS_ALL 0x7fu		/* en de fr es pt it nl: bit 0..6 */
#define LANG_EN 1u
#define LANG_DE 2u
#define LANG_FR 4u
#define LANG_ES 8u
#define LANG_PT 16u
#define LANG_IT 32u
#define LANG_NL 64u

enum role {
	ROLE_AGO, ROLE_AHEAD, ROLE_AMPM, ROLE_AT, ROLE_ATSIGN, ROLE_BEFORE, ROLE_BORN, ROLE_CARD, ROLE_CENTS,
	ROLE_CLOCK, ROLE_COUNT, ROLE_CURRENCY, ROLE_DAY, ROLE_DOTSIGN, ROLE_EVERY, ROLE_FIRST, ROLE_FRENCH, ROLE_HALF, ROLE_HALVES,
	ROLE_HENCE, ROLE_IBAN, ROLE_IDWORD, ROLE_IS, ROLE_LAST, ROLE_MONTH, ROLE_NEXT, ROLE_NONE, ROLE_NOON,
	ROLE_NOTPHONE, ROLE_NUMBER, ROLE_OF, ROLE_ON, ROLE_ORDINAL, ROLE_PHONE, ROLE_POSTCODE, ROLE_PUBLIC,
	ROLE_SCALE, ROLE_SECRET, ROLE_STREET, ROLE_THE, ROLE_THIS, ROLE_UNIT, ROLE_VERB, ROLE_WEEKDAY	/* at most 64 */
};

struct reading {		/* of one or several words */
	const char *head, *rest;
	enum role role;
	unsigned char words, langs;
	short value;
};

struct token {
	uint32_t from, to;	/* bytes of the plain text */
	bool digits;
	int64_t number;		/* of up to nine digits, else -1 */
	const struct reading *first;	/* its readings, the longest first */
	uint32_t readings_n;
	uint64_t roles;		/* bits of enum role: those of its readings */
};

struct scan {
	struct arena *a;
	struct str raw;		/* cut to SCAN_BYTES_MAX */
	struct plain plain;
	struct str low;		/* the plain text in small letters */
	struct token *v;
	size_t n;
	bool has_digit, has_at;
	uint64_t roles;		/* of all tokens */
};

void scan_text(struct arena *a, struct str text, struct scan *out);
/* scan_role() of a token that has a reading of that role. */
const struct reading *scan_reading(const struct scan *s, size_t i, enum role role, unsigned langs);
/* The longest reading of that role at token i, or NULL. langs: at least one of these. */
static inline const struct reading *
scan_role(const struct scan *s, size_t i, enum role role, unsigned langs)
{
	return i < s->n && (s->v[i].roles >> role & 1) != 0 ? scan_reading(s, i, role, langs) : NULL;
}
/* Has any token a reading of that role? */
static inline bool
scan_has_role(const struct scan *s, enum role role)
{
	return (s->roles >> role & 1) != 0;
}
/* A number at token i, in digits or words: how many tokens it takes, 0: none. */
size_t scan_number(const struct scan *s, size_t i, int64_t *value, unsigned *langs);
struct str scan_word(const struct scan *s, size_t i);	/* in small letters */
/* What stands between tokens i - 1 and i. */
struct str scan_gap(const struct scan *s, size_t i);
/* Only blanks between (at most three bytes), or nothing. */
bool scan_is_near(const struct scan *s, size_t i);
/* One of the `back` tokens before the token i has that role; *value may be NULL. */
bool scan_before(const struct scan *s, size_t i, size_t back, enum role role, int *value);
/* The first token that begins at or after byte `at` of the plain text. */
size_t scan_token_at(const struct scan *s, size_t at);

static inline bool
scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
scan_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == PLAIN_LETTER;
}

static inline bool
scan_is_word(char c)
{
	return scan_is_digit(c) || scan_is_letter(c);
}
