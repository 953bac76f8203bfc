/* SPDX-License-Identifier: Apache-2.0 */
/* messages.c - customers post durable messages: each connection waits for its 201. */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>

struct customer {
	struct peer peer;
	struct workload *w;
	int64_t since;		/* 0: free */
};

struct messages {
	struct customer *v;
	size_t *free, free_n;	/* a stack of indexes */
};

static void
on_reply(struct peer *p, int status, char *body, size_t n)
{
	struct customer *c = p->owner;
	struct messages *m = c->w->state;

	(void)n;
	if (status != 201)
		complain(c->w, "a message was refused", body);
	finished(c->w, c->since);
	m->free[m->free_n++] = p->index;
}

static void
on_close(struct peer *p)
{
	(void)p;
	die("messages: the server ended a connection");
}

static void
prepare(struct workload *w)
{
	struct messages *m = calloc(1, sizeof(*m));

	m->v = calloc(w->conns, sizeof(m->v[0]));
	m->free = calloc(w->conns, sizeof(m->free[0]));
	w->state = m;
	if (w->tokens_n < w->conns)
		die("messages: %zu tokens for %zu connections", w->tokens_n, w->conns);
	for (size_t i = 0; i < w->conns; i++) {
		m->v[i] = (struct customer){ .w = w, .peer = { .on_reply = on_reply,
		    .on_close = on_close, .owner = &m->v[i], .index = i } };
		peer_connect(&m->v[i].peer);
		m->free[m->free_n++] = w->conns - 1 - i;
	}
}

static bool
is_ready(struct workload *w)
{
	(void)w;
	return true;
}

static bool
start(struct workload *w, int64_t due)
{
	static const char *const says[] = { "where is my parcel, it was due on tuesday",
		"it says delivered but there is nothing here", "my address is the same as last time",
		"can you look at the second item as well please", "I would like to know before friday" };
	struct messages *m = w->state;
	struct customer *c;
	char id[37], body[512];

	if (m->free_n == 0)
		return false;
	c = &m->v[m->free[--m->free_n]];
	if (!c->peer.open)
		die("messages: a connection ended");
	c->since = w->rate > 0 ? due : now_us();
	uuid(id);
	(void)snprintf(body, sizeof(body), "{\"cmid\":\"%s\",\"text\":\"%s\"}", id,
	    says[dice() % (sizeof(says) / sizeof(says[0]))]);
	peer_post(&c->peer, "/api/v1/visit/messages", w->tokens[c->peer.index], body);
	return true;
}

void
messages_setup(struct workload *w)
{
	w->prepare = prepare;
	w->is_ready = is_ready;
	w->start = start;
}
