/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h - bytes that are owned, with a maximum.
 *
 * Loop, writer and egress threads use bufs where a job would use its arena.
 * Past `max` nothing is added and `over` becomes true and stays: build the
 * whole thing, check once at the end.  Not thread-safe.
 */
#pragma once

#include "base/str.h"

struct buf {
	char *p;	/* not NUL-terminated; use buf_z() */
	size_t n, cap, max;
	bool over;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_free(struct buf *b);
void buf_reset(struct buf *b);	/* empties, keeps the memory */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_c(struct buf *b, char c);
void buf_add_i64(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);	/* libc's printf */
const char *buf_z(struct buf *b);	/* NUL-terminated view; "" when empty */
struct str buf_str(const struct buf *b);	/* borrowed view */
void buf_consume(struct buf *b, size_t n);	/* drops the first n bytes */

/* The one escaping function a context.  Each appends the escaped text. */
void buf_add_html(struct buf *b, struct str s);	/* text and quoted attributes */
void buf_add_json(struct buf *b, struct str s);	/* a JSON string with its quotes; s is UTF-8, broken bytes become U+FFFD */
void buf_add_url(struct buf *b, struct str s);	/* RFC 3986 percent-encoding */
