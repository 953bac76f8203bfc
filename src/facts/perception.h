/* SPDX-License-Identifier: Apache-2.0 */
/* perception.h - what was understood of the customer's unanswered messages.
 *
 * Made by nlu/perceive.h, recorded as an event, read by the pure middle.
 * All probabilities are integers in millionths: what decides is what was
 * recorded.  Lives in an arena.
 */
#pragma once

#include "facts/policy.h"

struct intent_score {
	int intent;		/* index into policy->intents */
	int32_t p_ppm;
};

struct entity {
	struct str kind;	/* "order_number", "email", "phone", "amount", "date" */
	struct str text;	/* as written */
	struct str value;	/* normalised: "HP-1042", "ana@example.org", "18900 EUR", "2026-11-26" */
	uint32_t from, to;	/* bytes in the text */
};

#define SIMILAR_MAX 8

struct perception {
	struct str language;		/* ISO 639-1, one of the inbox's; empty = cannot tell */
	int32_t language_ppm;
	const struct intent_score *p;	/* ranked, best first, at most 5 */
	size_t p_n;
	int32_t unknown_ppm;		/* out of scope */
	const struct entity *entities;
	size_t entities_n;
	int32_t mood_ppm[MOOD_N];
	int32_t asks_person_ppm;
	int32_t similar_ppm[SIMILAR_MAX];	/* with the customer's earlier messages, newest first */
	size_t similar_n;
	int32_t complexity_ppm;
	const struct str *words;	/* normalised tokens */
	size_t words_n;
};

/* First entity of a kind, or NULL. Pure. */
const struct entity *perception_entity(const struct perception *p, struct str kind);
