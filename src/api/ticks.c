/* SPDX-License-Identifier: Apache-2.0 */
/* ticks.c - what is told at most so often: counts and waits; and who may stay.
 *
 * Counts of an inbox: at most every 200 ms, for its agents.  Waits: at most
 * every 500 ms after the queue moved, and every 10 s because time passes.  A
 * session that ended or a membership that changed ends its sockets within 5 s.
 */
#include "api/hub_private.h"

#include "model/people.h"

#include <stdlib.h>
#include <string.h>

#define COUNT_AGENTS_MAX 256
#define WAITS_MAX 500
#define CHECKS_MAX 256	/* a job */

/* ---- counts ---- */

struct counting {
	struct loop_task task;
	struct api *api;
	struct db *db;		/* borrowed while the job runs: `done` gives it back */
	char key[TOPIC_KEY_MAX];
	size_t n;
	enum err err;
	struct {
		struct id agent;
		struct conv_counts counts;
	} v[COUNT_AGENTS_MAX];
};

static enum err
counting_run(struct arena *a, void *arg, struct fault *f)
{
	struct counting *c = arg;
	struct str inbox = str_from(c->key + 6);
	enum err e = E_OK;

	(void)a;
	c->db = db_borrow(c->api->readers);
	for (size_t i = 0; i < c->n && e == E_OK; i++)
		e = conv_counts(c->db, &inbox, 1, c->v[i].agent, &c->v[i].counts, f);
	return e;
}

static void
counting_done(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	struct counting *c = arg;

	(void)a;
	(void)f;
	if (c->db != NULL)
		db_return(c->api->readers, &c->db);
	c->err = e;
	loop_post(c->api->loop, &c->task);
}

static const struct conv_counts *
counts_of(const struct counting *c, struct id agent)
{
	for (size_t i = 0; i < c->n; i++)
		if (id_eq(c->v[i].agent, agent))
			return &c->v[i].counts;
	return NULL;
}

static void
counting_told(struct loop_task *task)
{
	struct counting *c = (struct counting *)(void *)task;
	struct hubs *h = c->api->hubs;
	struct topic *t = h != NULL && c->err == E_OK ? topic_find(h, c->key) : NULL;
	const struct conv_counts *counts;
	struct sub *sub;
	struct buf out;

	role_assert_loop();
	if (t != NULL)
		LIST_FOREACH(sub, &t->subs, in_topic) {
			counts = sub->ready ? counts_of(c, sub->sock->who->p.id) : NULL;
			if (counts == NULL)
				continue;
			buf_init(&out, 1024);
			buf_add_z(&out, "{\"t\":\"ev\"");
			wire_str(&out, "topic", str_from(t->key));
			wire_i64(&out, "from", t->sent[SIDE_AGENTS]);
			wire_i64(&out, "to", t->sent[SIDE_AGENTS]);
			wire_key(&out, "rows");
			buf_add_z(&out, "[]");
			wire_key(&out, "counts");
			wire_counts(&out, counts);
			buf_add_c(&out, '}');
			sock_send(sub->sock, &out);
		}
	free(c);
}

static void
count_topic(struct hubs *h, struct topic *t)
{
	struct counting *c = calloc(1, sizeof(*c));
	struct job j = { .run = counting_run, .done = counting_done, .arg = c };
	struct sub *sub;

	CHECK(c != NULL);
	c->task.run = counting_told;
	c->api = h->api;
	memcpy(c->key, t->key, sizeof(c->key));
	LIST_FOREACH(sub, &t->subs, in_topic)
		if (c->n < COUNT_AGENTS_MAX && counts_of(c, sub->sock->who->p.id) == NULL)
			c->v[c->n++].agent = sub->sock->who->p.id;
	t->counts_dirty = false;
	if (job_submit(h->api->pool, &j) == E_OK)
		return;
	free(c);
	counts_soon(h, t);
}

static void
counts_tick(struct loop_task *task)
{
	struct hubs *h = (struct hubs *)(void *)((char *)task - offsetof(struct hubs, counts_task));
	struct topic *t;

	role_assert_loop();
	h->counts_armed = false;
	for (size_t i = 0; i < TOPICS_N; i++)
		LIST_FOREACH(t, &h->topics[i], link)
			if (t->counts_dirty)
				count_topic(h, t);
}

void
counts_soon(struct hubs *h, struct topic *t)
{
	t->counts_dirty = true;
	if (h->counts_armed)
		return;
	h->counts_armed = true;
	loop_after(h->api->loop, COUNTS_US, &h->counts_task);
}

/* ---- waits ---- */

struct waiting {
	struct loop_task task;
	struct api *api;
	struct db *db;
	size_t n;
	struct {
		struct id conv;
		struct buf json;	/* empty: waits no more */
	} v[WAITS_MAX];
};

