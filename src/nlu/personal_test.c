/* SPDX-License-Identifier: Apache-2.0 */
/* personal_test.c - what is masked, what is not, in bounded time. */
#include "nlu/personal.h"

#include "base/arena_fixture.h"
#include "base/cases_fixture.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nlu/hostile_fixture.h"

static void
table(void **state)
{
	struct cases c = cases_open("src/nlu/personal.cases");
	struct str line;
	int wrong = 0;

	(void)state;
	while (cases_next(&c, &line)) {
		struct str want, text = str_cut(line, '\t', &want), got;
		const struct personal *v;
		size_t v_n;

		v = personal_find(text, arena, &v_n);
		got = personal_mask(text, v, v_n, arena);
		if (!str_eq(got, want)) {
			print_message("%.*s: %.*s, not %.*s\n", STR_ARG(text), STR_ARG(got), STR_ARG(want));
			wrong++;
		}
		arena_reset(arena);
	}
	cases_close(&c, 100);
	assert_int_equal(wrong, 0);
}

static void
closer(void **state)
{
	size_t n;
	const struct personal *v = personal_find(STR("4532276644577020 and 12345678Z"), arena, &n);

	(void)state;
	assert_int_equal(n, 2);
	assert_true(str_eqz(v[0].kind, "card") && str_eqz(v[0].what, "visa"));
	assert_int_equal(v[0].to, 16);
	assert_true(str_eqz(v[1].what, "ES dni") && v[1].p_ppm >= 900000);
	arena_reset(arena);
}

static void
look(struct str text)
{
	size_t n;
	const struct personal *v = personal_find(text, arena, &n);

	for (size_t i = 0; i < n; i++)
		assert_true(v[i].from < v[i].to && v[i].to <= 16000 && (i == 0 || v[i - 1].to <= v[i].from));
	arena_reset(arena);
}

static void
hostile(void **state)
{
	static const char *const units[] = { "A", "1", "\xff", "1 ", "1-", "4532 ", "DE89 ", "a@", "@", "password is ",
		"password: ", "eyJ.", "http://?", "http://a?b#", "sk-", "https://a:b@", "-----BEGIN PRIVATE KEY", "1.1.", "::", "a:", "Rua A ", "1 A ",
		"\xef\xbc\x91", "born 1.1.", "pin ", "(", "\xe2\x80\x8b", "token " };
	size_t n;

	(void)state;
	hostile_units(units, sizeof(units) / sizeof(units[0]), look);
	(void)personal_find(STR_NONE, arena, &n);
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(closer),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
