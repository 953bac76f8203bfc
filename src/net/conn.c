/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c - one connection's bytes: reading, and writing once a round.
 *
 * What is queued during a round of the loop goes out in one writev; what a socket's
 * own frames brought about, as soon as all that was read of it is understood: nobody
 * waits for the rest of a long round.  What the kernel does not take waits in the
 * ring until it does.
 *
 * The loop only says which sockets are ready; recv and send are called here: libuv's
 * streams read and write as if these were files, which a bare echo notices.
 */
#include "net/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define IOV_MAX_OURS 64
#define WRITE_AT_ONCE ((size_t)64 * 1024)
#define READS_AT_ONCE 8		/* of a full buffer each; then it is another's turn */

static struct net_blob **
out_at(struct conn *c, uint32_t i)
{
	return &c->out[(c->out_first + i) & (c->out_cap - 1)];
}

static void
out_grow(struct conn *c)
{
	uint32_t cap = c->out_cap == 0 ? 4 : c->out_cap * 2;
	struct net_blob **ring = calloc(cap, sizeof(*ring));

	CHECK(ring != NULL);
	for (uint32_t i = 0; i < c->out_n; i++)
		ring[i] = *out_at(c, i);
	free(c->out);
	c->out = ring;
	c->out_cap = cap;
	c->out_first = 0;
}

static void
out_pop(struct conn *c)
{
	struct net_blob **first = out_at(c, 0);

	net_blob_unref(first);
	c->out_first = (c->out_first + 1) & (c->out_cap - 1);
	c->out_n--;
	c->out_off = 0;
}

/* n bytes have gone to the kernel. */
static void
out_sent(struct conn *c, size_t n)
{
	stat_add(c->net, STAT_BYTES_OUT, n);
	CHECK(n <= c->out_bytes);
	c->out_bytes -= n;
	while (n > 0) {
		size_t left = net_blob_size(*out_at(c, 0)) - c->out_off;

		if (n < left) {
			c->out_off += n;
			return;
		}
		n -= left;
		out_pop(c);
	}
	/* An idle connection keeps no ring. */
	if (c->out_n == 0 && c->out_cap > 4) {
		free(c->out);
		c->out = NULL;
		c->out_cap = c->out_first = 0;
	}
}

static void
mark_dirty(struct conn *c)
{
	if (c->dirty || c->closing)
		return;
	c->dirty = true;
	c->dirty_next = c->net->dirty;
	c->net->dirty = c;
}

void
conn_send(struct conn *c, struct net_blob *blob)
{
	if (c->closing || net_blob_size(blob) == 0) {
		net_blob_unref(&blob);
		return;
	}
	if (c->out_n == c->out_cap)
		out_grow(c);
	c->out_n++;
	*out_at(c, c->out_n - 1) = blob;
	c->out_bytes += net_blob_size(blob);
	mark_dirty(c);
}

void
conn_drop_unsent(struct conn *c)
{
	uint32_t keep = c->out_off > 0 ? 1 : 0;

	while (c->out_n > keep) {
		struct net_blob **last = out_at(c, c->out_n - 1);

		c->out_bytes -= net_blob_size(*last);
		net_blob_unref(last);
		c->out_n--;
	}
}

static void
all_sent(struct conn *c)
{
	if (c->state == CONN_WS || c->state == CONN_WS_CLOSING)
		conn_ws_sent(c);
	else
		conn_http_sent(c);
}

/* Gathers what fits into one write. */
static size_t
gather(struct conn *c, struct iovec iov[IOV_MAX_OURS], size_t *bytes)
{
	size_t n = 0;

	*bytes = 0;
	while (n < c->out_n && n < IOV_MAX_OURS && (n == 0 || *bytes < WRITE_AT_ONCE)) {
		struct str s = net_blob_bytes(*out_at(c, (uint32_t)n));
		size_t skip = n == 0 ? c->out_off : 0;
		union {
			const char *in;
			char *out;	/* an iovec's bytes are not const */
		} p = { .in = s.p + skip };

		iov[n++] = (struct iovec){ p.out, s.n - skip };
		*bytes += s.n - skip;
	}
	return n;
}

static void on_ready(uv_poll_t *h, int status, int events);

static void
poll_for(struct conn *c, int events)
{
	if (events == c->polled)
		return;
	c->polled = events;
	if (events == 0)
		(void)uv_poll_stop(&c->poll);
	else
		CHECK(uv_poll_start(&c->poll, events, on_ready) == 0);
}

/* The bytes the kernel took; -1: the peer is gone. */
static ssize_t
give(const struct conn *c, struct iovec *iov, size_t n)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t took;

	do
		took = n == 1 ? send(c->fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL) : sendmsg(c->fd, &m, MSG_NOSIGNAL);
	while (took < 0 && errno == EINTR);
	return took < 0 && errno == EAGAIN ? 0 : took;
}

