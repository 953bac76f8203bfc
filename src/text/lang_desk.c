/* SPDX-License-Identifier: Apache-2.0 */
/* lang_desk.c - a word's few bits, found by its hash. */
#include "text/lang_desk.h"

#define HASH_BITS 27
#define MARK_BITS 12	/* of the hash, kept to know a word by */
#define ENTRY 5	/* bytes */

#include "text/lang_desk.inc"	/* lang_desk_first, by the place; lang_desk_words */

_Static_assert(sizeof(lang_desk_first) / sizeof(lang_desk_first[0]) == (1u << (HASH_BITS - MARK_BITS)) + 1,
    "a place for each hash");
_Static_assert(MARK_BITS + 4 * LANG_DESK_N == 8 * ENTRY, "an entry has its mark and four bits a language");

/* FNV-1a, then the finaliser of MurmurHash3: as tools/train_lang. */
static uint32_t
hash_of(struct str w)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < w.n; i++)
		h = (h ^ (unsigned char)w.p[i]) * 16777619u;
	h ^= h >> 15;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h >> (32 - HASH_BITS);
}

/* The lowest byte first, on any machine. */
static uint64_t
bits_of(const uint8_t *p)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < ENTRY; i++)
		bits |= (uint64_t)p[i] << 8 * i;
	return bits;
}

bool
lang_desk_find(struct str word, uint8_t rarer[LANG_DESK_N])
{
	uint32_t hash = hash_of(word), mark = hash & ((1u << MARK_BITS) - 1);
	const uint32_t *place = &lang_desk_first[hash >> MARK_BITS];

	for (uint32_t i = place[0]; i < place[1]; i++) {
		uint64_t bits = bits_of(lang_desk_words + ENTRY * (size_t)i);

		if ((bits & ((1u << MARK_BITS) - 1)) != mark)
			continue;
		for (unsigned l = 0; l < LANG_DESK_N; l++)
			rarer[l] = bits >> (MARK_BITS + 4 * l) & 15;
		return true;
	}
	return false;
}
