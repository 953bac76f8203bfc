/* SPDX-License-Identifier: Apache-2.0 */
/* transition.h - who may hold a conversation after what (ENGINE §3).
 *
 * Pure.  Of the sixteen pairs of holder and status only these exist: a
 * conversation that is resolved has no holder, and the other way round.
 */
#pragma once

#include "base/buf.h"
#include "model/event.h"

enum transition_guard { GUARD_ALWAYS, GUARD_FIRST, GUARD_BY_HOLDER, GUARD_BY_AGENT };

struct transition_facts {
	bool first;		/* the record is empty */
	bool by_agent;		/* the actor is an agent */
	bool by_holder;		/* the actor is the agent who has it */
};

struct transition {
	enum event_kind kind;
	unsigned holders, statuses;	/* masks of 1 << value */
	enum transition_guard guard;
	int holder, status;		/* TO_SAME, TO_ACTOR, or the value */
	const char *reason;
};
#define TO_SAME (-1)
#define TO_ACTOR (-2)

extern const struct transition transitions[];
extern const size_t transitions_n;

/* The row that allows it; NULL: refused. */
const struct transition *transition_find(enum event_kind kind, enum holder h, enum conv_status s,
    struct transition_facts facts);
const char *holder_name(enum holder h);
const char *conv_status_name(enum conv_status s);
/* The table of docs/EVENTS.md. */
void transition_markdown(struct buf *out);
