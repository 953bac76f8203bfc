/* SPDX-License-Identifier: Apache-2.0 */
/* net.c - the server: listening, accepting, keeping time, draining.
 *
 * We accept by hand, not through uv_listen: so that accepting can pause when
 * descriptors or places run out, while the sockets that are open live on.
 */
#include "net/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICK_MS 200U
#define ACCEPT_AT_ONCE 64
#define ACCEPT_PAUSE_US (100 * US_PER_MS)
#define BACKLOG 1024

const struct net_limits net_limits_default = {
	.connections = 20000,
	.per_address = 1000,
	.head_us = 10 * US_PER_S,
	.body_us = 15 * US_PER_S,
	.idle_us = 30 * US_PER_S,
	.reply_us = 30 * US_PER_S,
	.write_us = 12 * US_PER_S,
	.ping_us = 25 * US_PER_S,
	.dead_us = 60 * US_PER_S,
	.ws_out_bytes = (size_t)256 * 1024,
	.ws_frames_per_s = 50,
	.drain_us = 10 * US_PER_S,
};

/* ---- addresses ---- */

static struct address_count **
address_find(struct net *n, const struct addr *key)
{
	uint64_t h = str_hash64((struct str){ (const char *)key->b, sizeof(key->b) });
	struct address_count **at;

	at = &n->addresses[(h ^ h >> 32) & (ADDRESS_BUCKETS - 1)];
	while (*at != NULL && !addr_eq(&(*at)->addr, key))
		at = &(*at)->next;
	return at;
}

static bool
address_take(struct net *n, const struct addr *a)
{
	struct addr key = addr_limit_key(a);
	struct address_count **at = address_find(n, &key);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		CHECK(*at != NULL);
		(*at)->addr = key;
	}
	if (n->spec.limits.per_address > 0 && (*at)->n >= n->spec.limits.per_address &&
	    !networks_has(&n->spec.trusted, a))
		return false;
	(*at)->n++;
	return true;
}

void
net_forget_address(struct net *n, const struct addr *a)
{
	struct addr key = addr_limit_key(a);
	struct address_count **at = address_find(n, &key), *gone = *at;

	CHECK(gone != NULL && gone->n > 0);
	if (--gone->n > 0)
		return;
	*at = gone->next;
	free(gone);
}

/* ---- slots ---- */

struct conn *
net_conn(struct net *n, struct conn_ref ref)
{
	struct conn *c;

	if (ref.slot >= n->slots_n || n->gens[ref.slot] != ref.gen)
		return NULL;
	c = n->slots[ref.slot];
	return c == NULL || c->closing ? NULL : c;
}

void
net_slot_release(struct net *n, struct conn *c)
{
	uint32_t slot = c->ref.slot;

	CHECK(n->slots[slot] == c);
	n->slots[slot] = NULL;
	n->gens[slot]++;
	n->deadlines[slot] = INT64_MAX;
	n->free_slots[n->free_n++] = slot;
	n->open_n--;
	stat_add(n, STAT_OPEN, UINT64_MAX);
	net_forget_address(n, &c->peer);
	if (n->accept_paused && n->accept_again_us == INT64_MAX)
		net_resume_accept(n);
	net_check_drained(n);
}

/* ---- accepting ---- */

static void on_acceptable(uv_poll_t *h, int status, int events);

static void
listeners_poll(struct net *n, bool on)
{
	for (size_t i = 0; i < n->listeners_n; i++) {
		struct listener *l = &n->listeners[i];

		if (!l->open || l->polling == on)
			continue;
		l->polling = on;
		if (on)
			CHECK(uv_poll_start(&l->poll, UV_READABLE, on_acceptable) == 0);
		else
			CHECK(uv_poll_stop(&l->poll) == 0);
	}
}

/* again_us INT64_MAX: when a connection has closed. */
static void
pause_accept(struct net *n, int64_t again_us)
{
	if (n->accept_paused)
		return;
	n->accept_paused = true;
	n->accept_again_us = again_us;
	stat_add(n, STAT_PAUSED, 1);
	listeners_poll(n, false);
}

void
net_resume_accept(struct net *n)
{
	n->accept_paused = false;
	if (!atomic_load(&n->draining))
		listeners_poll(n, true);
}

/* False: stop for this round. */
static bool
accept_one(struct listener *l)
{
	struct sockaddr_storage sa;
	socklen_t sa_n = sizeof(sa);
	struct net *n = l->net;
	struct addr peer;
	int fd;

	if (n->free_n == 0) {
		pause_accept(n, INT64_MAX);
		return false;
	}
	fd = accept4(l->fd, (struct sockaddr *)&sa, &sa_n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			pause_accept(n, net_now(n) + ACCEPT_PAUSE_US);
			return false;
		}
		return errno == ECONNABORTED || errno == EINTR;
	}
	(void)addr_from_sock((struct sockaddr *)&sa, &peer);
	if (!address_take(n, &peer)) {
		stat_add(n, STAT_REFUSED, 1);
		(void)close(fd);
		return true;
	}
	conn_open(n, fd, &peer);
	return true;
}

