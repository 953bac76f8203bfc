/* SPDX-License-Identifier: Apache-2.0 */
/* sparse.c - a sparse model in use, and as bytes.
 *
 * Weights are bytes with a scale a feature: a message touches some hundreds of
 * rows, and small rows stay in the caches.  Sums are taken element by element in
 * one order, so that a wide and a narrow machine give the same bits.
 */
#include "nlu/sparse_parts.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "nlu/words.h"

#include <math.h>
#include <string.h>

#define ROWS_ALIGN 64u		/* a line of the cache */
#define ROW_ALIGN 32u

void
sparse_build_rows(struct arena *a, struct sparse *m, size_t features)
{
	unsigned char *p;

	m->features = features;
	m->row_bytes = (sizeof(struct sparse_row) + m->stride + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
	p = arena_array(a, unsigned char, features * m->row_bytes + ROWS_ALIGN);
	m->rows = p + (ROWS_ALIGN - (uintptr_t)p % ROWS_ALIGN) % ROWS_ALIGN;
}

void
sparse_build_table(struct arena *a, struct sparse *m)
{
	uint32_t mask;

	m->slots = 64;
	while (m->slots < m->features * 2)
		m->slots *= 2;
	mask = (uint32_t)m->slots - 1;
	m->table = arena_array(a, uint32_t, m->slots);
	for (size_t i = 0; i < m->features; i++) {
		uint32_t key = sparse_row(m, i)->key, at = key & mask;

		while (m->table[at] != 0)
			at = (at + 1) & mask;
		m->table[at] = (key & ~mask) | ((uint32_t)i + 1);
	}
}

/* What may be the key's from *at on: its index, or UINT32_MAX. */
FORCE_INLINE uint32_t
next_of(const struct sparse *m, uint32_t key, uint32_t *at)
{
	uint32_t mask = (uint32_t)m->slots - 1, slot;

	while ((slot = m->table[(*at)++ & mask]) != 0)
		if (((slot ^ key) & ~mask) == 0)
			return (slot & mask) - 1;
	return UINT32_MAX;
}

uint32_t
sparse_find(const struct sparse *m, uint32_t key)
{
	uint32_t at = key, i;

	while ((i = next_of(m, key, &at)) != UINT32_MAX && sparse_row(m, i)->key != key)
		;
	return i;
}

#define AHEAD 24	/* features: the table is larger than the nearest cache */

/* --- use ------------------------------------------------------------------ */

#define GROUPS 2	/* words with all that is made of them; pieces of words */

/* A feature of the text that the model knows. */
struct found {
	const int8_t *row;
	float x;
};

/* z += so many lanes of all rows, each times its x: the sums stay in registers. */
FORCE_INLINE void
add_lanes(float *restrict z, const struct found *v, size_t n, size_t at, size_t lanes)
{
	float sum[4 * SPARSE_LANES];

#pragma GCC unroll 8
	for (size_t c = 0; c < lanes; c++)
		sum[c] = z[at + c];
	for (size_t i = 0; i < n; i++) {
		const int8_t *restrict row = v[i].row + at;

#pragma GCC unroll 8
		for (size_t c = 0; c < lanes; c++)
			sum[c] += v[i].x * (float)row[c];
	}
#pragma GCC unroll 8
	for (size_t c = 0; c < lanes; c++)
		z[at + c] = sum[c];
}

FORCE_INLINE void
add_rows(float *restrict z, const struct found *v, size_t n, size_t stride)
{
	size_t at = 0;

	for (; at + 4 * SPARSE_LANES <= stride; at += 4 * SPARSE_LANES)
		add_lanes(z, v, n, at, 4 * SPARSE_LANES);
	for (; at < stride; at += SPARSE_LANES)
		add_lanes(z, v, n, at, SPARSE_LANES);
}

WIDE static void
add_rows_wide(float *z, const struct found *v, size_t n, size_t stride)
{
	add_rows(z, v, n, stride);
}

static void
add_rows_any(float *z, const struct found *v, size_t n, size_t stride)
{
	if (HAVE_WIDE)
		add_rows_wide(z, v, n, stride);
	else
		add_rows(z, v, n, stride);
}

/* Where each feature may be; its row is on the way to the nearest cache then. */
static void
look_up(const struct sparse *m, const struct gram *g, size_t n, uint32_t *index)
{
	uint32_t mask = (uint32_t)m->slots - 1;

	for (size_t i = 0; i < n; i++) {
		uint32_t at = g[i].key;

		if (i + AHEAD < n)
			__builtin_prefetch(&m->table[g[i + AHEAD].key & mask]);
		index[i] = next_of(m, g[i].key, &at);
		if (index[i] != UINT32_MAX) {
			const struct sparse_row *r = sparse_row(m, index[i]);

			__builtin_prefetch(r);
			__builtin_prefetch((const char *)r + ROWS_ALIGN);
		}
	}
}

/* What is known of the text, by group, scaled so that a group's length is 1; pieces of words from *from on. */
static size_t
find_all(const struct sparse *m, const struct gram *g, size_t n, uint32_t *index, struct found *out, size_t *from,
    float *known)
{
	float seen[GROUPS] = { 0 }, all[GROUPS] = { 0 }, length[GROUPS], shares = 0, groups = 0;
	size_t k = 0, cut = 0;

	look_up(m, g, n, index);
	for (size_t i = 0; i < n; i++) {
		bool piece = (g[i].key & GRAM_PIECE) != 0;
		uint32_t at = index[i];
		const struct sparse_row *r;
		float v;

		if (at != UINT32_MAX && sparse_row(m, at)->key != g[i].key)
			at = sparse_find(m, g[i].key);
		if (at == UINT32_MAX) {
			v = g[i].v * m->gain_unseen;
			all[piece] += v * v;
			continue;
		}
		r = sparse_row(m, at);
		v = g[i].v * r->gain;
		all[piece] += v * v;
		seen[piece] += v * v;
		out[k++] = (struct found){ r->w, v };
		out[k - 1].x *= r->scale;
		cut += !piece;
	}
	for (size_t i = 0; i < GROUPS; i++)
		length[i] = sqrtf(seen[i] > 0 ? seen[i] : 1);
	for (size_t i = 0; i < k; i++)
		out[i].x /= length[i >= cut];
	for (size_t i = 0; i < GROUPS; i++) {
		shares += all[i] > 0 ? seen[i] / all[i] : 0;
		groups += all[i] > 0;
	}
	*known = groups > 0 ? shares / groups : 0;
	*from = cut;
	return k;
}

static void
see_words(const struct sparse *m, const struct str *words, size_t n, const bool *function, struct sparse_sight *sight)
{
	size_t known = 0, content = 0, content_known = 0;

	for (size_t i = 0; i < n; i++) {
		bool placeholder = is_placeholder(words[i]);
		bool is = placeholder || sparse_find(m, gram_of_word(words[i])) != UINT32_MAX;
		bool means = !placeholder && !(i < GRAM_WORDS_MAX ? function[i] : is_function_word(words[i]));

		known += is;
		content += means;
		content_known += means && is;
	}
	sight->words_known = n > 0 ? (float)known / (float)n : 0;
	sight->content_known = content > 0 ? (float)content_known / (float)content : 0;
	sight->content = content_known > 3 ? 1 : (float)content_known / 3;
}

void
sparse_score(const struct sparse *m, struct arena *a, const struct str *words, size_t n, float *logit,
    float *pieces, struct sparse_sight *sight)
{
	struct gram *g = arena_alloc(a, grams_room(words, n) * sizeof(*g));
	float *z = arena_array(a, float, m->stride), *p = arena_array(a, float, m->stride);
	bool function[GRAM_WORDS_MAX];
	size_t k = grams_distinct(g, grams_of(words, n, g, function)), cut;
	struct found *v = arena_alloc(a, (k + 1) * sizeof(*v));
	uint32_t *index = arena_alloc(a, (k + 1) * sizeof(*index));

	k = find_all(m, g, k, index, v, &cut, &sight->known);
	memcpy(z, m->bias, m->stride * sizeof(*z));
	add_rows_any(z, v, cut, m->stride);
	add_rows_any(p, v + cut, k - cut, m->stride);
	for (size_t c = 0; c < m->classes; c++)
		logit[c] = z[c] + p[c];
	if (pieces != NULL)
		memcpy(pieces, p, m->classes * sizeof(*p));
	see_words(m, words, n, function, sight);
}

void
sparse_pull(const struct sparse *m, struct arena *a, const struct str *words, size_t n, int class,
    float *pull)
{
	struct gram *g = arena_alloc(a, grams_room(words, n) * sizeof(*g));
	size_t k = grams_of(words, n, g, NULL);
	float square[GROUPS] = { 0 };

	memset(pull, 0, n * sizeof(*pull));
	for (int pass = 0; pass < 2; pass++)	/* lengths first */
		for (size_t i = 0; i < k; i++) {
			uint32_t at = sparse_find(m, g[i].key);
			bool piece = (g[i].key & GRAM_PIECE) != 0;
			const struct sparse_row *r;
			float v, mean = 0;

			if (at == UINT32_MAX || (pass > 0 && g[i].word >= n))
				continue;
			r = sparse_row(m, at);
			v = g[i].v * r->gain;
			if (pass == 0) {
				square[piece] += v * v;
				continue;
			}
			for (size_t c = 0; c < m->classes; c++)
				mean += (float)r->w[c];
			mean /= (float)m->classes;
			pull[g[i].word] += v / sqrtf(square[piece] + 1e-9f) * r->scale *
			    ((float)r->w[(size_t)class] - mean);
		}
}

/* --- bytes ---------------------------------------------------------------- */

void
sparse_save(const struct sparse *m, struct buf *out)
{
	bytes_put_u32(out, (uint32_t)m->classes);
	bytes_put_u32(out, (uint32_t)m->features);
	bytes_put_f32(out, m->gain_unseen);
	for (size_t i = 0; i < m->features; i++)
		bytes_put_u32(out, sparse_row(m, i)->key);
	for (size_t i = 0; i < m->features; i++)
		bytes_put_f32(out, sparse_row(m, i)->gain);
	for (size_t i = 0; i < m->features; i++)
		bytes_put_f32(out, sparse_row(m, i)->scale);
	for (size_t i = 0; i < m->features; i++)
		buf_add(out, sparse_row(m, i)->w, m->classes);
	bytes_put_floats(out, m->bias, m->classes);
}

enum err
sparse_load(struct arena *a, struct bytes_reader *r, struct sparse **out, struct fault *f)
{
	struct sparse *m = arena_new_of(a, struct sparse);
	size_t from = r->at, features;
	float *bias;

	m->classes = bytes_take_u32(r);
	features = bytes_take_u32(r);
	m->gain_unseen = bytes_take_f32(r);
	if (r->bad || m->classes == 0 || m->classes > SPARSE_CLASSES_MAX || features > (r->s.n - r->at) / 12 ||
	    m->classes > (r->s.n - r->at) / (features + 1))
		return fault(f, E_INVALID, "the sparse model at byte %zu is damaged: its counts do not fit", from);
	m->stride = (m->classes + SPARSE_LANES - 1) / SPARSE_LANES * SPARSE_LANES;
	sparse_build_rows(a, m, features);
	for (size_t i = 0; i < features; i++) {
		sparse_row(m, i)->key = bytes_take_u32(r);
		r->bad |= i > 0 && sparse_row(m, i)->key <= sparse_row(m, i - 1)->key;
	}
	for (size_t i = 0; i < features; i++)
		sparse_row(m, i)->gain = bytes_take_f32(r);
	for (size_t i = 0; i < features; i++)
		sparse_row(m, i)->scale = bytes_take_f32(r);
	if (r->bad || features > (r->s.n - r->at) / m->classes)
		return fault(f, E_INVALID, "the sparse model at byte %zu is damaged", r->at);
	for (size_t i = 0; i < features; i++)
		memcpy(sparse_row(m, i)->w, bytes_take(r, m->classes).p, m->classes);
	bias = arena_array(a, float, m->stride);
	memcpy(bias, bytes_take_floats(r, a, m->classes), (r->bad ? 0 : m->classes) * sizeof(*bias));
	m->bias = bias;
	if (r->bad)
		return fault(f, E_INVALID, "the sparse model at byte %zu is damaged", r->at);
	sparse_build_table(a, m);
	*out = m;
	return E_OK;
}
