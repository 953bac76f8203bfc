/* SPDX-License-Identifier: Apache-2.0 */
/* socket.c - a socket's life and its frames (docs/PROTOCOL.md §5). */
#include "api/hub_private.h"

#include "api/body.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define HUBS_MAGIC 0x4b1bb1e5u
#define FRAME_BYTES WS_FRAME_MAX
#define TEXT_BYTES ((size_t)MESSAGE_CHARS_MAX * 4)

/* ---- welcome ---- */

static void
presence(struct sock *s, int delta)
{
	const struct principal *p = &s->who->p;
	const struct str *inboxes = p->inboxes;
	size_t n = p->inboxes_n;
	struct arena *a = arena_new(0);

	principal_inboxes(s->api, p, a, &inboxes, &n);
	engine_presence(s->api->engine, p->id, inboxes, n, delta, delta > 0 ? p->available : -1);
	arena_free(&a);
	waits_soon(s->api->hubs, STR_NONE);
}

void
socket_welcome(struct sock *s)
{
	const struct principal *p = &s->who->p;
	struct buf out;

	s->welcome = true;
	buf_init(&out, 2048);
	buf_add_z(&out, "{\"t\":\"welcome\",\"proto\":1,\"user\":");
	if (p->who == WHO_VISITOR) {
		buf_add_z(&out, "null");
	} else {
		struct user u = { .id = p->id, .name = p->name, .email = p->email,
			.role = p->who == WHO_ADMIN ? USER_ADMINISTRATOR : USER_AGENT,
			.available = p->available };

		wire_user(&out, &u);
	}
	wire_i64(&out, "now_us", clock_now_us(s->api->clock));
	buf_add_c(&out, '}');
	sock_send(s, &out);
	if (p->who != WHO_VISITOR && !s->counted) {
		s->counted = true;
		names_put(s->api->hubs->names, p->id, p->name);
		presence(s, 1);
	}
}

static enum err
on_hello(struct sock *s, const json_t *o, struct fault *f)
{
	static const char *const allowed[] = { "t", "proto", "token", NULL };
	struct str token = STR_NONE;

	TRY(json_only(o, allowed, f));
	if (json_get_i64(o, "proto", 0) != 1)
		return fault(f, E_INVALID, "proto: this server speaks version 1");
	if (s->welcome || s->asked)
		return fault(f, E_INVALID, "hello was said already");
	if (s->who != NULL) {
		if (json_object_get(o, "token") != NULL)
			return fault(f, E_INVALID, "token: you are signed in by a cookie");
		socket_welcome(s);
		return E_OK;
	}
	TRY(json_need_str(o, "token", 100, &token, f));
	s->asked = true;
	backlog_hello(s, token);
	return E_OK;
}

/* ---- subscriptions ---- */

static enum err
topic_kind_of(struct str topic, enum topic_kind *kind, struct id *conv, struct fault *f)
{
	if (str_starts(topic, STR("conv:")) && id_parse(str_sub(topic, 5, topic.n), conv))
		*kind = TOPIC_CONV;
	else if (str_starts(topic, STR("inbox:")) && topic.n > 6 && topic.n < 6 + INBOX_MAX)
		*kind = TOPIC_INBOX;
	else if (str_eqz(topic, "visit"))
		*kind = TOPIC_VISIT;
	else
		return fault(f, E_INVALID, "topic: conv:ID, inbox:ID or visit");
	return E_OK;
}

void
socket_follow(struct hubs *h, struct sock *s, struct id conv, struct str resume)
{
	struct sub *sub;

	topic_conv_key(conv, s->visit);
	sub = sub_add(h, s, TOPIC_CONV, s->visit);
	if (sub == NULL)
		sock_nack(s, STR_NONE, E_LIMIT, &(struct fault){ E_LIMIT, "too many topics" }, 0);
	else
		backlog_read(h, sub, resume, -1);
}

/* Text of a conversation's token, number of an inbox's; null or absent: none. */
static enum err
read_resume(const json_t *o, enum topic_kind kind, struct str *resume, int64_t *gid, struct fault *f)
{
	const json_t *v = json_object_get(o, "resume");

	*resume = STR_NONE;
	*gid = -1;
	if (v == NULL || json_is_null(v))
		return E_OK;
	if (kind == TOPIC_INBOX && json_is_integer(v) && json_integer_value(v) >= 0)
		*gid = json_integer_value(v);
	else if (kind != TOPIC_INBOX && json_is_string(v) && json_string_length(v) < RESUME_MAX)
		*resume = (struct str){ json_string_value(v), json_string_length(v) };
	else if (kind != TOPIC_INBOX && json_is_string(v))
		*resume = STR("-");	/* no token of ours: a gap */
	else
		return fault(f, E_INVALID, "resume: what the last frame said, or null");
	return E_OK;
}

