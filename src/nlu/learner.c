/* SPDX-License-Identifier: Apache-2.0 */
/* learner.c - the texts of a training, and minds made of parts of them. */
#include "nlu/learner.h"

#include "nlu/embedder.h"
#include "nlu/words.h"
#include "vec/blas.h"

#include <stdlib.h>
#include <string.h>

#define NAME_WEIGHT 1.0f
#define DESCRIPTION_WEIGHT 1.0f
#define QUERIES 48		/* texts whose neighbours are looked for at a time */
#define TOLERANCE 1e-5f
#define TOLERANCE_CHOOSING 1e-4f	/* enough to tell penalties apart */
#define TOLERANCE_FOLD 3e-5f	/* and to calibrate on */
#define STEPS_MAX 200u
#define HEARD_BY 3		/* texts of the history that have a word before it is learned */
#define HEARD_LEAST 0.3f	/* surer than this a text without a label teaches words too */

void
learner_say(const struct learner *l, const char *stage, double share)
{
	if (l->t->progress != NULL)
		l->t->progress(l->t->arg, stage, share);
}

static void
add_point(struct learner *l, struct str text, int class, float weight, uint32_t example)
{
	struct point *p = &l->p[l->n];

	*p = (struct point){ .text = text, .class = class, .weight = weight, .example = example, .fold = -1 };
	words_of_text(l->a, text, l->t->policy, l->t->patterns, &p->words, &p->n);
	l->n += p->n > 0;
}

