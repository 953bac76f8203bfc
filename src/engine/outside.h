/* SPDX-License-Identifier: Apache-2.0 */
/* outside.h - what a turn needs that is in no conversation's record: the hours, the queue.
 *
 * Both hold for a while: opening hours until they open or close, the length of a
 * queue until a conversation enters or leaves one.  So they are remembered until
 * then, and a turn that is answered from memory need not ask the store.  What is
 * answered is what the store and the clock say, never an estimate.
 *
 * At most 64 inboxes are remembered; another is asked for each time.  Thread-safe.
 */
#pragma once

#include "model/event.h"
#include "rules/hours.h"
#include "store/db.h"

struct outside;

struct outside *outside_new(void);
void outside_free(struct outside **o);

/* hours_at() of an inbox of the policy with this hash. */
struct hours_verdict outside_hours(struct outside *o, struct str policy_hash, int inbox, const struct hours *h,
    const struct zone *z, int64_t now_us);

/* The changes of queues so far. */
uint64_t outside_changes(struct outside *o);
/* How many wait in the inbox's queue; false: not known, outside_count asks the store
 * and remembers.  changes: asked for before db was borrowed, whose state may be as old. */
bool outside_queued(struct outside *o, struct str inbox, int32_t *n);
enum err outside_count(struct outside *o, struct db *db, uint64_t changes, struct str inbox, int32_t *n,
    struct fault *f) NODISCARD;
/* The writer, after each commit: forgets the lengths when b may have changed one. */
void outside_note(struct outside *o, const struct batch *b);
