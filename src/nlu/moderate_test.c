/* SPDX-License-Identifier: Apache-2.0 */
/* moderate_test.c - what is flagged, where, and what must not be. */
#include "nlu/moderate.h"

#include "base/arena_fixture.h"
#include "base/cases_fixture.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "\u{200b}" as the character. */
static struct str
unescape(char *z)
{
	char *out = z, *from = z;

	while (*from != '\0') {
		if (strncmp(from, "\\u{", 3) == 0) {
			char *end, put[4];
			int32_t cp = (int32_t)strtol(from + 3, &end, 16);
			size_t n = utf8_put(cp, put);

			memcpy(out, put, n);
			out += n;
			from = end + 1;
		} else {
			*out++ = *from++;
		}
	}
	return (struct str){ z, (size_t)(out - z) };
}

static struct str
kinds(const struct flag *v, size_t n)
{
	struct str *names = arena_array(arena, struct str, n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(v[i].kind, v[i - 1].kind))
			names[k++] = v[i].kind;
	return k == 0 ? STR("-") : str_join(arena, names, k, STR(","));
}

static void
cases(void **state)
{
	struct cases c = cases_open("src/nlu/moderate.cases");
	struct str line;
	int wrong = 0;

	(void)state;
	while (cases_next(&c, &line)) {
		struct str want, rest = unescape(c.line), got;
		const struct flag *v;
		size_t n;

		want = str_cut(rest, '\t', &rest);
		v = flags_find(rest, arena, &n);
		got = kinds(v, n);
		for (size_t i = 0; i < n; i++)
			assert_true(v[i].from < v[i].to && v[i].to <= rest.n && v[i].reason.n > 0);
		if (!str_eq(got, want)) {
			print_message("%.*s: %.*s, not %.*s\n", STR_ARG(rest), STR_ARG(got), STR_ARG(want));
			wrong++;
		}
		arena_reset(arena);
	}
	cases_close(&c, 81);
	assert_int_equal(wrong, 0);
}

static void
a_flag_knows_its_place(void **state)
{
	size_t n;
	const struct flag *v = moderate(STR("well, FUCK you"), arena, &n);

	(void)state;
	assert_int_equal(n, 1);
	assert_int_equal(v[0].from, 6);
	assert_int_equal(v[0].to, 10);
	assert_true(v[0].p_ppm >= 500000);
}

static void
hidden_tags_are_spelled_out(void **state)
{
	char z[] = "ok\\u{e0068}\\u{e0069}";
	size_t n;
	const struct flag *v = moderate(unescape(z), arena, &n);

	(void)state;
	assert_int_equal(n, 1);
	assert_true(str_find(v[0].reason, STR("\"hi\"")) >= 0);
}

static void
leaving_is_not_moderated(void **state)
{
	size_t n;

	(void)state;
	(void)moderate(STR("close my account or i call my lawyer"), arena, &n);
	assert_int_equal(n, 0);
}

static void
hostile_text_is_bounded(void **state)
{
	size_t n, size = (size_t)1 << 20;
	char *z = arena_alloc(arena, size);

	(void)state;
	for (size_t i = 0; i < size; i++)
		z[i] = "fu \xff*\xe2\x80"[i % 7];
	(void)flags_find((struct str){ z, size }, arena, &n);
	assert_true(n <= FLAGS_MAX);
	memset(z, 'f', size);
	(void)flags_find((struct str){ z, size }, arena, &n);
	assert_int_equal(n, 0);
	(void)flags_find(STR_NONE, arena, &n);
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases),
		cmocka_unit_test(a_flag_knows_its_place),
		cmocka_unit_test(hidden_tags_are_spelled_out),
		cmocka_unit_test(leaving_is_not_moderated),
		cmocka_unit_test(hostile_text_is_bounded),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
