/* SPDX-License-Identifier: Apache-2.0 */
/* trials.c - what minds say of texts that they have not seen.
 *
 * Five folds give every example a view by a mind without it.  Further minds leave out whole
 * classes: their examples are honest strangers from next door, the hardest kind of
 * out of scope.  Everyday text and known strangers are the others.
 */
#include "nlu/learner.h"

#include "nlu/embedder.h"
#include "nlu/senses.h"
#include "nlu/words.h"

#include <string.h>

#define VIEWS_FLOATS_MAX ((size_t)6 << 20)	/* classes x trials: bounds their memory */
#define GROUPS 5		/* classes are dealt into so many; each is left out once */
#define GROUPS_HASTY 2
#define FOLDS_HASTY 2
#define MANY 3000		/* texts, from where on training takes seconds */
#define CLASSES_TO_LEAVE_OUT 4
#define STRANGERS_MAX 1500	/* of one group */
#define HELD_WEIGHT 2.0f
#define HELD_MAX 20000		/* some numbers are fitted: more evidence changes none of them, and costs memory */

struct asked {			/* texts to be viewed by one mind */
	const struct str **words;
	size_t *words_n;
	int *class;
	uint32_t *point;
	float *x, *z;
	size_t n;
	float weight;
	bool everyday;
};

static void
asked_init(const struct learner *l, struct arena *a, size_t room, struct asked *q)
{
	*q = (struct asked){ .words = arena_alloc(a, (room + 1) * sizeof(*q->words)),
		.words_n = arena_array(a, size_t, room + 1), .class = arena_array(a, int, room + 1),
		.point = arena_array(a, uint32_t, room + 1), .x = arena_alloc(a, (room * l->width + 1) * 4),
		.z = arena_alloc(a, (room * l->width + 1) * 4), .weight = 1 };
}

static void
asked_add_point(const struct learner *l, struct asked *q, size_t i, int class)
{
	q->words[q->n] = l->p[i].words;
	q->words_n[q->n] = l->p[i].n;
	q->class[q->n] = class;
	q->point[q->n] = (uint32_t)i;
	if (l->width > 0) {
		memcpy(q->x + q->n * l->width, l->x + i * l->width, l->width * sizeof(float));
		memcpy(q->z + q->n * l->width, l->z + i * l->width, l->width * sizeof(float));
	}
	q->n++;
}

static void
asked_add_text(const struct learner *l, struct arena *a, struct asked *q, struct str text, int class)
{
	size_t w = l->width;
	struct said s;
	size_t e_n;
	const struct entity *e = entities_find(l->t->patterns, l->t->policy, text, STR_NONE, 0, NULL, a, &e_n);

	s = classifier_said(l->c, l->t->embedder, a, text, e, e_n);
	if (s.n == 0)
		return;
	q->words[q->n] = s.words;
	q->words_n[q->n] = s.n;
	q->class[q->n] = class;
	q->point[q->n] = UINT32_MAX;
	if (w > 0) {
		embedder_embed_known(l->t->embedder, a, s.text, q->x + q->n * w);
		dense_scale_apply(&l->c->scale, q->x + q->n * w, q->z + q->n * w);
	}
	q->n++;
}

/* All of q by the mind, as trials. The views outlive the mind. */
static void
ask(struct learner *l, const struct mind *m, const bool *skip, const struct asked *q, struct trials *out)
{
	struct near_one *near = arena_alloc(l->tmp, (q->n * NEAR_MAX + 1) * sizeof(*near));
	size_t *near_n = arena_array(l->tmp, size_t, q->n + 1);

	if (l->width > 0)
		learner_near(l, l->tmp, q->x, q->n, skip, near, near_n);
	for (size_t i = 0; i < q->n && out->n < out->room; i++) {
		struct trial *t = &out->v[out->n];
		const float *z = l->width > 0 ? q->z + i * l->width : NULL;
		struct view seen;

		view_of(m, l->tmp, q->words[i], q->words_n[i], z, near + i * NEAR_MAX, near_n[i], &seen);
		t->view = seen;
		for (int k = 0; k < MEMBER_N; k++)
			if (seen.logit[k] != NULL) {
				t->view.logit[k] = arena_alloc(l->a, (m->classes + 1) * sizeof(float));
				memcpy(t->view.logit[k], seen.logit[k], m->classes * sizeof(float));
			}
		t->class = q->class[i];
		t->weight = q->weight;
		t->everyday = q->everyday;
		out->point[out->n++] = q->point[i];
	}
	arena_reset(l->tmp);
}

