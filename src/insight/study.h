/* SPDX-License-Identifier: Apache-2.0 */
/* study.h - a policy's intents, learned and looked at: what the page *Understanding* shows.
 *
 * The live policy's, or a draft's: the model that reads messages, the classifier behind it
 * with its held-out predictions, and what is wrong with the examples.  Immutable, shared
 * by reference count, thread-safe.  It keeps the version it was made from alive.
 */
#pragma once

#include "engine/draft.h"
#include "engine/past.h"
#include "insight/eval/health.h"

#define STUDY_MAGIC 0x57d1e5u

/* An example that was held out while the rest was learned. */
struct study_example {
	int intent;		/* index into policy->intents */
	struct str text;
	bool held;		/* false: of very large sets, some are not tried */
	bool right;
	int best;		/* what it was taken for */
	int32_t p_ppm;		/* of best */
	int fold;		/* -1: not known */
};
struct study_near {
	const struct study_example *example;
	int32_t similar_ppm;
};
struct study_intent {
	size_t from, n;		/* its examples */
	size_t held, right;	/* of its own: recall */
	size_t said;		/* how often it was the answer: precision is right of said */
};
struct study_confusion {
	int truth, taken;
	size_t n;
};

struct study {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;
	struct published *base;
	struct str version;	/* of the draft's changes; empty: the live policy's */
	struct policy policy;	/* base's with the draft's examples */
	const struct draft_change *changes;
	const bool *applies;
	size_t changes_n;
	struct model *model;
	const struct classifier *classifier;	/* NULL: there are no intents */
	struct training training;
	const struct study_example *example;	/* by intent; as training.v */
	size_t example_n;
	const struct study_words *words;	/* of each example; NULL: too many */
	const struct study_intent *intent;	/* policy.intents_n */
	const struct study_confusion *confusion;	/* most first */
	size_t confusion_n;
	size_t held, right;
	int32_t off_ppm;	/* by how much probabilities are off (ECE, equal mass) */
	struct health health;
	int64_t took_us;	/* training; 0: it was there */
	bool rough;		/* learned in a hurry: a better one is under way */
	size_t past, past_left;	/* messages without labels learned from; left out of a first look */
};

/* Of the changes' ids: another after every change. */
struct str draft_version(struct arena *a, const struct draft_change *v, size_t n);
struct study_spec {
	struct published *base;		/* borrowed, and referenced by the study */
	struct embedder *embedder;	/* NULL: words alone; outlives the study */
	/* Whose folds the examples of both keep, so that a comparison is not one of two draws; may
	 * be NULL. */
	const struct study *live;
	bool hurry;			/* a first look; past messages help, as the caller knows */
	const struct past *past;	/* as publishing would learn from; NULL: none */
	size_t past_left;		/* for a first look they were too many */
	const struct draft_change *v;	/* n 0: the live policy itself */
	size_t n;
};
/* The live policy's study asks the model that answers, and what its folds said is kept in it. A
 * draft's is trained: for a polite pool. */
enum err study_new(const struct study_spec *spec, struct study **out, struct fault *f) NODISCARD;
struct study *study_ref(struct study *s);
void study_unref(struct study **s);

/* The examples nearest to a text, nearest first, at most NEAREST_MAX: by meaning with an
 * encoder, else by words. */
size_t study_nearest(const struct study *s, struct str text, struct arena *a,
    struct study_near out[NEAREST_MAX], bool *by_meaning);

/* What the draft does to the examples that both have. */
struct study_moved {
	const struct study_example *was, *is;
};
struct study_compare {
	const struct study_moved *better, *worse;	/* in `a` */
	size_t better_n, worse_n;
	double chance;		/* McNemar: how probable so much is if both were equally good */
};
void study_compare(struct arena *a, const struct study *live, const struct study *draft,
    struct study_compare *out);
