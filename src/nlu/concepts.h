/* SPDX-License-Identifier: Apache-2.0 */
/* concepts.h - what shops' customers talk about, whatever the word for it (concepts.txt).
 *
 * "parcel", "package" and "Paket" are one concept: a model that has met one of
 * them knows something of the others, in another language too.  Immutable
 * tables; pure, thread-safe.
 */
#pragma once

#include "base/str.h"

struct concept_hit {
	const char *concept;	/* its name */
	size_t at, n;		/* words from, how many */
	bool apart;		/* other words may stand in between */
};

/* Hits in normalised words, by position; at most max.  One word inside a longer
 * phrase is not a hit of its own: "gift card" is no card. */
size_t concepts_find(const struct str *words, size_t n, struct concept_hit *out, size_t max);
/* A word of a phrase, or one that a phrase covers: never taken for a slip of the keyboard. */
bool concepts_has_word(struct str w);
