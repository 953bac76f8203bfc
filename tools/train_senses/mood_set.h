/* SPDX-License-Identifier: Apache-2.0 */
/* mood_set.h - GoEmotions as samples: keys of nlu/mood_model.h, labels, what they aim at. */
#pragma once

#include "fit.h"

#define MOOD_SET_LABELS 28
enum {
	ADMIRATION, AMUSEMENT, ANGER, ANNOYANCE, APPROVAL, CARING, CONFUSION, CURIOSITY, DESIRE, DISAPPOINTMENT,
	DISAPPROVAL, DISGUST, EMBARRASSMENT, EXCITEMENT, FEAR, GRATITUDE, GRIEF, JOY, LOVE, NERVOUSNESS, OPTIMISM,
	PRIDE, REALIZATION, RELIEF, REMORSE, SADNESS, SURPRISE, NEUTRAL
};
#define BIT(l) (UINT32_C(1) << (l))
#define FAMILY (BIT(ANGER) | BIT(ANNOYANCE) | BIT(DISAPPOINTMENT))
#define POSITIVE (BIT(ADMIRATION) | BIT(AMUSEMENT) | BIT(APPROVAL) | BIT(CARING) | BIT(DESIRE) | BIT(EXCITEMENT) | \
    BIT(GRATITUDE) | BIT(JOY) | BIT(LOVE) | BIT(OPTIMISM) | BIT(PRIDE) | BIT(RELIEF))
#define NEGATIVE (FAMILY | BIT(DISAPPROVAL) | BIT(DISGUST) | BIT(EMBARRASSMENT) | BIT(FEAR) | BIT(GRIEF) | \
    BIT(NERVOUSNESS) | BIT(REMORSE) | BIT(SADNESS))

struct mood_set {
	struct fit_sample *v;
	uint32_t *labels;
	struct str *text;
	size_t n;
};

/* Of FOLDER/FILE: text, labels, id; exits if there is none.  Samples are in fold i % 5. */
struct mood_set mood_set_read(const char *folder, const char *file);
/* How the words' table is fitted. */
extern const struct fit_options mood_set_options;
