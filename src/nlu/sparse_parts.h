/* SPDX-License-Identifier: Apache-2.0 */
/* sparse_parts.h - the inside of a sparse model: shared by training and use. */
#pragma once

#include "nlu/grams.h"
#include "nlu/sparse.h"
#include "nlu/wide.h"

#define SPARSE_LANES 16u	/* classes are padded to a multiple: loops without a rest */
#define SPARSE_CLASSES_MAX 65536u

/* A feature: all of it lies side by side, in two lines of the cache where there are not many
 * classes. */
struct sparse_row {
	uint32_t key;
	float gain;		/* what it is worth in a text */
	float scale;		/* of w */
	uint32_t unused;
	int8_t w[];		/* stride */
};

struct sparse {
	size_t classes, stride, features, slots;
	unsigned char *rows;	/* features, by key: pieces of words last */
	size_t row_bytes;
	const float *bias;	/* stride */
	float gain_unseen;	/* of a feature that training has not seen */
	/* Slots: in the bits that tell one slot from another the index + 1 of a feature (0: free), in
	 * those above the key's: of nearly all that is not the key's the row is never read. */
	uint32_t *table;
};

static inline struct sparse_row *
sparse_row(const struct sparse *m, size_t i)
{
	return (struct sparse_row *)(void *)(m->rows + i * m->row_bytes);
}

/* The rows of so many features, empty, in a; and the slots, once all keys are in the rows. */
void sparse_build_rows(struct arena *a, struct sparse *m, size_t features);
void sparse_build_table(struct arena *a, struct sparse *m);
/* Index of the feature, or UINT32_MAX. */
uint32_t sparse_find(const struct sparse *m, uint32_t key);
