/* SPDX-License-Identifier: Apache-2.0 */
/* classifier_train.c - texts to a classifier: a page to be read from the top down. */
#include "nlu/learner.h"

#include "nlu/embedder.h"
#include "vec/blas.h"

#include <math.h>
#include <string.h>

#define CLASSIFIER_ARENA ((size_t)8 << 30)
#define TRAIN_ARENA ((size_t)16 << 30)
#define HASTY_FROM 3000		/* examples, without an encoder: two folds are evidence enough */
#define SKIP_UNKNOWN 0.1
#define SKIP_LOSS 0.001
#define SKIP_LET_IN 0.01
#define SKIP_EVIDENCE 1000	/* held-out answers */
#define TRUST 20.0f		/* how many texts the prior weights of the members stand for */

/* The penalty with the least loss on one fold, from where it mostly is. */
static const float penalties[] = { 10, 30, 100, 300, 1000 };
#define PENALTIES 5
_Static_assert(sizeof(penalties) == PENALTIES * sizeof(penalties[0]), "all are tried");

static double
loss_of(const struct learner *l, const struct dense *d, const bool *skip, size_t step)
{
	float *z = arena_array(l->tmp, float, d->padded);
	double loss = 0;

	for (size_t i = 0, k = 0; i < l->own; i++) {
		float top = -1e30f;

		if (!skip[i] || k++ % step != 0)
			continue;
		dense_score(d, l->z + i * l->width, z);
		for (size_t c = 0; c < d->classes; c++)
			top = z[c] > top ? z[c] : top;
		loss += (double)(top - z[l->p[i].class]);
		loss += log((double)blas_exp_sum(z, d->classes, top));
	}
	return loss;
}

static void
choose_penalty(struct learner *l)
{
	bool *skip = arena_array(l->a, bool, l->n + 1);
	double least = (double)INFINITY;
	int folds = l->own + l->history_n > 1500 ? 1 : FOLDS;
	struct dense d[FOLDS] = { { 0 } };

	l->l2 = 100;
	if (l->width == 0 || l->own < 2 * FOLDS || l->t->hurry)
		return;
	for (size_t k = 0; k < PENALTIES; k++) {
		double loss = 0;

		for (int fold = 0; fold < folds; fold++) {
			struct dense was = d[fold];

			for (size_t i = 0; i < l->own; i++)
				skip[i] = l->p[i].fold == fold;
			/* each goes on where the last penalty left the same fold */
			learner_dense(l, l->a, skip, penalties[k], &was, &d[fold]);
			loss += loss_of(l, &d[fold], skip, 1);
			arena_reset(l->tmp);
		}
		learner_say(l, "choosing the penalty", (double)k / PENALTIES);
		if (loss < least) {
			least = loss;
			l->l2 = penalties[k];
			l->begun = d[0];
		} else if (loss > least * 1.02) {
			break;
		}
	}
}

static void
collect_vocab(struct learner *l)
{
	struct sparse_text *v = arena_array(l->tmp, struct sparse_text, l->n + 1);

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct sparse_text){ l->p[i].words, l->p[i].n, l->p[i].class, 1 };
	vocab_of_texts(l->c->arena, l->tmp, v, l->n, &l->c->vocab);
	arena_reset(l->tmp);
}

/* Vectors of the examples in eight bits. */
static void
keep_known(struct learner *l)
{
	struct classifier *c = l->c;
	size_t w = l->width;
	int8_t *v;
	float *scale;
	uint32_t *example;
	int32_t *of;

	if (w == 0)
		return;
	c->known_n = l->own;
	c->known = v = arena_array(c->arena, int8_t, l->own * w + 1);
	c->known_scale = scale = arena_array(c->arena, float, l->own + 1);
	c->known_example = example = arena_array(c->arena, uint32_t, l->own + 1);
	c->known_class = of = arena_array(c->arena, int32_t, l->own + 1);
	for (size_t i = 0; i < l->own; i++) {
		const float *x = l->x + i * w;
		float top = 1e-12f;

		for (size_t j = 0; j < w; j++)
			top = fabsf(x[j]) > top ? fabsf(x[j]) : top;
		for (size_t j = 0; j < w; j++)
			v[i * w + j] = (int8_t)lrintf(x[j] / top * 127);
		scale[i] = top / 127;
		example[i] = l->p[i].example;
		of[i] = l->p[i].class;
	}
}

