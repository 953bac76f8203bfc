/* SPDX-License-Identifier: Apache-2.0 */
/* net_limits_test.c - who is slow, too many or too late, and the end: a drain. */
#include "net/net_desk.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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
		cmocka_unit_test(test_slow_senders),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_descriptors_left),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_too_many_frames),
		cmocka_unit_test(test_silent_peer),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
