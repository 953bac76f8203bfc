/* SPDX-License-Identifier: Apache-2.0 */
/* buf_test.c - the maximum, and the escaping functions. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
test_over_stays_and_adds_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_add_z(&b, "12345");
	buf_add_z(&b, "678901");
	assert_true(b.over);
	buf_add_z(&b, "x");	/* would fit, but the whole is already wrong */
	assert_string_equal(buf_z(&b), "12345");
	buf_reset(&b);
	assert_false(b.over);
	buf_fmt(&b, "%s", "1234567890");
	assert_false(b.over);
	assert_string_equal(buf_z(&b), "1234567890");
	buf_fmt(&b, "%d", 1);
	assert_true(b.over);
	assert_int_equal(b.n, 10);
	buf_free(&b);
	assert_string_equal(buf_z(&b), "");
}

static void
test_grows_and_consumes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 10000; i++)
		buf_add_i64(&b, i % 10);
	assert_int_equal(b.n, 10000);
	assert_memory_equal(b.p + 9990, "0123456789", 10);
	buf_consume(&b, 9995);
	assert_string_equal(buf_z(&b), "56789");
	buf_consume(&b, 5);
	assert_int_equal(b.n, 0);
	buf_add_i64(&b, INT64_MIN);
	assert_string_equal(buf_z(&b), "-9223372036854775808");
	buf_free(&b);
}

static void
test_escapes(void **state)
{
	static const struct {
		void (*add)(struct buf *, struct str);
		struct str in;
		const char *out;
	} cases[] = {
		{ buf_add_html, STR_INIT("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;" },
		{ buf_add_html, STR_INIT("plain \xC3\xA9"), "plain \xC3\xA9" },
		{ buf_add_html, STR_INIT(""), "" },
		{ buf_add_json, STR_INIT("a\"b\\c\nd\te\x7F"), "\"a\\\"b\\\\c\\nd\\u0009e\\u007f\"" },
		{ buf_add_json, STR_INIT("</script>"), "\"\\u003c/script>\"" },
		{ buf_add_json, STR_INIT("\0"), "\"\\u0000\"" },
		{ buf_add_json, STR_INIT("a\xFFz\xE2\x82"), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"" },
		{ buf_add_json, STR_INIT("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"" },
		{ buf_add_json, STR_INIT(""), "\"\"" },
		{ buf_add_url, STR_INIT("a b/c?d=e&f~-._\xC3\xA9"), "a%20b%2Fc%3Fd%3De%26f~-._%C3%A9" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;

		buf_init(&b, 4096);
		cases[i].add(&b, cases[i].in);
		assert_string_equal(buf_z(&b), cases[i].out);
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_over_stays_and_adds_nothing),
		cmocka_unit_test(test_grows_and_consumes),
		cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
