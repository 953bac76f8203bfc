/* SPDX-License-Identifier: Apache-2.0 */
/* record_fold.h - from a conversation's events to what decide() needs to know.
 *
 * A pure function of the record: the situation as it was when the open turn
 * began, what the open turn has understood, decided and learned so far, and the
 * history before the unanswered messages.  What lies outside the record (now,
 * hours, queue, contact) is left zero.  Everything lives in the arena.
 *
 * A decision recorded under a policy that has since lost the reply, workflow or
 * connector it names cannot be read back: it is skipped, and a workflow it left
 * running counts as ended (the customer is simply asked anew).
 */
#pragma once

#include "facts/decision.h"
#include "facts/history.h"
#include "model/event.h"

struct pending_effect {
	bool present;
	int step;
	struct str connector, action;	/* ids */
	const struct slot *params;
	size_t params_n;
};

/* What the card tells: each thing that was tried. */
struct tried {
	bool ok;
	struct str text;
	int64_t at_us;
};

struct folded {
	struct situation s;
	struct history history;
	const struct str *own;		/* all texts of the customer, for the gate */
	size_t own_n;
	/* the open turn */
	int64_t turn;			/* last started, open or not */
	bool turn_open;
	int attempts;
	int32_t turn_basis;
	bool understood;
	struct perception now;		/* valid when understood */
	struct outcome *outcomes;	/* room for DECIDE_STEPS_MAX + 2 */
	size_t outcomes_n;
	int steps;			/* decisions of the open turn so far */
	struct pending_effect effect;	/* requested and not done */
	/* the whole conversation, for the card */
	bool understood_ever;
	struct perception last;		/* the newest perception */
	const struct tried *tried;
	size_t tried_n;
	int32_t customer_messages;
	int64_t first_us, last_customer_us;
	struct str first_text;
	struct str way_back;
	struct str pinned;		/* policy hash under which the running workflow began; empty = none runs */
	int64_t handed_over_us;		/* of the last hand-over, 0 = never */
	int open_after_agent;		/* customer messages since an agent last spoke */
};

enum err fold_events(const struct policy *p, int inbox, const struct event *v, size_t n,
    struct arena *a, struct folded *out, struct fault *f) NODISCARD;

/* The first thing in which two differ, or NULL: for tests, and for builds that
 * compare what they remember with the record. */
const char *folded_difference(const struct folded *x, const struct folded *y);

/* The same, kept: a fold that goes on where it stopped. It lives in the arena
 * given to fold_new, with all it holds; one owner at a time. */
struct fold;
struct fold *fold_new(const struct policy *p, int inbox, struct arena *a);
/* The next events. tmp: holds the parsed bodies until it is reset; it is not
 * allocated from, so its ceiling is never reached here. */
enum err fold_more(struct fold *g, const struct event *v, size_t n, struct arena *tmp,
    struct fault *f) NODISCARD;
/* What holds now: in a, with views of the fold, good until it goes on. */
void fold_now(struct fold *g, struct arena *a, struct folded *out);
/* A copy without what was left behind; no turn may be open. */
bool fold_turn_open(const struct fold *g);
struct fold *fold_copy(const struct fold *g, struct arena *a);
