/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h - the inside of net: one connection and the server that owns it.
 *
 * For src/net/ only.  Everything here belongs to the loop.  conn.c moves bytes,
 * conn_http.c and conn_ws.c know what they mean, net.c accepts and keeps time.
 */
#pragma once

#include "net/net.h"

#include <stdatomic.h>
#include <uv.h>

#define CONN_MAGIC 0xC044U
#define NET_MAGIC 0x4E37U
#define READ_BUFFER ((size_t)64 * 1024)
#define LISTENERS_MAX 4
#define ADDRESS_BUCKETS ((size_t)4096)

enum conn_state {
	CONN_IDLE,	/* between two requests */
	CONN_HEAD,
	CONN_BODY,
	CONN_HANDLER,	/* somebody works on the answer; nothing is read */
	CONN_WRITE,	/* the answer goes out */
	CONN_LINGER,	/* said the last; reads and forgets, so that it arrives */
	CONN_WS,
	CONN_WS_CLOSING,	/* our close frame is queued or sent */
};


struct conn {
	unsigned magic;
	enum conn_state state;
	struct net *net;
	struct conn_ref ref;
	struct addr peer;
	uv_poll_t poll;
	int fd;
	int polled;		/* UV_READABLE, UV_WRITABLE: what the loop is asked for */

	/* out: a ring of blobs; `off` bytes of the first are sent */
	struct net_blob **out;
	uint32_t out_first, out_n, out_cap;
	size_t out_off, out_bytes;
	struct conn *dirty_next;
	bool dirty, closing, close_after, head_only, reading, peer_trusted;
	bool blocked;		/* the kernel takes no more for now */
	bool used;		/* it has sent a request's first byte */

	/* in */
	struct http_parser *parser;	/* while a request is being read */
	struct buf rest;		/* read, but not its turn yet */
	char *ws_accept;		/* between an upgrade request and its 101 */
	struct ws_reader *ws;
	void *user;
	bool upgraded;
	int close_code;
	int64_t heard_us;
	int64_t second_us;		/* of frames_in_second */
	uint32_t frames_in_second;
};

struct address_count {
	struct addr addr;
	size_t n;
	struct address_count *next;
};

struct listener {
	struct net *net;
	uv_poll_t poll;
	int fd;
	bool open, polling;
};

struct net {
	unsigned magic;
	struct net_spec spec;
	uv_loop_t *uv;
	struct listener listeners[LISTENERS_MAX];
	size_t listeners_n;
	struct conn **slots;
	uint32_t *gens, *free_slots;
	int64_t *deadlines;	/* a slot's; INT64_MAX = none */
	size_t slots_n, free_n, open_n;
	struct address_count *addresses[ADDRESS_BUCKETS];
	struct conn *dirty;
	struct ws_store *ws_store;
	struct ws_reader *ws_spare;	/* for the next frame; an idle socket has none */
	uv_prepare_t prepare;
	uv_check_t check;
	uv_timer_t tick;
	int handles;		/* of ours, open */
	bool accept_paused;
	int64_t accept_again_us;
	atomic_bool draining;
	int64_t drain_by_us;
	void (*drained)(void *arg);
	void *drained_arg;
	/* the end of a head, made once a second: Date and how to go on */
	struct net_blob *tail_keep, *tail_close;
	int64_t tail_second;
	char *read_buffer;
	_Atomic uint64_t stats[16];
};

enum net_stat { STAT_ACCEPTED, STAT_REFUSED, STAT_OPEN, STAT_REQUESTS, STAT_BAD, STAT_TIMEOUTS,
	STAT_SOCKETS, STAT_FRAMES_IN, STAT_FRAMES_OUT, STAT_SLOW, STAT_DROPPED, STAT_PAUSED,
	STAT_BYTES_IN, STAT_BYTES_OUT };

/* The loop alone counts; others only read.  By UINT64_MAX: one less. */
static inline void
stat_add(struct net *n, enum net_stat s, uint64_t by)
{
	uint64_t now = atomic_load_explicit(&n->stats[s], memory_order_relaxed);

	atomic_store_explicit(&n->stats[s], now + by, memory_order_relaxed);
}

static inline int64_t
net_now(struct net *n)
{
	return clock_mono_us(n->spec.clock);
}

/* net.c */
void net_forget_address(struct net *n, const struct addr *a);
struct conn *net_conn(struct net *n, struct conn_ref ref);	/* NULL: dead */
void net_slot_release(struct net *n, struct conn *c);
void net_check_drained(struct net *n);
void net_resume_accept(struct net *n);

/* conn.c */
void conn_open(struct net *n, int fd, const struct addr *peer);
void conn_close(struct conn *c);
void conn_send(struct conn *c, struct net_blob *blob);	/* takes the reference */
void conn_drop_unsent(struct conn *c);	/* keeps what is partly sent */
void conn_flush_all(struct net *n);
void conn_deadline(struct conn *c, int64_t after_us);
void conn_read(struct conn *c, bool on);
void conn_shutdown(struct conn *c);	/* nothing is sent any more; all was */

/* conn_http.c */
void conn_http_bytes(struct conn *c, const char *p, size_t n);
void conn_http_sent(struct conn *c);	/* everything queued has gone out */
void conn_http_timeout(struct conn *c);
void conn_http_reply(struct conn *c, int status, struct net_blob *head, struct net_blob *body,
    bool close);
void conn_http_simple(struct conn *c, int status);	/* a bodiless answer, then close */
void conn_http_upgrade(struct conn *c, void *user);
void conn_http_go_on(struct conn *c);	/* with what was pipelined */

/* conn_ws.c */
void conn_ws_begin(struct conn *c);
void conn_ws_bytes(struct conn *c, const char *p, size_t n);
void conn_ws_send(struct conn *c, struct net_blob *frame);	/* takes the reference */
void conn_ws_close(struct conn *c, int code, const char *reason);
void conn_ws_timeout(struct conn *c);
void conn_ws_sent(struct conn *c);
void conn_ws_free(struct conn *c);
