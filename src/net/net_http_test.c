/* SPDX-License-Identifier: Apache-2.0 */
/* net_http_test.c - requests and answers over real sockets. */
#include "net/net_desk.h"

#include <string.h>
#include <unistd.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_pipelined_in_order),
		cmocka_unit_test(test_bad_closes),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_late_answer_is_dropped),
		cmocka_unit_test(test_forwarded_only_from_proxies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
