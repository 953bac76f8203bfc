/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c - the figures of metrics.h. */
#include "insight/eval/metrics.h"

#include <math.h>
#include <stdlib.h>

#define Z95 1.959963984540054
#define NONE ((double)NAN)

double
metrics_share(size_t part, size_t n)
{
	return n == 0 ? NONE : (double)part / (double)n;
}

struct interval
metrics_wilson(size_t right, size_t n)
{
	double p, m = (double)n, z2 = Z95 * Z95, middle, half;

	if (n == 0)
		return (struct interval){ NONE, NONE };
	p = (double)right / m;
	middle = (p + z2 / (2 * m)) / (1 + z2 / m);
	half = Z95 / (1 + z2 / m) * sqrt(p * (1 - p) / m + z2 / (4 * m * m));
	return (struct interval){ right == 0 ? 0 : middle - half, right == n ? 1 : middle + half };
}

static int
cmp_scored(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return x->score < y->score ? -1 : x->score > y->score;
}

double
metrics_auroc(struct scored *v, size_t n)
{
	double ranks = 0, yes = 0, no = 0;

	qsort(v, n, sizeof(*v), cmp_scored);
	for (size_t i = 0, same; i < n; i += same) {
		double of_yes = 0;

		for (same = 0; i + same < n && !(v[i + same].score > v[i].score); same++)
			of_yes += v[i + same].yes;
		/* All of a tie get its mean rank, from 1. */
		ranks += of_yes * ((double)i + ((double)same + 1) / 2);
		yes += of_yes;
		no += (double)same - of_yes;
	}
	return yes == 0 || no == 0 ? NONE : (ranks - yes * (yes + 1) / 2) / (yes * no);
}

static size_t
bin_of(const struct scored *v, size_t i, size_t n, enum ece_kind kind)
{
	double at = v[i].score * ECE_BINS;

	if (kind == ECE_EQUAL_MASS)
		return i * ECE_BINS / n;
	return at < 0 ? 0 : at >= ECE_BINS ? ECE_BINS - 1 : (size_t)at;
}

double
metrics_ece(struct scored *v, size_t n, enum ece_kind kind, struct ece_bin bins[ECE_BINS])
{
	struct ece_bin own[ECE_BINS] = { { 0 } };
	double error = 0;

	if (kind == ECE_EQUAL_MASS)
		qsort(v, n, sizeof(*v), cmp_scored);
	for (size_t i = 0; i < n; i++) {
		struct ece_bin *b = &own[bin_of(v, i, n, kind)];

		b->n++;
		b->sure += v[i].score;
		b->right += v[i].yes;
	}
	for (size_t b = 0; b < ECE_BINS; b++) {
		error += fabs(own[b].sure - own[b].right);
		if (own[b].n > 0) {
			own[b].sure /= (double)own[b].n;
			own[b].right /= (double)own[b].n;
		}
		if (bins != NULL)
			bins[b] = own[b];
	}
	return n == 0 ? NONE : error / (double)n;
}

size_t
metrics_risk_coverage(struct scored *v, size_t n, struct risk_point *out)
{
	size_t points = 0, wrong = 0;

	qsort(v, n, sizeof(*v), cmp_scored);
	for (size_t k = 1; k <= n; k++) {
		const struct scored *s = &v[n - k];

		wrong += !s->yes;
		if (k < n && !(v[n - k - 1].score < s->score))
			continue;	/* a tie is accepted whole */
		out[points++] = (struct risk_point){ (double)k / (double)n, (double)wrong / (double)k, s->score };
	}
	return points;
}

double
metrics_coverage_at(const struct risk_point *v, size_t n, double precision)
{
	double best = 0;

	for (size_t i = 0; i < n; i++)
		if (1 - v[i].risk >= precision - 1e-12 && v[i].coverage > best)
			best = v[i].coverage;
	return n == 0 ? NONE : best;
}

void
metrics_prf(struct prf *p)
{
	p->precision = metrics_share(p->right, p->said);
	p->recall = metrics_share(p->right, p->support);
	p->f1 = p->support == 0 ? NONE : 2 * (double)p->right / (double)(p->said + p->support);
}

static int
cmp_double(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double
metrics_percentile(double *v, size_t n, double share)
{
	double rank = ceil(share * (double)n);

	if (n == 0)
		return NONE;
	qsort(v, n, sizeof(*v), cmp_double);
	return v[rank < 1 ? 0 : rank > (double)n ? n - 1 : (size_t)rank - 1];
}

double
metrics_mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return n == 0 ? NONE : sum / (double)n;
}

double
metrics_deviation(const double *v, size_t n)
{
	double mean = metrics_mean(v, n), sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n < 2 ? NONE : sqrt(sum / (double)(n - 1));
}

double
metrics_mcnemar(size_t only_a, size_t only_b)
{
	size_t n = only_a + only_b, few = only_a < only_b ? only_a : only_b;
	double p = 0, m = (double)n;

	if (only_a == only_b)
		return 1;
	for (size_t k = 0; k <= few; k++)
		p += exp(lgamma(m + 1) - lgamma((double)k + 1) - lgamma(m - (double)k + 1) - m * log(2));
	return p * 2 > 1 ? 1 : p * 2;
}
