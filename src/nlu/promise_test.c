/* SPDX-License-Identifier: Apache-2.0 */
/* promise_test.c - bounds against known values, and that promises are kept. */
#include "nlu/promise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_bounds(void **state)
{
	/* scipy.stats.beta.ppf(1 - delta, wrong + 1, n - wrong) */
	static const struct {
		size_t wrong, n;
		double delta, bound;
	} known[] = {
		{ 0, 149, 0.05, 0.019905 }, { 0, 59, 0.05, 0.049508 }, { 1, 10, 0.05, 0.394163 },
		{ 5, 100, 0.05, 0.102253 }, { 0, 10, 0.025, 0.308497 }, { 1, 100, 0.025, 0.054459 },
		{ 10, 10, 0.05, 1 }, { 0, 0, 0.05, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_true(fabs(clopper_pearson_upper(known[i].wrong, known[i].n, known[i].delta) -
		    known[i].bound) < 2e-5);
	/* the bound is where the binomial's tail is delta: (1-p)^n + n p (1-p)^(n-1) */
	{
		double p = clopper_pearson_upper(1, 50, 0.05);

		assert_true(fabs(pow(1 - p, 50) + 50 * p * pow(1 - p, 49) - 0.05) < 1e-9);
	}
}

static uint64_t
next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static double
uniform(uint64_t *s)
{
	return (double)(next(s) >> 11) / 9007199254740992.0;
}

static void
test_evidence(void **state)
{
	struct evidence v[400];
	struct promise p;

	(void)state;
	for (size_t i = 0; i < 400; i++)
		v[i] = (struct evidence){ 1 - (double)i / 400, true };
	p = promise_make(v, 58, 0.05, 0.05);
	assert_false(p.enough);
	assert_false(1.0 >= p.threshold);
	p = promise_make(v, 59, 0.05, 0.05);
	assert_true(p.enough);
	assert_int_equal(p.accepted, 59);
	assert_int_equal(p.wrong, 0);
	p = promise_make(v, 148, 0.02, 0.05);
	assert_false(p.enough);
	/* the surest are wrong: nothing can be promised */
	for (size_t i = 0; i < 40; i++)
		v[i].right = false;
	p = promise_make(v, 400, 0.02, 0.05);
	assert_false(p.enough);
	assert_false(promise_make(v, 0, 0.02, 0.05).enough);
	/* all equal: all or none */
	for (size_t i = 0; i < 400; i++)
		v[i] = (struct evidence){ 0.5, i % 100 != 0 };
	p = promise_make(v, 400, 0.05, 0.05);
	assert_true(p.enough);
	assert_int_equal(p.accepted, 400);
	assert_int_equal(p.wrong, 4);
}

/* Confidence that is the truth's own rate: over many draws the promise breaks in at most
 * delta of them, and accepts what can be accepted. */
static void
test_kept(void **state)
{
	uint64_t seed = 88172645463325252u;
	struct evidence *v = calloc(2000, sizeof(*v));
	size_t broken = 0;
	double coverage = 0;

	(void)state;
	assert_non_null(v);
	for (int draw = 0; draw < 400; draw++) {
		double error = 0, mass = 0;
		struct promise p;

		for (size_t i = 0; i < 2000; i++) {
			double u = uniform(&seed);

			v[i] = (struct evidence){ u, uniform(&seed) >= 0.4 * pow(1 - u, 4) };
		}
		p = promise_make(v, 2000, 0.05, 0.05);
		assert_true(p.enough);
		for (int k = 0; k < 10000; k++) {
			double u = (k + 0.5) / 10000;

			if (u >= p.threshold) {
				error += 0.4 * pow(1 - u, 4);
				mass++;
			}
		}
		broken += error / mass > 0.05;
		coverage += p.coverage / 400;
	}
	free(v);
	assert_in_range(broken, 1, 28);	/* 20 are promised; 28 is two deviations more */
	assert_true(coverage > 0.75);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