static void
on_acceptable(uv_poll_t *h, int status, int events)
{
	struct listener *l = h->data;

	(void)events;
	role_assert_loop();
	if (status != 0)
		return;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++)
		if (!l->polling || !accept_one(l))
			return;
}

static int
open_listener(struct str address, int port, int *bound)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t n;
	struct addr a;
	bool v6;
	int fd, on = 1;

	if (!addr_parse(address, &a)) {
		errno = EINVAL;
		return -1;
	}
	v6 = str_find(address, STR(":")) >= 0;
	memcpy(&in6.sin6_addr, a.b, 16);
	memcpy(&in.sin_addr, a.b + 12, 4);
	fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	n = v6 ? sizeof(in6) : sizeof(in);
	if (bind(fd, v6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in, n) != 0 ||
	    listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, v6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in, &n) != 0) {
		int e = errno;

		(void)close(fd);
		errno = e;
		return -1;
	}
	*bound = ntohs(v6 ? in6.sin6_port : in.sin_port);
	return fd;
}

enum err
net_listen(struct net *n, struct str address, int port, int *bound, struct fault *f)
{
	struct listener *l;

	CHECK_OBJ(n, NET_MAGIC);
	if (n->listeners_n == LISTENERS_MAX)
		return fault(f, E_CONFIG, "more than %d listening addresses", LISTENERS_MAX);
	l = &n->listeners[n->listeners_n];
	l->fd = open_listener(address, port, bound);
	if (l->fd < 0)
		return fault(f, E_CONFIG, "cannot listen on %.*s port %d: %s", STR_ARG(address),
		    port, strerror(errno));
	l->net = n;
	l->poll.data = l;
	CHECK(uv_poll_init(n->uv, &l->poll, l->fd) == 0);
	l->open = true;
	n->listeners_n++;
	n->handles++;
	listeners_poll(n, true);
	return E_OK;
}

static void
on_handle_closed(uv_handle_t *h)
{
	struct net *n = h->data;

	n->handles--;
}

static void
on_listener_closed(uv_handle_t *h)
{
	struct listener *l = h->data;

	(void)close(l->fd);
	l->net->handles--;
}

static void
listeners_close(struct net *n)
{
	for (size_t i = 0; i < n->listeners_n; i++) {
		if (!n->listeners[i].open)
			continue;
		n->listeners[i].open = n->listeners[i].polling = false;
		uv_close((uv_handle_t *)&n->listeners[i].poll, on_listener_closed);
	}
}

/* ---- time ---- */

static void
on_timeout(struct conn *c)
{
	if (c->state == CONN_WS || c->state == CONN_WS_CLOSING)
		conn_ws_timeout(c);
	else
		conn_http_timeout(c);
}

static void
close_all(struct net *n)
{
	for (size_t i = 0; i < n->slots_n; i++)
		if (n->slots[i] != NULL)
			conn_close(n->slots[i]);
}

static void
on_tick(uv_timer_t *h)
{
	struct net *n = h->data;
	int64_t now = net_now(n);

	role_assert_loop();
	for (size_t i = 0; i < n->slots_n; i++)
		if (n->deadlines[i] <= now)
			on_timeout(n->slots[i]);
	if (n->accept_paused && n->accept_again_us <= now)
		net_resume_accept(n);
	if (atomic_load(&n->draining) && n->drain_by_us <= now)
		close_all(n);
}

static void
on_prepare(uv_prepare_t *h)
{
	role_assert_loop();
	conn_flush_all(h->data);
}

static void
on_check(uv_check_t *h)
{
	role_assert_loop();
	conn_flush_all(h->data);
}

/* ---- life ---- */

static void
make_slots(struct net *n)
{
	n->slots_n = n->free_n = n->spec.limits.connections;
	CHECK(n->slots_n > 0 && n->slots_n < UINT32_MAX);
	n->slots = calloc(n->slots_n, sizeof(struct conn *));
	n->gens = calloc(n->slots_n, sizeof(*n->gens));
	n->free_slots = calloc(n->slots_n, sizeof(*n->free_slots));
	n->deadlines = calloc(n->slots_n, sizeof(*n->deadlines));
	n->read_buffer = malloc(READ_BUFFER);
	CHECK(n->slots != NULL && n->gens != NULL && n->free_slots != NULL &&
	    n->deadlines != NULL && n->read_buffer != NULL);
	for (size_t i = 0; i < n->slots_n; i++) {
		n->free_slots[i] = (uint32_t)(n->slots_n - 1 - i);
		n->gens[i] = 1;		/* so that {0, 0} names nobody */
		n->deadlines[i] = INT64_MAX;
	}
}

