/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.c - numbers as little-endian bytes, and back. */
#include "base/bytes.h"

#include "base/buf.h"

#include <math.h>
#include <string.h>

void
bytes_put_u32(struct buf *b, uint32_t v)
{
	unsigned char p[4];

	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> 8 * i);
	buf_add(b, p, sizeof(p));
}

void
bytes_put_u64(struct buf *b, uint64_t v)
{
	bytes_put_u32(b, (uint32_t)v);
	bytes_put_u32(b, (uint32_t)(v >> 32));
}

void
bytes_put_f32(struct buf *b, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	bytes_put_u32(b, bits);
}

void
bytes_put_floats(struct buf *b, const float *v, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	buf_add(b, v, n * sizeof(*v));
#else
	for (size_t i = 0; i < n; i++)
		bytes_put_f32(b, v[i]);
#endif
}

void
bytes_put_str(struct buf *b, struct str s)
{
	bytes_put_u32(b, (uint32_t)s.n);
	buf_add_str(b, s);
}

struct str
bytes_take(struct bytes_reader *r, size_t n)
{
	struct str s;

	if (r->bad || n > r->s.n - r->at) {
		r->bad = true;
		return STR_NONE;
	}
	s = (struct str){ r->s.p + r->at, n };
	r->at += n;
	return s;
}

uint32_t
bytes_take_u32(struct bytes_reader *r)
{
	struct str s = bytes_take(r, 4);
	const unsigned char *p = (const unsigned char *)s.p;

	return s.n < 4 ? 0 : (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t
bytes_take_u64(struct bytes_reader *r)
{
	uint64_t low = bytes_take_u32(r);

	return low | (uint64_t)bytes_take_u32(r) << 32;
}

float
bytes_take_f32(struct bytes_reader *r)
{
	uint32_t bits = bytes_take_u32(r);
	float v;

	memcpy(&v, &bits, sizeof(v));
	if (isfinite(v))
		return v;
	r->bad = true;
	return 0;
}

float *
bytes_take_floats(struct bytes_reader *r, struct arena *a, size_t n)
{
	float *v;

	if (r->bad || n > (r->s.n - r->at) / sizeof(*v)) {
		r->bad = true;
		return arena_array(a, float, 1);
	}
	v = arena_alloc(a, (n + 1) * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = bytes_take_f32(r);
	return v;
}

struct str
bytes_take_str(struct bytes_reader *r)
{
	return bytes_take(r, bytes_take_u32(r));
}
