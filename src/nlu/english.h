/* SPDX-License-Identifier: Apache-2.0 */
/* english.h - common English words, to correct slips to and to leave alone (english.txt).
 *
 * Immutable tables; pure, thread-safe.
 */
#pragma once

#include "base/str.h"

/* The common words of one length, sorted, without anything between them. */
struct english_block {
	const char *text;
	const uint32_t *mask;	/* the letters in each, bit 0 = a */
	const uint16_t *by_last;/* indexes, by the last letter */
	const uint16_t *first;	/* 27: where words that begin with each letter start */
	const uint16_t *last;	/* 27: the same in by_last */
};

/* NULL: there are none of that length. */
const struct english_block *english_block(size_t len);
/* A common word. */
bool english_is_common(struct str w);
/* A common word, another word of at most eight letters or a name; of other words
 * one in 300 passes too. */
bool english_has_word(struct str w);
