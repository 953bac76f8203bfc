/* SPDX-License-Identifier: Apache-2.0 */
/* policy.h - what the desk has decided: the compiled form of policy/ (docs/POLICY.md).
 *
 * An immutable snapshot, built by engine/policy_load.c in an arena of its own
 * and swapped whole; a job takes its reference once, when it starts.  Plain
 * data: no pointers to anything outside the snapshot.  Indexes (int) refer to
 * the arrays here; -1 means none.  Probabilities are millionths (ppm).
 */
#pragma once

#include "base/str.h"

#define PPM 1000000

struct localized {		/* one text in several languages */
	const struct localized_text {
		struct str lang, text;
	} *v;
	size_t n;
};
/* The text in lang, else in the first language there is, else empty. Pure. */
struct str localized_get(const struct localized *l, struct str lang);

/* What to do: `then:` of an intent or a rule. */
enum action_kind { ACTION_REPLY, ACTION_WORKFLOW, ACTION_ARTICLE, ACTION_PERSON };
struct action {
	enum action_kind kind;
	int target;		/* reply or workflow */
	struct str reason;	/* of ACTION_PERSON; may be empty */
};

enum risk { RISK_READ, RISK_WRITE, RISK_APPROVE, RISK_FORBIDDEN };

struct intent {
	struct str id, name, description;
	enum risk risk;
	struct action then;
	const struct str *examples;
	size_t examples_n;
};

enum check_scheme { CHECK_NONE, CHECK_LUHN, CHECK_MOD97, CHECK_MOD11, CHECK_EAN13 };
struct entity_format {		/* entities.yaml */
	struct str id, pattern, normal;	/* PCRE2, replacement with $1 */
	struct localized label;
	enum check_scheme check;	/* over the capture */
};
struct product {		/* of the catalogue: entities.yaml, products */
	struct str name;
	const struct str *aliases;
	size_t aliases_n;
};

struct hours {
	struct span {		/* minutes of the day, from < to */
		int16_t from_min, to_min;
	} day[7][4];		/* 0 = Monday; at most 4 spans, unused ones are 0,0 */
	const int32_t *closed;	/* whole days as yyyymmdd, sorted */
	size_t closed_n;
};

enum inbox_mode { MODE_AI_FIRST, MODE_HUMAN_LED };

struct inbox_policy {
	struct str id, name, team, zone, region, color, initial;
	struct localized about;
	const struct str *languages;	/* the first is the default */
	size_t languages_n;
	const struct str *sites;	/* origins that may frame the widget */
	size_t sites_n;
	struct hours hours;
	int64_t first_human_reply_ms;
	enum inbox_mode mode;
};

/* A compiled condition: nodes in prefix order, children by index. */
enum cond_op {
	COND_AND, COND_OR, COND_NOT,
	COND_WORDS_ANY, COND_WORDS_ALL, COND_WORDS_EXACTLY,
	COND_INTENT, COND_SCORE, COND_UNKNOWN, COND_MOOD, COND_ENTITY,
	COND_TIER, COND_LANGUAGE, COND_HOURS_OPEN, COND_REGION, COND_ASKS_PERSON,
	COND_CHURN, COND_LEGAL, COND_INJECTION, COND_FLAG
};
enum cond_cmp { CMP_GE, CMP_LE, CMP_GT, CMP_LT };
enum mood {
	MOOD_ANGER, MOOD_FRUSTRATION, MOOD_CONFUSION, MOOD_URGENCY, MOOD_GRATITUDE,
	MOOD_ANNOYANCE, MOOD_DISAPPOINTMENT, MOOD_N
};
/* "anger", "frustration", ... in that order: in policies, records and scripts. */
extern const char *const mood_name[MOOD_N];

struct cond {
	enum cond_op op;
	int a, b;		/* children: AND, OR both, NOT a */
	enum cond_cmp cmp;
	enum mood mood;
	int32_t ppm;		/* SCORE, UNKNOWN, MOOD, CHURN, LEGAL, INJECTION */
	bool open;		/* HOURS_OPEN: wanted verdict */
	const struct str *items;	/* words (normalised, tokens joined by one space), names */
	size_t items_n;
};

struct rule {
	struct str id, when;	/* `when` is the source, for explanations */
	const struct cond *cond;	/* [0] is the root */
	size_t cond_n;
	bool before;		/* needs no understanding: runs in the pre-pass */
	int line;		/* of `when`, in policy/rules.yaml */
	struct action then;
};