static uint64_t
next_draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Every class is dealt round the folds, in an order drawn from the seed. */
static void
deal_folds(struct learner *l)
{
	uint32_t *order = arena_array(l->a, uint32_t, l->own + 1), *dealt = arena_array(l->a, uint32_t, l->c->classes + 1);
	uint64_t seed = l->t->seed ^ 88172645463325252u;

	seed = seed == 0 ? 1 : seed;
	for (size_t i = 0; i < l->own; i++)
		order[i] = (uint32_t)i;
	for (size_t i = l->own; i > 1; i--) {
		size_t j = (size_t)(next_draw(&seed) % i);
		uint32_t swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
	/* small classes do not all begin at the same fold */
	for (size_t c = 0; c < l->c->classes; c++)
		dealt[c] = (uint32_t)(next_draw(&seed) % FOLDS);
	for (size_t i = 0; i < l->own; i++) {
		struct point *p = &l->p[order[i]];

		p->fold = (int)(dealt[p->class]++ % FOLDS);
		if (l->t->fold != NULL && l->t->fold[p->example] >= 0)
			p->fold = l->t->fold[p->example] % FOLDS;
	}
}

static int
cmp_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* A past message that is an example too would be seen by the fold that must not. */
/* The words that examples have, and those that HEARD_BY texts of the history have: sorted. */
static size_t
common_words(struct learner *l, struct str *out)
{
	size_t all = 0, k = 0, n = 0;
	struct str *v;

	for (size_t i = 0; i < l->history_n; i++)
		all += l->heard[i].n;
	v = arena_array(l->tmp, struct str, all + 1);
	for (size_t i = 0; i < l->history_n; i++)
		for (size_t j = 0; j < l->heard[i].n; j++) {
			bool again = false;

			for (size_t q = 0; q < j && !again; q++)
				again = str_eq(l->heard[i].words[q], l->heard[i].words[j]);
			if (!again)
				v[k++] = l->heard[i].words[j];
		}
	qsort(v, k, sizeof(*v), cmp_str);
	for (size_t i = 0; i < l->n; i++)
		for (size_t j = 0; j < l->p[i].n; j++)
			out[n++] = l->p[i].words[j];
	for (size_t i = 0; i + HEARD_BY <= k; i++)
		if (str_eq(v[i], v[i + HEARD_BY - 1]) && (i == 0 || !str_eq(v[i - 1], v[i])))
			out[n++] = v[i];
	qsort(out, n, sizeof(*out), cmp_str);
	return n;
}

/* A word that hardly anybody says may be somebody's name: it is not learned. */
static void
forget_rare(struct learner *l)
{
	size_t room = 1, n;
	struct str *common;

	for (size_t i = 0; i < l->n; i++)
		room += l->p[i].n;
	for (size_t i = 0; i < l->history_n; i++)
		room += l->heard[i].n;
	common = arena_array(l->tmp, struct str, room);
	n = common_words(l, common);
	for (size_t i = 0; i < l->history_n; i++) {
		struct sparse_text *t = &l->heard[i];
		struct str *kept = arena_array(l->a, struct str, t->n + 1);
		size_t k = 0;

		for (size_t j = 0; j < t->n; j++)
			if (is_placeholder(t->words[j]) || bsearch(&t->words[j], common, n, sizeof(*common), cmp_str) != NULL)
				kept[k++] = t->words[j];
		t->words = kept;
		t->n = k;
	}
	arena_reset(l->tmp);
}

static void
collect_history(struct learner *l)
{
	const struct training *t = l->t;
	struct str *own = arena_array(l->a, struct str, l->own + 1);
	size_t step;

	for (size_t i = 0; i < l->own; i++)
		own[i] = l->p[i].text;
	qsort(own, l->own, sizeof(*own), cmp_str);
	l->history = arena_array(l->a, struct str, HISTORY_MAX + 1);
	l->history_at = arena_array(l->a, uint32_t, HISTORY_MAX + 1);
	step = t->history_n / HISTORY_MAX + 1;
	for (size_t i = 0; i < t->history_n && l->history_n < HISTORY_MAX; i += step) {
		if (bsearch(&t->history[i], own, l->own, sizeof(*own), cmp_str) != NULL)
			continue;
		l->history_at[l->history_n] = (uint32_t)i;
		l->history[l->history_n++] = t->history[i];
	}
	l->heard = arena_array(l->a, struct sparse_text, l->history_n + 1);
	for (size_t i = 0; i < l->history_n; i++)
		words_of_text(l->a, l->history[i], t->policy, t->patterns, &l->heard[i].words, &l->heard[i].n);
	forget_rare(l);
}

static void
collect_vectors(struct learner *l)
{
	struct embedder *m = l->t->embedder;
	size_t all = l->n + l->history_n, w = l->width;

	l->x = arena_alloc(l->a, (all * w + 1) * sizeof(float));
	l->z = arena_alloc(l->a, (all * w + 1) * sizeof(float));
	for (size_t i = 0; i < all; i++) {
		embedder_embed_known(m, l->tmp, i < l->n ? l->p[i].text : l->history[i - l->n], l->x + i * w);
		if (i % 64 == 0) {
			arena_reset(l->tmp);
			learner_say(l, "reading the texts", (double)i / (double)all);
		}
	}
	arena_reset(l->tmp);
	dense_scale_of(l->c->arena, l->x, all, w, &l->c->scale);
	for (size_t i = 0; i < all; i++)
		dense_scale_apply(&l->c->scale, l->x + i * w, l->z + i * w);
	l->turned_n = BLAS_PADDED(l->own);
	l->turned = arena_array(l->a, float, w * l->turned_n + 1);
	for (size_t i = 0; i < l->own; i++)
		for (size_t j = 0; j < w; j++)
			l->turned[j * l->turned_n + i] = l->x[i * w + j];
	if (l->history_n > 0) {
		learner_say(l, "looking for neighbours", 0);
		spread_graph_of(l->a, l->tmp, l->x, all, w, &l->graph);
		arena_reset(l->tmp);
	}
}

enum err
learner_collect(struct learner *l, struct fault *f)
{
	const struct training *t = l->t;

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].class < CLASS_OUT_OF_SCOPE || t->v[i].class >= (int)t->classes_n)
			return fault(f, E_INVALID, "example %zu is of class %d, but there are %zu classes", i,
			    t->v[i].class, t->classes_n);
	l->p = arena_array(l->a, struct point, t->n + 2 * t->classes_n + 1);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].class >= 0)
			add_point(l, t->v[i].text, t->v[i].class, 1, (uint32_t)i);
	l->own = l->n;
	for (size_t i = 0; i < t->classes_n; i++) {
		add_point(l, t->classes[i].name, (int)i, NAME_WEIGHT, UINT32_MAX);
		add_point(l, t->classes[i].description, (int)i, DESCRIPTION_WEIGHT, UINT32_MAX);
	}
	deal_folds(l);
	if (t->embedder != NULL) {
		l->width = embedder_info(t->embedder)->width;
		collect_history(l);
		collect_vectors(l);
	}
	return E_OK;
}

/* What every text without a label is taken for by what lies around it. */
static void
spread(struct learner *l, const bool *skip, int *best, float *confidence)
{
	size_t all = l->n + l->history_n;
	int *class = arena_array(l->tmp, int, all + 1);
	float *weight = arena_array(l->tmp, float, all + 1);

	for (size_t i = 0; i < all; i++) {
		bool teaches = i < l->n && !(skip != NULL && skip[i]);

		class[i] = teaches ? l->p[i].class : -1;
		weight[i] = teaches ? l->p[i].weight : 0;
	}
	spread_labels(&l->graph, l->tmp, class, weight, l->c->classes, best, confidence);
}

