/* SPDX-License-Identifier: Apache-2.0 */
/* sparse_train.c - softmax regression by AdaGrad, one for words and one for pieces of words.
 *
 * The two are trained apart and their logits added: a slip of the keyboard spoils
 * words, a new word spoils pairs, and neither then leans on the other's certainty.
 * A feature is worth the more the less its classes look like the classes of all
 * texts (the divergence of the one from the other), and the rarer it is.
 * Everything is in a fixed order from a seed: the same texts give the same bytes.
 */
#include "nlu/sparse_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 0.25f
#define BIAS_RATE 0.02f
#define EPOCHS_MIN 7u
#define EPOCHS_MAX 30u
#define VISITS 6000u		/* few texts are shown more often */
#define PIECES_SHARE 0.8f	/* of the pieces' logits in the sum */
#define PIECES_SHARE_SMALL 0.5f	/* likewise: between few classes the words themselves decide */
#define CLASSES_SMALL 32
#define PRIOR 2.0f		/* texts' worth of doubt about a feature's classes */
#define SURE 0.9f		/* a text that is this sure is left out next time */
#define MANY 3000u		/* texts from which on a training takes long */
#define TIMES_MANY 2u
#define TIMES_FEW 4u
#define AHEAD 12u		/* features whose weights are fetched early */
#define SLIGHT 0.004f		/* gradients below change nothing worth the time */

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t int_lanes __attribute__((vector_size(64), aligned(4), may_alias));

struct sample {
	uint32_t *at;		/* n features; pieces from `cut` on */
	float *x;
	size_t n, cut;
	size_t class;
	float weight;
	uint8_t rest[2];	/* left out next time; by group */
};

struct trainer {
	struct arena *scratch;
	struct sparse *m;
	struct sample *s;
	size_t n;
	uint32_t *feature;	/* of each line of weights: the frequent ones stand together */
	float *weight, *grad;	/* features x stride */
	float *bias[2], *bias_grad[2];	/* stride; by group */
};

/* --- features ------------------------------------------------------------- */

static int
cmp_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Distinct keys, in the order of first sight. */
struct keys {
	uint32_t *slot;		/* the keys; 0 = free */
	size_t slots, n;
};

static void
keys_add(struct keys *k, struct arena *scratch, uint32_t key)
{
	size_t at;

	if ((k->n + 1) * 2 > k->slots) {
		struct keys more = { .slots = k->slots == 0 ? 4096 : k->slots * 2 };

		more.slot = arena_array(scratch, uint32_t, more.slots);
		for (size_t i = 0; i < k->slots; i++)
			if (k->slot[i] != 0)
				keys_add(&more, scratch, k->slot[i]);
		*k = more;
	}
	for (at = key & (k->slots - 1); k->slot[at] != 0; at = (at + 1) & (k->slots - 1))
		if (k->slot[at] == key)
			return;
	k->slot[at] = key;
	k->n++;
}

static int
cmp_more(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x > *y ? -1 : *x < *y;
}

/* Features to lines of weights, by how many texts have them: most of what a text
 * touches is then in few pages. */
static void
order_lines(struct trainer *t)
{
	size_t k = t->m->features;
	uint64_t *by = arena_array(t->scratch, uint64_t, k + 1);
	uint32_t *line = arena_array(t->scratch, uint32_t, k + 1);

	t->feature = arena_array(t->scratch, uint32_t, k + 1);
	for (size_t i = 0; i < k; i++)
		by[i] = i;
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < t->s[i].n; j++)
			by[t->s[i].at[j]] += UINT64_C(1) << 32;
	qsort(by, k, sizeof(*by), cmp_more);
	for (size_t i = 0; i < k; i++) {
		t->feature[i] = (uint32_t)by[i];
		line[t->feature[i]] = (uint32_t)i;
	}
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < t->s[i].n; j++)
			t->s[i].at[j] = line[t->s[i].at[j]];
}

