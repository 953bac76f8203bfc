/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_portable.c - vectors of four, which every 64-bit processor has (SSE2, NEON).
 *
 * Bytes are widened to 16 bits when they are packed: no such processor multiplies bytes
 * well, and activations gain three bits by it.
 */
#include "vec/kernel.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define LANES 4
#define ACROSS_F32 2
#define ACROSS_I8 2
#define ROWS_F32 6
#define ROWS_I8 4
#define ITEM 2
#define Q_MAX 2047.0f	/* times 127 times the widest row stays below 2^31 */
#define SUM_MOST 0

typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));

INLINE vf
larger(vf a, vf b)
{
#if defined(__SSE2__)
	return (vf)_mm_max_ps((__m128)a, (__m128)b);
#else
	vi first = a > b;

	return (vf)(((vi)a & first) | ((vi)b & ~first));
#endif
}

INLINE vf
smaller(vf a, vf b)
{
#if defined(__SSE2__)
	return (vf)_mm_min_ps((__m128)a, (__m128)b);
#else
	vi first = a < b;

	return (vf)(((vi)a & first) | ((vi)b & ~first));
#endif
}

/* Two products of 16 bits a lane: one instruction of SSE2. */
INLINE vi
dot2(vi sum, vi a, vi w)
{
#if defined(__SSE2__)
	return sum + (vi)_mm_madd_epi16((__m128i)a, (__m128i)w);
#else
	return sum + (a << 16 >> 16) * (w << 16 >> 16) + (a >> 16) * (w >> 16);
#endif
}

INLINE vi
dot8(vi sum, vi a, vi w, vi b, vi x)
{
	return dot2(dot2(sum, a, w), b, x);
}

INLINE void
put_items(uint8_t *p, vi v)
{
	int16_t items[LANES];

	for (int i = 0; i < LANES; i++)
		items[i] = (int16_t)v[i];
	memcpy(p, items, sizeof(items));
}

#include "vec/kernel_body.h"

const struct kernel kernel_portable = { KERNEL_PORTABLE, "portable", PANEL_F32, PANEL_I8, ITEM,
	SUM_MOST, dense_f32, dense_i8, quantise_rows, norm_rows, attend_all };
