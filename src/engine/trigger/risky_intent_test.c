/* SPDX-License-Identifier: Apache-2.0 */
/* risky_intent_test.c - when the trigger risky intent fires, and when it must not. */
#include "engine/trigger/trigger_bench.h"

static void
a_likely_second_intent_counts(void **state)
{
	struct verdict verdict;

	(void)state;
	bench_begin(&trigger_risky_intent);
	const struct intent intents[] = {
		{ .id = STR("a"), .name = STR("A"), .risk = RISK_WRITE },
		{ .id = STR("b"), .name = STR("B"), .risk = RISK_FORBIDDEN },
	};
	struct intent_score p[] = { { 0, 540000 }, { 1, 449999 } };

	policy.intents = intents;
	policy.intents_n = 2;
	now.p = p;
	now.p_n = 2;
	assert_false(bench_ask(&trigger_risky_intent, &now).fired);
	p[1].p_ppm = 450000;
	assert_true(bench_ask(&trigger_risky_intent, &now).fired);
	verdict = bench_ask(&trigger_risky_intent, &now);
	assert_true(str_eq(bench_reason(&trigger_risky_intent, &verdict), STR("B: a person decides")));
	now.unknown_ppm = 600000; /* out of scope: nothing is meant at all */
	assert_false(bench_ask(&trigger_risky_intent, &now).fired);
	bench_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_likely_second_intent_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
