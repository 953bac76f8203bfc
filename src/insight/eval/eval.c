/* SPDX-License-Identifier: Apache-2.0 */
/* eval.c - trains on one set, reads another, counts. */
#include "insight/eval/eval_private.h"

#include "base/clock.h"
#include "nlu/embedder.h"
#include "nlu/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define NONE ((double)NAN)
#define READ_ARENA ((size_t)64 << 20)	/* of one text */
#define TIMED_TEXTS 1000	/* where vectors are kept, this many are read again without */

/* --- train and read ------------------------------------------------------- */

static void
tell(const struct eval_run *r, const char *stage, double share)
{
	if (r->spec->progress != NULL)
		r->spec->progress(r->spec->arg, stage, ((double)r->i + share) / (double)r->spec->runs);
}

static void
training_progress(void *arg, const char *stage, double share)
{
	tell(arg, stage, share * 0.7);
}

static enum err
train(struct eval_run *r, uint64_t seed, struct eval_figures *f, struct fault *why)
{
	int64_t cpu = clock_cpu_ns(), wall = clock_mono_us(clock_real());

	r->t = (struct training){
		.classes = r->classes,
		.classes_n = r->r->classes_n,
		.v = r->train,
		.n = r->train_n,
		.held = r->held,
		.held_n = r->held_n,
		.history = r->history,
		.history_n = r->spec->history == NULL ? 0 : r->spec->history->n,
		.embedder = r->embedder,
		.seed = seed,
		.progress = training_progress,
		.arg = r,
	};
	TRY(classifier_train(&r->t, &r->c, why));
	f->train_cpu_s = (double)(clock_cpu_ns() - cpu) / 1e9;
	f->train_s = (double)(clock_mono_us(clock_real()) - wall) / 1e6;
	return E_OK;
}

static void
read_one(struct eval_run *r, struct embedder *m, struct str text, struct eval_item *t, double *share)
{
	int64_t from = clock_cpu_ns();
	struct classified got;

	classifier_read(r->c, m, text, false, r->tmp, &got);
	t->cpu_us = (double)(clock_cpu_ns() - from) / 1e3;
	t->best = got.top_n > 0 ? got.top[0].class : -1;
	t->p = got.top_n > 0 ? got.top[0].p : 0;
	t->unknown = got.unknown;
	t->confidence = got.confidence;
	t->sure = eval_sure(r->spec->oos.n > 0, got.confidence, got.unknown);
	*share += (double)got.encoder_share;
	arena_reset(r->tmp);
}

/* What was held out of training: its own folds, and the user's validation texts. */
static size_t
held_out(struct eval_run *r, struct eval_score *v, struct evidence *e)
{
	size_t n, k = 0;
	const struct out_of_fold *oof = classifier_out_of_fold(r->c, &n);
	double share = 0;

	for (size_t i = 0; i < n; i++, k++) {
		bool right = oof[i].truth >= 0 && oof[i].best == oof[i].truth;

		v[k] = (struct eval_score){ oof[i].p_best, oof[i].unknown, right, oof[i].truth < 0 };
		e[k] = (struct evidence){ eval_sure(r->spec->oos.n > 0, oof[i].confidence, oof[i].unknown), right };
	}
	for (size_t i = 0; i < r->held_n; i++, k++) {
		struct eval_item t;
		bool right;

		read_one(r, r->embedder, r->held[i].text, &t, &share);
		right = t.best >= 0 && t.best == r->held[i].class;
		v[k] = (struct eval_score){ t.p, t.unknown, right, r->held[i].class < 0 };
		e[k] = (struct evidence){ t.sure, right };
	}
	return k;
}

/* Only validation texts tell what is out of scope without having been learned from. */
static void
choose(struct eval_run *r, const struct eval_score *v, size_t n)
{
	size_t strange = 0;

	for (size_t i = 0; i < r->held_n; i++)
		strange += r->held[i].class < 0;
	r->threshold = eval_choose_threshold(r->a, v, n, r->held_n > 0 ? (double)strange / (double)r->held_n : 0);
}

