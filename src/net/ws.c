/* SPDX-License-Identifier: Apache-2.0 */
/* ws.c - WebSocket messages from bytes.
 *
 * wslay's frame reader buffers what it was given, so whether a frame is
 * complete is known by arithmetic: bytes given less bytes accounted for.  At
 * zero its context goes back to the store.
 */
#include "net/ws.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#define STORE_KEEPS 64	/* contexts kept for reuse */

struct ws_feed {
	const char *p;
	size_t n;
	uint64_t given;		/* bytes wslay took that no frame has claimed yet */
	struct wslay_frame_context *ctx;
	struct ws_feed *next;	/* in the store */
};

struct ws_store {
	struct ws_feed *idle;
	size_t n;
};

struct ws_store *
ws_store_new(void)
{
	struct ws_store *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	return s;
}

static void
feed_free(struct ws_feed *feed)
{
	wslay_frame_context_free(feed->ctx);
	free(feed);
}

void
ws_store_free(struct ws_store **sp)
{
	struct ws_store *s = *sp;
	struct ws_feed *feed;

	if (s == NULL)
		return;
	while ((feed = s->idle) != NULL) {
		s->idle = feed->next;
		feed_free(feed);
	}
	free(s);
	*sp = NULL;
}

static ssize_t
on_wslay_recv(uint8_t *to, size_t room, int flags, void *arg)
{
	struct ws_feed *feed = arg;
	size_t n = feed->n < room ? feed->n : room;

	(void)flags;
	if (n == 0)
		return -1;
	memcpy(to, feed->p, n);
	feed->p += n;
	feed->n -= n;
	feed->given += n;
	return (ssize_t)n;
}

static void
reader_borrow(struct ws_reader *r, struct ws_store *s)
{
	static const struct wslay_frame_callbacks callbacks = { .recv_callback = on_wslay_recv };

	if (r->feed != NULL)
		return;
	if (s->idle != NULL) {
		r->feed = s->idle;
		s->idle = r->feed->next;
		s->n--;
	} else {
		r->feed = calloc(1, sizeof(*r->feed));
		CHECK(r->feed != NULL);
		CHECK(wslay_frame_context_init(&r->feed->ctx, &callbacks, r->feed) == 0);
	}
	r->ctx = r->feed->ctx;
}

/* Only a context that stands between two frames may be used by another. */
static void
reader_return(struct ws_reader *r, struct ws_store *s)
{
	if (s->n >= STORE_KEEPS) {
		feed_free(r->feed);
	} else {
		r->feed->next = s->idle;
		s->idle = r->feed;
		s->n++;
	}
	r->feed = NULL;
	r->ctx = NULL;
}

void
ws_reader_free(struct ws_reader *r, struct ws_store *s)
{
	(void)s;
	if (r->feed != NULL)
		feed_free(r->feed);
	buf_free(&r->message);
	memset(r, 0, sizeof(*r));
}

/* How many bytes at p are surely ASCII, by whole words. */
static size_t
ascii_words(const uint8_t *p, size_t n)
{
	size_t i = 0;
	uint64_t eight;

	for (; n - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return i;
}

/* The low byte says
 * how many bytes are still due, the next two between what the next must lie. */
static bool
utf8_feed(uint32_t *state, const uint8_t *p, size_t n)
{
	uint32_t due = *state & 0xff, lo = *state >> 8 & 0xff, hi = *state >> 16 & 0xff;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i];

		if (due > 0) {
			if (c < lo || c > hi)
				return false;
			due--;
			lo = 0x80;
			hi = 0xbf;
			continue;
		}
		if (c < 0x80) {
			i += ascii_words(p + i + 1, n - i - 1);
			continue;
		}
		lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
		hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
		if (c >= 0xc2 && c <= 0xdf)
			due = 1;
		else if (c >= 0xe0 && c <= 0xef)
			due = 2;
		else if (c >= 0xf0 && c <= 0xf4)
			due = 3;
		else
			return false;
	}
	*state = due | lo << 8 | hi << 16;
	return true;
}

static bool
is_control(uint8_t opcode)
{
	return (opcode & 8) != 0;
}

/* The first piece of a frame: what may it be? 0 or a close code. */
static int
frame_begin(struct ws_reader *r, const struct wslay_frame_iocb *io)
{
	uint64_t n = io->payload_length;

	r->feed->given -= 2 + 4 + (n < 126 ? 0U : n < 65536 ? 2U : 8U);
	r->left = n;
	r->opcode = io->opcode;
	r->fin = io->fin != 0;
	r->in_frame = true;
	r->control_n = 0;
	if (is_control(io->opcode))
		return n <= sizeof(r->control) && io->fin != 0 && io->opcode <= WSLAY_PONG ? 0 :
		    WS_PROTOCOL;
	if (io->opcode == WSLAY_CONTINUATION_FRAME) {
		if (!r->in_message)
			return WS_PROTOCOL;
	} else if (io->opcode == WSLAY_TEXT_FRAME) {
		if (r->in_message)
			return WS_PROTOCOL;
		r->in_message = true;
		r->utf8 = 0;
		r->message.max = WS_FRAME_MAX;
	} else {
		return io->opcode == WSLAY_BINARY_FRAME ? WS_UNSUPPORTED : WS_PROTOCOL;
	}
	return n > WS_FRAME_MAX - r->message.n ? WS_TOO_BIG : 0;
}

