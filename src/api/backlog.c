/* SPDX-License-Identifier: Apache-2.0 */
/* backlog.c - what a socket needs of the store: read by a job, told by the loop.
 *
 * A look holds a reference of its socket and copies of everything else.  The
 * job fills frames and facts; the loop then finds the subscription again by its
 * ticket (it may be gone, or have asked anew) and lets live frames follow.
 */
#include "api/hub_private.h"

#include "api/body.h"
#include "engine/policy_load.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS_A_FRAME ((size_t)200)
#define FRAME_ENOUGH ((size_t)48 << 10)
#define ROWS_A_FRAME ((size_t)100)
#define ROWS_BEHIND_MAX ((size_t)300)	/* more: the client begins anew */
#define FRAME_MAX ((size_t)2 << 20)

enum look_kind { LOOK_HELLO, LOOK_CONV, LOOK_INBOX, LOOK_VISIT, LOOK_SEND };

struct look {
	struct loop_task task;
	struct sock *sock;
	struct api *api;
	struct db *db;		/* borrowed while the job runs */
	enum look_kind kind;
	uint32_t ticket;
	char key[TOPIC_KEY_MAX];
	char resume[RESUME_MAX];
	int64_t cursor;
	struct id conv, cmid;
	/* found */
	enum err err;
	struct fault fault;
	struct packed *who;
	struct buf frame;
	int64_t covered, retry_ms;
	bool more, in_queue, found;
	int64_t last_seq;
	char inbox[INBOX_MAX];
	size_t text_n;
	char text[];		/* token or message */
};

static void look_told(struct loop_task *t);

static struct look *
look_new(struct sock *s, enum look_kind kind, struct str text)
{
	struct look *l = calloc(1, sizeof(*l) + text.n + 1);

	CHECK(l != NULL);
	sock_ref(s);
	l->task.run = look_told;
	l->sock = s;
	l->api = s->api;
	l->kind = kind;
	l->cursor = -1;
	l->text_n = text.n;
	if (text.n > 0)
		memcpy(l->text, text.p, text.n);
	buf_init(&l->frame, FRAME_MAX);
	return l;
}

static void
look_free(struct look *l)
{
	buf_free(&l->frame);
	free(l->who);
	sock_unref(&l->sock);
	free(l);
}

/* ---- in the job ---- */

static enum err
look_hello(struct look *l, struct db *db, struct arena *a, struct fault *f)
{
	struct principal p;

	TRY(principal_of_token(l->api, db, (struct str){ l->text, l->text_n }, &l->sock->client, a, &p,
	    &l->retry_ms, f));
	l->who = packed_new(&p);
	return E_OK;
}

/* Where to go on: the cursor, or the token's seq; *gap when that is not ours. */
static enum err
conv_from(struct look *l, struct db *db, const struct conv_row *c, int32_t *from, bool *gap,
    struct fault *f)
{
	enum err e;

	*gap = false;
	*from = l->cursor >= 0 ? (int32_t)l->cursor : 0;
	if (l->cursor >= 0 || l->resume[0] == '\0')
		return E_OK;
	e = event_resume_seq(db, c->conv, str_from(l->resume), from, f);
	if (e != E_OK && e != E_NOTFOUND)
		return e;
	*gap = e == E_NOTFOUND;
	if (*gap)
		*from = 0;
	return E_OK;
}

/* Writes events after `from` until the frame is full; *to is what is covered. */
static enum err
add_events(struct look *l, struct db *db, const struct conv_row *c, int32_t from, struct arena *a,
    int32_t *to, struct fault *f)
{
	struct page page = { from, sock_side(l->sock) == SIDE_PUBLIC ? AUDIENCE_PUBLIC :
		AUDIENCE_AGENTS, EVENTS_A_FRAME, FRAME_ENOUGH };

	return wire_page(l->api, db, c, &page, a, &l->frame, to, f);
}

static enum err
add_gap(struct look *l, struct db *db, const struct conv_row *c, struct arena *a, struct fault *f)
{
	struct str resume;
	struct wait w;
	bool waiting = c->holder == HOLDER_QUEUE;
	int32_t to;

	TRY(event_resume_token(db, c->conv, c->last_seq, a, &resume, f));
	if (waiting)
		TRY(engine_wait(l->api->engine, db, c->inbox, c, a, &w, f));
	buf_add_z(&l->frame, "{\"t\":\"gap\"");
	wire_str(&l->frame, "topic", str_from(l->key));
	wire_key(&l->frame, "snapshot");
	buf_add_c(&l->frame, '{');
	wire_key(&l->frame, "conversation");
	wire_conv(&l->frame, c, resume, waiting ? &w : NULL);
	wire_key(&l->frame, "events");
	buf_add_c(&l->frame, '[');
	TRY(add_events(l, db, c, 0, a, &to, f));
	buf_add_c(&l->frame, ']');
	TRY(event_resume_token(db, c->conv, to, a, &resume, f));
	wire_i64(&l->frame, "to", to);
	wire_str(&l->frame, "resume", resume);
	buf_add_z(&l->frame, "}}");
	l->covered = to;
	return E_OK;
}

