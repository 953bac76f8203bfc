/* SPDX-License-Identifier: Apache-2.0 */
/* study.c - trains, and counts what the held-out predictions say. */
#include "insight/study.h"

#include "base/clock.h"
#include "insight/eval/desk.h"
#include "insight/eval/metrics.h"
#include "nlu/senses.h"
#include "nlu/words.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define STUDY_BYTES ((size_t)128 << 20)
#define WORDS_KEPT 20000	/* examples whose words are kept for what is near */
#define NEAR_PPM 50000

struct study_words {
	const struct str *v;
	size_t n;
};

struct str
draft_version(struct arena *a, const struct draft_change *v, size_t n)
{
	unsigned char sum[8];
	char hex[2 * sizeof(sum) + 1];
	crypto_generichash_state h;
	unsigned char all[32];

	if (n == 0)
		return STR_NONE;
	CHECK(crypto_generichash_init(&h, NULL, 0, sizeof(all)) == 0);
	for (size_t i = 0; i < n; i++)
		CHECK(crypto_generichash_update(&h, (const unsigned char *)&v[i].id, sizeof(v[i].id)) == 0);
	CHECK(crypto_generichash_final(&h, all, sizeof(all)) == 0);
	memcpy(sum, all, sizeof(sum));
	sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
	return str_dup(a, str_from(hex));
}

struct study *
study_ref(struct study *s)
{
	CHECK_OBJ(s, STUDY_MAGIC);
	s->refs++;
	return s;
}

void
study_unref(struct study **sp)
{
	struct study *s = *sp;
	struct arena *a;

	*sp = NULL;
	if (s == NULL)
		return;
	CHECK_OBJ(s, STUDY_MAGIC);
	if (--s->refs > 0)
		return;
	model_unref(&s->model);
	published_unref(&s->base);
	a = s->arena;
	s->magic = 0;
	arena_free(&a);
}

static int
by_text(const void *x, const void *y)
{
	const struct study_example *const *a = x, *const *b = y;

	return str_cmp((*a)->text, (*b)->text);
}

static const struct study_example **
sorted_by_text(struct arena *a, const struct study *s)
{
	const struct study_example **v = arena_array(a, const struct study_example *, s->example_n + 1);

	for (size_t i = 0; i < s->example_n; i++)
		v[i] = &s->example[i];
	qsort(v, s->example_n, sizeof(*v), by_text);
	return v;
}

/* The same text, whatever intent it was given: moving an example is what a draft is for. */
static const struct study_example *
same_text(const struct study_example **sorted, size_t n, const struct study_example *e)
{
	const struct study_example **found = bsearch(&e, sorted, n, sizeof(*sorted), by_text);

	return found == NULL ? NULL : *found;
}

struct making {
	struct study *s;
	const struct study_spec *spec;
};

/* --- learn ----------------------------------------------------------------- */

static void
keep_folds(struct arena *a, struct study *s, const struct study *live)
{
	const struct study_example **sorted = sorted_by_text(a, live);
	int *fold = arena_array(a, int, s->training.n + 1);

	for (size_t i = 0; i < s->training.n; i++) {
		struct study_example e = { .text = s->training.v[i].text };
		const struct study_example *was = same_text(sorted, live->example_n, &e);

		fold[i] = was == NULL ? -1 : was->fold;
	}
	s->training.fold = fold;
}

/* The model that answers has what is wanted, but where its encoder is not there now: it then
 * answers otherwise than its folds did. */
static bool
is_as_kept(const struct model *m)
{
	return model_encoder(m).n == 0 || model_uses_encoder(m);
}

static enum err
learn(struct arena *a, struct study *s, const struct study_spec *spec, struct fault *f)
{
	struct model_how how = { .embedder = spec->embedder, .hurry = spec->hurry,
		.history_helps = spec->hurry };
	struct str sum;

	TRY(desk_training(a, &s->policy, &s->training, f));
	s->rough = spec->hurry;
	if (spec->n == 0 && is_as_kept(spec->base->model)) {
		s->model = model_ref(spec->base->model);
	} else {
		if (spec->live != NULL)
			keep_folds(a, s, spec->live);
		how.fold = s->training.fold;
		if (spec->past != NULL) {
			how.history = spec->past->v;
			how.history_n = spec->past->n;
		}
		TRY(model_train(&s->policy, &how, &s->model, f));
	}
	s->training.embedder = model_uses_encoder(s->model) ? spec->embedder : NULL;
	s->classifier = model_classifier(s->model);
	s->past = model_history(s->model, a, &sum);
	s->past_left = spec->past_left;
	return E_OK;
}

