/* SPDX-License-Identifier: Apache-2.0 */
/* str_test.c - views, the formatter's verbs, UTF-8's edges; faults too. */
#include "base/str.h"

#include "base/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define assert_str(s, z) assert_string_equal((s).p, (z))

static void
test_fmt_verbs(void **state)
{
	(void)state;
	assert_str(str_fmt(arena, "%s %S %c %%", "a", STR("view"), 'x'), "a view x %");
	assert_str(str_fmt(arena, "%d %d %d", 0, -1, INT32_MIN), "0 -1 -2147483648");
	assert_str(str_fmt(arena, "%u", UINT32_MAX), "4294967295");
	assert_str(str_fmt(arena, "%zu", SIZE_MAX), "18446744073709551615");
	assert_str(str_fmt(arena, "%ld %ld", INT64_MIN, INT64_MAX),
	    "-9223372036854775808 9223372036854775807");
	assert_str(str_fmt(arena, "%lu", UINT64_MAX), "18446744073709551615");
	assert_str(str_fmt(arena, "[%s][%S]", (const char *)NULL, STR_NONE), "[][]");
	assert_str(str_fmt(arena, ""), "");
	assert_int_equal(str_fmt(arena, "%S", ((struct str){ "a\0b", 3 })).n, 3);
}

