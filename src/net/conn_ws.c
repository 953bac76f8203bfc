/* SPDX-License-Identifier: Apache-2.0 */
/* conn_ws.c - a connection that speaks WebSocket. */
#include "net/conn.h"

#include <stdlib.h>
#include <string.h>

#define CLOSE_US (2 * US_PER_S)		/* the peer has to answer our close */
#define CLOSE_SLOW_US (5 * US_PER_S)	/* a slow reader, to see why */

void
conn_ws_begin(struct conn *c)
{
	struct buf rest = c->rest;

	c->state = CONN_WS;
	c->close_code = WS_ABNORMAL;
	c->heard_us = net_now(c->net);
	conn_deadline(c, c->net->spec.limits.ping_us);
	stat_add(c->net, STAT_SOCKETS, 1);
	buf_init(&c->rest, READ_BUFFER);
	conn_read(c, true);
	if (rest.n > 0)
		conn_ws_bytes(c, rest.p, rest.n);
	buf_free(&rest);
}

static void
send_control(struct conn *c, enum ws_opcode op, const void *payload, size_t n)
{
	uint8_t frame[10 + 125];
	size_t head = ws_frame_header(frame, op, n);

	CHECK(n <= 125);
	if (n > 0)
		memcpy(frame + head, payload, n);
	conn_send(c, net_blob_new(frame, head + n));
}

void
conn_ws_close(struct conn *c, int code, const char *reason)
{
	uint8_t payload[125];
	size_t n = reason != NULL ? strlen(reason) : 0;

	if (c->closing || c->state != CONN_WS)
		return;
	c->state = CONN_WS_CLOSING;
	c->close_code = code;
	n = n > sizeof(payload) - 2 ? sizeof(payload) - 2 : n;
	payload[0] = (uint8_t)(code >> 8);
	payload[1] = (uint8_t)code;
	if (n > 0)
		memcpy(payload + 2, reason, n);
	if (code == WS_NO_STATUS)
		send_control(c, WS_OP_CLOSE, NULL, 0);
	else
		send_control(c, WS_OP_CLOSE, payload, n + 2);
	conn_deadline(c, CLOSE_US);
}

static void
too_slow(struct conn *c)
{
	stat_add(c->net, STAT_SLOW, 1);
	conn_drop_unsent(c);
	conn_ws_close(c, WS_TRY_LATER, "too much is waiting to be read");
	conn_deadline(c, CLOSE_SLOW_US);
}

void
conn_ws_send(struct conn *c, struct net_blob *frame)
{
	if (c->closing || c->state != CONN_WS) {
		net_blob_unref(&frame);
		return;
	}
	if (c->out_bytes + net_blob_size(frame) > c->net->spec.limits.ws_out_bytes) {
		net_blob_unref(&frame);
		too_slow(c);
		return;
	}
	stat_add(c->net, STAT_FRAMES_OUT, 1);
	conn_send(c, frame);
}

/* ---- what the reader found ---- */

static void
on_text(void *arg, struct str message)
{
	struct conn *c = arg;
	struct net *n = c->net;
	int64_t second = c->heard_us / US_PER_S;

	if (c->closing || c->state != CONN_WS)
		return;
	stat_add(n, STAT_FRAMES_IN, 1);
	if (second != c->second_us) {
		c->second_us = second;
		c->frames_in_second = 0;
	}
	if (n->spec.limits.ws_frames_per_s > 0 &&
	    ++c->frames_in_second > n->spec.limits.ws_frames_per_s) {
		conn_ws_close(c, WS_TOO_MANY, "too many frames");
		return;
	}
	n->spec.on_ws_text(n->spec.ctx, c->ref, c->user, message);
}

static void
on_ping(void *arg, struct str payload)
{
	struct conn *c = arg;

	if (c->closing || c->state != CONN_WS)
		return;
	/* A peer that pings and does not read is a slow reader too. */
	if (c->out_bytes > c->net->spec.limits.ws_out_bytes)
		too_slow(c);
	else
		send_control(c, WS_OP_PONG, payload.p, payload.n);
}

static void
on_pong(void *arg)
{
	(void)arg;	/* heard_us says it all */
}

static void
on_close(void *arg, int code)
{
	struct conn *c = arg;

	if (c->state == CONN_WS)
		conn_ws_close(c, code, NULL);
	/* Both have said it: go when ours is out. */
	c->close_after = true;
}

void
conn_ws_bytes(struct conn *c, const char *p, size_t n)
{
	static const struct ws_events events = { on_text, on_ping, on_pong, on_close };
	int code;

	if (c->closing)
		return;
	c->heard_us = net_now(c->net);
	if (c->ws == NULL && c->net->ws_spare != NULL) {
		c->ws = c->net->ws_spare;
		c->net->ws_spare = NULL;
	}
	if (c->ws == NULL) {
		c->ws = calloc(1, sizeof(*c->ws));
		CHECK(c->ws != NULL);
	}
	code = ws_reader_feed(c->ws, c->net->ws_store, p, n, &events, c);
	if (c->closing || c->ws == NULL)
		return;
	if (code != 0) {
		conn_ws_close(c, code, NULL);
		c->ws->closed = true;	/* what follows is not understood any more */
		c->close_after = true;
		return;
	}
	if (c->ws->feed == NULL && !c->ws->in_message && !c->ws->closed) {
		if (c->net->ws_spare == NULL)
			c->net->ws_spare = c->ws;
		else
			free(c->ws);
		c->ws = NULL;
	}
}

void
conn_ws_sent(struct conn *c)
{
	if (c->state != CONN_WS_CLOSING || !c->close_after)
		return;
	/* The close frame is with the kernel; unread bytes must not reset it away. */
	c->close_after = false;
	conn_shutdown(c);
}

void
conn_ws_timeout(struct conn *c)
{
	const struct net_limits *l = &c->net->spec.limits;

	if (c->state == CONN_WS_CLOSING) {
		conn_close(c);
		return;
	}
	if (net_now(c->net) - c->heard_us >= l->dead_us) {
		stat_add(c->net, STAT_TIMEOUTS, 1);
		conn_close(c);
		return;
	}
	send_control(c, WS_OP_PING, NULL, 0);
	conn_deadline(c, l->ping_us);
}

void
conn_ws_free(struct conn *c)
{
	struct net *n = c->net;

	if (c->ws != NULL) {
		ws_reader_free(c->ws, n->ws_store);
		free(c->ws);
		c->ws = NULL;
	}
	stat_add(n, STAT_SOCKETS, UINT64_MAX);
	n->spec.on_ws_close(n->spec.ctx, c->ref, c->user, c->close_code);
	c->user = NULL;
}
