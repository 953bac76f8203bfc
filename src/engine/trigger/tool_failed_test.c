/* SPDX-License-Identifier: Apache-2.0 */
/* tool_failed_test.c - when the trigger tool failed fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
says_which_and_how(void **state)
{
	struct verdict verdict;

	(void)state;
	bench_begin(&trigger_tool_failed);
	assert_false(bench_ask(&trigger_tool_failed, NULL).fired);
	situation.tool_error = STR("shop.order took too long");
	assert_true(bench_ask(&trigger_tool_failed, NULL).fired);
	assert_string_equal(bench_ask(&trigger_tool_failed, NULL).text.p,
	    "shop.order took too long");
	verdict = bench_ask(&trigger_tool_failed, NULL);
	assert_true(str_eq(bench_reason(&trigger_tool_failed, &verdict), STR("a system did not answer")));
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
