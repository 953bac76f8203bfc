/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_test.c - every kernel of this machine against the textbook in double precision. */
#include "vec/encoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Shapes that no padding fits: 3 heads of 12, an inner width of 100. */
#define LAYERS 2
#define HEADS 3
#define WIDTH 36
#define INNER 100
#define POSITIONS 128
#define VOCAB 64
#define TOKENS_MAX ENCODER_TOKENS_MAX

static uint64_t seed = 20190810;

/* About normal, of deviation `by`. */
static float
noise(double by)
{
	double s = 0;

	for (int i = 0; i < 12; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		s += (double)(seed >> 40) / (double)(1 << 24);
	}
	return (float)((s - 6) * by);
}

static const float *
floats(struct arena *a, size_t n, double base, double by)
{
	float *p = arena_array(a, float, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (float)base + noise(by);
	return p;
}

/* The int8 rows and the floats they stand for; m->f32 keeps them for the reference. */
static struct matrix
matrix(struct arena *a, uint32_t rows, uint32_t cols, double by, bool i8)
{
	const float *values = floats(a, (size_t)rows * cols, 0, by);
	int8_t *q = arena_array(a, int8_t, (size_t)rows * cols);
	float *scale = arena_array(a, float, rows);

	for (uint32_t r = 0; r < rows; r++) {
		float most = 0;

		for (uint32_t c = 0; c < cols; c++)
			most = fmaxf(most, fabsf(values[r * cols + c]));
		scale[r] = most / 127;
		for (uint32_t c = 0; c < cols; c++)
			q[r * cols + c] = (int8_t)lrintf(values[r * cols + c] / scale[r]);
	}
	return (struct matrix){ rows, cols, values, i8 ? q : NULL, i8 ? scale : NULL };
}

static const char *const specials[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]" };

static const struct str *
vocabulary(struct arena *a)
{
	struct str *v = arena_array(a, struct str, VOCAB);

	for (size_t i = 0; i < VOCAB; i++)
		v[i] = i < 4 ? str_from(specials[i]) :
		    i < 34 ? str_fmt(a, "%c", (char)('a' + i - 4)) :
		    str_fmt(a, "##%c", (char)('a' + i - 34));
	return v;
}

static void
make_weights(struct arena *a, enum encoder_pooling pooling, bool i8, struct encoder_weights *w)
{
	*w = (struct encoder_weights){ .info = { .name = STR("random"), .pooling = pooling,
	    .precision = i8 ? ENCODER_I8 : ENCODER_F32, .layers = LAYERS, .heads = HEADS,
	    .width = WIDTH, .inner = INNER, .positions = POSITIONS, .types = 2, .vocab = VOCAB,
	    .lower = true, .epsilon = 1e-12f } };
	w->vocab = vocabulary(a);
	w->words = matrix(a, VOCAB, WIDTH, 1, i8);
	w->positions = floats(a, POSITIONS * WIDTH, 0, .3);
	w->types = floats(a, 2 * WIDTH, 0, .3);
	w->norm = floats(a, WIDTH, 1, .1);
	w->norm_bias = floats(a, WIDTH, 0, .1);
	for (size_t i = 0; i < LAYERS; i++) {
		struct encoder_layer *l = &w->layer[i];

		l->q = matrix(a, WIDTH, WIDTH, .3, i8);
		l->k = matrix(a, WIDTH, WIDTH, .3, i8);
		l->v = matrix(a, WIDTH, WIDTH, .3, i8);
		l->o = matrix(a, WIDTH, WIDTH, .3, i8);
		l->up = matrix(a, INNER, WIDTH, .3, i8);
		l->down = matrix(a, WIDTH, INNER, .2, i8);
		l->q_bias = floats(a, WIDTH, 0, .1);
		l->k_bias = floats(a, WIDTH, 0, .1);
		l->v_bias = floats(a, WIDTH, 0, .1);
		l->o_bias = floats(a, WIDTH, 0, .1);
		l->up_bias = floats(a, INNER, 0, .1);
		l->down_bias = floats(a, WIDTH, 0, .1);
		l->attention_norm = floats(a, WIDTH, 1, .1);
		l->attention_norm_bias = floats(a, WIDTH, 0, .1);
		l->output_norm = floats(a, WIDTH, 1, .1);
		l->output_norm_bias = floats(a, WIDTH, 0, .1);
	}
}

/* ---- the textbook ---- */

struct reference {
	size_t n;
	double x[TOKENS_MAX][WIDTH], q[TOKENS_MAX][WIDTH], k[TOKENS_MAX][WIDTH],
	    v[TOKENS_MAX][WIDTH], mixed[TOKENS_MAX][WIDTH];
};

static double
at(const struct matrix *m, size_t r, size_t c)
{
	size_t i = r * m->cols + c;

	return m->i8 != NULL ? (double)m->i8[i] * (double)m->scale[r] : (double)m->f32[i];
}

static void
apply(const struct matrix *m, const float *bias, const double *x, double *out)
{
	for (size_t r = 0; r < m->rows; r++) {
		out[r] = (double)bias[r];
		for (size_t c = 0; c < m->cols; c++)
			out[r] += at(m, r, c) * x[c];
	}
}

static void
normalise(double *x, const float *gain, const float *bias)
{
	double mean = 0, square = 0;

	for (size_t c = 0; c < WIDTH; c++)
		mean += x[c] / WIDTH;
	for (size_t c = 0; c < WIDTH; c++)
		square += (x[c] - mean) * (x[c] - mean) / WIDTH;
	for (size_t c = 0; c < WIDTH; c++)
		x[c] = (x[c] - mean) / sqrt(square + 1e-12) * (double)gain[c] + (double)bias[c];
}

static void
attend(struct reference *r, size_t i, size_t head)
{
	size_t deep = WIDTH / HEADS, from = head * deep;
	double score[TOKENS_MAX], sum = 0;

	for (size_t j = 0; j < r->n; j++) {
		double s = 0;

		for (size_t c = from; c < from + deep; c++)
			s += r->q[i][c] * r->k[j][c];
		score[j] = exp(s / sqrt((double)deep));
		sum += score[j];
	}
	for (size_t c = from; c < from + deep; c++) {
		r->mixed[i][c] = 0;
		for (size_t j = 0; j < r->n; j++)
			r->mixed[i][c] += score[j] / sum * r->v[j][c];
	}
}

static void
reference_layer(struct reference *r, const struct encoder_layer *l)
{
	double out[WIDTH], inner[INNER];

	for (size_t i = 0; i < r->n; i++) {
		apply(&l->q, l->q_bias, r->x[i], r->q[i]);
		apply(&l->k, l->k_bias, r->x[i], r->k[i]);
		apply(&l->v, l->v_bias, r->x[i], r->v[i]);
	}
	for (size_t i = 0; i < r->n; i++) {
		for (size_t h = 0; h < HEADS; h++)
			attend(r, i, h);
		apply(&l->o, l->o_bias, r->mixed[i], out);
		for (size_t c = 0; c < WIDTH; c++)
			r->x[i][c] += out[c];
		normalise(r->x[i], l->attention_norm, l->attention_norm_bias);
		apply(&l->up, l->up_bias, r->x[i], inner);
		for (size_t c = 0; c < INNER; c++)
			inner[c] *= .5 * (1 + erf(inner[c] / sqrt(2)));
		apply(&l->down, l->down_bias, inner, out);
		for (size_t c = 0; c < WIDTH; c++)
			r->x[i][c] += out[c];
		normalise(r->x[i], l->output_norm, l->output_norm_bias);
	}
}

/* `letters` of a text "abab...": a first letter and then what goes on a word. */
static void
reference_embed(const struct encoder_weights *w, const uint32_t *ids, size_t n, double *out)
{
	struct reference *r = calloc(1, sizeof(*r));
	double square = 0;

	assert_non_null(r);
	r->n = n;
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < WIDTH; c++)
			r->x[i][c] = at(&w->words, ids[i], c) +
			    (double)w->positions[i * WIDTH + c] + (double)w->types[c];
		normalise(r->x[i], w->norm, w->norm_bias);
	}
	for (size_t i = 0; i < LAYERS; i++)
		reference_layer(r, &w->layer[i]);
	for (size_t c = 0; c < WIDTH; c++) {
		out[c] = 0;
		for (size_t i = 0; i < (w->info.pooling == POOL_MEAN ? n : 1); i++)
			out[c] += r->x[i][c];
		square += out[c] * out[c];
	}
	for (size_t c = 0; c < WIDTH; c++)
		out[c] /= sqrt(square);
	free(r);
}

