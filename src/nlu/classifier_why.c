/* SPDX-License-Identifier: Apache-2.0 */
/* classifier_why.c - why a classifier answers so, and what would teach it most. */
#include "nlu/classifier_parts.h"

#include "nlu/embedder.h"
#include "nlu/senses.h"
#include "nlu/words.h"
#include "text/tokens.h"
#include "vec/blas.h"

#include <math.h>
#include <string.h>

#define CANDIDATES_MAX 2000	/* past messages that are looked at */
#define AROUND 0.35		/* share of a message's worth that is how many are like it */

const struct pull *
classifier_pulls(const struct classifier *c, struct str text, int class, struct arena *a, size_t *n)
{
	const struct str *words;
	struct slips mended;
	struct pull *out;
	float *pull;
	size_t k = 0, at = 0, words_n;

	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	*n = 0;
	if (class < 0 || (size_t)class >= c->classes)
		return NULL;
	words_of_text(a, text, NULL, NULL, &words, &words_n);
	mended = slips_mend(&c->vocab, a, words, words_n);
	pull = arena_array(a, float, mended.n + 1);
	sparse_pull(c->mind.sparse, a, mended.words, mended.n, class, pull);
	out = arena_array(a, struct pull, mended.n + 1);
	for (size_t i = 0; i < mended.n; i++) {
		struct str typed = mended.at[i] < words_n ? words[mended.at[i]] : STR_NONE;
		struct str rest = { text.p + at, text.n - at };
		ptrdiff_t found = typed.n > 0 ? str_find_nocase(rest, typed) : -1;

		out[k] = (struct pull){ .word = mended.words[i], .logit = pull[i] };
		/* a placeholder, or a word in another form than it was typed in: without a place */
		if (found >= 0) {
			out[k].from = (uint32_t)(at + (size_t)found);
			out[k].to = (uint32_t)(at + (size_t)found + typed.n);
			at = out[k].to;
		}
		k++;
	}
	*n = k;
	return out;
}

/* --- what to label next ---------------------------------------------------- */

struct candidate {
	uint32_t at;		/* into the history */
	double worth;
	float *x;		/* unit vector, or NULL */
};

/* Two best close together, or nothing known of it: a label would teach. */
static double
doubt(const struct classified *r)
{
	double best = r->top_n > 0 ? r->top[0].p : 0, second = r->top_n > 1 ? r->top[1].p : 0;

	return 1 - (best - second);
}

static size_t
collect(const struct classifier *c, const struct training *t, struct arena *a, struct candidate *v)
{
	size_t step = t->history_n / CANDIDATES_MAX + 1, n = 0;
	struct arena *tmp = arena_new((size_t)64 << 20);

	for (size_t i = 0; i < t->history_n && n < CANDIDATES_MAX; i += step) {
		struct classified r;

		classifier_read(c, t->embedder, t->history[i], false, tmp, &r);
		v[n] = (struct candidate){ (uint32_t)i, doubt(&r), NULL };
		if (t->embedder != NULL && c->mind.width > 0) {
			v[n].x = arena_array(a, float, c->mind.width + 1);
			embedder_embed_known(t->embedder, tmp, t->history[i], v[n].x);
		}
		n++;
		arena_reset(tmp);
	}
	arena_free(&tmp);
	return n;
}

/* A message that many are like is worth more than an odd one. */
static void
add_density(const struct classifier *c, struct arena *a, struct candidate *v, size_t n)
{
	float *mean = arena_array(a, float, c->mind.width + 1);

	for (size_t i = 0; i < n; i++)
		if (v[i].x != NULL)
			blas_axpy(c->mind.width, 1 / (float)n, v[i].x, mean);
	for (size_t i = 0; i < n; i++)
		if (v[i].x != NULL)
			v[i].worth = (1 - AROUND) * v[i].worth +
			    AROUND * (double)blas_dot(v[i].x, mean, c->mind.width);
}

size_t
classifier_label_next(const struct classifier *c, const struct training *t, uint32_t *out, size_t max)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct candidate *v = arena_array(a, struct candidate, CANDIDATES_MAX + 1);
	double *taken = arena_array(a, double, CANDIDATES_MAX + 1);
	size_t n, k = 0;

	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	n = collect(c, t, a, v);
	add_density(c, a, v, n);
	/* Each that is chosen takes from the worth of what is like it: the next is another. */
	while (k < max && k < n) {
		size_t best = n;

		for (size_t i = 0; i < n; i++)
			if (taken[i] < 2 && (best == n || v[i].worth - taken[i] > v[best].worth - taken[best]))
				best = i;
		if (best == n)
			break;
		out[k++] = v[best].at;
		for (size_t i = 0; i < n && v[best].x != NULL; i++) {
			double s = (double)blas_dot(v[i].x, v[best].x, c->mind.width);

			if (s > 0.5 && taken[i] < 2 && s > taken[i])
				taken[i] = s;
		}
		taken[best] = 2;
	}
	arena_free(&a);
	return k;
}
