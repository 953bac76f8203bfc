/* SPDX-License-Identifier: Apache-2.0 */
/* fit.c - AdaGrad over all keys, then over those that fit the table, then one byte a weight. */
#include "fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DENSE_BITS 22
#define NO_COLUMN UINT32_MAX

struct columns {
	uint32_t *slot_key, *slot_column;	/* open addressing, DENSE_BITS */
	uint32_t *key, *count;
	uint32_t n;
};

static void *
take(size_t n, size_t each)
{
	void *p = calloc(n > 0 ? n : 1, each);

	if (p == NULL)
		abort();
	return p;
}

static uint32_t
column_of(struct columns *c, uint32_t key, bool insert)
{
	uint32_t at = (key * 2654435761u) >> (32 - DENSE_BITS);

	for (;; at = (at + 1) & ((1u << DENSE_BITS) - 1)) {
		if (c->slot_column[at] == 0) {
			if (!insert || c->n + 1 >= (1u << DENSE_BITS) * 3 / 4)
				return NO_COLUMN;
			c->slot_key[at] = key;
			c->slot_column[at] = ++c->n;
			c->key[c->n - 1] = key;
			return c->n - 1;
		}
		if (c->slot_key[at] == key)
			return c->slot_column[at] - 1;
	}
}

static bool
is_left_out(const struct fit_sample *s, const struct fit_options *o)
{
	return o->leave_out >= 0 && s->fold == o->leave_out;
}

static void
count_columns(struct columns *c, const struct fit_sample *v, size_t n, const struct fit_options *o)
{
	c->slot_key = take(1u << DENSE_BITS, sizeof(uint32_t));
	c->slot_column = take(1u << DENSE_BITS, sizeof(uint32_t));
	c->key = take(1u << DENSE_BITS, sizeof(uint32_t));
	c->count = take(1u << DENSE_BITS, sizeof(uint32_t));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n && !is_left_out(&v[i], o); k++) {
			uint32_t at = column_of(c, v[i].keys[k], true);

			if (at != NO_COLUMN)
				c->count[at]++;
		}
}

struct state {
	struct columns c;
	float *w, *g;			/* columns x outputs, squares of gradients */
	unsigned char *keep;
	float bias[LINEAR_OUTPUTS], bias_g[LINEAR_OUTPUTS];
};

static uint32_t
next_random(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	return *s ^= *s << 5;
}

static void
learn(struct state *s, const struct fit_sample *x, const struct fit_options *o, uint32_t *seed, uint32_t *at)
{
	float z[LINEAR_OUTPUTS], norm = 1.0f / sqrtf((float)(x->n > 0 ? x->n : 1) * (1 - o->drop)), rate = o->rate;

	for (unsigned k = 0; k < o->outputs; k++)
		z[k] = 0;
	for (size_t i = 0; i < x->n; i++) {
		at[i] = column_of(&s->c, x->keys[i], false);
		if (at[i] == NO_COLUMN || !s->keep[at[i]] || next_random(seed) % 1000 < (uint32_t)(o->drop * 1000)) {
			at[i] = NO_COLUMN;
			continue;
		}
		for (unsigned k = 0; k < o->outputs; k++)
			z[k] += s->w[at[i] * o->outputs + k];
	}
	for (unsigned k = 0; k < o->outputs; k++) {
		float p = 1.0f / (1.0f + expf(-(z[k] * norm + s->bias[k])));
		float d = (p - x->target[k]) * x->weight, step = d * norm;

		z[k] = step;
		s->bias_g[k] += d * d;
		s->bias[k] -= rate * d / sqrtf(s->bias_g[k] + 1e-6f);
	}
	for (size_t i = 0; i < x->n; i++)
		for (unsigned k = 0; at[i] != NO_COLUMN && k < o->outputs; k++) {
			size_t j = at[i] * o->outputs + k;
			float d = z[k] + o->decay * s->w[j];

			s->g[j] += d * d;
			s->w[j] -= rate * d / sqrtf(s->g[j] + 1e-6f);
		}
}

static void
run(struct state *s, const struct fit_sample *v, size_t n, const struct fit_options *o)
{
	uint32_t *order = take(n, sizeof(uint32_t)), *at = take(LINEAR_KEYS, sizeof(uint32_t)), seed = 2463534242u;

	memset(s->w, 0, (size_t)s->c.n * o->outputs * sizeof(float));
	memset(s->g, 0, (size_t)s->c.n * o->outputs * sizeof(float));
	memset(s->bias_g, 0, sizeof(s->bias_g));
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (int pass = 0; pass < o->passes; pass++) {
		for (size_t i = n; i > 1; i--) {
			size_t k = next_random(&seed) % i;
			uint32_t t = order[i - 1];

			order[i - 1] = order[k];
			order[k] = t;
		}
		for (size_t i = 0; i < n; i++)
			if (!is_left_out(&v[order[i]], o))
				learn(s, &v[order[i]], o, &seed, at);
	}
	free(order);
	free(at);
}

static const float *rank_by;

static int
by_rank(const void *a, const void *b)
{
	float x = rank_by[*(const uint32_t *)a], y = rank_by[*(const uint32_t *)b];

	return x > y ? -1 : x < y;
}

/* Keeps what moves most: the weights times how often. */
static void
prune(struct state *s, const struct fit_options *o)
{
	size_t room = ((size_t)1 << o->bits) * 3 / 4;	/* fuller, and runs of full slots grow */
	uint32_t *order = take(s->c.n, sizeof(uint32_t));
	float *rank = take(s->c.n, sizeof(float));

	for (uint32_t i = 0; i < s->c.n; i++) {
		float sum = 0;

		order[i] = i;
		for (unsigned k = 0; k < o->outputs; k++)
			sum += s->w[i * o->outputs + k] * s->w[i * o->outputs + k];
		rank[i] = s->keep[i] ? sqrtf(sum * (float)s->c.count[i]) : 0;
	}
	rank_by = rank;
	qsort(order, s->c.n, sizeof(uint32_t), by_rank);
	for (size_t i = room; i < s->c.n; i++)
		s->keep[order[i]] = 0;
	free(order);
	free(rank);
}

