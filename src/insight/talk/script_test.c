/* SPDX-License-Identifier: Apache-2.0 */
/* script_test.c - the grammar of docs/TALK.md, statement by statement. */
#include "insight/talk/script.h"

#include "base/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct fault said;

/* The only statement of a text. */
static struct talk_line
one(const char *text)
{
	const struct talk_line *v = NULL;
	size_t n = 0;

	assert_int_equal(talk_read(STR("t.talk"), str_from(text), arena, &v, &n, &said), E_OK);
	assert_int_equal(n, 1);
	return v[0];
}

static const char *
refused(const char *text)
{
	const struct talk_line *v;
	size_t n;

	assert_int_not_equal(talk_read(STR("t.talk"), str_from(text), arena, &v, &n, &said), E_OK);
	return said.text;
}

static void
reads_what_people_do(void **state)
{
	struct talk_line l;

	(void)state;
	l = one("  customer ana says \"a \\\"b\\\" \\\\ \\n c\"   # why\n\n");
	assert_int_equal(l.verb, TALK_SAYS);
	assert_true(str_eqz(l.name, "ana"));
	assert_true(str_eqz(l.text, "a \"b\" \\ \n c"));
	assert_int_equal(one("customer ana asks for a person").verb, TALK_BUTTON);
	assert_int_equal(one("customer ana leaves email \"a@b.example\"").verb, TALK_EMAIL);
	assert_true(str_eqz(one("customer ana is tier gold").value, "gold"));
	assert_true(str_eqz(one("agent bo gives back").value, "gives"));
	assert_int_equal(one("agent bo notes \"x\"").verb, TALK_AGENT_NOTES);
	assert_true(str_eqz(one("connector shop hangs").value, "hangs"));
	assert_int_equal(one("advance 10m").number, INT64_C(600000000));
	assert_int_equal(one("advance 250ms").number, 250000);
}

static void
reads_when(void **state)
{
	struct talk_line l = one("at 2026-11-23 09:05");

	(void)state;
	assert_int_equal(l.when.year, 2026);
	assert_int_equal(l.when.month, 11);
	assert_int_equal(l.when.day, 23);
	assert_int_equal(l.when.hour, 9);
	assert_int_equal(l.when.minute, 5);
	assert_non_null(strstr(refused("at 2026-13-23 09:05"), "a date"));
	assert_non_null(strstr(refused("at 2026-11-23 24:05"), "a time"));
}

static void
reads_expectations(void **state)
{
	struct talk_line l;

	(void)state;
	l = one("expect not intent order_status >= 0.82");
	assert_true(l.not && l.has_number);
	assert_int_equal(l.number, 820000);
	l = one("expect cites returns#opened");
	assert_true(str_eqz(l.name, "returns") && str_eqz(l.value, "opened"));
	l = one("expect escalated reason=repeats");
	assert_true(str_eqz(l.name, "repeats"));
	assert_int_equal(one("expect escalated").name.n, 0);
	l = one("expect entity email \"a@b.example\"");
	assert_true(l.has_text && str_eqz(l.text, "a@b.example"));
	assert_int_equal(one("expect silence").expect, EXPECT_SILENCE);
	assert_int_equal(one("expect mood anger >= 1").number, 1000000);
}

/* A mistake is named with its line and column, and with what was expected. */
static void
names_the_place(void **state)
{
	(void)state;
	assert_string_equal(refused("talk \"x\"\ncustomer ana shouts \"x\""),
	    "t.talk:2:14: expected says, is tier, asks for a person, or leaves email");
	assert_string_equal(refused("expect holder nobody"), "t.talk:1:15: expected ai|queue|agent|none");
	assert_non_null(strstr(refused("customer ana says \"x"), "a closing \""));
	assert_non_null(strstr(refused("customer ana says \"\\q\""), "after a backslash"));
	assert_non_null(strstr(refused("advance soon"), "a duration"));
	assert_non_null(strstr(refused("expect unknown maybe"), "the end of the line"));
	assert_non_null(strstr(refused("expect intent x >= 1.5"), "between 0 and 1"));
	assert_non_null(strstr(refused("customer ana says \"\xff\""), "UTF-8"));
	assert_non_null(strstr(refused("hello"), "talk, at, on"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_people_do, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(reads_when, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(reads_expectations, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(names_the_place, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