static enum err
on_sub(struct hubs *h, struct sock *s, const json_t *o, struct fault *f)
{
	static const char *const allowed[] = { "t", "topic", "resume", NULL };
	const struct principal *p = &s->who->p;
	struct str topic, resume;
	enum topic_kind kind;
	char key[TOPIC_KEY_MAX];
	struct id conv;
	struct sub *sub;
	int64_t gid, retry_ms;

	TRY(json_only(o, allowed, f));
	TRY(json_need_str(o, "topic", TOPIC_KEY_MAX - 1, &topic, f));
	TRY(topic_kind_of(topic, &kind, &conv, f));
	TRY(read_resume(o, kind, &resume, &gid, f));
	if (kind == TOPIC_INBOX)
		TRY(authz_check(p, AUTHZ_INBOX, &(struct authz_thing){ .inbox = str_sub(topic, 6, topic.n) }, f));
	if (kind == TOPIC_VISIT && p->who != WHO_VISITOR)
		return fault(f, E_INVALID, "topic: visit is a visitor's");
	TRY(limits_take(s->api->limits, LIMIT_READ, p->id.b, sizeof(p->id.b), &retry_ms, f));
	if (kind == TOPIC_VISIT)
		topic_visit_key(p->contact, p->inbox, key);
	else
		memcpy(key, str_z(h->arena, topic), topic.n + 1);
	sub = sub_add(h, s, kind, key);
	if (sub == NULL)
		return fault(f, E_LIMIT, "at most %d topics a socket", SUBS_MAX);
	if (kind == TOPIC_VISIT)
		backlog_visit(h, sub, resume);
	else
		backlog_read(h, sub, resume, gid);
	return E_OK;
}

static enum err
on_unsub(struct hubs *h, struct sock *s, const json_t *o, struct fault *f)
{
	static const char *const allowed[] = { "t", "topic", NULL };
	const struct principal *p = &s->who->p;
	struct str topic;
	char key[TOPIC_KEY_MAX];
	struct sub *sub;

	TRY(json_only(o, allowed, f));
	TRY(json_need_str(o, "topic", TOPIC_KEY_MAX - 1, &topic, f));
	if (str_eqz(topic, "visit") && p->who == WHO_VISITOR) {
		topic_visit_key(p->contact, p->inbox, key);
		sub = sub_find(s, key);
		if (sub != NULL)
			sub_remove(h, sub);
		sub = s->visit[0] != '\0' ? sub_find(s, s->visit) : NULL;
	} else {
		sub = sub_find(s, str_z(h->arena, topic));
	}
	if (sub != NULL)
		sub_remove(h, sub);
	return E_OK;
}

/* ---- sending ---- */

struct sending {
	struct sock *sock;
	char cmid[37];
};

static void
sending_done(void *arg, enum err e, const struct batch *b, const struct fault *f)
{
	struct sending *w = arg;
	struct buf out;

	if (e != E_OK) {
		sock_nack(w->sock, str_from(w->cmid), e, f, 0);
	} else {
		buf_init(&out, 512);
		buf_add_z(&out, "{\"t\":\"ack\"");
		wire_str(&out, "cmid", str_from(w->cmid));
		wire_id(&out, "conversation", b->conv);
		wire_i64(&out, "seq", b->seq);
		wire_i64(&out, "at_us", b->at_us);
		wire_bool(&out, "replayed", b->replayed);
		buf_add_c(&out, '}');
		sock_send(w->sock, &out);
	}
	sock_unref(&w->sock);
	free(w);
}

void
socket_submit(struct sock *s, struct id conv, struct id cmid, struct str text)
{
	const struct principal *p = &s->who->p;
	struct sending *w = malloc(sizeof(*w));
	struct engine_reply reply = { sending_done, w };
	struct fault f = { E_OK, "" };
	enum err e;

	CHECK(w != NULL);
	sock_ref(s);
	w->sock = s;
	uuid_text(cmid, w->cmid);
	if (p->who == WHO_VISITOR)
		e = engine_customer(s->api->engine, &(struct customer_input){ .kind = CUSTOMER_MESSAGE,
		    .contact = p->contact, .visitor = p->id, .inbox = p->inbox, .cmid = cmid,
		    .text = text }, &reply, &f);
	else
		e = engine_agent(s->api->engine, &(struct agent_input){ .kind = AGENT_MESSAGE,
		    .agent = p->id, .name = p->name, .conv = conv, .cmid = cmid, .text = text,
		    .basis = -1 }, &reply, &f);
	if (e != E_OK)
		sending_done(w, e, NULL, &f);
}