enum err
net_new(const struct net_spec *spec, struct net **out, struct fault *f)
{
	struct net *n = calloc(1, sizeof(*n));

	(void)f;
	CHECK(n != NULL);
	n->magic = NET_MAGIC;
	n->spec = *spec;
	n->uv = loop_uv(spec->loop);
	make_slots(n);
	n->ws_store = ws_store_new();
	n->prepare.data = n->check.data = n->tick.data = n;
	CHECK(uv_prepare_init(n->uv, &n->prepare) == 0);
	CHECK(uv_prepare_start(&n->prepare, on_prepare) == 0);
	CHECK(uv_check_init(n->uv, &n->check) == 0);
	CHECK(uv_check_start(&n->check, on_check) == 0);
	CHECK(uv_timer_init(n->uv, &n->tick) == 0);
	CHECK(uv_timer_start(&n->tick, on_tick, TICK_MS, TICK_MS) == 0);
	n->handles = 3;
	*out = n;
	return E_OK;
}

void
net_check_drained(struct net *n)
{
	void (*done)(void *) = n->drained;

	if (!atomic_load(&n->draining) || n->open_n > 0 || done == NULL)
		return;
	n->drained = NULL;
	done(n->drained_arg);
}

struct drain_task {
	struct loop_task task;
	struct net *net;
	void (*done)(void *arg);
	void *arg;
};

static void
drain_conn(struct net *n, struct conn *c)
{
	if (c->state == CONN_IDLE) {
		conn_close(c);
	} else if (c->state == CONN_WS) {
		if (n->spec.on_ws_drain != NULL)
			n->spec.on_ws_drain(n->spec.ctx, c->ref, c->user);
		/* After what on_ws_drain has posted. */
		net_ws_close(n, c->ref, WS_RESTART, "the server restarts");
	}
}

static void
drain_begin(struct loop_task *t)
{
	struct drain_task *d = (struct drain_task *)t;
	struct net *n = d->net;

	atomic_store(&n->draining, true);
	n->drain_by_us = net_now(n) + n->spec.limits.drain_us;
	n->drained = d->done;
	n->drained_arg = d->arg;
	free(d);
	listeners_close(n);
	for (size_t i = 0; i < n->slots_n; i++)
		if (n->slots[i] != NULL)
			drain_conn(n, n->slots[i]);
	net_check_drained(n);
}

void
net_drain(struct net *n, void (*done)(void *arg), void *arg)
{
	struct drain_task *d = calloc(1, sizeof(*d));

	CHECK(d != NULL);
	*d = (struct drain_task){ { drain_begin, NULL }, n, done, arg };
	loop_post(n->spec.loop, &d->task);
}

void
net_free(struct net **np)
{
	struct net *n = *np;
	enum role before = role_get();

	if (n == NULL)
		return;
	CHECK_OBJ(n, NET_MAGIC);
	role_set(ROLE_LOOP);
	loop_flush(n->spec.loop);
	n->drained = NULL;
	close_all(n);
	listeners_close(n);
	uv_close((uv_handle_t *)&n->prepare, on_handle_closed);
	uv_close((uv_handle_t *)&n->check, on_handle_closed);
	uv_close((uv_handle_t *)&n->tick, on_handle_closed);
	while (n->handles > 0)
		(void)uv_run(n->uv, UV_RUN_NOWAIT);
	role_set(before);
	ws_store_free(&n->ws_store);
	free(n->ws_spare);
	net_blob_unref(&n->tail_keep);
	net_blob_unref(&n->tail_close);
	free(n->slots);
	free(n->gens);
	free(n->free_slots);
	free(n->deadlines);
	free(n->read_buffer);
	n->magic = 0;
	free(n);
	*np = NULL;
}

bool
net_is_draining(struct net *n)
{
	return atomic_load(&n->draining);
}

void
net_stats_read(struct net *n, struct net_stats *out)
{
	uint64_t v[16];

	for (size_t i = 0; i < 16; i++)
		v[i] = atomic_load_explicit(&n->stats[i], memory_order_relaxed);
	*out = (struct net_stats){
		.accepted = v[STAT_ACCEPTED], .refused = v[STAT_REFUSED], .open = v[STAT_OPEN],
		.requests = v[STAT_REQUESTS], .bad_requests = v[STAT_BAD],
		.timeouts = v[STAT_TIMEOUTS], .sockets = v[STAT_SOCKETS],
		.frames_in = v[STAT_FRAMES_IN], .frames_out = v[STAT_FRAMES_OUT],
		.slow_readers = v[STAT_SLOW], .dropped_replies = v[STAT_DROPPED],
		.accept_paused = v[STAT_PAUSED], .bytes_in = v[STAT_BYTES_IN],
		.bytes_out = v[STAT_BYTES_OUT],
	};
}
