/* SPDX-License-Identifier: Apache-2.0 */
/* blas_body.h - the loops of blas.h at one vector width: LANES floats, ROWS rows at a time.
 *
 * Each blas_*.c includes it after saying which.  ROWS rows by BLAS_PAD columns stay in
 * registers while k runs.
 */
#pragma once

#include "vec/blas_kernel.h"

#include <string.h>

typedef float lanes __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

#define ACROSS (BLAS_PAD / LANES)

static void
block(size_t k, const float *a, size_t a_row, size_t a_col, const float *b, size_t ldb, float *c, size_t ldc)
{
	lanes s[ROWS][ACROSS] = { { { 0 } } };

	for (size_t l = 0; l < k; l++, a += a_col, b += ldb) {
		const lanes *v = (const lanes *)b;

#pragma GCC unroll 16
		for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
			for (size_t j = 0; j < ACROSS; j++)
				s[r][j] += a[r * a_row] * v[j];
	}
#pragma GCC unroll 16
	for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
		for (size_t j = 0; j < ACROSS; j++)
			((lanes *)(c + r * ldc))[j] += s[r][j];
}

static void
row(size_t k, const float *a, size_t a_col, const float *b, size_t ldb, float *c)
{
	lanes s[ACROSS] = { { 0 } };

	for (size_t l = 0; l < k; l++, a += a_col, b += ldb)
#pragma GCC unroll 4
		for (size_t j = 0; j < ACROSS; j++)
			s[j] += a[0] * ((const lanes *)b)[j];
	for (size_t j = 0; j < ACROSS; j++)
		((lanes *)c)[j] += s[j];
}

static float
dot(const float *a, const float *b, size_t n)
{
	lanes s[2] = { { 0 } };
	float sum = 0;
	size_t i = 0;

	for (; i + 2 * LANES <= n; i += 2 * LANES)
#pragma GCC unroll 2
		for (size_t j = 0; j < 2; j++)
			s[j] += *(const lanes *)(a + i + j * LANES) * *(const lanes *)(b + i + j * LANES);
	s[0] += s[1];
	for (size_t l = 0; l < LANES; l++)
		sum += s[0][l];
	for (; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static void
axpy(size_t n, float alpha, const float *x, float *y)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		*(lanes *)(y + i) += alpha * *(const lanes *)(x + i);
	for (; i < n; i++)
		y[i] += alpha * x[i];
}

static int32_t
dot_i8(const int8_t *a, const int8_t *b, size_t n)
{
	int32_t s = 0;

	for (size_t i = 0; i < n; i++)
		s += (int32_t)a[i] * (int32_t)b[i];
	return s;
}

/* 2^x by its whole part in the exponent's bits and a polynomial for the rest (Cephes expf). */
static float
exp_sum(float *v, size_t n, float top)
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

#define BLAS_KERNEL { ROWS, block, row, dot, axpy, dot_i8, exp_sum }