/* ---- the tests ---- */

static const enum encoder_kernel all_kernels[] = { KERNEL_PORTABLE, KERNEL_AVX2, KERNEL_AVX512,
	KERNEL_VNNI, KERNEL_BEST };

/* Words of one letter: letter i of the alphabet is token 4 + i. */
static struct str
letters(struct arena *a, size_t n, uint32_t *ids)
{
	char *p = arena_alloc(a, 2 * n + 1);

	ids[0] = 2;
	for (size_t i = 0; i < n; i++) {
		size_t letter = (i * 7 + i / 5) % 26;

		p[2 * i] = (char)('a' + letter);
		p[2 * i + 1] = ' ';
		ids[i + 1] = (uint32_t)(4 + letter);
	}
	ids[n + 1] = 3;
	return (struct str){ p, 2 * n };
}

static void
compare(const struct encoder *e, const struct encoder_weights *w, size_t n)
{
	struct arena *a = arena_new(0);
	uint32_t ids[TOKENS_MAX];
	float got[WIDTH];
	double want[WIDTH], dot = 0, square = 0, far = 0;
	struct str text = letters(a, n, ids);

	encoder_embed(e, a, text, got);
	reference_embed(w, ids, n + 2, want);
	for (size_t c = 0; c < WIDTH; c++) {
		dot += (double)got[c] * want[c];
		square += (double)got[c] * (double)got[c];
		far = fmax(far, fabs((double)got[c] - want[c]));
	}
	assert_true(fabs(square - 1) < 1e-5);
	if (w->info.precision == ENCODER_F32 ? far > 1e-4 : dot < .99)
		fail_msg("%s, %zu tokens: off by %g, cosine %g", encoder_kernel_name(e), n + 2, far, dot);
	arena_free(&a);
}

