/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_fuzz.c - every tensor that was accepted lies within the bytes; importing
 * whatever the rest of the input says ends in an encoder or a fault. */
#include "vec/safetensors.h"

#include "vec/encoder_import.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(struct arena *a, struct str bytes)
{
	struct safetensors all;
	struct fault f = { E_OK, "" };
	const float *v;
	volatile float last;

	if (safetensors_parse(a, bytes, &all, &f) != E_OK) {
		CHECK(f.err != E_OK && f.text[0] != '\0' && str_utf8_valid(str_from(f.text), NULL));
		return;
	}
	for (size_t i = 0; i < all.n; i++) {
		const struct safetensor *t = &all.v[i];

		CHECK(t->p >= bytes.p && t->p + (t->end - t->begin) <= bytes.p + bytes.n);
		if (safetensor_floats(a, t, &v, NULL) == E_OK && t->end > t->begin)
			last = v[(t->end - t->begin) / (t->dtype.n == 3 && t->dtype.p[1] == '3' ? 4 : 2) - 1];
	}
	(void)last;
}

/* What stands before the next line of NULs. */
static struct str
section(struct str *in)
{
	static const struct str line = { "\n\0\0\0\0\n", 6 };
	ptrdiff_t cut = str_find(*in, line);
	struct str s = cut < 0 ? *in : str_sub(*in, 0, (size_t)cut);

	*in = cut < 0 ? STR_NONE : str_sub(*in, (size_t)cut + line.n, in->n);
	return s;
}

/* The input: weights, vocabulary, config.json. */
static enum err
fuzz(struct arena *a, void *arg, struct fault *f)
{
	struct str *in = arg;
	struct encoder_options o = { .heads = 2, .pooling_given = true };
	struct encoder_weights *w = arena_zalloc(a, sizeof(*w));
	struct encoder_files files = { .name = STR("fuzz") };

	files.weights = str_dup(a, section(in));
	files.vocab = section(in);
	files.config = section(in);
	walk(a, files.weights);
	if (encoder_import(a, &files, &o, w, f) == E_OK)
		CHECK(encoder_info_check(&w->info, f) == E_OK);
	else
		CHECK(f->text[0] != '\0');
	return E_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct arena *a = arena_new(64 << 20);
	struct fault f = { E_OK, "" };
	enum err e = arena_run(a, fuzz, &in, &f);

	CHECK(e == E_OK || e == E_TOOBIG);
	arena_free(&a);
	return 0;
}
