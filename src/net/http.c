/* SPDX-License-Identifier: Apache-2.0 */
/* http.c - one HTTP/1.1 request from bytes.
 *
 * The head is collected whole and its line ends are judged here, byte by byte,
 * before llhttp sees it: llhttp 8 forgives a bare LF in some places, and what
 * two parsers read differently is how requests are smuggled.  As the head lies
 * in one piece, all of llhttp's spans are views into it.
 */
#include "net/http.h"

#include <llhttp.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x477BU
#define END_OF_CHUNKS 0x0d0a0d0aU	/* CRLF CRLF */
#define HEAD_FIRST_CAP ((size_t)1024)

enum phase { IN_IDLE, IN_HEAD, AT_HEAD_END, IN_BODY, IN_BAD };

struct http_parser {
	unsigned magic;
	llhttp_t ll;
	enum phase phase;
	struct http_request *r;
	size_t head_n, head_cap;
	unsigned blank;		/* how much of CRLF CRLF was seen: 0..4 */
	bool skipped_line;	/* one empty line before a request is forgiven */
	bool in_value, head_done, complete, has_body, chunked;
	size_t hosts, body_max;
	uint32_t tail;		/* the last four bytes of a chunked body */
	int status;
	const char *why;
};

static llhttp_settings_t callbacks;

static enum http_state
bad(struct http_parser *p, int status, const char *why)
{
	p->phase = IN_BAD;
	p->status = status;
	p->why = why;
	return HTTP_BAD;
}

/* ---- llhttp's callbacks: they only take notes ---- */

static int
refuse(struct http_parser *p, int status, const char *why)
{
	(void)bad(p, status, why);
	return HPE_USER;
}

static int
on_url(llhttp_t *ll, const char *at, size_t n)
{
	struct http_parser *p = ll->data;

	p->r->target = (struct str){ at, n };
	return n > HTTP_URL_MAX - 1 ? refuse(p, 414, "the address is too long") : 0;
}

static int
on_field(llhttp_t *ll, const char *at, size_t n)
{
	struct http_parser *p = ll->data;
	struct http_request *r = p->r;

	if (p->head_done)
		return refuse(p, 400, "a trailer");
	if (!p->in_value && r->headers_n > 0 && r->headers[r->headers_n - 1].value.p == NULL) {
		r->headers[r->headers_n - 1].name.n += n;
		return 0;
	}
	if (r->headers_n == HTTP_HEADERS_MAX)
		return refuse(p, 431, "too many headers");
	r->headers[r->headers_n++] = (struct http_header){ { at, n }, STR_NONE };
	p->in_value = false;
	return 0;
}

static int
on_value(llhttp_t *ll, const char *at, size_t n)
{
	struct http_parser *p = ll->data;
	struct http_header *h;

	if (p->head_done)
		return refuse(p, 400, "a trailer");
	CHECK(p->r->headers_n > 0);
	h = &p->r->headers[p->r->headers_n - 1];
	if (h->value.p == NULL)
		h->value.p = at;
	h->value.n = (size_t)(at + n - h->value.p);
	p->in_value = true;
	return 0;
}

static int
on_value_complete(llhttp_t *ll)
{
	struct http_parser *p = ll->data;

	if (p->head_done)
		return 0;
	p->in_value = true;
	return 0;
}

static int
on_headers_complete(llhttp_t *ll)
{
	struct http_parser *p = ll->data;

	p->head_done = true;
	return 0;
}

static int
on_body(llhttp_t *ll, const char *at, size_t n)
{
	struct http_parser *p = ll->data;

	buf_add(&p->r->body_mem, at, n);
	return p->r->body_mem.over ? refuse(p, 413, "the body is too big") : 0;
}

static int
on_chunk_extension(llhttp_t *ll, const char *at, size_t n)
{
	(void)at;
	(void)n;
	return refuse(ll->data, 400, "a chunk extension");
}

static int
on_complete(llhttp_t *ll)
{
	struct http_parser *p = ll->data;

	p->complete = true;
	return HPE_PAUSED;
}

