/* SPDX-License-Identifier: Apache-2.0 */
/* http_test.c - good requests, refused ones, in whatever pieces they arrive. */
#include "net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* Feeds in pieces of `step` bytes. Returns the request, or NULL and *status
 * (0: more was wanted). *rest: bytes not used. */
static struct http_request *
parse(struct str in, size_t step, size_t body_max, int *status, size_t *rest)
{
	struct http_parser *p = http_parser_new();
	struct http_request *r = NULL;
	enum http_state s = HTTP_WANTS_MORE;
	size_t at = 0, used, n;

	*status = 0;
	while (s == HTTP_WANTS_MORE || s == HTTP_HAS_HEAD) {
		if (s == HTTP_HAS_HEAD)
			http_parser_limit_body(p, body_max);
		else if (at == in.n)
			break;
		n = in.n - at < step ? in.n - at : step;
		s = http_parser_feed(p, in.p + at, n, &used);
		assert_true(used <= n);
		at += used;
	}
	if (s == HTTP_DONE)
		r = http_parser_take(p);
	else if (s == HTTP_BAD)
		*status = http_parser_status(p);
	if (rest != NULL)
		*rest = in.n - at;
	http_parser_free(&p);
	return r;
}

static struct http_request *
good(const char *text, size_t *rest)
{
	struct http_request *r = NULL;
	static const size_t steps[] = { 1, 2, 3, 7, 64, 100000 };
	int status;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		http_request_free(&r);
		r = parse(str_from(text), steps[i], 1000, &status, rest);
		assert_int_equal(status, 0);
		assert_non_null(r);
	}
	return r;
}

static void
test_get(void **state)
{
	struct arena *a = arena_new(0);
	struct http_request *r = good("GET /a/b%20c?x=1&y=%C3%BC+z HTTP/1.1\r\nHost: h\r\n"
	    "Cookie: a=1; baton_session=tok; b=2\r\nX-Y:  spaced  \r\n\r\n", NULL);
	struct str v;
	bool found;

	(void)state;
	assert_int_equal(r->method, HTTP_METHOD_GET);
	assert_true(str_eqz(r->path, "/a/b c"));
	assert_true(r->keep_alive);
	assert_true(str_eqz(http_header_get(r, "x-y"), "spaced"));
	assert_true(str_eqz(http_cookie_get(r, "baton_session"), "tok"));
	assert_int_equal(http_cookie_get(r, "c").n, 0);
	assert_int_equal(http_query_get(r, "y", a, &v, &found, NULL), E_OK);
	assert_true(found && str_eqz(v, "\xc3\xbc z"));
	http_request_free(&r);
	arena_free(&a);
}

static void
test_bodies(void **state)
{
	size_t rest;
	struct http_request *r = good("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
	    "hello", &rest);

	(void)state;
	assert_true(str_eqz(r->body, "hello"));
	assert_int_equal(rest, 0);
	http_request_free(&r);
	r = good("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5\r\nhello\r\nA\r\n, chunked!\r\n0\r\n\r\n", &rest);
	assert_true(str_eqz(r->body, "hello, chunked!"));
	http_request_free(&r);
	r = good("POST /x HTTP/1.0\r\nContent-Length: 0\r\n\r\n", NULL);
	assert_false(r->keep_alive);
	http_request_free(&r);
}

static void
test_what_follows_is_left(void **state)
{
	static const char two[] = "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
	    "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
	static const char chunks[] = "POST /1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
	    "\r\n2\r\nab\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
	struct http_request *r;
	size_t rest;
	int status;

	(void)state;
	r = parse(str_from(two), 1000, 100, &status, &rest);
	assert_non_null(r);
	assert_true(str_eqz(r->body, "ab"));
	assert_int_equal(rest, strlen("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"));
	http_request_free(&r);
	r = parse(str_from(chunks), 1000, 100, &status, &rest);
	assert_non_null(r);
	assert_true(str_eqz(r->body, "ab"));
	assert_int_equal(rest, strlen("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"));
	http_request_free(&r);
}

#define H "GET / HTTP/1.1\r\nHost: h\r\n"
#define P "POST / HTTP/1.1\r\nHost: h\r\n"

