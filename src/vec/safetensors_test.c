/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_test.c - what is read, and what is refused by name. */
#include "vec/safetensors.h"

#include "base/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A file of this header and n bytes of data. */
static struct str
file_of(const char *header, const void *data, size_t n)
{
	uint64_t length = strlen(header);
	char *p = arena_zalloc(arena, 8 + length + n);

	memcpy(p, &length, 8);
	memcpy(p + 8, header, length);
	if (data != NULL)
		memcpy(p + 8 + length, data, n);
	return (struct str){ p, 8 + length + n };
}

static void
assert_refused(struct str bytes, const char *why)
{
	struct safetensors all;
	struct fault f = { 0 };

	assert_int_equal(safetensors_parse(arena, bytes, &all, &f), E_INVALID);
	if (strstr(f.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, f.text);
}

static void
test_three_kinds_of_floats(void **state)
{
	/* 1, -2, 65504, the smallest subnormal, infinity as halves; 1, -2 as BF16; 3.5 as F32 */
	static const uint16_t halves[] = { 0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x3f80, 0xc000 };
	char data[sizeof(halves) + 4];
	const float want = 3.5F, *v;
	struct safetensors all;
	struct str bytes;

	(void)state;
	memcpy(data, halves, sizeof(halves));
	memcpy(data + sizeof(halves), &want, 4);
	bytes = file_of("{\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[0,10]},"
	    "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[10,14]},"
	    "\"f\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[14,18]}}", data, sizeof(data));
	assert_int_equal(safetensors_parse(arena, bytes, &all, NULL), E_OK);
	assert_int_equal(all.n, 3);
	assert_int_equal(safetensor_floats(arena, safetensors_find(&all, STR("h")), &v, NULL), E_OK);
	assert_true(v[0] == 1 && v[1] == -2 && v[2] == 65504 && v[3] == 0x1p-24F && isinf(v[4]));
	assert_int_equal(safetensor_floats(arena, safetensors_find(&all, STR("b")), &v, NULL), E_OK);
	assert_true(v[0] == 1 && v[1] == -2);
	assert_int_equal(safetensor_floats(arena, safetensors_find(&all, STR("f")), &v, NULL), E_OK);
	assert_true(v[0] == want);
	assert_null(safetensors_find(&all, STR("nope")));
}

static void
test_integers_are_no_weights(void **state)
{
	struct safetensors all;
	struct fault f = { 0 };
	const float *v;

	(void)state;
	assert_int_equal(safetensors_parse(arena, file_of(
	    "{\"ids\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[0,16]}}", NULL, 16), &all, NULL), E_OK);
	assert_int_equal(safetensor_floats(arena, all.v, &v, &f), E_INVALID);
	assert_non_null(strstr(f.text, "ids is I64"));
}

#define A "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"

static void
test_refused(void **state)
{
	static const struct {
		const char *header, *why;
		size_t data;
	} cases[] = {
		{ "{" A "}", "truncated: its tensors need 8 bytes, 7 are there", 7 },
		{ "{" A "}", "1 bytes too many", 9 },
		{ "{" A "," A "}", "duplicate", 8 },
		{ "{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "b overlaps", 8 },
		{ "{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]}}", "hole before b", 16 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "shape and its 4 bytes", 4 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "ends before it begins", 8 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", "no whole number", 8 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}}", "no whole number", 8 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
		    "too large", 0 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}",
		    "disagree", 0 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
		    "at most 8 numbers", 4 },
		{ "{\"a\":{\"dtype\":\"Q4\",\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype \"Q4\"", 8 },
		{ "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype", 8 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "no data_offsets", 8 },
		{ "{\"a\":7}", "not described", 8 },
		{ "{\"\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "name has 0 bytes", 8 },
		{ "{\"a\\u001b[2J\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "control", 8 },
		{ "[1]", "no object", 8 },
		{ "{\"a\":", "JSON", 8 },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", "whole", 8 },
	};
	uint64_t huge = UINT64_MAX;
	struct str whole = file_of("{" A "}", NULL, 8);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(file_of(cases[i].header, NULL, cases[i].data), cases[i].why);
	for (size_t n = 0; n < whole.n; n++)
		assert_refused((struct str){ whole.p, n }, "truncated");
	assert_refused((struct str){ (const char *)&huge, 8 }, "a header of");
}

static void
test_size_from_the_beginning(void **state)
{
	struct str whole = file_of("{" A "}", NULL, 8);
	uint64_t bytes;
	size_t head;

	(void)state;
	assert_int_equal(safetensors_head_size(whole, &head, NULL), E_OK);
	assert_int_equal(head, whole.n - 8);
	assert_int_equal(safetensors_size(arena, str_sub(whole, 0, head), &bytes, NULL), E_OK);
	assert_int_equal(bytes, whole.n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_three_kinds_of_floats, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_integers_are_no_weights, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_refused, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_size_from_the_beginning, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