static enum err
waiting_one(struct waiting *w, size_t i, struct db *db, struct arena *a, struct fault *f)
{
	struct conv_row c;
	struct wait wait;

	TRY(conv_get(db, w->v[i].conv, a, &c, f));
	if (c.holder != HOLDER_QUEUE)
		return E_OK;
	TRY(engine_wait(w->api->engine, db, c.inbox, &c, a, &wait, f));
	wire_wait(&w->v[i].json, &wait);
	return E_OK;
}

static enum err
waiting_run(struct arena *a, void *arg, struct fault *f)
{
	struct waiting *w = arg;
	enum err e = E_OK;

	w->db = db_borrow(w->api->readers);
	for (size_t i = 0; i < w->n && e == E_OK; i++)
		e = waiting_one(w, i, w->db, a, f);
	return e;
}

static void
waiting_done(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	struct waiting *w = arg;

	(void)a;
	(void)e;	/* what could be read is told, the rest at the next tick */
	(void)f;
	if (w->db != NULL)
		db_return(w->api->readers, &w->db);
	loop_post(w->api->loop, &w->task);
}

static void
waiting_told(struct loop_task *task)
{
	struct waiting *w = (struct waiting *)(void *)task;
	struct hubs *h = w->api->hubs;

	role_assert_loop();
	for (size_t i = 0; i < w->n; i++) {
		char key[TOPIC_KEY_MAX];
		struct topic *t;
		struct buf out;

		topic_conv_key(w->v[i].conv, key);
		t = h != NULL && w->v[i].json.n > 0 ? topic_find(h, key) : NULL;
		if (t != NULL) {
			buf_init(&out, 4096);
			buf_add_z(&out, "{\"t\":\"eph\"");
			wire_str(&out, "topic", str_from(t->key));
			wire_key(&out, "wait");
			buf_add_str(&out, buf_str(&w->v[i].json));
			buf_add_c(&out, '}');
			topic_send(h, t, SIDE_PUBLIC, &out, 0, false);
		}
		buf_free(&w->v[i].json);
	}
	free(w);
}

static bool
wait_is_dirty(const struct hubs *h, const struct topic *t)
{
	if (h->waits_all)
		return true;
	for (size_t i = 0; i < h->waits_n; i++)
		if (strcmp(h->waits[i].inbox, t->inbox) == 0)
			return true;
	return false;
}

static bool
has_customer(const struct topic *t)
{
	const struct sub *sub;

	LIST_FOREACH(sub, &t->subs, in_topic)
		if (sub->ready && sock_side(sub->sock) == SIDE_PUBLIC)
			return true;
	return false;
}

static void
waits_tick(struct loop_task *task)
{
	struct hubs *h = (struct hubs *)(void *)((char *)task - offsetof(struct hubs, waits_task));
	struct waiting *w = calloc(1, sizeof(*w));
	struct job j = { .run = waiting_run, .done = waiting_done, .arg = w };
	struct topic *t;

	role_assert_loop();
	CHECK(w != NULL);
	w->task.run = waiting_told;
	w->api = h->api;
	for (size_t i = 0; i < TOPICS_N; i++)
		LIST_FOREACH(t, &h->topics[i], link) {
			if (w->n == WAITS_MAX || t->kind != TOPIC_CONV || !t->in_queue ||
			    !wait_is_dirty(h, t) || !has_customer(t) ||
			    !id_parse(str_from(t->key + 5), &w->v[w->n].conv))
				continue;
			buf_init(&w->v[w->n++].json, 2048);
		}
	h->waits_armed = h->waits_all = false;
	h->waits_n = 0;
	if (w->n == 0 || job_submit(h->api->pool, &j) != E_OK)
		free(w);
}

void
waits_soon(struct hubs *h, struct str inbox)
{
	size_t at = 0;

	inbox = str_sub(inbox, 0, INBOX_MAX - 1);
	while (at < h->waits_n && !str_eqz(inbox, h->waits[at].inbox))
		at++;
	if (inbox.n == 0 || at == sizeof(h->waits) / sizeof(h->waits[0])) {
		h->waits_all = true;
	} else if (at == h->waits_n) {
		memcpy(h->waits[at].inbox, inbox.p, inbox.n);
		h->waits[at].inbox[inbox.n] = '\0';
		h->waits_n++;
	}
	if (h->waits_armed)
		return;
	h->waits_armed = true;
	loop_after(h->api->loop, WAITS_US, &h->waits_task);
}

struct desk_change {
	struct loop_task task;
	struct api *api;
};

static void
desk_changed(struct loop_task *task)
{
	struct desk_change *c = (struct desk_change *)(void *)task;

	role_assert_loop();
	if (c->api->hubs != NULL && !c->api->hubs->stopped)
		waits_soon(c->api->hubs, STR_NONE);
	free(c);
}

