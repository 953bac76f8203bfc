/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_avx512.c - AVX-512 without int8 dot products (Skylake-X): as AVX2, twice as wide. */
#include "vec/kernel.h"

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16
#define ACROSS_F32 4
#define ACROSS_I8 2
#define ROWS_F32 6
#define ROWS_I8 10
#define ITEM 1
#define Q_MAX 127.0f
#define SUM_MOST 258	/* as AVX2's */

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
	__m512i pairs = _mm512_add_epi16(_mm512_maddubs_epi16((__m512i)a, (__m512i)w),
	    _mm512_maddubs_epi16((__m512i)b, (__m512i)x));

	return sum + (vi)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
}

INLINE void
put_items(uint8_t *p, vi v)
{
	_mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8((__m512i)v));
}

#include "vec/kernel_body.h"

const struct kernel kernel_avx512 = { KERNEL_AVX512, "avx512", PANEL_F32, PANEL_I8, ITEM,
	SUM_MOST, dense_f32, dense_i8, quantise_rows, norm_rows, attend_all };
