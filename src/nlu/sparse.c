/* SPDX-License-Identifier: Apache-2.0 */
/* sparse.c - softmax regression over hashed features, AdaGrad, eight-bit weights.
 *
 * Trained in floats, kept as bytes with a scale a feature: a message touches some
 * hundreds of rows, and small rows stay in the caches.  All sums are taken
 * element by element in one order, so that a wide and a narrow machine give
 * the same bits.
 */
#include "nlu/sparse.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "nlu/grams.h"
#include "nlu/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16u	/* classes are padded to a multiple: loops without a rest */
#define CLASSES_MAX 65536u
#define RATE 0.25f
#define BIAS_RATE 0.02f
#define EPOCHS_MIN 8u
#define EPOCHS_MAX 40u
#define VISITS 6000u	/* few texts are shown more often */

struct sparse {
	size_t classes, stride, features, slots;
	const uint32_t *key;	/* features */
	const float *idf;	/* features */
	const float *scale;	/* features: of the row, idf not in it */
	const int8_t *row;	/* features x stride */
	const float *bias;	/* stride */
	float idf_unseen;	/* of what training has not seen */
	uint32_t *table;	/* slots: index + 1 into features, 0 = free */
};

struct sample {
	const uint32_t *at;	/* n features */
	const float *v;
	size_t n;
	int class;
	float weight;
};

struct trainer {
	struct sparse *m;
	struct sample *s;
	size_t n;
	float *weight, *grad;	/* features x stride */
	float *bias, *bias_grad;/* stride */
};

static void
build_table(struct arena *a, struct sparse *m)
{
	m->slots = 64;
	while (m->slots < m->features * 2)
		m->slots *= 2;
	m->table = arena_array(a, uint32_t, m->slots);
	for (size_t i = 0; i < m->features; i++) {
		size_t at = m->key[i] & (m->slots - 1);

		while (m->table[at] != 0)
			at = (at + 1) & (m->slots - 1);
		m->table[at] = (uint32_t)i + 1;
	}
}

/* Index of the feature, or UINT32_MAX. */
static uint32_t
find(const struct sparse *m, uint32_t key)
{
	size_t at = key & (m->slots - 1);

	while (m->table[at] != 0) {
		if (m->key[m->table[at] - 1] == key)
			return m->table[at] - 1;
		at = (at + 1) & (m->slots - 1);
	}
	return UINT32_MAX;
}

static int
cmp_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
cmp_gram(const void *a, const void *b)
{
	const struct gram *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Each feature once, with the sum of what it weighs. */
static size_t
distinct_grams(struct gram *g, size_t n)
{
	size_t k = 0;

	qsort(g, n, sizeof(*g), cmp_gram);
	for (size_t i = 0; i < n; i++) {
		if (k > 0 && g[k - 1].key == g[i].key)
			g[k - 1].v += g[i].v;
		else
			g[k++] = g[i];
	}
	return k;
}

/* Distinct features with their idf, then every text as a row. */
static void
collect(struct trainer *t, struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n,
    const bool *skip)
{
	struct sparse *m = t->m;
	struct gram *g = arena_alloc(scratch, GRAMS_MAX * sizeof(*g)), **grams;
	size_t *grams_n, total = 0, k = 0;
	uint32_t *all, *key;
	float *idf;

	grams = arena_array(scratch, struct gram *, n + 1);
	grams_n = arena_array(scratch, size_t, n + 1);
	t->s = arena_array(scratch, struct sample, n + 1);
	for (size_t i = 0; i < n; i++) {
		if ((skip != NULL && skip[i]) || v[i].n == 0)
			continue;
		t->s[t->n].class = v[i].class;
		t->s[t->n].weight = v[i].weight;
		k = distinct_grams(g, grams_of(v[i].words, v[i].n, g));
		grams[t->n] = arena_alloc(scratch, k * sizeof(*g) + 1);
		memcpy(grams[t->n], g, k * sizeof(*g));
		grams_n[t->n++] = k;
		total += k;
	}
	all = arena_array(scratch, uint32_t, total + 1);
	total = 0;
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < grams_n[i]; j++)
			all[total++] = grams[i][j].key;
	qsort(all, total, sizeof(*all), cmp_u32);
	k = 0;
	for (size_t i = 0; i < total; i++)
		k += i == 0 || all[i] != all[i - 1];
	key = arena_array(a, uint32_t, k + 1);
	idf = arena_array(a, float, k + 1);
	k = 0;
	for (size_t i = 0, df; i < total; i += df) {
		for (df = 1; i + df < total && all[i + df] == all[i]; df++)
			continue;
		key[k] = all[i];
		idf[k++] = logf(1.0f + (float)t->n / (float)df);
	}
	m->key = key;
	m->idf = idf;
	m->features = k;
	m->idf_unseen = logf(1.0f + (float)t->n);
	build_table(a, m);
	for (size_t i = 0; i < t->n; i++) {
		uint32_t *at = arena_array(scratch, uint32_t, grams_n[i] + 1);
		float *x = arena_array(scratch, float, grams_n[i] + 1), square = 0;

		for (size_t j = 0; j < grams_n[i]; j++) {
			at[j] = find(m, grams[i][j].key);
			x[j] = grams[i][j].v * idf[at[j]];
			square += x[j] * x[j];
		}
		for (size_t j = 0; j < grams_n[i]; j++)
			x[j] /= sqrtf(square);
		t->s[i].at = at;
		t->s[i].v = x;
		t->s[i].n = grams_n[i];
	}
}

