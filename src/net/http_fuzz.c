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
	uint64_t h = STR_HASH64;
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
		h = str_hash64_more(str_hash64_more(h, r->body), r->path);
		h = str_hash64_byte(h, (char)r->headers_n);
		http_request_free(&r);
		s = HTTP_WANTS_MORE;
	}
	h = str_hash64_byte(h, s == HTTP_BAD);
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