void
hub_desk_changed(struct api *api)
{
	struct desk_change *c = calloc(1, sizeof(*c));

	CHECK(c != NULL);
	c->task.run = desk_changed;
	c->api = api;
	loop_post(api->loop, &c->task);
}

/* ---- who may stay ---- */

struct checking {
	struct loop_task task;
	struct api *api;
	struct db *db;
	size_t n;
	struct {
		struct sock *sock;
		bool ended, changed;
	} v[CHECKS_MAX];
};

static bool
same_inboxes(const struct principal *p, const struct user *u)
{
	if (p->inboxes_n != u->inboxes_n)
		return false;
	for (size_t i = 0; i < p->inboxes_n; i++)
		if (!str_eq(p->inboxes[i], u->inboxes[i]))
			return false;
	return true;
}

static enum err
checking_run(struct arena *a, void *arg, struct fault *f)
{
	struct checking *c = arg;
	int64_t now = clock_now_us(c->api->clock);
	enum err e = E_OK;

	c->db = db_borrow(c->api->readers);
	for (size_t i = 0; i < c->n && (e == E_OK || e == E_DENIED || e == E_NOTFOUND); i++) {
		const struct principal *p = &c->v[i].sock->who->p;
		struct session s = { 0 };
		struct user u = { 0 };

		e = session_get(c->db, p->cookie_hash, now, a, &s, f);
		if (e == E_OK)
			e = user_get(c->db, s.user, a, &u, f);
		c->v[i].ended = e == E_DENIED || e == E_NOTFOUND || (e == E_OK && u.revoked);
		c->v[i].changed = e == E_OK && (!same_inboxes(p, &u) ||
		    (p->who == WHO_ADMIN) != (u.role == USER_ADMINISTRATOR));
	}
	return E_OK;
}

static void
checking_done(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	struct checking *c = arg;

	(void)a;
	(void)e;
	(void)f;
	if (c->db != NULL)
		db_return(c->api->readers, &c->db);
	loop_post(c->api->loop, &c->task);
}

static void
checking_told(struct loop_task *task)
{
	struct checking *c = (struct checking *)(void *)task;

	role_assert_loop();
	for (size_t i = 0; i < c->n; i++) {
		struct sock *s = c->v[i].sock;

		if (!s->gone && c->v[i].ended)
			net_ws_close(c->api->net, s->conn, WS_UNAUTHENTICATED, "the session has ended");
		else if (!s->gone && c->v[i].changed)
			net_ws_close(c->api->net, s->conn, WS_RESTART, "your inboxes have changed");
		sock_unref(&s);
	}
	free(c);
}

static void
check_some(struct checking *c)
{
	struct job j = { .run = checking_run, .done = checking_done, .arg = c };

	if (c->n > 0 && job_submit(c->api->pool, &j) == E_OK)
		return;
	for (size_t i = 0; i < c->n; i++)
		sock_unref(&c->v[i].sock);
	free(c);
}

/* All of them, CHECKS_MAX a job. */
static void
check_agents(struct hubs *h)
{
	struct checking *c = NULL;
	struct sock *s;

	LIST_FOREACH(s, &h->socks, link) {
		if (s->who == NULL || s->who->p.who == WHO_VISITOR)
			continue;
		if (c == NULL) {
			c = calloc(1, sizeof(*c));
			CHECK(c != NULL);
			c->task.run = checking_told;
			c->api = h->api;
		}
		sock_ref(s);
		c->v[c->n++].sock = s;
		if (c->n == CHECKS_MAX) {
			check_some(c);
			c = NULL;
		}
	}
	if (c != NULL)
		check_some(c);
}

/* Sockets whose hello is late. */
static void
check_hellos(struct hubs *h)
{
	int64_t now = clock_mono_us(h->api->clock);
	struct sock *s;

	LIST_FOREACH(s, &h->socks, link)
		if (!s->welcome && now - s->opened_us > HELLO_US)
			net_ws_close(h->api->net, s->conn, WS_UNAUTHENTICATED, "no hello");
}

static void
tick(struct loop_task *task)
{
	struct hubs *h = (struct hubs *)(void *)((char *)task - offsetof(struct hubs, tick_task));

	role_assert_loop();
	h->ticks++;
	check_hellos(h);
	if (h->ticks % RECHECK_TICKS == 0)
		check_agents(h);
	if (h->ticks % WAITS_TICKS == 0)
		waits_soon(h, STR_NONE);
	loop_after(h->api->loop, TICK_US, &h->tick_task);
}

void
ticks_start(struct hubs *h)
{
	h->counts_task.run = counts_tick;
	h->waits_task.run = waits_tick;
	h->tick_task.run = tick;
	loop_after(h->api->loop, TICK_US, &h->tick_task);
}
