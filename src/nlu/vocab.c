/* SPDX-License-Identifier: Apache-2.0 */
/* vocab.c - the words of a desk, by length and by first and last letter: one slip spares one of the two. */
#include "base/bytes.h"
#include "nlu/slips_parts.h"
#include "nlu/sparse.h"
#include "nlu/words.h"
#include "text/word_slots.h"

#include <stdlib.h>
#include <string.h>

#define LEN_MIN 3
#define BINS VOCAB_BINS

static size_t
bin_of(const char *folded, bool last)
{
	size_t n = strlen(folded);

	return vocab_bin(n, last ? folded[n - 1] : folded[0]);
}

/* Indexes of the words by bin: a counting sort. */
static void
fill_bins(struct arena *a, char (*folded)[SLIP_WORD_MAX + 1], size_t n, bool last, const uint32_t **order,
    const uint32_t **start)
{
	uint32_t *at = arena_array(a, uint32_t, BINS + 1), *v = arena_array(a, uint32_t, n + 1);

	for (size_t i = 0; i < n; i++)
		if (folded[i][0] != '\0')
			at[bin_of(folded[i], last) + 1]++;
	for (size_t b = 0; b < BINS; b++)
		at[b + 1] += at[b];
	for (size_t i = 0; i < n; i++)
		if (folded[i][0] != '\0')
			v[at[bin_of(folded[i], last)]++] = (uint32_t)i;
	memmove(at + 1, at, BINS * sizeof(*at));
	at[0] = 0;
	*order = v;
	*start = at;
}

uint32_t
vocab_skeleton(struct str folded)
{
	uint32_t h = STR_HASH;

	for (size_t i = 0; i < folded.n; i++)
		if (i == 0 || !slip_is_vowel(folded.p[i]))
			h = str_hash_byte(h, folded.p[i]);
	return h;
}

/* Half full at most. */
static void
fill_slots(struct arena *a, struct vocab *v)
{
	struct vocab_slot *slots;

	v->slots_n = 64;
	while (v->slots_n < v->n * 2)
		v->slots_n *= 2;
	slots = arena_array(a, struct vocab_slot, v->slots_n);
	for (size_t i = 0; i < v->n; i++) {
		uint32_t h = str_hash(v->text[i]);
		size_t at = h & (v->slots_n - 1);

		while (slots[at].word != 0)
			at = (at + 1) & (v->slots_n - 1);
		slots[at] = (struct vocab_slot){ h, (uint32_t)i + 1 };
	}
	v->slots = slots;
}

void
vocab_build(struct arena *a, const struct str *words, const uint32_t *count, size_t n,
    struct vocab *out)
{
	char (*folded)[SLIP_WORD_MAX + 1] = arena_zalloc_n(a, n + 1, sizeof(*folded));
	uint32_t *mask = arena_array(a, uint32_t, n + 1), *skeleton = arena_array(a, uint32_t, n + 1);

	*out = (struct vocab){ .text = words, .folded = folded, .mask = mask, .count = count,
		.skeleton = skeleton, .n = n };
	for (size_t i = 0; i < n; i++) {
		if (!slip_fold(words[i], folded[i], &mask[i]) || strlen(folded[i]) < LEN_MIN)
			folded[i][0] = '\0';
		skeleton[i] = vocab_skeleton(str_from(folded[i]));
		out->total += count[i];
	}
	fill_bins(a, folded, n, false, &out->by_first, &out->first_at);
	fill_bins(a, folded, n, true, &out->by_last, &out->last_at);
	fill_slots(a, out);
}

static int
cmp_words(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void
vocab_of_texts(struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n,
    struct vocab *out)
{
	size_t all = 0, distinct = 0;
	struct str *w, *words;
	uint32_t *count;

	for (size_t i = 0; i < n; i++)
		all += v[i].n;
	w = arena_array(scratch, struct str, all + 1);
	all = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n; k++)
			if (!is_placeholder(v[i].words[k]))
				w[all++] = v[i].words[k];
	qsort(w, all, sizeof(*w), cmp_words);
	for (size_t i = 0; i < all; i++)
		distinct += i == 0 || !str_eq(w[i - 1], w[i]);
	words = arena_array(a, struct str, distinct + 1);
	count = arena_array(a, uint32_t, distinct + 1);
	distinct = 0;
	for (size_t i = 0; i < all; i++) {
		if (i == 0 || !str_eq(w[i - 1], w[i]))
			words[distinct++] = str_dup(a, w[i]);
		count[distinct - 1]++;
	}
	vocab_build(a, words, count, distinct, out);
}

void
vocab_save(const struct vocab *v, struct buf *out)
{
	bytes_put_u32(out, (uint32_t)v->n);
	for (size_t i = 0; i < v->n; i++) {
		bytes_put_u32(out, v->count[i]);
		bytes_put_str(out, v->text[i]);
	}
}

void
vocab_load(struct arena *a, struct bytes_reader *r, struct vocab *out)
{
	size_t n = bytes_take_u32(r);
	struct str *words;
	uint32_t *count;

	if (r->bad || n > (r->s.n - r->at) / 8) {
		r->bad = true;
		n = 0;
	}
	words = arena_array(a, struct str, n + 1);
	count = arena_array(a, uint32_t, n + 1);
	for (size_t i = 0; i < n && !r->bad; i++) {
		count[i] = bytes_take_u32(r);
		words[i] = str_dup(a, bytes_take_str(r));
		r->bad |= words[i].n == 0 || (i > 0 && str_cmp(words[i - 1], words[i]) >= 0);
	}
	vocab_build(a, words, count, r->bad ? 0 : n, out);
}

size_t
vocab_find(const struct vocab *v, struct str w)
{
	uint32_t h;

	if (v == NULL || v->n == 0)
		return SIZE_MAX;
	h = str_hash(w);
	for (size_t at = h & (v->slots_n - 1); v->slots[at].word != 0; at = (at + 1) & (v->slots_n - 1))
		if (v->slots[at].hash == h && str_eq(v->text[v->slots[at].word - 1], w))
			return v->slots[at].word - 1;
	return SIZE_MAX;
}

bool
vocab_has(const struct vocab *v, struct str w)
{
	return vocab_find(v, w) != SIZE_MAX;
}
