/* SPDX-License-Identifier: Apache-2.0 */
/* entities_test.c - entities_find over a table of sentences, and over text that wants to hurt. */
#include "nlu/senses.h"

#include "base/cases_fixture.h"
#include "base/clock.h"
#include "text/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nlu/hostile_fixture.h"

static struct arena *fixed, *arena;
static struct policy policy;
static const struct patterns *patterns;
static const struct zone *oslo;
static int64_t now_us;

static int
setup(void **state)
{
	static const struct entity_format formats[] = {
		{ .id = STR_INIT("order_number"), .pattern = STR_INIT("\\bHP[- ]?([0-9]{4})\\b"),
			.normal = STR_INIT("HP-$1") },
		{ .id = STR_INIT("member"), .pattern = STR_INIT("\\b([0-9]{11})\\b"), .normal = STR_INIT("M$1"),
			.check = CHECK_LUHN },
	};
	static const struct str alias[] = { STR_INIT("trail boot") };
	static const struct product products[] = {
		{ .name = STR_INIT("Halden Trail 2"), .aliases = alias, .aliases_n = 1 },
		{ .name = STR_INIT("Windbreaker") },
	};
	struct fault f = { 0 };

	(void)state;
	fixed = arena_new((size_t)32 << 20);
	arena = arena_new((size_t)32 << 20);
	policy = (struct policy){ .entities = formats, .entities_n = 2, .products = products, .products_n = 2 };
	if (zone_load(fixed, STR("Europe/Oslo"), &oslo, &f) != E_OK)
		return -1;
	now_us = zone_instant(oslo, (struct civil){ 2026, 11, 23, 10, 0, 0, 0 });
	return patterns_compile(fixed, &policy, &patterns, &f) == E_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&fixed);
	arena_free(&arena);
	return 0;
}

static struct str
shown(const struct entity *e, size_t n)
{
	struct str out = STR_NONE;

	for (size_t i = 0; i < n; i++)
		out = str_fmt(arena, i == 0 ? "%S%S:%S" : "%S %S:%S", out, e[i].kind, e[i].value);
	return n == 0 ? STR("-") : out;
}

/* As the table writes it: blanks of a value as _. */
static struct str
as_listed(const struct entity *e, size_t n)
{
	struct entity *v = arena_array(arena, struct entity, n + 1);

	for (size_t i = 0; i < n; i++) {
		char *z = str_z(arena, e[i].value);

		for (char *c = z; *c != '\0'; c++)
			*c = *c == ' ' ? '_' : *c;
		v[i] = e[i];
		v[i].value = str_from(z);
	}
	return shown(v, n);
}

static void
table(void **state)
{
	struct cases c = cases_open("src/nlu/entities.cases");
	struct str line;
	int wrong = 0;

	(void)state;
	while (cases_next(&c, &line)) {
		struct str text, want, region = str_cut(line, '\t', &text), got;
		const struct entity *e;
		size_t e_n;

		text = str_cut(text, '\t', &want);
		e = entities_find_in(patterns, &policy, region, text, STR_NONE, now_us, oslo, arena, &e_n);
		got = as_listed(e, e_n);
		if (!str_eq(got, want)) {
			print_message("%.*s: %.*s, not %.*s\n", STR_ARG(text), STR_ARG(got), STR_ARG(want));
			wrong++;
		}
		arena_reset(arena);
	}
	cases_close(&c, 200);
	assert_int_equal(wrong, 0);
}

/* Spans are of the text as typed, also where it is not ASCII. */
static void
spans(void **state)
{
	static const char text[] = "für HP-1042 \xf0\x9f\x98\xa1 am 3. März";
	size_t n;
	const struct entity *e = entities_find_in(patterns, &policy, STR("DE"), str_from(text), STR_NONE, now_us, oslo,
	    arena, &n);

	(void)state;
	assert_int_equal(n, 2);
	assert_true(str_eqz(e[0].text, "HP-1042"));
	assert_int_equal(e[0].from, 5);
	assert_true(str_eqz(e[1].text, "3. März"));
	assert_true(e[0].p_ppm > 900000 && e[0].p_ppm <= PPM && e[1].p_ppm >= 500000);
	arena_reset(arena);
}

/* Asked for it, a bare number is the order's. */
static void
awaited(void **state)
{
	size_t n;
	const struct entity *e = entities_find(patterns, &policy, STR("its #1042 i think"), STR("order_number"),
	    now_us, oslo, arena, &n);

	(void)state;
	assert_int_equal(n, 1);
	assert_true(str_eqz(e[0].value, "HP-1042"));
	(void)entities_find(patterns, &policy, STR("its #1042 i think"), STR_NONE, now_us, oslo, arena, &n);
	assert_int_equal(n, 0);
	arena_reset(arena);
}

static void
look(struct str text)
{
	size_t n;
	const struct entity *e = entities_find_in(patterns, &policy, STR("NO"), text, STR("member"), now_us, oslo,
	    arena, &n);

	for (size_t i = 0; i < n; i++)
		assert_true(e[i].from < e[i].to && e[i].to <= 16000 && (i == 0 || e[i - 1].to <= e[i].from));
	arena_reset(arena);
}

static void
hostile(void **state)
{
	static const char *const units[] = { "A", "1", "\xff", "a ", "1 ", "1-", "+1 ", "(1)", "a1", "H P 1 ", "@", "a@b.c ",
		" at a dot b", "26.11. ", "next ", "in 2 ", "HP1O", "\xe2\x82\xac", "1.", "1,", "\xef\xbc\x91", "vor ",
		"dot ", "Rua A ", "1 A ", "trail ", "half ", "\xcc\x81", "x3 ", "PLZ " };

	(void)state;
	hostile_units(units, sizeof(units) / sizeof(units[0]), look);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(spans),
		cmocka_unit_test(awaited),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