static double
held_out_accuracy(const struct classifier *c)
{
	size_t n, in = 0, right = 0;
	const struct out_of_fold *v = classifier_out_of_fold(c, &n);

	for (size_t i = 0; i < n; i++) {
		in += v[i].truth >= 0;
		right += v[i].truth >= 0 && v[i].best == v[i].truth;
	}
	return metrics_share(right, in);
}

static void
judge(const struct eval_run *r, struct eval_item *t, int truth)
{
	t->truth = truth;
	t->best_right = truth >= 0 && t->best == truth;
	t->refused = r->spec->oos.n > 0 &&
	    (t->best < 0 || eval_refusal(r->threshold.rule, t->p, t->unknown) >= r->threshold.at);
	t->right = truth == CLASS_OUT_OF_SCOPE ? t->refused : t->best_right && !t->refused;
}

/* Where vectors are kept no time can be taken: some texts are read once more without. */
static void
time_apart(struct eval_run *r, struct eval_item *items)
{
	struct embedder *bare = embedder_new(r->spec->encoder, NULL, 1);
	size_t n = r->r->n, step = n / TIMED_TEXTS + 1;
	double share = 0;

	for (size_t i = 0; i < n; i++) {
		struct eval_item t;

		items[i].cpu_us = -1;
		if (i % step != 0)
			continue;
		read_one(r, bare, items[i].read, &t, &share);
		items[i].cpu_us = t.cpu_us;
	}
	embedder_free(&bare);
}

static void
read_test(struct eval_run *r, struct eval_item *items, struct eval_figures *f)
{
	const struct dataset *d = r->spec->test;
	bool kept = r->embedder != NULL && r->spec->vectors != NULL;
	float *vector = kept ? arena_array(r->a, float, embedder_info(r->embedder)->width) : NULL;
	double share = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct eval_item *t = &items[i];

		*t = (struct eval_item){ .text = d->v[i].text, .label = d->v[i].label, .read = r->said[i] };
		if (kept) {
			embedder_embed_known(r->embedder, r->tmp, t->read, vector);
			arena_reset(r->tmp);
		}
		read_one(r, r->embedder, t->read, t, &share);
		judge(r, t, r->truth[i]);
		if (i % 64 == 0)
			tell(r, "reading", 0.75 + 0.25 * (double)i / (double)d->n);
	}
	if (kept && r->i == 0)
		time_apart(r, items);
	else if (kept)
		for (size_t i = 0; i < d->n; i++)
			items[i].cpu_us = -1;
	f->encoder_share = share / (double)d->n;
}

static void
spoil(struct eval_run *r, uint64_t seed)
{
	const struct dataset *d = r->spec->test;

	for (size_t i = 0; i < d->n; i++)
		r->said[i] = r->spec->noise == NULL ? d->v[i].text :
		    noise_apply(r->a, d->v[i].text, r->spec->noise, seed * 1000003u + i);
}

static void
first_run(struct eval_run *r, struct eval_item *items, struct evidence *e, size_t e_n)
{
	struct eval_class *classes = arena_array(r->a, struct eval_class, r->r->classes_n + 1);

	for (size_t c = 0; c < r->r->classes_n; c++)
		classes[c].id = r->classes[c].id;
	for (size_t i = 0; i < r->train_n; i++)
		if (r->train[i].class >= 0)
			classes[r->train[i].class].trained++;
	r->r->items = items;
	r->r->train_n = r->train_n;
	eval_detail(r->a, r->r, classes);
	if (r->spec->promise > 0) {
		r->r->promised = true;
		eval_promise_make(r->a, e, e_n, r->spec->promise, r->spec->splits, r->spec->seed, &r->r->promise);
		eval_promise_check(items, r->r->n, &r->r->promise);
	}
	health_check(r->a, &r->t, r->c, &r->r->health);
}

