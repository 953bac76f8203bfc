/* SPDX-License-Identifier: Apache-2.0 */
/* transition.c - the table of transition.def as code and as documentation. */
#include "model/transition.h"

#define H_AI (1U << HOLDER_AI)
#define H_QUEUE (1U << HOLDER_QUEUE)
#define H_AGENT (1U << HOLDER_AGENT)
#define H_NONE (1U << HOLDER_NONE)
#define H_LIVE (H_AI | H_QUEUE | H_AGENT)
#define H_ANY (H_LIVE | H_NONE)
#define S_OPEN (1U << CONV_OPEN)
#define S_RESOLVED (1U << CONV_RESOLVED)
#define S_LIVE (S_OPEN | 1U << CONV_WAITING_CUSTOMER | 1U << CONV_SNOOZED)
#define S_ANY (S_LIVE | S_RESOLVED)
#define SAME TO_SAME
#define ACTOR TO_ACTOR

const struct transition transitions[] = {
#define T(kind, holders, statuses, guard, holder, status, reason) \
	{ EV_##kind, holders, statuses, GUARD_##guard, holder, status, reason },
#include "model/transition.def"
#undef T
};
const size_t transitions_n = sizeof(transitions) / sizeof(transitions[0]);

static bool
guard_holds(enum transition_guard g, struct transition_facts f)
{
	switch (g) {
	case GUARD_FIRST:
		return f.first;
	case GUARD_BY_HOLDER:
		return f.by_holder;
	case GUARD_BY_AGENT:
		return f.by_agent;
	case GUARD_ALWAYS:
	default:
		return !f.first;
	}
}

const struct transition *
transition_find(enum event_kind kind, enum holder h, enum conv_status s, struct transition_facts facts)
{
	for (size_t i = 0; i < transitions_n; i++) {
		const struct transition *t = &transitions[i];

		if (t->kind == kind && (t->holders & 1U << h) != 0 && (t->statuses & 1U << s) != 0 &&
		    guard_holds(t->guard, facts))
			return t;
	}
	return NULL;
}

const char *
holder_name(enum holder h)
{
	static const char *const names[] = { "ai", "queue", "agent", "none" };

	CHECK((unsigned)h < 4);
	return names[h];
}

const char *
conv_status_name(enum conv_status s)
{
	static const char *const names[] = { "open", "waiting_customer", "snoozed", "resolved" };

	CHECK((unsigned)s < 4);
	return names[s];
}

static void
add_mask(struct buf *b, unsigned mask, bool holders)
{
	const char *comma = "";

	for (unsigned i = 0; i < 4; i++) {
		if ((mask & 1U << i) == 0)
			continue;
		buf_add_z(b, comma);
		buf_add_z(b, holders ? holder_name((enum holder)i) : conv_status_name((enum conv_status)i));
		comma = ", ";
	}
}

void
transition_markdown(struct buf *b)
{
	static const char *const guards[] = { "", "the record is empty", "by the agent who has it", "by an agent" };

	buf_add_z(b, "| event | holder before | status before | only | holder after | status after | why |\n"
	    "|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < transitions_n; i++) {
		const struct transition *t = &transitions[i];

		buf_fmt(b, "| `%s` | ", event_kind_name(t->kind));
		if (t->holders == H_ANY)
			buf_add_z(b, "any");
		else
			add_mask(b, t->holders, true);
		buf_add_z(b, " | ");
		if (t->statuses == S_ANY)
			buf_add_z(b, "any");
		else if (t->statuses == S_LIVE)
			buf_add_z(b, "not resolved");
		else
			add_mask(b, t->statuses, false);
		buf_fmt(b, " | %s | %s | %s | %s |\n", guards[t->guard],
		    t->holder == TO_SAME ? "same" : t->holder == TO_ACTOR ? "agent (the actor)" :
		    holder_name((enum holder)t->holder),
		    t->status == TO_SAME ? "same" : conv_status_name((enum conv_status)t->status), t->reason);
	}
}
