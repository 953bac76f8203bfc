/* SPDX-License-Identifier: Apache-2.0 */
/* fit.h - logistic regressions over keyed features, pruned and quantised (src/nlu/linear.h).
 *
 * Not part of the program.  Deterministic.  Memory is never given back: a tool ends.
 */
#pragma once

#include "nlu/linear.h"

struct fit_sample {
	const uint32_t *keys;
	size_t n;
	float target[LINEAR_OUTPUTS];	/* 0..1 */
	float weight;
	int fold;			/* left out when fit for this fold */
};

struct fit_options {
	unsigned outputs, bits;
	int passes;
	float rate, decay;		/* AdaGrad's rate; of the weights, a step */
	float drop;			/* so many of a sample's keys are unseen in a pass */
	unsigned least;			/* keys in fewer samples are not looked at */
	int leave_out;			/* a fold, or -1 */
};

/* In malloc'ed memory. */
struct linear fit_linear(const struct fit_sample *v, size_t n, const struct fit_options *o);
/* The form of struct linear's comment, behind u32 bits and u32 outputs, little endian. */
bool fit_write(const struct linear *m, const char *path);
/* Area under the ROC curve of score over positive[]; and half of its 95 % interval (Hanley-McNeil). */
double fit_auroc(const float *score, const bool *positive, size_t n, double *half);
