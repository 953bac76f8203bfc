/* SPDX-License-Identifier: Apache-2.0 */
/* hub_private.h - sockets, topics and subscriptions, for the hub's own files.
 *
 *	socket.c	a socket's life and its frames
 *	hub.c		the registry: sockets by slot, topics by name, subscriptions
 *	publish.c	writer thread -> delivery -> fan-out on the loop
 *	backlog.c	jobs: hello, subscribe, sends that need a look into the store
 *	ticks.c		what is told at most so often: counts, waits; and who may stay
 *
 * A subscription is registered first and its backlog read afterwards; frames
 * that arrive in between wait in its queue.  Everything but `interest`, names
 * and a sock's count belongs to the loop.
 */
#pragma once

#include "api/authz.h"
#include "api/hub.h"
#include "api/limits.h"
#include "api/wire.h"

#include <stdatomic.h>
#include <sys/queue.h>

#define INTEREST_N ((size_t)16384)
#define TOPICS_N ((size_t)8192)
#define TOPIC_KEY_MAX 96
#define INBOX_MAX 64
#define SUBS_MAX 32		/* a socket */
#define QUEUE_MAX 256		/* frames that wait for a backlog */
#define RESUME_MAX EVENT_RESUME_BYTES
#define COUNTS_US (200 * US_PER_MS)
#define WAITS_US (500 * US_PER_MS)
#define TICK_US (US_PER_S)
#define HELLO_US (5 * US_PER_S)
#define RECHECK_TICKS 5
#define WAITS_TICKS 10
#define TYPING_US (2 * US_PER_S)

enum topic_kind { TOPIC_CONV, TOPIC_INBOX, TOPIC_VISIT };
enum side { SIDE_PUBLIC, SIDE_AGENTS, SIDE_N };

/* A principal in one block of memory: immutable, shared by a sock and its jobs. */
struct packed {
	struct principal p;
	char mem[];
};
struct packed *packed_new(const struct principal *p);

struct queued {
	STAILQ_ENTRY(queued) link;
	int64_t to;
	struct net_blob *blob;
};

struct topic {
	LIST_ENTRY(topic) link;
	LIST_HEAD(, sub) subs;
	enum topic_kind kind;
	char key[TOPIC_KEY_MAX];	/* its name on the wire; of TOPIC_VISIT our own */
	int64_t sent[SIDE_N];		/* covered so far; -1 = nothing was published yet */
	bool counts_dirty;
	/* of a conversation, for waits */
	int64_t known_seq;
	char inbox[INBOX_MAX];
	bool in_queue;
};

struct sub {
	LIST_ENTRY(sub) in_topic, in_sock;
	struct topic *topic;
	struct sock *sock;
	uint32_t ticket;	/* the backlog job that may answer it */
	bool allowed, ready;
	bool overflow;		/* the queue was full: read again */
	STAILQ_HEAD(, queued) queue;
	size_t queue_n;
	bool typing;
	int64_t typed_us;
};

#define SOCK_MAGIC 0x50c4e701u
struct sock {
	unsigned magic;
	_Atomic unsigned refs;
	struct api *api;
	struct conn_ref conn;
	struct addr client;
	struct loop_task task;	/* puts it into the registry */
	struct packed *who;	/* set once */
	bool welcome;		/* hello was answered */
	bool asked;		/* hello was sent, its token is being looked up */
	bool counted;		/* as an agent at the desk */
	bool gone;
	int64_t opened_us;
	unsigned sending;	/* sends that look into the store first */
	size_t subs_n;
	LIST_HEAD(, sub) subs;
	LIST_ENTRY(sock) link;
	char visit[TOPIC_KEY_MAX];	/* the conversation behind topic "visit" */
};

struct dirty_inbox {
	char inbox[INBOX_MAX];
};

struct hubs {
	unsigned magic;
	struct api *api;
	struct names *names;
	_Atomic uint32_t interest[INTEREST_N];
	LIST_HEAD(, topic) topics[TOPICS_N];
	LIST_HEAD(, sock) socks;
	struct arena *arena;	/* of one frame */
	uint32_t ticket;
	bool counts_armed, waits_armed, stopped;
	struct dirty_inbox waits[16];
	size_t waits_n;
	bool waits_all;
	unsigned ticks;
	struct loop_task counts_task, waits_task, tick_task;
};

/* ---- hub.c ---- */
static inline enum side
sock_side(const struct sock *s)
{
	return s->who != NULL && s->who->p.who == WHO_VISITOR ? SIDE_PUBLIC : SIDE_AGENTS;
}
void sock_ref(struct sock *s);
void sock_unref(struct sock **s);

size_t interest_of(const void *p, size_t n);
void topic_conv_key(struct id conv, char out[TOPIC_KEY_MAX]);
void topic_inbox_key(struct str inbox, char out[TOPIC_KEY_MAX]);
void topic_visit_key(struct id contact, struct str inbox, char out[TOPIC_KEY_MAX]);
struct topic *topic_find(struct hubs *h, const char *key);
struct sub *sub_find(struct sock *s, const char *key);
/* The existing one, or a new one; NULL when the socket has SUBS_MAX. */
struct sub *sub_add(struct hubs *h, struct sock *s, enum topic_kind kind, const char *key);
void sub_remove(struct hubs *h, struct sub *sub);
/* Frees what waits up to `covered`: a queue that was full has room again. */
void sub_forget(struct sub *sub, int64_t covered);
/* The same; sends the rest. */
void sub_flush(struct hubs *h, struct sub *sub, int64_t covered);
/* To all of a side who have their backlog; the others' queues keep it if keep. Takes text. */
void topic_send(struct hubs *h, struct topic *t, enum side side, struct buf *text, int64_t to, bool keep);
void sock_send(struct sock *s, struct buf *text);	/* takes text */
void sock_nack(struct sock *s, struct str cmid, enum err e, const struct fault *f, int64_t retry_ms);
void nack_text(struct buf *out, struct str cmid, enum err e, const struct fault *f, int64_t retry_ms);

/* ---- publish.c ---- */
void hub_publish(struct api *api, const struct batch *b);

/* ---- backlog.c ---- */
void backlog_hello(struct sock *s, struct str token);
/* cursor >= 0 goes on from there; resume empty and cursor -1: from the start. */
void backlog_read(struct hubs *h, struct sub *sub, struct str resume, int64_t cursor);
void backlog_visit(struct hubs *h, struct sub *sub, struct str resume);
/* A send whose conversation must be looked up first. */
void backlog_send(struct sock *s, struct id conv, struct id cmid, struct str text);

/* ---- socket.c ---- */
void socket_welcome(struct sock *s);
void socket_follow(struct hubs *h, struct sock *s, struct id conv, struct str resume);
/* Hands it to the engine; a refusal is a nack. Any thread. */
void socket_submit(struct sock *s, struct id conv, struct id cmid, struct str text);

/* ---- ticks.c ---- */
void ticks_start(struct hubs *h);
void counts_soon(struct hubs *h, struct topic *t);
void waits_soon(struct hubs *h, struct str inbox);	/* empty: all */
