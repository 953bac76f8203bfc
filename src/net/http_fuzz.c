/* SPDX-License-Identifier: Apache-2.0 */
/* http_fuzz.c - the server's parser: the same bytes in one piece and in many
 * give the same requests, and never more bytes than there were. */
#include "net/http.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 4096

/* A digest of what was understood. */
static uint64_t
run(const char *p, size_t n, size_t step)
{
	struct http_parser *parser = http_parser_new();
	struct http_request *r;
	uint64_t h = 1469598103934665603U;
	enum http_state s = HTTP_WANTS_MORE;
	size_t at = 0, used, piece;

	while (s != HTTP_BAD && (at < n || s == HTTP_HAS_HEAD)) {
		if (s == HTTP_HAS_HEAD) {
			http_parser_limit_body(parser, BODY_MAX);
			CHECK(http_parser_request(parser)->headers_n <= HTTP_HEADERS_MAX);
		}
		piece = n - at < step ? n - at : step;
		s = http_parser_feed(parser, p + at, piece, &used);
		CHECK(used <= piece);
		at += used;
		if (s != HTTP_DONE)
			continue;
		r = http_parser_take(parser);
		CHECK(r->body.n <= BODY_MAX);
		CHECK(r->path.n > 0 && r->path.p[0] == '/');
		CHECK(str_find(r->path, STR("/../")) < 0);
		CHECK(str_utf8_valid(r->path, NULL));
		for (size_t i = 0; i < r->body.n; i++)
			h = (h ^ (unsigned char)r->body.p[i]) * 1099511628211U;
		for (size_t i = 0; i < r->path.n; i++)
			h = (h ^ (unsigned char)r->path.p[i]) * 1099511628211U;
		h = (h ^ r->headers_n) * 1099511628211U;
		http_request_free(&r);
		s = HTTP_WANTS_MORE;
	}
	h = (h ^ (s == HTTP_BAD)) * 1099511628211U;
	http_parser_free(&parser);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run((const char *)data, size, SIZE_MAX);

	CHECK(run((const char *)data, size, 1) == whole);
	CHECK(run((const char *)data, size, 7) == whole);
	return 0;
}
