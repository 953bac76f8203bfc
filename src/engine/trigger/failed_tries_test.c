/* SPDX-License-Identifier: Apache-2.0 */
/* failed_tries_test.c - when the trigger failed tries fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
fires_at_the_third(void **state)
{
	struct verdict verdict;

	(void)state;
	bench_begin(&trigger_failed_tries);
	situation.failed_tries = 2;
	assert_false(bench_ask(&trigger_failed_tries, NULL).fired);
	situation.failed_tries = 3;
	assert_true(bench_ask(&trigger_failed_tries, NULL).fired);
	verdict = bench_ask(&trigger_failed_tries, NULL);
	assert_true(str_eq(bench_reason(&trigger_failed_tries, &verdict), STR("a try failed three times")));
	situation.identity_failures = 3;
	verdict = bench_ask(&trigger_failed_tries, NULL);
	assert_true(str_eq(bench_reason(&trigger_failed_tries, &verdict), STR("could not be identified")));
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_at_the_third),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
