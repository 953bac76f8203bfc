/* SPDX-License-Identifier: Apache-2.0 */
/* publish.c - what was committed goes to whoever subscribed.
 *
 * On the writer thread: when nobody may be interested, nothing is done; else the
 * batch is written down once for each side (customers, agents) and posted.  On
 * the loop: a frame for each side, shared by all its sockets.  A batch that a
 * side may not see sends nothing; the next frame's `from` covers it.
 */
#include "api/hub_private.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS_BYTES ((size_t)1 << 20)
#define ROW_BYTES ((size_t)64 << 10)

struct delivery {
	struct loop_task task;
	struct api *api;
	char conv[TOPIC_KEY_MAX], inbox_topic[TOPIC_KEY_MAX], visit[TOPIC_KEY_MAX];
	char inbox[INBOX_MAX], resume[RESUME_MAX];
	struct id conv_id;
	int64_t from, to, gid;
	struct buf events[SIDE_N];	/* comma-separated, empty = nothing to see */
	struct buf row;
	bool opened, in_queue, queue_moved;
	int ai_typing;			/* -1 unchanged, 0, 1 */
};

/* ---- writer thread ---- */

static bool
interested(struct hubs *h, const char *key)
{
	return atomic_load(&h->interest[interest_of(key, strlen(key))]) > 0;
}

static void
add_event(struct delivery *d, struct hubs *h, const struct batch *b, const struct event *e)
{
	char name[NAME_BYTES] = "";
	struct str who = STR_NONE;

	if (e->actor.type == ACTOR_AGENT) {
		if (names_get(h->names, e->actor.id, name))
			who = str_from(name);
		else if (b->after != NULL && id_eq(b->after->holder_agent, e->actor.id))
			who = b->after->agent_name;
	}
	for (int side = 0; side < SIDE_N; side++) {
		if (!wire_event_shown(e, side == SIDE_PUBLIC ? AUDIENCE_PUBLIC : AUDIENCE_AGENTS))
			continue;
		if (d->events[side].n > 0)
			buf_add_c(&d->events[side], ',');
		wire_event(&d->events[side], e, who);
	}
}

static void
note_kind(struct delivery *d, const struct event *e)
{
	switch ((int)e->kind) {
	case EV_TURN_STARTED:
		d->ai_typing = 1;
		break;
	case EV_TURN_ENDED:
	case EV_TURN_SUPERSEDED:
	case EV_MSG_AI:
		d->ai_typing = 0;
		break;
	case EV_HANDOVER_REQUESTED:
	case EV_HANDOVER_CLAIMED:
	case EV_HANDOVER_RETURNED:
	case EV_RESOLVED:
	case EV_REOPENED:
		d->queue_moved = true;
		break;
	default:
		break;
	}
}

static void deliver(struct loop_task *t);

static struct delivery *
delivery_new(struct api *api, const struct batch *b)
{
	struct delivery *d = calloc(1, sizeof(*d));
	const struct conv_row *c = b->after;
	struct str inbox = str_sub(c->inbox, 0, INBOX_MAX - 1);

	CHECK(d != NULL);
	d->task.run = deliver;
	d->api = api;
	d->conv_id = c->id;
	d->ai_typing = -1;
	d->opened = b->opened;
	d->in_queue = c->holder == HOLDER_QUEUE;
	topic_conv_key(c->id, d->conv);
	topic_inbox_key(c->inbox, d->inbox_topic);
	topic_visit_key(c->contact, c->inbox, d->visit);
	memcpy(d->inbox, inbox.p, inbox.n);
	d->from = b->stored[0].seq - 1;
	d->to = b->stored[b->stored_n - 1].seq;
	d->gid = b->stored[b->stored_n - 1].gid;
	event_resume_of(&b->stored[b->stored_n - 1], d->resume);
	for (int side = 0; side < SIDE_N; side++)
		buf_init(&d->events[side], EVENTS_BYTES);
	buf_init(&d->row, ROW_BYTES);
	return d;
}

static void
delivery_free(struct delivery *d)
{
	for (int side = 0; side < SIDE_N; side++)
		buf_free(&d->events[side]);
	buf_free(&d->row);
	free(d);
}

void
hub_publish(struct api *api, const struct batch *b)
{
	struct hubs *h = api->hubs;
	struct delivery *d;
	bool conv, inbox, visit;

	role_assert_writer();
	if (h == NULL || b->stored_n == 0 || b->after == NULL)
		return;
	d = delivery_new(api, b);
	conv = interested(h, d->conv);
	inbox = interested(h, d->inbox_topic);
	visit = b->opened && interested(h, d->visit);
	for (size_t i = 0; i < b->stored_n; i++) {
		note_kind(d, &b->stored[i]);
		if (conv || inbox)
			add_event(d, h, b, &b->stored[i]);
	}
	/* What nobody may see does not change a row that is worth telling. */
	if (inbox && d->events[SIDE_AGENTS].n > 0)
		wire_row(&d->row, b->after, api->engine);
	if (conv || visit || d->row.n > 0 || d->queue_moved)
		loop_post(api->loop, &d->task);
	else
		delivery_free(d);
}

