/* SPDX-License-Identifier: Apache-2.0 */
/* plain_test.c - texts become ASCII, and every byte knows where it came from. */
#include "text/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
folded(void **state)
{
	static const char *const list[][2] = {
		{ "plain", "plain" }, { "Müßig", "Mussig" }, { "à la Ørsted", "a la Orsted" }, { "１２３", "123" },
		{ "٤٢", "42" }, { "०९", "09" }, { "a\xc2\xa0" "b", "a b" }, { "1–2‑3", "1-2-3" }, { "x\xe2\x80\x8by", "xy" },
		{ "e\xcc\x81", "e" }, { "5 €", "5 \x81" }, { "\xff", "\x01" }, { "дом", "\x80\x80\x80" }, { "don’t", "don't" },
	};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct plain p = plain_of(a, str_from(list[i][0]));

		if (!str_eqz(p.s, list[i][1]))
			fail_msg("%s became %.*s", list[i][0], STR_ARG(p.s));
		for (size_t k = 1; k <= p.s.n; k++)
			assert_true(plain_at(&p, k - 1) <= plain_at(&p, k));
		assert_true(plain_at(&p, p.s.n) == strlen(list[i][0]));
	}
	arena_free(&a);
}

static void
places(void **state)
{
	struct arena *a = arena_new(0);
	struct plain p = plain_of(a, STR("für 1 €"));

	(void)state;
	assert_int_equal(plain_at(&p, 2), 3);	/* r, behind the two bytes of ü */
	assert_int_equal(plain_at(&p, 6), 7);
	p = plain_of(a, STR_NONE);
	assert_int_equal(p.s.n, 0);
	assert_int_equal(plain_at(&p, 0), 0);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