/* A text that came whole, in one frame and one piece: what nearly all are. */
static bool
is_whole(const struct ws_reader *r, size_t n)
{
	return r->fin && r->opcode == WSLAY_TEXT_FRAME && r->message.n == 0 && n == r->left;
}

static int
whole_text(struct ws_reader *r, const uint8_t *p, size_t n, const struct ws_events *ev, void *arg)
{
	r->feed->given -= n;
	r->left = 0;
	r->in_frame = r->in_message = false;
	if (!utf8_feed(&r->utf8, p, n) || (r->utf8 & 0xff) != 0)
		return WS_BAD_TEXT;
	ev->text(arg, (struct str){ (const char *)p, n });
	return 0;
}

static int
frame_data(struct ws_reader *r, const uint8_t *p, size_t n)
{
	CHECK(n <= r->left);
	r->feed->given -= n;
	r->left -= n;
	if (is_control(r->opcode)) {
		CHECK(n <= sizeof(r->control) - r->control_n);
		if (n > 0)
			memcpy(r->control + r->control_n, p, n);
		r->control_n = (uint8_t)(r->control_n + n);
		return 0;
	}
	if (!utf8_feed(&r->utf8, p, n))
		return WS_BAD_TEXT;
	buf_add(&r->message, p, n);
	return r->message.over ? WS_TOO_BIG : 0;
}

static bool
close_code_ok(int code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	    (code >= 3000 && code <= 4999);
}

static int
close_frame(struct ws_reader *r, const struct ws_events *ev, void *arg)
{
	struct str why = { (const char *)r->control + 2, 0 };
	int code = WS_NO_STATUS;

	r->closed = true;
	if (r->control_n == 1)
		return WS_PROTOCOL;
	if (r->control_n >= 2) {
		code = r->control[0] << 8 | r->control[1];
		why.n = (size_t)r->control_n - 2;
		if (!close_code_ok(code))
			return WS_PROTOCOL;
		if (!str_utf8_valid(why, NULL))
			return WS_BAD_TEXT;
	}
	ev->close(arg, code);
	return 0;
}

static int
frame_end(struct ws_reader *r, const struct ws_events *ev, void *arg)
{
	struct str payload = { (const char *)r->control, r->control_n };

	r->in_frame = false;
	switch (r->opcode) {
	case WSLAY_PING:
		ev->ping(arg, payload);
		return 0;
	case WSLAY_PONG:
		ev->pong(arg);
		return 0;
	case WSLAY_CONNECTION_CLOSE:
		return close_frame(r, ev, arg);
	default:
		break;
	}
	if (!r->fin)
		return 0;
	if ((r->utf8 & 0xff) != 0)
		return WS_BAD_TEXT;
	r->in_message = false;
	ev->text(arg, buf_str(&r->message));
	buf_free(&r->message);
	return 0;
}

int
ws_reader_feed(struct ws_reader *r, struct ws_store *s, const char *p, size_t n,
    const struct ws_events *ev, void *arg)
{
	struct wslay_frame_iocb io;
	ssize_t got;
	int code = 0;

	if (n == 0 || r->closed)
		return 0;
	reader_borrow(r, s);
	r->feed->p = p;
	r->feed->n = n;
	while (code == 0 && !r->closed) {
		memset(&io, 0, sizeof(io));
		got = wslay_frame_recv(r->ctx, &io);
		if (got == WSLAY_ERR_WANT_READ)
			break;
		if (got < 0 || io.mask == 0 || io.rsv != 0)
			return WS_PROTOCOL;
		if (!r->in_frame)
			code = frame_begin(r, &io);
		if (code == 0 && is_whole(r, io.data_length)) {
			code = whole_text(r, io.data, io.data_length, ev, arg);
			continue;
		}
		if (code == 0)
			code = frame_data(r, io.data, io.data_length);
		if (code == 0 && r->left == 0)
			code = frame_end(r, ev, arg);
	}
	if (code == 0 && !r->in_frame && r->feed->n == 0 && r->feed->given == 0)
		reader_return(r, s);
	return code;
}

bool
ws_accept_key(struct str key, char out[29])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t raw[20], joined[24 + sizeof(guid) - 1];

	if (key.n != 24 || !str_ends(key, STR("==")))
		return false;
	if (EVP_DecodeBlock(raw, (const uint8_t *)key.p, 24) != 18)
		return false;
	memcpy(joined, key.p, 24);
	memcpy(joined + 24, guid, sizeof(guid) - 1);
	(void)SHA1(joined, sizeof(joined), raw);
	CHECK(EVP_EncodeBlock((uint8_t *)out, raw, 20) == 28);
	return true;
}

size_t
ws_frame_header(uint8_t out[10], enum ws_opcode op, size_t n)
{
	out[0] = (uint8_t)(0x80 | op);
	if (n < 126) {
		out[1] = (uint8_t)n;
		return 2;
	}
	if (n < 65536) {
		out[1] = 126;
		out[2] = (uint8_t)(n >> 8);
		out[3] = (uint8_t)n;
		return 4;
	}
	out[1] = 127;
	for (unsigned i = 0; i < 8; i++)
		out[2 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	return 10;
}