static void
test_fmt_millionths(void **state)
{
	static const struct {
		int64_t ppm;
		const char *text;
	} cases[] = {
		{ 940000, ".94" }, { 949999, ".94" }, { 1000000, "1.00" }, { 0, ".00" },
		{ 50000, ".05" }, { 999999, ".99" }, { 1500000, "1.50" }, { -50000, "-.05" },
		{ 12340000, "12.34" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(str_fmt(arena, "%P", cases[i].ppm), cases[i].text);
}

static void
test_find_and_cut(void **state)
{
	struct str rest;

	(void)state;
	assert_int_equal(str_find(STR("aab"), STR("ab")), 1);
	assert_int_equal(str_find(STR("aab"), STR("")), 0);
	assert_int_equal(str_find(STR("ab"), STR("abc")), -1);
	assert_int_equal(str_find(STR_NONE, STR("a")), -1);
	assert_int_equal(str_find(STR("aXa"), STR("x")), -1);
	assert_int_equal(str_find_nocase(STR("aXa"), STR("x")), 1);
	assert_true(str_eq_nocase(STR("HeLLo"), STR("hEllO")));
	assert_false(str_eq_nocase(STR("[") , STR("{")));
	assert_true(str_eqz(str_cut(STR("a=b=c"), '=', &rest), "a"));
	assert_true(str_eqz(rest, "b=c"));
	assert_true(str_eqz(str_cut(STR("abc"), '=', &rest), "abc"));
	assert_null(rest.p);
	assert_true(str_eqz(str_cut(STR("abc="), '=', &rest), "abc"));
	assert_non_null(rest.p);
	assert_true(str_eqz(str_sub(STR("hello"), 1, 3), "ell"));
	assert_true(str_eqz(str_sub(STR("hello"), 3, SIZE_MAX), "lo"));
	assert_int_equal(str_sub(STR("hello"), 9, 1).n, 0);
	assert_true(str_eqz(str_trim(STR(" \t\r\n a b \v\f")), "a b"));
	assert_int_equal(str_trim(STR("   ")).n, 0);
	assert_true(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
	assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
}

static void
test_copies(void **state)
{
	const struct str parts[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };

	(void)state;
	assert_str(str_join(arena, parts, 3, STR(", ")), "a, , bc");
	assert_str(str_join(arena, parts, 0, STR(", ")), "");
	assert_str(str_lower(arena, STR("AbC \xC3\x84")), "abc \xC3\x84");
	assert_str(str_dup(arena, STR_NONE), "");
	assert_string_equal(str_z(arena, (struct str){ "hello", 4 }), "hell");
}

static void
test_i64(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0", "0x1", "--1",
		"9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1e3" };
	int64_t v = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(str_i64(str_from(bad[i]), &v));
	assert_int_equal(v, 7);
	assert_true(str_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	assert_true(str_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	assert_true(str_i64(STR("-0"), &v) && v == 0);
	assert_true(str_i64(STR("007"), &v) && v == 7);
}

static void
test_utf8_edges(void **state)
{
	static const char *const good[] = { "", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
		"\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
		"\xF4\x8F\xBF\xBF" };
	static const struct {
		const char *z;
		size_t bad;
	} wrong[] = {
		{ "\x80", 0 },			/* a continuation alone */
		{ "a\xBF", 1 },
		{ "\xC0\x80", 0 },		/* overlong */
		{ "\xC1\xBF", 0 },
		{ "\xE0\x9F\xBF", 0 },
		{ "\xF0\x8F\xBF\xBF", 0 },
		{ "\xED\xA0\x80", 0 },		/* surrogates */
		{ "\xED\xBF\xBF", 0 },
		{ "\xF4\x90\x80\x80", 0 },	/* past U+10FFFF */
		{ "\xF5\x80\x80\x80", 0 },
		{ "\xFE", 0 },
		{ "\xFF", 0 },
		{ "ab\xC2", 2 },		/* cut short */
		{ "ab\xE2\x82", 2 },
		{ "ab\xF0\x9F\x98", 2 },
		{ "\xE2\x28\xA1", 0 },		/* a wrong second and third byte */
		{ "\xE2\x82\x28", 0 },
		{ "\xF0\x9F\x98\x28", 0 },
		{ "\xC3\xA9\xC3", 2 },
	};
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(str_utf8_valid(str_from(good[i]), NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		at = 99;
		assert_false(str_utf8_valid(str_from(wrong[i].z), &at));
		assert_int_equal(at, wrong[i].bad);
	}
}

static void
test_clip_keeps_characters(void **state)
{
	struct str s = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");	/* 1 2 3 4 bytes */
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10 };

	(void)state;
	for (size_t n = 0; n < sizeof(want) / sizeof(want[0]); n++) {
		assert_int_equal(str_clip_utf8(s, n).n, want[n]);
		assert_true(str_utf8_valid(str_clip_utf8(s, n), NULL));
	}
	/* Not UTF-8: any cut, but no more bytes than asked and none before p. */
	assert_int_equal(str_clip_utf8(STR("\x80\x80\x80\x80\x80\x80\x80"), 6).n, 6);
}

static void
test_faults_chain_and_clip(void **state)
{
	struct fault f;
	char longer[700];

	(void)state;
	assert_int_equal(fault(&f, E_CONFIG, "line %d", 3), E_CONFIG);
	assert_int_equal(fault_wrap(&f, "file %s", "x.yaml"), E_CONFIG);
	assert_string_equal(f.text, "file x.yaml: line 3");
	assert_int_equal(fault(NULL, E_DENIED, "unseen"), E_DENIED);

	for (size_t shift = 0; shift < 4; shift++) {
		memset(longer, 'a', shift);
		for (size_t i = shift; i + 3 < sizeof(longer); i += 3)
			memcpy(longer + i, "\xE2\x82\xAC\0", 4);
		(void)fault(&f, E_INVALID, "%s", longer);
		assert_true(strlen(f.text) >= sizeof(f.text) - 4);
		assert_true(str_utf8_valid(str_from(f.text), NULL));
		(void)fault_wrap(&f, "%s", "prefix");
		assert_true(str_starts(str_from(f.text), STR("prefix: ")));
		assert_true(str_utf8_valid(str_from(f.text), NULL));
	}
	(void)fault(&f, E_INVALID, "near '%s'", "a\xEF\xBB");
	assert_string_equal(f.text, "near 'a?\?'");
	for (int e = 0; e < ERR_N; e++)
		assert_non_null(err_name((enum err)e));
}

/* Stored models and tables in the sources rest on these. */
static void
test_hash(void **state)
{
	(void)state;
	assert_int_equal(str_hash(STR_NONE), 0x811c9dc5u);
	assert_int_equal(str_hash(STR("a")), 0xe40c292cu);
	assert_int_equal(str_hash(STR("foobar")), 0xbf9cf968u);
	assert_int_equal(str_hash(STR("\xc3\xa9")), 0x1e9de8c1u);	/* bytes, not chars with a sign */
	assert_true(str_hash64(STR_NONE) == UINT64_C(0xcbf29ce484222325));
	assert_true(str_hash64(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(str_hash64(STR("foobar")) == UINT64_C(0x85944171f73967e8));
	assert_true(str_hash64_more(str_hash64(STR("foo")), STR("bar")) == str_hash64(STR("foobar")));
	assert_true(str_hash_more(str_hash(STR("foo")), STR("bar")) == str_hash(STR("foobar")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fmt_verbs),
		cmocka_unit_test(test_fmt_millionths),
		cmocka_unit_test(test_find_and_cut),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_i64),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_utf8_edges),
		cmocka_unit_test(test_clip_keeps_characters),
		cmocka_unit_test(test_faults_chain_and_clip),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
