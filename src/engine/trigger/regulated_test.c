/* SPDX-License-Identifier: Apache-2.0 */
/* regulated_test.c - when the trigger regulated fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
finds_whole_words_and_phrases(void **state)
{
	struct verdict verdict;

	(void)state;
	bench_begin(&trigger_regulated);
	const struct str list[] = { STR("lawyer"), STR("small claims") };
	const struct str said[] = { STR("my"), STR("small"), STR("claims"), STR("case") };
	const struct str other[] = { STR("small"), STR("lawyers"), STR("claims") };

	policy.trigger.regulated.words = list;
	policy.trigger.regulated.words_n = 2;
	assert_false(bench_ask(&trigger_regulated, NULL).fired);
	situation.words = other;
	situation.words_n = 3;
	assert_false(bench_ask(&trigger_regulated, NULL).fired);
	situation.words = said;
	situation.words_n = 4;
	assert_true(bench_ask(&trigger_regulated, NULL).fired);
	assert_string_equal(bench_ask(&trigger_regulated, NULL).text.p, "says \"small claims\"");
	verdict = bench_ask(&trigger_regulated, NULL);
	assert_true(str_eq(bench_reason(&trigger_regulated, &verdict), STR("said \"small claims\"")));
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_whole_words_and_phrases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