static void __attribute__((constructor))
set_up_callbacks(void)
{
	llhttp_settings_init(&callbacks);
	callbacks.on_url = on_url;
	callbacks.on_header_field = on_field;
	callbacks.on_header_value = on_value;
	callbacks.on_header_value_complete = on_value_complete;
	callbacks.on_headers_complete = on_headers_complete;
	callbacks.on_body = on_body;
	callbacks.on_chunk_extension_name = on_chunk_extension;
	callbacks.on_chunk_extension_value = on_chunk_extension;
	callbacks.on_message_complete = on_complete;
}

/* ---- the request ---- */

static struct http_request *
request_new(void)
{
	struct http_request *r = malloc(sizeof(*r));

	CHECK(r != NULL);
	/* Not the big arrays: they are filled as far as their counts say. */
	memset(r, 0, offsetof(struct http_request, headers));
	r->headers_n = 0;
	r->keep_alive = r->upgrade_ws = r->expect_continue = false;
	r->conn = (struct conn_ref){ 0, 0 };
	memset(&r->peer, 0, sizeof(r->peer));
	memset(&r->client, 0, sizeof(r->client));
	r->peer_trusted = r->https = false;
	r->started_us = 0;
	r->head_mem = NULL;
	buf_init(&r->body_mem, 0);
	return r;
}

void
http_request_free(struct http_request **rp)
{
	struct http_request *r = *rp;

	if (r == NULL)
		return;
	free(r->head_mem);
	buf_free(&r->body_mem);
	free(r);
	*rp = NULL;
}

struct http_parser *
http_parser_new(void)
{
	struct http_parser *p = calloc(1, sizeof(*p));

	CHECK(p != NULL);
	p->magic = MAGIC;
	return p;
}

void
http_parser_free(struct http_parser **pp)
{
	struct http_parser *p = *pp;

	if (p == NULL)
		return;
	CHECK_OBJ(p, MAGIC);
	http_request_free(&p->r);
	p->magic = 0;
	free(p);
	*pp = NULL;
}

static void
begin(struct http_parser *p)
{
	p->r = request_new();
	p->phase = IN_HEAD;
	p->head_n = p->head_cap = 0;
	p->blank = 0;
	p->in_value = p->head_done = p->complete = p->has_body = p->chunked = false;
	p->hosts = p->body_max = 0;
	p->tail = 0;
	llhttp_init(&p->ll, HTTP_REQUEST, &callbacks);
	p->ll.data = p;
}

static void
head_add(struct http_parser *p, char c)
{
	if (p->head_n == p->head_cap) {
		p->head_cap = p->head_cap == 0 ? HEAD_FIRST_CAP : p->head_cap * 2;
		p->r->head_mem = realloc(p->r->head_mem, p->head_cap);
		CHECK(p->r->head_mem != NULL);
	}
	p->r->head_mem[p->head_n++] = c;
}

/* One byte of the head: its line ends. NULL, or what is wrong. */
static const char *
judge_byte(struct http_parser *p, char c)
{
	if (c == '\n') {
		if ((p->blank & 1) == 0)
			return "a line ends with a bare LF";
		p->blank++;
		return NULL;
	}
	if ((p->blank & 1) != 0)
		return "a bare CR";
	if (c == '\r') {
		p->blank++;
		return NULL;
	}
	if (p->blank == 2 && (c == ' ' || c == '\t'))
		return "a folded header line";
	if (c == '\0')
		return "a NUL byte";
	p->blank = 0;
	return NULL;
}

