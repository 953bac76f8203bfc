/* SPDX-License-Identifier: Apache-2.0 */
/* ws_test.c - frames good and bad, in whatever pieces they arrive. */
#include "net/ws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct heard {
	struct buf text;	/* messages, each ended by '|' */
	int pings, pongs, close;
	char ping[126];
};

static void
on_text(void *arg, struct str s)
{
	struct heard *h = arg;

	buf_add_str(&h->text, s);
	buf_add_c(&h->text, '|');
}

static void
on_ping(void *arg, struct str s)
{
	struct heard *h = arg;

	h->pings++;
	if (s.n > 0)
		memcpy(h->ping, s.p, s.n);
	h->ping[s.n] = '\0';
}

static void
on_pong(void *arg)
{
	struct heard *h = arg;

	h->pongs++;
}

static void
on_close(void *arg, int code)
{
	struct heard *h = arg;

	h->close = code;
}

static const struct ws_events events = { on_text, on_ping, on_pong, on_close };

/* A client's frame: first byte as given, masked unless `plain`. */
static void
frame(struct buf *b, unsigned first, const char *p, size_t n, bool plain)
{
	static const uint8_t key[4] = { 0x37, 0xfa, 0x21, 0x3d };
	uint8_t head[10];
	size_t head_n = ws_frame_header(head, WS_OP_TEXT, n);

	head[0] = (uint8_t)first;
	if (!plain)
		head[1] |= 0x80;
	buf_add(b, head, head_n);
	if (plain) {
		buf_add(b, p, n);
		return;
	}
	buf_add(b, key, 4);
	for (size_t i = 0; i < n; i++)
		buf_add_c(b, (char)(p[i] ^ (char)key[i & 3]));
}

/* Feeds b in pieces; returns the first code. */
static int
feed(struct buf *b, size_t step, struct heard *h, bool *idle)
{
	struct ws_store *s = ws_store_new();
	struct ws_reader r = { 0 };
	int code = 0;

	buf_init(&h->text, 1 << 20);
	h->pings = h->pongs = h->close = 0;
	for (size_t at = 0; at < b->n && code == 0; at += step)
		code = ws_reader_feed(&r, s, b->p + at, b->n - at < step ? b->n - at : step, &events, h);
	if (idle != NULL)
		*idle = r.feed == NULL;
	ws_reader_free(&r, s);
	ws_store_free(&s);
	return code;
}

static const size_t steps[] = { 1, 2, 5, 13, 4096, 1000000 };
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static void
test_messages(void **state)
{
	char big[60000];
	struct heard h;
	struct buf b;
	bool idle;

	(void)state;
	memset(big, 'x', sizeof(big));
	buf_init(&b, 1 << 20);
	frame(&b, 0x81, "hello", 5, false);
	frame(&b, 0x01, "frag", 4, false);
	frame(&b, 0x89, "in between", 10, false);
	frame(&b, 0x00, "men", 3, false);
	frame(&b, 0x80, "ted", 3, false);
	frame(&b, 0x81, "", 0, false);
	frame(&b, 0x81, big, sizeof(big), false);
	frame(&b, 0x8a, "", 0, false);
	for (size_t i = 0; i < STEPS; i++) {
		assert_int_equal(feed(&b, steps[i], &h, &idle), 0);
		assert_int_equal(h.text.n, 6 + 11 + 1 + sizeof(big) + 1);
		assert_memory_equal(h.text.p, "hello|fragmented||xxxx", 22);
		assert_int_equal(h.pings, 1);
		assert_string_equal(h.ping, "in between");
		assert_int_equal(h.pongs, 1);
		/* Nothing is held between frames. */
		assert_true(idle);
		buf_free(&h.text);
	}
	buf_free(&b);
}

static void
test_utf8_across_fragments(void **state)
{
	struct heard h;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	frame(&b, 0x01, "\xf0\x9f", 2, false);
	frame(&b, 0x80, "\x98\x80", 2, false);
	for (size_t i = 0; i < STEPS; i++) {
		assert_int_equal(feed(&b, steps[i], &h, NULL), 0);
		assert_memory_equal(h.text.p, "\xf0\x9f\x98\x80|", 5);
		buf_free(&h.text);
	}
	buf_free(&b);
}

