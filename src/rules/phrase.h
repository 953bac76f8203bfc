/* SPDX-License-Identifier: Apache-2.0 */
/* phrase.h - does a phrase occur among words? Whole words, in order. Pure. */
#pragma once

#include "base/str.h"

/* phrase: normalised words joined by one blank (as phrase_normalise makes). */
bool phrase_in(struct str phrase, const struct str *words, size_t n);
/* All the words and no other. */
bool phrase_is(struct str phrase, const struct str *words, size_t n);
/* The first of `phrases` that occurs, or -1. */
int phrase_first(const struct str *phrases, size_t phrases_n, const struct str *words, size_t n);