static void
keep_out_of_fold(struct learner *l, const struct trials *v)
{
	struct classifier *c = l->c;
	double *p = arena_array(l->a, double, c->classes + 1);
	float *logit = arena_array(l->a, float, c->classes + 1);

	c->oof = arena_array(c->arena, struct out_of_fold, l->own + 1);
	for (size_t i = 0; i < v->n; i++) {
		const struct trial *t = &v->v[i];
		const struct judge *j = &c->judge[t->view.encoded];
		struct out_of_fold *o = &c->oof[c->oof_n];

		if (t->class < 0 || v->point[i] == UINT32_MAX)
			continue;
		o->example = (int)l->p[v->point[i]].example;
		o->fold = l->p[v->point[i]].fold;
		o->truth = t->class;
		o->best = judge_probabilities(j, &t->view, logit, p);
		o->p_best = o->best < 0 ? 0 : p[o->best];
		o->p_truth = p[t->class];
		o->unknown = judge_unknown(j, &t->view, p, o->best);
		o->confidence = judge_confidence(p, o->best, o->unknown);
		c->oof_n++;
	}
}

/* From which certainty of the words alone on the encoder is not asked: where, out of fold, that
 * costs no more than SKIP_LOSS of all answers and lets hardly a stranger in that the
 * encoder would keep out. */
static void
choose_skip(struct learner *l, const struct trials *v)
{
	static const double certain[] = { 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998 };
	enum { N = sizeof(certain) / sizeof(certain[0]) };
	size_t lost[N] = { 0 }, won[N] = { 0 }, let_in[N] = { 0 }, own = 0, strangers = 0;
	double *p = arena_array(l->tmp, double, l->c->classes + 1), unknown[2];
	float *logit = arena_array(l->tmp, float, l->c->classes + 1);

	for (size_t i = 0; i < v->n; i++) {
		const struct trial *t = &v->v[i];
		double sure = 0;
		int best[2];

		own += t->class >= 0;
		strangers += t->class < 0;
		for (int k = 0; k < 2; k++) {
			best[k] = judge_probabilities(&l->c->judge[k], &t->view, logit, p);
			unknown[k] = judge_unknown(&l->c->judge[k], &t->view, p, best[k]);
			sure = k == 0 && best[0] >= 0 ? p[best[0]] : sure;
		}
		for (size_t k = 0; k < N && sure >= certain[k] && unknown[0] <= SKIP_UNKNOWN; k++) {
			lost[k] += best[0] != t->class && best[1] == t->class;
			won[k] += best[0] == t->class && best[1] != t->class;
			let_in[k] += t->class < 0 && unknown[1] >= 0.5;
		}
	}
	l->c->skip_unknown = (float)SKIP_UNKNOWN;
	for (size_t k = N; k-- > 0 && own >= SKIP_EVIDENCE;)
		if ((double)lost[k] <= (double)won[k] + SKIP_LOSS * (double)own &&
		    (double)let_in[k] <= SKIP_LET_IN * (double)strangers)
			l->c->skip_from = (float)certain[k];
		else
			break;
}

static enum err
learn(struct arena *a, void *arg, struct fault *f)
{
	struct learner *l = arg;
	struct trials trials = { 0 };

	l->a = a;
	TRY(learner_collect(l, f));
	l->hasty = l->width == 0 && l->own > HASTY_FROM;
	collect_vocab(l);
	choose_penalty(l);
	TRY(learner_trials(l, &trials, f));
	learner_say(l, "learning from all", 0);
	TRY(learner_mind(l, l->c->arena, NULL, &l->begun, &l->c->mind, f));
	learner_held(l, &trials);
	for (int i = 0; i < (l->width > 0 ? 2 : 1); i++) {
		l->c->judge[i].encoder = i == 1;
		judge_fit(&l->c->judge[i], l->tmp, trials.v, trials.n, TRUST);
		arena_reset(l->tmp);
	}
	if (l->width > 0)
		choose_skip(l, &trials);
	arena_reset(l->tmp);
	keep_known(l);
	keep_out_of_fold(l, &trials);
	learner_say(l, "learning from all", 1);
	return E_OK;
}

enum err
classifier_train(const struct training *t, struct classifier **out, struct fault *f)
{
	struct arena *own, *scratch;
	struct learner l = { .t = t };
	enum err e;

	if (t->classes_n == 0 || t->classes_n > CLASSIFIER_CLASSES_MAX)
		return fault(f, E_INVALID, "a classifier has 1 to %d classes, not %zu", CLASSIFIER_CLASSES_MAX,
		    t->classes_n);
	own = arena_new(CLASSIFIER_ARENA);
	scratch = arena_new(TRAIN_ARENA);
	l.tmp = arena_new(TRAIN_ARENA);
	l.c = arena_new_of(own, struct classifier);
	l.c->magic = CLASSIFIER_MAGIC;
	l.c->refs = 1;
	l.c->arena = own;
	l.c->seed = t->seed;
	l.c->classes = t->classes_n;
	l.c->skip_from = 2;
	if (t->embedder != NULL)
		l.c->encoder = str_dup(own, embedder_info(t->embedder)->source);
	e = arena_run(scratch, learn, &l, f);
	l.c->examples_n = l.own;
	l.c->history_n = l.history_n;
	arena_free(&scratch);
	arena_free(&l.tmp);
	if (e != E_OK)
		arena_free(&own);
	else
		*out = l.c;
	return e;
}
