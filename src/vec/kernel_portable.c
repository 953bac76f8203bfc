/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_portable.c - vectors of four, which every 64-bit processor has (SSE2, NEON). */
#include "vec/kernel.h"

#define INLINE static inline __attribute__((always_inline))
#define LANES 4
#define ACROSS_F32 2
#define ACROSS_I8 2
#define ROWS_F32 4
#define ROWS_I8 4
#define Q_MAX 255.0f

typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));

INLINE vf
larger(vf a, vf b)
{
	vi first = a > b;

	return (vf)(((vi)a & first) | ((vi)b & ~first));
}

INLINE vf
smaller(vf a, vf b)
{
	vi first = a < b;

	return (vf)(((vi)a & first) | ((vi)b & ~first));
}

INLINE vi
dot4(vi sum, vi a, vi w)
{
	/* Bytes by shifts: an arithmetic one carries the weight's sign. */
	sum += (a & 0xff) * (w << 24 >> 24);
	sum += (a >> 8 & 0xff) * (w << 16 >> 24);
	sum += (a >> 16 & 0xff) * (w << 8 >> 24);
	sum += (a >> 24 & 0xff) * (w >> 24);
	return sum;
}

INLINE vi
dot8(vi sum, vi a, vi w, vi b, vi x)
{
	return dot4(dot4(sum, a, w), b, x);
}

INLINE void
put_bytes(uint8_t *p, vi v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)v[i];
}

#include "vec/kernel_body.h"

const struct kernel kernel_portable = { KERNEL_PORTABLE, "portable", PANEL_F32, PANEL_I8, dense_f32, dense_i8,
	quantise_rows, norm_rows, attend_all };
