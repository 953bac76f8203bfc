/* SPDX-License-Identifier: Apache-2.0 */
/* blas_test.c - every kind of loops against sums in double precision. */
#include "vec/blas_kernel.h"

#include "vec/kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#define M 101
#define N 48
#define K 300
#define WIDE 1024		/* columns of B: so many are copied panel by panel */

static float a[M * K], b[K * WIDE], c[M * WIDE];

static float
draw(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (float)(*seed >> 8) / 8388608.0f - 1.0f;
}

static double
exact(size_t i, size_t j, size_t a_row, size_t a_col, size_t ldb)
{
	double s = 1;

	for (size_t l = 0; l < K; l++)
		s += (double)a[i * a_row + l * a_col] * (double)b[l * ldb + j];
	return s;
}

static void
check_product(size_t a_row, size_t a_col, size_t ldb)
{
	for (size_t i = 0; i < M * WIDE; i++)
		c[i] = 1;
	blas_gemm(M, N, K, a, a_row, a_col, b, ldb, c, ldb);
	for (size_t i = 0; i < M; i++)
		for (size_t j = 0; j < ldb; j++) {
			double want = j < N ? exact(i, j, a_row, a_col, ldb) : 1;

			if (fabs((double)c[i * ldb + j] - want) > 2e-4)
				fail_msg("%zu, %zu: %g, not %g", i, j, (double)c[i * ldb + j], want);
		}
}

static void
test_products(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (size_t i = 0; i < M * K; i++)
		a[i] = draw(&seed);
	for (size_t i = 0; i < K * WIDE; i++)
		b[i] = draw(&seed);
	check_product(K, 1, N);
	check_product(1, M, N);		/* A turned */
	check_product(K, 1, WIDE);
}

static void
check_kernel(const struct blas_kernel *k)
{
	float out[12 * BLAS_PAD] = { 0 }, e[37], y[37], sum = 0, dot = 0;
	int8_t p[37], q[37];
	int32_t bytes = 0;

	assert_true(k->rows <= 12);
	k->block(K, a, K, 1, b, N, out, BLAS_PAD);
	for (size_t i = 0; i < k->rows * BLAS_PAD; i++)
		assert_true(fabs((double)out[i] + 1 - exact(i / BLAS_PAD, i % BLAS_PAD, K, 1, N)) < 2e-4);
	memset(out, 0, sizeof(out));
	k->row(K, a + K, 1, b, N, out);
	for (size_t i = 0; i < BLAS_PAD; i++)
		assert_true(fabs((double)out[i] + 1 - exact(1, i, K, 1, N)) < 2e-4);
	for (size_t i = 0; i < 37; i++) {
		dot += a[i] * b[i];
		y[i] = b[i];
		e[i] = -3.1f * (float)i;	/* down to where nothing is left */
		sum += expf(e[i]);
		p[i] = (int8_t)(i * 7);
		q[i] = (int8_t)(100 - (int)i * 5);
		bytes += p[i] * q[i];
	}
	assert_true(fabsf(k->dot(a, b, 37) - dot) < 1e-4f);
	k->axpy(37, 0.5f, a, y);
	for (size_t i = 0; i < 37; i++)
		assert_true(fabsf(y[i] - (b[i] + 0.5f * a[i])) < 1e-6f);
	assert_int_equal(k->dot_i8(p, q, 37), bytes);
	assert_true(fabsf(k->exp_sum(e, 37, 0) - sum) < 1e-5f);
	assert_true(fabsf(e[2] - expf(-6.2f)) < 1e-8f);
}

/* Whatever of them this processor has. */
static void
test_every_kernel(void **state)
{
	(void)state;
	check_kernel(&blas_portable);
#if defined(__x86_64__)
	if (kernel_choose(KERNEL_AVX2) != NULL)
		check_kernel(&blas_avx2);
	if (kernel_choose(KERNEL_AVX512) != NULL)
		check_kernel(&blas_avx512);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_every_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
