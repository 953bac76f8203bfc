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
	int32_t p_ppm;		/* how surely it is one */
};

/* One wish of several in one message, with the words that hold it. */
struct clause {
	int intent;
	int32_t p_ppm;
	uint32_t from, to;	/* bytes in the text */
};

/* What was read as something else than it was typed: "refnd" as "refund". */
struct correction {
	struct str from, to;
};

/* Personal data to be masked, whatever it means to the desk. */
struct personal {
	struct str kind;	/* "card", "iban", "national_id", "phone", "email", "address", "secret" */
	struct str what;	/* closer: "DE steuer_id", "api_key"; may be empty */
	uint32_t from, to;
	int32_t p_ppm;
};

/* One layer of several: safety never rests on it. */
struct flag {
	struct str kind;	/* "profanity", "threat", "self_harm", "sexual", "hate", "injection", "invisible", "churn", "legal" */
	struct str reason;	/* what was seen, as a person reads it */
	uint32_t from, to;	/* 0, 0: the whole text */
	int32_t p_ppm;
};

/* How far an error is promised for the best intent's risk class (nlu/promise.h). */
struct promised {
	int32_t error_ppm;	/* 0: nothing was promised */
	int32_t threshold_ppm, coverage_ppm;
	uint32_t evidence;	/* held-out cases behind it */
	bool enough;		/* false: not enough evidence, no promise */
	bool kept;		/* this message is above the threshold */
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
	struct str script;		/* ISO 15924 of most letters: "Latn", "Cyrl"; empty = none */
	const struct clause *clauses;	/* two or more, in the order said; none: one wish */
	size_t clauses_n;
	const struct correction *corrections;
	size_t corrections_n;
	const struct personal *personal;
	size_t personal_n;
	const struct flag *flags;
	size_t flags_n;
	int32_t sentiment_ppm;		/* -1,000,000 .. 1,000,000 */
	int32_t churn_ppm, legal_ppm, injection_ppm;
	int32_t novelty_ppm;		/* 1 - similarity to the nearest example */
	struct promised promised;
};

/* First entity of a kind, or NULL. Pure. */
const struct entity *perception_entity(const struct perception *p, struct str kind);
