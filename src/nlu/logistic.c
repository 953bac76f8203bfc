/* SPDX-License-Identifier: Apache-2.0 */
/* logistic.c - Newton's method on a handful of cues. */
#include "nlu/logistic.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define STEPS 60
#define SIZE (LOGISTIC_CUES_MAX + 1)

struct fit {
	const float *x;			/* rows x n, scaled */
	const float *yes, *weight;
	size_t rows, n;
	double ridge;
	bool fixed[SIZE];		/* held at zero */
	double w[SIZE];
};

/* g = h^-1 g by Gauss with pivots; h is positive definite but for rounding. */
static void
solve(double h[SIZE][SIZE], double *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t p = i;

		for (size_t r = i + 1; r < n; r++)
			p = fabs(h[r][i]) > fabs(h[p][i]) ? r : p;
		for (size_t k = 0; k < n; k++) {
			double swap = h[i][k];

			h[i][k] = h[p][k];
			h[p][k] = swap;
		}
		{
			double swap = g[i];

			g[i] = g[p];
			g[p] = swap;
		}
		if (fabs(h[i][i]) < 1e-12)
			h[i][i] = 1e-12;
		for (size_t r = i + 1; r < n; r++) {
			double part = h[r][i] / h[i][i];

			for (size_t k = i; k < n; k++)
				h[r][k] -= part * h[i][k];
			g[r] -= part * g[i];
		}
	}
	for (size_t i = n; i-- > 0;) {
		for (size_t k = i + 1; k < n; k++)
			g[i] -= h[i][k] * g[k];
		g[i] /= h[i][i];
	}
}

static double
newton_step(struct fit *f)
{
	double g[SIZE] = { 0 }, h[SIZE][SIZE] = { { 0 } }, longest = 0;
	size_t n = f->n + 1;

	for (size_t i = 0; i < f->rows; i++) {
		const float *x = f->x + i * f->n;
		double z = f->w[f->n], p, e, v;

		for (size_t k = 0; k < f->n; k++)
			z += f->w[k] * (double)x[k];
		p = 1 / (1 + exp(-z));
		e = (double)f->weight[i] * (p - (double)f->yes[i]);
		v = (double)f->weight[i] * (p * (1 - p) + 1e-6);
		for (size_t k = 0; k < n; k++) {
			double xk = k < f->n ? (double)x[k] : 1;

			g[k] += e * xk;
			for (size_t m = 0; m <= k; m++)
				h[k][m] += v * xk * (m < f->n ? (double)x[m] : 1);
		}
	}
	for (size_t k = 0; k < n; k++) {
		double ridge = k < f->n ? f->ridge : 1e-3;

		g[k] += ridge * f->w[k];
		h[k][k] += ridge;
		for (size_t m = k + 1; m < n; m++)
			h[k][m] = h[m][k];
	}
	for (size_t k = 0; k < n; k++)
		if (f->fixed[k]) {
			for (size_t m = 0; m < n; m++)
				h[k][m] = h[m][k] = 0;
			h[k][k] = 1;
			g[k] = 0;
		}
	solve(h, g, n);
	for (size_t k = 0; k < n; k++) {
		double step = g[k] > 2 ? 2 : g[k] < -2 ? -2 : g[k];

		f->w[k] -= step;
		longest = fabs(step) > longest ? fabs(step) : longest;
	}
	return longest;
}

static void
scale_cues(struct arena *scratch, const float *cue, struct fit *f, struct logistic *out)
{
	float *x = arena_alloc(scratch, (f->rows * f->n + 1) * sizeof(*x));

	for (size_t k = 0; k < f->n; k++) {
		double sum = 0, square = 0, all = 1e-12, mean, var;

		for (size_t i = 0; i < f->rows; i++) {
			double v = (double)cue[i * f->n + k], w = (double)f->weight[i];

			sum += w * v;
			square += w * v * v;
			all += w;
		}
		mean = sum / all;
		var = square / all - mean * mean;
		out->mean[k] = (float)mean;
		out->scale[k] = var > 1e-9 ? (float)(1 / sqrt(var)) : 0;
		for (size_t i = 0; i < f->rows; i++)
			x[i * f->n + k] = (cue[i * f->n + k] - out->mean[k]) * out->scale[k];
	}
	f->x = x;
}

void
logistic_fit(struct arena *scratch, const float *cue, const float *yes, const float *weight, size_t rows,
    size_t n, float ridge, const int *sign, struct logistic *out)
{
	struct fit f = { .yes = yes, .weight = weight, .rows = rows, .n = n, .ridge = (double)ridge };
	double sum = 0, all = 0;
	bool again = true;

	*out = (struct logistic){ .n = n };
	for (size_t i = 0; i < rows; i++) {
		sum += (double)(weight[i] * yes[i]);
		all += (double)weight[i];
	}
	out->prior = all > 0 ? (float)(sum / all) : 0;
	if (!(sum > 0) || !(sum < all)) {
		out->n = 0;
		return;
	}
	scale_cues(scratch, cue, &f, out);
	while (again) {
		again = false;
		for (int i = 0; i < STEPS && newton_step(&f) > 1e-7; i++)
			continue;
		/* A cue on the wrong side is noise: out with it, and once more. */
		for (size_t k = 0; sign != NULL && k < n; k++)
			if (!f.fixed[k] && f.w[k] * sign[k] < 0) {
				f.fixed[k] = true;
				f.w[k] = 0;
				again = true;
			}
	}
	for (size_t k = 0; k <= n; k++)
		out->weight[k] = (float)f.w[k];
}

double
logistic_of(const struct logistic *l, const float *cue)
{
	double z;

	if (l->n == 0)
		return (double)l->prior;
	z = (double)l->weight[l->n];
	for (size_t k = 0; k < l->n; k++)
		z += (double)(l->weight[k] * (cue[k] - l->mean[k]) * l->scale[k]);
	return 1 / (1 + exp(-z));
}
