/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_parts.h - the tensors of an encoder as one list, in the order of its file.
 *
 * Reading, writing and importing walk the same list, so that a tensor cannot be
 * forgotten in one of them.  For files of src/vec/ only.
 */
#pragma once

#include "vec/encoder_file.h"

struct encoder_part {
	struct str name;	/* as BERT's checkpoints call it, without any prefix */
	struct matrix *matrix;	/* one of the two is set */
	const float **floats;
	uint32_t rows, cols;
	bool flat;		/* a vector: one dimension in a checkpoint */
};

/* Of the shape in w->info, which was checked.  In the arena. */
const struct encoder_part *encoder_parts(struct arena *a, struct encoder_weights *w, size_t *n);
