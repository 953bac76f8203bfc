/* SPDX-License-Identifier: Apache-2.0 */
/* mood_head.c - the heads that come with the program, and their sum. */
#include "nlu/mood_head.h"

#include <string.h>

#include "nlu/mood_bge.inc"	/* mood_bge */
#include "nlu/mood_minilm.inc"	/* mood_minilm */

static const struct mood_head *const heads[] = { &mood_minilm, &mood_bge };

const struct mood_head *
mood_head_of(struct str encoder, size_t width)
{
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (heads[i]->width == width && str_eqz(encoder, heads[i]->encoder))
			return heads[i];
	return NULL;
}

void
mood_head_score(const struct mood_head *h, const float *x, float logit[MOOD_MODEL_OUTPUTS])
{
	float out[MOOD_MODEL_OUTPUTS];

	for (size_t o = 0; o < MOOD_MODEL_OUTPUTS; o++) {
		const signed char *w = h->weight + o * h->width;
		float sum = 0;

		for (size_t j = 0; j < h->width; j++)
			sum += x[j] * (float)w[j];
		out[o] = sum * h->step[o] + h->bias[o];
		for (size_t k = 0; k < MOOD_MODEL_OUTPUTS; k++)
			out[o] += logit[k] * h->words[o][k];
	}
	memcpy(logit, out, sizeof(out));
}
