/* SPDX-License-Identifier: Apache-2.0 */
/* model_parts.h - the inside of a model: shared by training, saving and use. */
#pragma once

#include "nlu/classifier_parts.h"
#include "nlu/model.h"
#include "nlu/senses.h"
#include "nlu/slips.h"
#include "nlu/words.h"

#define MODEL_MAGIC 0x4d4f444cu
#define FEATURES_MAX 4096	/* of one text */
#define CUES 5			/* what `unknown` is reckoned from */

struct model {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;	/* owns all below and the model */
	struct str policy_hash;
	size_t intents, features, slots;	/* slots: of the hash table, a power of two */
	const uint32_t *key;	/* features: sorted hashes */
	const float *idf;	/* features */
	const float *weight;	/* features x intents */
	const float *bias;	/* intents */
	float temperature;
	float unknown[CUES];
	uint32_t *table;	/* slots: index + 1 into features, 0 = free */
	struct vocab vocab;
	const struct patterns *patterns;
};

struct feature {
	uint32_t key;
	float v;
};
/* Hashed word 1-2-grams, character 2-5-grams, concepts and pairs of them; at most FEATURES_MAX. */
size_t features_of(const struct str *words, size_t n, struct feature *out);

void model_build_table(struct model *m);
/* Index of the feature, or UINT32_MAX. */
uint32_t model_lookup(const struct model *m, uint32_t key);
/* Logits (m->intents of them) and the cues for `unknown`. */
void model_score(const struct model *m, const struct str *words, size_t n, struct arena *a, float *logit,
    float cues[CUES]);
int32_t model_unknown(const struct model *m, const float cues[CUES]);
/* Ranked, at most 5. */
size_t model_rank(const struct model *m, const float *logit, struct intent_score out[5]);