/* --- count ----------------------------------------------------------------- */

static void
read_held(struct arena *a, struct study *s)
{
	struct study_example *v = arena_array(a, struct study_example, s->training.n + 1);
	const struct out_of_fold *o;
	struct scored *sure;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < s->training.n; i++)
		v[i] = (struct study_example){ .intent = s->training.v[i].class,
			.text = s->training.v[i].text, .best = -1, .fold = -1 };
	s->example = v;
	s->example_n = s->training.n;
	if (s->classifier == NULL)
		return;
	o = classifier_out_of_fold(s->classifier, &n);
	sure = arena_array(a, struct scored, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct study_example *e;

		if (o[i].example < 0 || (size_t)o[i].example >= s->training.n || o[i].best < 0)
			continue;
		e = &v[o[i].example];
		e->held = true;
		e->best = o[i].best;
		e->fold = o[i].fold;
		e->right = o[i].best == e->intent;
		e->p_ppm = (int32_t)lrint(o[i].p_best * PPM);
		s->held++;
		s->right += e->right;
		sure[k++] = (struct scored){ o[i].p_best, e->right };
	}
	s->off_ppm = k == 0 ? 0 : (int32_t)lrint(metrics_ece(sure, k, ECE_EQUAL_MASS, NULL) * PPM);
}

static void
count_intents(struct arena *a, struct study *s)
{
	struct study_intent *v = arena_array(a, struct study_intent, s->policy.intents_n + 1);
	size_t at = 0;

	for (size_t i = 0; i < s->policy.intents_n; i++) {
		v[i].from = at;
		v[i].n = s->policy.intents[i].examples_n;
		at += v[i].n;
	}
	for (size_t i = 0; i < s->example_n; i++) {
		const struct study_example *e = &s->example[i];

		if (!e->held)
			continue;
		v[e->intent].held++;
		v[e->intent].right += e->right;
		v[e->best].said++;
	}
	s->intent = v;
}

static int
more_confused(const void *x, const void *y)
{
	const struct study_confusion *a = x, *b = y;

	if (a->n != b->n)
		return a->n < b->n ? 1 : -1;
	return a->truth != b->truth ? a->truth - b->truth : a->taken - b->taken;
}

static void
count_confusions(struct arena *a, struct study *s)
{
	struct study_confusion *v = arena_array(a, struct study_confusion, s->example_n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s->example_n; i++) {
		const struct study_example *e = &s->example[i];
		size_t k = 0;

		if (!e->held || e->right)
			continue;
		while (k < n && (v[k].truth != e->intent || v[k].taken != e->best))
			k++;
		v[k].truth = e->intent;
		v[k].taken = e->best;
		v[k].n++;
		n += k == n;
	}
	qsort(v, n, sizeof(*v), more_confused);
	s->confusion = v;
	s->confusion_n = n;
}

static void
keep_words(struct arena *a, struct study *s)
{
	struct study_words *w;

	if (s->example_n > WORDS_KEPT)
		return;
	w = arena_array(a, struct study_words, s->example_n + 1);
	for (size_t i = 0; i < s->example_n; i++)
		words_of_text(a, s->example[i].text, &s->policy, s->training.patterns, &w[i].v, &w[i].n);
	s->words = w;
}

static void
copy_changes(struct arena *a, struct study *s, const struct study_spec *spec)
{
	struct draft_change *own = arena_array(a, struct draft_change, spec->n + 1);
	bool *applies;

	for (size_t i = 0; i < spec->n; i++) {
		own[i] = spec->v[i];
		own[i].intent = str_dup(a, spec->v[i].intent);
		own[i].to = str_dup(a, spec->v[i].to);
		own[i].text = str_dup(a, spec->v[i].text);
		own[i].by = str_dup(a, spec->v[i].by);
	}
	s->changes = own;
	s->changes_n = spec->n;
	s->version = draft_version(a, own, spec->n);
	draft_policy(a, s->base->policy, own, spec->n, &s->policy, &applies);
	s->applies = applies;
}

