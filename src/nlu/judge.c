/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c - from what the members say to probabilities that can be relied on.
 *
 * Log-probabilities are added with weights (a product of experts: convex in them), learned by
 * Newton's steps from a prior that the fewer the texts are the more holds.  Out of
 * scope is a regression on energies and distances: never on the softmax, which is
 * sure far from everything.
 */
#include "nlu/classifier_parts.h"

#include <math.h>
#include <string.h>

#define TERM_UNKNOWN_DENSE MEMBER_N	/* the encoder where words fall apart */
#define TERM_UNKNOWN_SPARSE (MEMBER_N + 1)	/* the words where they are not known */
#define FIT_STEPS 25
#define SCOPE_RIDGE 15.0f	/* the cues say nearly the same: noise is not to choose among them */
#define NEAR_SHARE 0.15		/* of the fit's weight: what is not for the desk, but close to it */
#define FAR_SHARE 0.35		/* and everyday talk */
#define WRONG_WEIGHT 0.3f	/* a text that would be answered wrongly is no loss when refused */

static const float prior_weight[2][TERMS] = {
	{ 1, 0.5f, 0, 0, 0, 0, 0 },
	{ 0.25f, 0.15f, 0.6f, 0.3f, 0.1f, -0.1f, -0.1f },
};
/* Names and descriptions alone: a regression on two points a class is sure of itself, a centre
 * is not. */
static const float cold_weight[TERMS] = { 0.2f, 0, 0.3f, 0.9f, 0, -0.1f, -0.1f };

/* Log-probabilities of every term of a view, TERMS x classes; false terms are NULL. */
struct terms {
	float *v[TERMS];
};

static float
term_share(const struct view *v, size_t term)
{
	if (term == TERM_UNKNOWN_DENSE)
		return 1 - v->whole;
	if (term == TERM_UNKNOWN_SPARSE)
		return 1 - v->sight.words_known;
	return 1;
}

static size_t
term_member(size_t term)
{
	return term == TERM_UNKNOWN_DENSE ? MEMBER_DENSE : term == TERM_UNKNOWN_SPARSE ? MEMBER_SPARSE : term;
}

static bool
is_of_words(size_t term)
{
	return term == MEMBER_SPARSE || term == MEMBER_PIECES;
}

static bool
uses(const struct judge *j, const struct view *v, size_t term)
{
	return v->logit[term_member(term)] != NULL && (j->encoder || is_of_words(term));
}

/* The weighed sum of log-probabilities. */
static void
fuse(const struct judge *j, const struct view *v, float *z)
{
	memset(z, 0, v->classes * sizeof(*z));
	for (size_t m = 0; m < MEMBER_N; m++) {
		float w = 0;

		for (size_t t = 0; t < TERMS; t++)
			if (term_member(t) == m)
				w += uses(j, v, t) ? j->weight[t] * term_share(v, t) : 0;
		if (v->logit[m] == NULL || !(w > 0))
			continue;
		for (size_t c = 0; c < v->classes; c++)
			z[c] += w * (v->logit[m][c] - v->energy[m]);
	}
}

/* --- the weights ---------------------------------------------------------- */

struct fusing {
	const struct judge *j;
	const struct trial *v;
	size_t n;
	float *lse;			/* n x MEMBER_N */
	double prior[TERMS], w[TERMS], trust;
	bool off[TERMS];
	float *z;
};

