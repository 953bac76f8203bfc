/* SPDX-License-Identifier: Apache-2.0 */
/* rand_test.c - ids, tokens, hashes, seeded randomness; clocks and roles too. */
#include "base/rand.h"

#include "base/clock.h"
#include "base/role.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void
test_ids_round_trip(void **state)
{
	struct id a = id_new(rand_real()), b;
	char text[ID_LEN + 1];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		a = id_new(rand_real());
		id_text(a, text);
		assert_int_equal(strlen(text), ID_LEN);
		assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789-_"), ID_LEN);
		assert_true(id_parse(str_from(text), &b));
		assert_true(id_eq(a, b));
	}
}

static void
test_ids_are_strict(void **state)
{
	static const struct str bad[] = {
		STR_INIT(""), STR_INIT("AAAAAAAAAAAAAAAAAAAAA"), STR_INIT("AAAAAAAAAAAAAAAAAAAAAAA"),
		STR_INIT("AAAAAAAAAAAAAAAAAAAAAB"),	/* the last four bits are not zero */
		STR_INIT("AAAAAAAAAAAAAAAAAAAAA="), STR_INIT("AAAAAAAAAAAAAAAAAAAA+A"),
		STR_INIT("AAAAAAAAAAAAAAAAAAAA/A"), STR_INIT("AAAAAAAAAAAAAAAAAAAA A"),
		STR_INIT("AAAAAAAAAAAAAAAAAAAA\0A"),
	};
	struct id id;

	(void)state;
	assert_true(id_parse(STR("AAAAAAAAAAAAAAAAAAAAAA"), &id));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(id_parse(bad[i], &id));
}

static void
test_sha256(void **state)
{
	const struct sha256_part parts[] = { { "a", 1 }, { NULL, 0 }, { "bc", 2 } };
	struct arena *a = arena_new(0);
	uint8_t whole[32], joined[32];

	(void)state;
	sha256("abc", 3, whole);
	assert_string_equal(hex_str(a, whole, 32).p,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_parts(parts, 3, joined);
	assert_true(bytes_equal_const_time(whole, joined, 32));
	joined[31] ^= 1;
	assert_false(bytes_equal_const_time(whole, joined, 32));
	sha256("", 0, whole);
	assert_string_equal(hex_str(a, whole, 4).p, "e3b0c442");
	arena_free(&a);
}

static void
test_seeded_repeats(void **state)
{
	struct rand *a = rand_seeded(42), *b = rand_seeded(42), *c = rand_seeded(43);
	char ta[TOKEN_LEN + 1], tb[TOKEN_LEN + 1], tc[TOKEN_LEN + 1];

	(void)state;
	for (int i = 0; i < 10; i++) {
		token_new(a, ta);
		token_new(b, tb);
		token_new(c, tc);
		assert_string_equal(ta, tb);
		assert_string_not_equal(ta, tc);
		assert_int_equal(strlen(ta), TOKEN_LEN);
	}
	assert_true(id_eq(id_new(a), id_new(b)));
	assert_false(id_eq(id_new(a), id_new(a)));
	rand_free(&a);
	rand_free(&b);
	rand_free(&c);
	assert_null(a);
}

#define THREADS 4
#define EACH 5000

static void *
make_ids(void *arg)
{
	struct id *v = arg;

	for (size_t i = 0; i < EACH; i++)
		v[i] = id_new(rand_real());
	return NULL;
}

static int
cmp_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct id));
}

/* Ids and salts come from a thread's store of random bytes: none is given twice. */
static void
test_ids_never_repeat(void **state)
{
	static struct id v[THREADS * EACH];
	pthread_t threads[THREADS];
	size_t ones = 0;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_ids, &v[i * EACH]), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < THREADS * EACH; i++)
		for (size_t k = 0; k < sizeof(v[i].b); k++)
			ones += (size_t)__builtin_popcount(v[i].b[k]);
	qsort(v, THREADS * EACH, sizeof(v[0]), cmp_id);
	for (size_t i = 1; i < THREADS * EACH; i++)
		assert_false(id_eq(v[i - 1], v[i]));
	/* Half of 2,560,000 bits, give or take ten standard deviations. */
	assert_in_range(ones, 1272000, 1288000);
}

static void
test_clocks(void **state)
{
	struct clock *real = clock_real();
	struct clock_fake fake;
	int64_t before = clock_mono_us(real);

	(void)state;
	assert_true(clock_now_us(real) > INT64_C(1700000000) * US_PER_S);
	assert_true(clock_mono_us(real) >= before);
	clock_fake_init(&fake, 5 * US_PER_S);
	before = clock_mono_us(&fake.clock);
	assert_int_equal(clock_now_us(&fake.clock), 5 * US_PER_S);
	clock_fake_advance(&fake, 90 * US_PER_MS);
	assert_int_equal(clock_now_us(&fake.clock), 5 * US_PER_S + 90 * US_PER_MS);
	assert_int_equal(clock_mono_us(&fake.clock) - before, 90 * US_PER_MS);
}

static void
test_roles(void **state)
{
	(void)state;
	assert_int_equal(role_get(), ROLE_ANY);
	role_set(ROLE_WRITER);
	role_assert_writer();
	role_set(ROLE_LOOP);
	role_assert_loop();
	role_simulate(true);
	role_assert_egress();
	role_assert_worker();
	role_simulate(false);
	role_set(ROLE_ANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_round_trip),
		cmocka_unit_test(test_ids_are_strict),
		cmocka_unit_test(test_ids_never_repeat),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_seeded_repeats),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
