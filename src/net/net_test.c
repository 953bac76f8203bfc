/* SPDX-License-Identifier: Apache-2.0 */
/* net_test.c - the server over real sockets: answers, limits, sockets, drain. */
#include "net/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* ---- the server: echoes; /hold waits, /pool answers from a worker ---- */

static void
answer(struct desk *d, struct http_request *r)
{
	struct http_response out = { .status = 200, .content_type = "text/plain",
		.headers = STR("X-Test: yes\r\n") };
	struct buf b;
	char client[ADDR_TEXT_MAX];

	addr_text(&r->client, client);
	buf_init(&b, 1 << 20);
	buf_fmt(&b, "%s %.*s %.*s %s", http_method_text(r->method), STR_ARG(r->path),
	    STR_ARG(r->body), client);
	out.body = net_blob_take(&b);
	net_reply(d->net, r->conn, &out);
	http_request_free(&r);
}

static enum err
run_job(struct arena *a, void *arg, struct fault *f)
{
	void **both = arg;

	(void)a;
	(void)f;
	answer(both[0], both[1]);
	free(both);
	return E_OK;
}

static size_t
body_limit(void *ctx, const struct http_request *r)
{
	(void)ctx;
	return r->method == HTTP_METHOD_POST ? 100 : 0;
}

static void
on_request(void *ctx, struct http_request *r)
{
	struct desk *d = ctx;
	void **both;

	if (r->upgrade_ws) {
		net_upgrade(d->net, r->conn, d);
		d->sockets[d->sockets_n] = r->conn;
		d->sockets_n++;
		d->opened++;
		http_request_free(&r);
	} else if (str_eqz(r->path, "/hold")) {
		atomic_store(&d->held, r);
	} else if (str_eqz(r->path, "/pool")) {
		both = calloc(2, sizeof(*both));
		both[0] = d;
		both[1] = r;
		assert_int_equal(job_submit(d->pool, &(struct job){ .run = run_job, .arg = both }), E_OK);
	} else {
		answer(d, r);
	}
}

static void
on_ws_text(void *ctx, struct conn_ref c, void *user, struct str text)
{
	struct desk *d = ctx;

	assert_ptr_equal(user, d);
	net_ws_send(d->net, c, net_blob_ws_text(text));
}

static void
on_ws_close(void *ctx, struct conn_ref c, void *user, int code)
{
	struct desk *d = ctx;

	(void)c;
	assert_ptr_equal(user, d);
	d->close_code = code;
	d->closed++;
}

static void
on_ws_drain(void *ctx, struct conn_ref c, void *user)
{
	struct desk *d = ctx;

	(void)user;
	net_ws_send(d->net, c, net_blob_ws_text(STR("reconnect")));
}

static struct desk *
desk_new(const struct net_limits *limits, const char *trusted)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct net_spec spec = { .clock = clock_real(), .ctx = d, .body_limit = body_limit,
		.on_request = on_request, .on_ws_text = on_ws_text, .on_ws_close = on_ws_close,
		.on_ws_drain = on_ws_drain };
	struct fault f;

	spec.limits = limits != NULL ? *limits : net_limits_default;
	assert_int_equal(networks_parse(str_from(trusted), &spec.trusted, &f), E_OK);
	assert_int_equal(loop_new(&d->loop, &f), E_OK);
	spec.loop = d->loop;
	d->pool = job_pool_new(&(struct job_pool_spec){ .name = "t", .threads = 2 });
	assert_int_equal(net_new(&spec, &d->net, &f), E_OK);
	assert_int_equal(net_listen(d->net, STR("127.0.0.1"), 0, &d->port, &f), E_OK);
	loop_start(d->loop);
	return d;
}

static void
desk_free(struct desk *d)
{
	struct http_request *held = atomic_exchange(&d->held, NULL);

	http_request_free(&held);
	loop_stop(d->loop);
	loop_join(d->loop);
	job_pool_free(&d->pool);
	net_free(&d->net);
	loop_free(&d->loop);
	assert_int_equal(d->opened, d->closed);
	free(d);
}

/* ---- a client ---- */

