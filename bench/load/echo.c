/* SPDX-License-Identifier: Apache-2.0 */
/* echo.c - the cheapest question and answer of a socket; and sockets that only sit.
 *
 * Asked is a text frame that the protocol answers at once: one it does not
 * understand gets a nack.  The reference sends the same bytes back.  With ping=1
 * it is a control frame, answered by a pong.
 * With tokens the socket says hello first (Baton); without, nothing (the reference).
 * A socket may send 50 text frames a second: use enough of them.
 */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sock {
	struct peer peer;
	struct workload *w;
	int64_t since;
};

struct socks {
	struct sock *v;
	size_t *ring, first, free_n;	/* those that are free, longest first */
	size_t open;
};

static void
release(struct sock *s)
{
	struct socks *all = s->w->state;

	all->ring[(all->first + all->free_n++) % s->w->conns] = s->peer.index;
}

static void
ready(struct sock *s)
{
	struct socks *all = s->w->state;

	all->open++;
	release(s);
}

static void
on_open(struct peer *p)
{
	struct sock *s = p->owner;
	char hello[256];

	if (s->w->tokens_n == 0) {
		ready(s);
		return;
	}
	(void)snprintf(hello, sizeof(hello), "{\"t\":\"hello\",\"proto\":1,\"token\":\"%s\"}",
	    s->w->tokens[p->index % s->w->tokens_n]);
	peer_send_text(p, hello);
}

static void
answered(struct sock *s)
{
	finished(s->w, s->since);
	s->since = 0;
	release(s);
}

static void
on_text(struct peer *p, char *text, size_t n)
{
	struct sock *s = p->owner;

	(void)n;
	if (strstr(text, "\"t\":\"welcome\"") != NULL) {
		if (strcmp(s->w->name, "idle") == 0)
			peer_send_text(p, "{\"t\":\"sub\",\"topic\":\"visit\"}");
		ready(s);
		return;
	}
	if (s->since == 0) {
		complain(s->w, "a frame that was not asked for", text);
		return;
	}
	if (s->w->tokens_n > 0 && strstr(text, "\"nack\"") == NULL)
		complain(s->w, "not a nack", text);
	answered(s);
}

static void
on_pong(struct peer *p)
{
	struct sock *s = p->owner;

	if (s->since != 0)
		answered(s);
}

static void
on_close(struct peer *p)
{
	struct sock *s = p->owner;

	complain(s->w, "a socket ended", "");
}

static void
on_reply(struct peer *p, int status, char *body, size_t n)
{
	(void)p;
	(void)n;
	die("no socket: %d %s", status, body);
}

static void
prepare(struct workload *w)
{
	struct socks *all = calloc(1, sizeof(*all));

	all->v = calloc(w->conns, sizeof(all->v[0]));
	all->ring = calloc(w->conns, sizeof(all->ring[0]));
	w->state = all;
	for (size_t i = 0; i < w->conns; i++) {
		all->v[i] = (struct sock){ .w = w, .peer = { .on_open = on_open, .on_text = on_text,
		    .on_pong = on_pong, .on_close = on_close, .on_reply = on_reply,
		    .owner = &all->v[i], .index = i } };
		peer_connect(&all->v[i].peer);
		peer_get_upgrade(&all->v[i].peer, "");
		if (i % 32 == 31)
			pump();
	}
}

static bool
is_ready(struct workload *w)
{
	struct socks *all = w->state;

	return all->open == w->conns;
}

static bool
start(struct workload *w, int64_t due)
{
	struct socks *all = w->state;
	struct sock *s;

	if (all->free_n == 0 || w->errors > 100)
		return false;
	s = &all->v[all->ring[all->first]];
	all->first = (all->first + 1) % w->conns;
	all->free_n--;
	s->since = w->rate > 0 ? due : now_us();
	if (w->ping)
		peer_ping(&s->peer);
	else
		peer_send_text(&s->peer, "{\"t\":\"bench\",\"n\":1234567890,\"text\":\"a line about as long as "
		    "what people type\"}");
	return true;
}

void
echo_setup(struct workload *w)
{
	w->prepare = prepare;
	w->is_ready = is_ready;
	w->start = start;
}

static bool
idle_start(struct workload *w, int64_t due)
{
	(void)w;
	(void)due;
	return false;
}

void
idle_setup(struct workload *w)
{
	echo_setup(w);
	w->start = idle_start;
}