static void
fusing_step(const struct fusing *f, const struct trial *t, const float *lse, double *g,
    double h[TERMS][TERMS])
{
	const struct view *v = &t->view;
	size_t k = v->classes;
	double mean[TERMS] = { 0 }, cross[TERMS][TERMS] = { { 0 } }, sum = 0, top = -1e300;

	for (size_t c = 0; c < k; c++) {
		double z = 0;

		for (size_t m = 0; m < TERMS; m++)
			if (!f->off[m] && uses(f->j, v, m))
				z += f->w[m] * (double)(term_share(v, m) *
				    (v->logit[term_member(m)][c] - lse[term_member(m)]));
		f->z[c] = (float)z;
		top = z > top ? z : top;
	}
	for (size_t c = 0; c < k; c++)
		sum += exp((double)f->z[c] - top);
	for (size_t c = 0; c < k; c++) {
		double p = exp((double)f->z[c] - top) / sum, x[TERMS];

		if (p < 1e-6 && (int)c != t->class)
			continue;
		for (size_t m = 0; m < TERMS; m++) {
			x[m] = f->off[m] || !uses(f->j, v, m) ? 0 : (double)(term_share(v, m) *
			    (v->logit[term_member(m)][c] - lse[term_member(m)]));
			mean[m] += p * x[m];
			if ((int)c == t->class)
				g[m] -= (double)t->weight * x[m];
		}
		for (size_t m = 0; m < TERMS; m++)
			for (size_t l = 0; l <= m; l++)
				cross[m][l] += p * x[m] * x[l];
	}
	for (size_t m = 0; m < TERMS; m++) {
		g[m] += (double)t->weight * mean[m];
		for (size_t l = 0; l <= m; l++)
			h[m][l] += (double)t->weight * (cross[m][l] - mean[m] * mean[l]);
	}
}

/* h x = g in place, by Gauss; h is positive definite. */
static void
solve_terms(double h[TERMS][TERMS], double *g)
{
	for (size_t i = 0; i < TERMS; i++)
		for (size_t r = i + 1; r < TERMS; r++) {
			double part = h[r][i] / h[i][i];

			for (size_t k = i; k < TERMS; k++)
				h[r][k] -= part * h[i][k];
			g[r] -= part * g[i];
		}
	for (size_t i = TERMS; i-- > 0;) {
		for (size_t k = i + 1; k < TERMS; k++)
			g[i] -= h[i][k] * g[k];
		g[i] /= h[i][i];
	}
}

static void
fusing_minimise(struct fusing *f)
{
	for (int step = 0; step < FIT_STEPS; step++) {
		double g[TERMS] = { 0 }, h[TERMS][TERMS] = { { 0 } }, longest = 0;

		for (size_t i = 0; i < f->n; i++)
			if (f->v[i].class >= 0)
				fusing_step(f, &f->v[i], f->lse + i * MEMBER_N, g, h);
		for (size_t m = 0; m < TERMS; m++) {
			g[m] = f->off[m] ? 0 : g[m] + f->trust * (f->w[m] - f->prior[m]);
			h[m][m] += f->trust + 1e-6;
			for (size_t l = 0; l < m; l++)
				h[l][m] = h[m][l];
		}
		solve_terms(h, g);
		for (size_t m = 0; m < TERMS; m++) {
			double s = g[m] > 0.3 ? 0.3 : g[m] < -0.3 ? -0.3 : g[m];

			f->w[m] -= f->off[m] ? 0 : s;
			longest = fabs(s) > longest ? fabs(s) : longest;
		}
		if (longest < 1e-4)
			break;
	}
}

