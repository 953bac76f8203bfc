/* SPDX-License-Identifier: Apache-2.0 */
/* blas.h - the few matrix kernels that learning from vectors needs.
 *
 * Single precision, one thread, chosen by what the processor has (AVX-512, AVX2,
 * portable).  The same processor gives the same bits; another may round
 * otherwise.  Columns of B and C are padded by the caller to a multiple of BLAS_PAD.
 * Pure, thread-safe.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define BLAS_PAD 16
#define BLAS_PADDED(n) (((n) + BLAS_PAD - 1) / BLAS_PAD * BLAS_PAD)

/* C[m x n] += A[m x k] B[k x n].  A(i,l) = a[i * a_row + l * a_col], so that A may be
 * transposed; rows of B and C are ldb and ldc floats apart. n: a multiple of BLAS_PAD. */
void blas_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b,
    size_t ldb, float *c, size_t ldc);
float blas_dot(const float *a, const float *b, size_t n);
void blas_axpy(size_t n, float alpha, const float *x, float *y);	/* y += alpha x */
int32_t blas_dot_i8(const int8_t *a, const int8_t *b, size_t n);
/* v[i] = exp(v[i] - top) and their sum: within 2e-7 of exp, for v[i] <= top. */
float blas_exp_sum(float *v, size_t n, float top);
