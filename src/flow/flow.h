/* SPDX-License-Identifier: Apache-2.0 */
/* flow.h - stepping through a workflow: what it wants next. Pure.
 *
 * A workflow never calls anything: it returns what it wants, and finds what
 * came back among the turn's outcomes.  Given the same inputs it walks the same
 * way again, so a turn with several look-ups needs no state in between.
 */
#pragma once

#include "facts/outcome.h"
#include "facts/perception.h"

enum flow_next { FLOW_ASK, FLOW_LOOK_UP, FLOW_ANSWER, FLOW_TOOL_FAILED };

struct flow_wish {
	enum flow_next next;
	int step;		/* where it stands after this; -1 = at its end */
	int reply;		/* ASK, ANSWER */
	struct str slot;	/* ASK */
	int connector, action;	/* LOOK_UP */
	const struct slot *params;
	size_t params_n;
	const struct slot *set;	/* slots filled or (empty value) emptied */
	size_t set_n;
	bool failed_try, identity_failure;
	struct str text;	/* for a person: what it did */
};

/* Slots that this message fills: each entity whose kind some workflow asks
 * for, unless the slot already has that value. */
const struct slot *flow_fills(const struct policy *p, const struct perception *now,
    const struct situation *s, struct arena *a, size_t *n);

/* Is that kind asked for by workflow w? */
bool flow_asks_for(const struct workflow *w, struct str kind);

/* w runs (s->workflow == w: from s->step) or starts here. now may be NULL. */
struct flow_wish flow_walk(const struct policy *p, int w, const struct perception *now,
    const struct situation *s, const struct outcome *outcomes, size_t n, struct arena *a);
