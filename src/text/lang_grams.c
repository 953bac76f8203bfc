/* SPDX-License-Identifier: Apache-2.0 */
/* lang_grams.c - the letters of a word, looked up one n-gram after the other. */
#include "text/lang_grams.h"

#include "text/utf8.h"

#include <string.h>

#define HASH_BITS 22
#define ORDER 5
#define LETTERS_MAX 40
#define UNIT 8	/* 512ths of a nat in the table's 64ths */
#define REST ((1u << (HASH_BITS - LANG_GRAMS_TOP)) - 1)
#define COUNT_AT 8

#include "text/lang_grams.inc"	/* lang_grams_id, lang_gram_first, lang_gram_table */

static const uint16_t *
bucket_of(uint32_t key)
{
	return lang_gram_table + lang_gram_first[key >> (HASH_BITS - LANG_GRAMS_TOP)];
}

/* The keys are sorted; their top bits say in which bucket to look.  A bucket, in one line of the
 * cache or two: how many keys; of each the rest of its bits and, above, how many weights it has;
 * then the weights of all. */
static bool
add_key(uint32_t key, int32_t score[LANG_GRAMS_N])
{
	const uint16_t *bucket = bucket_of(key), *keys = bucket + 1, *at = keys + bucket[0];
	uint32_t rest = key & REST, i = 0;

	while (i < bucket[0] && (keys[i] & REST) != rest)
		at += keys[i++] >> COUNT_AT;
	if (i == bucket[0])
		return false;
	for (const uint16_t *end = at + (keys[i] >> COUNT_AT); at < end; at++)
		score[*at & 63] += ((int16_t)*at >> 6) * UNIT;
	return true;
}

/* FNV-1a, then the finaliser of MurmurHash3: as tools/train_lang. */
static uint32_t
key_of(uint32_t h)
{
	h ^= h >> 15;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h >> (32 - HASH_BITS);
}

/* The table is larger than the cache nearest to the processor: what will be read is asked for early. */
static bool
add_keys(const uint32_t *keys, size_t n, int32_t score[LANG_GRAMS_N])
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(bucket_of(keys[i]));
	for (size_t i = 0; i < n; i++)
		any |= add_key(keys[i], score);
	return any;
}

static size_t
add_found(uint32_t *keys, size_t n, uint32_t hash)
{
	keys[n] = key_of(hash);
	__builtin_prefetch(&lang_gram_first[keys[n] >> (HASH_BITS - LANG_GRAMS_TOP)]);
	return n + 1;
}

bool
lang_grams_add(struct str word, int32_t score[LANG_GRAMS_N])
{
	char w[LETTERS_MAX * 4 + 2];
	size_t at[LETTERS_MAX + 3], letters = 0, n = 0, from = 0, keys_n = 0;
	uint32_t keys[(LETTERS_MAX + 2) * ORDER + 1], h;

	at[letters++] = n;
	w[n++] = '_';
	while (from < word.n && letters <= LETTERS_MAX) {
		size_t start = from;

		(void)utf8_next(word, &from);
		at[letters++] = n;
		memcpy(w + n, word.p + start, from - start);
		n += from - start;
	}
	at[letters++] = n;
	w[n++] = '_';
	at[letters] = n;
	for (size_t i = 0; i < letters; i++) {
		h = STR_HASH;
		for (size_t j = i; j < letters && j < i + ORDER; j++) {
			h = str_hash_more(h, (struct str){ w + at[j], at[j + 1] - at[j] });
			if (j > i || (i > 0 && i + 1 < letters))
				keys_n = add_found(keys, keys_n, h);
		}
	}
	if (letters > ORDER) {	/* longer than the longest n-gram: the word itself */
		h = str_hash_more(77u, (struct str){ w, n });
		keys_n = add_found(keys, keys_n, h);
	}
	return add_keys(keys, keys_n, score);
}

size_t
lang_grams_index(struct str lang)
{
	for (size_t i = 0; i < LANG_GRAMS_N; i++)
		if (lang.n == 2 && lang.p[0] == lang_grams_id[i][0] && lang.p[1] == lang_grams_id[i][1])
			return i;
	return LANG_GRAMS_N;
}
