/* SPDX-License-Identifier: Apache-2.0 */
/* draft.h - what administrators want to change in the intents and their examples, not published yet.
 *
 * One draft a desk: a list of changes in the order they were made, each with who and
 * when, applied to whatever policy is live (engine/draft.h).  A table with an audit row
 * a change.
 */
#pragma once

#include "base/fault.h"
#include "base/role.h"
#include "base/str.h"

struct db;

#define DRAFT_CHANGES_MAX 500

/* In the store by number: add at the end. */
enum draft_kind { DRAFT_ADD, DRAFT_REMOVE, DRAFT_MOVE, DRAFT_INTENT, DRAFT_NAME, DRAFT_DESCRIBE, DRAFT_DELETE,
	DRAFT_KIND_N };
/* "add", "remove", "move", "intent", "name", "describe", "delete". */
extern const char *const draft_kind_name[DRAFT_KIND_N];

struct draft_change {
	int64_t id, at_us;
	enum draft_kind kind;
	struct str intent;	/* ADD: gets the text; REMOVE, MOVE: has it; INTENT: the new one's id */
	struct str to;		/* MOVE: gets it; INTENT: the new one's name; else empty */
	struct str text;	/* the example; INTENT, DESCRIBE: the description; NAME: the name; DELETE: it had */
	struct str by;		/* the name of who did it */
};

enum err draft_read(struct db *db, struct arena *a, struct draft_change **out, size_t *n,
    struct fault *f) NODISCARD;
/* c->id gets the new one's. E_TOOBIG past DRAFT_CHANGES_MAX. */
enum err draft_add(struct db *db, struct draft_change *c, struct fault *f) NODISCARD ON_WRITER;
/* E_NOTFOUND: it has gone already. */
enum err draft_undo(struct db *db, int64_t id, struct str by, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
/* Takes away all changes up to `last`; what: "draft.discarded" or "draft.published". */
enum err draft_clear(struct db *db, int64_t last, const char *what, struct str by, int64_t now_us,
    struct fault *f) NODISCARD ON_WRITER;

/* The newest messages of customers, newest first, no text twice; at most max. */
enum err draft_messages(struct db *db, size_t max, struct arena *a, struct str **out, size_t *n,
    struct fault *f) NODISCARD;