static int
dial_with(struct desk *d, int receive_buffer)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)d->port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct timeval limit = { 10, 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	if (receive_buffer > 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

static int
dial(struct desk *d)
{
	return dial_with(d, 0);
}

static void
say_n(int fd, const void *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void
say(int fd, const char *z)
{
	say_n(fd, z, strlen(z));
}

/* Reads until `until` has been seen, or the end. Returns what was read. */
static const char *
hear(int fd, const char *until)
{
	static char text[1 << 16];
	size_t n = 0;
	ssize_t got;

	text[0] = '\0';
	while ((until == NULL || strstr(text, until) == NULL) && n < sizeof(text) - 1 &&
	    (got = recv(fd, text + n, sizeof(text) - 1 - n, 0)) > 0) {
		n += (size_t)got;
		text[n] = '\0';
	}
	return text;
}

static void
must_have(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

static void
wait_for(atomic_int *what, int n)
{
	for (int i = 0; i < 1000 && *what < n; i++)
		usleep(10000);
	assert_true(*what >= n);
}

static void
wait_held(struct desk *d)
{
	for (int i = 0; i < 1000 && atomic_load(&d->held) == NULL; i++)
		usleep(10000);
	assert_non_null(atomic_load(&d->held));
}

static struct net_stats
stats(struct desk *d)
{
	struct net_stats s;

	net_stats_read(d->net, &s);
	return s;
}

/* ---- HTTP ---- */

static void
test_answers(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial(d);
	const char *t;

	(void)state;
	say(fd, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	t = hear(fd, "127.0.0.1");
	must_have(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n");
	must_have(t, "X-Test: yes\r\n");
	must_have(t, "\r\n\r\nGET /a  127.0.0.1");
	assert_null(strstr(t, "Connection: close"));
	say(fd, "POST /pool HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
	must_have(hear(fd, "127.0.0.1"), "POST /pool hi 127.0.0.1");
	say(fd, "HEAD /h HTTP/1.1\r\nHost: h\r\n\r\nGET /last HTTP/1.1\r\nHost: h\r\n"
	    "Connection: close\r\n\r\n");
	t = hear(fd, NULL);
	must_have(t, "Content-Length: 18\r\n");	/* of what GET would say */
	assert_null(strstr(t, "HEAD /h"));
	must_have(t, "Connection: close\r\n\r\nGET /last");
	close(fd);
	desk_free(d);
}

static void
test_pipelined_in_order(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial(d);
	const char *t;

	(void)state;
	say(fd, "GET /pool HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
	    "POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
	    "GET /4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	t = hear(fd, NULL);
	must_have(t, "GET /pool");
	must_have(strstr(t, "GET /pool"), "GET /2");
	must_have(strstr(t, "GET /2"), "POST /3 x");
	must_have(strstr(t, "POST /3"), "GET /4");
	close(fd);
	desk_free(d);
}

static void
test_bad_closes(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial(d);
	const char *t;

	(void)state;
	say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
	t = hear(fd, NULL);
	must_have(t, "HTTP/1.1 400 ");
	must_have(t, "Connection: close");
	assert_null(strstr(t, "smuggled"));
	close(fd);
	fd = dial(d);
	say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n");
	must_have(hear(fd, NULL), "HTTP/1.1 413 ");
	close(fd);
	assert_int_equal(stats(d).bad_requests, 2);
	desk_free(d);
}

static void
test_continue(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial(d);

	(void)state;
	say(fd, "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	must_have(hear(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue");
	say(fd, "ok");
	must_have(hear(fd, "127"), "POST /c ok");
	close(fd);
	desk_free(d);
}

static void
test_slow_senders(void **state)
{
	struct net_limits l = net_limits_default;
	struct desk *d;
	int head, body, idle;

	(void)state;
	l.head_us = l.body_us = 300 * US_PER_MS;
	l.idle_us = 300 * US_PER_MS;
	d = desk_new(&l, "");
	head = dial(d);
	body = dial(d);
	idle = dial(d);
	say(head, "GET / HT");
	say(body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx");
	say(idle, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(head, NULL), "HTTP/1.1 408 ");
	must_have(hear(body, NULL), "HTTP/1.1 408 ");
	must_have(hear(idle, NULL), "HTTP/1.1 200 ");	/* and then the end */
	close(head);
	close(body);
	close(idle);
	assert_int_equal(stats(d).timeouts, 2);
	desk_free(d);
}

static void
test_late_answer_is_dropped(void **state)
{
	struct net_limits l = net_limits_default;
	struct http_request *r;
	struct desk *d;
	int fd;

	(void)state;
	l.reply_us = 200 * US_PER_MS;
	d = desk_new(&l, "");
	fd = dial(d);
	say(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_held(d);
	must_have(hear(fd, NULL), "HTTP/1.1 504 ");
	close(fd);
	r = atomic_exchange(&d->held, NULL);
	answer(d, r);
	for (int i = 0; i < 500 && stats(d).dropped_replies == 0; i++)
		usleep(10000);
	assert_int_equal(stats(d).dropped_replies, 1);
	desk_free(d);
}

static void
test_forwarded_only_from_proxies(void **state)
{
	static const char ask[] = "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\n"
	    "Connection: close\r\n\r\n";
	struct desk *d = desk_new(NULL, "");
	int fd = dial(d);

	(void)state;
	say(fd, ask);
	must_have(hear(fd, NULL), "GET /x  127.0.0.1");
	close(fd);
	desk_free(d);
	d = desk_new(NULL, "127.0.0.0/8");
	fd = dial(d);
	say(fd, ask);
	must_have(hear(fd, NULL), "GET /x  203.0.113.9");
	close(fd);
	desk_free(d);
}

static void
test_places(void **state)
{
	struct net_limits l = net_limits_default;
	struct desk *d;
	int a, b, c;

	(void)state;
	l.connections = 2;
	d = desk_new(&l, "");
	a = dial(d);
	b = dial(d);
	say(a, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	say(b, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(a, "127"), "GET /a");
	must_have(hear(b, "127"), "GET /b");
	c = dial(d);	/* waits in the backlog */
	say(c, "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
	usleep(100000);
	say(a, "GET /again HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(a, "127"), "GET /again");
	assert_int_equal(stats(d).open, 2);
	close(b);
	must_have(hear(c, "127"), "GET /c");
	close(a);
	close(c);
	desk_free(d);

	l.connections = 10;
	l.per_address = 1;
	d = desk_new(&l, "");
	a = dial(d);
	say(a, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(a, "127"), "GET /a");
	b = dial(d);
	assert_string_equal(hear(b, NULL), "");
	assert_int_equal(stats(d).refused, 1);
	close(a);
	close(b);
	desk_free(d);
}

static void
test_no_descriptors_left(void **state)
{
	struct desk *d = desk_new(NULL, "");
	struct rlimit old, low;
	int a = dial(d), b, last;

	(void)state;
	say(a, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(a, "127"), "GET /a");
	b = socket(AF_INET, SOCK_STREAM, 0);
	last = dup(a);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = (rlim_t)last + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(connect(b, (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)d->port), .sin_addr = { htonl(INADDR_LOOPBACK) } },
	    sizeof(struct sockaddr_in)), 0);
	say(b, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
	for (int i = 0; i < 500 && stats(d).accept_paused == 0; i++)
		usleep(10000);
	assert_true(stats(d).accept_paused > 0);
	say(a, "GET /lives HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(a, "127"), "GET /lives");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	must_have(hear(b, "127"), "GET /b");
	close(a);
	close(b);
	close(last);
	desk_free(d);
}

/* ---- WebSocket ---- */

static const char upgrade[] = "GET /s HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: x, baton.1\r\n\r\n";

static int
dial_ws(struct desk *d, int receive_buffer)
{
	int fd = dial_with(d, receive_buffer), before = d->opened;
	const char *t;

	say(fd, upgrade);
	t = hear(fd, "\r\n\r\n");
	must_have(t, "HTTP/1.1 101 ");
	must_have(t, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	must_have(t, "Sec-WebSocket-Protocol: baton.1\r\n");
	wait_for(&d->opened, before + 1);
	return fd;
}

static void
say_frame(int fd, unsigned first, const char *p, size_t n)
{
	uint8_t out[256] = { (uint8_t)first, (uint8_t)(0x80 | n), 1, 2, 3, 4 };

	assert_true(n < 126);
	for (size_t i = 0; i < n; i++)
		out[6 + i] = (uint8_t)((uint8_t)p[i] ^ out[2 + (i & 3)]);
	say_n(fd, out, n + 6);
}

static void
hear_exactly(int fd, const void *want, size_t n)
{
	uint8_t got[256];

	assert_int_equal(recv(fd, got, n, MSG_WAITALL), (ssize_t)n);
	assert_memory_equal(got, want, n);
}

static void
test_socket(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial_ws(d, 0);

	(void)state;
	say_frame(fd, 0x81, "hello", 5);
	hear_exactly(fd, "\x81\x05hello", 7);
	say_frame(fd, 0x89, "p", 1);
	hear_exactly(fd, "\x8a\x01p", 3);
	assert_int_equal(stats(d).sockets, 1);
	say_frame(fd, 0x88, "\x03\xe8", 2);
	hear_exactly(fd, "\x88\x02\x03\xe8", 4);
	assert_string_equal(hear(fd, NULL), "");
	wait_for(&d->closed, 1);
	assert_int_equal(d->close_code, 1000);
	close(fd);
	/* Not masked: refused with 1002. */
	fd = dial_ws(d, 0);
	say_n(fd, "\x81\x02hi", 4);
	hear_exactly(fd, "\x88\x02\x03\xea", 4);
	close(fd);
	wait_for(&d->closed, 2);
	desk_free(d);
}

static void
test_bad_upgrades(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial(d);

	(void)state;
	say(fd, "GET /s HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Protocol: baton.1\r\n\r\n");
	must_have(hear(fd, NULL), "HTTP/1.1 426 ");
	close(fd);
	fd = dial(d);
	say(fd, "GET /s HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
	must_have(hear(fd, NULL), "HTTP/1.1 400 ");
	close(fd);
	desk_free(d);
}

static void
test_one_frame_for_many(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fds[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		fds[i] = dial_ws(d, 0);
	net_ws_send_many(d->net, d->sockets, 8, net_blob_ws_text(STR("all")));
	for (int i = 0; i < 8; i++) {
		hear_exactly(fds[i], "\x81\x03" "all", 5);
		close(fds[i]);
	}
	wait_for(&d->closed, 8);
	desk_free(d);
}

/* F7: what waits has a ceiling; past it the socket ends with 1013. */
static void
test_slow_reader(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int fd = dial_ws(d, 4096);
	static char text[32768], tail[4];
	struct net_blob *blob;
	uint8_t got[65536];
	ssize_t n;

	(void)state;
	memset(text, 'x', sizeof(text));
	blob = net_blob_ws_text((struct str){ text, sizeof(text) });
	for (int i = 0; i < 400 && stats(d).slow_readers == 0; i++) {
		net_ws_send(d->net, d->sockets[0], net_blob_ref(blob));
		usleep(1000);
	}
	assert_int_equal(stats(d).slow_readers, 1);
	net_blob_unref(&blob);
	/* The frame under way comes whole, then the close; nothing after. */
	while ((n = recv(fd, got, sizeof(got), 0)) > 0)
		for (ssize_t i = n > 36 ? n - 36 : 0; i < n; i++)
			if (got[i] == 0x88 && i + 3 < n)
				memcpy(tail, got + i, 4);
	assert_int_equal((uint8_t)tail[0], 0x88);
	assert_int_equal((uint8_t)tail[2] << 8 | (uint8_t)tail[3], 1013);
	close(fd);
	wait_for(&d->closed, 1);
	assert_int_equal(d->close_code, 1013);
	desk_free(d);
}

static void
test_too_many_frames(void **state)
{
	struct net_limits l = net_limits_default;
	struct desk *d;
	int fd;

	(void)state;
	l.ws_frames_per_s = 5;
	d = desk_new(&l, "");
	fd = dial_ws(d, 0);
	for (int i = 0; i < 20; i++)
		say_frame(fd, 0x81, "x", 1);
	wait_for(&d->closed, 0);
	(void)hear(fd, "too many frames");
	close(fd);
	wait_for(&d->closed, 1);
	assert_int_equal(d->close_code, WS_TOO_MANY);
	desk_free(d);
}

static void
test_silent_peer(void **state)
{
	struct net_limits l = net_limits_default;
	struct desk *d;
	int fd;

	(void)state;
	l.ping_us = 200 * US_PER_MS;
	l.dead_us = 600 * US_PER_MS;
	d = desk_new(&l, "");
	fd = dial_ws(d, 0);
	hear_exactly(fd, "\x89\x00", 2);
	wait_for(&d->closed, 1);	/* we never pong */
	assert_int_equal(d->close_code, WS_ABNORMAL);
	close(fd);
	desk_free(d);
}

/* ---- the end ---- */

static void
on_drained(void *arg)
{
	struct desk *d = arg;

	d->drained++;
}

static void
test_drain(void **state)
{
	struct desk *d = desk_new(NULL, "");
	int idle = dial(d), busy = dial(d), ws = dial_ws(d, 0), late;
	const char *t;

	(void)state;
	say(idle, "GET /i HTTP/1.1\r\nHost: h\r\n\r\n");
	must_have(hear(idle, "127"), "GET /i");
	say(busy, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_held(d);
	net_drain(d->net, on_drained, d);
	assert_string_equal(hear(idle, NULL), "");
	hear_exactly(ws, "\x81\x09reconnect", 11);
	hear_exactly(ws, "\x88", 1);
	say_frame(ws, 0x88, "\x03\xf4", 2);
	assert_true(net_is_draining(d->net));
	assert_int_equal(d->drained, 0);
	answer(d, atomic_exchange(&d->held, NULL));
	t = hear(busy, NULL);
	must_have(t, "GET /hold");
	must_have(t, "Connection: close");
	close(idle);
	close(busy);
	close(ws);
	wait_for(&d->drained, 1);
	late = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(late, (struct sockaddr *)&(struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)d->port),
	    .sin_addr = { htonl(INADDR_LOOPBACK) } }, sizeof(struct sockaddr_in)), -1);
	close(late);
	desk_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_pipelined_in_order),
		cmocka_unit_test(test_bad_closes),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_slow_senders),
		cmocka_unit_test(test_late_answer_is_dropped),
		cmocka_unit_test(test_forwarded_only_from_proxies),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_descriptors_left),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_bad_upgrades),
		cmocka_unit_test(test_one_frame_for_many),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_too_many_frames),
		cmocka_unit_test(test_silent_peer),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
