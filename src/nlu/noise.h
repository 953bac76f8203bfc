/* SPDX-License-Identifier: Apache-2.0 */
/* noise.h - spoils a text as thumbs and haste do, to measure what survives it.
 *
 * Its word lists are its own: the correction (nlu/slips.h) would otherwise be
 * measured against itself.  Deterministic from the seed; pure; thread-safe.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

/* spec: kinds joined by '+' or ',', done in that order:
 *	typos=N		N slips at letters: two swapped, one left out, doubled, or a key beside it
 *	slang		small letters, no apostrophes, usual short forms, now and then no vowels
 *	upper, lower	all capital or small letters (ASCII)
 *	joined=N	N blanks left out
 *	split=N		N blanks inside words
 */
bool noise_is_known(const char *spec);
/* Give each message its own seed. A spec that is not known leaves the text as it is. */
struct str noise_apply(struct arena *a, struct str text, const char *spec, uint64_t seed);
