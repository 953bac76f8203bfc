/* SPDX-License-Identifier: Apache-2.0 */
/* classifier_test.c - learning, saving and refusing; the regression and the spreading under it. */
#include "nlu/classifier.h"

#include "base/buf.h"
#include "base/rand.h"
#include "nlu/dense.h"
#include "nlu/spread.h"
#include "vec/blas.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)256 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static uint64_t seed = 88172645463325252u;

static float
uniform(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (float)(seed >> 40) / (float)(1 << 24) * 2 - 1;
}

static void
test_products(void **state)
{
	enum { M = 19, N = 32, K = 301 };
	float *x = arena_array(a, float, M * K), *y = arena_array(a, float, K * N), *z = arena_array(a, float, M * N);
	int8_t p[37], q[37];
	int32_t want = 0;

	(void)state;
	for (size_t i = 0; i < M * K; i++)
		x[i] = uniform();
	for (size_t i = 0; i < K * N; i++)
		y[i] = uniform();
	blas_gemm(M, N, K, x, K, 1, y, N, z, N);
	for (size_t i = 0; i < M; i++)
		for (size_t j = 0; j < N; j++) {
			double sum = 0;

			for (size_t k = 0; k < K; k++)
				sum += (double)x[i * K + k] * (double)y[k * N + j];
			assert_true(fabs(sum - (double)z[i * N + j]) < 1e-4);
		}
	/* A read by columns is its transpose: y' y against plain sums */
	{
		float *t = arena_array(a, float, N * N);

		blas_gemm(N, N, K, y, 1, N, y, N, t, N);
		for (size_t i = 0; i < N; i++)
			for (size_t j = 0; j < N; j++) {
				double sum = 0;

				for (size_t k = 0; k < K; k++)
					sum += (double)y[k * N + i] * (double)y[k * N + j];
				assert_true(fabs(sum - (double)t[i * N + j]) < 1e-4);
			}
	}
	for (size_t i = 0; i < 37; i++) {
		p[i] = (int8_t)(uniform() * 127);
		q[i] = (int8_t)(uniform() * 127);
		want += p[i] * q[i];
	}
	assert_int_equal(blas_dot_i8(p, q, 37), want);
	for (int i = 0; i < 100; i++) {
		float v[1] = { -0.9f * (float)i };
		double e = exp((double)v[0]);

		assert_true(fabs((double)blas_exp_sum(v, 1, 0) - e) <= 3e-7 * e + 1e-37);
	}
}

/* The gradient of the found minimum, reckoned plainly, is nothing. */
static void
test_regression_converges(void **state)
{
	enum { N = 90, W = 7, K = 3 };
	float x[N * W], z[16];
	struct dense_point v[N];
	struct dense_options o = { .l2 = 0.5f, .tolerance = 1e-6f, .steps_max = 300 };
	struct dense d;
	double g[K][W] = { { 0 } }, total = 0;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < W; j++)
			x[i * W + j] = uniform() + (j == i % K ? 1.0f : 0.0f);
		v[i] = (struct dense_point){ x + i * W, (int)(i % K), i % 10 == 9 ? 0.5f : i == 4 ? 0 : 1 };
		total += (double)v[i].weight;
	}
	dense_train(a, a, v, N, K, W, &o, &d);
	for (size_t i = 0; i < N; i++) {
		double sum = 0, top = -1e9;

		dense_score(&d, v[i].x, z);
		for (size_t c = 0; c < K; c++)
			top = (double)z[c] > top ? (double)z[c] : top;
		for (size_t c = 0; c < K; c++)
			sum += exp((double)z[c] - top);
		for (size_t c = 0; c < K; c++)
			for (size_t j = 0; j < W; j++)
				g[c][j] += (double)v[i].weight * (double)v[i].x[j] *
				    (exp((double)z[c] - top) / sum - ((int)c == v[i].class));
	}
	for (size_t c = 0; c < K; c++)
		for (size_t j = 0; j < W; j++)
			assert_true(fabs(g[c][j] + 0.5 * (double)d.weight[j * d.padded + c]) / total < 2e-5);
}

