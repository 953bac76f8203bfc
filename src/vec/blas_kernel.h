/* SPDX-License-Identifier: Apache-2.0 */
/* blas_kernel.h - the inside of blas.h: its loops, once an instruction set.
 *
 * As with kernel.h each blas_*.c is compiled with flags of its own, so nothing in it may
 * run on a processor that has them not.  Pure, thread-safe.
 */
#pragma once

#include "vec/blas.h"

struct blas_kernel {
	size_t rows;		/* that `block` takes at a time */
	/* c[rows x BLAS_PAD] += a b, k deep. */
	void (*block)(size_t k, const float *a, size_t a_row, size_t a_col, const float *b, size_t ldb, float *c,
	    size_t ldc);
	void (*row)(size_t k, const float *a, size_t a_col, const float *b, size_t ldb, float *c);
	float (*dot)(const float *a, const float *b, size_t n);
	void (*axpy)(size_t n, float alpha, const float *x, float *y);
	int32_t (*dot_i8)(const int8_t *a, const int8_t *b, size_t n);
	float (*exp_sum)(float *v, size_t n, float top);
};

extern const struct blas_kernel blas_portable, blas_avx2, blas_avx512;
