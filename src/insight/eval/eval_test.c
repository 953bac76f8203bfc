/* SPDX-License-Identifier: Apache-2.0 */
/* eval_test.c - the counting: thresholds, confusions, promises, names, times of day. */
#include "insight/eval/eval_private.h"

#include "base/arena_fixture.h"
#include "facts/policy.h"
#include "insight/eval/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#define N(v) (sizeof(v) / sizeof((v)[0]))
#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static void
test_threshold_without_evidence(void **state)
{
	struct eval_score v[] = { { .9, .1, true, false }, { .5, .9, false, true } };
	struct eval_threshold t = eval_choose_threshold(arena, v, N(v), 0);

	(void)state;
	assert_int_equal(t.rule, RULE_RIGHT);
	assert_near(t.at, 0.5);
	assert_near(eval_refusal(RULE_RIGHT, .8, .5), .6);
	assert_near(eval_refusal(RULE_RIGHT, 0, 0), 1);
	assert_near(eval_refusal(RULE_UNKNOWN, .8, .3), .3);
}

static void
test_threshold_stands_between(void **state)
{
	struct eval_score v[20];
	struct eval_threshold t;

	(void)state;
	/* In scope below .4, outside above .6: every text falls on its side. */
	for (size_t i = 0; i < 10; i++) {
		v[i] = (struct eval_score){ 1, .04 * (double)i, true, false };
		v[10 + i] = (struct eval_score){ 1, .6 + .04 * (double)i, false, true };
	}
	t = eval_choose_threshold(arena, v, N(v), .5);
	for (size_t i = 0; i < N(v); i++)
		assert_int_equal(eval_refusal(t.rule, v[i].p, v[i].unknown) >= t.at, v[i].out);
	/* Wrong anyway: refusing them costs nothing, so the threshold may go through them. */
	for (size_t i = 0; i < 10; i++)
		v[i].best_right = false;
	t = eval_choose_threshold(arena, v, N(v), .5);
	for (size_t i = 10; i < N(v); i++)
		assert_true(eval_refusal(t.rule, v[i].p, v[i].unknown) >= t.at);
}

static struct eval_item
item(int truth, int best, double p, double unknown, bool refused)
{
	bool best_right = truth >= 0 && best == truth;

	return (struct eval_item){ .text = STR("t"), .read = STR("t"), .truth = truth, .best = best, .p = p,
		.unknown = unknown, .confidence = p, .sure = p, .refused = refused, .best_right = best_right,
		.right = truth == CLASS_OUT_OF_SCOPE ? refused : best_right && !refused, .cpu_us = 10 };
}

static void
test_counts(void **state)
{
	const struct eval_item v[] = {
		item(0, 0, .9, .1, false), item(0, 1, .6, .2, false), item(1, 1, .7, .8, true),
		item(CLASS_OUT_OF_SCOPE, 0, .4, .9, true), item(CLASS_OUT_OF_SCOPE, 1, .5, .15, false),
		item(EVAL_UNSEEN, 0, .3, .3, false),
	};
	struct eval_class classes[2] = { { .id = STR("a") }, { .id = STR("b") } };
	struct eval_result r = { .n = N(v), .classes_n = 2, .items = v };
	struct eval_figures f = { 0 };

	(void)state;
	eval_count(arena, v, N(v), 2, true, &f);
	assert_near(f.accuracy, 2.0 / 6);
	assert_near(f.in_scope_accuracy, 1.0 / 4);
	assert_near(f.unrefused_accuracy, 2.0 / 4);
	assert_near(f.oos_recall, 1.0 / 2);
	assert_near(f.oos_precision, 1.0 / 2);
	/* .9 is above all four; .15 above .1 alone. */
	assert_near(f.oos_auroc, 5.0 / 8);
	assert_near(f.coverage[0], 2.0 / 6);	/* .9 and .7 are right, .6 is not */
	assert_near(f.cpu_us_mean, 10);
	eval_detail(arena, &r, classes);
	assert_int_equal(classes[0].prf.support, 2);
	assert_int_equal(classes[0].prf.said, 2);
	assert_near(classes[0].prf.recall, 0.5);
	assert_int_equal(classes[1].prf.said, 2);	/* the refused one was not said */
	assert_near(classes[1].prf.recall, 0);
	assert_int_equal(r.confusions_n, 3);	/* a as b, b refused, outside as b; the unseen is none */
}

static void
test_promise(void **state)
{
	struct evidence v[2000];
	struct eval_promise p;
	struct eval_item items[] = { item(0, 0, .99, 0, false), item(0, 1, .98, 0, false), item(0, 1, .05, 0, false) };

	(void)state;
	/* Surer is better: the upper three quarters are all right. */
	for (size_t i = 0; i < N(v); i++)
		v[i] = (struct evidence){ (double)i / N(v), i >= 500 || i % 2 == 0 };
	eval_promise_make(arena, v, N(v), .05, 20, 7, &p);
	assert_true(p.made.enough && p.made.threshold > .05 && p.made.coverage > .7);
	assert_int_equal(p.unkept, 0);
	assert_true(p.above <= 4);	/* the half that checks has noise of its own */
	assert_true(p.split_coverage > .7 && p.split_error < .05);
	eval_promise_check(items, N(items), &p);
	assert_int_equal(p.accepted, 2);
	assert_int_equal(p.wrong, 1);
	assert_near(p.error, .5);
	eval_promise_make(arena, v, 20, .01, 2, 7, &p);
	assert_false(p.made.enough);
	assert_int_equal(p.unkept, 2);
}

static void
test_names_of_labels(void **state)
{
	(void)state;
	assert_true(str_eqz(eval_name_of_label(arena, STR("card_arrival")), "card arrival"));
	assert_true(str_eqz(eval_name_of_label(arena, STR("100_NIGHT_TRIAL_OFFER")), "100 night trial offer"));
	assert_true(str_eqz(eval_name_of_label(arena, STR("PlayMusic")), "play music"));
	assert_int_equal(eval_name_of_label(arena, STR("c12")).n, 0);
	assert_int_equal(eval_name_of_label(arena, STR("4711")).n, 0);
}

static void
test_times_and_languages(void **state)
{
	static const char *const bad[] = { "", "yesterday", "2026-13-01", "2026-11-22T25:00:00Z", "2026-11-22T10:00:00+01", "-5",
		"2026-02-31", "2026-11-22T10:00x30", "2026-11-22T1", "2026-11-22T10:00:0Z" };
	const struct policy *p;
	struct fault f;
	int64_t at;

	(void)state;
	assert_int_equal(stream_time(STR("2026-11-22T10:00:00Z"), &at, &f), E_OK);
	assert_true(at == INT64_C(1795341600000000));
	assert_int_equal(stream_time(STR("1795341600"), &at, &f), E_OK);
	assert_true(at == INT64_C(1795341600000000));
	assert_int_equal(stream_time(STR("2026-11-22"), &at, &f), E_OK);
	assert_true(at == INT64_C(1795305600000000));
	for (size_t i = 0; i < N(bad); i++)
		assert_int_equal(stream_time(str_from(bad[i]), &at, &f), E_INVALID);
	assert_int_equal(stream_policy(arena, STR("en, de"), STR("UTC"), &p, &f), E_OK);
	assert_int_equal(p->inboxes[0].languages_n, 2);
	assert_int_equal(stream_policy(arena, STR("en,deutsch"), STR("UTC"), &p, &f), E_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threshold_without_evidence),
		cmocka_unit_test(test_threshold_stands_between),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_promise),
		cmocka_unit_test(test_names_of_labels),
		cmocka_unit_test(test_times_and_languages),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