static void
learn_one(struct trainer *t, const struct sample *s, float *z)
{
	size_t k = t->m->classes, stride = t->m->stride;
	float top = -1e30f, sum = 0;

	memcpy(z, t->bias, stride * sizeof(*z));
	for (size_t i = 0; i < s->n; i++) {
		const float *w = t->weight + (size_t)s->at[i] * stride;

		for (size_t c = 0; c < stride; c++)
			z[c] += s->v[i] * w[c];
	}
	for (size_t c = 0; c < k; c++)
		top = z[c] > top ? z[c] : top;
	for (size_t c = 0; c < k; c++)
		sum += z[c] = expf(z[c] - top);
	for (size_t c = 0; c < k; c++)
		z[c] = s->weight * (z[c] / sum - (c == (size_t)s->class));
	for (size_t c = 0; c < k; c++) {
		t->bias_grad[c] += z[c] * z[c];
		t->bias[c] -= BIAS_RATE * z[c] / sqrtf(t->bias_grad[c] + 1e-8f);
	}
	for (size_t i = 0; i < s->n; i++) {
		float *w = t->weight + (size_t)s->at[i] * stride, *g = t->grad + (size_t)s->at[i] * stride;

		for (size_t c = 0; c < k; c++) {
			float d = s->v[i] * z[c];

			g[c] += d * d;
			w[c] -= RATE * d / (sqrtf(g[c]) + 1e-4f);
		}
	}
}

/* xorshift; never 0. */
static uint64_t
next_draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void
shuffle(uint32_t *order, size_t n, uint64_t *seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)(next_draw(seed) % i);
		uint32_t swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}

static void
learn(struct trainer *t, struct arena *scratch, uint64_t seed)
{
	size_t epochs = VISITS / (t->n + 1) + EPOCHS_MIN, stride = t->m->stride;
	uint32_t *order = arena_array(scratch, uint32_t, t->n + 1);
	float *z = arena_array(scratch, float, stride);

	seed = (seed ^ 88172645463325252u) == 0 ? 1 : seed ^ 88172645463325252u;
	t->weight = arena_array(scratch, float, t->m->features * stride + 1);
	t->grad = arena_array(scratch, float, t->m->features * stride + 1);
	t->bias_grad = arena_array(scratch, float, stride);
	for (size_t i = 0; i < t->n; i++)
		order[i] = (uint32_t)i;
	if (epochs > EPOCHS_MAX)
		epochs = EPOCHS_MAX;
	for (size_t e = 0; e < epochs; e++) {
		shuffle(order, t->n, &seed);
		for (size_t i = 0; i < t->n; i++)
			learn_one(t, &t->s[order[i]], z);
	}
}

/* Floats to bytes, each feature with its own scale. */
static void
quantise(struct trainer *t, struct arena *a)
{
	struct sparse *m = t->m;
	float *scale = arena_array(a, float, m->features + 1);
	int8_t *row = arena_array(a, int8_t, m->features * m->stride + 1);

	for (size_t i = 0; i < m->features; i++) {
		const float *w = t->weight + i * m->stride;
		float top = 0;

		for (size_t c = 0; c < m->classes; c++)
			top = fabsf(w[c]) > top ? fabsf(w[c]) : top;
		scale[i] = top / 127.0f;
		for (size_t c = 0; c < m->classes && top > 0; c++)
			row[i * m->stride + c] = (int8_t)lrintf(w[c] / scale[i]);
	}
	m->scale = scale;
	m->row = row;
}

enum err
sparse_train(struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n, const bool *skip,
    size_t classes, uint64_t seed, struct sparse **out, struct fault *f)
{
	struct sparse *m = arena_new_of(a, struct sparse);
	struct trainer t = { .m = m };

	if (classes == 0 || classes > CLASSES_MAX)
		return fault(f, E_INVALID, "%zu classes: a model has 1 to %u", classes, CLASSES_MAX);
	for (size_t i = 0; i < n; i++)
		if (v[i].class < 0 || (size_t)v[i].class >= classes)
			return fault(f, E_INVALID, "text %zu is of class %d, but there are %zu", i, v[i].class,
			    classes);
	m->classes = classes;
	m->stride = (classes + LANES - 1) / LANES * LANES;
	collect(&t, a, scratch, v, n, skip);
	m->bias = t.bias = arena_array(a, float, m->stride);
	learn(&t, scratch, seed);
	quantise(&t, a);
	*out = m;
	return E_OK;
}

/* --- use ------------------------------------------------------------------ */

