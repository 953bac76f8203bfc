/* SPDX-License-Identifier: Apache-2.0 */
/* ws.h - WebSocket messages from bytes (RFC 6455), without sockets.
 *
 * Strict server side: frames must be masked, text only, UTF-8 checked as it
 * arrives, control frames at most 125 bytes and whole, no reserved bits, no
 * extensions.  wslay reads the frames; its 8 KB context is borrowed from a
 * small store only while a frame is incomplete, so an idle socket holds
 * nothing.  Not thread-safe: the loop's.
 */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

#define WS_FRAME_MAX ((size_t)64 * 1024)	/* a message, all fragments together */
#define WS_SUBPROTOCOL "baton.1"

enum ws_close {
	WS_NORMAL = 1000, WS_GOING_AWAY = 1001, WS_PROTOCOL = 1002, WS_UNSUPPORTED = 1003,
	WS_NO_STATUS = 1005, WS_ABNORMAL = 1006, WS_BAD_TEXT = 1007, WS_POLICY = 1008,
	WS_TOO_BIG = 1009, WS_INTERNAL = 1011, WS_RESTART = 1012, WS_TRY_LATER = 1013,
	WS_UNAUTHENTICATED = 4401, WS_TOO_MANY = 4429,
};

struct ws_store;	/* idle contexts, shared by all readers of a loop */
struct ws_store *ws_store_new(void);
void ws_store_free(struct ws_store **s);

struct ws_reader {
	struct wslay_frame_context *ctx;	/* NULL between frames */
	struct ws_feed *feed;			/* moves with ctx */
	struct buf message;			/* fragments so far; freed when idle */
	uint64_t left;				/* payload bytes the frame still lacks */
	uint32_t utf8;				/* state of the checker */
	uint8_t opcode, control[125], control_n;
	bool in_frame, in_message, fin, closed;
};

struct ws_events {
	void (*text)(void *arg, struct str message);	/* borrowed */
	void (*ping)(void *arg, struct str payload);	/* answer with a pong */
	void (*pong)(void *arg);
	void (*close)(void *arg, int code);		/* the peer closes; 1005 = no code */
};

void ws_reader_free(struct ws_reader *r, struct ws_store *s);
/* Feeds bytes. Returns 0, or the code with which to close. */
int ws_reader_feed(struct ws_reader *r, struct ws_store *s, const char *p, size_t n,
    const struct ws_events *ev, void *arg);

/* Sec-WebSocket-Accept; false when the key is not 16 bytes of base64. */
bool ws_accept_key(struct str key, char out[29]);
/* A server's frame header (not masked): returns its length, 2..10. */
enum ws_opcode { WS_OP_TEXT = 1, WS_OP_CLOSE = 8, WS_OP_PING = 9, WS_OP_PONG = 10 };
size_t ws_frame_header(uint8_t out[10], enum ws_opcode op, size_t payload_n);
