/* SPDX-License-Identifier: Apache-2.0 */
/* tool_failed_test.c - when the trigger tool failed fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
says_which_and_how(void **state)
{
	(void)state;
	bench_begin(&trigger_tool_failed);
	assert_false(bench_ask(&trigger_tool_failed, NULL).fired);
	situation.tool_error = STR("shop.order took too long");
	assert_true(bench_ask(&trigger_tool_failed, NULL).fired);
	assert_string_equal(bench_ask(&trigger_tool_failed, NULL).text.p,
	    "shop.order took too long");
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_which_and_how),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
