/* SPDX-License-Identifier: Apache-2.0 */
/* blas.c - which loops this processor can run, and the walk over blocks.
 *
 * k is cut so that a panel of A stays in the second-level cache; a panel of B is copied
 * side by side, or its lines would be a page apart where B is wide.
 */
#include "vec/blas.h"

#include "vec/blas_kernel.h"
#include "vec/kernel.h"

#include <string.h>

#define K_BLOCK 256
#define M_BLOCK 96
#define WIDE 512		/* columns of B from which on copying pays */

/* Asked every time: that is a few loads, and needs no state. */
static const struct blas_kernel *
now(void)
{
#if defined(__x86_64__)
	if (kernel_choose(KERNEL_AVX512) != NULL)
		return &blas_avx512;
	if (kernel_choose(KERNEL_AVX2) != NULL)
		return &blas_avx2;
#endif
	return &blas_portable;
}

static void
panel(const struct blas_kernel *now, size_t m, size_t k, const float *a, size_t a_row, size_t a_col,
    const float *b, size_t ldb, float *c, size_t ldc)
{
	size_t r = 0;

	for (; r + now->rows <= m; r += now->rows)
		now->block(k, a + r * a_row, a_row, a_col, b, ldb, c + r * ldc, ldc);
	for (; r < m; r++)
		now->row(k, a + r * a_row, a_col, b, ldb, c + r * ldc);
}

void
blas_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b,
    size_t ldb, float *c, size_t ldc)
{
	const struct blas_kernel *const kernel = now();
	_Alignas(64) float copy[K_BLOCK * BLAS_PAD];
	bool wide = ldb >= WIDE && m >= 2 * kernel->rows;

	for (size_t l = 0; l < k; l += K_BLOCK) {
		size_t kn = k - l < K_BLOCK ? k - l : K_BLOCK;
		const float *from = a + l * a_col;

		for (size_t i = 0; i < m; i += M_BLOCK) {
			size_t mn = m - i < M_BLOCK ? m - i : M_BLOCK;

			/* all rows of a panel of 16 columns: its part of B stays in the first cache */
			for (size_t j = 0; j < n; j += BLAS_PAD) {
				const float *bj = b + l * ldb + j;

				for (size_t r = 0; wide && r < kn; r++)
					memcpy(copy + r * BLAS_PAD, bj + r * ldb, BLAS_PAD * sizeof(*copy));
				panel(kernel, mn, kn, from + i * a_row, a_row, a_col, wide ? copy : bj,
				    wide ? BLAS_PAD : ldb, c + i * ldc + j, ldc);
			}
		}
	}
}

float
blas_dot(const float *a, const float *b, size_t n)
{
	return now()->dot(a, b, n);
}

void
blas_axpy(size_t n, float alpha, const float *x, float *y)
{
	now()->axpy(n, alpha, x, y);
}

int32_t
blas_dot_i8(const int8_t *a, const int8_t *b, size_t n)
{
	return now()->dot_i8(a, b, n);
}

float
blas_exp_sum(float *v, size_t n, float top)
{
	return now()->exp_sum(v, n, top);
}
