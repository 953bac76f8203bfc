/* SPDX-License-Identifier: Apache-2.0 */
/* ws_fuzz.c - frames in one piece and in many give the same messages. */
#include "net/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
mix(void *arg, struct str s, unsigned kind)
{
	uint64_t *h = arg;

	*h = str_hash64_more(str_hash64_more(*h, (struct str){ (const char *)&kind, sizeof(kind) }), s);
}

static void
on_text(void *arg, struct str s)
{
	CHECK(s.n <= WS_FRAME_MAX && str_utf8_valid(s, NULL));
	mix(arg, s, 1);
}

static void
on_ping(void *arg, struct str s)
{
	CHECK(s.n <= 125);
	mix(arg, s, 2);
}

static void
on_pong(void *arg)
{
	mix(arg, STR_NONE, 3);
}

static void
on_close(void *arg, int code)
{
	mix(arg, STR_NONE, (unsigned)code);
}

static uint64_t
run(const char *p, size_t n, size_t step)
{
	static const struct ws_events events = { on_text, on_ping, on_pong, on_close };
	struct ws_store *s = ws_store_new();
	struct ws_reader r = { 0 };
	uint64_t h = STR_HASH64;
	int code = 0;

	for (size_t at = 0; at < n && code == 0; at += step) {
		size_t piece = n - at < step ? n - at : step;

		code = ws_reader_feed(&r, s, p + at, piece, &events, &h);
		if (piece < step)
			break;
	}
	mix(&h, STR_NONE, (unsigned)code);
	ws_reader_free(&r, s);
	ws_store_free(&s);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run((const char *)data, size, size + 1);

	CHECK(run((const char *)data, size, 1) == whole);
	CHECK(run((const char *)data, size, 5) == whole);
	return 0;
}
