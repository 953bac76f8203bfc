/* SPDX-License-Identifier: Apache-2.0 */
/* hub.c - the registry: sockets, topics and subscriptions. */
#include "api/hub_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- principals and socks ---- */

static struct str
pack(char **at, struct str s)
{
	char *p = *at;

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	*at += s.n + 1;
	return (struct str){ p, s.n };
}

struct packed *
packed_new(const struct principal *p)
{
	size_t list = p->inboxes_n * sizeof(struct str);
	size_t n = list + p->inbox.n + p->name.n + p->email.n + 3;
	struct packed *out;
	struct str *inboxes;
	char *at;

	for (size_t i = 0; i < p->inboxes_n; i++)
		n += p->inboxes[i].n + 1;
	out = malloc(sizeof(*out) + n);
	CHECK(out != NULL);
	out->p = *p;
	at = out->mem + list;
	out->p.inbox = pack(&at, p->inbox);
	out->p.name = pack(&at, p->name);
	out->p.email = pack(&at, p->email);
	inboxes = (struct str *)(void *)out->mem;
	for (size_t i = 0; i < p->inboxes_n; i++)
		inboxes[i] = pack(&at, p->inboxes[i]);
	out->p.inboxes = inboxes;
	return out;
}

void
sock_ref(struct sock *s)
{
	CHECK_OBJ(s, SOCK_MAGIC);
	s->refs++;
}

void
sock_unref(struct sock **sp)
{
	struct sock *s = *sp;

	*sp = NULL;
	CHECK_OBJ(s, SOCK_MAGIC);
	if (--s->refs > 0)
		return;
	s->magic = 0;
	free(s->who);
	free(s);
}

/* ---- topics ---- */

static uint64_t
spread(const void *p, size_t n)
{
	uint64_t h = str_hash64((struct str){ p, n });

	return h ^ h >> 29;
}

size_t
interest_of(const void *p, size_t n)
{
	return spread(p, n) % INTEREST_N;
}

void
topic_conv_key(struct id conv, char out[TOPIC_KEY_MAX])
{
	memcpy(out, "conv:", 5);
	id_text(conv, out + 5);
}

void
topic_inbox_key(struct str inbox, char out[TOPIC_KEY_MAX])
{
	inbox = str_sub(inbox, 0, INBOX_MAX - 1);
	memcpy(out, "inbox:", 6);
	memcpy(out + 6, inbox.p, inbox.n);
	out[6 + inbox.n] = '\0';
}

void
topic_visit_key(struct id contact, struct str inbox, char out[TOPIC_KEY_MAX])
{
	inbox = str_sub(inbox, 0, INBOX_MAX - 1);
	memcpy(out, "v:", 2);
	id_text(contact, out + 2);
	out[2 + ID_LEN] = ':';
	memcpy(out + 3 + ID_LEN, inbox.p, inbox.n);
	out[3 + ID_LEN + inbox.n] = '\0';
}

struct topic *
topic_find(struct hubs *h, const char *key)
{
	struct topic *t;

	LIST_FOREACH(t, &h->topics[spread(key, strlen(key)) % TOPICS_N], link)
		if (strcmp(t->key, key) == 0)
			return t;
	return NULL;
}

static struct topic *
topic_new(struct hubs *h, enum topic_kind kind, const char *key)
{
	struct topic *t = calloc(1, sizeof(*t));
	size_t n = strlen(key);

	CHECK(t != NULL && n < TOPIC_KEY_MAX);
	t->kind = kind;
	memcpy(t->key, key, n + 1);
	t->sent[SIDE_PUBLIC] = t->sent[SIDE_AGENTS] = kind == TOPIC_INBOX ? 0 : -1;
	LIST_INIT(&t->subs);
	LIST_INSERT_HEAD(&h->topics[spread(key, n) % TOPICS_N], t, link);
	/* Before any backlog is read: what is committed from now on is delivered. */
	atomic_fetch_add(&h->interest[interest_of(key, n)], 1);
	return t;
}

/* ---- subscriptions ---- */

struct sub *
sub_find(struct sock *s, const char *key)
{
	struct sub *sub;

	LIST_FOREACH(sub, &s->subs, in_sock)
		if (strcmp(sub->topic->key, key) == 0)
			return sub;
	return NULL;
}

