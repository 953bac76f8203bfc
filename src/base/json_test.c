/* SPDX-License-Identifier: Apache-2.0 */
/* json_test.c - what is refused, with its place; canonical text. */
#include "base/json.h"

#include "base/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
test_refused_with_a_place(void **state)
{
	static const struct {
		struct str text;
		const char *says;
	} cases[] = {
		{ STR_INIT(""), "line 1" },
		{ STR_INIT("{"), "line 1" },
		{ STR_INIT("{\"a\":1,\n\"a\":2}"), "duplicate" },
		{ STR_INIT("{\"a\":1,\n \"b\": 1.5}"), "line 2 column 8: a number must be whole" },
		{ STR_INIT("[1e3]"), "line 1 column 3: a number must be whole" },
		{ STR_INIT("[-2E0]"), "must be whole" },
		{ STR_INIT("[\"a\\u0000\"]"), "line 1" },
		{ STR_INIT("[1,\0]"), "line 1 column 4: a NUL" },
		{ STR_INIT("[\"\0\"]"), "line 1" },
		{ STR_INIT("[\n\"\xC3\x28\"]"), "line 2 column 2: not UTF-8" },
		{ STR_INIT("[\"\\ud800\"]"), "line 1" },
		{ STR_INIT("[1] x"), "line 1" },
		{ STR_INIT("{a:1}"), "line 1" },
		{ STR_INIT("[1,]"), "line 1" },
		{ STR_INIT("[99999999999999999999]"), "line 1" },
		{ STR_INIT("\"unclosed \\"), "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault f = { E_OK, "" };
		json_t *j = NULL;

		assert_int_equal(json_parse(arena, cases[i].text, 1000, &j, &f), E_INVALID);
		if (strstr(f.text, cases[i].says) == NULL)
			fail_msg("case %zu says: %s", i, f.text);
		assert_null(j);
	}
}

static enum err
parse_depth(size_t depth)
{
	char text[200];
	struct fault f;
	json_t *j;

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return json_parse(arena, (struct str){ text, 2 * depth }, sizeof(text), &j, &f);
}

static void
test_depth_and_size(void **state)
{
	struct fault f;
	json_t *j;

	(void)state;
	assert_int_equal(parse_depth(32), E_OK);
	assert_int_equal(parse_depth(33), E_INVALID);
	/* Brackets in a string are not depth. */
	assert_int_equal(json_parse(arena, STR("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]"),
	    100, &j, &f), E_OK);
	assert_int_equal(json_parse(arena, STR("[1,2]"), 4, &j, &f), E_TOOBIG);
	assert_int_equal(json_parse(arena, STR("[1,2]"), 5, &j, &f), E_OK);
	/* "1.5e" inside strings is text. */
	assert_int_equal(json_parse(arena, STR("[\"1.5e3\",true,false,null,-1]"), 100, &j, &f),
	    E_OK);
}

static void
test_canonical_text(void **state)
{
	struct fault f;
	json_t *j, *sub;

	(void)state;
	assert_int_equal(json_parse(arena,
	    STR(" { \"b\" : [ 1 , true , null ] , \"a\" : \"\\u00e9/\xE2\x82\xAC\" , \"B\" : {} } "), 200,
	    &j, &f), E_OK);
	assert_string_equal(json_text(arena, j).p,
	    "{\"B\":{},\"a\":\"\xC3\xA9/\xE2\x82\xAC\",\"b\":[1,true,null]}");

	j = json_obj(arena);
	sub = json_arr(arena);
	json_set_str(j, "s", (struct str){ "x\0y\xFFz", 5 });
	json_set_z(j, "none", NULL);
	json_set_i64(j, "i", INT64_MIN);
	json_set_bool(j, "t", true);
	json_push_str(sub, STR("one"));
	json_push(sub, json_obj(arena));
	json_set(j, "sub", sub);
	assert_string_equal(json_text(arena, j).p,
	    "{\"i\":-9223372036854775808,\"none\":\"\",\"s\":\"x\xEF\xBF\xBDy\xEF\xBF\xBDz\","
	    "\"sub\":[\"one\",{}],\"t\":true}");
}

static void
test_text_larger_than_the_small_buffer(void **state)
{
	json_t *arr = json_arr(arena), *back;
	struct fault f;
	struct str text;

	(void)state;
	for (int i = 0; i < 1000; i++)
		json_push_str(arr, STR("0123456789"));
	text = json_text(arena, arr);
	assert_int_equal(text.n, 2 + 1000 * 12 + 999);
	assert_int_equal(json_parse(arena, text, text.n, &back, &f), E_OK);
	assert_true(json_equal(arr, back));
}

static void
test_getters_and_requests(void **state)
{
	static const char *const allowed[] = { "name", "n", "on", NULL };
	struct fault f;
	struct str s;
	json_t *j;

	(void)state;
	assert_int_equal(json_parse(arena, STR("{\"name\":\"bo\",\"n\":3,\"on\":true}"), 100, &j, &f),
	    E_OK);
	assert_true(str_eqz(json_get_str(j, "name"), "bo"));
	assert_null(json_get_str(j, "n").p);
	assert_int_equal(json_get_i64(j, "n", 9), 3);
	assert_int_equal(json_get_i64(j, "name", 9), 9);
	assert_true(json_get_bool(j, "on", false));
	assert_true(json_get_bool(j, "absent", true));
	assert_null(json_get_str(NULL, "x").p);

	assert_int_equal(json_only(j, allowed, &f), E_OK);
	assert_int_equal(json_only(j, allowed + 1, &f), E_INVALID);
	assert_string_equal(f.text, "unknown field \"name\"");
	assert_int_equal(json_only(json_arr(arena), allowed, &f), E_INVALID);

	assert_int_equal(json_need_str(j, "name", 2, &s, &f), E_OK);
	assert_int_equal(json_need_str(j, "name", 1, &s, &f), E_INVALID);
	assert_string_equal(f.text, "field \"name\" has 2 bytes, at most 1 are allowed");
	assert_int_equal(json_need_str(j, "n", 9, &s, &f), E_INVALID);
	assert_string_equal(f.text, "field \"n\" must be a string");
	assert_int_equal(json_need_str(j, "x", 9, &s, &f), E_INVALID);
	assert_string_equal(f.text, "field \"x\" is missing");
	assert_int_equal(json_need_str(json_arr(arena), "x", 9, &s, &f), E_INVALID);
}

static void
test_own_text_reads_back(void **state)
{
	struct fault f = { E_OK, "" };
	json_t *o = json_obj(arena), *back;

	(void)state;
	json_set_str(o, "text", STR("a \"b\" \xC3\xA9"));
	json_set_i64(o, "n", -7);
	assert_int_equal(json_parse_own(arena, json_text(arena, o), &back, &f), E_OK);
	assert_true(json_equal(o, back));
	assert_int_equal(json_parse_own(arena, STR("{\"text\":"), &back, &f), E_INVALID);
	assert_true(f.text[0] != '\0');
}

/* What jansson writes, byte for byte: the record was written by it once. */
static void
same_as_jansson(json_t *j)
{
	char *z = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	assert_non_null(z);
	assert_string_equal(json_text(arena, j).p, z);
	free(z);
}

static void
test_text_is_janssons(void **state)
{
	json_t *o = json_obj(arena), *arr = json_arr(arena), *many = json_obj(arena), *list = json_arr(arena);
	char key[8], all[0x80 + 1];

	(void)state;
	for (int c = 1; c <= 0x7f; c++)
		all[c - 1] = (char)c;
	all[0x7f] = '\0';
	json_set_z(o, "every one", all);
	json_set_str(o, "\"q\\\n", STR("\xC3\xA9 \xF0\x9F\x98\x80 \xE2\x80\xA8/"));
	json_set_str(o, "", STR(""));
	json_set_i64(o, "least", INT64_MIN);
	json_set_i64(o, "most", INT64_MAX);
	json_set_i64(o, "nought", 0);
	json_set_bool(o, "yes", true);
	json_set_bool(o, "no", false);
	json_object_set_new(o, "null", json_null());
	json_set(o, "empty", json_obj(arena));
	json_set(o, "none", json_arr(arena));
	/* More keys than are sorted in place, and prefixes of each other. */
	for (int i = 0; i < 100; i++) {
		(void)snprintf(key, sizeof(key), "%x", i * 37 % 100);
		json_set_i64(many, key, i);
	}
	json_set(o, "many", many);
	for (int i = 0; i < 2000; i++)
		json_push_str(list, STR("x\ty"));
	json_push(arr, many);
	json_push(arr, o);
	json_push(arr, list);
	same_as_jansson(o);
	same_as_jansson(arr);
	same_as_jansson(json_object_get(o, "nought"));
	same_as_jansson(json_object_get(o, "every one"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused_with_a_place, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_depth_and_size, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_canonical_text, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_text_is_janssons, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_text_larger_than_the_small_buffer, arena_setup,
		    arena_teardown),
		cmocka_unit_test_setup_teardown(test_getters_and_requests, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_own_text_reads_back, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