/* ---- what the head means ---- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* *at stands on '%'. -1 when no two hex digits follow. */
static int
percent_byte(struct str s, size_t at)
{
	int hi, lo;

	if (at + 2 >= s.n)
		return -1;
	hi = hex_digit(s.p[at + 1]);
	lo = hex_digit(s.p[at + 2]);
	return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

static bool
has_dot_segment(struct str path)
{
	struct str rest = path, one;

	while (rest.p != NULL) {
		one = str_cut(rest, '/', &rest);
		if (str_eqz(one, ".") || str_eqz(one, ".."))
			return true;
	}
	return false;
}

/* Decodes the path; an encoded slash or control byte has no honest use here. */
static bool
decode_path(struct http_request *r)
{
	struct str raw = str_cut(r->target, '?', &r->query);
	size_t n = 0;
	int c;

	if (raw.n == 0 || raw.p[0] != '/' || raw.n >= sizeof(r->path_mem))
		return false;
	for (size_t i = 0; i < raw.n; i++) {
		c = (unsigned char)raw.p[i];
		if (c <= 0x20 || c >= 0x7f || c == '\\' || c == '#')
			return false;
		if (c == '%') {
			c = percent_byte(raw, i);
			if (c < 0x20 || c == 0x7f || c == '/' || c == '\\')
				return false;
			i += 2;
		}
		r->path_mem[n++] = (char)c;
	}
	r->path = (struct str){ r->path_mem, n };
	for (size_t i = 0; i < r->query.n; i++)
		if (r->query.p[i] <= 0x20 || r->query.p[i] == 0x7f)
			return false;
	return str_utf8_valid(r->path, NULL) && !has_dot_segment(r->path);
}

static enum http_method
method_of(const llhttp_t *ll)
{
	switch (ll->method) {
	case HTTP_GET:
		return HTTP_METHOD_GET;
	case HTTP_HEAD:
		return HTTP_METHOD_HEAD;
	case HTTP_POST:
		return HTTP_METHOD_POST;
	case HTTP_PUT:
		return HTTP_METHOD_PUT;
	case HTTP_DELETE:
		return HTTP_METHOD_DELETE;
	default:
		return HTTP_METHOD_OTHER;
	}
}

static bool
all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= 18;
}

/* The headers that say how long the body is, and the host. */
static enum http_state
judge_framing(struct http_parser *p)
{
	struct http_request *r = p->r;
	size_t lengths = 0, codings = 0;

	for (size_t i = 0; i < r->headers_n; i++) {
		struct http_header *h = &r->headers[i];

		h->value = str_trim(h->value);
		if (str_eq_nocase(h->name, STR("content-length"))) {
			lengths++;
			if (!all_digits(h->value))
				return bad(p, 400, "Content-Length is not a number");
			p->has_body = p->has_body || !str_eqz(h->value, "0");
		} else if (str_eq_nocase(h->name, STR("transfer-encoding"))) {
			codings++;
			if (!str_eq_nocase(h->value, STR("chunked")))
				return bad(p, 501, "a transfer coding other than chunked");
			p->has_body = p->chunked = true;
		} else if (str_eq_nocase(h->name, STR("host"))) {
			p->hosts++;
		} else if (str_eq_nocase(h->name, STR("expect"))) {
			if (!str_eq_nocase(h->value, STR("100-continue")))
				return bad(p, 417, "an expectation other than 100-continue");
			r->expect_continue = true;
		}
	}
	if (lengths + codings > 1)
		return bad(p, 400, "the body's length is said twice");
	if (p->ll.http_minor == 0 && codings > 0)
		return bad(p, 400, "a transfer coding in HTTP/1.0");
	if (p->hosts > 1 || (p->hosts == 0 && p->ll.http_minor == 1))
		return bad(p, 400, "not exactly one Host");
	return HTTP_HAS_HEAD;
}

static bool
asks_for_ws(const struct http_request *r)
{
	return r->method == HTTP_METHOD_GET &&
	    str_eq_nocase(http_header_get(r, "upgrade"), STR("websocket")) &&
	    str_find_nocase(http_header_get(r, "connection"), STR("upgrade")) >= 0;
}

static enum http_state
bad_of_llhttp(struct http_parser *p, llhttp_errno_t e)
{
	if (p->phase == IN_BAD)
		return HTTP_BAD;
	return bad(p, e == HPE_INVALID_VERSION ? 505 : 400, llhttp_errno_name(e));
}

static enum http_state
head_end(struct http_parser *p)
{
	struct http_request *r = p->r;
	llhttp_errno_t e = llhttp_execute(&p->ll, r->head_mem, p->head_n);

	if (e != HPE_OK && e != HPE_PAUSED && e != HPE_PAUSED_UPGRADE)
		return bad_of_llhttp(p, e);
	if (!p->head_done)
		return bad(p, 400, "the head is not one");
	if (p->ll.http_major != 1 || p->ll.http_minor > 1)
		return bad(p, 505, "not HTTP/1.1");
	if (p->ll.method == HTTP_CONNECT)
		return bad(p, 405, "CONNECT");
	if (!decode_path(r))
		return bad(p, 400, "the address is not a path");
	if (judge_framing(p) == HTTP_BAD)
		return HTTP_BAD;
	r->method = method_of(&p->ll);
	r->upgrade_ws = asks_for_ws(r);
	if (r->upgrade_ws && p->has_body)
		return bad(p, 400, "an upgrade with a body");
	/* Any other upgrade is answered as if not asked, and then the connection
	 * ends: llhttp has given it up. */
	r->keep_alive = llhttp_should_keep_alive(&p->ll) != 0 && e != HPE_PAUSED_UPGRADE &&
	    p->ll.upgrade == 0;
	if (p->has_body && p->ll.upgrade != 0)
		return bad(p, 400, "an upgrade with a body");
	p->phase = AT_HEAD_END;
	return HTTP_HAS_HEAD;
}