struct sub *
sub_add(struct hubs *h, struct sock *s, enum topic_kind kind, const char *key)
{
	struct sub *sub = sub_find(s, key);
	struct topic *t;

	if (sub != NULL)
		return sub;
	if (s->subs_n >= SUBS_MAX)
		return NULL;
	t = topic_find(h, key);
	if (t == NULL)
		t = topic_new(h, kind, key);
	sub = calloc(1, sizeof(*sub));
	CHECK(sub != NULL);
	STAILQ_INIT(&sub->queue);
	sub->topic = t;
	sub->sock = s;
	sub->typed_us = -TYPING_US;
	LIST_INSERT_HEAD(&t->subs, sub, in_topic);
	LIST_INSERT_HEAD(&s->subs, sub, in_sock);
	s->subs_n++;
	return sub;
}

static void
queue_pop(struct sub *sub)
{
	struct queued *q = STAILQ_FIRST(&sub->queue);

	STAILQ_REMOVE_HEAD(&sub->queue, link);
	sub->queue_n--;
	net_blob_unref(&q->blob);
	free(q);
}

void
sub_forget(struct sub *sub, int64_t covered)
{
	while (!STAILQ_EMPTY(&sub->queue) && STAILQ_FIRST(&sub->queue)->to <= covered)
		queue_pop(sub);
}

void
sub_flush(struct hubs *h, struct sub *sub, int64_t covered)
{
	sub_forget(sub, covered);
	while (!STAILQ_EMPTY(&sub->queue)) {
		net_ws_send(h->api->net, sub->sock->conn, net_blob_ref(STAILQ_FIRST(&sub->queue)->blob));
		queue_pop(sub);
	}
}

void
sub_remove(struct hubs *h, struct sub *sub)
{
	struct topic *t = sub->topic;

	sub_forget(sub, INT64_MAX);
	LIST_REMOVE(sub, in_topic);
	LIST_REMOVE(sub, in_sock);
	sub->sock->subs_n--;
	free(sub);
	if (!LIST_EMPTY(&t->subs))
		return;
	atomic_fetch_sub(&h->interest[interest_of(t->key, strlen(t->key))], 1);
	LIST_REMOVE(t, link);
	free(t);
}

static void
sub_queue(struct sub *sub, struct net_blob *blob, int64_t to)
{
	struct queued *q;

	if (sub->queue_n >= QUEUE_MAX) {
		sub->overflow = true;
		return;
	}
	q = calloc(1, sizeof(*q));
	CHECK(q != NULL);
	q->to = to;
	q->blob = net_blob_ref(blob);
	STAILQ_INSERT_TAIL(&sub->queue, q, link);
	sub->queue_n++;
}

/* ---- sending ---- */

void
topic_send(struct hubs *h, struct topic *t, enum side side, struct buf *text, int64_t to, bool keep)
{
	struct net_blob *blob = net_blob_ws_text(buf_str(text));
	struct conn_ref few[64], *refs = few;
	size_t n = 0, all = 0;
	struct sub *sub;

	buf_free(text);
	LIST_FOREACH(sub, &t->subs, in_topic)
		all++;
	if (all > sizeof(few) / sizeof(few[0])) {
		refs = calloc(all, sizeof(*refs));
		CHECK(refs != NULL);
	}
	LIST_FOREACH(sub, &t->subs, in_topic) {
		if (sock_side(sub->sock) != side)
			continue;
		if (sub->ready)
			refs[n++] = sub->sock->conn;
		else if (keep)
			sub_queue(sub, blob, to);
	}
	/* Sending may end sockets, whose subscriptions then go: not inside the walk. */
	if (n > 0)
		net_ws_send_many(h->api->net, refs, n, blob);
	else
		net_blob_unref(&blob);
	if (refs != few)
		free(refs);
}

void
sock_send(struct sock *s, struct buf *text)
{
	CHECK(!text->over);
	net_ws_send(s->api->net, s->conn, net_blob_ws_text(buf_str(text)));
	buf_free(text);
}

void
nack_text(struct buf *out, struct str cmid, enum err e, const struct fault *f, int64_t retry_ms)
{
	if (retry_ms == 0 && (e == E_RETRY || e == E_LIMIT))
		retry_ms = 1000;
	if (retry_ms == 0 && e == E_FULL)
		retry_ms = 5000;
	buf_add_z(out, "{\"t\":\"nack\"");
	wire_str_or_null(out, "cmid", cmid);
	wire_str(out, "code", str_from(err_name(e == E_CONFIG ? E_INTERNAL : e)));
	wire_str(out, "message", api_error_text(e, f));
	wire_i64_or_null(out, "retry_ms", retry_ms);
	buf_add_c(out, '}');
}

void
sock_nack(struct sock *s, struct str cmid, enum err e, const struct fault *f, int64_t retry_ms)
{
	struct buf out;

	buf_init(&out, 8192);
	nack_text(&out, cmid, e, f, retry_ms);
	sock_send(s, &out);
}
