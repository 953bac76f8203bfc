/* SPDX-License-Identifier: Apache-2.0 */
/* draft.h - a draft of the intents and their examples: put over the live policy, and published.
 *
 * A change that no longer applies (somebody published the same by hand, the intent is
 * gone) does nothing and is said to be so.
 */
#pragma once

#include "engine/published.h"
#include "model/draft.h"

/* The policy with the draft's intents, names and examples: everything else is base's, which must outlive
 * *out. New intents come last, deleted ones are left out: an index is of one of the two. applies: n of them,
 * in the arena. */
void draft_policy(struct arena *a, const struct policy *base, const struct draft_change *v, size_t n,
    struct policy *out, bool **applies);

/* The id of a new intent of that name: its letters, and a number where that is taken. In the arena. */
struct str draft_intent_id(struct arena *a, const struct policy *drafted, struct str name);
/* Where a rule names the intent, "policy/rules.yaml:12" (such a one is not deleted); empty: nowhere. In the arena. */
struct str draft_intent_named(struct arena *a, const struct policy *p, struct str intent);
/* Whether the change would do anything. E_NOTFOUND, E_CONFLICT, E_INVALID say why not. */
enum err draft_check(struct arena *a, const struct policy *drafted, const struct draft_change *c,
    struct fault *f) NODISCARD;

/* Writes the changes into policy/intents.yaml of the workspace and publishes: the folder's
 * sources must be those of `live`, else E_CONFLICT names the file.  The file is replaced in
 * one step, and put back when publishing fails.  Trains and waits for the writer: not for
 * the pools of turns. */
struct embedder;
struct draft_publishing {
	struct writer *writer;
	struct db_readers *readers;
	struct embedder *embedder;	/* NULL: sparse only */
	size_t past_max;		/* as in publish_spec */
	const char *workspace;
	const struct published *live;
	const struct draft_change *v;
	size_t n;
	struct str by;
	int64_t now_us;
};
enum err draft_publish(struct arena *a, const struct draft_publishing *p, struct publish_result *out,
    struct fault *f) NODISCARD;
