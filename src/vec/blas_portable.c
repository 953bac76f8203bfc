/* SPDX-License-Identifier: Apache-2.0 */
/* blas_portable.c - the loops of blas.h for SSE2, NEON or whatever the compiler takes for granted. */
#define LANES 4
#define ROWS 2
#include "vec/blas_body.h"

const struct blas_kernel blas_portable = BLAS_KERNEL;
