/* SPDX-License-Identifier: Apache-2.0 */
/* blas_avx512.c - the loops of blas.h for AVX-512. */
#define LANES 16
#define ROWS 12
#include "vec/blas_body.h"

const struct blas_kernel blas_avx512 = BLAS_KERNEL;