/* Two rings of points that touch nowhere: one label each reaches all of its own. */
static void
test_labels_spread(void **state)
{
	enum { N = 200, W = 16 };
	float *x = arena_array(a, float, N * W), confidence[N], weight[N];
	int class[N], best[N];
	struct spread_graph g;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		float turn = (float)(i / 2) * 0.03f, side = i % 2 == 0 ? 0 : 4;

		x[i * W + (size_t)side] = cosf(turn);
		x[i * W + (size_t)side + 1] = sinf(turn);
		class[i] = i < 2 ? (int)i : -1;
		weight[i] = 1;
	}
	spread_graph_of(a, a, x, N, W, &g);
	spread_labels(&g, a, class, weight, 2, best, confidence);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(best[i], (int)(i % 2));
		assert_true(confidence[i] > 0.9f);
	}
	/* without any label nothing is known */
	class[0] = class[1] = -1;
	spread_labels(&g, a, class, weight, 2, best, confidence);
	assert_int_equal(best[5], -1);
	assert_true(confidence[5] < 1e-6f);
}

static const char *const topics[][4] = {
	{ "refund", "money back", "return the payment", "reimburse me" },
	{ "track my parcel", "where is the delivery", "has it shipped", "when will the package arrive" },
	{ "reset my password", "cannot log in", "locked out of the account", "forgot the pin" },
	{ "opening hours", "when do you open", "are you closed on sunday", "what time do you close" },
};
static const char *const frames[] = { "please %s", "hello, %s", "i want to ask: %s", "%s now", "hi there %s thanks",
	"can you help, %s" };

static struct training
small_desk(void)
{
	static struct class_def classes[4];
	static const char *const names[] = { "refund", "delivery", "login", "hours" };
	struct labelled *v = arena_array(a, struct labelled, 4 * 4 * 6);
	struct training t = { .classes = classes, .classes_n = 4, .v = v, .seed = 1 };

	for (size_t c = 0; c < 4; c++) {
		classes[c] = (struct class_def){ str_from(names[c]), str_from(names[c]), STR_NONE };
		for (size_t k = 0; k < 4; k++)
			for (size_t f = 0; f < 6; f++) {
				char line[128];

				snprintf(line, sizeof(line), "%.*s%s%s", (int)strcspn(frames[f], "%"), frames[f],
				    topics[c][k], strchr(frames[f], '%') + 2);
				v[t.n++] = (struct labelled){ str_dup(a, str_from(line)), (int)c };
			}
	}
	return t;
}

static void
test_classifier(void **state)
{
	struct training t = small_desk();
	struct classifier *c = NULL, *again = NULL, *back = NULL;
	struct classified r, s;
	const struct out_of_fold *o;
	const struct pull *pull;
	struct fault f = { 0 };
	struct buf x, y;
	size_t n, right = 0;
	double sum = 0;

	(void)state;
	assert_int_equal(classifier_train(&t, &c, &f), E_OK);
	classifier_read(c, NULL, STR("could i get a refund of my money"), true, a, &r);
	assert_int_equal(r.top[0].class, 0);
	assert_true(r.unknown < 0.5 && r.top_n == 4 && r.encoder_share < 1e-6f);
	for (size_t i = 0; i < 4; i++)
		sum += r.p[i];
	assert_true(fabs(sum - 1) < 1e-9);
	classifier_read(c, NULL, STR("quantum chromodynamics of purple giraffes"), false, a, &s);
	assert_true(s.unknown > 0.5 && s.confidence < r.confidence);
	o = classifier_out_of_fold(c, &n);
	assert_int_equal(n, t.n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(o[i].truth, t.v[o[i].example].class);
		right += o[i].best == o[i].truth;
	}
	assert_true(right * 10 >= n * 9);
	pull = classifier_pulls(c, STR("a refund of it"), 0, a, &n);
	assert_int_equal(n, 4);
	assert_true(pull[1].logit > pull[0].logit && pull[1].from == 2 && pull[1].to == 8);

	assert_int_equal(classifier_train(&t, &again, &f), E_OK);
	buf_init(&x, (size_t)64 << 20);
	buf_init(&y, (size_t)64 << 20);
	classifier_save(c, &x);
	classifier_save(again, &y);
	assert_true(str_eq(buf_str(&x), buf_str(&y)));
	assert_int_equal(classifier_load(buf_str(&x), &back, &f), E_OK);
	classifier_read(back, NULL, STR("could i get a refund of my money"), true, a, &s);
	assert_true(memcmp(r.p, s.p, 4 * sizeof(*r.p)) == 0 && memcmp(&r.unknown, &s.unknown, sizeof(r.unknown)) == 0);
	for (size_t i = 0; i < x.n; i += x.n / 101 + 1) {
		struct classifier *bad = NULL;

		x.p[i] ^= 4;
		assert_int_equal(classifier_load(buf_str(&x), &bad, &f), E_INVALID);
		x.p[i] ^= 4;
		assert_int_equal(classifier_load((struct str){ x.p, i }, &bad, &f), E_INVALID);
		assert_null(bad);
	}
	buf_free(&x);
	buf_free(&y);
	classifier_unref(&c);
	classifier_unref(&again);
	classifier_unref(&back);
}

