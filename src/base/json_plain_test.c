/* SPDX-License-Identifier: Apache-2.0 */
/* json_plain_test.c - plain JSON is what jansson reads; the rest is left to it. */
#include "base/json_plain.h"

#include "base/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
test_plain_is_as_jansson_reads_it(void **state)
{
	static const struct str texts[] = {
		STR_INIT("{}"),
		STR_INIT("[]"),
		STR_INIT(" {\r\n\t} "),
		STR_INIT("\"\""),
		STR_INIT("0"),
		STR_INIT("-0"),
		STR_INIT("-7"),
		STR_INIT("999999999999999999"),
		STR_INIT("-999999999999999999"),
		STR_INIT("true"),
		STR_INIT("[true,false,null]"),
		STR_INIT("{\"t\":\"send\",\"body\":{\"text\":\"Gr\xC3\xBC\xC3\x9F Gott \xF0\x9F\x98\x80 \x7F\"}}"),
		STR_INIT("{ \"a\" : [ 1 , { \"\" : -2 } , [ ] ] , \"b\" : null }"),
		STR_INIT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *plain = json_plain(texts[i]);
		json_t *full = json_loadb(texts[i].p, texts[i].n,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

		assert_non_null(plain);
		assert_non_null(full);
		assert_true(json_equal(plain, full));
		json_decref(plain);
		json_decref(full);
	}
}

static void
test_the_rest_is_left(void **state)
{
	static const struct str texts[] = {
		STR_INIT(""),
		STR_INIT("  "),
		STR_INIT("{"),
		STR_INIT("["),
		STR_INIT("[1"),
		STR_INIT("[1,"),
		STR_INIT("[1,]"),
		STR_INIT("[,1]"),
		STR_INIT("[1 2]"),
		STR_INIT("[1}"),
		STR_INIT("{\"a\"}"),
		STR_INIT("{\"a\":}"),
		STR_INIT("{\"a\":1,}"),
		STR_INIT("{a:1}"),
		STR_INIT("{1:1}"),
		STR_INIT("{\"a\":1,\"b\":2,\"a\":3}"),
		STR_INIT("\"open"),
		STR_INIT("\""),
		STR_INIT("\"a\\n\""),
		STR_INIT("\"a\nb\""),
		STR_INIT("\"a\0b\""),
		STR_INIT("\"\xC3\x28\""),
		STR_INIT("{\"\xFF\":1}"),
		STR_INIT("1.5"),
		STR_INIT("1e3"),
		STR_INIT("01"),
		STR_INIT("-"),
		STR_INIT("-a"),
		STR_INIT("+1"),
		STR_INIT("1000000000000000000"),
		STR_INIT("tru"),
		STR_INIT("truex"),
		STR_INIT("nul"),
		STR_INIT("[1] x"),
		STR_INIT("[1]\0"),
		STR_INIT("\xEF\xBB\xBF{}"),
		STR_INIT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_null(json_plain(texts[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_is_as_jansson_reads_it),
		cmocka_unit_test(test_the_rest_is_left),
	};

	return cmocka_run_group_tests_name("json_plain", tests, NULL, NULL);
}