static enum err
add_ev(struct look *l, struct db *db, const struct conv_row *c, int32_t from, struct arena *a,
    struct fault *f)
{
	struct buf *out = &l->frame;
	struct str resume;
	int32_t to;

	buf_add_z(out, "{\"t\":\"ev\"");
	wire_str(out, "topic", str_from(l->key));
	wire_i64(out, "from", from);
	wire_key(out, "events");
	buf_add_c(out, '[');
	TRY(add_events(l, db, c, from, a, &to, f));
	buf_add_c(out, ']');
	TRY(event_resume_token(db, c->conv, to, a, &resume, f));
	wire_i64(out, "to", to);
	wire_str(out, "resume", resume);
	buf_add_c(out, '}');
	l->covered = to;
	return E_OK;
}

static enum err
look_at_conv(struct look *l, struct db *db, struct arena *a, struct conv_row *c, struct fault *f)
{
	struct authz_thing thing;
	struct str inbox;

	TRY(conv_get(db, l->conv, a, c, f));
	thing = (struct authz_thing){ .inbox = c->inbox, .contact = c->contact };
	TRY(authz_check(&l->sock->who->p, AUTHZ_CONV_READ, &thing, f));
	inbox = str_sub(c->inbox, 0, INBOX_MAX - 1);
	memcpy(l->inbox, inbox.p, inbox.n);
	l->in_queue = c->holder == HOLDER_QUEUE;
	l->last_seq = c->last_seq;
	return E_OK;
}

static enum err
look_conv(struct look *l, struct db *db, struct arena *a, struct fault *f)
{
	struct conv_row c;
	int32_t from;
	bool gap;

	TRY(look_at_conv(l, db, a, &c, f));
	TRY(conv_from(l, db, &c, &from, &gap, f));
	if (gap)
		TRY(add_gap(l, db, &c, a, f));
	else
		TRY(add_ev(l, db, &c, from, a, f));
	l->more = l->covered < c.last_seq;
	return E_OK;
}

static bool
inbox_known(struct api *api, struct str inbox)
{
	struct policy_snapshot *snap = engine_policy(api->engine);
	bool known = policy_inbox(snap->policy, inbox) >= 0;

	policy_snapshot_unref(&snap);
	return known;
}

/* The rows that changed since the cursor, at once or nothing: a client that is
 * far behind begins anew. */
static enum err
look_inbox(struct look *l, struct db *db, struct arena *a, struct fault *f)
{
	struct str inbox = str_from(l->key + 6);
	struct buf *out = &l->frame;
	struct conv_counts counts;
	struct conv_row *rows = NULL;
	int64_t last;
	size_t n = 0;

	if (!inbox_known(l->api, inbox))
		return fault(f, E_NOTFOUND, "There is no such thing, or it is not yours.");
	TRY(event_last_gid(db, &last, f));
	TRY(conv_counts(db, &inbox, 1, l->sock->who->p.id, &counts, f));
	if (l->cursor >= 0 && l->cursor < last)
		TRY(conv_changed(db, inbox, l->cursor, ROWS_BEHIND_MAX + 1, a, &rows, &n, f));
	if (l->cursor < 0 || l->cursor > last || n > ROWS_BEHIND_MAX) {
		l->cursor = last;
		n = 0;
	}
	buf_add_z(out, "{\"t\":\"ev\"");
	wire_str(out, "topic", str_from(l->key));
	wire_i64(out, "from", l->cursor);
	wire_i64(out, "to", last);
	wire_key(out, "rows");
	buf_add_c(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		wire_row(out, &rows[i], l->api->engine);
	}
	buf_add_c(out, ']');
	wire_key(out, "counts");
	wire_counts(out, &counts);
	buf_add_c(out, '}');
	l->covered = last;
	return E_OK;
}

static enum err
look_visit(struct look *l, struct db *db, struct arena *a, struct fault *f)
{
	const struct principal *p = &l->sock->who->p;
	struct conv_row c;
	enum err e = conv_of_contact(db, p->contact, p->inbox, a, &c, f);

	if (e == E_NOTFOUND)
		return E_OK;
	if (e != E_OK)
		return e;
	l->found = true;
	l->conv = c.id;
	return E_OK;
}

static enum err
look_run(struct arena *a, void *arg, struct fault *f)
{
	struct look *l = arg;
	struct conv_row c;
	enum err e = E_OK;

	l->db = db_borrow(l->api->readers);
	switch (l->kind) {
	case LOOK_HELLO:
		e = look_hello(l, l->db, a, f);
		break;
	case LOOK_CONV:
		e = look_conv(l, l->db, a, f);
		break;
	case LOOK_INBOX:
		e = look_inbox(l, l->db, a, f);
		break;
	case LOOK_VISIT:
		e = look_visit(l, l->db, a, f);
		break;
	case LOOK_SEND:
		e = look_at_conv(l, l->db, a, &c, f);
		break;
	}
	if (e == E_OK && l->frame.over)
		return fault(f, E_TOOBIG, "there is more to tell than fits a frame");
	return e;
}

