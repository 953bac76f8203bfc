/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_fuzz.c - any bytes through WordPiece and a small encoder, on every kernel here.
 *
 * The tokens stay within their bound, and each vector has a length of one or is zero for
 * a text without tokens; the kernels agree as far as their precision goes. */
#include "vec/encoder.h"

#include "vec/encoder_fixture.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WIDTH 16
#define KERNELS 4

static struct encoder *encoders[KERNELS];
static size_t encoders_n;

static void
make_encoders(void)
{
	static const enum encoder_kernel kernels[KERNELS] = { KERNEL_PORTABLE, KERNEL_AVX2, KERNEL_AVX512,
		KERNEL_VNNI };
	static struct arena *fixed;	/* as long as the process */
	struct encoder_info info = fixture_info(ENCODER_F32);
	struct encoder_weights *w;

	info.width = WIDTH;
	info.positions = ENCODER_TOKENS_MAX;
	info.vocab = 60;
	fixed = arena_new(0);
	w = fixture_weights(fixed, info, 7);
	for (size_t i = 0; i < KERNELS; i++)
		if (encoder_make(w, kernels[i], &encoders[encoders_n], NULL) == E_OK)
			encoders_n++;
}

static double
dot(const float *x, const float *y)
{
	double s = 0;

	for (size_t i = 0; i < WIDTH; i++)
		s += (double)x[i] * (double)y[i];
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct arena *a = arena_new(0);
	float first[WIDTH], v[WIDTH];
	size_t tokens, words, whole;

	if (encoders_n == 0)
		make_encoders();
	tokens = encoder_count_tokens(encoders[0], a, text, &words, &whole);
	CHECK(tokens <= ENCODER_TOKENS_MAX - 2 && whole <= words);
	encoder_embed(encoders[0], a, text, first);
	CHECK(fabs(dot(first, first) - (tokens > 0 ? 1 : 0)) < 1e-4);
	for (size_t i = 1; i < encoders_n; i++) {
		encoder_embed(encoders[i], a, text, v);
		CHECK(fabs(dot(first, v) - (tokens > 0 ? 1 : 0)) < 1e-3);
	}
	arena_free(&a);
	return 0;
}
