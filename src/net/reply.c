/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c - answers from any thread: made here, sent by the loop. */
#include "net/conn.h"

#include <stdlib.h>
#include <string.h>

enum reply_kind { REPLY_HTTP, REPLY_UPGRADE, REPLY_FRAME, REPLY_CLOSE };

struct reply {
	struct loop_task task;
	struct net *net;
	enum reply_kind kind;
	bool close;
	int code;		/* status or close code */
	struct net_blob *head, *body;
	void *user;
	const char *reason;
	size_t refs_n;
	struct conn_ref refs[];
};

/* The connection is gone, or has been given up. */
static void
drop(struct reply *r)
{
	struct net *n = r->net;

	stat_add(n, STAT_DROPPED, 1);
	if (r->kind == REPLY_UPGRADE)
		n->spec.on_ws_close(n->spec.ctx, r->refs[0], r->user, WS_ABNORMAL);
}

static void
answer(struct reply *r)
{
	struct conn *c = net_conn(r->net, r->refs[0]);

	if (c == NULL || c->state != CONN_HANDLER ||
	    (r->kind == REPLY_UPGRADE && c->ws_accept == NULL)) {
		drop(r);
		return;
	}
	if (r->kind == REPLY_UPGRADE) {
		conn_http_upgrade(c, r->user);
		return;
	}
	conn_http_reply(c, r->code, r->head, r->body, r->close);
	r->head = r->body = NULL;
}

static struct conn *
socket_of(struct net *n, struct conn_ref ref)
{
	struct conn *c = net_conn(n, ref);

	return c != NULL && c->upgraded ? c : NULL;
}

static void
send_frame(struct net *n, const struct conn_ref *refs, size_t refs_n, struct net_blob *frame)
{
	struct conn *c;

	for (size_t i = 0; i < refs_n; i++)
		if ((c = socket_of(n, refs[i])) != NULL)
			conn_ws_send(c, net_blob_ref(frame));
}

static void
send_close(struct net *n, struct conn_ref ref, int code, const char *reason)
{
	struct conn *c = socket_of(n, ref);

	if (c != NULL)
		conn_ws_close(c, code, reason);
}

static void
run(struct loop_task *t)
{
	struct reply *r = (struct reply *)t;

	role_assert_loop();
	if (r->kind == REPLY_FRAME)
		send_frame(r->net, r->refs, r->refs_n, r->body);
	else if (r->kind == REPLY_CLOSE)
		send_close(r->net, r->refs[0], r->code, r->reason);
	else
		answer(r);
	net_blob_unref(&r->head);
	net_blob_unref(&r->body);
	free(r);
}

static struct reply *
reply_new(struct net *n, enum reply_kind kind, const struct conn_ref *refs, size_t refs_n)
{
	struct reply *r = calloc(1, sizeof(*r) + refs_n * sizeof(*refs));

	CHECK(r != NULL);
	r->task.run = run;
	r->net = n;
	r->kind = kind;
	r->refs_n = refs_n;
	memcpy(r->refs, refs, refs_n * sizeof(*refs));
	return r;
}

static struct net_blob *
make_head(const struct http_response *from)
{
	struct buf b;

	buf_init(&b, HTTP_HEAD_MAX);
	buf_fmt(&b, "HTTP/1.1 %d %s\r\n", from->status, http_status_text(from->status));
	if (from->content_type != NULL)
		buf_fmt(&b, "Content-Type: %s\r\n", from->content_type);
	if (from->status != 204 && from->status != 304)
		buf_fmt(&b, "Content-Length: %zu\r\n",
		    from->body != NULL ? net_blob_size(from->body) : 0);
	buf_add_str(&b, from->headers);
	CHECK(!b.over);
	return net_blob_take(&b);
}

void
net_reply(struct net *n, struct conn_ref c, const struct http_response *from)
{
	struct reply *r = reply_new(n, REPLY_HTTP, &c, 1);

	r->code = from->status;
	r->close = from->close;
	r->head = make_head(from);
	r->body = from->body;
	loop_post(n->spec.loop, &r->task);
}

void
net_upgrade(struct net *n, struct conn_ref c, void *user)
{
	struct reply *r = reply_new(n, REPLY_UPGRADE, &c, 1);

	r->user = user;
	loop_post(n->spec.loop, &r->task);
}

/* On the loop frames and closes are queued at once.  That calls nobody back: a
 * connection ends at the earliest when the round's writes go out. */
void
net_ws_send_many(struct net *n, const struct conn_ref *c, size_t refs_n, struct net_blob *blob)
{
	struct reply *r;

	if (refs_n == 0 || loop_is_here(n->spec.loop)) {
		send_frame(n, c, refs_n, blob);
		net_blob_unref(&blob);
		return;
	}
	r = reply_new(n, REPLY_FRAME, c, refs_n);
	r->body = blob;
	loop_post(n->spec.loop, &r->task);
}

void
net_ws_send(struct net *n, struct conn_ref c, struct net_blob *blob)
{
	net_ws_send_many(n, &c, 1, blob);
}

void
net_ws_close(struct net *n, struct conn_ref c, int code, const char *reason)
{
	struct reply *r;

	if (loop_is_here(n->spec.loop)) {
		send_close(n, c, code, reason);
		return;
	}
	r = reply_new(n, REPLY_CLOSE, &c, 1);
	r->code = code;
	r->reason = reason;
	loop_post(n->spec.loop, &r->task);
}