static void
check_kernels(enum encoder_pooling pooling, bool i8)
{
	static const size_t lengths[] = { 1, 2, 3, 5, 14, 30, 61, 126 };
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e;
	struct fault f;

	make_weights(a, pooling, i8, &w);
	for (size_t k = 0; k < sizeof(all_kernels) / sizeof(all_kernels[0]); k++) {
		if (encoder_make(&w, all_kernels[k], &e, &f) != E_OK) {
			assert_true(all_kernels[k] != KERNEL_PORTABLE && all_kernels[k] != KERNEL_BEST);
			assert_non_null(strstr(f.text, "processor"));
			print_message("no kernel %d here\n", (int)all_kernels[k]);
			continue;
		}
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
			compare(e, &w, lengths[i]);
		encoder_unref(&e);
	}
	arena_free(&a);
}

static void
test_floats_agree_with_the_textbook(void **state)
{
	(void)state;
	check_kernels(POOL_MEAN, false);
	check_kernels(POOL_FIRST, false);
}

static void
test_bytes_agree_with_the_textbook(void **state)
{
	(void)state;
	check_kernels(POOL_MEAN, true);
	check_kernels(POOL_FIRST, true);
}

/* Four neighbours as large as bytes get, times activations as large: no sum may overflow. */
static void
make_heavy(struct arena *a, struct encoder_weights *w)
{
	float *bias = arena_array(a, float, WIDTH);

	for (size_t c = 0; c < 8; c++)
		bias[c] = 6;
	for (size_t i = 0; i < LAYERS; i++) {
		struct matrix *m = &w->layer[i].up;
		int8_t *q = arena_array(a, int8_t, INNER * WIDTH);

		memcpy(q, m->i8, INNER * WIDTH);
		for (size_t r = 0; r < INNER; r++)
			for (size_t c = 0; c < 8; c++)
				q[r * WIDTH + c] = r % 3 == 0 ? -127 : 127;
		m->i8 = q;
		w->layer[i].attention_norm_bias = bias;
	}
}

static void
test_large_neighbours_do_not_overflow(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e;

	(void)state;
	make_weights(a, POOL_MEAN, true, &w);
	make_heavy(a, &w);
	for (size_t k = 0; k < sizeof(all_kernels) / sizeof(all_kernels[0]); k++) {
		if (encoder_make(&w, all_kernels[k], &e, NULL) != E_OK)
			continue;
		compare(e, &w, 14);
		compare(e, &w, 61);
		encoder_unref(&e);
	}
	arena_free(&a);
}

static struct encoder *
make_one(struct arena *a, struct encoder_weights *w)
{
	struct encoder *e;

	make_weights(a, POOL_MEAN, true, w);
	assert_int_equal(encoder_make(w, KERNEL_BEST, &e, NULL), E_OK);
	return e;
}

static bool
is_zero(const float *v)
{
	for (size_t c = 0; c < WIDTH; c++)
		if (v[c] < 0 || v[c] > 0)
			return false;
	return true;
}

static void
test_no_token_no_vector(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e = make_one(a, &w);
	float v[WIDTH];

	(void)state;
	encoder_embed(e, a, STR_NONE, v);
	assert_true(is_zero(v));
	encoder_embed(e, a, STR(" \t\n\xff\xfe\x01\xe2\x80\x8b "), v);
	assert_true(is_zero(v));
	encoder_embed(e, a, STR("z"), v);
	assert_false(is_zero(v));
	encoder_unref(&e);
	assert_null(e);
	arena_free(&a);
}

