/* SPDX-License-Identifier: Apache-2.0 */
/* confused_test.c - when the trigger confused fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
fires_at_the_threshold(void **state)
{
	(void)state;
	bench_begin(&trigger_confused);
	now.mood_ppm[MOOD_CONFUSION] = 599999;
	assert_false(bench_ask(&trigger_confused, &now).fired);
	now.mood_ppm[MOOD_CONFUSION] = 600000;
	assert_true(bench_ask(&trigger_confused, &now).fired);
	assert_int_equal(bench_ask(&trigger_confused, &now).value_ppm, 600000);
	assert_int_equal(bench_ask(&trigger_confused, &now).limit_ppm, 600000);
	bench_end();
}

static void
other_moods_do_not_count(void **state)
{
	(void)state;
	bench_begin(&trigger_confused);
	now.mood_ppm[MOOD_ANGER] = PPM;
	assert_false(bench_ask(&trigger_confused, &now).fired);
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_at_the_threshold),
		cmocka_unit_test(other_moods_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
