/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_avx2.c - AVX2 with FMA: Intel since 2013, AMD since 2015.
 *
 * vpmaddubsw adds two products into 16 bits and saturates: 255 * 127 * 2 does not fit,
 * 127 * 127 * 2 does.  So activations have seven bits here.  Two such sums are added
 * before they are widened, which saves a third of the work.  That addition wraps, so no
 * four weights may sum to more than SUM_MOST; packing sees to it, and with that all is
 * exact.  (A saturating addition would take the multiplications' ports.)
 */
#include "vec/kernel.h"

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 8
#define ACROSS_F32 2
#define ACROSS_I8 2
#define ROWS_F32 6
#define ROWS_I8 4
#define ITEM 1
#define Q_MAX 127.0f
#define SUM_MOST 258	/* 127 * 258 < 2^15 */

typedef float vf __attribute__((vector_size(32)));
typedef int32_t vi __attribute__((vector_size(32)));

INLINE vf
larger(vf a, vf b)
{
	return (vf)_mm256_max_ps((__m256)a, (__m256)b);
}

INLINE vf
smaller(vf a, vf b)
{
	return (vf)_mm256_min_ps((__m256)a, (__m256)b);
}

INLINE vi
dot8(vi sum, vi a, vi w, vi b, vi x)
{
	__m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16((__m256i)a, (__m256i)w),
	    _mm256_maddubs_epi16((__m256i)b, (__m256i)x));

	return sum + (vi)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

INLINE void
put_items(uint8_t *p, vi v)
{
	__m256i words = _mm256_packs_epi32((__m256i)v, (__m256i)v);
	__m256i bytes = _mm256_packus_epi16(words, words);

	_mm_storeu_si64(p, _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes),
	    _mm256_extracti128_si256(bytes, 1)));
}

#include "vec/kernel_body.h"

const struct kernel kernel_avx2 = { KERNEL_AVX2, "avx2", PANEL_F32, PANEL_I8, ITEM,
	SUM_MOST, dense_f32, dense_i8, quantise_rows, norm_rows, attend_all };