static enum err
run_once(struct eval_run *r, struct eval_item *items, struct eval_figures *f, struct fault *why)
{
	struct eval_score *v = arena_array(r->a, struct eval_score, r->all_n + r->held_n + 1);
	struct evidence *e = arena_array(r->a, struct evidence, r->all_n + r->held_n + 1);
	uint64_t seed = r->spec->seed + r->i;
	size_t n;

	*f = (struct eval_figures){ .seed = seed };
	eval_draw_shots(r, seed);
	spoil(r, seed);
	TRY(train(r, seed, f, why));
	tell(r, "calibrating", 0.72);
	n = held_out(r, v, e);
	choose(r, v, n);
	read_test(r, items, f);
	eval_count(r->a, items, r->r->n, r->r->classes_n, r->spec->oos.n > 0, f);
	if (r->spec->oos.n > 0)
		f->oos_threshold = r->threshold.at;
	f->held_out_accuracy = held_out_accuracy(r->c);
	if (r->i == 0) {
		r->r->oos_rule = r->spec->oos.n > 0 ? r->threshold.why : NULL;
		first_run(r, items, e, n);
	}
	classifier_unref(&r->c);
	return E_OK;
}

/* --- means over runs ------------------------------------------------------ */

#define FIELD(name) offsetof(struct eval_figures, name)

static const size_t averaged[] = {
	FIELD(accuracy), FIELD(in_scope_accuracy), FIELD(unrefused_accuracy), FIELD(macro_f1), FIELD(oos_auroc),
	FIELD(oos_recall), FIELD(oos_precision), FIELD(oos_threshold), FIELD(ece), FIELD(ece_mass),
	FIELD(coverage[0]), FIELD(coverage[1]), FIELD(coverage[2]), FIELD(train_cpu_s), FIELD(train_s),
	FIELD(held_out_accuracy), FIELD(encoder_share),
};

static void
average(struct arena *a, struct eval_result *r)
{
	double *v = arena_array(a, double, r->runs_n + 1);

	r->mean = r->runs[0];
	for (size_t k = 0; k < sizeof(averaged) / sizeof(averaged[0]); k++) {
		double mean, deviation;

		for (size_t i = 0; i < r->runs_n; i++)
			memcpy(&v[i], (const char *)&r->runs[i] + averaged[k], sizeof(double));
		mean = metrics_mean(v, r->runs_n);
		deviation = metrics_deviation(v, r->runs_n);
		memcpy((char *)&r->mean + averaged[k], &mean, sizeof(mean));
		memcpy((char *)&r->deviation + averaged[k], &deviation, sizeof(deviation));
	}
	r->accuracy = metrics_wilson((size_t)lround(r->mean.accuracy * (double)r->n), r->n);
	r->in_scope = r->mean.in_scope_n == 0 ? (struct interval){ NONE, NONE } :
	    metrics_wilson((size_t)lround(r->mean.in_scope_accuracy * (double)r->mean.in_scope_n), r->mean.in_scope_n);
	r->oos_recall = r->mean.oos_n == 0 || r->oos.n == 0 ? (struct interval){ NONE, NONE } :
	    metrics_wilson((size_t)lround(r->mean.oos_recall * (double)r->mean.oos_n), r->mean.oos_n);
}

double
eval_peak_mb(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? (double)u.ru_maxrss / 1024 : NONE;
}

static enum err
check_spec(const struct eval_spec *s, struct fault *f)
{
	if (s->train == NULL && s->names_n == 0)
		return fault(f, E_INVALID, "there is nothing to learn from: neither training texts nor names");
	if (s->runs == 0 || s->runs > EVAL_RUNS_MAX)
		return fault(f, E_INVALID, "between 1 and %d runs", EVAL_RUNS_MAX);
	if (s->noise != NULL && !noise_is_known(s->noise))
		return fault(f, E_INVALID, "\"%s\" is no noise (typos=N, slang, upper, lower, joined=N, split=N, "
		    "joined by +)", s->noise);
	return E_OK;
}

static enum err
begin(struct eval_run *r, struct fault *f)
{
	const struct eval_spec *s = r->spec;
	struct eval_result *out = r->r;

	*out = (struct eval_result){
		.train_path = s->train == NULL ? STR_NONE : s->train->path,
		.test_path = s->test->path,
		.noise = str_from(s->noise),
		.n = s->test->n,
		.valid_n = s->valid == NULL ? 0 : s->valid->n,
		.history_n = s->history == NULL ? 0 : s->history->n,
		.oos = s->oos,
		.shots = s->shots,
		.runs_n = s->runs,
	};
	if (s->encoder != NULL) {
		r->embedder = embedder_new(s->encoder, s->vectors, 200000);
		out->encoder = str_dup(r->a, embedder_info(r->embedder)->name);
	}
	eval_make_classes(r);
	if (out->classes_n > CLASSIFIER_CLASSES_MAX)
		return fault(f, E_INVALID, "%.*s: %zu different labels; at most %d intents can be told apart: is the label "
		    "perhaps an id of each message?", STR_ARG(out->train_path), out->classes_n, CLASSIFIER_CLASSES_MAX);
	eval_make_sets(r);
	r->said = arena_array(r->a, struct str, s->test->n + 1);
	return E_OK;
}