/* z[c] += x * row[c], LANES at a time. */
static void
add_row(float *restrict z, const int8_t *restrict row, float x, size_t stride)
{
	for (size_t b = 0; b < stride; b += LANES)
		for (size_t c = 0; c < LANES; c++)
			z[b + c] += x * (float)row[b + c];
}

void
sparse_score(const struct sparse *m, struct arena *a, const struct str *words, size_t n, float *logit,
    struct sparse_sight *sight)
{
	struct gram *g = arena_alloc(a, GRAMS_MAX * sizeof(*g));
	size_t k = distinct_grams(g, grams_of(words, n, g)), known_words = 0;
	float square = 0, all = 0, *z = arena_array(a, float, m->stride), norm;

	for (size_t i = 0; i < k; i++) {
		uint32_t at = find(m, g[i].key);
		float v = g[i].v * (at == UINT32_MAX ? m->idf_unseen : m->idf[at]);

		all += v * v;
		if (at == UINT32_MAX)
			continue;
		square += v * v;
		add_row(z, m->row + (size_t)at * m->stride, v * m->scale[at], m->stride);
	}
	norm = square > 0 ? 1.0f / sqrtf(square) : 0;
	for (size_t c = 0; c < m->classes; c++)
		logit[c] = m->bias[c] + z[c] * norm;
	for (size_t i = 0; i < n; i++)
		known_words += is_placeholder(words[i]) || find(m, gram_of_word(words[i])) != UINT32_MAX;
	*sight = (struct sparse_sight){ all > 0 ? square / all : 0, n > 0 ? (float)known_words / (float)n : 0 };
}

void
sparse_pull(const struct sparse *m, struct arena *a, const struct str *words, size_t n, int class,
    float *pull)
{
	struct gram *g = arena_alloc(a, GRAMS_MAX * sizeof(*g));
	size_t k = grams_of(words, n, g);
	float square = 0, mean;

	memset(pull, 0, n * sizeof(*pull));
	for (size_t i = 0; i < k; i++) {
		uint32_t at = find(m, g[i].key);
		const int8_t *row;
		float v;

		if (at == UINT32_MAX)
			continue;
		row = m->row + (size_t)at * m->stride;
		v = g[i].v * m->idf[at];
		square += v * v;
		mean = 0;
		for (size_t c = 0; c < m->classes; c++)
			mean += (float)row[c];
		mean /= (float)m->classes;
		if (g[i].word < n)
			pull[g[i].word] += v * m->scale[at] * ((float)row[class] - mean);
	}
	for (size_t i = 0; i < n; i++)
		pull[i] = square > 0 ? pull[i] / sqrtf(square) : 0;
}

/* --- bytes ---------------------------------------------------------------- */

void
sparse_save(const struct sparse *m, struct buf *out)
{
	bytes_put_u32(out, (uint32_t)m->classes);
	bytes_put_u32(out, (uint32_t)m->features);
	bytes_put_f32(out, m->idf_unseen);
	for (size_t i = 0; i < m->features; i++)
		bytes_put_u32(out, m->key[i]);
	bytes_put_floats(out, m->idf, m->features);
	bytes_put_floats(out, m->scale, m->features);
	for (size_t i = 0; i < m->features; i++)
		buf_add(out, m->row + i * m->stride, m->classes);
	bytes_put_floats(out, m->bias, m->classes);
}

enum err
sparse_load(struct arena *a, struct bytes_reader *r, struct sparse **out, struct fault *f)
{
	struct sparse *m = arena_new_of(a, struct sparse);
	size_t from = r->at;
	uint32_t *key;
	int8_t *row;
	float *bias;

	m->classes = bytes_take_u32(r);
	m->features = bytes_take_u32(r);
	m->idf_unseen = bytes_take_f32(r);
	if (r->bad || m->classes == 0 || m->classes > CLASSES_MAX || m->features > (r->s.n - r->at) / 12)
		return fault(f, E_INVALID, "the sparse model at byte %zu is damaged: its counts do not fit", from);
	m->stride = (m->classes + LANES - 1) / LANES * LANES;
	key = arena_array(a, uint32_t, m->features + 1);
	for (size_t i = 0; i < m->features; i++) {
		key[i] = bytes_take_u32(r);
		r->bad |= i > 0 && key[i] <= key[i - 1];
	}
	m->key = key;
	m->idf = bytes_take_floats(r, a, m->features);
	m->scale = bytes_take_floats(r, a, m->features);
	if (r->bad || m->features > (r->s.n - r->at) / m->classes)
		return fault(f, E_INVALID, "the sparse model at byte %zu is damaged", r->at);
	row = arena_array(a, int8_t, m->features * m->stride + 1);
	for (size_t i = 0; i < m->features; i++)
		memcpy(row + i * m->stride, bytes_take(r, m->classes).p, m->classes);
	m->row = row;
	bias = bytes_take_floats(r, a, m->classes);
	m->bias = bias;
	if (r->bad)
		return fault(f, E_INVALID, "the sparse model at byte %zu is damaged", r->at);
	build_table(a, m);
	*out = m;
	return E_OK;
}
