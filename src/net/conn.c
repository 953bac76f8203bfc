/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c - one connection's bytes: reading, and writing once a round.
 *
 * What is queued during a round of the loop goes out in one writev; what a socket's
 * own frames brought about, as soon as all that was read of it is understood: nobody
 * waits for the rest of a long round.  Only when the kernel does not take it all is
 * a uv_write (and its memory) needed.
 */
#include "net/conn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IOV_MAX_OURS 64
#define WRITE_AT_ONCE ((size_t)64 * 1024)

struct conn_write {
	uv_write_t req;
	struct conn *conn;
	uint32_t blobs;		/* the first of the ring are under way */
	size_t bytes;
};

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
	uint32_t keep = c->writing != NULL ? c->writing->blobs : c->out_off > 0 ? 1 : 0;

	while (c->out_n > keep) {
		struct net_blob **last = out_at(c, c->out_n - 1);

		c->out_bytes -= net_blob_size(*last);
		net_blob_unref(last);
		c->out_n--;
	}
}

static void flush(struct conn *c);

static void
all_sent(struct conn *c)
{
	if (c->state == CONN_WS || c->state == CONN_WS_CLOSING)
		conn_ws_sent(c);
	else
		conn_http_sent(c);
}

static void
on_written(uv_write_t *req, int status)
{
	struct conn_write *w = req->data;
	struct conn *c = w->conn;

	role_assert_loop();
	if (c == NULL) {	/* closed meanwhile; its blobs were kept for us */
		free(w);
		return;
	}
	c->writing = NULL;
	if (status != 0) {
		free(w);
		conn_close(c);
		return;
	}
	out_sent(c, w->bytes);
	free(w);
	flush(c);
}

/* Gathers what fits into one write. */
static unsigned
gather(struct conn *c, uv_buf_t iov[IOV_MAX_OURS], size_t *bytes)
{
	unsigned n = 0;

	*bytes = 0;
	while (n < c->out_n && n < IOV_MAX_OURS && (n == 0 || *bytes < WRITE_AT_ONCE)) {
		struct str s = net_blob_bytes(*out_at(c, n));
		size_t skip = n == 0 ? c->out_off : 0;
		union {
			const char *in;
			char *out;	/* libuv's buffers are not const */
		} p = { .in = s.p + skip };

		iov[n++] = uv_buf_init(p.out, (unsigned)(s.n - skip));
		*bytes += s.n - skip;
	}
	return n;
}

static void
write_later(struct conn *c, const uv_buf_t *iov, unsigned n, size_t bytes)
{
	struct conn_write *w = calloc(1, sizeof(*w));

	CHECK(w != NULL);
	w->conn = c;
	w->blobs = n;
	w->bytes = bytes;
	w->req.data = w;
	if (uv_write(&w->req, (uv_stream_t *)&c->tcp, iov, n, on_written) != 0) {
		free(w);
		conn_close(c);
		return;
	}
	c->writing = w;
}

static void
flush(struct conn *c)
{
	uv_buf_t iov[IOV_MAX_OURS];
	size_t bytes;
	unsigned n;
	int r;

	while (!c->closing && c->writing == NULL && c->out_n > 0) {
		n = gather(c, iov, &bytes);
		r = uv_try_write((uv_stream_t *)&c->tcp, iov, n);
		if (r > 0)
			out_sent(c, (size_t)r);
		if (r < 0 && r != UV_EAGAIN) {
			conn_close(c);
			return;
		}
		if (r < 0 || (size_t)r < bytes) {
			n = gather(c, iov, &bytes);
			write_later(c, iov, n, bytes);
			return;
		}
	}
	if (!c->closing && c->writing == NULL)
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
on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
	struct conn *c = h->data;

	(void)hint;
	*out = uv_buf_init(c->net->read_buffer, (unsigned)READ_BUFFER);
}

static void
on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *b)
{
	struct conn *c = h->data;

	role_assert_loop();
	if (n == 0)
		return;
	if (n < 0) {
		conn_close(c);
		return;
	}
	stat_add(c->net, STAT_BYTES_IN, (uint64_t)n);
	if (c->state == CONN_WS || c->state == CONN_WS_CLOSING) {
		conn_ws_bytes(c, b->base, (size_t)n);
		flush_now(c);
	} else if (c->state != CONN_LINGER) {
		conn_http_bytes(c, b->base, (size_t)n);
	}
}

void
conn_read(struct conn *c, bool on)
{
	if (c->closing || c->reading == on)
		return;
	c->reading = on;
	if (on)
		CHECK(uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) == 0);
	else
		(void)uv_read_stop((uv_stream_t *)&c->tcp);
}

void
conn_open(struct net *n, int fd, const struct addr *peer)
{
	struct conn *c = calloc(1, sizeof(*c));

	CHECK(c != NULL);
	CHECK(n->free_n > 0);
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
	CHECK(uv_tcp_init(n->uv, &c->tcp) == 0);
	c->tcp.data = c;
	stat_add(n, STAT_ACCEPTED, 1);
	stat_add(n, STAT_OPEN, 1);
	if (uv_tcp_open(&c->tcp, fd) != 0) {
		(void)close(fd);
		conn_close(c);
		return;
	}
	(void)uv_tcp_nodelay(&c->tcp, 1);
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
	/* libuv cancels the write and calls on_written before on_closed, which
	 * releases the blobs. */
	if (c->writing != NULL)
		c->writing->conn = NULL;
	c->writing = NULL;
	net_slot_release(n, c);
	uv_close((uv_handle_t *)&c->tcp, on_closed);
}
