/* SPDX-License-Identifier: Apache-2.0 */
/* model_train.c - examples to weights: AdaGrad, five folds, temperature, unknown.
 *
 * Everything is in a fixed order with fixed seeds: the same policy gives the
 * same bytes.  The folds' models score what they have not seen; on those scores
 * temperature and the `unknown` regression are fitted.
 */
#include "nlu/model_parts.h"
#include "text/tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FOLDS 5
#define FOLDS_ONE_FROM 3000	/* from here on one fold is evidence enough */
#define RATE 0.25f
#define TRAIN_ARENA ((size_t)2 << 30)

struct sample {
	const struct str *words;
	size_t words_n;
	int intent;
	bool own;	/* an example of the desk, not a name or description */
	const uint32_t *row;
	const float *v;
	size_t n;
};

struct trainer {
	struct arena *a;	/* scratch */
	struct arena *tmp;	/* of one text */
	struct model *m;
	struct sample *s;
	size_t n;
	float *weight, *grad;	/* of the model being trained */
	float *bias, *bias_grad;
};

static int
cmp_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
cmp_words(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void
add_sample(struct trainer *t, struct str text, int intent, bool own, const struct policy *p)
{
	struct sample *s = &t->s[t->n];
	size_t e_n;
	const struct entity *e;

	e = entities_find(t->m->patterns, p, text, STR_NONE, 0, NULL, t->a, &e_n);
	model_words(t->a, text, e, e_n, &s->words, &s->words_n);
	s->intent = intent;
	s->own = own;
	if (s->words_n > 0)
		t->n++;
}

static void
collect_samples(struct trainer *t, const struct policy *p)
{
	size_t room = 0;

	for (size_t i = 0; i < p->intents_n; i++)
		room += p->intents[i].examples_n + 2;
	t->s = arena_array(t->a, struct sample, room + 1);
	for (size_t i = 0; i < p->intents_n; i++) {
		const struct intent *in = &p->intents[i];

		for (size_t k = 0; k < in->examples_n; k++)
			add_sample(t, in->examples[k], (int)i, true, p);
		add_sample(t, in->name, (int)i, false, p);
		add_sample(t, in->description, (int)i, false, p);
	}
}

static void
collect_vocab(struct trainer *t)
{
	struct arena *a = t->m->arena;
	size_t all = 0, n = 0;
	struct str *v, *out;
	uint32_t *count;

	for (size_t i = 0; i < t->n; i++)
		all += t->s[i].words_n;
	v = arena_array(t->a, struct str, all + 1);
	for (size_t i = 0, k = 0; i < t->n; i++)
		for (size_t w = 0; w < t->s[i].words_n; w++)
			v[k++] = t->s[i].words[w];
	qsort(v, all, sizeof(*v), cmp_words);
	out = arena_array(a, struct str, all + 1);
	count = arena_array(a, uint32_t, all + 1);
	for (size_t i = 0; i < all; i++) {
		if (is_placeholder(v[i]))
			continue;
		if (n == 0 || !str_eq(out[n - 1], v[i]))
			out[n++] = str_dup(a, v[i]);
		count[n - 1]++;
	}
	vocab_build(a, out, count, n, &t->m->vocab);
}

/* Distinct features with their idf, then every sample as rows. */
static void
collect_features(struct trainer *t)
{
	struct model *m = t->m;
	struct feature *f = arena_alloc(t->a, FEATURES_MAX * sizeof(*f));
	uint32_t *all, *kept, *key;
	float *idf;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < t->n; i++)
		total += features_of(t->s[i].words, t->s[i].words_n, f);
	all = arena_array(t->a, uint32_t, total + 1);
	kept = arena_array(t->a, uint32_t, total + 1);
	total = 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t k = features_of(t->s[i].words, t->s[i].words_n, f), start = total;

		for (size_t j = 0; j < k; j++)
			all[total++] = f[j].key;
		/* once a sample, for the document frequency */
		qsort(all + start, total - start, sizeof(*all), cmp_u32);
		k = total;
		total = start;
		for (size_t j = start; j < k; j++)
			if (j == start || all[j] != all[j - 1])
				kept[total++] = all[j];
		memcpy(all + start, kept + start, (total - start) * sizeof(*all));
	}
	qsort(all, total, sizeof(*all), cmp_u32);
	key = arena_array(m->arena, uint32_t, total + 1);
	idf = arena_array(m->arena, float, total + 1);
	for (size_t i = 0, df; i < total; i += df) {
		for (df = 1; i + df < total && all[i + df] == all[i]; df++)
			continue;
		key[n] = all[i];
		idf[n++] = logf(1.0f + (float)t->n / (float)df);
	}
	m->key = key;
	m->idf = idf;
	m->features = n;
	model_build_table(m);
	for (size_t i = 0; i < t->n; i++) {
		struct sample *s = &t->s[i];
		uint32_t *row;
		float *v, square = 0;

		s->n = features_of(s->words, s->words_n, f);
		row = arena_array(t->a, uint32_t, s->n + 1);
		v = arena_array(t->a, float, s->n + 1);
		for (size_t j = 0; j < s->n; j++) {
			row[j] = model_lookup(m, f[j].key);
			v[j] = f[j].v * idf[row[j]];
			square += v[j] * v[j];
		}
		for (size_t j = 0; j < s->n; j++)
			v[j] /= sqrtf(square);
		s->row = row;
		s->v = v;
	}
}

