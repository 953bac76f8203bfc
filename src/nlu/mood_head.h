/* SPDX-License-Identifier: Apache-2.0 */
/* mood_head.h - moods of a message from its vector, beside the words.
 *
 * A linear head an encoder, learned on the vectors that it gives to GoEmotions together with what
 * nlu/mood_model.h says of the words (tools/train_senses; docs/PROVENANCE.md).  Its logits are in the
 * words' units: as many comments of the training set are above one as with words alone, so the same
 * limits hold.  An encoder that is not in the list has no head: words alone.  Pure, thread-safe.
 */
#pragma once

#include "nlu/mood_model.h"

struct mood_head {
	const char *encoder;	/* SHA-256 of its weights: the source of vec/encoder_file.h */
	unsigned width;
	/* Of an output: its bias, the step of its weights, and what each of the words' logits counts. */
	float bias[MOOD_MODEL_OUTPUTS], step[MOOD_MODEL_OUTPUTS];
	float words[MOOD_MODEL_OUTPUTS][MOOD_MODEL_OUTPUTS];
	const signed char *weight;	/* outputs x width, in steps */
};

/* NULL: none. */
const struct mood_head *mood_head_of(struct str encoder, size_t width);
/* logit: in, of the words; out, of both. */
void mood_head_score(const struct mood_head *h, const float *x, float logit[MOOD_MODEL_OUTPUTS]);
