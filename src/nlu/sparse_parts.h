/* SPDX-License-Identifier: Apache-2.0 */
/* sparse_parts.h - the inside of a sparse model: shared by training and use. */
#pragma once

#include "nlu/grams.h"
#include "nlu/sparse.h"
#include "nlu/wide.h"

#define SPARSE_LANES 16u	/* classes are padded to a multiple: loops without a rest */
#define SPARSE_CLASSES_MAX 65536u

struct sparse {
	size_t classes, stride, features, slots;
	const uint32_t *key;	/* features, ascending: pieces of words last */
	const float *gain;	/* features: what one is worth in a text */
	const float *scale;	/* features: of the row */
	const int8_t *row;	/* features x stride */
	const float *bias;	/* stride */
	float gain_unseen;	/* of a feature that training has not seen */
	uint32_t *table;	/* slots: index + 1 into features, 0 = free */
};

void sparse_build_table(struct arena *a, struct sparse *m);
/* Index of the feature, or UINT32_MAX. */
uint32_t sparse_find(const struct sparse *m, uint32_t key);
