/* SPDX-License-Identifier: Apache-2.0 */
/* lang_grams.c - the letters of a word, looked up one n-gram after the other. */
#include "text/lang_grams.h"

#include "text/utf8.h"

#include <string.h>

#define ROOM 48		/* languages, so many that whole vectors are added */
#define HASH_BITS 21
#define ORDER 5
#define LETTERS_MAX 40

struct lang_gram {
	uint8_t scale;
	int8_t w[ROOM];		/* 512ths of a nat at scale 1 */
};

#include "text/lang_grams.inc"	/* lang_grams_id, lang_grams, lang_gram_keys, lang_grams_first */

/* The keys are sorted; their top bits say where to look, lang_gram_keys has the rest. */
static const struct lang_gram *
find_gram(uint32_t key)
{
	uint32_t top = key >> (HASH_BITS - LANG_GRAMS_TOP), rest = key & ((1u << (HASH_BITS - LANG_GRAMS_TOP)) - 1);

	for (size_t i = lang_grams_first[top]; i < lang_grams_first[top + 1]; i++)
		if (lang_gram_keys[i] == rest)
			return &lang_grams[i];
	return NULL;
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

static bool
add_gram(uint32_t hash, int32_t score[ROOM])
{
	const struct lang_gram *g = find_gram(key_of(hash));

	if (g == NULL)
		return false;
	for (size_t l = 0; l < ROOM; l++)
		score[l] += g->w[l] * g->scale;
	return true;
}

bool
lang_grams_add(struct str word, int32_t score[LANG_GRAMS_N])
{
	char w[LETTERS_MAX * 4 + 2];
	size_t at[LETTERS_MAX + 3], letters = 0, n = 0, from = 0;
	int32_t sum[ROOM] = { 0 };
	bool any = false;
	uint32_t h;

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
		h = 2166136261u;
		for (size_t j = i; j < letters && j < i + ORDER; j++) {
			for (size_t b = at[j]; b < at[j + 1]; b++)
				h = (h ^ (unsigned char)w[b]) * 16777619u;
			if (j > i || (i > 0 && i + 1 < letters))
				any |= add_gram(h, sum);
		}
	}
	if (letters > ORDER) {	/* longer than the longest n-gram: the word itself */
		h = 77u;
		for (size_t b = 0; b < n; b++)
			h = (h ^ (unsigned char)w[b]) * 16777619u;
		any |= add_gram(h, sum);
	}
	for (size_t l = 0; l < LANG_GRAMS_N; l++)
		score[l] += sum[l];
	return any;
}

size_t
lang_grams_index(struct str lang)
{
	for (size_t i = 0; i < LANG_GRAMS_N; i++)
		if (lang.n == 2 && lang.p[0] == lang_grams_id[i][0] && lang.p[1] == lang_grams_id[i][1])
			return i;
	return LANG_GRAMS_N;
}
