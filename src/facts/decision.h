/* SPDX-License-Identifier: Apache-2.0 */
/* decision.h - what the desk does next, and why.
 *
 * The result of engine/decide.h.  Everything that took part says so in `why`,
 * whether it fired or not (a rule or trigger that was not reached is absent).
 */
#pragma once

#include "facts/outcome.h"
#include "facts/perception.h"

#define DECIDE_STEPS_MAX 8

enum decision_kind {
	DECISION_UNDERSTAND,	/* of the pre-pass: perceive, then ask again */
	DECISION_SAY,
	DECISION_ASK,
	DECISION_RETRIEVE,
	DECISION_LOOK_UP,
	DECISION_HAND_OVER,
	DECISION_WAIT,		/* nothing to say: a person holds it, or the words want no answer */
};

enum why_kind { WHY_RULE, WHY_TRIGGER, WHY_GATE, WHY_THRESHOLD, WHY_WORKFLOW, WHY_ARTICLE };
struct why {
	enum why_kind kind;
	struct str name;	/* of the rule, trigger, ... */
	bool fired;
	struct str text;	/* for a person */
	int32_t value_ppm, limit_ppm;	/* -1 = does not apply */
};

struct decision {
	enum decision_kind kind;
	const struct why *why;
	size_t why_n;
	/* SAY, ASK, HAND_OVER: what to say. WAIT: `person_coming` the first time in the queue */
	int reply;		/* index into policy->replies, or -1 */
	/* SAY, ASK: quoted with its citation, instead of a reply or above it; points into an outcome */
	const struct passage *quote;
	struct str lang;
	/* ASK */
	struct str slot;
	/* RETRIEVE */
	struct str query;
	/* LOOK_UP */
	int connector, action;
	const struct slot *params;	/* bound by value */
	size_t params_n;
	/* HAND_OVER */
	struct str reason_code;	/* the trigger's or rule's name: "asked", "regulated", ... */
	struct str reason;	/* for the agent, in words */
	int urgency;		/* 0..100 */
	/* what changes in the situation: folded from the decision event later */
	int workflow, step;	/* after this decision; -1 = none */
	const struct slot *set;	/* slots filled; an empty value empties one */
	size_t set_n;
	bool failed_try, unsure, identity_failure;	/* counts one more */
	bool helped;		/* an answer: failed tries and unsure start again at 0 */
};

const char *decision_name(enum decision_kind k);	/* "say", "hand_over", ... */
const char *why_name(enum why_kind k);