/* Whoever wrote the file may have meant harm: its checksum is right, and what is in it is not. */
static void
test_forged_files(void **state)
{
	struct training t = small_desk();
	struct classifier *c = NULL, *back;
	struct fault f = { 0 };
	size_t loaded = 0;
	struct buf x;

	(void)state;
	assert_int_equal(classifier_train(&t, &c, &f), E_OK);
	buf_init(&x, (size_t)1 << 28);
	classifier_save(c, &x);
	classifier_unref(&c);
	for (size_t i = 12; i + 32 < x.n; i += i < 600 || i + 4000 > x.n ? 5 : x.n / 50) {
		struct arena *own = arena_new((size_t)32 << 20);
		const struct out_of_fold *o;
		struct classified r;
		size_t n;

		x.p[i] ^= (char)0xff;
		sha256(x.p, x.n - 32, (uint8_t *)x.p + x.n - 32);
		if (classifier_load(buf_str(&x), &back, &f) == E_OK) {
			classifier_read(back, NULL, STR("could i get a refund of my money"), true, own, &r);
			assert_true(r.top_n <= 4 && (r.top_n == 0 || (unsigned)r.top[0].class < 4));
			o = classifier_out_of_fold(back, &n);
			for (size_t k = 0; k < n; k++)
				assert_true(o[k].truth >= 0 && o[k].truth < 4 && o[k].best < 4);
			classifier_unref(&back);
			loaded++;
		}
		x.p[i] ^= (char)0xff;
		arena_free(&own);
	}
	assert_true(loaded > 0);
	buf_free(&x);
}

static void
test_odd_sets(void **state)
{
	struct class_def classes[] = { { STR("one"), STR("where is my order"), STR_NONE },
		{ STR("two"), STR("cancel it"), STR_NONE } };
	struct labelled bad[] = { { STR("x"), 2 } };
	struct training t = { .classes = classes, .seed = 1 };
	struct classifier *c = NULL;
	struct classified r;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(classifier_train(&t, &c, &f), E_INVALID);	/* no class */
	t.classes_n = 2;
	t.v = bad;
	t.n = 1;
	assert_int_equal(classifier_train(&t, &c, &f), E_INVALID);
	assert_non_null(strstr(f.text, "example 0"));
	/* names alone */
	t.n = 0;
	assert_int_equal(classifier_train(&t, &c, &f), E_OK);
	classifier_read(c, NULL, STR("please cancel"), false, a, &r);
	assert_int_equal(r.top[0].class, 1);
	classifier_unref(&c);
	/* one class */
	t.classes_n = 1;
	assert_int_equal(classifier_train(&t, &c, &f), E_OK);
	classifier_read(c, NULL, STR_NONE, true, a, &r);
	assert_int_equal(r.top_n, 1);
	classifier_unref(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_regression_converges),
		cmocka_unit_test(test_labels_spread),
		cmocka_unit_test(test_classifier),
		cmocka_unit_test(test_forged_files),
		cmocka_unit_test(test_odd_sets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
