/* SPDX-License-Identifier: Apache-2.0 */
/* route_test.c - the table holds its own rules; addresses find their route;
 * errors have their shape; encodings are chosen as asked. */
#include "api/route.h"

#include "api/assets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < routes_n; i++) {
		const struct route *r = &routes[i];
		bool changes = r->method != HTTP_METHOD_GET;
		bool by_cookie = r->who == AUTHZ_ROUTE_AGENT || r->who == AUTHZ_USERS ||
		    r->who == AUTHZ_POLICY;

		if (changes && by_cookie && (r->flags & ROUTE_CSRF) == 0)
			fail_msg("%s changes by cookie without CSRF", r->path);
		if (((r->flags & ROUTE_BODY) != 0) != (r->body_max > 0))
			fail_msg("%s: body and its limit disagree", r->path);
		if (r->body_max > 65536)
			fail_msg("%s takes too much", r->path);
		if ((r->flags & ROUTE_LOOP) != 0 && r->who != AUTHZ_ROUTE_NOBODY)
			fail_msg("%s: the loop knows nobody", r->path);
		for (size_t k = 0; k < i; k++)
			if (routes[k].method == r->method && strcmp(routes[k].path, r->path) == 0)
				fail_msg("%s stands twice", r->path);
	}
}

static void
test_find(void **state)
{
	struct str params[ROUTE_PARAMS_MAX];
	const struct route *r;
	bool known;

	(void)state;
	r = route_find(HTTP_METHOD_HEAD, STR("/health"), params, &known);
	assert_non_null(r);
	assert_string_equal(r->path, "/health");
	assert_null(route_find(HTTP_METHOD_DELETE, STR("/health"), params, &known));
	assert_true(known);
	assert_null(route_find(HTTP_METHOD_GET, STR("/health/"), params, &known));
	assert_false(known);
	assert_null(route_find(HTTP_METHOD_GET, STR("/"), params, &known));
	r = route_find(HTTP_METHOD_POST, STR("/api/v1/conversations/abc/claim"), params, &known);
	assert_non_null(r);
	assert_true(str_eqz(params[0], "abc"));
	assert_null(route_find(HTTP_METHOD_POST, STR("/api/v1/conversations//claim"), params, &known));
}

static void
test_errors(void **state)
{
	struct fault f = { E_INTERNAL, "src/secret.c:12 /var/lib/x" };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	api_error_json(&b, E_INTERNAL, &f, NULL, 0);
	assert_string_equal(buf_z(&b), "{\"error\":{\"code\":\"internal\",\"message\":"
	    "\"Something went wrong on our side.\"}}");
	buf_reset(&b);
	f = (struct fault){ E_CONFLICT, "With \"Dana\"." };
	api_error_json(&b, E_CONFLICT, &f, "cmid", 1500);
	assert_string_equal(buf_z(&b), "{\"error\":{\"code\":\"conflict\",\"message\":"
	    "\"With \\\"Dana\\\".\",\"field\":\"cmid\",\"retry_ms\":1500}}");
	buf_free(&b);
	assert_int_equal(api_status_of(E_FULL), 507);
	assert_int_equal(api_status_of(E_LIMIT), 429);
	for (int e = E_INVALID; e < ERR_N; e++)
		assert_in_range(api_status_of((enum err)e), 400, 507);
}

static void
test_encodings(void **state)
{
	static const unsigned char x[] = "x";
	struct asset a = { .plain = x, .plain_n = 1, .br = x, .br_n = 1, .gzip = x, .gzip_n = 1 };

	(void)state;
	assert_int_equal(asset_choose(&a, STR("gzip, deflate, br")), ASSET_BR);
	assert_int_equal(asset_choose(&a, STR("gzip")), ASSET_GZIP);
	assert_int_equal(asset_choose(&a, STR("br;q=0, gzip;q=0.5")), ASSET_GZIP);
	assert_int_equal(asset_choose(&a, STR("br;q=0.000,gzip;q=0")), ASSET_PLAIN);
	assert_int_equal(asset_choose(&a, STR("br;q=0.001")), ASSET_BR);
	assert_int_equal(asset_choose(&a, STR("")), ASSET_PLAIN);
	a.br_n = 0;
	assert_int_equal(asset_choose(&a, STR("br, gzip")), ASSET_GZIP);
}

static void
test_uuid(void **state)
{
	struct id id;
	char text[37];

	(void)state;
	assert_true(uuid_parse(STR("7D444840-9dc0-11d1-b245-5ffdce74fad2"), &id));
	uuid_text(id, text);
	assert_string_equal(text, "7d444840-9dc0-11d1-b245-5ffdce74fad2");
	assert_false(uuid_parse(STR("7d4448409dc0-11d1-b245-5ffdce74fad2-"), &id));
	assert_false(uuid_parse(STR("7d444840-9dc0-11d1-b245-5ffdce74fadg"), &id));
	assert_false(uuid_parse(STR("7d444840-9dc0-11d1-b245-5ffdce74fad"), &id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
