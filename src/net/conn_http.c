/* SPDX-License-Identifier: Apache-2.0 */
/* conn_http.c - a connection that speaks HTTP: requests in, answers out. */
#include "net/conn.h"

#include <stdlib.h>
#include <string.h>

#define LINGER_US US_PER_S
#define WRITE_STEP ((size_t)16 * 1024)

static int64_t
state_limit(struct conn *c)
{
	const struct net_limits *l = &c->net->spec.limits;

	switch (c->state) {
	case CONN_IDLE:
		return l->idle_us;
	case CONN_HEAD:
		return l->head_us;
	case CONN_BODY:
		return l->body_us;
	case CONN_HANDLER:
		return l->reply_us;
	case CONN_WRITE:
		return l->write_us + (int64_t)(c->out_bytes / WRITE_STEP) * US_PER_S;
	case CONN_LINGER:
		return LINGER_US;
	case CONN_WS:
	case CONN_WS_CLOSING:
		break;
	}
	NEVER("a socket is not HTTP");
	return 0;
}

static void
enter(struct conn *c, enum conn_state s)
{
	if (c->state == s)
		return;
	c->state = s;
	/* The first head's time runs from the connection's beginning. */
	if (s != CONN_HEAD || c->used)
		conn_deadline(c, state_limit(c));
	c->used = true;
}

void
conn_http_simple(struct conn *c, int status)
{
	struct buf head;

	buf_init(&head, 512);
	buf_fmt(&head, "HTTP/1.1 %d %s\r\n", status, http_status_text(status));
	if (status == 426)
		buf_add_z(&head, "Sec-WebSocket-Version: 13\r\n");
	buf_add_z(&head, "Content-Length: 0\r\n");
	conn_http_reply(c, status, net_blob_take(&head), NULL, true);
}

static void
refuse(struct conn *c, int status, const char *why)
{
	struct net *n = c->net;

	stat_add(n, STAT_BAD, 1);
	if (n->spec.on_bad != NULL)
		n->spec.on_bad(n->spec.ctx, &c->peer, status, why);
	conn_http_simple(c, status);
}

static bool
offers_subprotocol(const struct http_request *r)
{
	struct str rest = http_header_get(r, "sec-websocket-protocol");

	while (rest.n > 0)
		if (str_eqz(str_trim(str_cut(rest, ',', &rest)), WS_SUBPROTOCOL))
			return true;
	return false;
}

/* Fills in what a good upgrade needs; 0, or the status that refuses it. */
static int
judge_upgrade(struct conn *c, const struct http_request *r)
{
	char key[29];

	if (!str_eqz(http_header_get(r, "sec-websocket-version"), "13"))
		return 426;
	if (!ws_accept_key(http_header_get(r, "sec-websocket-key"), key) || !offers_subprotocol(r))
		return 400;
	c->ws_accept = malloc(sizeof(key));
	CHECK(c->ws_accept != NULL);
	memcpy(c->ws_accept, key, sizeof(key));
	return 0;
}

/* The request leaves the connection and goes to its handler. */
static void
dispatch(struct conn *c)
{
	struct net *n = c->net;
	struct http_request *r = http_parser_take(c->parser);
	int status;

	http_parser_free(&c->parser);
	stat_add(n, STAT_REQUESTS, 1);
	r->conn = c->ref;
	r->peer = c->peer;
	r->peer_trusted = c->peer_trusted;
	r->client = addr_of_client(&n->spec.trusted, &c->peer,
	    http_header_get(r, "x-forwarded-for"));
	r->https = c->peer_trusted &&
	    str_eq_nocase(http_header_get(r, "x-forwarded-proto"), STR("https"));
	r->started_us = net_now(n);
	c->head_only = r->method == HTTP_METHOD_HEAD;
	c->close_after = !r->keep_alive;
	if (r->upgrade_ws) {
		status = judge_upgrade(c, r);
		if (status != 0) {
			http_request_free(&r);
			refuse(c, status, "not an upgrade we speak");
			return;
		}
	}
	conn_read(c, false);
	enter(c, CONN_HANDLER);
	n->spec.on_request(n->spec.ctx, r);
}

static void
head_complete(struct conn *c)
{
	struct net *n = c->net;
	const struct http_request *r = http_parser_request(c->parser);

	http_parser_limit_body(c->parser, n->spec.body_limit(n->spec.ctx, r));
	enter(c, CONN_BODY);
}

static void
say_continue(struct conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	conn_send(c, net_blob_static(text, sizeof(text) - 1));
}

/* Reads on from p until a request is complete or the bytes end. What follows a
 * complete request waits in c->rest. */
