/* SPDX-License-Identifier: Apache-2.0 */
/* english.c - the tables of english.txt: common words by length, a Bloom filter of the rest. */
#include "nlu/english.h"

#include <endian.h>
#include <string.h>

#define SHORTEST 3

#include "nlu/english.inc"

const struct english_block *
english_block(size_t len)
{
	return len < SHORTEST || len > ENGLISH_LONGEST ? NULL : &blocks[len - SHORTEST];
}

/* Four bytes as a number of the same order. */
static uint32_t
head_of(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

bool
english_is_common(struct str w)
{
	const struct english_block *b = english_block(w.n);
	size_t lo, hi;
	uint32_t head;

	if (b == NULL || w.p[0] < 'a' || w.p[0] > 'z')
		return false;
	head = w.n < 4 ? 0 : head_of(w.p);
	lo = b->first[w.p[0] - 'a'];
	hi = b->first[w.p[0] - 'a' + 1];
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const char *at = b->text + mid * w.n;
		uint32_t other = w.n < 4 ? 0 : head_of(at);
		int c = head != other ? (head < other ? -1 : 1) : memcmp(w.p, at, w.n);

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

bool
english_has_word(struct str w)
{
	uint32_t a, b;

	if (english_is_common(w))
		return true;
	a = str_hash(w);
	b = str_hash_more(0x9e3779b9u, w) | 1;
	for (uint32_t i = 0; i < PROBES; i++) {
		uint32_t at = (a + i * b) & (sizeof(others) * 8 - 1);

		if ((others[at >> 3] >> (at & 7) & 1) == 0)
			return false;
	}
	return true;
}