/* ---- loop ---- */

static void
send_events(struct hubs *h, struct topic *t, struct delivery *d, enum side side)
{
	int64_t from = t->sent[side] < 0 ? d->from : t->sent[side];
	struct buf out;
	struct sub *sub;
	bool any = false;

	LIST_FOREACH(sub, &t->subs, in_topic)
		any = any || sock_side(sub->sock) == side;
	if (!any) {
		t->sent[side] = d->to;
		return;
	}
	if (d->events[side].over) {
		/* Too big for one frame: the next one's `from` says that it is missing. */
		t->sent[side] = d->to;
		return;
	}
	if (d->events[side].n == 0) {
		if (t->sent[side] < 0)
			t->sent[side] = d->from;
		return;
	}
	buf_init(&out, EVENTS_BYTES + 512);
	buf_add_z(&out, "{\"t\":\"ev\"");
	wire_str(&out, "topic", str_from(t->key));
	wire_i64(&out, "from", from);
	wire_i64(&out, "to", d->to);
	wire_str(&out, "resume", str_from(d->resume));
	wire_key(&out, "events");
	buf_add_c(&out, '[');
	buf_add_str(&out, buf_str(&d->events[side]));
	buf_add_z(&out, "]}");
	t->sent[side] = d->to;
	topic_send(h, t, side, &out, d->to, true);
}

static void
send_ai_typing(struct hubs *h, struct topic *t, bool on)
{
	for (int side = 0; side < SIDE_N; side++) {
		struct buf out;

		buf_init(&out, 512);
		buf_add_z(&out, "{\"t\":\"eph\"");
		wire_str(&out, "topic", str_from(t->key));
		buf_fmt(&out, ",\"typing\":{\"who\":\"ai\",\"name\":null,\"on\":%s}}", on ? "true" : "false");
		topic_send(h, t, (enum side)side, &out, 0, false);
	}
}

static void
send_row(struct hubs *h, struct topic *t, const struct delivery *d)
{
	struct buf out;

	buf_init(&out, ROW_BYTES + 512);
	buf_add_z(&out, "{\"t\":\"ev\"");
	wire_str(&out, "topic", str_from(t->key));
	wire_i64(&out, "from", t->sent[SIDE_AGENTS]);
	wire_i64(&out, "to", d->gid);
	wire_key(&out, "rows");
	buf_add_c(&out, '[');
	buf_add_str(&out, buf_str(&d->row));
	buf_add_z(&out, "]}");
	t->sent[SIDE_AGENTS] = d->gid;
	topic_send(h, t, SIDE_AGENTS, &out, d->gid, true);
}

/* A visitor who waited for its conversation gets it. */
static void
send_opened(struct hubs *h, struct topic *t, const struct delivery *d)
{
	struct sock *v[64];
	struct sub *sub;
	size_t n = 0;

	LIST_FOREACH(sub, &t->subs, in_topic)
		if (n < sizeof(v) / sizeof(v[0]))
			v[n++] = sub->sock;
	for (size_t i = 0; i < n; i++)
		socket_follow(h, v[i], d->conv_id, STR_NONE);
}

static void
deliver(struct loop_task *task)
{
	struct delivery *d = (struct delivery *)(void *)task;
	struct hubs *h = d->api->hubs;
	struct topic *t;

	role_assert_loop();
	if (h == NULL || h->stopped) {
		delivery_free(d);
		return;
	}
	t = topic_find(h, d->conv);
	if (t != NULL) {
		t->known_seq = d->to;
		t->in_queue = d->in_queue;
		memcpy(t->inbox, d->inbox, sizeof(t->inbox));
		if (d->ai_typing == 1)
			send_ai_typing(h, t, true);
		send_events(h, t, d, SIDE_PUBLIC);
		t = topic_find(h, d->conv);
	}
	if (t != NULL) {
		send_events(h, t, d, SIDE_AGENTS);
		t = topic_find(h, d->conv);
	}
	if (t != NULL && d->ai_typing == 0)
		send_ai_typing(h, t, false);
	t = d->opened ? topic_find(h, d->visit) : NULL;
	if (t != NULL)
		send_opened(h, t, d);
	t = d->row.n > 0 && !d->row.over ? topic_find(h, d->inbox_topic) : NULL;
	if (t != NULL) {
		counts_soon(h, t);
		send_row(h, t, d);
	}
	if (d->queue_moved)
		waits_soon(h, str_from(d->inbox));
	delivery_free(d);
}