static void
score_row(const struct trainer *t, const struct sample *s, float *z)
{
	size_t k = t->m->intents;

	memcpy(z, t->bias, k * sizeof(*z));
	for (size_t i = 0; i < s->n; i++) {
		const float *w = t->weight + (size_t)s->row[i] * k;

		for (size_t c = 0; c < k; c++)
			z[c] += s->v[i] * w[c];
	}
}

static void
learn_one(struct trainer *t, const struct sample *s, float *z)
{
	size_t k = t->m->intents;
	float top = -1e30f, sum = 0;

	score_row(t, s, z);
	for (size_t c = 0; c < k; c++)
		top = z[c] > top ? z[c] : top;
	for (size_t c = 0; c < k; c++)
		sum += z[c] = expf(z[c] - top);
	for (size_t c = 0; c < k; c++)
		z[c] = z[c] / sum - (c == (size_t)s->intent);
	for (size_t c = 0; c < k; c++) {
		t->bias_grad[c] += z[c] * z[c];
		t->bias[c] -= 0.02f * z[c] / sqrtf(t->bias_grad[c] + 1e-8f);
	}
	for (size_t i = 0; i < s->n; i++) {
		float *w = t->weight + (size_t)s->row[i] * k, *g = t->grad + (size_t)s->row[i] * k;

		for (size_t c = 0; c < k; c++) {
			float d = s->v[i] * z[c];

			g[c] += d * d;
			w[c] -= RATE * d / (sqrtf(g[c]) + 1e-4f);
		}
	}
}

/* Trains on all samples outside the fold (-1: on all). */
static void
learn(struct trainer *t, int fold)
{
	size_t k = t->m->intents, epochs = 6000 / (t->n + 1) + 8;
	uint32_t *order = arena_array(t->a, uint32_t, t->n + 1);
	float *z = arena_array(t->a, float, k + 1);
	uint64_t seed = 88172645463325252u;

	memset(t->weight, 0, t->m->features * k * sizeof(float));
	memset(t->grad, 0, t->m->features * k * sizeof(float));
	memset(t->bias, 0, k * sizeof(float));
	memset(t->bias_grad, 0, k * sizeof(float));
	for (size_t i = 0; i < t->n; i++)
		order[i] = (uint32_t)i;
	if (epochs > 40)
		epochs = 40;
	for (size_t e = 0; e < epochs; e++) {
		for (size_t i = t->n; i > 1; i--) {
			size_t j;
			uint32_t swap;

			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			j = (size_t)(seed % i);
			swap = order[i - 1];
			order[i - 1] = order[j];
			order[j] = swap;
		}
		for (size_t i = 0; i < t->n; i++)
			if (fold < 0 || !t->s[order[i]].own || (int)(order[i] % FOLDS) != fold)
				learn_one(t, &t->s[order[i]], z);
	}
}

/* --- calibration ---------------------------------------------------------- */

struct held {			/* one held-out text */
	float *logit;
	float cues[CUES];
	int intent;		/* -1: out of scope */
};

static double
loss_at(const struct held *h, size_t n, size_t k, double temperature)
{
	double loss = 0;

	for (size_t i = 0; i < n; i++) {
		double top = -1e30, sum = 0;

		if (h[i].intent < 0)
			continue;
		for (size_t c = 0; c < k; c++)
			top = (double)h[i].logit[c] > top ? (double)h[i].logit[c] : top;
		for (size_t c = 0; c < k; c++)
			sum += exp(((double)h[i].logit[c] - top) / temperature);
		loss += log(sum) - ((double)h[i].logit[h[i].intent] - top) / temperature;
	}
	return loss;
}

#define TEMPERATURE_LEAST 0.1
#define TEMPERATURE_RATIO 1.08
#define TEMPERATURES 57		/* up to 8 */

static float
fit_temperature(const struct held *h, size_t n, size_t k)
{
	double best = 1, least = 1e300, t = TEMPERATURE_LEAST;

	for (int step = 0; step < TEMPERATURES; step++) {
		double l = loss_at(h, n, k, t);

		if (l < least) {
			least = l;
			best = t;
		}
		t *= TEMPERATURE_RATIO;
	}
	return (float)best;
}

/* Ridge logistic regression, both classes with the same weight; 2,000 steps of
 * plain gradient are plenty for five numbers. */
