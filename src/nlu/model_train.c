/* SPDX-License-Identifier: Apache-2.0 */
/* model_train.c - a policy to a model. */
#include "nlu/model_parts.h"

#include "base/rand.h"

#include <math.h>
#include <string.h>

#define MODEL_ARENA ((size_t)64 << 20)
#define SEED 1u
#define P_LEAST 1e-4
#define HISTORY_WORSE 1.02	/* surprise that the folds themselves may make */
#define DELTA 0.05		/* promises hold with 95 % confidence */

static struct training
training_of(const struct policy *p, const struct model_how *how, const struct patterns *patterns,
    struct arena *a)
{
	struct class_def *classes = arena_array(a, struct class_def, p->intents_n + 1);
	struct training t = { .classes = classes, .classes_n = p->intents_n, .policy = p, .patterns = patterns,
		.seed = SEED };
	struct labelled *v;
	size_t all = 0;

	for (size_t i = 0; i < p->intents_n; i++)
		all += p->intents[i].examples_n;
	t.v = v = arena_array(a, struct labelled, all + 1);
	for (size_t i = 0; i < p->intents_n; i++) {
		const struct intent *in = &p->intents[i];

		classes[i] = (struct class_def){ in->id, in->name, in->description };
		for (size_t k = 0; k < in->examples_n; k++)
			v[t.n++] = (struct labelled){ in->examples[k], (int)i };
	}
	if (how != NULL) {
		t.embedder = how->embedder;
		t.history = how->history;
		t.history_n = how->history_n;
		t.fold = how->fold;
		t.seed = how->seed == 0 ? SEED : how->seed;
		t.hurry = how->hurry;
		t.progress = how->progress;
		t.arg = how->arg;
	}
	return t;
}

/* Of a risk class its own predictions; where they are too few, of all classes together. */
static struct promise
promise_of(const struct policy *p, int risk, const struct out_of_fold *o, size_t n, struct evidence *v)
{
	double error = (double)p->promise_ppm[risk] / PPM;
	struct promise made;
	size_t k = 0;

	if (p->promise_ppm[risk] <= 0)
		return (struct promise){ .threshold = (double)INFINITY };
	for (size_t i = 0; i < n; i++)
		if (o[i].best >= 0 && (int)p->intents[o[i].best].risk == risk)
			v[k++] = (struct evidence){ o[i].confidence, o[i].best == o[i].truth };
	made = promise_make(v, k, error, DELTA);
	/* Whether they are too few is said by their number alone, or the two looks would cost
	 * confidence. */
	if (pow(1 - error, (double)k) > DELTA / 2) {
		k = 0;
		for (size_t i = 0; i < n; i++)
			v[k++] = (struct evidence){ o[i].confidence, o[i].best == o[i].truth };
		made = promise_make(v, k, error, DELTA);
	}
	return made;
}

/* Of each its length and its bytes, in their order. */
static void
note_history(struct arena *a, const struct training *t, struct model *m)
{
	struct sha256_part *v = arena_array(a, struct sha256_part, 2 * t->history_n + 1);
	uint32_t *n = arena_array(a, uint32_t, t->history_n + 1);

	m->history_n = t->history_n;
	for (size_t i = 0; i < t->history_n; i++) {
		n[i] = (uint32_t)t->history[i].n;
		v[2 * i] = (struct sha256_part){ &n[i], sizeof(n[i]) };
		v[2 * i + 1] = (struct sha256_part){ t->history[i].p, t->history[i].n };
	}
	if (t->history_n > 0)
		sha256_parts(v, 2 * t->history_n, m->history_sum);
}

/* How surprising the true intents of held-out examples are, on average. */
static double
surprise(const struct classifier *c)
{
	size_t n;
	const struct out_of_fold *o = classifier_out_of_fold(c, &n);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum -= log(o[i].p_truth > P_LEAST ? o[i].p_truth : P_LEAST);
	return n == 0 ? 0 : sum / (double)n;
}

/* Past messages that are mostly about something else lead labels astray: where held-out examples
 * are read worse with them, they are left out. */
static enum err
train_classifier(struct training *t, bool history_helps, struct classifier **out, struct fault *f)
{
	struct training bare = *t;
	struct classifier *without = NULL;
	enum err e;

	TRY(classifier_train(t, out, f));
	if (t->embedder == NULL || t->history_n == 0 || history_helps)
		return E_OK;
	bare.history_n = 0;
	e = classifier_train(&bare, &without, f);
	if (e != E_OK) {
		classifier_unref(out);
		return e;
	}
	if (surprise(*out) > surprise(without) * HISTORY_WORSE) {
		struct classifier *with = *out;

		*out = without;
		without = with;
		t->history_n = 0;
	}
	classifier_unref(&without);
	return E_OK;
}

struct train_job {
	struct model *m;
	const struct policy *p;
	const struct model_how *how;
};

static enum err
train(struct arena *a, void *arg, struct fault *f)
{
	const struct train_job *job = arg;
	struct model *m = job->m;
	const struct policy *p = job->p;
	const struct out_of_fold *o;
	struct evidence *v;
	struct training t;
	size_t n;

	TRY(patterns_compile(m->arena, p, &m->patterns, f));
	if (p->intents_n == 0)
		return E_OK;
	t = training_of(p, job->how, m->patterns, a);
	TRY(train_classifier(&t, job->how != NULL && job->how->history_helps, &m->classifier, f));
	m->embedder = t.embedder;
	if (t.embedder != NULL)
		note_history(a, &t, m);
	o = classifier_out_of_fold(m->classifier, &n);
	v = arena_array(a, struct evidence, n + 1);
	for (int i = 0; i < RISKS; i++)
		m->promise[i] = promise_of(p, i, o, n, v);
	return E_OK;
}

enum err
model_train(const struct policy *p, const struct model_how *how, struct model **out, struct fault *f)
{
	struct arena *own = arena_new(MODEL_ARENA), *scratch = arena_new((size_t)1 << 30);
	struct model *m = arena_new_of(own, struct model);
	struct train_job job = { m, p, how };
	enum err e;

	m->magic = MODEL_MAGIC;
	m->refs = 1;
	m->arena = own;
	m->policy_hash = str_dup(own, p->hash);
	e = arena_run(scratch, train, &job, f);
	arena_free(&scratch);
	if (e != E_OK)
		model_unref(&m);
	else
		*out = m;
	return e;
}