/* The points of a regression: what is labelled, and what labels have spread to. */
static struct dense_point *
dense_points(struct learner *l, const bool *skip, size_t *n)
{
	size_t all = l->n + l->history_n;
	struct dense_point *v = arena_array(l->tmp, struct dense_point, all + 1);
	int *best = arena_array(l->tmp, int, all + 1);
	float *confidence = arena_array(l->tmp, float, all + 1);

	if (l->graph.n > 0)
		spread(l, skip, best, confidence);
	for (size_t i = 0; i < all; i++) {
		v[i].x = l->z + i * l->width;
		if (i < l->n) {
			v[i].class = l->p[i].class;
			v[i].weight = skip != NULL && skip[i] ? 0 : l->p[i].weight;
		} else if (best[i] >= 0) {
			v[i].class = best[i];
			v[i].weight = confidence[i];
		}
	}
	*n = all;
	return v;
}

void
learner_dense(struct learner *l, struct arena *a, const bool *skip, float l2, const struct dense *from,
    struct dense *out)
{
	size_t n;
	struct dense_point *v = dense_points(l, skip, &n);
	struct dense_options o = { .l2 = l2, .tolerance = TOLERANCE_CHOOSING, .steps_max = STEPS_MAX,
		.from = from };

	dense_train(a, l->tmp, v, n, l->c->classes, l->width, &o, out);
}

static enum err
train_words(struct learner *l, struct arena *a, const bool *skip, const struct dense_point *d,
    struct sparse **out, struct fault *f)
{
	size_t all = l->n + (d != NULL ? l->history_n : 0);
	struct sparse_text *v = arena_array(l->tmp, struct sparse_text, all + 1);
	bool *out_of = arena_array(l->tmp, bool, all + 1);

	for (size_t i = 0; i < l->n; i++) {
		v[i] = (struct sparse_text){ l->p[i].words, l->p[i].n, l->p[i].class, l->p[i].weight };
		out_of[i] = skip != NULL && skip[i];
	}
	for (size_t i = l->n; i < all; i++) {
		v[i] = (struct sparse_text){ l->heard[i - l->n].words, l->heard[i - l->n].n, d[i].class,
			d[i].weight };
		out_of[i] = d[i].weight < HEARD_LEAST;
	}
	return sparse_train(a, l->tmp, v, all, out_of, l->c->classes, l->t->seed,
	    l->t->hurry || (l->hasty && skip != NULL) ? 1 : 0, out, f);
}

enum err
learner_mind(struct learner *l, struct arena *a, const bool *skip, const struct dense *from, struct mind *out,
    struct fault *f)
{
	struct dense_options o = { .l2 = l->l2, .tolerance = skip == NULL ? TOLERANCE : TOLERANCE_FOLD,
		.steps_max = STEPS_MAX, .from = from };
	struct dense_point *v = NULL;
	bool *has = arena_array(a, bool, l->c->classes + 1);
	size_t n;
	enum err e;

	*out = (struct mind){ .classes = l->c->classes, .width = l->width, .has = has };
	for (size_t i = 0; i < l->n; i++)
		has[l->p[i].class] |= skip == NULL || !skip[i];
	if (l->width > 0) {
		v = dense_points(l, skip, &n);
		dense_train(a, l->tmp, v, n, l->c->classes, l->width, &o, &out->dense);
		mind_centres(out, a, v, n);
	}
	e = train_words(l, a, skip, l->graph.n > 0 ? v : NULL, &out->sparse, f);
	arena_reset(l->tmp);
	return e;
}

void
learner_near(const struct learner *l, struct arena *scratch, const float *x, size_t q, const bool *skip,
    struct near_one *near, size_t *near_n)
{
	float *s = arena_alloc(scratch, (QUERIES * l->turned_n + 1) * sizeof(*s));

	for (size_t i = 0; i < q; i += QUERIES) {
		size_t n = q - i < QUERIES ? q - i : QUERIES;

		memset(s, 0, n * l->turned_n * sizeof(*s));
		blas_gemm(n, l->turned_n, l->width, x + i * l->width, l->width, 1, l->turned, l->turned_n, s,
		    l->turned_n);
		for (size_t r = 0; r < n; r++) {
			const float *row = s + r * l->turned_n;
			struct near_one *list = near + (i + r) * NEAR_MAX;
			size_t *list_n = &near_n[i + r];

			*list_n = 0;
			for (size_t k = 0; k < l->own; k++)
				if ((*list_n < NEAR_MAX || row[k] > list[NEAR_MAX - 1].s) && !(skip != NULL && skip[k]))
					near_keep(list, list_n, (struct near_one){ (uint32_t)k, l->p[k].class,
						row[k] });
		}
	}
}