static void
flush(struct conn *c)
{
	struct iovec iov[IOV_MAX_OURS];
	size_t bytes, n;
	ssize_t took;

	while (!c->closing && !c->blocked && c->out_n > 0) {
		n = gather(c, iov, &bytes);
		took = give(c, iov, n);
		if (took < 0) {
			conn_close(c);
			return;
		}
		out_sent(c, (size_t)took);
		if ((size_t)took < bytes) {
			c->blocked = true;
			poll_for(c, c->polled | UV_WRITABLE);
			return;
		}
	}
	if (!c->closing && !c->blocked)
		all_sent(c);
}

void
conn_flush_all(struct net *n)
{
	struct conn *c;

	while ((c = n->dirty) != NULL) {
		n->dirty = c->dirty_next;
		c->dirty = false;
		if (!c->closing)
			flush(c);
	}
}

void
conn_deadline(struct conn *c, int64_t after_us)
{
	c->net->deadlines[c->ref.slot] =
	    after_us == INT64_MAX ? INT64_MAX : net_now(c->net) + after_us;
}

static void
unlink_dirty(struct conn *c)
{
	struct conn **at = &c->net->dirty;

	if (!c->dirty)
		return;
	while (*at != c)
		at = &(*at)->dirty_next;
	*at = c->dirty_next;
	c->dirty = false;
}

/* It is mostly the last that became dirty. */
static void
flush_now(struct conn *c)
{
	if (c->net->dirty != c)
		return;
	unlink_dirty(c);
	flush(c);
}

static void
on_bytes(struct conn *c, size_t n)
{
	stat_add(c->net, STAT_BYTES_IN, n);
	if (c->state == CONN_WS || c->state == CONN_WS_CLOSING) {
		conn_ws_bytes(c, c->net->read_buffer, n);
		flush_now(c);
	} else if (c->state != CONN_LINGER) {
		conn_http_bytes(c, c->net->read_buffer, n);
	}
}

static void
read_some(struct conn *c)
{
	for (int i = 0; i < READS_AT_ONCE && c->reading && !c->closing; i++) {
		ssize_t n = recv(c->fd, c->net->read_buffer, READ_BUFFER, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			conn_close(c);
			return;
		}
		on_bytes(c, (size_t)n);
		if ((size_t)n < READ_BUFFER)
			return;
	}
}

static void
on_ready(uv_poll_t *h, int status, int events)
{
	struct conn *c = h->data;

	role_assert_loop();
	if (status < 0) {
		conn_close(c);
		return;
	}
	if ((events & UV_WRITABLE) != 0 && c->blocked) {
		c->blocked = false;
		poll_for(c, c->polled & ~UV_WRITABLE);
		flush(c);
	}
	if (c->closing || (events & UV_READABLE) == 0)
		return;
	if (c->reading)
		read_some(c);
	else
		poll_for(c, c->polled & ~UV_READABLE);
}

/* Off is only remembered: most of the time nothing comes until it is on again, and
 * the kernel need not be told twice a request. */
void
conn_read(struct conn *c, bool on)
{
	if (c->closing)
		return;
	c->reading = on;
	if (on)
		poll_for(c, c->polled | UV_READABLE);
}

void
conn_shutdown(struct conn *c)
{
	if (shutdown(c->fd, SHUT_WR) != 0)
		conn_close(c);
}

void
conn_open(struct net *n, int fd, const struct addr *peer)
{
	struct conn *c = calloc(1, sizeof(*c));
	int one = 1;

	CHECK(c != NULL);
	CHECK(n->free_n > 0);
	if (uv_poll_init(n->uv, &c->poll, fd) != 0) {
		(void)close(fd);
		free(c);
		net_forget_address(n, peer);
		return;
	}
	c->fd = fd;
	c->poll.data = c;
	c->magic = CONN_MAGIC;
	c->net = n;
	c->peer = *peer;
	c->peer_trusted = networks_has(&n->spec.trusted, peer);
	c->ref.slot = n->free_slots[--n->free_n];
	c->ref.gen = n->gens[c->ref.slot];
	n->slots[c->ref.slot] = c;
	n->open_n++;
	n->handles++;
	buf_init(&c->rest, READ_BUFFER);
	stat_add(n, STAT_ACCEPTED, 1);
	stat_add(n, STAT_OPEN, 1);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->state = CONN_IDLE;
	conn_deadline(c, n->spec.limits.head_us);
	conn_read(c, true);
}

static void
on_closed(uv_handle_t *h)
{
	struct conn *c = h->data;

	role_assert_loop();
	c->net->handles--;
	while (c->out_n > 0)
		out_pop(c);
	free(c->out);
	c->magic = 0;
	free(c);
}

void
conn_close(struct conn *c)
{
	struct net *n = c->net;

	CHECK_OBJ(c, CONN_MAGIC);
	if (c->closing)
		return;
	c->closing = true;
	unlink_dirty(c);
	if (c->upgraded)
		conn_ws_free(c);
	http_parser_free(&c->parser);
	buf_free(&c->rest);
	free(c->ws_accept);
	c->ws_accept = NULL;
	net_slot_release(n, c);
	uv_close((uv_handle_t *)&c->poll, on_closed);
	(void)close(c->fd);	/* not polled any more */
}