static void
ask_strangers(struct learner *l, const struct mind *m, const bool *skip, int fold, struct trials *out)
{
	struct arena *a = arena_new((size_t)256 << 20);
	struct asked q;

	asked_init(l, a, oos_texts_n / FOLDS + 1, &q);
	q.everyday = true;
	for (size_t i = (size_t)fold; i < oos_texts_n; i += FOLDS)
		asked_add_text(l, a, &q, str_from(oos_texts[i]), CLASS_OUT_OF_SCOPE);
	ask(l, m, skip, &q, out);
	asked_init(l, a, l->t->n / FOLDS + 1, &q);
	for (size_t i = (size_t)fold; i < l->t->n; i += FOLDS)
		if (l->t->v[i].class == CLASS_OUT_OF_SCOPE)
			asked_add_text(l, a, &q, l->t->v[i].text, CLASS_OUT_OF_SCOPE);
	ask(l, m, skip, &q, out);
	arena_free(&a);
}

static enum err
try_fold(struct learner *l, int fold, size_t step, struct trials *out, struct fault *f)
{
	struct arena *a = arena_new((size_t)8 << 30);
	bool *skip = arena_array(a, bool, l->n + 1);
	struct asked q;
	struct mind m;
	enum err e;

	asked_init(l, a, l->own, &q);
	for (size_t i = 0; i < l->own; i++) {
		skip[i] = l->p[i].fold == fold;
		if (skip[i] && i % step == 0)
			asked_add_point(l, &q, i, l->p[i].class);
	}
	e = learner_mind(l, a, skip, fold == 0 ? &l->begun : NULL, &m, f);
	if (e == E_OK) {
		ask(l, &m, skip, &q, out);
		ask_strangers(l, &m, skip, fold, out);
	}
	arena_free(&a);
	return e;
}

/* Without the classes c with c % GROUPS == group: what they say is out of scope then. */
static enum err
try_group(struct learner *l, int group, struct trials *out, struct fault *f)
{
	struct arena *a = arena_new((size_t)8 << 30);
	bool *skip = arena_array(a, bool, l->n + 1);
	size_t strangers = 0, step, k = 0;
	struct asked q;
	struct mind m;
	enum err e;

	for (size_t i = 0; i < l->n; i++) {
		skip[i] = l->p[i].class % GROUPS == group;
		strangers += i < l->own && skip[i];
	}
	step = strangers / STRANGERS_MAX + 1;
	asked_init(l, a, strangers / step + 1, &q);
	for (size_t i = 0; i < l->own; i++)
		if (skip[i] && k++ % step == 0)
			asked_add_point(l, &q, i, CLASS_OUT_OF_SCOPE);
	e = learner_mind(l, a, skip, NULL, &m, f);
	if (e == E_OK)
		ask(l, &m, skip, &q, out);
	arena_free(&a);
	return e;
}

enum err
learner_trials(struct learner *l, struct trials *out, struct fault *f)
{
	size_t most = VIEWS_FLOATS_MAX / (l->c->classes + 1) + 1, step = l->own / most + 1;
	bool few = l->own + l->history_n > MANY || l->t->hurry;
	int folds = l->hasty ? FOLDS_HASTY : FOLDS, groups = l->hasty ? 0 : few ? GROUPS_HASTY : GROUPS;

	out->room = l->own + oos_texts_n + l->t->n + l->t->held_n + GROUPS * (STRANGERS_MAX + 1) + 1;
	out->v = arena_array(l->a, struct trial, out->room);
	out->point = arena_array(l->a, uint32_t, out->room);
	if (l->own < 2 || l->c->classes < 2)
		return E_OK;
	for (int i = 0; i < folds; i++) {
		learner_say(l, "trying on what was held out", (double)i / (folds + groups));
		TRY(try_fold(l, i, step, out, f));
	}
	for (int i = 0; i < groups && l->c->classes >= CLASSES_TO_LEAVE_OUT; i++) {
		learner_say(l, "trying on what was held out", (double)(folds + i) / (folds + groups));
		TRY(try_group(l, i, out, f));
	}
	return E_OK;
}

void
learner_held(struct learner *l, struct trials *out)
{
	struct arena *a;
	struct asked q;
	size_t step = l->t->held_n / HELD_MAX + 1;

	if (l->t->held_n == 0)
		return;
	a = arena_new((size_t)1 << 30);
	asked_init(l, a, l->t->held_n, &q);
	q.weight = HELD_WEIGHT;
	for (size_t i = 0; i < l->t->held_n; i += step)
		asked_add_text(l, a, &q, l->t->held[i].text, l->t->held[i].class);
	ask(l, &l->c->mind, NULL, &q, out);
	arena_free(&a);
}