struct record_card {
	bool present;
	struct localized title;	/* written without languages: one text of the empty language */
	struct localized lines;	/* items joined by '\n' */
	struct str step, link_url;
	int steps;		/* 0 = no bar of steps */
	struct localized link_label;
};
struct reply {
	struct str name;
	struct localized text;
	struct record_card record;
	struct localized choices;	/* items joined by '\n' */
};

enum step_kind { STEP_ASK, STEP_LOOK_UP, STEP_ANSWER };
struct binding {
	struct str name, value;	/* value is a template: "{order_number}" */
};
struct flow_step {
	enum step_kind kind;
	struct str slot;	/* ASK: slot and entity kind */
	int reply, again;	/* ASK; ANSWER: fixed reply or -1 */
	int connector, action;	/* LOOK_UP */
	const struct binding *with;
	size_t with_n;
	int missing_reply;	/* LOOK_UP without a row */
	struct str missing_ask, missing_and;	/* slots emptied then */
	struct str answer;	/* ANSWER: template of a reply's name */
	int otherwise;
};
struct workflow {
	struct str id;
	const struct flow_step *steps;
	size_t steps_n;
};

struct connector_action {
	struct str id, query;
	const struct str *params;
	size_t params_n;
	const struct str *facts;	/* columns that the hand-off card shows, in this order; none: all */
	size_t facts_n;
	struct localized label;	/* "From our order system": where a record is from; none: the id */
	bool proves_identity;
	int64_t timeout_ms;
};
struct connector_policy {
	struct str id, kind, file;
	const struct connector_action *actions;
	size_t actions_n;
};

/* Settings of the triggers: each trigger's own table (struct setting) writes here. */
struct trigger_policy {
	struct { bool on; int64_t urgency, threshold_ppm; const struct str *yes; size_t yes_n; } asked;
	struct { bool on; int64_t urgency, threshold_ppm; } frustrated;
	struct { bool on; int64_t urgency, threshold_ppm; } confused;
	struct { bool on; int64_t urgency, similar_ppm, count, window; } repeats;
	struct { bool on; int64_t urgency, tries; } unsure;
	struct { bool on; int64_t urgency, threshold_ppm; } risky_intent;
	struct { bool on; int64_t urgency; const struct str *words; size_t words_n; } regulated;
	struct { bool on; int64_t urgency, count; } failed_tries;
	struct { bool on; int64_t urgency; } tool_failed;
};

/* Replies that the engine says itself; indexes into replies, never -1. */
enum own_reply {
	OWN_WELCOME, OWN_OUT_OF_SCOPE, OWN_UNSURE, OWN_NO_ANSWER, OWN_HANDING_OVER,
	OWN_HANDING_OVER_BUSY, OWN_HANDING_OVER_CLOSED, OWN_CAME_BACK, OWN_PERSON_COMING,
	OWN_N
};
/* "welcome", "out_of_scope", ... in that order. */
extern const char *const own_reply_name[OWN_N];

struct policy {
	struct str hash;	/* 64 hex characters: SHA-256 of the sources */
	const struct inbox_policy *inboxes;
	size_t inboxes_n;
	const struct intent *intents;
	size_t intents_n;
	int32_t act_ppm, unknown_ppm;	/* confidence: */
	int32_t promise_ppm[RISK_FORBIDDEN + 1];	/* error promised, by an intent's risk; 0: none */
	int32_t article_ppm;		/* least score of a passage that is quoted */
	const struct entity_format *entities;
	size_t entities_n;
	const struct product *products;
	size_t products_n;
	const struct rule *rules;
	size_t rules_n;
	const struct reply *replies;
	size_t replies_n;
	int own[OWN_N];
	const struct workflow *workflows;
	size_t workflows_n;
	const struct connector_policy *connectors;
	size_t connectors_n;
	struct trigger_policy trigger;
	const struct str *prohibited;	/* gate: normalised phrases */
	size_t prohibited_n;
};

int policy_inbox(const struct policy *p, struct str id);	/* -1: none */
int policy_intent(const struct policy *p, struct str id);
int policy_reply(const struct policy *p, struct str name);
int policy_workflow(const struct policy *p, struct str id);
/* "shop.order"; NULL if there is none (any more). */
const struct connector_action *policy_source(const struct policy *p, struct str source);
