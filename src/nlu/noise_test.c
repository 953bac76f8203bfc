/* SPDX-License-Identifier: Apache-2.0 */
/* noise_test.c - spoiled texts: as many slips as asked for, the same for a seed. */
#include "nlu/noise.h"

#include "base/arena_fixture.h"
#include "nlu/slips.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
slips_are_counted(void **state)
{
	struct str text = STR("wheresmyparcel"), t;
	size_t changed = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		t = noise_apply(arena, text, "typos=1", seed);
		assert_true(slip_distance(text, t, 2) <= 1);
		changed += !str_eq(t, text);
		assert_true(slip_distance(text, noise_apply(arena, text, "typos=2", seed), 3) <= 3);
		assert_true(str_eq(t, noise_apply(arena, text, "typos=1", seed)));
	}
	assert_true(changed > 180);
}

static void
slang_is_short(void **state)
{
	size_t n = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct str t = noise_apply(arena, STR("Can't you tell me WHERE it is, please?"), "slang", seed);

		assert_true(str_find(t, STR("cant")) == 0);
		assert_true(str_find(t, STR("'")) < 0);
		n += str_find(t, STR(" u ")) > 0;
	}
	assert_true(n > 20 && n < 50);
	assert_true(str_eqz(noise_apply(arena, STR("Ab 1"), "upper", 1), "AB 1"));
	assert_true(str_eqz(noise_apply(arena, STR("my order"), "joined=1", 1), "myorder"));
	assert_int_equal(noise_apply(arena, STR("refund"), "split=1", 1).n, 7);
}

static void
spec_is_checked(void **state)
{
	(void)state;
	assert_true(noise_is_known("slang+typos=1"));
	assert_true(noise_is_known(""));
	assert_false(noise_is_known("typos"));
	assert_false(noise_is_known("typos=x"));
	assert_false(noise_is_known("slang=1"));
	assert_false(noise_is_known("rain"));
	assert_true(str_eqz(noise_apply(arena, STR("abc"), "rain", 1), "abc"));
	assert_int_equal(noise_apply(arena, STR_NONE, "slang+typos=9+joined=2+split=2", 1).n, 0);
	assert_true(str_eqz(noise_apply(arena, STR("12 \xf0\x9f\x98\x80"), "typos=3", 1), "12 \xf0\x9f\x98\x80"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_are_counted),
		cmocka_unit_test(slang_is_short),
		cmocka_unit_test(spec_is_checked),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
