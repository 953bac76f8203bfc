/* SPDX-License-Identifier: Apache-2.0 */
/* health.h - what is wrong with a set of examples, each with the examples and what to do.
 *
 * Pure but for the arena.  The out-of-fold predictions of a trained classifier find what
 * no look at the texts alone can: intents that are taken for each other, examples that
 * look misplaced.
 */
#pragma once

#include "base/json.h"
#include "nlu/classifier.h"

#define HEALTH_EXAMPLES_MAX 6
#define HEALTH_PROBLEMS_MAX 200
#define HEALTH_FEW 5		/* fewer examples than that are too few */

enum problem_kind {
	PROBLEM_NO_EXAMPLES,	/* of an intent, or of all */
	PROBLEM_ONE_INTENT,	/* nothing to tell apart */
	PROBLEM_TOO_MANY,	/* more intents than a reader can keep apart */
	PROBLEM_CONTRADICTION,	/* the same text in two intents */
	PROBLEM_SPELLING,	/* one label in two spellings */
	PROBLEM_NEAR_DUPLICATE,	/* the same words in two intents */
	PROBLEM_OVERLAP,	/* two intents that are taken for each other */
	PROBLEM_MISPLACED,	/* an example that reads like another intent's */
	PROBLEM_TEMPLATE,	/* many examples that differ in one word */
	PROBLEM_FEW_EXAMPLES,
	PROBLEM_REPEATED,	/* the same text twice in one intent */
	PROBLEM_N
};
/* "no_examples", "one_intent", ... */
extern const char *const problem_name[PROBLEM_N];

enum problem_weight { PROBLEM_HINT, PROBLEM_WARNING, PROBLEM_ERROR };

struct problem {
	enum problem_kind kind;
	enum problem_weight weight;
	int class, other;	/* -1: none */
	struct str what, fix;	/* sentences */
	uint32_t example[HEALTH_EXAMPLES_MAX];	/* indexes into training.v */
	size_t example_n, n;	/* shown, and in all */
};
struct health {
	const struct problem *v;	/* gravest first */
	size_t n, more;		/* more: found but not kept */
};

/* c NULL: only what the texts say themselves. */
void health_check(struct arena *a, const struct training *t, const struct classifier *c, struct health *out);
/* [{"kind","weight","intent","other","what","fix","n","examples":[{"text","intent"}]}] */
json_t *health_to_json(struct arena *a, const struct training *t, const struct health *h);