static void
test_refused(void **state)
{
	char long_ping[126] = { 0 };
	static const struct {
		const char *name;
		unsigned first;
		const char *p;
		size_t n;
		bool plain;
		int code;
	} bad[] = {
		{ "not masked", 0x81, "hello", 5, true, WS_PROTOCOL },
		{ "reserved bit", 0xc1, "hello", 5, false, WS_PROTOCOL },
		{ "binary", 0x82, "hello", 5, false, WS_UNSUPPORTED },
		{ "opcode 3", 0x83, "hello", 5, false, WS_PROTOCOL },
		{ "opcode 11", 0x8b, "", 0, false, WS_PROTOCOL },
		{ "continuation of nothing", 0x80, "hello", 5, false, WS_PROTOCOL },
		{ "fragmented ping", 0x09, "a", 1, false, WS_PROTOCOL },
		{ "bad UTF-8", 0x81, "a\xff", 2, false, WS_BAD_TEXT },
		{ "overlong", 0x81, "\xc0\xaf", 2, false, WS_BAD_TEXT },
		{ "surrogate", 0x81, "\xed\xa0\x80", 3, false, WS_BAD_TEXT },
		{ "past U+10FFFF", 0x81, "\xf4\x90\x80\x80", 4, false, WS_BAD_TEXT },
		{ "cut character", 0x81, "\xe2\x82", 2, false, WS_BAD_TEXT },
		{ "close of one byte", 0x88, "\x03", 1, false, WS_PROTOCOL },
		{ "close 1005", 0x88, "\x03\xed", 2, false, WS_PROTOCOL },
		{ "close 999", 0x88, "\x03\xe7", 2, false, WS_PROTOCOL },
		{ "close with bad text", 0x88, "\x03\xe8\xff", 3, false, WS_BAD_TEXT },
	};
	struct heard h;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t k = 0; k < STEPS; k++) {
			int code;

			buf_reset(&b);
			frame(&b, bad[i].first, bad[i].p, bad[i].n, bad[i].plain);
			code = feed(&b, steps[k], &h, NULL);
			buf_free(&h.text);
			if (code != bad[i].code)
				fail_msg("%s: %d", bad[i].name, code);
		}
	buf_reset(&b);
	frame(&b, 0x89, long_ping, sizeof(long_ping), false);
	assert_int_equal(feed(&b, 3, &h, NULL), WS_PROTOCOL);
	buf_free(&h.text);
	buf_reset(&b);
	frame(&b, 0x01, "a", 1, false);
	frame(&b, 0x81, "b", 1, false);
	assert_int_equal(feed(&b, 3, &h, NULL), WS_PROTOCOL);
	buf_free(&h.text);
	buf_free(&b);
}

static void
test_too_big(void **state)
{
	char half[40000];
	struct heard h;
	struct buf b;

	(void)state;
	memset(half, 'x', sizeof(half));
	buf_init(&b, 1 << 20);
	frame(&b, 0x01, half, sizeof(half), false);
	frame(&b, 0x80, half, sizeof(half), false);
	assert_int_equal(feed(&b, 1000, &h, NULL), WS_TOO_BIG);
	buf_free(&h.text);
	buf_reset(&b);
	/* Said in the header: refused at the first byte. */
	buf_add(&b, "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff" "mask.", 15);
	assert_int_equal(feed(&b, 1000, &h, NULL), WS_TOO_BIG);
	buf_free(&h.text);
	buf_free(&b);
}

static void
test_close(void **state)
{
	struct heard h;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	frame(&b, 0x88, "\x03\xe8" "bye", 5, false);
	frame(&b, 0x81, "after", 5, false);
	assert_int_equal(feed(&b, 4096, &h, NULL), 0);
	assert_int_equal(h.close, 1000);
	assert_int_equal(h.text.n, 0);
	buf_free(&h.text);
	buf_free(&b);
}

static void
test_accept(void **state)
{
	char out[29];

	(void)state;
	/* RFC 6455, section 1.3 */
	assert_true(ws_accept_key(STR("dGhlIHNhbXBsZSBub25jZQ=="), out));
	assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(ws_accept_key(STR("dGhlIHNhbXBsZSBub25jZQ="), out));
	assert_false(ws_accept_key(STR("dGhlIHNhbXBsZSBub25j!Q=="), out));
	assert_false(ws_accept_key(STR(""), out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_utf8_across_fragments),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
