/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_vnni.c - AVX-512 with VNNI: 64 products of bytes in one instruction, exact. */
#include "vec/kernel.h"

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16
#define ACROSS_F32 4
#define ACROSS_I8 2
#define ROWS_F32 6
#define ROWS_I8 12
#define ITEM 1
#define Q_MAX 255.0f
#define SUM_MOST 0

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));

INLINE vf
larger(vf a, vf b)
{
	return (vf)_mm512_max_ps((__m512)a, (__m512)b);
}

INLINE vf
smaller(vf a, vf b)
{
	return (vf)_mm512_min_ps((__m512)a, (__m512)b);
}

INLINE vi
dot8(vi sum, vi a, vi w, vi b, vi x)
{
	sum = (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)w);
	return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)b, (__m512i)x);
}

INLINE void
put_items(uint8_t *p, vi v)
{
	_mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8((__m512i)v));
}

#include "vec/kernel_body.h"

const struct kernel kernel_vnni = { KERNEL_VNNI, "vnni", PANEL_F32, PANEL_I8, ITEM,
	SUM_MOST, dense_f32, dense_i8, quantise_rows, norm_rows, attend_all };