static void
place(uint16_t *checks, signed char *weights, const struct state *s, uint32_t column, const struct fit_options *o,
    const float *scale)
{
	uint32_t key = s->c.key[column];

	for (unsigned i = 0; i < LINEAR_PROBES; i++) {
		uint32_t at = linear_slot(key, i, o->bits);

		if (checks[at] != 0)
			continue;
		checks[at] = (uint16_t)linear_check(key);
		for (unsigned k = 0; k < o->outputs; k++) {
			float q = roundf(s->w[column * o->outputs + k] / scale[k]);

			weights[(size_t)at * o->outputs + k] = (signed char)(q > 127 ? 127 : q < -127 ? -127 : q);
		}
		return;
	}
}

struct linear
fit_linear(const struct fit_sample *v, size_t n, const struct fit_options *o)
{
	struct state s = { 0 };
	struct linear m = { .bits = o->bits, .outputs = o->outputs };
	int32_t (*head)[2] = take(LINEAR_OUTPUTS, sizeof(*head));
	uint16_t *checks = take(((size_t)1 << o->bits) + LINEAR_BLOCK, sizeof(*checks));
	signed char *weights = take((((size_t)1 << o->bits) + 1) * LINEAR_OUTPUTS, 1);
	float scale[LINEAR_OUTPUTS] = { 0 };

	count_columns(&s.c, v, n, o);
	s.w = take((size_t)s.c.n * o->outputs, sizeof(float));
	s.g = take((size_t)s.c.n * o->outputs, sizeof(float));
	s.keep = take(s.c.n, 1);
	for (uint32_t i = 0; i < s.c.n; i++)
		s.keep[i] = s.c.count[i] >= o->least;
	run(&s, v, n, o);
	prune(&s, o);
	run(&s, v, n, o);
	for (unsigned k = 0; k < o->outputs; k++) {
		double squares = 0, kept = 0;

		for (uint32_t i = 0; i < s.c.n; i++)
			if (s.keep[i]) {
				squares += (double)s.w[i * o->outputs + k] * (double)s.w[i * o->outputs + k];
				kept++;
			}
		/* Eight deviations are enough; what is beyond is clipped. */
		scale[k] = (float)(sqrt(squares / (kept > 0 ? kept : 1)) * 8 / 127) + 1e-9f;
		head[k][0] = (int32_t)lroundf(scale[k] * 1e6f);
		head[k][1] = (int32_t)lroundf(s.bias[k] * 1e6f);
	}
	for (uint32_t i = 0; i < s.c.n; i++)
		if (s.keep[i])
			place(checks, weights, &s, i, o, scale);
	memcpy(checks + ((size_t)1 << o->bits), checks, LINEAR_BLOCK * sizeof(*checks));
	free(s.w);
	free(s.g);
	free(s.keep);
	free(s.c.slot_key);
	free(s.c.slot_column);
	free(s.c.key);
	free(s.c.count);
	m.head = (const int32_t (*)[2])head;
	m.checks = checks;
	m.weights = weights;
	return m;
}

static bool
put32(FILE *f, int32_t v)
{
	uint32_t u = (uint32_t)v;

	for (int i = 0; i < 4; i++)
		if (fputc((int)(u >> 8 * i & 255), f) == EOF)
			return false;
	return true;
}

bool
fit_write(const struct linear *m, const char *path)
{
	FILE *f = fopen(path, "wb");
	bool ok = f != NULL && put32(f, (int32_t)m->bits) && put32(f, (int32_t)m->outputs);

	for (unsigned k = 0; ok && k < m->outputs; k++)
		ok = put32(f, m->head[k][0]) && put32(f, m->head[k][1]);
	for (size_t i = 0; ok && i < (size_t)1 << m->bits; i++)
		ok = fputc(m->checks[i] & 255, f) != EOF && fputc(m->checks[i] >> 8, f) != EOF &&
		    fwrite(m->weights + i * m->outputs, 1, m->outputs, f) == m->outputs;
	return f != NULL && fclose(f) == 0 && ok;
}

struct pair {
	float score;
	bool positive;
};

static int
by_score(const void *a, const void *b)
{
	float x = ((const struct pair *)a)->score, y = ((const struct pair *)b)->score;

	return x < y ? -1 : x > y;
}

double
fit_auroc(const float *score, const bool *positive, size_t n, double *half)
{
	struct pair *v = take(n, sizeof(*v));
	double ranks = 0, pos = 0, neg, a, q1, q2;

	for (size_t i = 0; i < n; i++)
		v[i] = (struct pair){ score[i], positive[i] };
	qsort(v, n, sizeof(*v), by_score);
	for (size_t i = 0, to; i < n; i = to) {
		for (to = i; to < n && v[to].score <= v[i].score; to++)
			;
		for (size_t k = i; k < to; k++)
			if (v[k].positive) {
				ranks += (double)(i + 1 + to) / 2;
				pos++;
			}
	}
	free(v);
	neg = (double)n - pos;
	a = (ranks - pos * (pos + 1) / 2) / (pos * neg);
	q1 = a / (2 - a);
	q2 = 2 * a * a / (1 + a);
	*half = 1.96 * sqrt((a * (1 - a) + (pos - 1) * (q1 - a * a) + (neg - 1) * (q2 - a * a)) / (pos * neg));
	return a;
}