static enum err
read_send(const json_t *o, struct id *cmid, struct str *text, struct fault *f)
{
	static const char *const inside[] = { "text", NULL };
	const json_t *body = json_object_get(o, "body");

	if (!uuid_parse(json_get_str(o, "cmid"), cmid))
		return fault(f, E_INVALID, "cmid: must be a UUID");
	if (!json_is_object(body))
		return fault(f, E_INVALID, "body: must be {\"text\"}");
	TRY(json_only(body, inside, f));
	TRY(json_need_str(body, "text", TEXT_BYTES, text, f));
	return text_check(*text, "text", f);
}

static void
on_send(struct sock *s, const json_t *o)
{
	static const char *const allowed[] = { "t", "topic", "cmid", "body", NULL };
	const struct principal *p = &s->who->p;
	struct fault f = { E_OK, "" };
	struct str topic, text = STR_NONE, shown = json_get_str(o, "cmid");
	enum topic_kind kind = TOPIC_VISIT;
	struct id conv = { { 0 } }, cmid;
	int64_t retry_ms = 0;
	struct sub *sub;
	enum err e = json_only(o, allowed, &f);

	if (e == E_OK)
		e = read_send(o, &cmid, &text, &f);
	if (e == E_OK)
		e = json_need_str(o, "topic", TOPIC_KEY_MAX - 1, &topic, &f);
	if (e == E_OK)
		e = topic_kind_of(topic, &kind, &conv, &f);
	if (e == E_OK && (kind == TOPIC_INBOX || (kind == TOPIC_VISIT && p->who != WHO_VISITOR)))
		e = fault(&f, E_INVALID, "topic: a message goes to a conversation");
	if (e == E_OK)
		e = limits_take(s->api->limits, p->who == WHO_VISITOR ? LIMIT_MESSAGE : LIMIT_WRITE,
		    p->id.b, sizeof(p->id.b), &retry_ms, &f);
	if (e != E_OK) {
		sock_nack(s, uuid_parse(shown, &cmid) ? shown : STR_NONE, e, &f, retry_ms);
		return;
	}
	sub = kind == TOPIC_CONV ? sub_find(s, str_z(s->api->hubs->arena, topic)) : NULL;
	/* One that was looked up before goes first: a client's order is kept. */
	if (s->sending == 0 && (kind == TOPIC_VISIT || (sub != NULL && sub->allowed)))
		socket_submit(s, conv, cmid, text);
	else
		backlog_send(s, conv, cmid, text);
}

/* ---- typing ---- */

static void
relay_typing(struct hubs *h, struct sock *s, struct topic *t, bool on)
{
	const struct principal *p = &s->who->p;
	bool customer = p->who == WHO_VISITOR;

	for (int side = customer ? SIDE_AGENTS : SIDE_PUBLIC; side < SIDE_N; side++) {
		struct buf out;

		buf_init(&out, 1024);
		buf_add_z(&out, "{\"t\":\"eph\"");
		wire_str(&out, "topic", str_from(t->key));
		wire_key(&out, "typing");
		buf_add_c(&out, '{');
		wire_str(&out, "who", customer ? STR("customer") : STR("agent"));
		wire_str_or_null(&out, "name", customer ? STR_NONE : p->name);
		wire_bool(&out, "on", on);
		buf_add_z(&out, "}}");
		topic_send(h, t, (enum side)side, &out, 0, false);
	}
}

static enum err
on_eph(struct hubs *h, struct sock *s, const json_t *o, struct fault *f)
{
	static const char *const allowed[] = { "t", "topic", "typing", NULL };
	const json_t *typing = json_object_get(o, "typing");
	int64_t now = clock_mono_us(s->api->clock);
	struct str topic;
	struct sub *sub;
	struct id conv;
	bool on;

	TRY(json_only(o, allowed, f));
	TRY(json_need_str(o, "topic", TOPIC_KEY_MAX - 1, &topic, f));
	if (!json_is_boolean(typing))
		return fault(f, E_INVALID, "typing: true or false");
	on = json_is_true(typing);
	if (str_eqz(topic, "visit"))
		topic = str_from(s->visit);
	sub = sub_find(s, str_z(h->arena, topic));
	if (sub == NULL || !sub->allowed || sub->topic->kind != TOPIC_CONV)
		return E_OK;	/* nobody to tell yet */
	if (on ? now - sub->typed_us < TYPING_US : !sub->typing)
		return E_OK;
	sub->typing = on;
	if (on)
		sub->typed_us = now;
	if (s->who->p.who == WHO_VISITOR && id_parse(str_sub(topic, 5, topic.n), &conv))
		engine_customer_typing(s->api->engine, conv, on);
	relay_typing(h, s, sub->topic, on);
	return E_OK;
}

/* ---- frames ---- */

struct frame {
	struct sock *sock;
	struct str text;
};

