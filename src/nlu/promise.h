/* SPDX-License-Identifier: Apache-2.0 */
/* promise.h - "at most this share wrong, with 95 % confidence": the threshold that keeps it.
 *
 * The selective error above a threshold is bounded from above by Clopper and
 * Pearson (1934); delta = .05 is corrected for the thresholds tried (ENGINE.md 9).
 * Pure, thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct evidence {		/* one held-out prediction */
	double confidence;	/* higher is surer */
	bool right;
};
struct promise {
	double error;		/* what was asked for, e.g. .02 */
	bool enough;		/* false: not enough evidence, accept nothing on this promise */
	double threshold;	/* accept confidence >= threshold */
	double coverage;	/* share of the evidence that is accepted, 0..1 */
	size_t accepted, wrong;	/* evidence behind it */
	double bound;		/* the upper bound at the threshold */
};

/* Sorts v. delta: .05 for "95 % confidence". */
struct promise promise_make(struct evidence *v, size_t n, double error, double delta);
/* Upper bound of the error's rate when `wrong` of `n` were, at confidence 1 - delta. */
double clopper_pearson_upper(size_t wrong, size_t n, double delta);
