/* SPDX-License-Identifier: Apache-2.0 */
/* health_test.c - each problem is found where it is, and not where it is not. */
#include "insight/eval/health.h"

#include "base/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N(v) (sizeof(v) / sizeof((v)[0]))
#define T(z, c) { STR_INIT(z), c }

static struct health health;

static void
check(const struct class_def *classes, size_t classes_n, const struct labelled *v, size_t n, bool train)
{
	struct training t = { .classes = classes, .classes_n = classes_n, .v = v, .n = n, .seed = 1 };
	struct classifier *c = NULL;
	struct fault f;

	if (train)
		assert_int_equal(classifier_train(&t, &c, &f), E_OK);
	health_check(arena, &t, c, &health);
	classifier_unref(&c);
	for (size_t i = 0; i < health.n; i++) {
		assert_true(health.v[i].what.n > 0 && health.v[i].fix.n > 0);
		assert_true(i == 0 || health.v[i - 1].weight >= health.v[i].weight);
	}
}

static const struct problem *
find(enum problem_kind kind)
{
	for (size_t i = 0; i < health.n; i++)
		if (health.v[i].kind == kind)
			return &health.v[i];
	return NULL;
}

static const struct problem *
need(enum problem_kind kind)
{
	static const struct problem none = { 0 };
	const struct problem *p = find(kind);

	assert_non_null(p);
	return p != NULL ? p : &none;
}

static const struct class_def two[] = { { .id = STR_INIT("track") }, { .id = STR_INIT("return") } };

static void
test_good_examples_have_no_problem(void **state)
{
	static const struct labelled v[] = {
		T("where is my parcel", 0), T("has the order left already", 0), T("when will it be here", 0),
		T("tracking number please", 0), T("still nothing in the post", 0), T("how do I send this back", 1),
		T("I want to give the shoes back", 1), T("return label", 1), T("it does not fit me", 1),
		T("can I exchange a lamp", 1),
	};

	(void)state;
	check(two, N(two), v, N(v), false);
	assert_int_equal(health.n, 0);
}

static void
test_same_text(void **state)
{
	static const struct labelled v[] = {
		T("Where is my parcel?", 0), T("where is  my parcel", 1), T("send it back now please", 1),
		T("please now send it back", 0), T("hello you", 0), T("Hello, you!", 0),
	};
	const struct problem *p;

	(void)state;
	check(two, N(two), v, N(v), false);
	p = need(PROBLEM_CONTRADICTION);
	assert_int_equal(p->n, 2);
	assert_int_equal(p->example[0], 0);
	assert_int_equal(p->example[1], 1);
	assert_int_equal(p->weight, PROBLEM_ERROR);
	p = need(PROBLEM_NEAR_DUPLICATE);
	assert_int_equal(p->example[0], 2);
	assert_int_equal(p->example[1], 3);
	p = need(PROBLEM_REPEATED);
	assert_int_equal(p->example[0], 4);
	assert_int_equal(p->other, -1);
	(void)need(PROBLEM_FEW_EXAMPLES);	/* two of the second intent */
}

static void
test_templates(void **state)
{
	static const struct labelled v[] = {
		T("where is my new chair", 0), T("where is my new lamp", 0), T("where is my new table", 0),
		T("where is my new jacket", 0), T("where is my new sofa", 0), T("give it back", 1), T("return it all", 1),
		T("where is your new shop", 1), T("take this away", 1), T("it broke", 1),
	};
	const struct problem *p;

	(void)state;
	check(two, N(two), v, N(v), false);
	p = need(PROBLEM_TEMPLATE);
	assert_int_equal(p->n, 5);
	assert_int_equal(p->class, 0);
	check(two, N(two), v + 1, N(v) - 1, false);	/* four are no template */
	assert_null(find(PROBLEM_TEMPLATE));
}

