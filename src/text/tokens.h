/* SPDX-License-Identifier: Apache-2.0 */
/* tokens.h - normal form and words of a text: the same for messages and for policy.
 *
 * Normal form: NFKC with case folded (German sharp s becomes ss); invisible,
 * tag and bidi characters and control characters gone; all white space one
 * blank; all apostrophes ' and all dashes -; at most three combining marks on a
 * letter; broken UTF-8 becomes U+FFFD.
 * Words: runs of letters, digits and marks of the normal form.  An apostrophe
 * inside a word is dropped (don't and dont are one word) unless it ends an
 * elided article (l'ordre gives l, ordre); everything else
 * separates (e-mail gives e, mail; HP-1042 gives hp, 1042).  A letter of a
 * script without blanks (Han, Kana) is a word.
 * Total and linear: any bytes; input past TEXT_MAX_CHARS code points is cut.
 * Results live in the arena.  Thread-safe.
 */
#pragma once

#include "base/str.h"

#define TEXT_MAX_CHARS 4000

struct str text_normalise(struct arena *a, struct str text);
/* words[i] are never empty. *words is NULL when *n is 0. */
void text_words(struct arena *a, struct str text, const struct str **words, size_t *n);
/* Of a text that text_normalise made: no second normalisation. */
void text_words_normal(struct arena *a, struct str normal, const struct str **words, size_t *n);
/* Number of code points that are neither blank nor invisible: at most
 * TEXT_MAX_CHARS. */
size_t text_length(struct str text);
/* The text with its e-mail addresses blank: they are names of no language, and two of them
 * share words without saying the same. */
struct str text_without_addresses(struct arena *a, struct str text);
