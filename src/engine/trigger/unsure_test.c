/* SPDX-License-Identifier: Apache-2.0 */
/* unsure_test.c - when the trigger unsure fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
fires_at_the_second_in_a_row(void **state)
{
	struct verdict verdict;

	(void)state;
	bench_begin(&trigger_unsure);
	situation.unsure_streak = 1;
	assert_false(bench_ask(&trigger_unsure, NULL).fired);
	situation.unsure_streak = 2;
	assert_true(bench_ask(&trigger_unsure, NULL).fired);
	verdict = bench_ask(&trigger_unsure, NULL);
	assert_true(str_eq(bench_reason(&trigger_unsure, &verdict), STR("not understood twice")));
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_at_the_second_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
