/* SPDX-License-Identifier: Apache-2.0 */
/* asked_test.c - when the trigger asked fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
fires_at_the_threshold(void **state)
{
	(void)state;
	bench_begin(&trigger_asked);
	now.asks_person_ppm = 599999;
	assert_false(bench_ask(&trigger_asked, &now).fired);
	now.asks_person_ppm = 600000;
	assert_true(bench_ask(&trigger_asked, &now).fired);
	assert_int_equal(bench_ask(&trigger_asked, &now).value_ppm, 600000);
	assert_int_equal(bench_ask(&trigger_asked, &now).limit_ppm, 600000);
	bench_end();
}

static void
button_needs_no_perception(void **state)
{
	(void)state;
	bench_begin(&trigger_asked);
	assert_false(bench_ask(&trigger_asked, NULL).fired);
	situation.person_button = true;
	assert_true(bench_ask(&trigger_asked, NULL).fired);
	assert_true(bench_ask(&trigger_asked, &now).fired);
	bench_end();
}

static void
yes_takes_up_the_offer(void **state)
{
	static const struct str yes[] = { { "yes", 3 }, { "yes please", 10 } };
	static const struct str said[] = { { "yes", 3 }, { "please", 6 }, { "wait", 4 } };

	(void)state;
	bench_begin(&trigger_asked);
	policy.trigger.asked.yes = yes;
	policy.trigger.asked.yes_n = 2;
	situation.words = said;
	situation.words_n = 2;
	assert_false(bench_ask(&trigger_asked, NULL).fired);	/* nothing was offered */
	situation.unsure_streak = 1;
	assert_true(bench_ask(&trigger_asked, NULL).fired);
	situation.words_n = 3;
	assert_false(bench_ask(&trigger_asked, NULL).fired);	/* "yes please wait" is another matter */
	situation.words_n = 1;
	assert_true(bench_ask(&trigger_asked, NULL).fired);
	situation.awaiting = STR("email");
	assert_false(bench_ask(&trigger_asked, NULL).fired);	/* a yes to what was asked */
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_at_the_threshold),
		cmocka_unit_test(button_needs_no_perception),
		cmocka_unit_test(yes_takes_up_the_offer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