static void
fit_weights(struct judge *j, struct arena *scratch, const struct trial *v, size_t n, float trust)
{
	struct fusing f = { .j = j, .v = v, .n = n, .trust = (double)trust };
	bool again = true, cold = true;

	for (size_t i = 0; i < n; i++)
		cold &= v[i].class < 0;
	f.lse = arena_array(scratch, float, n * MEMBER_N + 1);
	f.z = arena_array(scratch, float, (n > 0 ? v[0].view.classes : 0) + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(f.lse + i * MEMBER_N, v[i].view.energy, MEMBER_N * sizeof(*f.lse));
	for (size_t m = 0; m < TERMS; m++) {
		f.w[m] = f.prior[m] = (double)(cold && j->encoder ? cold_weight : prior_weight[j->encoder])[m];
		f.off[m] = !j->encoder && !is_of_words(m);
	}
	/* A member that would speak against itself is left out; the terms of what is
	 * not known only ever take away. */
	while (again) {
		again = false;
		fusing_minimise(&f);
		for (size_t m = 0; m < TERMS; m++)
			if (!f.off[m] && (m < MEMBER_N ? f.w[m] < 0 : f.w[m] > 0)) {
				f.off[m] = true;
				f.w[m] = f.prior[m] = 0;
				again = true;
			}
	}
	for (size_t m = 0; m < TERMS; m++)
		j->weight[m] = (float)f.w[m];
	j->temperature = 1;
}

/* --- scope --------------------------------------------------- */

enum cue {
	CUE_SPARSE_TOP, CUE_SPARSE_ENERGY, CUE_KNOWN, CUE_WORDS_KNOWN, CUE_FUSED, CUE_ENTROPY,
	CUE_CONTENT_KNOWN, CUE_CONTENT, CUE_SPARSE_MARGIN,
	CUE_SPARSE_N,
	CUE_DENSE_TOP = CUE_SPARSE_N, CUE_DENSE_ENERGY, CUE_DENSE_MARGIN, CUE_NEAREST, CUE_NEAR_FEW, CUE_CENTRE,
	CUE_CENTRE_MARGIN, CUE_NEAR_BEST, CUE_AGREE, CUE_N
};
/* Which side a cue can only be on: in scope is known, near, of much energy. */
static const int scope_sign[CUE_N] = {
	-1, -1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};

/* How far the first is before the second. */
static float
margin_of(const float *v, size_t n)
{
	float top = -1e30f, second = -1e30f;

	for (size_t c = 0; c < n; c++) {
		if (v[c] > top) {
			second = top;
			top = v[c];
		} else if (v[c] > second) {
			second = v[c];
		}
	}
	return n > 1 ? top - second : 0;
}

static void
cues_of(const struct judge *j, const struct view *v, const double *p, int best, float *cue)
{
	double entropy = 0;

	cue[CUE_SPARSE_ENERGY] = v->energy[MEMBER_SPARSE];
	cue[CUE_SPARSE_TOP] = v->top[MEMBER_SPARSE];
	cue[CUE_SPARSE_MARGIN] = margin_of(v->logit[MEMBER_SPARSE], v->classes);
	cue[CUE_KNOWN] = v->sight.known;
	cue[CUE_WORDS_KNOWN] = v->sight.words_known;
	cue[CUE_CONTENT_KNOWN] = v->sight.content_known;
	cue[CUE_CONTENT] = v->sight.content;
	for (size_t c = 0; c < v->classes; c++)
		entropy -= p[c] > 1e-9 ? p[c] * log(p[c]) : 0;
	cue[CUE_ENTROPY] = (float)entropy;
	cue[CUE_FUSED] = (float)log(p[best] / (1.000001 - p[best]) + 1e-6);
	if (!j->encoder)
		return;
	cue[CUE_DENSE_ENERGY] = v->energy[MEMBER_DENSE];
	cue[CUE_DENSE_TOP] = v->top[MEMBER_DENSE];
	cue[CUE_DENSE_MARGIN] = margin_of(v->logit[MEMBER_DENSE], v->classes);
	cue[CUE_NEAREST] = v->near_n > 0 ? v->near[0].s : 0;
	cue[CUE_NEAR_FEW] = cue[CUE_NEAR_BEST] = cue[CUE_AGREE] = 0;
	for (size_t i = 0; i < v->near_n; i++) {
		cue[CUE_NEAR_FEW] += i < 5 ? v->near[i].s / 5 : 0;
		if (v->near[i].class == best) {
			if (!(cue[CUE_NEAR_BEST] > 0))
				cue[CUE_NEAR_BEST] = v->near[i].s;
			cue[CUE_AGREE] += 1 / (float)NEAR_MAX;
		}
	}
	/* Of the class that would be answered: near to some centre or other are strangers too. */
	cue[CUE_CENTRE] = v->logit[MEMBER_CENTRE][best];
	cue[CUE_CENTRE_MARGIN] = margin_of(v->logit[MEMBER_CENTRE], v->classes);
}

size_t
judge_cues_n(const struct judge *j)
{
	return j->encoder ? CUE_N : CUE_SPARSE_N;
}

struct cue_rows {
	float *cue, *yes, *weight;
	size_t n;
};

static void
rows_fill(const struct judge *j, struct arena *scratch, const struct trial *v, size_t n, const double share[3],
    struct cue_rows *r)
{
	size_t k = judge_cues_n(j), classes = n > 0 ? v[0].view.classes : 0;
	double *p = arena_array(scratch, double, classes + 1);
	float *logit = arena_array(scratch, float, classes + 1);

	*r = (struct cue_rows){ arena_array(scratch, float, n * k + 1), arena_array(scratch, float, n + 1),
		arena_array(scratch, float, n + 1), 0 };
	for (size_t i = 0; i < n; i++) {
		int best;

		best = judge_probabilities(j, &v[i].view, logit, p);
		if (best < 0)
			continue;
		cues_of(j, &v[i].view, p, best, r->cue + r->n * k);
		r->yes[r->n] = v[i].class < 0;
		r->weight[r->n] = v[i].weight;
		if (v[i].class >= 0 && v[i].class != best)
			r->weight[r->n] *= WRONG_WEIGHT;
		r->weight[r->n] *= (float)share[v[i].class >= 0 ? 0 : v[i].everyday ? 2 : 1];
		r->n++;
	}
}

/* `unknown` is reckoned for shares of strangers that are the same for every desk: so many from
 * next door, so many from far away. */
static void
shares_of(const struct trial *v, size_t n, double share[3])
{
	double sum[3] = { 0 };

	for (size_t i = 0; i < n; i++)
		sum[v[i].class >= 0 ? 0 : v[i].everyday ? 2 : 1] += (double)v[i].weight;
	share[0] = 1;
	share[1] = sum[1] > 0 ? sum[0] / sum[1] * NEAR_SHARE / (1 - NEAR_SHARE - FAR_SHARE) : 0;
	share[2] = sum[2] > 0 ? sum[0] / sum[2] * FAR_SHARE / (1 - NEAR_SHARE - FAR_SHARE) : 0;
}

void
judge_fit(struct judge *j, struct arena *scratch, const struct trial *v, size_t n, float trust)
{
	struct cue_rows r;
	double share[3];

	fit_weights(j, scratch, v, n, trust);
	shares_of(v, n, share);
	rows_fill(j, scratch, v, n, share, &r);
	logistic_fit(scratch, r.cue, r.yes, r.weight, r.n, judge_cues_n(j), SCOPE_RIDGE, scope_sign, &j->scope);
}

int
judge_probabilities(const struct judge *j, const struct view *v, float *logit, double *p)
{
	double sum = 0, top = -1e300;
	int best = -1;

	if (v->classes == 0)
		return -1;
	fuse(j, v, logit);
	for (size_t c = 0; c < v->classes; c++)
		if ((double)logit[c] > top) {
			top = (double)logit[c];
			best = (int)c;
		}
	for (size_t c = 0; c < v->classes; c++)
		sum += p[c] = exp(((double)logit[c] - top) / (double)j->temperature);
	for (size_t c = 0; c < v->classes; c++)
		p[c] /= sum;
	return best;
}

double
judge_unknown(const struct judge *j, const struct view *v, const double *p, int best)
{
	float cue[CUE_N];

	if (best < 0)
		return 1;
	cues_of(j, v, p, best, cue);
	return logistic_of(&j->scope, cue);
}

/* Right and in scope. `unknown` is reckoned for a desk half of whose messages are a stranger's; most
 * have fewer, and whole it would cost a hundredth of what a promise covers (decision 11). */
double
judge_confidence(const double *p, int best, double unknown)
{
	return best < 0 ? 0 : p[best] * sqrt(1 - unknown);
}

float
judge_encoder_share(const struct judge *j, const struct view *v)
{
	float encoder = 0, all = 1e-6f;

	for (size_t t = 0; t < TERMS; t++) {
		float w = uses(j, v, t) ? j->weight[t] * term_share(v, t) : 0;

		all += w;
		encoder += is_of_words(term_member(t)) ? 0 : w;
	}
	return encoder < 0 ? 0 : encoder > all ? 1 : encoder / all;
}
