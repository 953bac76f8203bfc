/* SPDX-License-Identifier: Apache-2.0 */
/* blas_avx2.c - the loops of blas.h for AVX2 with fused products. */
#define LANES 8
#define ROWS 6
#include "vec/blas_body.h"

const struct blas_kernel blas_avx2 = BLAS_KERNEL;
