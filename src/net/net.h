/* SPDX-License-Identifier: Apache-2.0 */
/* net.h - the server: listening sockets, connections, HTTP and WebSocket.
 *
 * Lives on one loop.  A request is copied into memory of its own and handed to
 * on_request; the answer comes back from any thread through net_reply, which
 * names the connection by (slot, generation): a dead generation drops it.  One
 * request is in flight a connection; what a client pipelines waits.
 * Writes are gathered and sent once a round of the loop.  Bytes that go to many
 * sockets are one counted `struct net_blob`.
 * Every size and time has a limit (struct net_limits).
 */
#pragma once

#include "base/clock.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/ws.h"

struct net;

/* ---- shared bytes: immutable, counted, thread-safe ---- */
struct net_blob;
struct net_blob *net_blob_new(const void *p, size_t n);	/* copies; one reference */
struct net_blob *net_blob_static(const void *p, size_t n);	/* p lives for ever */
struct net_blob *net_blob_take(struct buf *b);		/* takes b's memory, empties b */
struct net_blob *net_blob_ws_text(struct str text);		/* a whole frame, ready to send */
struct net_blob *net_blob_ref(struct net_blob *b);
void net_blob_unref(struct net_blob **b);
size_t net_blob_size(const struct net_blob *b);
struct str net_blob_bytes(const struct net_blob *b);

struct net_limits {
	size_t connections;		/* all; accept pauses past it */
	size_t per_address;		/* 0 = no limit; trusted proxies are exempt */
	int64_t head_us, body_us, idle_us;	/* to send the head, the body; keep-alive */
	int64_t reply_us;		/* a handler must have answered: else 504 */
	int64_t write_us;		/* to read a reply, plus a second each 16 KB */
	int64_t ping_us, dead_us;	/* sockets */
	size_t ws_out_bytes;		/* waiting to be sent, else 1013 */
	size_t ws_frames_per_s;		/* incoming, else 4429; 0 = no limit */
	int64_t drain_us;
};
extern const struct net_limits net_limits_default;

/* All callbacks run on the loop and must not block. */
struct net_spec {
	struct loop *loop;
	struct clock *clock;
	struct net_limits limits;
	struct networks trusted;
	void *ctx;
	/* The body's limit of this request, before the body is read; 0 = none allowed. */
	size_t (*body_limit)(void *ctx, const struct http_request *r);
	/* Owns *r: http_request_free() when done, any thread.  r->upgrade_ws: may be
	 * answered by net_upgrade().  Each request must be answered once. */
	void (*on_request)(void *ctx, struct http_request *r);
	/* An upgraded socket; `user` as given to net_upgrade. The text is borrowed. */
	void (*on_ws_text)(void *ctx, struct conn_ref c, void *user, struct str text);
	/* Always called, once, for an upgraded socket. Must release user. */
	void (*on_ws_close)(void *ctx, struct conn_ref c, void *user, int code);
	/* Before a drain closes the socket with 1012: last words by net_ws_send. */
	void (*on_ws_drain)(void *ctx, struct conn_ref c, void *user);
	/* A request refused before its route, for the log. May be NULL. */
	void (*on_bad)(void *ctx, const struct addr *peer, int status, const char *why);
};

enum err net_new(const struct net_spec *spec, struct net **out, struct fault *f) NODISCARD;
/* Before loop_run, or on the loop.  *port gets the one bound (port 0: any).
 * E_CONFIG says which address and why. */
enum err net_listen(struct net *n, struct str address, int port, int *bound, struct fault *f) NODISCARD;
/* Stops accepting, lets requests finish, says good-bye to sockets, closes what
 * is left after limits.drain_us; then calls done on the loop. Thread-safe. */
void net_drain(struct net *n, void (*done)(void *arg), void *arg);
/* After the loop has ended. Closes everything that is left. */
void net_free(struct net **n);

/* ---- answers: any thread ---- */
struct http_response {
	int status;
	const char *content_type;	/* NULL: none */
	struct str headers;		/* more of them, each ended by CRLF; no control bytes in values */
	struct net_blob *body;		/* taken; NULL: empty */
	bool close;			/* end the connection after it */
};
void net_reply(struct net *n, struct conn_ref c, const struct http_response *r);
/* Answers an upgrade request with 101; from then on `user` is the net's to hand
 * back.  If the connection is gone, on_ws_close is called all the same. */
void net_upgrade(struct net *n, struct conn_ref c, void *user);
/* Takes one reference of blob. */
void net_ws_send(struct net *n, struct conn_ref c, struct net_blob *blob);
/* The same frame to many; refs are copied. Takes one reference of blob. */
void net_ws_send_many(struct net *n, const struct conn_ref *c, size_t refs_n, struct net_blob *blob);
/* reason: a literal, or lives for ever. */
void net_ws_close(struct net *n, struct conn_ref c, int code, const char *reason);

struct net_stats {
	uint64_t accepted, refused, open, requests, bad_requests, timeouts;
	uint64_t sockets, frames_in, frames_out, slow_readers, dropped_replies, accept_paused;
	uint64_t bytes_in, bytes_out;
};
void net_stats_read(struct net *n, struct net_stats *out);	/* any thread */
bool net_is_draining(struct net *n);				/* any thread */
