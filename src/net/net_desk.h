/* SPDX-License-Identifier: Apache-2.0 */
/* net_desk.h - for the tests of net: a server over real sockets, and its client.
 *
 * The server echoes: a request's line and body, a socket's text.  /hold waits in
 * `held` until the test answers it, /pool is answered by a worker.  Whatever does
 * not go as it should fails the test.
 */
#pragma once

#include "net/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>

#define CLIENTS_MAX 64

struct desk {
	struct loop *loop;
	struct net *net;
	struct job_pool *pool;
	int port;
	atomic_int opened, closed, drained, close_code;
	struct conn_ref sockets[CLIENTS_MAX];
	atomic_int sockets_n;
	_Atomic(struct http_request *) held;
};

struct desk *desk_new(const struct net_limits *limits, const char *trusted);	/* NULL: the usual */
void desk_free(struct desk *d);	/* every socket that was opened must have been closed */
void answer(struct desk *d, struct http_request *r);	/* what was held; any thread */
struct net_stats stats(struct desk *d);
void wait_for(atomic_int *what, int n);
void wait_held(struct desk *d);

int dial(struct desk *d);
int dial_with(struct desk *d, int receive_buffer);
void say(int fd, const char *z);
void say_n(int fd, const void *p, size_t n);
/* Reads until `until` has been seen, or the end. Returns what was read. */
const char *hear(int fd, const char *until);
void hear_exactly(int fd, const void *want, size_t n);
void must_have(const char *text, const char *part);

/* ---- WebSocket ---- */
extern const char upgrade_request[];
int dial_ws(struct desk *d, int receive_buffer);
void say_frame(int fd, unsigned first, const char *p, size_t n);	/* masked, below 126 bytes */
