/* SPDX-License-Identifier: Apache-2.0 */
/* mood_model.h - the learned part of moods: what its table answers, and from what.
 *
 * English, learned on GoEmotions (docs/PROVENANCE.md); other languages and what
 * only customers say are nlu/phrases.txt's.  Pure, thread-safe.
 */
#pragma once

#include "nlu/linear.h"

enum mood_model {
	MOOD_MODEL_ANGER, MOOD_MODEL_ANNOYANCE, MOOD_MODEL_DISAPPOINTMENT, MOOD_MODEL_CONFUSION,
	MOOD_MODEL_GRATITUDE,
	MOOD_MODEL_FAMILY,	/* any of the first three */
	MOOD_MODEL_SENTIMENT,	/* 0: negative, 1: positive */
	MOOD_MODEL_OUTPUTS
};

/* Of normalised words and the raw text; the trainer's keys are the same. */
size_t mood_model_keys(const struct str *words, size_t n, struct str raw, uint32_t *keys, size_t max);
/* Logits. */
void mood_model_score(const struct str *words, size_t n, struct str raw, float logit[MOOD_MODEL_OUTPUTS]);
