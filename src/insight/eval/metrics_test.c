/* SPDX-License-Identifier: Apache-2.0 */
/* metrics_test.c - every figure against values reckoned by hand. */
#include "insight/eval/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-6)
#define N(v) (sizeof(v) / sizeof((v)[0]))

static void
test_wilson(void **state)
{
	struct interval i = metrics_wilson(81, 263);	/* Newcombe 1998, method 3 */

	(void)state;
	assert_true(fabs(i.low - 0.2553) < 5e-5 && fabs(i.high - 0.3662) < 5e-5);
	i = metrics_wilson(0, 20);
	assert_true(i.low <= 0 && fabs(i.high - 0.1611) < 5e-5);
	i = metrics_wilson(29, 29);
	assert_true(fabs(i.low - 0.8830) < 5e-5 && i.high >= 1);
	assert_true(isnan(metrics_wilson(0, 0).low));
}

static void
test_auroc_counts_ties_half(void **state)
{
	struct scored v[] = { { .9, true }, { .5, true }, { .5, false }, { .1, false } };
	struct scored same[] = { { .5, true }, { .5, false }, { .5, false } };
	struct scored wrong[] = { { .1, true }, { .2, false } };
	struct scored one[] = { { .1, true } };

	(void)state;
	assert_near(metrics_auroc(v, N(v)), 0.875);	/* 3 of 4 pairs, and a half */
	assert_near(metrics_auroc(same, N(same)), 0.5);
	assert_near(metrics_auroc(wrong, N(wrong)), 0);
	assert_true(isnan(metrics_auroc(one, 1)));
}

static void
test_ece(void **state)
{
	/* Width 1/15: .95 and .97 share the last bin, .50 stands in the eighth. */
	struct scored v[] = { { .95, true }, { .97, false }, { .50, true }, { .50, false } };
	struct scored sure[] = { { 1.0, true }, { 1.0, true } };
	struct ece_bin bins[ECE_BINS];

	(void)state;
	assert_near(metrics_ece(v, N(v), ECE_EQUAL_WIDTH, bins), 0.92 / 4);
	assert_int_equal(bins[14].n, 2);
	assert_near(bins[14].sure, 0.96);
	assert_near(bins[14].right, 0.5);
	assert_int_equal(bins[7].n, 2);
	assert_int_equal(bins[0].n, 0);
	/* Fewer texts than bins: each alone. .50 yes .5, .50 no .5, .95 .05, .97 .97 */
	assert_near(metrics_ece(v, N(v), ECE_EQUAL_MASS, NULL), (0.5 + 0.5 + 0.05 + 0.97) / 4);
	assert_near(metrics_ece(sure, 2, ECE_EQUAL_WIDTH, NULL), 0);
	assert_true(isnan(metrics_ece(sure, 0, ECE_EQUAL_WIDTH, NULL)));
}

static void
test_risk_coverage(void **state)
{
	struct scored v[] = { { .9, true }, { .8, true }, { .7, false }, { .7, true }, { .1, false } };
	struct risk_point p[N(v)];
	size_t n = metrics_risk_coverage(v, N(v), p);

	(void)state;
	assert_int_equal(n, 4);		/* the two at .7 are one point */
	assert_near(p[1].coverage, 0.4);
	assert_near(p[1].risk, 0);
	assert_near(p[2].coverage, 0.8);
	assert_near(p[2].risk, 0.25);
	assert_near(p[2].threshold, 0.7);
	assert_near(p[3].risk, 0.4);
	assert_near(metrics_coverage_at(p, n, 0.95), 0.4);
	assert_near(metrics_coverage_at(p, n, 0.75), 0.8);
	assert_near(metrics_coverage_at(p, n, 0.6), 1);
	assert_near(metrics_coverage_at(p + 3, 1, 0.95), 0);
}

static void
test_precision_recall(void **state)
{
	struct prf p = { .support = 4, .said = 5, .right = 3 }, silent = { .support = 4 }, none = { .said = 1 };

	(void)state;
	metrics_prf(&p);
	assert_near(p.precision, 0.6);
	assert_near(p.recall, 0.75);
	assert_near(p.f1, 2.0 / 3);
	metrics_prf(&silent);
	assert_true(isnan(silent.precision));
	assert_near(silent.f1, 0);
	metrics_prf(&none);
	assert_true(isnan(none.recall) && isnan(none.f1));
}

static void
test_percentiles_and_spread(void **state)
{
	double v[] = { 15, 20, 35, 40, 50 }, w[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

	(void)state;
	assert_near(metrics_percentile(v, 5, 0.05), 15);
	assert_near(metrics_percentile(v, 5, 0.30), 20);
	assert_near(metrics_percentile(v, 5, 0.50), 35);
	assert_near(metrics_percentile(v, 5, 0.99), 50);
	assert_near(metrics_mean(w, 8), 5);
	assert_near(metrics_deviation(w, 8), sqrt(32.0 / 7));
	assert_true(isnan(metrics_deviation(w, 1)) && isnan(metrics_mean(w, 0)));
}

static void
test_mcnemar(void **state)
{
	(void)state;
	assert_near(metrics_mcnemar(0, 0), 1);
	assert_near(metrics_mcnemar(5, 5), 1);
	assert_near(metrics_mcnemar(0, 5), 0.0625);	/* 2 / 2^5 */
	assert_near(metrics_mcnemar(1, 9), 0.021484375);	/* 2 (1 + 10) / 2^10 */
	assert_near(metrics_mcnemar(9, 1), 0.021484375);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wilson),
		cmocka_unit_test(test_auroc_counts_ties_half),
		cmocka_unit_test(test_ece),
		cmocka_unit_test(test_risk_coverage),
		cmocka_unit_test(test_precision_recall),
		cmocka_unit_test(test_percentiles_and_spread),
		cmocka_unit_test(test_mcnemar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