/* ---- feeding ---- */

static enum http_state
feed_head(struct http_parser *p, const char *bytes, size_t n, size_t *used)
{
	const char *wrong;

	for (size_t i = 0; i < n; i++) {
		*used = i + 1;
		wrong = judge_byte(p, bytes[i]);
		if (wrong != NULL)
			return bad(p, 400, wrong);
		head_add(p, bytes[i]);
		if (p->head_n == 2 && p->blank == 2) {
			if (p->skipped_line)
				return bad(p, 400, "empty lines before the request");
			p->skipped_line = true;
			p->head_n = p->blank = 0;
			continue;
		}
		if (p->blank == 4)
			return head_end(p);
		if (p->head_n >= HTTP_HEAD_MAX)
			return bad(p, 431, "the head is too long");
	}
	return HTTP_WANTS_MORE;
}

static enum http_state
feed_body(struct http_parser *p, const char *bytes, size_t n, size_t *used)
{
	llhttp_errno_t e;

	if (p->complete)
		return HTTP_DONE;
	if (n == 0)
		return HTTP_WANTS_MORE;
	e = llhttp_execute(&p->ll, bytes, n);
	*used = n;
	if (e == HPE_PAUSED && p->complete)
		*used = (size_t)(llhttp_get_error_pos(&p->ll) - bytes);
	for (size_t i = *used > 4 ? *used - 4 : 0; i < *used; i++)
		p->tail = p->tail << 8 | (unsigned char)bytes[i];
	if (e == HPE_PAUSED && p->complete) {
		if (p->chunked && p->tail != END_OF_CHUNKS)
			return bad(p, 400, "the last chunk ends with a bare LF");
		return HTTP_DONE;
	}
	return e == HPE_OK ? HTTP_WANTS_MORE : bad_of_llhttp(p, e);
}

enum http_state
http_parser_feed(struct http_parser *p, const char *bytes, size_t n, size_t *used)
{
	CHECK_OBJ(p, MAGIC);
	*used = 0;
	switch (p->phase) {
	case IN_IDLE:
		if (n == 0)
			return HTTP_WANTS_MORE;
		begin(p);
		return feed_head(p, bytes, n, used);
	case IN_HEAD:
		return feed_head(p, bytes, n, used);
	case AT_HEAD_END:
		if (p->has_body && !p->chunked && p->ll.content_length > p->body_max)
			return bad(p, 413, "the body is too big");
		if (p->has_body && p->body_max == 0)
			return bad(p, 413, "a body where none belongs");
		if (!p->has_body)
			p->complete = true;
		p->phase = IN_BODY;
		return feed_body(p, bytes, n, used);
	case IN_BODY:
		return feed_body(p, bytes, n, used);
	case IN_BAD:
		break;
	}
	return HTTP_BAD;
}

const struct http_request *
http_parser_request(const struct http_parser *p)
{
	return p->r;
}

void
http_parser_limit_body(struct http_parser *p, size_t max_bytes)
{
	p->body_max = max_bytes;
	p->r->body_mem.max = max_bytes;
}

bool
http_parser_in_head(const struct http_parser *p)
{
	return p->phase == IN_HEAD;
}

bool
http_parser_is_idle(const struct http_parser *p)
{
	return p->phase == IN_IDLE;
}

int
http_parser_status(const struct http_parser *p)
{
	return p->status;
}

const char *
http_parser_why(const struct http_parser *p)
{
	return p->why;
}

struct http_request *
http_parser_take(struct http_parser *p)
{
	struct http_request *r = p->r;

	CHECK(p->phase == IN_BODY && p->complete);
	r->body = buf_str(&r->body_mem);
	p->r = NULL;
	p->phase = IN_IDLE;
	p->skipped_line = false;
	return r;
}
