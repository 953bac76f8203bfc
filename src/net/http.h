/* SPDX-License-Identifier: Apache-2.0 */
/* http.h - one HTTP/1.1 request from bytes, and the head of a response.
 *
 * The parser is strict and has no lenient mode: a request that two parsers
 * could read differently (CL with TE, bare LF or CR, folded lines, doubled
 * Content-Length or Host, unknown coding) is refused and the connection closed.
 * No sockets here, so the fuzzer drives exactly what the server runs.
 * A request owns its bytes; all its strs point into it.  Not thread-safe, but
 * a finished request may move to another thread.
 */
#pragma once

#include "base/buf.h"
#include "net/addr.h"

#define HTTP_HEAD_MAX ((size_t)16 * 1024)	/* request line and headers, bytes */
#define HTTP_URL_MAX ((size_t)2048)
#define HTTP_HEADERS_MAX ((size_t)64)
#define HTTP_NOTES 1024

enum http_method { HTTP_METHOD_GET, HTTP_METHOD_HEAD, HTTP_METHOD_POST, HTTP_METHOD_PUT,
	HTTP_METHOD_DELETE, HTTP_METHOD_OTHER };

const char *http_method_text(enum http_method m);

/* Names a connection: (slot, generation). A dead generation drops what is sent. */
struct conn_ref {
	uint32_t slot, gen;
};

struct http_header {
	struct str name, value;	/* value trimmed */
};

struct http_request {
	enum http_method method;	/* HEAD too: answer it like GET, the body is left out */
	struct str target;		/* as sent */
	struct str path;		/* percent-decoded; begins with '/', no NUL, no "." or ".." segment */
	struct str query;		/* raw, without '?' */
	struct str body;		/* decoded when it came in chunks */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t headers_n;
	bool keep_alive, upgrade_ws, expect_continue;
	/* set by the server */
	struct conn_ref conn;
	struct addr peer, client;	/* client: behind trusted proxies */
	bool peer_trusted, https;	/* https: X-Forwarded-Proto of a trusted peer */
	int64_t started_us;		/* monotonic */
	/* The owner's notes about this request: live as long as it. Not zeroed. */
	_Alignas(16) unsigned char notes[HTTP_NOTES];
	/* the parser's own */
	char *head_mem;
	char path_mem[HTTP_URL_MAX];
	struct buf body_mem;
};

void http_request_free(struct http_request **r);
/* The value of the only header of that name; empty when absent or doubled. */
struct str http_header_get(const struct http_request *r, const char *name);
/* One cookie's value; empty when absent or sent twice. */
struct str http_cookie_get(const struct http_request *r, const char *name);
/* A query parameter, percent-decoded into the arena; false when absent.
 * Doubled or broken: E_INVALID names it. *found may be false with E_OK. */
enum err http_query_get(const struct http_request *r, const char *name, struct arena *a,
    struct str *out, bool *found, struct fault *f) NODISCARD;

/* ---- the parser ---- */

struct http_parser;

enum http_state {
	HTTP_WANTS_MORE,
	HTTP_HAS_HEAD,	/* the head is complete: set the body's limit, then go on */
	HTTP_DONE,	/* http_parser_take() gives the request */
	HTTP_BAD,	/* http_parser_status() says with what to answer; then close */
};

struct http_parser *http_parser_new(void);
void http_parser_free(struct http_parser **p);
/* Takes bytes; *used says how many (the rest belongs to the next request, or
 * to the socket after an upgrade).  After HTTP_HAS_HEAD call again, also with n = 0. */
enum http_state http_parser_feed(struct http_parser *p, const char *bytes, size_t n, size_t *used);
const struct http_request *http_parser_request(const struct http_parser *p);	/* after HTTP_HAS_HEAD */
void http_parser_limit_body(struct http_parser *p, size_t max_bytes);
bool http_parser_in_head(const struct http_parser *p);
bool http_parser_is_idle(const struct http_parser *p);	/* between two requests */
int http_parser_status(const struct http_parser *p);	/* 400, 405, 413, 414, 417, 431, 501, 505 */
const char *http_parser_why(const struct http_parser *p);
struct http_request *http_parser_take(struct http_parser *p);	/* the parser is ready for the next */

const char *http_status_text(int status);
