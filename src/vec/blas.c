/* SPDX-License-Identifier: Apache-2.0 */
/* blas.c - matrix kernels by vector types, compiled once a kind of processor.
 *
 * Six rows by sixteen columns stay in registers while k runs; k is cut so that a
 * panel of A stays in the second-level cache.
 */
#include "vec/blas.h"

#include <string.h>

#define ROWS 6
#define K_BLOCK 256
#define M_BLOCK 96

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define KERNELS __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default"), \
    optimize("O3", "fp-contract=fast")))
#else
#define KERNELS
#endif

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));

KERNELS static void
block_6x16(size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b, size_t ldb,
    float *c, size_t ldc)
{
	for (size_t j = 0; j < n; j += BLAS_PAD) {
		lanes s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 }, s4 = { 0 }, s5 = { 0 };
		const float *p = a, *q = b + j;

		for (size_t l = 0; l < k; l++, p += a_col, q += ldb) {
			lanes v = *(const lanes *)q;

			s0 += p[0] * v;
			s1 += p[a_row] * v;
			s2 += p[2 * a_row] * v;
			s3 += p[3 * a_row] * v;
			s4 += p[4 * a_row] * v;
			s5 += p[5 * a_row] * v;
		}
		*(lanes *)(c + j) += s0;
		*(lanes *)(c + ldc + j) += s1;
		*(lanes *)(c + 2 * ldc + j) += s2;
		*(lanes *)(c + 3 * ldc + j) += s3;
		*(lanes *)(c + 4 * ldc + j) += s4;
		*(lanes *)(c + 5 * ldc + j) += s5;
	}
}

KERNELS static void
block_1x16(size_t n, size_t k, const float *a, size_t a_col, const float *b, size_t ldb, float *c)
{
	for (size_t j = 0; j < n; j += BLAS_PAD) {
		lanes s = { 0 };
		const float *p = a, *q = b + j;

		for (size_t l = 0; l < k; l++, p += a_col, q += ldb)
			s += p[0] * *(const lanes *)q;
		*(lanes *)(c + j) += s;
	}
}

void
blas_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b,
    size_t ldb, float *c, size_t ldc)
{
	for (size_t l = 0; l < k; l += K_BLOCK) {
		size_t kn = k - l < K_BLOCK ? k - l : K_BLOCK;

		for (size_t i = 0; i < m; i += M_BLOCK) {
			size_t to = i + M_BLOCK < m ? i + M_BLOCK : m, r = i;
			const float *from = a + l * a_col;

			/* all rows of a panel of 16 columns: its part of B stays in the first cache */
			for (size_t j = 0; j < n; j += BLAS_PAD) {
				const float *bj = b + l * ldb + j;

				for (r = i; r + ROWS <= to; r += ROWS)
					block_6x16(BLAS_PAD, kn, from + r * a_row, a_row, a_col, bj, ldb,
					    c + r * ldc + j, ldc);
				for (; r < to; r++)
					block_1x16(BLAS_PAD, kn, from + r * a_row, a_col, bj, ldb,
					    c + r * ldc + j);
			}
		}
	}
}

KERNELS float
blas_dot(const float *a, const float *b, size_t n)
{
	lanes s = { 0 };
	float sum = 0;
	size_t i = 0;

	for (; i + BLAS_PAD <= n; i += BLAS_PAD)
		s += *(const lanes *)(a + i) * *(const lanes *)(b + i);
	for (size_t l = 0; l < BLAS_PAD; l++)
		sum += s[l];
	for (; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

KERNELS void
blas_axpy(size_t n, float alpha, const float *x, float *y)
{
	size_t i = 0;

	for (; i + BLAS_PAD <= n; i += BLAS_PAD)
		*(lanes *)(y + i) += alpha * *(const lanes *)(x + i);
	for (; i < n; i++)
		y[i] += alpha * x[i];
}

KERNELS int32_t
blas_dot_i8(const int8_t *a, const int8_t *b, size_t n)
{
	int32_t s = 0;

	for (size_t i = 0; i < n; i++)
		s += (int32_t)a[i] * (int32_t)b[i];
	return s;
}

/* 2^x by its whole part in the exponent's bits and a polynomial for the rest (Cephes expf). */
KERNELS float
blas_exp_sum(float *v, size_t n, float top)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++) {
		float x = v[i] - top, whole, r, y;
		int32_t e;

		x = x < -86.0f ? -86.0f : x;
		whole = x * 1.44269504f - 0.5f;
		e = (int32_t)whole;
		whole = (float)e;
		r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
		y = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r +
		    4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
		y = y * r * r + r + 1.0f;
		e = (e + 127) << 23;
		memcpy(&x, &e, sizeof(x));
		v[i] = y * x;
	}
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum;
}