static enum err
make(struct arena *a, void *arg, struct fault *f)
{
	const struct making *m = arg;
	struct study *s = m->s;
	int64_t from = clock_mono_us(clock_real());

	copy_changes(a, s, m->spec);
	TRY(learn(a, s, m->spec, f));
	if (s->model != s->base->model)
		s->took_us = clock_mono_us(clock_real()) - from;
	read_held(a, s);
	count_intents(a, s);
	count_confusions(a, s);
	keep_words(a, s);
	health_check(a, &s->training, s->classifier, &s->health);
	return E_OK;
}

enum err
study_new(const struct study_spec *spec, struct study **out, struct fault *f)
{
	struct arena *a = arena_new(STUDY_BYTES);
	struct study *s = arena_new_of(a, struct study);
	enum err e;

	s->magic = STUDY_MAGIC;
	s->refs = 1;
	s->arena = a;
	s->base = published_ref(spec->base);
	e = arena_run(a, make, &(struct making){ s, spec }, f);
	if (e != E_OK)
		study_unref(&s);
	*out = s;
	return e;
}

/* --- what is near ---------------------------------------------------------- */

static size_t
near_words(const struct study *s, struct str text, struct arena *a, struct study_near out[NEAREST_MAX])
{
	const struct str *w;
	size_t w_n, n = 0;

	if (s->words == NULL)
		return 0;
	words_of_text(a, text, &s->policy, s->training.patterns, &w, &w_n);
	for (size_t i = 0; i < s->example_n; i++) {
		int32_t p = similar_of(w, w_n, s->words[i].v, s->words[i].n, -1);
		size_t at = n < NEAREST_MAX ? n : NEAREST_MAX;

		if (p < NEAR_PPM || (n == NEAREST_MAX && p <= out[n - 1].similar_ppm))
			continue;
		if (at == NEAREST_MAX)
			at--;
		else
			n++;
		for (; at > 0 && out[at - 1].similar_ppm < p; at--)
			out[at] = out[at - 1];
		out[at] = (struct study_near){ &s->example[i], p };
	}
	return n;
}

size_t
study_nearest(const struct study *s, struct str text, struct arena *a, struct study_near out[NEAREST_MAX],
    bool *by_meaning)
{
	struct classified r = { .nearest_n = 0 };
	size_t n = 0;

	if (s->classifier != NULL)
		classifier_read(s->classifier, s->training.embedder, text, true, a, &r);
	*by_meaning = r.nearest_n > 0;
	if (r.nearest_n == 0)
		return near_words(s, text, a, out);
	for (size_t i = 0; i < r.nearest_n; i++) {
		int at = r.nearest[i].example;

		if (at >= 0 && (size_t)at < s->example_n)
			out[n++] = (struct study_near){ &s->example[at],
				(int32_t)lrintf(r.nearest[i].similarity * (float)PPM) };
	}
	return n;
}

/* --- compare --------------------------------------------------------------- */

void
study_compare(struct arena *a, const struct study *live, const struct study *draft, struct study_compare *out)
{
	struct study_moved *better = arena_array(a, struct study_moved, draft->example_n + 1);
	struct study_moved *worse = arena_array(a, struct study_moved, draft->example_n + 1);

	const struct study_example **sorted = sorted_by_text(a, live);

	*out = (struct study_compare){ .better = better, .worse = worse };
	for (size_t i = 0; i < draft->example_n; i++) {
		const struct study_example *is = &draft->example[i], *was = same_text(sorted, live->example_n, is);

		if (was == NULL || !was->held || !is->held || was->right == is->right)
			continue;
		if (is->right)
			better[out->better_n++] = (struct study_moved){ was, is };
		else
			worse[out->worse_n++] = (struct study_moved){ was, is };
	}
	out->chance = metrics_mcnemar(out->better_n, out->worse_n);
}
