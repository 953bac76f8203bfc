/* SPDX-License-Identifier: Apache-2.0 */
/* policy_load.h - a workspace's sources to a policy that can run, or to the list of its mistakes.
 *
 * Sources are (name, bytes) pairs, so that a folder and the store read alike;
 * names are relative to the workspace: "policy/rules.yaml", "articles/x.md".
 * Files other than policy/<known>.yaml and articles/<name>.md are ignored, except an
 * unknown policy/<name>.yaml, which is a mistake.  A policy with any mistake is
 * not built.  The snapshot is immutable, has an arena of its own and is shared
 * by reference count; thread-safe to use.
 */
#pragma once

#include "base/complaints.h"
#include "facts/article.h"
#include "facts/policy.h"

struct zone;

#define POLICY_SNAPSHOT_MAGIC 0x9011c7e5u
#define POLICY_SOURCES_MAX 2000
#define POLICY_ARENA_MAX ((size_t)64 << 20)
#define POLICY_ID_BYTES 32
#define POLICY_INTENTS_MAX 200
#define POLICY_EXAMPLES_MAX 1000	/* of an intent */
#define POLICY_EXAMPLE_BYTES 1000
#define POLICY_INTENT_NAME_BYTES 100
#define POLICY_DESCRIPTION_BYTES 500

struct policy_source {
	struct str name, bytes;
};

struct policy_snapshot {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;
	const struct policy *policy;
	const struct zone *const *zones;	/* one for each inbox */
	const struct article_source *articles;
	size_t articles_n;
};

/* E_CONFIG when there are complaints (f says how many and the first), else the
 * snapshot with one reference. The sources may go afterwards. */
enum err policy_load(const struct policy_source *v, size_t n, struct complaints *c,
    struct policy_snapshot **out, struct fault *f) NODISCARD;

/* Reads policy/<x>.yaml and articles/<x>.md under dir, sorted by name; each file at
 * most 1 MB. E_CONFIG names a folder that cannot be read. */
enum err policy_read_dir(const char *dir, struct arena *a, struct policy_source **out, size_t *n,
    struct fault *f) NODISCARD;
/* Both: for `baton check`. */
enum err policy_load_dir(const char *dir, struct complaints *c, struct policy_snapshot **out,
    struct fault *f) NODISCARD;

struct policy_snapshot *policy_snapshot_ref(struct policy_snapshot *p);
void policy_snapshot_unref(struct policy_snapshot **p);

/* 64 hex characters: SHA-256 over the sorted (length, name, length, bytes). */
struct str policy_hash(const struct policy_source *v, size_t n, struct arena *a);