static void
fit_unknown(struct model *m, struct held *h, size_t n)
{
	double w[CUES] = { 0 }, in = 0, out = 0;

	for (size_t i = 0; i < n; i++) {
		h[i].cues[1] /= m->temperature;
		h[i].cues[2] /= m->temperature;
		in += h[i].intent >= 0;
		out += h[i].intent < 0;
	}
	if (in == 0 || out == 0)
		return;
	for (int step = 0; step < 2000; step++) {
		double g[CUES] = { 0 };

		for (size_t i = 0; i < n; i++) {
			double z = 0, e, weight = h[i].intent < 0 ? 0.5 / out : 0.5 / in;

			for (size_t c = 0; c < CUES; c++)
				z += w[c] * (double)h[i].cues[c];
			e = (1.0 / (1.0 + exp(-z)) - (h[i].intent < 0)) * weight;
			for (size_t c = 0; c < CUES; c++)
				g[c] += e * (double)h[i].cues[c];
		}
		for (size_t c = 0; c < CUES; c++)
			w[c] -= 1.0 * (g[c] + (c == 0 ? 0 : 0.002 * w[c]));
	}
	for (size_t c = 0; c < CUES; c++)
		m->unknown[c] = (float)w[c];
}

/* Features that only the held-out sample has weigh exactly nothing in its
 * fold: model_score takes them for unknown, as it must. */
static void
hold_out(struct trainer *t, struct held *h, const struct sample *s)
{
	h->logit = arena_array(t->a, float, t->m->intents + 1);
	h->intent = s->intent;
	model_score(t->m, s->words, s->words_n, t->tmp, h->logit, h->cues);
	arena_reset(t->tmp);
}

static void
calibrate(struct trainer *t, const struct policy *p)
{
	struct model *m = t->m;
	struct held *h = arena_array(t->a, struct held, t->n + oos_texts_n + 1);
	int folds = t->n > FOLDS_ONE_FROM ? 1 : FOLDS;
	size_t n = 0;

	m->temperature = 1;
	for (int fold = 0; fold < folds; fold++) {
		learn(t, fold);
		for (size_t i = 0; i < t->n; i++)
			if (t->s[i].own && (int)(i % FOLDS) == fold)
				hold_out(t, &h[n++], &t->s[i]);
		for (size_t i = 0; i < oos_texts_n; i++) {
			struct sample s = { .intent = -1 };
			size_t e_n;
			struct str text = str_from(oos_texts[i]);
			const struct entity *e;

			if ((int)(i % (size_t)folds) != fold)
				continue;
			e = entities_find(m->patterns, p, text, STR_NONE, 0, NULL, t->a, &e_n);
			model_words(t->a, text, e, e_n, &s.words, &s.words_n);
			hold_out(t, &h[n++], &s);
		}
	}
	if (n > oos_texts_n)
		m->temperature = fit_temperature(h, n, m->intents);
	fit_unknown(m, h, n);
}

struct train_job {
	const struct policy *p;
	struct model *m;
	struct arena *tmp;
};

static enum err
train(struct arena *scratch, void *arg, struct fault *f)
{
	struct train_job *job = arg;
	struct model *m = job->m;
	struct trainer t = { .a = scratch, .m = m };
	float *bias;

	TRY(patterns_compile(m->arena, job->p, &m->patterns, f));
	t.tmp = job->tmp;
	m->intents = job->p->intents_n;
	m->temperature = 1;
	collect_samples(&t, job->p);
	collect_vocab(&t);
	collect_features(&t);
	m->weight = t.weight = arena_array(m->arena, float, m->features * m->intents + 1);
	m->bias = t.bias = bias = arena_array(m->arena, float, m->intents + 1);
	t.grad = arena_array(scratch, float, m->features * m->intents + 1);
	t.bias_grad = arena_array(scratch, float, m->intents + 1);
	if (m->intents > 0 && t.n > 0) {
		calibrate(&t, job->p);
		learn(&t, -1);
	}
	/* An intent without an example is never guessed by its bias. */
	for (size_t i = 0; i < m->intents; i++)
		if (job->p->intents[i].examples_n == 0 && job->p->intents[i].name.n == 0)
			bias[i] = -20;
	return E_OK;
}

enum err
model_train(const struct policy *p, struct model **out, struct fault *f)
{
	struct arena *own = arena_new(TRAIN_ARENA), *scratch = arena_new(TRAIN_ARENA);
	struct model *m = arena_new_of(own, struct model);
	struct train_job job = { p, m, arena_new(0) };
	enum err e;

	m->magic = MODEL_MAGIC;
	m->refs = 1;
	m->arena = own;
	m->policy_hash = str_dup(own, p->hash);
	e = arena_run(scratch, train, &job, f);
	arena_free(&scratch);
	arena_free(&job.tmp);
	if (e != E_OK)
		arena_free(&own);
	else
		*out = m;
	return e;
}
