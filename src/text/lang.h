/* SPDX-License-Identifier: Apache-2.0 */
/* lang.h - which language a short text is written in, of the few that a desk speaks.
 *
 * Scripts name their languages or leave a few to choose from; between those, letters
 * decide (text/lang_grams.h, 41 languages; 55 in all), for en de fr es pt it nl what words are
 * common (text/lang_desk.h), and for these and sv da no pl fi lists of words that shops' customers
 * use.  Of a long text letters are read until a language leads beyond doubt.  The prior (the
 * conversation so far) decides where the text does not: names, numbers, "ok".  Pure, thread-safe.
 */
#pragma once

#include "base/str.h"

struct lang_guess {
	struct str lang;	/* one of allowed, or empty: another one or none */
	int32_t ppm;		/* how sure; 0 when empty */
};

/* words: of text_words(). allowed: ISO 639-1, at least one; prior: one of them
 * or empty. A text that is clearly in a language (of ours) that is not allowed
 * gives the empty language. */
struct lang_guess lang_of(const struct str *words, size_t words_n, const struct str *allowed,
    size_t allowed_n, struct str prior);
/* A word that carries no meaning of its own in lang: the, und, ... Sorted
 * tables of ours; false for a language without one. */
bool lang_is_stopword(struct str lang, struct str word);
/* In English or in German. */
bool lang_is_function_word(struct str word);
/* Known by its letters or its script? Others are told by the prior alone. */
bool lang_is_known(struct str lang);
/* ISO 15924 of the script most words begin in: "Latn", "Cyrl"; empty: none of those we know. */
struct str lang_script(const struct str *words, size_t n);
/* A word of any of our lists: never taken for a slip of the keyboard. */
bool lang_has_word(struct str word);