static void
feed(struct conn *c, const char *p, size_t n)
{
	enum http_state s;
	size_t used;
	bool expects = false;

	if (c->parser == NULL)
		c->parser = http_parser_new();
	enter(c, c->state == CONN_BODY ? CONN_BODY : CONN_HEAD);
	for (;;) {
		s = http_parser_feed(c->parser, p, n, &used);
		p += used;
		n -= used;
		if (s == HTTP_HAS_HEAD) {
			expects = http_parser_request(c->parser)->expect_continue && n == 0;
			head_complete(c);
			continue;
		}
		break;
	}
	if (s == HTTP_BAD) {
		refuse(c, http_parser_status(c->parser), http_parser_why(c->parser));
		return;
	}
	if (s == HTTP_WANTS_MORE) {
		if (expects)
			say_continue(c);
		return;
	}
	if (n > 0)
		buf_add(&c->rest, p, n);
	dispatch(c);
}

void
conn_http_bytes(struct conn *c, const char *p, size_t n)
{
	/* Bytes that were under way when reading stopped. */
	if (c->state == CONN_HANDLER || c->state == CONN_WRITE) {
		buf_add(&c->rest, p, n);
		if (c->rest.over)
			conn_close(c);
		return;
	}
	feed(c, p, n);
}

static void
make_tails(struct net *n)
{
	int64_t now = clock_now_us(n->spec.clock) / US_PER_S;
	char date[64], text[160];
	struct tm tm;
	time_t t = (time_t)now;
	int len;

	if (n->tail_keep != NULL && n->tail_second == now)
		return;
	net_blob_unref(&n->tail_keep);
	net_blob_unref(&n->tail_close);
	n->tail_second = now;
	CHECK(gmtime_r(&t, &tm) != NULL);
	CHECK(strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0);
	len = snprintf(text, sizeof(text), "Date: %s\r\n\r\n", date);
	n->tail_keep = net_blob_new(text, (size_t)len);
	len = snprintf(text, sizeof(text), "Date: %s\r\nConnection: close\r\n\r\n", date);
	n->tail_close = net_blob_new(text, (size_t)len);
}

/* Takes head (without the empty line) and body. */
void
conn_http_reply(struct conn *c, int status, struct net_blob *head, struct net_blob *body,
    bool close)
{
	struct net *n = c->net;

	(void)status;
	make_tails(n);
	c->close_after = c->close_after || close || atomic_load(&n->draining);
	conn_send(c, head);
	conn_send(c, net_blob_ref(c->close_after ? n->tail_close : n->tail_keep));
	if (body != NULL && c->head_only)
		net_blob_unref(&body);
	if (body != NULL)
		conn_send(c, body);
	free(c->ws_accept);
	c->ws_accept = NULL;
	conn_read(c, false);
	enter(c, CONN_WRITE);
}

/* Closing with unread bytes would reset the connection and take our answer
 * from the peer: say that we are done, read a moment longer. */
static void
linger(struct conn *c)
{
	enter(c, CONN_LINGER);
	conn_shutdown(c);
	conn_read(c, true);
}

void
conn_http_sent(struct conn *c)
{
	if (c->state != CONN_WRITE)
		return;
	if (c->close_after) {
		linger(c);
		return;
	}
	enter(c, CONN_IDLE);
	conn_http_go_on(c);
}

void
conn_http_go_on(struct conn *c)
{
	struct buf rest = c->rest;

	if (rest.n == 0) {
		conn_read(c, true);
		return;
	}
	/* feed() may keep a new rest: hand it our own copy. */
	buf_init(&c->rest, READ_BUFFER);
	conn_read(c, true);
	feed(c, rest.p, rest.n);
	buf_free(&rest);
}

void
conn_http_upgrade(struct conn *c, void *user)
{
	struct buf head;

	CHECK(c->ws_accept != NULL);
	buf_init(&head, 512);
	buf_fmt(&head, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
	    "Sec-WebSocket-Protocol: " WS_SUBPROTOCOL "\r\n\r\n", c->ws_accept);
	conn_send(c, net_blob_take(&head));
	free(c->ws_accept);
	c->ws_accept = NULL;
	c->user = user;
	c->upgraded = true;
	conn_ws_begin(c);
}

void
conn_http_timeout(struct conn *c)
{
	struct net *n = c->net;

	if (c->state != CONN_IDLE && c->state != CONN_LINGER)
		stat_add(n, STAT_TIMEOUTS, 1);
	switch (c->state) {
	case CONN_HEAD:
	case CONN_BODY:
		refuse(c, 408, "the request took too long");
		return;
	case CONN_HANDLER:
		conn_http_simple(c, 504);
		return;
	case CONN_IDLE:
	case CONN_WRITE:
	case CONN_LINGER:
	case CONN_WS:
	case CONN_WS_CLOSING:
		break;
	}
	conn_close(c);
}
