/* SPDX-License-Identifier: Apache-2.0 */
/* net_ws_test.c - upgraded sockets: frames in and out. */
#include "net/net_desk.h"

#include <unistd.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_bad_upgrades),
		cmocka_unit_test(test_one_frame_for_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
