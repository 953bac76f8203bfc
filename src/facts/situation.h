/* SPDX-License-Identifier: Apache-2.0 */
/* situation.h - what is known besides the words, as it was when deciding.
 *
 * Folded from the conversation's events up to basis_seq, plus the little that
 * lies outside them (now, hours, queue, contact), which is recorded with the
 * decision so that a replay reads the same.  Plain data in an arena.
 *
 * It stays the one of the turn's start through all steps of a turn: what the
 * turn's own decisions and look-ups changed, decide() finds again from the
 * outcomes (it is a function of both), and the fold adds it for the next turn.
 */
#pragma once

#include "facts/policy.h"

enum holder { HOLDER_AI, HOLDER_QUEUE, HOLDER_AGENT, HOLDER_NONE };
enum conv_status { CONV_OPEN, CONV_WAITING_CUSTOMER, CONV_SNOOZED, CONV_RESOLVED };

struct slot {
	struct str name, value;
};
struct field {			/* of a record */
	struct str name, value;
};

struct situation {
	int32_t basis_seq;	/* the customer's last seq */
	int64_t turn;
	/* outside the record: goes into the decision event */
	int64_t now_us;
	bool hours_open;
	int64_t hours_next_us;	/* next opening; 0 = unknown */
	struct str hours_next;	/* the same in words, in the conversation's language */
	int32_t queue_waiting, agents_online;
	struct str tier, name;	/* the contact's; may be empty */
	bool verified;
	int32_t contact_version;
	/* folded from the record */
	int inbox;		/* index into policy->inboxes */
	enum holder holder;
	struct str language;	/* of the conversation; the inbox's default at first */
	struct str text;	/* the unanswered messages, joined by '\n' */
	const struct str *words;	/* its normalised tokens (text/tokens.h) */
	size_t words_n;
	bool person_button;	/* "Talk to a person" was pressed since the last answer */
	int workflow, step;	/* running workflow, -1 = none */
	struct str awaiting;	/* slot asked for; empty = none */
	const struct slot *slots;
	size_t slots_n;
	const struct field *record;	/* of the last successful look-up */
	size_t record_n;
	struct str record_source;	/* "shop.order" */
	int64_t record_at_us;
	int32_t failed_tries;	/* since the last answer that helped */
	int32_t identity_failures;	/* look-ups with proves_identity and no row, this conversation */
	int32_t unsure_streak;	/* unsure, out of scope or no answer, in a row */
	int32_t ai_messages;	/* said by the AI so far */
	bool told_coming;	/* `person_coming` was said since the hand-over */
	/* of this turn: filled by decide() from the outcomes, for triggers */
	struct str tool_error;	/* empty = none */
};

const struct slot *situation_slot(const struct situation *s, struct str name);
