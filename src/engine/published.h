/* SPDX-License-Identifier: Apache-2.0 */
/* published.h - one published version, ready to run: policy, model, article statistics.
 *
 * Immutable, shared by reference count, thread-safe to use.
 */
#pragma once

#include "engine/policy_load.h"
#include "model/library.h"
#include "model/passages.h"
#include "nlu/model.h"

struct kb_doc;
struct embedder;
struct kb_stats;
struct db_readers;
struct writer;
struct rand;
struct clock;

struct published {
	unsigned magic;
	_Atomic unsigned refs;
	struct policy_snapshot *snap;
	const struct policy *policy;	/* snap->policy */
	struct model *model;
	struct fault unfit;		/* why the stored model was not taken; E_OK: it was */
	uint8_t refused[32];		/* SHA-256 of the stored one, if it was not taken */
	struct policy_past past;	/* and what the one in its place learned from */
	struct arena *arena;		/* kb's and passages' */
	struct kb_stats *kb;
	struct passage_index *passages;	/* NULL: too many, FTS5 is asked */
	const struct kb_doc **docs;	/* kb's of each of the index's passages */
};

struct published *published_ref(struct published *p);
void published_unref(struct published **p);

/* From the store: the live one (hash empty) or a named one. embedder: what its model is asked
 * with, and must outlive it; NULL: words alone.  A model that cannot be used (an older format, a damaged
 * row) is trained again, from the past messages that it was trained with; the log says why, and
 * whether they are still the same. */
enum err published_read(struct db *db, struct embedder *embedder, struct str hash, struct published **out,
    struct fault *f) NODISCARD;

/* Publishing: checks, trains, stores, makes live.  Every mistake goes to
 * complaints.  Runs on the caller's thread (training takes about 0.3 ms an
 * example), waits for the writer: not for jobs. */
struct publish_spec {
	struct writer *writer;
	struct db_readers *readers;	/* for past messages; NULL: none are learned from */
	struct embedder *embedder;	/* NULL: words alone, and no past messages */
	size_t past_max;		/* nlu.history_messages */
	const struct policy_source *v;
	size_t n;
	struct str by;
	int64_t now_us;
};
struct publish_result {
	struct str hash;	/* in the arena given */
	size_t intents, examples, articles;
	size_t past;		/* messages without labels that were learned from */
	size_t past_left;	/* that were read, but made it worse and were left out */
};
enum err publish_sources(const struct publish_spec *spec, struct complaints *c, struct arena *a,
    struct publish_result *out, struct fault *f) NODISCARD;
