/* SPDX-License-Identifier: Apache-2.0 */
/* turn_open.h - what a step of a turn begins with: the conversation, folded, and what
 * lies outside it.
 *
 * Opened anew by each job, closed with its arena.  From memory where that knows the
 * conversation (recall.h), else from the store.
 */
#pragma once

#include "engine/engine_private.h"
#include "engine/recall.h"

struct turn {
	struct engine *e;
	struct arena *a;
	struct db *db;		/* NULL until something asks for it */
	uint64_t changes;	/* of queues, when it did */
	struct published *pub;
	struct recalled *kept;	/* NULL: row and folded are the store's */
	struct conv_row row;
	struct folded folded;
};

/* t is a's, and closed with it. */
enum err turn_open(struct engine *e, struct id conv, struct arena *a, struct turn **out, struct fault *f) NODISCARD;
/* The store as it was when somebody first asked; borrowed until the turn is closed. */
struct db *turn_db(struct turn *t);
