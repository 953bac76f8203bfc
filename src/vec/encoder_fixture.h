/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_fixture.h - small encoders of random weights, for tests and fuzzers. */
#pragma once

#include "base/buf.h"
#include "vec/encoder_parts.h"

#include <string.h>

static inline float
fixture_noise(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return ((float)(*seed >> 40) / 16777216.0F - 0.5F) * 0.4F;
}

/* The smallest shape when nothing is changed: a file of some 5 KB. */
static inline struct encoder_info
fixture_info(enum encoder_precision precision)
{
	return (struct encoder_info){
		.name = STR("fixture"),
		.licence = STR("CC0-1.0"),
		.source = STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		.precision = precision,
		.layers = 1, .heads = 2, .width = 8, .inner = 16, .positions = 4, .types = 2, .vocab = 7,
		.lower = true, .epsilon = 1e-12F,
	};
}

/* In the arena: random f32 weights; [PAD] [UNK] [CLS] [SEP] a b c ... */
static inline struct encoder_weights *
fixture_weights(struct arena *a, struct encoder_info info, uint64_t seed)
{
	static const char *const special[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]" };
	struct encoder_weights *w = arena_zalloc(a, sizeof(*w));
	struct str *vocab = arena_array(a, struct str, info.vocab);
	const struct encoder_part *parts;
	size_t n;

	w->info = info;
	w->vocab = vocab;
	for (uint32_t i = 0; i < info.vocab; i++)
		vocab[i] = i < 4 ? str_from(special[i]) :
		    i % 2 != 0 ? str_fmt(a, "%c", (char)('a' + (i - 4) / 2 % 26)) :
		    str_fmt(a, "##%c", (char)('a' + (i - 4) / 2 % 26));
	parts = encoder_parts(a, w, &n);
	for (size_t i = 0; i < n; i++) {
		size_t cells = (size_t)parts[i].rows * parts[i].cols;
		float *v = arena_alloc(a, cells * sizeof(float));

		for (size_t k = 0; k < cells; k++)
			v[k] = fixture_noise(&seed) + (str_ends(parts[i].name, STR("LayerNorm.weight")) ? 1 : 0);
		if (parts[i].matrix != NULL)
			*parts[i].matrix = (struct matrix){ .rows = parts[i].rows, .cols = parts[i].cols, .f32 = v };
		else
			*parts[i].floats = v;
	}
	return w;
}

/* The tensors of w as a .safetensors, named with a prefix, plus `more`
 * (one more tensor of that name, or NULL). F32, or BF16 (cut, not rounded). */
static inline void
fixture_safetensors(struct arena *a, struct encoder_weights *w, const char *prefix, bool bf16,
    const char *more, struct buf *out)
{
	struct buf header, data;
	const struct encoder_part *parts;
	uint64_t length;
	size_t n;

	buf_init(&header, 1 << 20);
	buf_init(&data, 16 << 20);
	parts = encoder_parts(a, w, &n);
	buf_add_z(&header, "{\"__metadata__\":{\"format\":\"pt\"}");
	for (size_t i = 0; i < n; i++) {
		const struct encoder_part *p = &parts[i];
		const float *v = p->matrix != NULL ? p->matrix->f32 : *p->floats;
		size_t from = data.n;

		for (size_t k = 0; k < (size_t)p->rows * p->cols; k++)
			buf_add(&data, (const char *)&v[k] + (bf16 ? 2 : 0), bf16 ? 2 : 4);
		buf_fmt(&header, ",\"%s%.*s\":{\"dtype\":\"%s\",\"shape\":[", prefix, STR_ARG(p->name),
		    bf16 ? "BF16" : "F32");
		if (!p->flat)
			buf_fmt(&header, "%u,", p->rows);
		buf_fmt(&header, "%u],\"data_offsets\":[%zu,%zu]}", p->cols, from, data.n);
	}
	if (more != NULL) {	/* one I64 of value 0 */
		buf_fmt(&header, ",\"%s\":{\"dtype\":\"I64\",\"shape\":[1,1],\"data_offsets\":[%zu,%zu]}", more,
		    data.n, data.n + 8);
		buf_add(&data, "\0\0\0\0\0\0\0", 8);
	}
	buf_add_c(&header, '}');
	length = header.n;
	buf_add(out, &length, sizeof(length));
	buf_add_str(out, buf_str(&header));
	buf_add_str(out, buf_str(&data));
	buf_free(&header);
	buf_free(&data);
}
