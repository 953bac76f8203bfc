/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_parts.c - the tensors of an encoder as one list, in the order of its file. */
#include "vec/encoder_parts.h"

#include <stddef.h>

enum dim { D_VOCAB, D_POSITIONS, D_TYPES, D_WIDTH, D_INNER };

struct part_kind {
	const char *name;
	size_t at;		/* in struct encoder_weights or struct encoder_layer */
	bool matrix, flat;
	enum dim rows, cols;	/* flat: cols alone */
};

#define W(field) offsetof(struct encoder_weights, field)
#define L(field) offsetof(struct encoder_layer, field)

static const struct part_kind outer[] = {
	{ "embeddings.word_embeddings.weight", W(words), true, false, D_VOCAB, D_WIDTH },
	{ "embeddings.position_embeddings.weight", W(positions), false, false, D_POSITIONS, D_WIDTH },
	{ "embeddings.token_type_embeddings.weight", W(types), false, false, D_TYPES, D_WIDTH },
	{ "embeddings.LayerNorm.weight", W(norm), false, true, D_WIDTH, D_WIDTH },
	{ "embeddings.LayerNorm.bias", W(norm_bias), false, true, D_WIDTH, D_WIDTH },
};

static const struct part_kind inner[] = {
	{ "attention.self.query.weight", L(q), true, false, D_WIDTH, D_WIDTH },
	{ "attention.self.key.weight", L(k), true, false, D_WIDTH, D_WIDTH },
	{ "attention.self.value.weight", L(v), true, false, D_WIDTH, D_WIDTH },
	{ "attention.output.dense.weight", L(o), true, false, D_WIDTH, D_WIDTH },
	{ "intermediate.dense.weight", L(up), true, false, D_INNER, D_WIDTH },
	{ "output.dense.weight", L(down), true, false, D_WIDTH, D_INNER },
	{ "attention.self.query.bias", L(q_bias), false, true, D_WIDTH, D_WIDTH },
	{ "attention.self.key.bias", L(k_bias), false, true, D_WIDTH, D_WIDTH },
	{ "attention.self.value.bias", L(v_bias), false, true, D_WIDTH, D_WIDTH },
	{ "attention.output.dense.bias", L(o_bias), false, true, D_WIDTH, D_WIDTH },
	{ "intermediate.dense.bias", L(up_bias), false, true, D_WIDTH, D_INNER },
	{ "output.dense.bias", L(down_bias), false, true, D_WIDTH, D_WIDTH },
	{ "attention.output.LayerNorm.weight", L(attention_norm), false, true, D_WIDTH, D_WIDTH },
	{ "attention.output.LayerNorm.bias", L(attention_norm_bias), false, true, D_WIDTH, D_WIDTH },
	{ "output.LayerNorm.weight", L(output_norm), false, true, D_WIDTH, D_WIDTH },
	{ "output.LayerNorm.bias", L(output_norm_bias), false, true, D_WIDTH, D_WIDTH },
};

#define OUTER_N (sizeof(outer) / sizeof(outer[0]))
#define INNER_N (sizeof(inner) / sizeof(inner[0]))

static uint32_t
size_of(const struct encoder_info *info, enum dim d)
{
	switch (d) {
	case D_VOCAB:
		return info->vocab;
	case D_POSITIONS:
		return info->positions;
	case D_TYPES:
		return info->types;
	case D_WIDTH:
		return info->width;
	case D_INNER:
		return info->inner;
	}
	NEVER("a dimension of no kind");
}

static struct encoder_part
part_of(const struct part_kind *k, const struct encoder_info *info, void *base, struct str name)
{
	void *field = (char *)base + k->at;
	struct encoder_part p = { .name = name, .flat = k->flat, .cols = size_of(info, k->cols) };

	p.rows = k->flat ? 1 : size_of(info, k->rows);
	if (k->matrix)
		p.matrix = field;
	else
		p.floats = field;
	return p;
}

const struct encoder_part *
encoder_parts(struct arena *a, struct encoder_weights *w, size_t *n)
{
	struct encoder_part *out = arena_array(a, struct encoder_part, OUTER_N + INNER_N * w->info.layers);
	size_t at = 0;

	CHECK(w->info.layers <= ENCODER_LAYERS_MAX);
	for (size_t i = 0; i < OUTER_N; i++)
		out[at++] = part_of(&outer[i], &w->info, w, str_from(outer[i].name));
	for (uint32_t l = 0; l < w->info.layers; l++)
		for (size_t i = 0; i < INNER_N; i++)
			out[at++] = part_of(&inner[i], &w->info, &w->layer[l],
			    str_fmt(a, "encoder.layer.%u.%s", l, inner[i].name));
	*n = at;
	return out;
}
