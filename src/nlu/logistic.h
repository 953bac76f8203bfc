/* SPDX-License-Identifier: Apache-2.0 */
/* logistic.h - a small logistic regression: a few cues, a ridge, Newton's steps.
 *
 * Cues are centred and scaled inside.  Deterministic, pure but for the arena, thread-safe.
 */
#pragma once

#include "base/arena.h"

#define LOGISTIC_CUES_MAX 24

struct logistic {
	size_t n;			/* cues; 0: nothing was learned, the answer is `prior` */
	float prior;
	float mean[LOGISTIC_CUES_MAX], scale[LOGISTIC_CUES_MAX], weight[LOGISTIC_CUES_MAX + 1];
};

/* cue: rows x n; yes[i] in 0..1; weight[i] >= 0. sign[k]: +1 or -1 holds the weight of cue k to
 * that side, 0 leaves it free; sign may be NULL. */
void logistic_fit(struct arena *scratch, const float *cue, const float *yes, const float *weight, size_t rows,
    size_t n, float ridge, const int *sign, struct logistic *out);
double logistic_of(const struct logistic *l, const float *cue);
