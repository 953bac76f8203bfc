/* SPDX-License-Identifier: Apache-2.0 */
/* dense.h - a linear model over a sentence's vector.
 *
 * Softmax regression with an L2 penalty over centred and scaled vectors, by L-BFGS
 * (Nocedal 1980) started from the inverse of the covariance, converged: an
 * under-converged regression costs a point.  Lives in the arena it is trained or
 * loaded into; immutable afterwards; thread-safe.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct bytes_reader;

struct dense_scale {		/* of all known texts */
	size_t width;
	float *mean, *inverse;	/* 1 / standard deviation */
};

struct dense {
	size_t classes, padded, width;
	const float *weight;	/* width x padded, of scaled vectors */
	const float *bias;	/* padded */
};

struct dense_point {
	const float *x;		/* scaled, width floats */
	int class;		/* 0.. */
	float weight;		/* 0: not used */
};

/* x: n rows of `width`. */
void dense_scale_of(struct arena *a, const float *x, size_t n, size_t width, struct dense_scale *out);
void dense_scale_apply(const struct dense_scale *s, const float *x, float *out);

struct dense_options {
	float l2;		/* per unit of weight: the penalty is l2 / 2 * |w|^2 */
	float tolerance;	/* largest gradient entry, a point; 1e-5 */
	unsigned steps_max;
	const struct dense *from;	/* start here; NULL: from zero */
};
/* Points with weight 0 are left out. out lives in a. */
void dense_train(struct arena *a, struct arena *scratch, const struct dense_point *v, size_t n,
    size_t classes, size_t width, const struct dense_options *o, struct dense *out);
/* logit: d->padded floats. */
void dense_score(const struct dense *d, const float *x, float *logit);
void dense_save(const struct dense *d, struct buf *out);
void dense_load(struct arena *a, struct bytes_reader *r, size_t classes, size_t width, struct dense *out);