static enum err
frame_run(struct arena *a, void *arg, struct fault *f)
{
	struct frame *fr = arg;
	struct sock *s = fr->sock;
	struct hubs *h = s->api->hubs;
	struct str t;
	json_t *o;

	TRY(json_parse(a, fr->text, FRAME_BYTES, &o, f));
	if (!json_is_object(o))
		return fault(f, E_INVALID, "a frame is an object");
	t = json_get_str(o, "t");
	if (str_eqz(t, "hello"))
		return on_hello(s, o, f);
	if (!str_eqz(t, "sub") && !str_eqz(t, "unsub") && !str_eqz(t, "send") && !str_eqz(t, "eph"))
		return fault(f, E_INVALID, "t: hello, sub, unsub, send or eph");
	if (!s->welcome)
		return fault(f, E_INVALID, "say hello first");
	if (str_eqz(t, "sub"))
		return on_sub(h, s, o, f);
	if (str_eqz(t, "unsub"))
		return on_unsub(h, s, o, f);
	if (str_eqz(t, "eph"))
		return on_eph(h, s, o, f);
	on_send(s, o);
	return E_OK;
}

static void
sockets_text(struct api *api, struct conn_ref c, void *user, struct str text)
{
	struct frame fr = { user, text };
	struct fault f = { E_OK, "" };
	enum err e;

	(void)c;
	role_assert_loop();
	CHECK_OBJ(fr.sock, SOCK_MAGIC);
	e = arena_run(api->hubs->arena, frame_run, &fr, &f);
	if (e != E_OK)
		sock_nack(fr.sock, STR_NONE, e, &f, 0);
	arena_reset(api->hubs->arena);
}

/* ---- open and close ---- */

static void
sock_register(struct loop_task *t)
{
	struct sock *s = (struct sock *)(void *)((char *)t - offsetof(struct sock, task));

	role_assert_loop();
	if (!s->gone)
		LIST_INSERT_HEAD(&s->api->hubs->socks, s, link);
	sock_unref(&s);
}

/* A worker's: the upgrade's job calls it. */
static void *
sockets_open(struct api *api, struct conn_ref c, const struct principal *who,
    const struct http_request *r)
{
	struct sock *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	s->magic = SOCK_MAGIC;
	s->client = r->client;
	s->refs = 2;	/* the connection's and the task's */
	s->api = api;
	s->conn = c;
	s->opened_us = clock_mono_us(api->clock);
	LIST_INIT(&s->subs);
	if (who->who != WHO_NOBODY)
		s->who = packed_new(who);
	s->task.run = sock_register;
	loop_post(api->loop, &s->task);
	return s;
}

static void
sockets_closed(struct api *api, struct conn_ref c, void *user, int code)
{
	struct sock *s = user;
	struct sub *sub;

	(void)c;
	role_assert_loop();
	CHECK_OBJ(s, SOCK_MAGIC);
	log_debug(LOG_WS_CLOSE, K_I64("code", code));
	s->gone = true;
	while ((sub = LIST_FIRST(&s->subs)) != NULL)
		sub_remove(api->hubs, sub);
	if (s->link.le_prev != NULL)
		LIST_REMOVE(s, link);
	/* On the way out nobody is told any more, and the engine may be gone. */
	if (s->counted && !net_is_draining(api->net))
		presence(s, -1);
	sock_unref(&s);
}

static void
sockets_drain(struct api *api, struct conn_ref c, void *user)
{
	struct buf out;
	uint16_t spread;

	(void)c;
	rand_bytes(api->rand, &spread, sizeof(spread));
	buf_init(&out, 128);
	buf_fmt(&out, "{\"t\":\"reconnect\",\"after_ms\":%d}", 500 + spread % 2500);
	sock_send(user, &out);
}

static enum err
sockets_start(struct api *api, struct fault *f)
{
	struct hubs *h = calloc(1, sizeof(*h));

	(void)f;
	CHECK(h != NULL);
	h->magic = HUBS_MAGIC;
	h->api = api;
	h->names = names_new();
	h->arena = arena_new(0);
	LIST_INIT(&h->socks);
	api->hubs = h;
	ticks_start(h);
	return E_OK;
}

/* The loop has ended, the connections are gone, the pools are drained. */
static void
sockets_stop(struct api *api)
{
	struct hubs *h = api->hubs;

	if (h == NULL)
		return;
	CHECK_OBJ(h, HUBS_MAGIC);
	api->hubs = NULL;
	names_free(&h->names);
	arena_free(&h->arena);
	h->magic = 0;
	free(h);
}

struct names *
hub_names(struct api *api)
{
	return api->hubs != NULL ? api->hubs->names : NULL;
}

const struct socket_hooks socket_hooks = {
	.open = sockets_open,
	.text = sockets_text,
	.closed = sockets_closed,
	.drain = sockets_drain,
	.publish = hub_publish,
	.start = sockets_start,
	.stop = sockets_stop,
};
