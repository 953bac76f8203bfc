/* SPDX-License-Identifier: Apache-2.0 */
/* template_test.c - replies are filled from facts, and only from facts. */
#include "flow/template.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
fills(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{a}", "record {b}" },
		{ "x{b}y", "xsety" },
		{ "{c}{d}", "slotown" },
		{ "{none}!", "!" },
		{ "{ a } {A} {} {a", "{ a } {A} {} {a" },
		{ "{{b}}", "{set}" },
		{ "{1a} {a-b}", "{1a} {a-b}" },
	};
	const struct field record = { STR("a"), STR("record {b}") };
	const struct slot set[] = { { STR("a"), STR("no") }, { STR("b"), STR("set") } };
	const struct slot slots[] = { { STR("b"), STR("no") }, { STR("c"), STR("slot") } };
	struct values v = { .record = &record, .record_n = 1, .set = set, .set_n = 2,
		.slots = slots, .slots_n = 2, .own = { { STR("d"), STR("own") } }, .own_n = 1 };
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(template_fill(&v, str_from(cases[i].text), a).p,
		    cases[i].expected);
	arena_free(&a);
}

static void
an_emptied_slot_hides_the_older_value(void **state)
{
	const struct slot set = { STR("b"), STR_NONE }, slot = { STR("b"), STR("old") };
	const struct values v = { .set = &set, .set_n = 1, .slots = &slot, .slots_n = 1 };

	(void)state;
	assert_int_equal(values_get(&v, STR("b")).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills),
		cmocka_unit_test(an_emptied_slot_hides_the_older_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
