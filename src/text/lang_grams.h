/* SPDX-License-Identifier: Apache-2.0 */
/* lang_grams.h - which of 41 languages a word looks like, by its letters.
 *
 * A softmax regression over character 1-5-grams with the word's borders, and whole
 * words; trained by tools/train_lang (its sources: docs/PROVENANCE.md), kept in
 * lang_grams.bin: of each only the languages that it says something of.  Of languages that
 * write in Latin, Cyrillic, Arabic or Devanagari letters; other scripts name their
 * language themselves (lang.c).
 * Pure, thread-safe.
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

#define LANG_GRAMS_N 41

/* ISO 639-1, in the order of the scores. */
extern const char lang_grams_id[LANG_GRAMS_N][3];
/* Index of the language, or LANG_GRAMS_N. */
size_t lang_grams_index(struct str lang);
/* Adds the word's evidence, in 512ths of a nat, to each language's score; false if it has none.
 * word: normalised (text/tokens.h); letters past 40 are not looked at. */
bool lang_grams_add(struct str word, int32_t score[LANG_GRAMS_N]);
