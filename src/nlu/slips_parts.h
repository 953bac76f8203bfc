/* SPDX-License-Identifier: Apache-2.0 */
/* slips_parts.h - the inside of the correction: distances and short forms. */
#pragma once

#include "nlu/slips.h"

bool slip_is_vowel(char c);
/* What it costs the hand or the ear to have typed this for that, in hundredths of
 * a slip; both folded, at most SLIP_WORD_MAX. */
unsigned slip_cost(struct str typed, struct str word);
/* One slip in a short word that is more likely a slip than another word. */
bool slip_is_plausible(struct str typed, struct str word);
/* The usual short forms in seven languages, or in English only; empty: it is none. */
struct str slang_of(struct str w, bool english);