/* Texts as keys and what they weigh; then the keys of the model, sorted. */
static void
collect(struct trainer *t, struct arena *a, const struct sparse_text *v, size_t n, const bool *skip)
{
	struct gram *g = arena_alloc(t->scratch, GRAMS_MAX * sizeof(*g));
	struct keys keys = { 0 };
	uint32_t *key;
	size_t k = 0;

	t->s = arena_array(t->scratch, struct sample, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct sample *s = &t->s[t->n];

		if ((skip != NULL && skip[i]) || v[i].n == 0)
			continue;
		s->n = grams_distinct(g, grams_of(v[i].words, v[i].n, g, NULL));
		s->class = (size_t)v[i].class;
		s->weight = v[i].weight;
		s->at = arena_array(t->scratch, uint32_t, s->n + 1);
		s->x = arena_array(t->scratch, float, s->n + 1);
		for (size_t j = 0; j < s->n; j++) {
			s->at[j] = g[j].key;
			s->x[j] = g[j].v;
			s->cut += (g[j].key & GRAM_PIECE) == 0;
			keys_add(&keys, t->scratch, g[j].key);
		}
		t->n++;
	}
	key = arena_array(t->scratch, uint32_t, keys.n + 1);
	for (size_t i = 0; i < keys.slots; i++)
		if (keys.slot[i] != 0)
			key[k++] = keys.slot[i];
	qsort(key, k, sizeof(*key), cmp_u32);
	sparse_build_rows(a, t->m, k);
	for (size_t i = 0; i < k; i++)
		sparse_row(t->m, i)->key = key[i];
	sparse_build_table(a, t->m);
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < t->s[i].n; j++)
			t->s[i].at[j] = sparse_find(t->m, t->s[i].at[j]);
	order_lines(t);
}

/* What a feature is worth that `total` texts' weight have, `count` of it in each class. */
static float
gain_of(const struct trainer *t, const float *count, const float *prior, float texts)
{
	float total = 0, far = 0, none, unseen = 1;

	for (size_t c = 0; c < t->m->classes; c++)
		total += count[c];
	none = PRIOR / (total + PRIOR);
	for (size_t c = 0; c < t->m->classes; c++) {
		float p;

		if (!(count[c] > 0) || !(prior[c] > 0))
			continue;
		p = (count[c] + PRIOR * prior[c]) / (total + PRIOR);
		far += p * logf(p / prior[c]);
		unseen -= prior[c];
	}
	far += unseen > 0 ? unseen * none * logf(none) : 0;
	/* One class only, or all alike: there is nothing to tell apart by. */
	return sqrtf(logf(1.0f + texts / (total > 0 ? total : 1))) * (far > 1e-3f ? far : 1e-3f);
}

/* Gains of all features; t->weight serves as the counts. */
static void
weigh(struct trainer *t)
{
	struct sparse *m = t->m;
	float *prior = arena_array(t->scratch, float, m->stride), texts = 0;
	float *one = arena_array(t->scratch, float, m->stride);

	for (size_t i = 0; i < t->n; i++) {
		const struct sample *s = &t->s[i];

		prior[s->class] += s->weight;
		texts += s->weight;
		for (size_t j = 0; j < s->n; j++)
			t->weight[(size_t)s->at[j] * m->stride + s->class] += s->weight;
	}
	for (size_t c = 0; c < m->classes; c++)
		prior[c] /= texts > 0 ? texts : 1;
	for (size_t i = 0; i < m->features; i++)
		sparse_row(m, t->feature[i])->gain = gain_of(t, t->weight + i * m->stride, prior, texts);
	memset(t->weight, 0, m->features * m->stride * sizeof(float));
	for (size_t c = 0; c < m->classes; c++)
		prior[c] = 1.0f / (float)m->classes;
	one[0] = 1;
	m->gain_unseen = gain_of(t, one, prior, texts);
	for (size_t i = 0; i < t->n; i++) {
		struct sample *s = &t->s[i];
		float square[2] = { 0 };

		for (size_t j = 0; j < s->n; j++) {
			s->x[j] *= sparse_row(m, t->feature[s->at[j]])->gain;
			square[j >= s->cut] += s->x[j] * s->x[j];
		}
		for (size_t j = 0; j < s->n; j++)
			s->x[j] /= sqrtf(square[j >= s->cut]);
	}
}

/* --- gradient ------------------------------------------------------------- */

/* *x becomes 1 / sqrt(*x), *x > 0, to 5e-6: a guess from the bits, then Newton's
 * method. (By pointer: how a vector is passed depends on the machine.) */
FORCE_INLINE void
invert_root(lanes *x)
{
	lanes y = (lanes)(0x5f375a86 - ((int_lanes)*x >> 1)), half = *x * 0.5f;

	y *= 1.5f - half * y * y;
	*x = y * (1.5f - half * y * y);
}

/* *to becomes exp(*to), *to <= 0, to 2e-7: a power of two times a polynomial of the rest. */
FORCE_INLINE void
exponential(lanes *to)
{
	lanes x = *to, low = x - x - 87.0f, k, r, p;
	int_lanes n, is_low = x < low;

	x = (lanes)(((int_lanes)x & ~is_low) | ((int_lanes)low & is_low));
	n = __builtin_convertvector(x * 1.44269504f - 0.5f, int_lanes);
	k = __builtin_convertvector(n, lanes);
	r = x - k * 0.693359375f + k * 2.12194440e-4f;
	p = r * 1.9875691500e-4f + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	*to = p * (lanes)((n + 127) << 23);
}

