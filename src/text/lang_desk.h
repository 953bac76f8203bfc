/* SPDX-License-Identifier: Apache-2.0 */
/* lang_desk.h - in which of en de fr es pt it nl a word is common, and where it is rarer.
 *
 * Letters tell a word's language by what it looks like; of the words that texts in these
 * seven languages most likely have, this table knows it.  Made by tools/train_lang (its
 * sources: docs/PROVENANCE.md), kept in lang_desk.bin: of a word twelve bits of a hash,
 * so one unknown word in five hundred is taken for another.
 * Pure, thread-safe.
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

#define LANG_DESK_N 7	/* the first of lang_grams_id */

/* How much rarer the word is than in the language that has it most, in half nats, 0 to 15.
 * word: normalised (text/tokens.h). False if it is not known. */
bool lang_desk_find(struct str word, uint8_t rarer[LANG_DESK_N]);