static void
test_counts_and_spelling(void **state)
{
	static const struct class_def spelt[] = { { .id = STR_INIT("Give-back") }, { .id = STR_INIT("give_back") } };
	static const struct labelled v[] = { T("send it back", 1) };

	(void)state;
	check(two, 1, NULL, 0, false);
	(void)need(PROBLEM_ONE_INTENT);
	(void)need(PROBLEM_NO_EXAMPLES);
	check(spelt, N(spelt), v, N(v), false);
	(void)need(PROBLEM_SPELLING);
	assert_int_equal(need(PROBLEM_SPELLING)->n, 1);
	(void)need(PROBLEM_NO_EXAMPLES);
	assert_int_equal(need(PROBLEM_NO_EXAMPLES)->class, 0);
	check(NULL, 0, NULL, 0, false);
	(void)need(PROBLEM_NO_EXAMPLES);
}

static void
test_past_the_most_problems_are_counted(void **state)
{
	enum { CLASSES = 1500 };
	struct class_def *classes = arena_array(arena, struct class_def, CLASSES);
	struct labelled one = T("hello there", 0);

	(void)state;
	for (int i = 0; i < CLASSES; i++)
		classes[i].id = str_fmt(arena, "class %d", i);
	check(classes, CLASSES, &one, 1, false);
	(void)need(PROBLEM_TOO_MANY);	/* grave ones are not crowded out */
	assert_int_equal(health.n, HEALTH_PROBLEMS_MAX);
	assert_int_equal(health.n + health.more, CLASSES + 1);
}

static void
test_what_the_folds_find(void **state)
{
	static const struct class_def three[] = {
		{ .id = STR_INIT("late") }, { .id = STR_INIT("lost") }, { .id = STR_INIT("pay") }
	};
	static const char *const said[] = {
		"my parcel is not here", "the parcel has not come", "no parcel yet", "parcel still not delivered",
		"where is the parcel", "parcel missing since monday", "nothing has been delivered", "waiting for the parcel",
		"the courier never came", "delivery did not happen", "parcel not delivered today", "where did my parcel go",
	};
	struct labelled v[2 * N(said) + 8];
	static const struct labelled pay[] = {
		T("can I pay by card", 2), T("my card was declined", 2), T("do you take paypal", 2), T("I want an invoice", 2),
		T("the payment failed twice", 2), T("pay in rates", 2), T("charge my credit card", 2), T("payment by card please", 2),
	};
	size_t n = 0;

	(void)state;
	/* The same things are said in both: every second text stands in the other intent. */
	for (size_t i = 0; i < N(said); i++)
		v[n++] = (struct labelled){ str_from(said[i]), (int)(i % 2) };
	for (size_t i = 0; i < N(said); i++)
		v[n++] = (struct labelled){ str_fmt(arena, "%s please", said[i]), (int)((i + 1) % 2) };
	for (size_t i = 0; i < N(pay); i++)
		v[n++] = pay[i];
	check(three, N(three), v, n, true);
	(void)need(PROBLEM_OVERLAP);
	assert_int_equal(need(PROBLEM_OVERLAP)->class, 0);
	assert_int_equal(need(PROBLEM_OVERLAP)->other, 1);
}

static void
test_as_json(void **state)
{
	static const struct labelled v[] = { T("where is it", 0), T("where is it", 1) };
	struct training t = { .classes = two, .classes_n = N(two), .v = v, .n = N(v) };
	const json_t *first;
	json_t *all;

	(void)state;
	health_check(arena, &t, NULL, &health);
	all = health_to_json(arena, &t, &health);
	first = json_array_get(all, 0);
	assert_true(str_eqz(json_get_str(first, "kind"), "contradiction"));
	assert_true(str_eqz(json_get_str(first, "other"), "return"));
	assert_int_equal(json_array_size(json_object_get(first, "examples")), 2);
	assert_true(json_text(arena, all).n > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_examples_have_no_problem),
		cmocka_unit_test(test_same_text),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_counts_and_spelling),
		cmocka_unit_test(test_past_the_most_problems_are_counted),
		cmocka_unit_test(test_what_the_folds_find),
		cmocka_unit_test(test_as_json),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
