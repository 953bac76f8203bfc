/* SPDX-License-Identifier: Apache-2.0 */
/* word_slots.h - where a word stands in a table that a tool made (tools/slots.py).
 *
 * A message's words are looked up in a dozen lists each: one load says of most that
 * they are not in it.  Open addressing, half full at most; a slot holds half of the
 * hash and the index, so that the table itself is read for (nearly) equal words only.
 *
 *	for (uint32_t at = h, i; (i = word_slots_next(&known, h, &at)) != WORD_SLOTS_END;)
 *		if (str_eqz(w, table[i].text))
 *			...
 */
#pragma once

#include "base/str.h"

#define WORD_SLOTS_END UINT32_MAX

struct word_slots {
	const uint32_t *v;	/* 0: free; else the hash's upper half, index + 1 */
	uint32_t mask;
};

/* The next index that may be the word's; *at begins as its hash. */
static inline uint32_t
word_slots_next(const struct word_slots *s, uint32_t h, uint32_t *at)
{
	uint32_t v;

	while ((v = s->v[(*at)++ & s->mask]) != 0)
		if (v >> 16 == h >> 16)
			return (v & 0xffff) - 1;
	return WORD_SLOTS_END;
}
