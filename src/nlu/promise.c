/* SPDX-License-Identifier: Apache-2.0 */
/* promise.c - thresholds that keep a promised error.
 *
 * Candidates are accepted counts, fixed before any label is looked at; they are
 * tried from the strictest on, each at the full delta, and the first that fails
 * ends it (fixed-sequence testing, arXiv 2110.01052): no correction by their number
 * is needed.
 */
#include "nlu/promise.h"

#include <math.h>
#include <stdlib.h>

/* Continued fraction of the incomplete beta function (Lentz 1976; Numerical Recipes 6.4). */
static double
beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	h = d;
	for (int m = 1; m <= 500; m++) {
		double k = m, even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
		double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)), step;

		d = 1 + even * d;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = 1 + even / c;
		c = fabs(c) < tiny ? tiny : c;
		h *= d * c;
		d = 1 + odd * d;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = 1 + odd / c;
		c = fabs(c) < tiny ? tiny : c;
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 1e-14)
			break;
	}
	return h;
}

/* lgamma writes a global; this is Lanczos's series, good to 1e-13 for x > 0. */
static double
log_gamma(double x)
{
	static const double c[] = { 76.18009172947146, -86.50532032941677, 24.01409824083091,
		-1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5 };
	double sum = 1.000000000190015, t = x + 5.5;

	t -= (x + 0.5) * log(t);
	for (int i = 0; i < 6; i++)
		sum += c[i] / (x + 1 + i);
	return -t + log(2.5066282746310005 * sum / x);
}

static double
beta_share(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double
clopper_pearson_upper(size_t wrong, size_t n, double delta)
{
	double low = 0, high = 1;

	if (n == 0 || wrong >= n)
		return 1;
	if (wrong == 0)
		return 1 - pow(delta, 1 / (double)n);
	/* P(X <= wrong) at rate p is 1 - I_p(wrong + 1, n - wrong): where it falls to delta. */
	for (int i = 0; i < 100 && high - low > 1e-12; i++) {
		double p = (low + high) / 2;

		if (1 - beta_share((double)wrong + 1, (double)(n - wrong), p) > delta)
			low = p;
		else
			high = p;
	}
	return high;
}

static int
surer_first(const void *a, const void *b)
{
	const struct evidence *x = a, *y = b;

	if (x->confidence > y->confidence || x->confidence < y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	return (int)x->right - (int)y->right;	/* among equals the wrong ones first */
}

/* The least number of cases that could keep the promise, all of them right. */
static size_t
least_evidence(double error, double delta)
{
	return (size_t)ceil(log(delta) / log1p(-error));
}

/* From the `from` surest on, a hundredth of all more at a time, until the first that fails. */
static void
walk(const struct evidence *v, size_t n, size_t from, double delta, struct promise *out)
{
	size_t wrong = 0, at = 0, k = from, more = n / 100 + 1;

	while (k <= n) {
		double bound;

		/* equals are accepted together */
		while (k < n && !(v[k].confidence < v[k - 1].confidence))
			k++;
		for (; at < k; at++)
			wrong += !v[at].right;
		bound = clopper_pearson_upper(wrong, k, delta);
		if (bound > out->error)
			return;
		out->enough = true;
		out->threshold = v[k - 1].confidence;
		out->coverage = (double)k / (double)n;
		out->accepted = k;
		out->wrong = wrong;
		out->bound = bound;
		if (k == n)
			return;
		k = k + more < n ? k + more : n;
	}
}

struct promise
promise_make(struct evidence *v, size_t n, double error, double delta)
{
	struct promise out = { .error = error, .threshold = (double)INFINITY };
	size_t least, large;

	if (n == 0 || !(error > 0) || error >= 1 || !(delta > 0) || delta >= 1)
		return out;
	qsort(v, n, sizeof(*v), surer_first);
	least = least_evidence(error, delta);
	/* One unlucky case among the surest would end a walk that begins with few; so most of
	 * delta goes to one that begins where there is room for some, the rest to one from
	 * the strictest. Which are walked depends on n alone. */
	large = 4 * least > n / 2 ? 4 * least : n / 2;
	if (large > n) {
		walk(v, n, least, delta, &out);
		return out;
	}
	walk(v, n, large, 0.9 * delta, &out);
	if (!out.enough)
		walk(v, n, least_evidence(error, 0.1 * delta), 0.1 * delta, &out);
	return out;
}