/* Logits of the text's features from..to become the gradient; returns the
 * probability of its class. */
FORCE_INLINE float
gradient(struct trainer *t, const struct sample *s, int group, size_t from, size_t to, lanes *z)
{
	size_t classes = t->m->classes, stride = t->m->stride, blocks = stride / SPARSE_LANES;
	float *flat = (float *)z, top = -1e30f, sum = 0, p;

	memcpy(z, t->bias[group], stride * sizeof(float));
	for (size_t i = from; i < to; i++) {
		const lanes *w = (const lanes *)(t->weight + (size_t)s->at[i] * stride);

		if (i + AHEAD < to)
			for (size_t b = 0; b < blocks; b++)
				__builtin_prefetch(t->weight + (size_t)s->at[i + AHEAD] * stride +
				    b * SPARSE_LANES);
		for (size_t b = 0; b < blocks; b++)
			z[b] += w[b] * s->x[i];
	}
	for (size_t c = 0; c < classes; c++)
		top = flat[c] > top ? flat[c] : top;
	for (size_t c = classes; c < stride; c++)
		flat[c] = top - 100;
	for (size_t b = 0; b < blocks; b++) {
		z[b] -= top;
		exponential(&z[b]);
	}
	for (size_t c = classes; c < stride; c++)
		flat[c] = 0;
	for (size_t c = 0; c < classes; c++)
		sum += flat[c];
	p = flat[s->class] / sum;
	for (size_t b = 0; b < blocks; b++)
		z[b] *= 1.0f / sum;
	flat[s->class] -= 1.0f;
	return p;
}

/* A text's weight scales its step, not its gradient: AdaGrad would undo that. */
FORCE_INLINE void
learn_one(struct trainer *t, struct sample *s, int group, lanes *z)
{
	size_t stride = t->m->stride, blocks = stride / SPARSE_LANES, from = group == 0 ? 0 : s->cut;
	size_t to = group == 0 ? s->cut : s->n;
	lanes *bias = (lanes *)t->bias[group], *bias_grad = (lanes *)t->bias_grad[group];
	const float *flat = (const float *)z;

	if (s->rest[group] > 0) {
		s->rest[group]--;
		return;
	}
	s->rest[group] = gradient(t, s, group, from, to, z) > SURE;
	for (size_t b = 0; b < blocks; b++) {
		lanes step = z[b] * (RATE * s->weight), root;
		float most = 0;

		for (size_t c = 0; c < SPARSE_LANES; c++)
			most = fabsf(flat[b * SPARSE_LANES + c]) > most ? fabsf(flat[b * SPARSE_LANES + c]) : most;
		if (most < SLIGHT)
			continue;
		bias_grad[b] += z[b] * z[b];
		root = bias_grad[b] + 1e-8f;
		invert_root(&root);
		bias[b] -= z[b] * (BIAS_RATE * s->weight) * root;
		for (size_t i = from; i < to; i++) {
			size_t at = (size_t)s->at[i] * stride + b * SPARSE_LANES;
			lanes *w = (lanes *)(t->weight + at), *g = (lanes *)(t->grad + at), d = z[b] * s->x[i];

			if (i + AHEAD < to)
				__builtin_prefetch(t->grad + (size_t)s->at[i + AHEAD] * stride + b * SPARSE_LANES, 1);
			*g += d * d;
			root = *g + 1e-8f;
			invert_root(&root);
			*w -= step * s->x[i] * root;
		}
	}
}

FORCE_INLINE void
learn_all(struct trainer *t, const uint32_t *order, lanes *z)
{
	for (size_t i = 0; i < t->n; i++)
		for (int group = 0; group < 2; group++)
			learn_one(t, &t->s[order[i]], group, z);
}

WIDE static void
learn_all_wide(struct trainer *t, const uint32_t *order, lanes *z)
{
	learn_all(t, order, z);
}

static void
learn_all_narrow(struct trainer *t, const uint32_t *order, lanes *z)
{
	learn_all(t, order, z);
}

