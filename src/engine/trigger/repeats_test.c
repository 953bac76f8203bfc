/* SPDX-License-Identifier: Apache-2.0 */
/* repeats_test.c - when the trigger repeats fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
counts_this_message_too(void **state)
{
	(void)state;
	bench_begin(&trigger_repeats);
	assert_false(bench_ask(&trigger_repeats, &now).fired);
	now.similar_n = 1;
	now.similar_ppm[0] = 799999;
	assert_false(bench_ask(&trigger_repeats, &now).fired);
	now.similar_ppm[0] = 800000;
	assert_true(bench_ask(&trigger_repeats, &now).fired);
	policy.trigger.repeats.count = 3;
	assert_false(bench_ask(&trigger_repeats, &now).fired);
	now.similar_ppm[1] = PPM;
	now.similar_n = 2;
	assert_true(bench_ask(&trigger_repeats, &now).fired);
	bench_end();
}

static void
looks_no_further_than_the_window(void **state)
{
	(void)state;
	bench_begin(&trigger_repeats);
	now.similar_n = SIMILAR_MAX;
	now.similar_ppm[4] = PPM;
	assert_false(bench_ask(&trigger_repeats, &now).fired);
	policy.trigger.repeats.window = 5;
	assert_true(bench_ask(&trigger_repeats, &now).fired);
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_this_message_too),
		cmocka_unit_test(looks_no_further_than_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
