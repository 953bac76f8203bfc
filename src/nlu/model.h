/* SPDX-License-Identifier: Apache-2.0 */
/* model.h - a policy's intents as a classifier, with its promises; saved as bytes.
 *
 * What nlu/classifier.h makes of the policy's examples, names and descriptions, and of
 * past messages without labels if there are any; beside it the compiled entity
 * patterns and, a risk class, the confidence from which on the promised error is
 * kept (nlu/promise.h).  Deterministic: the same policy (and encoder and history)
 * gives the same bytes.  The bytes start with a magic, a format version and the
 * policy's hash and end with a SHA-256; a damaged model is refused by name
 * (E_INVALID), never half used.
 * Shared by reference count; immutable; thread-safe to use.
 */
#pragma once

#include "facts/policy.h"

struct buf;
struct embedder;
struct model;

struct model_how {
	struct embedder *embedder;	/* NULL: words only */
	const struct str *history;	/* past messages of customers, masked (nlu/mask.h); used with an encoder only */
	size_t history_n;
	uint64_t seed;		/* 0: 1, as publishing has it */
	const int *fold;	/* of the examples in their order (nlu/classifier.h); NULL: drawn */
	bool hurry;		/* a first look: several times faster, up to a point worse */
	bool history_helps;	/* known from before: learn from it untried, in half the time */
	/* What is being done and how far, 0..1; may be NULL. */
	void (*progress)(void *arg, const char *stage, double share);
	void *arg;
};

/* No intents at all is not an error: a model that knows nothing. how NULL: words only.
 * `out` gets a reference; the embedder must outlive the model. */
enum err model_train(const struct policy *p, const struct model_how *how, struct model **out,
    struct fault *f) NODISCARD;
void model_save(const struct model *m, struct buf *out);
/* embedder: the one that is there now, or NULL. Another than the model was trained with: the
 * words answer alone. */
enum err model_load(const struct policy *p, struct embedder *embedder, struct str bytes, struct model **out,
    struct fault *f) NODISCARD;
struct model *model_ref(struct model *m);
void model_unref(struct model **m);

/* What it stands on: reasons, held-out predictions. NULL: there are no intents. Lives as long as m. */
struct classifier;
const struct classifier *model_classifier(const struct model *m);
/* How many past messages it learned from, and their SHA-256 in hex (in the arena; empty: none). None
 * also where held-out examples were read worse with them: a history about something else. */
size_t model_history(const struct model *m, struct arena *a, struct str *sum);
/* Source of the encoder it was trained with; empty: none. Lives as long as m. */
struct str model_encoder(const struct model *m);
/* Whether it was trained with an encoder, and is asked with it. */
bool model_uses_encoder(const struct model *m);
