/* SPDX-License-Identifier: Apache-2.0 */
/* limits_test.c - bursts, refills, and that one's noise is nobody else's (F15);
 * and that a sign-in costs one hash whoever it is (S8). */
#include "api/limits.h"
#include "api/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct limit_rate rates[LIMIT_N] = {
	[LIMIT_MESSAGE] = { 60 * US_PER_S, 30, 10 },
	[LIMIT_LOGIN] = { 3600 * US_PER_S, 10, 10 },
};

static void
test_burst_and_refill(void **state)
{
	struct rand *r = rand_seeded(1);
	struct clock_fake c;
	struct limits *l;
	struct fault f;
	int64_t retry_ms;

	(void)state;
	clock_fake_init(&c, 0);
	l = limits_new(&c.clock, r, rates);
	for (int i = 0; i < 10; i++)
		assert_int_equal(limits_take(l, LIMIT_MESSAGE, "ana", 3, &retry_ms, &f), E_OK);
	assert_int_equal(limits_take(l, LIMIT_MESSAGE, "ana", 3, &retry_ms, &f), E_LIMIT);
	/* 30 a minute: one every two seconds. */
	assert_in_range(retry_ms, 1990, 2010);
	clock_fake_advance(&c, 1990 * US_PER_MS);
	assert_int_equal(limits_take(l, LIMIT_MESSAGE, "ana", 3, &retry_ms, &f), E_LIMIT);
	clock_fake_advance(&c, 20 * US_PER_MS);
	assert_int_equal(limits_take(l, LIMIT_MESSAGE, "ana", 3, &retry_ms, &f), E_OK);
	assert_int_equal(limits_take(l, LIMIT_MESSAGE, "ana", 3, &retry_ms, &f), E_LIMIT);
	assert_int_equal(limits_refused(l, LIMIT_MESSAGE), 3);
	/* Another class, and a class without a limit. */
	assert_int_equal(limits_take(l, LIMIT_LOGIN, "ana", 3, &retry_ms, &f), E_OK);
	assert_int_equal(limits_take(l, LIMIT_NONE, "ana", 3, &retry_ms, &f), E_OK);
	assert_int_equal(limits_take(l, LIMIT_READ, "ana", 3, &retry_ms, &f), E_OK);
	limits_free(&l);
	rand_free(&r);
}

static void
test_give_back(void **state)
{
	struct rand *r = rand_seeded(4);
	struct clock_fake c;
	struct limits *l;
	int64_t retry_ms;

	(void)state;
	clock_fake_init(&c, 0);
	l = limits_new(&c.clock, r, rates);
	/* Whatever succeeds does not count... */
	for (int i = 0; i < 50; i++) {
		assert_int_equal(limits_take(l, LIMIT_LOGIN, "team", 4, &retry_ms, NULL), E_OK);
		limits_give_back(l, LIMIT_LOGIN, "team", 4);
	}
	/* ...nor does it earn more than there were. */
	limits_give_back(l, LIMIT_LOGIN, "team", 4);
	limits_give_back(l, LIMIT_NONE, "team", 4);
	for (int i = 0; i < 10; i++)
		assert_int_equal(limits_take(l, LIMIT_LOGIN, "team", 4, &retry_ms, NULL), E_OK);
	assert_int_equal(limits_take(l, LIMIT_LOGIN, "team", 4, &retry_ms, NULL), E_LIMIT);
	limits_give_back(l, LIMIT_LOGIN, "team", 4);
	assert_int_equal(limits_take(l, LIMIT_LOGIN, "team", 4, &retry_ms, NULL), E_OK);
	assert_int_equal(limits_take(l, LIMIT_LOGIN, "team", 4, &retry_ms, NULL), E_LIMIT);
	limits_free(&l);
	rand_free(&r);
}

static void
test_noise_is_ones_own(void **state)
{
	struct rand *r = rand_seeded(2);
	struct clock_fake c;
	struct limits *l;
	int64_t retry_ms;
	int passed = 0;

	(void)state;
	clock_fake_init(&c, 0);
	l = limits_new(&c.clock, r, rates);
	/* 1,000 a second for ten seconds: ten at once, then one every two seconds. */
	for (int i = 0; i < 10000; i++) {
		clock_fake_advance(&c, US_PER_MS);
		passed += limits_take(l, LIMIT_MESSAGE, "noisy", 5, &retry_ms, NULL) == E_OK;
		if (i % 2500 == 0)
			assert_int_equal(limits_take(l, LIMIT_MESSAGE, "calm", 4, &retry_ms, NULL), E_OK);
	}
	assert_in_range(passed, 14, 15);
	limits_free(&l);
	rand_free(&r);
}

/* Many keys: the table does not grow, and he who is being refused stays so. */
static void
test_crowd(void **state)
{
	struct rand *r = rand_seeded(3);
	struct clock_fake c;
	struct limits *l;
	int64_t retry_ms;

	(void)state;
	clock_fake_init(&c, 0);
	l = limits_new(&c.clock, r, rates);
	for (int i = 0; i < 10; i++)
		assert_int_equal(limits_take(l, LIMIT_LOGIN, "bad", 3, &retry_ms, NULL), E_OK);
	for (uint32_t i = 0; i < 500000; i++)
		assert_int_equal(limits_take(l, LIMIT_LOGIN, &i, sizeof(i), &retry_ms, NULL), E_OK);
	assert_int_equal(limits_take(l, LIMIT_LOGIN, "bad", 3, &retry_ms, NULL), E_LIMIT);
	limits_free(&l);
	rand_free(&r);
}

static void
test_same_work(void **state)
{
	struct password *p = password_new(1);
	struct arena *a = arena_new(0);
	struct str hashed;
	struct fault f;

	(void)state;
	assert_int_equal(password_hash(p, STR("short"), a, &hashed, &f), E_INVALID);
	assert_int_equal(password_computed(p), 0);
	assert_int_equal(password_hash(p, STR("correct horse"), a, &hashed, &f), E_OK);
	assert_true(str_starts(hashed, STR("$argon2id$")));
	assert_int_equal(password_computed(p), 1);
	assert_true(password_verify(p, STR("correct horse"), hashed));
	assert_int_equal(password_computed(p), 2);
	assert_false(password_verify(p, STR("wrong"), hashed));
	assert_int_equal(password_computed(p), 3);
	assert_false(password_verify(p, STR("whoever"), STR_NONE));
	assert_int_equal(password_computed(p), 4);
	arena_free(&a);
	password_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_burst_and_refill),
		cmocka_unit_test(test_give_back),
		cmocka_unit_test(test_noise_is_ones_own),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_same_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