enum err
eval_run(struct arena *a, const struct eval_spec *spec, struct eval_result *out, struct fault *f)
{
	struct eval_run r = { .spec = spec, .a = a, .r = out };
	struct eval_figures *runs = arena_array(a, struct eval_figures, spec->runs + 1);
	struct eval_item *items;
	enum err e;

	TRY(check_spec(spec, f));
	r.tmp = arena_new(READ_ARENA);
	e = begin(&r, f);
	out->runs = runs;
	items = arena_array(a, struct eval_item, out->n + 1);
	for (r.i = 0; r.i < spec->runs && e == E_OK; r.i++) {
		if (r.i == 1)	/* the first run's are kept */
			items = arena_array(a, struct eval_item, out->n + 1);
		e = run_once(&r, items, &runs[r.i], f);
	}
	embedder_free(&r.embedder);
	arena_free(&r.tmp);
	if (e != E_OK)
		return e;
	average(a, out);
	out->peak_mb = eval_peak_mb();
	return E_OK;
}

/* --- the desk's own examples ---------------------------------------------- */

enum err
eval_out_of_fold(struct arena *a, const struct training *t, const struct classifier *c, double promise,
    size_t splits, struct eval_result *out, struct fault *f)
{
	size_t n;
	const struct out_of_fold *v = classifier_out_of_fold(c, &n);
	struct eval_figures *one = arena_new_of(a, struct eval_figures);
	struct eval_item *items = arena_array(a, struct eval_item, n + 1);
	struct evidence *e = arena_array(a, struct evidence, n + 1);
	struct eval_class *classes = arena_array(a, struct eval_class, t->classes_n + 1);

	*out = (struct eval_result){ .n = n, .train_n = t->n, .classes_n = t->classes_n, .runs_n = 1,
		.shots = EVAL_ALL_SHOTS, .test_path = STR("out-of-fold predictions") };
	if (n == 0)
		return fault(f, E_INVALID, "there is no example to hold out");
	for (size_t k = 0; k < t->classes_n; k++)
		classes[k].id = t->classes[k].id;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].class >= 0)
			classes[t->v[i].class].trained++;
	for (size_t i = 0; i < n; i++) {
		bool right = v[i].best == v[i].truth && v[i].truth >= 0;

		/* kept with a model that may have been made of other examples */
		if ((size_t)v[i].example >= t->n || v[i].truth >= (int)t->classes_n || v[i].best >= (int)t->classes_n)
			return fault(f, E_INVALID, "the model was not made of these examples: `baton publish` makes it again");
		items[i] = (struct eval_item){
			.text = t->v[v[i].example].text,
			.read = t->v[v[i].example].text,
			.label = v[i].truth < 0 ? STR("out of scope") : t->classes[v[i].truth].id,
			.truth = v[i].truth, .best = v[i].best, .p = v[i].p_best, .unknown = v[i].unknown,
			.confidence = v[i].confidence, .sure = v[i].confidence, .cpu_us = -1, .right = right, .best_right = right,
		};
		e[i] = (struct evidence){ v[i].confidence, right };
	}
	out->items = items;
	eval_count(a, items, n, t->classes_n, false, one);
	one->seed = t->seed;
	one->held_out_accuracy = held_out_accuracy(c);
	one->encoder_share = one->train_cpu_s = one->train_s = NONE;
	out->runs = one;
	eval_detail(a, out, classes);
	if (promise > 0) {
		out->promised = true;
		/* The texts are the evidence itself: there is none left to try the promise on. */
		eval_promise_make(a, e, n, promise, splits, t->seed, &out->promise);
		out->promise.coverage = NONE;
	}
	health_check(a, t, c, &out->health);
	average(a, out);
	out->peak_mb = eval_peak_mb();
	return E_OK;
}
