/* SPDX-License-Identifier: Apache-2.0 */
/* checks_test.c - published numbers pass, each with one digit changed does not. */
#include "nlu/checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
schemes(void **state)
{
	static const struct {
		enum check_scheme scheme;
		const char *code;
	} list[] = {
		{ CHECK_LUHN, "79927398713" }, { CHECK_LUHN, "4111-1111-1111-1111" },
		{ CHECK_EAN13, "4006381333931" }, { CHECK_MOD11, "0-306-40615-2" }, { CHECK_MOD11, "080442957X" },
		{ CHECK_MOD97, "3214282912345698765432161182" }, { CHECK_MOD97, "WEST12345698765432GB82" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char code[64];
		size_t n = strlen(list[i].code);

		assert_true(check_scheme(list[i].scheme, str_from(list[i].code)));
		for (size_t k = 0; k < n; k++) {
			memcpy(code, list[i].code, n + 1);
			if (code[k] < '0' || code[k] > '9')
				continue;
			code[k] = code[k] == '9' ? '0' : (char)(code[k] + 1);
			assert_false(check_scheme(list[i].scheme, str_from(code)));
		}
	}
	assert_true(check_scheme(CHECK_NONE, STR("anything")));
	assert_false(check_scheme(CHECK_EAN13, STR("73513537")));	/* an EAN-8 */
	assert_false(check_scheme(CHECK_LUHN, STR("")));
}

static void
of_states(void **state)
{
	(void)state;
	assert_true(check_mod11_10(STR("65929970489")));
	assert_false(check_mod11_10(STR("65929970488")));
	assert_true(check_verhoeff(STR("2363")));
	assert_false(check_verhoeff(STR("2364")));
	assert_true(check_ean(STR("73513537")));
	assert_int_equal(check_remainder(STR("12345678"), 23), 14);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemes),
		cmocka_unit_test(of_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