static void
look_done(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	struct look *l = arg;

	(void)a;
	if (l->db != NULL)	/* here: run may have left through its ceiling */
		db_return(l->api->readers, &l->db);
	l->err = e;
	if (f != NULL)
		l->fault = *f;
	if (e == E_OK && l->kind == LOOK_SEND)
		socket_submit(l->sock, l->conv, l->cmid, (struct str){ l->text, l->text_n });
	loop_post(l->api->loop, &l->task);
}

static void
look_submit(struct look *l, uint64_t lane)
{
	struct job j = { .run = look_run, .done = look_done, .arg = l, .lane = lane };
	struct fault f = { E_RETRY, "too much is waiting" };

	if (job_submit(l->api->pool, &j) != E_OK)
		look_done(NULL, l, E_RETRY, &f);
}

/* ---- on the loop ---- */

static void
told_hello(struct look *l)
{
	struct sock *s = l->sock;

	s->asked = false;
	if (l->err == E_DENIED || l->err == E_NOTFOUND) {
		net_ws_close(l->api->net, s->conn, WS_UNAUTHENTICATED, "the token is not valid");
	} else if (l->err != E_OK) {
		sock_nack(s, STR_NONE, l->err, &l->fault, l->retry_ms);
	} else {
		s->who = l->who;
		l->who = NULL;
		socket_welcome(s);
	}
}

static void
told_read(struct hubs *h, struct look *l)
{
	struct sub *sub = sub_find(l->sock, l->key);
	struct topic *t;

	if (sub == NULL || sub->ticket != l->ticket)
		return;
	if (l->err != E_OK) {
		sock_nack(l->sock, STR_NONE, l->err, &l->fault, 0);
		sub_remove(h, sub);
		return;
	}
	t = sub->topic;
	sub->allowed = true;
	if (l->kind == LOOK_CONV && l->last_seq >= t->known_seq) {
		t->known_seq = l->last_seq;
		t->in_queue = l->in_queue;
		memcpy(t->inbox, l->inbox, sizeof(t->inbox));
	}
	sock_send(l->sock, &l->frame);
	if (l->more || sub->overflow) {
		sub->overflow = false;
		sub_forget(sub, l->covered);
		backlog_read(h, sub, STR_NONE, l->covered);
		return;
	}
	sub_flush(h, sub, l->covered);
	sub->ready = true;
}

static void
look_told(struct loop_task *task)
{
	struct look *l = (struct look *)(void *)task;
	struct hubs *h = l->api->hubs;
	char cmid[37];

	role_assert_loop();
	if (l->kind == LOOK_SEND)
		l->sock->sending--;
	if (l->sock->gone || h == NULL) {
		look_free(l);
		return;
	}
	switch (l->kind) {
	case LOOK_HELLO:
		told_hello(l);
		break;
	case LOOK_CONV:
	case LOOK_INBOX:
		told_read(h, l);
		break;
	case LOOK_VISIT:
		if (l->err != E_OK)
			sock_nack(l->sock, STR_NONE, l->err, &l->fault, 0);
		else if (l->found && sub_find(l->sock, l->key) != NULL)
			socket_follow(h, l->sock, l->conv, str_from(l->resume));
		break;
	case LOOK_SEND:
		uuid_text(l->cmid, cmid);
		if (l->err != E_OK)
			sock_nack(l->sock, str_from(cmid), l->err, &l->fault, 0);
		break;
	}
	look_free(l);
}

/* ---- the doors ---- */

void
backlog_hello(struct sock *s, struct str token)
{
	look_submit(look_new(s, LOOK_HELLO, token), 0);
}

void
backlog_read(struct hubs *h, struct sub *sub, struct str resume, int64_t cursor)
{
	struct look *l = look_new(sub->sock, sub->topic->kind == TOPIC_INBOX ? LOOK_INBOX : LOOK_CONV,
	    STR_NONE);

	memcpy(l->key, sub->topic->key, sizeof(l->key));
	resume = str_sub(resume, 0, RESUME_MAX - 1);
	if (resume.n > 0)
		memcpy(l->resume, resume.p, resume.n);
	l->cursor = cursor;
	l->ticket = sub->ticket = ++h->ticket;
	sub->ready = false;
	if (l->kind == LOOK_CONV)
		CHECK(id_parse(str_from(l->key + 5), &l->conv));
	look_submit(l, 0);
}

void
backlog_visit(struct hubs *h, struct sub *sub, struct str resume)
{
	struct look *l = look_new(sub->sock, LOOK_VISIT, STR_NONE);

	(void)h;
	memcpy(l->key, sub->topic->key, sizeof(l->key));
	resume = str_sub(resume, 0, RESUME_MAX - 1);
	if (resume.n > 0)
		memcpy(l->resume, resume.p, resume.n);
	look_submit(l, 0);
}

void
backlog_send(struct sock *s, struct id conv, struct id cmid, struct str text)
{
	struct look *l = look_new(s, LOOK_SEND, text);
	uint64_t lane = 1 + ((uint64_t)s->conn.slot << 32 | s->conn.gen);

	l->conv = conv;
	l->cmid = cmid;
	s->sending++;
	look_submit(l, lane);
}
