/* SPDX-License-Identifier: Apache-2.0 */
/* frustrated_test.c - when the trigger frustrated fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
fires_at_the_threshold(void **state)
{
	(void)state;
	bench_begin(&trigger_frustrated);
	now.mood_ppm[MOOD_FRUSTRATION] = 599999;
	assert_false(bench_ask(&trigger_frustrated, &now).fired);
	now.mood_ppm[MOOD_FRUSTRATION] = 600000;
	assert_true(bench_ask(&trigger_frustrated, &now).fired);
	assert_int_equal(bench_ask(&trigger_frustrated, &now).value_ppm, 600000);
	assert_int_equal(bench_ask(&trigger_frustrated, &now).limit_ppm, 600000);
	bench_end();
}

static void
the_stronger_of_both_counts(void **state)
{
	(void)state;
	bench_begin(&trigger_frustrated);
	now.mood_ppm[MOOD_FRUSTRATION] = 100000;
	now.mood_ppm[MOOD_ANGER] = 700000;
	assert_true(bench_ask(&trigger_frustrated, &now).fired);
	assert_int_equal(bench_ask(&trigger_frustrated, &now).value_ppm, 700000);
	assert_true(str_starts(bench_ask(&trigger_frustrated, &now).text, STR("anger")));
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_at_the_threshold),
		cmocka_unit_test(the_stronger_of_both_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
