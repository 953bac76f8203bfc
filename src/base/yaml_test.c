/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_test.c - what the reader of YAML refuses, and where it says it is. */
#include "base/yaml.h"

#include "base/arena_fixture.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct complaints c;

static int
setup(void **state)
{
	(void)arena_setup(state);
	complaints_init(&c, arena);
	return 0;
}

static const struct yaml *
parse(const char *z)
{
	complaints_init(&c, arena);
	return yaml_parse(arena, STR("x.yaml"), 1, str_from(z), &c);
}

static void
knows_places(void **state)
{
	const struct yaml *y = parse("a:\n  - b\n  - \"c\"\nd: {e: f}\n"), *list;

	(void)state;
	assert_non_null(y);
	list = yaml_get(y, "a");
	assert_int_equal(list->n, 2);
	assert_int_equal(list->items[1]->line, 3);
	assert_int_equal(list->items[1]->column, 5);
	assert_false(list->items[1]->plain);
	assert_string_equal(yaml_get(yaml_get(y, "d"), "e")->text.p, "f");
	assert_int_equal(y->pairs[1].line, 4);
	assert_null(yaml_get(y, "x"));
	assert_int_equal(parse("")->n, 0);
	assert_int_equal(parse("# nothing\n")->kind, YAML_MAP);
}

static void
refuses_what_is_not_needed(void **state)
{
	static const struct {
		const char *text, *expected;
		int line;
	} cases[] = {
		{ "a: &x 1\nb: *x\n", "anchors", 1 },
		{ "a: 1\nb: *x\n", "anchors", 2 },
		{ "a: !!int 1\n", "anchors", 1 },
		{ "a: 1\nb: 2\na: 3\n", "\"a\" stands here twice", 3 },
		{ "a: 1\n---\nb: 2\n", "second document", 2 },
		{ "%YAML 1.1\n---\na: 1\n", "directives", 1 },
		{ "a: [1\n", "not YAML", 2 },
		{ "a: 1\n\tb: 2\n", "not YAML", 2 },
		{ "? [a]\n: b\n", "expected a name", 1 },
		{ "a: \"x\\0y\"\n", "NUL", 1 },
		{ "a: 1\nb: \xff\n", "not UTF-8", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(parse(cases[i].text));
		assert_int_equal(c.n, 1);
		if (str_find(c.v[0].text, str_from(cases[i].expected)) < 0)
			fail_msg("case %zu: %s", i, c.v[0].text.p);
		if (c.v[0].line != cases[i].line)
			fail_msg("case %zu: line %d: %s", i, c.v[0].line, c.v[0].text.p);
	}
}

static void
is_bounded(void **state)
{
	char deep[200];
	struct str big = { arena_zalloc(arena, YAML_MAX_BYTES + 1), YAML_MAX_BYTES + 1 };

	(void)state;
	memset(deep, '[', 100);
	memset(deep + 100, ']', 99);
	deep[199] = '\0';
	assert_null(parse(deep));
	assert_true(str_find(c.v[0].text, STR("nested")) >= 0);
	assert_null(yaml_parse(arena, STR("x.yaml"), 1, big, &c));
	assert_string_equal(c.v[1].text.p, "larger than 1 MB");
}

static void
getters_name_all_mistakes(void **state)
{
	static const char *const keys[] = { "a", "b", NULL };
	const struct yaml *y = parse("a: maybe\nc: 1\nb: 12x\nd: [x]\n");
	struct buf out;

	(void)state;
	assert_true(yaml_bool(&c, yaml_get(y, "a"), true));
	assert_int_equal(yaml_int(&c, yaml_get(y, "b"), 0, 9, 7), 7);
	assert_false(yaml_only(&c, y, keys));
	assert_string_equal(yaml_text(&c, yaml_get(y, "d")).p ? "x" : "", "");
	assert_null(yaml_need(&c, y, "e"));
	complaints_sort(&c);
	buf_init(&out, 1 << 16);
	complaints_print(&c, &out);
	assert_string_equal(buf_z(&out),
	    "x.yaml:1: \"e\" is missing\n"
	    "x.yaml:1: expected true or false, found \"maybe\"\n"
	    "x.yaml:2: unknown key \"c\", expected one of: a b\n"
	    "x.yaml:3: expected a whole number from 0 to 9, found \"12x\"\n"
	    "x.yaml:4: expected a text, found a list\n"
	    "x.yaml:4: unknown key \"d\", expected one of: a b\n");
	buf_free(&out);
}

static void
counts_what_it_does_not_keep(void **state)
{
	(void)state;
	for (int i = 0; i < COMPLAINTS_MAX + 5; i++)
		complain(&c, STR("f"), i, STR("x"));
	assert_int_equal(c.n, COMPLAINTS_MAX);
	assert_int_equal(c.more, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(knows_places, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_not_needed, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(is_bounded, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(getters_name_all_mistakes, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(counts_what_it_does_not_keep, setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
