/* SPDX-License-Identifier: Apache-2.0 */
/* failed_tries_test.c - when the trigger failed tries fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
fires_at_the_third(void **state)
{
	(void)state;
	bench_begin(&trigger_failed_tries);
	situation.failed_tries = 2;
	assert_false(bench_ask(&trigger_failed_tries, NULL).fired);
	situation.failed_tries = 3;
	assert_true(bench_ask(&trigger_failed_tries, NULL).fired);
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
