/* SPDX-License-Identifier: Apache-2.0 */
/* net_desk.c - a small server on a thread of its own, and a client. */
#include "net/net_desk.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the server: echoes; /hold waits, /pool answers from a worker ---- */

void
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

struct desk *
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

void
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

int
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

int
dial(struct desk *d)
{
	return dial_with(d, 0);
}

void
say_n(int fd, const void *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

void
say(int fd, const char *z)
{
	say_n(fd, z, strlen(z));
}

/* Reads until `until` has been seen, or the end. Returns what was read. */
const char *
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

void
must_have(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

void
wait_for(atomic_int *what, int n)
{
	for (int i = 0; i < 1000 && *what < n; i++)
		usleep(10000);
	assert_true(*what >= n);
}

void
wait_held(struct desk *d)
{
	for (int i = 0; i < 1000 && atomic_load(&d->held) == NULL; i++)
		usleep(10000);
	assert_non_null(atomic_load(&d->held));
}

struct net_stats
stats(struct desk *d)
{
	struct net_stats s;

	net_stats_read(d->net, &s);
	return s;
}

const char upgrade_request[] = "GET /s HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: x, baton.1\r\n\r\n";

int
dial_ws(struct desk *d, int receive_buffer)
{
	int fd = dial_with(d, receive_buffer), before = d->opened;
	const char *t;

	say(fd, upgrade_request);
	t = hear(fd, "\r\n\r\n");
	must_have(t, "HTTP/1.1 101 ");
	must_have(t, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	must_have(t, "Sec-WebSocket-Protocol: baton.1\r\n");
	wait_for(&d->opened, before + 1);
	return fd;
}

void
say_frame(int fd, unsigned first, const char *p, size_t n)
{
	uint8_t out[256] = { (uint8_t)first, (uint8_t)(0x80 | n), 1, 2, 3, 4 };

	assert_true(n < 126);
	for (size_t i = 0; i < n; i++)
		out[6 + i] = (uint8_t)((uint8_t)p[i] ^ out[2 + (i & 3)]);
	say_n(fd, out, n + 6);
}

void
hear_exactly(int fd, const void *want, size_t n)
{
	uint8_t got[256];

	assert_int_equal(recv(fd, got, n, MSG_WAITALL), (ssize_t)n);
	assert_memory_equal(got, want, n);
}
