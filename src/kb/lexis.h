/* SPDX-License-Identifier: Apache-2.0 */
/* lexis.h - the words of one language as a desk's articles use them.
 *
 * A text becomes terms: a stem with its number in the vocabulary and the groups
 * of related words (text/related.h) that it stands in; a phrase of the table is
 * one term ("send it back").  Words without meaning of their own are left out.
 * Filled by one thread (lexis_learn), then read by many.
 */
#pragma once

#include "base/str.h"

#define TERM_GROUPS_MAX 8

struct term {
	struct str stem;
	int32_t id;			/* in the vocabulary; -1: nowhere */
	uint64_t asks, stands;		/* one bit a group, folded: a quick no */
	uint16_t group[TERM_GROUPS_MAX];
	bool general[TERM_GROUPS_MAX];	/* stands for the group, is no mere kind of it */
	uint8_t groups_n;
	bool weak, number;
	bool known;			/* in an article, or related to a word that is */
	float weight;			/* by how many passages have it: 0 to 1 */
	float sure;			/* 1; less for a part of a compound */
};
/* What a text's terms are together, folded into few bits: most words of a question
 * have nothing in most texts, and that is seen without comparing. */
#define TERMS_ID_BITS 512
#define TERMS_GROUP_BITS 256
struct terms {
	struct term *v;
	size_t n;
	uint64_t ids[TERMS_ID_BITS / 64], groups[TERMS_GROUP_BITS / 64];
	bool numbers;
};

struct lexis;

/* room: words that will be learned, at most. */
struct lexis *lexis_new(struct arena *a, struct str lang, size_t room);
struct str lexis_lang(const struct lexis *x);
/* A heading, before anything is learned: where it is one word, that word has a meaning
 * here, though elsewhere it has none ("Down", of jackets). */
void lexis_keep(struct lexis *x, struct str heading);
/* A passage's text, once each; then lexis_close() before anything is read. */
void lexis_learn(struct lexis *x, struct str text);
void lexis_close(struct lexis *x);
/* correct: unknown words are taken for known ones that are a slip away. */
struct terms lexis_read(const struct lexis *x, const struct str *words, size_t n, bool correct, size_t max,
    struct arena *a);
struct terms lexis_read_text(const struct lexis *x, struct str text, size_t max, struct arena *a);
/* Words of articles that stand for the groups of a term, or of phrases that do,
 * stemmed, at most max; some may come twice. */
size_t lexis_related(const struct lexis *x, const struct term *t, struct str *out, size_t max);
/* Adds what `more` has to the bits of `any`, whose terms stay. */
void lexis_join(struct terms *any, const struct terms *more);
/* false: lexis_match() is 0 for each of the terms; true: it may be more. */
bool lexis_may_match(const struct term *asked, const struct terms *there);
/* 1: the same word; less: related; 0: nothing in common. `asked` may be a kind of what stands there. */
float lexis_match(const struct term *asked, const struct term *there);
