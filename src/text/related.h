/* SPDX-License-Identifier: Apache-2.0 */
/* related.h - words that mean the same to a shop's customers (related.txt).
 *
 * Rows of normalised words, not stemmed, a blank between two; a_b is a phrase,
 * a_.._b one with up to three words in between.  Immutable; thread-safe.
 */
#pragma once

#include "base/str.h"

enum related_kind {
	RELATED_SAME,	/* stand for each other */
	RELATED_WEAK	/* say little about what is asked */
};
struct related_row {
	const char *lang;
	enum related_kind kind;
	const char *general;	/* all that stand for the row */
	const char *special;	/* kinds of it: asked for, they find the general ones, not the other way */
};
const struct related_row *related_rows(size_t *n);
