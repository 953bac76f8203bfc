/* SPDX-License-Identifier: Apache-2.0 */
/* model_parts.h - the inside of a model: shared by training, saving and use. */
#pragma once

#include "nlu/classifier.h"
#include "nlu/model.h"
#include "nlu/promise.h"
#include "nlu/senses.h"
#include "nlu/slips.h"
#include "nlu/words.h"

#define MODEL_MAGIC 0x4d4f444cu
#define RISKS (RISK_FORBIDDEN + 1)
#define POLICY_HASH_LEN 64

struct model {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;	/* owns all below and the model */
	struct str policy_hash;
	size_t history_n;	/* past messages that were learned from */
	uint8_t history_sum[32];/* SHA-256 of them */
	struct classifier *classifier;	/* NULL: no intents */
	struct embedder *embedder;	/* borrowed; NULL: words only */
	struct promise promise[RISKS];	/* of the best intent's risk */
	const struct patterns *patterns;
};

/* The words that slips are corrected to; NULL without a model. */
const struct vocab *model_vocab(const struct model *m);
/* mended: the words of the whole text, seen: what was found for them.  Intents (ranked, clauses),
 * unknown, novelty and the promise go into out, whose entities are found.  What the encoder made of the
 * text comes back too: empty where it was not asked. */
struct sentence model_see(const struct model *m, const struct policy *p, struct str text,
    const struct slips *mended, struct slips_seen *seen, struct perception *out, struct arena *a);
