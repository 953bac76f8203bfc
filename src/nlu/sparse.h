/* SPDX-License-Identifier: Apache-2.0 */
/* sparse.h - a linear model over hashed word 1-2-grams, character 2-5-grams and concepts.
 *
 * Softmax regression, deterministic from the seed.  Knows nothing of policies:
 * classes are numbers.  Lives in the arena it is trained or loaded into;
 * immutable afterwards; thread-safe.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

struct buf;
struct bytes_reader;
struct sparse;

struct sparse_text {		/* words as nlu/model_words makes them */
	const struct str *words;
	size_t n;
	int class;		/* 0.. */
	float weight;		/* of the text in training; 1 = one example */
};

struct sparse_sight {		/* what the words themselves tell, besides the logits */
	float known;		/* share of the features' weight that training has seen, 0..1 */
	float words_known;	/* share of the words, 0..1 */
	float content_known;	/* share of those that mean something by themselves, 0..1 */
	float content;		/* how many of those are known, three count as all: 0..1 */
};

/* skip[i] true: text i is left out (a fold); NULL: all are used. The features are those of
 * all texts that are used. orders: models from so many orders of the texts are averaged, 0: as
 * many as pay. */
enum err sparse_train(struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n,
    const bool *skip, size_t classes, uint64_t seed, size_t orders, struct sparse **out,
    struct fault *f) NODISCARD;
/* pieces: what the pieces of words add to each logit, or NULL. Both are `classes` floats. */
void sparse_score(const struct sparse *m, struct arena *a, const struct str *words, size_t n,
    float *logit, float *pieces, struct sparse_sight *sight);
/* How much each word pulled towards the class, in logits; for "why". */
void sparse_pull(const struct sparse *m, struct arena *a, const struct str *words, size_t n, int class,
    float *pull);
void sparse_save(const struct sparse *m, struct buf *out);
enum err sparse_load(struct arena *a, struct bytes_reader *r, struct sparse **out, struct fault *f) NODISCARD;