static void
test_refused(void **state)
{
	static const struct {
		const char *name, *text;
		int status;
	} bad[] = {
		{ "CL and TE", P "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
		{ "TE and CL", P "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400 },
		{ "two CL", P "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400 },
		{ "two equal CL", P "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400 },
		{ "CL list", P "Content-Length: 5, 5\r\n\r\nhello", 400 },
		{ "CL sign", P "Content-Length: +5\r\n\r\nhello", 400 },
		{ "CL negative", P "Content-Length: -5\r\n\r\nhello", 400 },
		{ "CL hex", P "Content-Length: 0x5\r\n\r\nhello", 400 },
		{ "CL empty", P "Content-Length:\r\n\r\nhello", 400 },
		{ "CL huge", P "Content-Length: 99999999999999999999\r\n\r\n", 400 },
		{ "TE twice", P "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "0\r\n\r\n", 400 },
		{ "TE identity", P "Transfer-Encoding: identity\r\n\r\n", 0 },
		{ "TE gzip, chunked", P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 0 },
		{ "TE chunked, identity", P "Transfer-Encoding: chunked, identity\r\n\r\n", 0 },
		{ "TE with tab", P "Transfer-Encoding:\tchunkedx\r\n\r\n", 0 },
		{ "TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
		{ "space before colon", P "Content-Length : 5\r\n\r\nhello", 400 },
		{ "bare LF in head", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400 },
		{ "bare LF after header", H "A: b\nC: d\r\n\r\n", 400 },
		{ "bare LF at the end", H "\n", 400 },
		{ "bare CR", H "A: b\rC: d\r\n\r\n", 400 },
		{ "folded", H "A: b\r\n c\r\n\r\n", 400 },
		{ "folded first", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400 },
		{ "no colon", H "nonsense\r\n\r\n", 400 },
		{ "two Host", H "Host: i\r\n\r\n", 400 },
		{ "no Host", "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505 },
		{ "HTTP/0.9", "GET /\r\n\r\n", 0 },
		{ "absolute", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "star", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 405 },
		{ "dots", "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "encoded dots", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "encoded slash", "GET /a%2fb HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "encoded NUL", "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "broken percent", "GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "not UTF-8", "GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "expectation", P "Expect: teapot\r\nContent-Length: 1\r\n\r\nx", 417 },
		{ "chunk without CRLF", P "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n", 400 },
		{ "chunk bare LF", P "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400 },
		{ "last chunk bare LF", P "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\n", 400 },
		{ "chunk extension", P "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", 400 },
		{ "trailer", P "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", 400 },
		{ "chunk too long", P "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400 },
		{ "body too big", P "Content-Length: 1001\r\n\r\n", 413 },
		{ "garbage", "\x16\x03\x01\x02\xfc\r\n\r\n", 400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t step = 1; step < 2000; step *= 7) {
			struct str in = { bad[i].text, strlen(bad[i].text) };
			struct http_request *r;
			int status;

			r = parse(in, step, 1000, &status, NULL);
			if (r != NULL || (bad[i].status != 0 ? status != bad[i].status : status < 400))
				fail_msg("%s, %zu at once: %d", bad[i].name, step, status);
		}
}

static void
add_many(struct buf *b, const char *what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add_z(b, what);
}

static void
test_sizes(void **state)
{
	struct http_request *r;
	struct buf b;
	int status;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_add_z(&b, "GET / HTTP/1.1\r\nHost: h\r\n");
	add_many(&b, "A: b\r\n", HTTP_HEADERS_MAX);
	buf_add_z(&b, "\r\n");
	assert_null(parse(buf_str(&b), 100, 0, &status, NULL));
	assert_int_equal(status, 431);
	buf_reset(&b);
	buf_add_z(&b, "GET / HTTP/1.1\r\nHost: ");
	add_many(&b, "h", HTTP_HEAD_MAX);
	assert_null(parse(buf_str(&b), 100, 0, &status, NULL));
	assert_int_equal(status, 431);
	buf_reset(&b);
	buf_add_z(&b, "GET /");
	add_many(&b, "u", HTTP_URL_MAX);
	buf_add_z(&b, " HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_null(parse(buf_str(&b), 100, 0, &status, NULL));
	assert_int_equal(status, 414);
	buf_reset(&b);
	buf_add_z(&b, P "Transfer-Encoding: chunked\r\n\r\n");
	add_many(&b, "a\r\n0123456789\r\n", 101);
	assert_null(parse(buf_str(&b), 100, 1000, &status, NULL));
	assert_int_equal(status, 413);
	buf_reset(&b);
	buf_add_z(&b, H);
	add_many(&b, "A: b\r\n", HTTP_HEADERS_MAX - 1);
	buf_add_z(&b, "\r\n");
	r = parse(buf_str(&b), 100, 0, &status, NULL);
	assert_non_null(r);
	assert_int_equal(r->headers_n, HTTP_HEADERS_MAX);
	http_request_free(&r);
	buf_free(&b);
}

static void
test_doubled_headers_count_as_absent(void **state)
{
	struct http_request *r = good(H "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"
	    "Cookie: s=1; s=2\r\n\r\n", NULL);

	(void)state;
	assert_int_equal(http_header_get(r, "authorization").n, 0);
	assert_int_equal(http_cookie_get(r, "s").n, 0);
	http_request_free(&r);
}

static void
test_upgrades(void **state)
{
	struct http_request *r = good(H "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
	    "\r\n", NULL);

	(void)state;
	assert_true(r->upgrade_ws);
	http_request_free(&r);
	/* Another upgrade is not ours: answered, then the end. */
	r = good(H "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", NULL);
	assert_false(r->upgrade_ws);
	assert_false(r->keep_alive);
	http_request_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_what_follows_is_left),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_doubled_headers_count_as_absent),
		cmocka_unit_test(test_upgrades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
