/* SPDX-License-Identifier: Apache-2.0 */
/* turns.c - customers who wait for the AI's answer: whole turns.
 *
 * Each customer has a socket of its own and a conversation of its own.  It sends
 * one of the texts; the turn is complete when the ack (stored) and the AI's
 * message have arrived.  "deliver" adds agents who watch all these conversations
 * (at most 30 a socket) and a turn ends when the AI's message has reached the
 * *agent's* socket.
 * Who is handed to a person takes no further part.
 */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WATCHED_MAX 30	/* conversations a socket of an agent; the server allows 32 topics */
#define GREETING "hello"

struct customer {
	struct peer peer;
	struct turns *all;
	char conv[32];
	bool begun, gone, under_way, watched;
	size_t said;		/* how many texts so far */
	int64_t since, acked_us;	/* 0: not yet */
	int64_t ack_seq;
	int64_t ai_to, agent_ai_to;	/* coverage of the last frame with a message of the AI */
	int64_t agent_saw_us;	/* the customer's own message, on the agent's socket */
	bool handed;		/* this turn went to a person */
};

struct watcher {
	struct peer peer;
	struct turns *all;
	struct customer *of[WATCHED_MAX];
	size_t n;
};

struct turns {
	struct workload *w;
	struct customer *v;
	size_t *ring, first, free_n;
	size_t begun;
	struct watcher *watchers;
	size_t watchers_n, watched;
	bool watching;		/* the agents have been asked to connect */
	uint64_t handed;
	struct samples ack, seen, answer, answer_from_send;
};

static bool
is_deliver(const struct turns *t)
{
	return t->w->name[0] == 'd';
}

static void
release(struct customer *c)
{
	struct turns *t = c->all;

	if (!c->gone)
		t->ring[(t->first + t->free_n++) % t->w->conns] = c->peer.index;
}

/* Ends the turn if everybody has what they should have. */
static void
check(struct customer *c)
{
	struct turns *t = c->all;
	int64_t now = now_us();

	if (!c->under_way || c->acked_us == 0 || c->ai_to <= c->ack_seq)
		return;
	if (t->watching && c->agent_ai_to <= c->ack_seq)
		return;
	c->under_way = false;
	if (!c->begun) {
		c->begun = true;
		t->begun++;
		release(c);
		return;
	}
	if (t->w->running) {
		samples_add(&t->ack, c->acked_us - c->since);
		if (t->watching) {
			samples_add(&t->seen, c->agent_saw_us - c->acked_us);
			samples_add(&t->answer, now - c->acked_us);
			samples_add(&t->answer_from_send, now - c->since);
		}
		t->handed += c->handed;
	}
	c->gone = c->handed;
	finished(t->w, c->since);
	release(c);
}

static void
say(struct customer *c, const char *text, int64_t since)
{
	char frame[1024], id[37];

	uuid(id);
	(void)snprintf(frame, sizeof(frame), "{\"t\":\"send\",\"cmid\":\"%s\",\"topic\":\"visit\","
	    "\"body\":{\"text\":\"%s\"}}", id, text);
	c->since = since;
	c->acked_us = c->agent_saw_us = 0;
	c->handed = false;
	c->under_way = true;
	peer_send_text(&c->peer, frame);
}

static bool
says_ai(const char *text)
{
	return strstr(text, "\"kind\":\"message.ai\"") != NULL;
}

static void
on_text(struct peer *p, char *text, size_t n)
{
	struct customer *c = p->owner;
	struct turns *t = c->all;

	(void)n;
	if (strstr(text, "\"t\":\"ack\"") != NULL) {
		c->acked_us = now_us();
		c->ack_seq = field_i64(text, "seq", 0);
		(void)field(text, "conversation", c->conv, sizeof(c->conv));
		check(c);
	} else if (strstr(text, "\"t\":\"ev\"") != NULL) {
		if (strstr(text, "\"kind\":\"handover.requested\"") != NULL)
			c->handed = true;
		if (says_ai(text))
			c->ai_to = field_i64(text, "to", 0);
		check(c);
	} else if (strstr(text, "\"t\":\"welcome\"") != NULL) {
		peer_send_text(p, "{\"t\":\"sub\",\"topic\":\"visit\"}");
		say(c, GREETING, now_us());
	} else if (strstr(text, "\"t\":\"nack\"") != NULL) {
		complain(t->w, "a message was refused", text);
		if (c->under_way) {
			c->under_way = false;
			t->w->under_way -= c->begun;
			release(c);
		}
	}
}

static void
on_open(struct peer *p)
{
	struct customer *c = p->owner;
	char hello[256];

	(void)snprintf(hello, sizeof(hello), "{\"t\":\"hello\",\"proto\":1,\"token\":\"%s\"}",
	    c->all->w->tokens[p->index]);
	peer_send_text(p, hello);
}

static void
on_close(struct peer *p)
{
	struct customer *c = p->owner;

	complain(c->all->w, "a customer's socket ended", c->conv);
	c->gone = true;
}

static void
on_reply(struct peer *p, int status, char *body, size_t n)
{
	(void)p;
	(void)n;
	die("no socket: %d %s", status, body);
}

