/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.h - numbers and runs of them as little-endian bytes, and back.
 *
 * For files of our own format.  A reader never reads past its end: the first
 * thing that does not fit makes it `bad`, and from then on everything it gives is
 * zero or empty; check once at the end.  Floats that are not finite are bad too.
 * Thread-safe.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

void bytes_put_u32(struct buf *b, uint32_t v);
void bytes_put_u64(struct buf *b, uint64_t v);
void bytes_put_f32(struct buf *b, float v);
void bytes_put_floats(struct buf *b, const float *v, size_t n);
void bytes_put_str(struct buf *b, struct str s);	/* u32 length, bytes */

struct bytes_reader {
	struct str s;
	size_t at;
	bool bad;
};
struct str bytes_take(struct bytes_reader *r, size_t n);	/* a view */
uint32_t bytes_take_u32(struct bytes_reader *r);
uint64_t bytes_take_u64(struct bytes_reader *r);
float bytes_take_f32(struct bytes_reader *r);
/* Never NULL; n floats unless bad. */
float *bytes_take_floats(struct bytes_reader *r, struct arena *a, size_t n);
struct str bytes_take_str(struct bytes_reader *r);		/* a view */