/* xorshift; the seed is never 0. */
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
learn(struct trainer *t, uint64_t seed)
{
	size_t epochs = VISITS / (t->n + 1) + EPOCHS_MIN;
	uint32_t *order = arena_array(t->scratch, uint32_t, t->n + 1);
	lanes *z = (lanes *)arena_array(t->scratch, float, t->m->stride);

	seed = (seed ^ 88172645463325252u) == 0 ? 1 : seed ^ 88172645463325252u;
	for (size_t i = 0; i < t->n; i++)
		order[i] = (uint32_t)i;
	if (epochs > EPOCHS_MAX)
		epochs = EPOCHS_MAX;
	for (size_t e = 0; e < epochs; e++) {
		shuffle(order, t->n, &seed);
		if (HAVE_WIDE)
			learn_all_wide(t, order, z);
		else
			learn_all_narrow(t, order, z);
	}
}

/* Several models from several orders of the texts, averaged: which text comes first
 * matters by more than half a point, and linear models average into one. */
static void
learn_often(struct trainer *t, uint64_t seed, size_t times)
{
	size_t n = t->m->features * t->m->stride, stride = t->m->stride;
	float *sum = arena_array(t->scratch, float, n + 1), *bias = arena_array(t->scratch, float, stride * 2);

	if (times == 0)
		times = t->n > MANY ? TIMES_MANY : TIMES_FEW;
	for (size_t i = 0; i < times; i++) {
		memset(t->weight, 0, n * sizeof(float));
		memset(t->grad, 0, n * sizeof(float));
		for (int g = 0; g < 2; g++) {
			memset(t->bias[g], 0, stride * sizeof(float));
			memset(t->bias_grad[g], 0, stride * sizeof(float));
		}
		for (size_t k = 0; k < t->n; k++)
			memset(t->s[k].rest, 0, sizeof(t->s[k].rest));
		learn(t, seed * 7919 + i * 104729);
		for (size_t k = 0; k < n; k++)
			sum[k] += t->weight[k] / (float)times;
		for (size_t k = 0; k < stride * 2; k++)
			bias[k] += t->bias[k / stride][k % stride] / (float)times;
	}
	memcpy(t->weight, sum, n * sizeof(float));
	for (int g = 0; g < 2; g++)
		memcpy(t->bias[g], bias + (size_t)g * stride, stride * sizeof(float));
}

/* Floats to bytes, each feature with its own scale. */
static void
quantise(struct trainer *t, struct arena *a)
{
	float pieces = t->m->classes < CLASSES_SMALL ? PIECES_SHARE_SMALL : PIECES_SHARE;
	struct sparse *m = t->m;
	float *bias = arena_array(a, float, m->stride);

	for (size_t i = 0; i < m->features; i++) {
		const float *w = t->weight + i * m->stride;
		struct sparse_row *r = sparse_row(m, t->feature[i]);
		float top = 0;

		for (size_t c = 0; c < m->classes; c++)
			top = fabsf(w[c]) > top ? fabsf(w[c]) : top;
		for (size_t c = 0; c < m->classes && top > 0; c++)
			r->w[c] = (int8_t)lrintf(w[c] / top * 127.0f);
		r->scale = top / 127.0f * ((r->key & GRAM_PIECE) != 0 ? pieces : 1.0f);
	}
	for (size_t c = 0; c < m->classes; c++)
		bias[c] = t->bias[0][c] + pieces * t->bias[1][c];
	m->bias = bias;
}

enum err
sparse_train(struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n, const bool *skip,
    size_t classes, uint64_t seed, size_t orders, struct sparse **out, struct fault *f)
{
	struct sparse *m = arena_new_of(a, struct sparse);
	struct trainer t = { .scratch = scratch, .m = m };

	if (classes == 0 || classes > SPARSE_CLASSES_MAX)
		return fault(f, E_INVALID, "%zu classes: a model has 1 to %u", classes, SPARSE_CLASSES_MAX);
	for (size_t i = 0; i < n; i++)
		if (v[i].class < 0 || (size_t)v[i].class >= classes)
			return fault(f, E_INVALID, "text %zu is of class %d, but there are %zu", i, v[i].class,
			    classes);
	m->classes = classes;
	m->stride = (classes + SPARSE_LANES - 1) / SPARSE_LANES * SPARSE_LANES;
	collect(&t, a, v, n, skip);
	t.weight = arena_array(scratch, float, m->features * m->stride + 1);
	t.grad = arena_array(scratch, float, m->features * m->stride + 1);
	for (int group = 0; group < 2; group++) {
		t.bias[group] = arena_array(scratch, float, m->stride);
		t.bias_grad[group] = arena_array(scratch, float, m->stride);
	}
	weigh(&t);
	learn_often(&t, seed, orders);
	quantise(&t, a);
	*out = m;
	return E_OK;
}