/* ---- the agents ---- */

static struct customer *
watched(struct watcher *a, const char *text)
{
	char topic[48];

	if (!field(text, "topic", topic, sizeof(topic)))
		return NULL;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(topic + strlen("conv:"), a->of[i]->conv) == 0)
			return a->of[i];
	return NULL;
}

static void
agent_text(struct peer *p, char *text, size_t n)
{
	struct watcher *a = p->owner;
	struct customer *c;
	bool snapshot = strstr(text, "\"t\":\"gap\"") != NULL;
	char frame[160];

	(void)n;
	if (strstr(text, "\"t\":\"welcome\"") != NULL) {
		for (size_t i = 0; i < a->n; i++) {
			(void)snprintf(frame, sizeof(frame), "{\"t\":\"sub\",\"topic\":\"conv:%s\","
			    "\"resume\":null}", a->of[i]->conv);
			peer_send_text(p, frame);
		}
	}
	if (!snapshot && strstr(text, "\"t\":\"ev\"") == NULL)
		return;
	c = watched(a, text);
	if (c == NULL)
		return;
	if (!c->under_way) {
		/* The backlog; a watched conversation is quiet until all have theirs. */
		a->all->watched += !c->watched;
		c->watched = true;
		return;
	}
	if (c->agent_saw_us == 0 && strstr(text, "\"kind\":\"message.customer\"") != NULL)
		c->agent_saw_us = now_us();
	if (says_ai(text))
		c->agent_ai_to = field_i64(text, "to", 0);
	check(c);
}

static void
agent_open(struct peer *p)
{
	peer_send_text(p, "{\"t\":\"hello\",\"proto\":1}");
}

static void
agent_close(struct peer *p)
{
	(void)p;
	die("an agent's socket ended");
}

static void
watch_all(struct turns *t)
{
	char cookie[512];

	if (run.cookie == NULL)
		die("deliver needs --cookie of an agent");
	(void)snprintf(cookie, sizeof(cookie), "Cookie: %s\r\n", run.cookie);
	t->watching = true;
	t->watchers_n = (t->w->conns + WATCHED_MAX - 1) / WATCHED_MAX;
	t->watchers = calloc(t->watchers_n, sizeof(t->watchers[0]));
	for (size_t i = 0; i < t->w->conns; i++) {
		struct watcher *a = &t->watchers[i / WATCHED_MAX];

		a->of[a->n++] = &t->v[i];
	}
	for (size_t i = 0; i < t->watchers_n; i++) {
		struct watcher *a = &t->watchers[i];

		a->all = t;
		a->peer = (struct peer){ .on_open = agent_open, .on_text = agent_text,
		    .on_close = agent_close, .on_reply = on_reply, .owner = a, .index = i };
		peer_connect(&a->peer);
		peer_get_upgrade(&a->peer, cookie);
	}
}

/* ---- the workload ---- */

static void
prepare(struct workload *w)
{
	struct turns *t = calloc(1, sizeof(*t));

	t->w = w;
	t->v = calloc(w->conns, sizeof(t->v[0]));
	t->ring = calloc(w->conns, sizeof(t->ring[0]));
	w->state = t;
	if (w->tokens_n < w->conns)
		die("%s: %zu tokens for %zu connections", w->name, w->tokens_n, w->conns);
	if (run.texts_n == 0)
		die("%s needs --texts", w->name);
	if (w->active == 0)
		w->active = w->conns;
	for (size_t i = 0; i < w->conns; i++) {
		t->v[i] = (struct customer){ .all = t, .peer = { .on_open = on_open, .on_text = on_text,
		    .on_close = on_close, .on_reply = on_reply, .owner = &t->v[i], .index = i } };
		peer_connect(&t->v[i].peer);
		peer_get_upgrade(&t->v[i].peer, "");
		if (i % 32 == 31)
			pump();
	}
}

static bool
is_ready(struct workload *w)
{
	struct turns *t = w->state;

	if (t->begun < w->conns)
		return false;
	if (!is_deliver(t))
		return true;
	if (!t->watching)
		watch_all(t);
	return t->watched == w->conns;
}

static bool
start(struct workload *w, int64_t due)
{
	struct turns *t = w->state;
	struct customer *c;

	if (t->free_n == 0 || w->under_way >= w->active)
		return false;
	c = &t->v[t->ring[t->first]];
	t->first = (t->first + 1) % w->conns;
	t->free_n--;
	say(c, run.texts[(c->peer.index + c->said) % run.texts_n], w->rate > 0 ? due : now_us());
	c->said++;
	return true;
}

static void
report(struct workload *w)
{
	struct turns *t = w->state;

	printf("\"handed\":%llu,", (unsigned long long)t->handed);
	samples_print(&t->ack, "ack");
	if (t->watching) {
		printf(",");
		samples_print(&t->seen, "ack_to_agent");
		printf(",");
		samples_print(&t->answer, "ack_to_answer");
		printf(",");
		samples_print(&t->answer_from_send, "send_to_answer");
	}
	printf(",");
}

void
turns_setup(struct workload *w)
{
	w->prepare = prepare;
	w->is_ready = is_ready;
	w->start = start;
	w->report = report;
}