static void
test_prefix_goes_before(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *plain = make_one(a, &w), *with;
	float one[WIDTH], other[WIDTH];

	(void)state;
	w.info.prefix = STR("a b ");
	assert_int_equal(encoder_make(&w, KERNEL_BEST, &with, NULL), E_OK);
	encoder_embed(with, a, STR("c"), one);
	encoder_embed(plain, a, STR("a b c"), other);
	assert_memory_equal(one, other, sizeof(one));
	encoder_embed(with, a, STR(""), one);
	assert_true(is_zero(one));
	encoder_unref(&with);
	encoder_unref(&plain);
	arena_free(&a);
}

static void
test_cut_and_bounded(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e = make_one(a, &w);
	size_t words, whole;
	char *p = malloc(1 << 20);
	float one[WIDTH], other[WIDTH];

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < 1 << 20; i++)
		p[i] = i % 2 ? ' ' : (char)('a' + i / 2 % 26);
	encoder_embed(e, a, (struct str){ p, 1 << 20 }, one);
	encoder_embed(e, a, (struct str){ p, 2 * (TOKENS_MAX - 2) }, other);
	assert_memory_equal(one, other, sizeof(one));
	assert_int_equal(encoder_count_tokens(e, a, (struct str){ p, 1 << 20 }, &words, &whole),
	    TOKENS_MAX - 2);
	memset(p, 'x', 1 << 20);	/* one long word: [UNK] */
	encoder_embed(e, a, (struct str){ p, 1 << 20 }, one);
	assert_false(is_zero(one));
	assert_int_equal(encoder_count_tokens(e, a, (struct str){ p, 1 << 20 }, &words, &whole), 1);
	assert_int_equal(words, 1);
	assert_int_equal(whole, 0);
	assert_true(arena_used(a) < (size_t)8 << 20);
	free(p);
	encoder_unref(&e);
	arena_free(&a);
}

static void
test_counts(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e = make_one(a, &w);
	size_t words, whole;

	(void)state;
	assert_int_equal(encoder_count_tokens(e, a, STR("a bc d"), &words, &whole), 4);
	assert_int_equal(words, 3);
	assert_int_equal(whole, 2);
	encoder_unref(&e);
	arena_free(&a);
}

static void
test_broken_weights_give_nothing(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e;
	float *bad, v[WIDTH];

	(void)state;
	make_weights(a, POOL_MEAN, true, &w);
	bad = arena_array(a, float, WIDTH);
	bad[3] = NAN;
	bad[4] = INFINITY;
	w.layer[1].output_norm_bias = bad;
	assert_int_equal(encoder_make(&w, KERNEL_BEST, &e, NULL), E_OK);
	encoder_embed(e, a, STR("a b"), v);
	assert_true(is_zero(v));
	encoder_unref(&e);
	arena_free(&a);
}

static void
test_vocabulary_without_specials(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e;
	struct fault f;

	(void)state;
	make_weights(a, POOL_MEAN, false, &w);
	w.vocab += 4;
	w.info.vocab -= 4;
	assert_int_equal(encoder_make(&w, KERNEL_BEST, &e, &f), E_INVALID);
	assert_null(e);
	assert_non_null(strstr(f.text, "[CLS]"));
	arena_free(&a);
}

#define THREADS 4

struct worker {
	struct encoder *e;
	float v[20][WIDTH];
};

static void *
work(void *arg)
{
	struct worker *w = arg;

	for (size_t i = 0; i < 20; i++) {
		struct arena *a = arena_new(0);
		uint32_t ids[TOKENS_MAX];

		encoder_embed(w->e, a, letters(a, i + 1, ids), w->v[i]);
		arena_free(&a);
	}
	encoder_unref(&w->e);
	return NULL;
}

static void
test_threads_share(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights w;
	struct encoder *e = make_one(a, &w);
	struct worker *all = calloc(THREADS, sizeof(*all));
	pthread_t thread[THREADS];

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < THREADS; i++) {
		all[i].e = encoder_ref(e);
		assert_int_equal(pthread_create(&thread[i], NULL, work, &all[i]), 0);
	}
	encoder_unref(&e);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	for (size_t i = 1; i < THREADS; i++)
		assert_memory_equal(all[0].v, all[i].v, sizeof(all[0].v));
	free(all);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floats_agree_with_the_textbook),
		cmocka_unit_test(test_bytes_agree_with_the_textbook),
		cmocka_unit_test(test_large_neighbours_do_not_overflow),
		cmocka_unit_test(test_no_token_no_vector),
		cmocka_unit_test(test_prefix_goes_before),
		cmocka_unit_test(test_cut_and_bounded),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_broken_weights_give_nothing),
		cmocka_unit_test(test_vocabulary_without_specials),
		cmocka_unit_test(test_threads_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
