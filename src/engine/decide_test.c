/* SPDX-License-Identifier: Apache-2.0 */
/* decide_test.c - what decide does with one turn, policy by policy. */
#include "engine/decide.h"

#include "engine/gate.h"
#include "engine/policy_fixture.h"
#include "engine/record_json.h"
#include "engine/said_json.h"
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ENTITIES_MAX 4

/* One customer at the AI, out of which each test makes its turn. */
static struct arena *arena;
static struct policy_snapshot *snapshot;
static const struct policy *policy;
static struct situation s;
static struct perception now;
static struct intent_score scores[2];
static struct entity entities[ENTITIES_MAX];

static int
load(void **state)
{
	struct arena *a = arena_new(0);
	struct complaints c;
	struct fault f = { 0 };

	(void)state;
	complaints_init(&c, a);
	if (policy_load(policy_fixture, POLICY_FIXTURE_N, &c, &snapshot, &f) != E_OK)
		fail_msg("%s", f.text);
	policy = snapshot->policy;
	arena_free(&a);
	return 0;
}

static int
unload(void **state)
{
	(void)state;
	policy_snapshot_unref(&snapshot);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(0);
	s = (struct situation){ .basis_seq = 3, .turn = 1, .now_us = 1795000000000000,
		.hours_open = true, .hours_next = STR("tomorrow at 09:00"), .agents_online = 1,
		.workflow = -1, .step = -1, .holder = HOLDER_AI, .language = STR("en") };
	now = (struct perception){ .language = STR("en"), .p = scores, .p_n = 0,
		.entities = entities };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
writes(const char *text)
{
	s.text = str_from(text);
	text_words(arena, s.text, &s.words, &s.words_n);
	now.p_n = now.entities_n = 0;
	now.unknown_ppm = 0;
}

static void
means(const char *intent, int32_t p_ppm)
{
	scores[0] = (struct intent_score){ policy_intent(policy, str_from(intent)), p_ppm };
	now.p_n = 1;
}

static void
has(const char *kind, const char *value)
{
	entities[now.entities_n++] = (struct entity){ .kind = str_from(kind),
		.text = str_from(value), .value = str_from(value), .from = 0,
		.to = (uint32_t)strlen(value) };
}

static struct decision
pre(void)
{
	return decide(policy, NULL, &s, NULL, 0, arena);
}

static struct decision
then(const struct outcome *o, size_t n)
{
	return decide(policy, &now, &s, o, n, arena);
}

/* Ends the turn: the next message finds what the decision changed. */
static void
fold(const struct decision *d)
{
	s = situation_after(policy, &s, d, arena);
	s.basis_seq += 2;
	s.turn++;
}

static const char *
reply_of(const struct decision *d)
{
	return d->reply < 0 ? "" : str_z(arena, policy->replies[d->reply].name);
}

static const struct why *
why_of(const struct decision *d, const char *name)
{
	for (size_t i = 0; i < d->why_n; i++)
		if (str_eqz(d->why[i].name, name))
			return &d->why[i];
	return NULL;
}

static bool
fired(const struct decision *d, const char *name)
{
	const struct why *w = why_of(d, name);

	if (w == NULL) {
		fail_msg("%s did not take part", name);
		return false;
	}
	return w->fired;
}

static void
hands_over(struct decision d, const char *code)
{
	assert_int_equal(d.kind, DECISION_HAND_OVER);
	assert_string_equal(str_z(arena, d.reason_code), code);
	assert_true(d.reason.n > 0);
}

static struct outcome
record(const char *status)
{
	static struct field f[6];

	f[0] = (struct field){ STR("number"), STR("HP-1042") };
	f[1] = (struct field){ STR("status"), str_from(status) };
	f[2] = (struct field){ STR("step"), STR("3") };
	f[3] = (struct field){ STR("carrier"), STR("{email} Post") };
	f[4] = (struct field){ STR("shipped_on"), STR("Monday 23 Nov") };
	f[5] = (struct field){ STR("tracking_url"), STR("https://track.example/HP1042") };
	return (struct outcome){ .kind = OUTCOME_RECORD, .step = 1, .fields = f, .fields_n = 6,
		.source = STR("shop.order"), .at_us = 1795000000000000 };
}

static void
pre_pass_needs_no_understanding(void **state)
{
	struct decision d;

	(void)state;
	writes("where is my order");
	d = pre();
	assert_int_equal(d.kind, DECISION_UNDERSTAND);
	assert_false(fired(&d, "regulated"));
	assert_false(fired(&d, "greeting"));
	assert_null(why_of(&d, "care")); /* needs understanding */
	writes("Good morning!");
	d = pre();
	assert_int_equal(d.kind, DECISION_SAY);
	assert_string_equal(reply_of(&d), "greeting");
	writes("Small Claims, I say. Hi.");
	hands_over(pre(), "regulated");
	assert_int_equal(pre().urgency, 90);
	writes("a wholesale question");
	d = pre();
	hands_over(d, "wholesale");
	assert_string_equal(str_z(arena, d.reason), "wholesale customer");
	s.person_button = true;
	hands_over(pre(), "asked");
}

static void
who_holds_it_comes_first(void **state)
{
	struct decision d;

	(void)state;
	writes("lawyer");
	s.holder = HOLDER_AGENT;
	d = pre();
	assert_int_equal(d.kind, DECISION_WAIT);
	assert_int_equal(d.reply, -1);
	s.holder = HOLDER_QUEUE;
	d = pre();
	assert_string_equal(reply_of(&d), "person_coming");
	fold(&d);
	assert_int_equal(pre().reply, -1);
}

static void
human_led_goes_to_people(void **state)
{
	struct policy copy = *policy;
	struct inbox_policy inbox = policy->inboxes[0];

	(void)state;
	inbox.mode = MODE_HUMAN_LED;
	copy.inboxes = &inbox;
	writes("hi");
	hands_over(decide(&copy, NULL, &s, NULL, 0, arena), "human_led");
}

static void
hand_over_says_who_is_there(void **state)
{
	struct decision d;

	(void)state;
	writes("lawyer");
	d = pre();
	assert_string_equal(reply_of(&d), "handing_over");
	s.agents_online = 0;
	d = pre();
	assert_string_equal(reply_of(&d), "handing_over_busy");
	s.hours_open = false;
	d = pre();
	assert_string_equal(reply_of(&d), "handing_over_closed");
	assert_string_equal(render_decision(policy, &d, &s, NULL, 0, arena).text.p,
	    "Customer care is back tomorrow at 09:00.");
}

static void
order_status_end_to_end(void **state)
{
	struct decision d;
	struct outcome o = record("shipped");
	struct said said;

	(void)state;
	writes("wheres my ordr HP-1042");
	means("order_status", 900000);
	has("order_number", "HP-1042");
	d = then(NULL, 0);
	assert_int_equal(d.kind, DECISION_ASK);
	assert_string_equal(reply_of(&d), "ask_email");
	assert_false(d.failed_try);
	assert_string_equal(render_decision(policy, &d, &s, NULL, 0, arena).text.p,
	    "Which e-mail is on HP-1042?");
	fold(&d);
	assert_string_equal(str_z(arena, s.awaiting), "email");

	writes("ana@example.org");
	now.unknown_ppm = 900000; /* an address means nothing to the model */
	has("email", "ana@example.org");
	d = then(NULL, 0);
	assert_int_equal(d.kind, DECISION_LOOK_UP);
	assert_int_equal(d.params_n, 2);
	assert_string_equal(str_z(arena, d.params[0].value), "HP-1042");
	assert_string_equal(str_z(arena, d.params[1].value), "ana@example.org");

	d = then(&o, 1);
	assert_int_equal(d.kind, DECISION_SAY);
	assert_string_equal(reply_of(&d), "order_shipped");
	assert_true(d.helped);
	assert_int_equal(d.workflow, -1);
	said = render_decision(policy, &d, &s, &o, 1, arena);
	assert_string_equal(said.text.p, "Your order left on Monday 23 Nov.");
	assert_int_equal(said.parts_n, 2);
	assert_string_equal(said.parts[0].title.p, "Order HP-1042");
	assert_int_equal(said.parts[0].step, 3);
	assert_string_equal(said.parts[0].source.p, "From our orders");
	/* a value is text: its braces stay */
	assert_string_equal(said.parts[0].lines[0].p, "{email} Post");
	assert_string_equal(said.parts[0].link_url.p, "https://track.example/HP1042");
	assert_int_equal(said.parts[1].lines_n, 2);
	o = record("lost_in_space");
	d = then(&o, 1);
	assert_string_equal(reply_of(&d), "order_other");
}

static void
three_wrong_emails_end_with_a_person(void **state)
{
	static const char *const mails[] = { "a@example.org", "b@example.org", "c@example.org" };
	struct outcome none = { .kind = OUTCOME_NO_RECORD, .step = 1, .source = STR("shop.order") };
	struct decision d;

	(void)state;
	writes("where is HP-1042");
	means("order_status", 900000);
	has("order_number", "HP-1042");
	d = then(NULL, 0);
	fold(&d);
	for (int i = 0; i < 3; i++) {
		writes(mails[i]);
		has("email", mails[i]);
		assert_int_equal(then(NULL, 0).kind, DECISION_LOOK_UP);
		d = then(&none, 1);
		assert_true(d.failed_try && d.identity_failure);
		if (i == 2)
			break;
		assert_int_equal(d.kind, DECISION_ASK);
		assert_string_equal(reply_of(&d), "order_no_match");
		fold(&d);
		assert_null(situation_slot(&s, STR("email")));
		assert_non_null(situation_slot(&s, STR("order_number")));
	}
	hands_over(d, "failed_tries");
	fold(&d);
	assert_int_equal(s.identity_failures, 3);
	assert_int_equal(s.holder, HOLDER_QUEUE);
}

static void
useless_answers_count_as_tries(void **state)
{
	struct decision d;

	(void)state;
	writes("where is my order");
	means("order_status", 900000);
	d = then(NULL, 0);
	assert_string_equal(reply_of(&d), "ask_order_number");
	fold(&d);
	for (int i = 0; i < 2; i++) {
		writes("no idea");
		now.unknown_ppm = 900000;
		d = then(NULL, 0);
		assert_string_equal(reply_of(&d), "ask_order_number_again");
		assert_true(d.failed_try);
		fold(&d);
	}
	writes("still no idea");
	hands_over(then(NULL, 0), "failed_tries");
}

static void
side_question_leaves_the_workflow_standing(void **state)
{
	struct decision d;

	(void)state;
	writes("where is my order");
	means("order_status", 900000);
	d = then(NULL, 0);
	fold(&d);
	writes("when are you open by the way");
	means("hours", 700000);
	d = then(NULL, 0);
	assert_string_equal(reply_of(&d), "hours_are");
	assert_true(fired(&d, "switch"));
	fold(&d);
	assert_int_equal(s.workflow, 0);
	writes("HP-1042");
	has("order_number", "HP-1042");
	now.unknown_ppm = 800000;
	d = then(NULL, 0);
	assert_string_equal(reply_of(&d), "ask_email");
	assert_int_equal(d.set_n, 1);
}

static void
keeps_what_was_given_earlier(void **state)
{
	struct decision d;

	(void)state;
	writes("my mail is ana@example.org, when are you open?");
	has("email", "ana@example.org");
	means("hours", 900000);
	d = then(NULL, 0);
	assert_string_equal(reply_of(&d), "hours_are");
	fold(&d);
	writes("and where is HP-1042");
	has("order_number", "HP-1042");
	means("order_status", 900000);
	assert_int_equal(then(NULL, 0).kind, DECISION_LOOK_UP);
}

static void
articles_are_quoted_above_the_threshold(void **state)
{
	struct passage q = { .article = STR("returns"), .version = 3, .anchor = STR("opened"),
		.title = STR("Returns"), .section = STR("Opened"), .date = STR("2026-11-03"),
		.text = STR("Opened is fine within 30 days."), .score_ppm = 500000 };
	struct outcome o = { .kind = OUTCOME_PASSAGES, .step = 1, .passages = &q, .passages_n = 1 };
	struct decision d;
	struct said said;

	(void)state;
	writes("can i send it back if its been opened?");
	means("returns", 800000);
	d = then(NULL, 0);
	assert_int_equal(d.kind, DECISION_RETRIEVE);
	assert_string_equal(str_z(arena, d.query), s.text.p);
	d = then(&o, 1);
	assert_int_equal(d.kind, DECISION_SAY);
	assert_ptr_equal(d.quote, &q);
	said = render_decision(policy, &d, &s, &o, 1, arena);
	assert_string_equal(said.parts[0].url.p, "/a/returns/3#opened");
	q.score_ppm = 499999;
	d = then(&o, 1);
	assert_string_equal(reply_of(&d), "no_answer");
	assert_true(d.unsure);
	o.passages_n = 0;
	assert_true(then(&o, 1).unsure);
}

static void
not_understood_twice_is_a_person(void **state)
{
	struct passage q = { .article = STR("returns"), .anchor = STR("opened"), .version = 3,
		.text = STR("Opened is fine."), .score_ppm = 900000 };
	struct outcome nothing = { .kind = OUTCOME_PASSAGES };
	struct outcome found = { .kind = OUTCOME_PASSAGES, .passages = &q, .passages_n = 1 };
	struct decision d;

	(void)state;
	writes("whats the weather like");
	now.unknown_ppm = 600000;
	means("returns", 990000);
	/* An article may answer what no intent covers. */
	d = then(NULL, 0);
	assert_int_equal(d.kind, DECISION_RETRIEVE);
	d = then(&found, 1);
	assert_int_equal(d.kind, DECISION_SAY);
	assert_ptr_equal(d.quote, &q);
	d = then(&nothing, 1);
	assert_string_equal(reply_of(&d), "out_of_scope");
	fold(&d);
	writes("hm");
	means("returns", 549999);
	hands_over(then(&nothing, 1), "unsure");
	s.unsure_streak = 0;
	d = then(&nothing, 1);
	assert_string_equal(reply_of(&d), "unsure");
	means("hours", 550000);
	d = then(NULL, 0);
	assert_string_equal(reply_of(&d), "hours_are");
}

/* "where is my order and how do i return it": the article is quoted, the order asked for. */
static void
two_wishes_are_both_answered(void **state)
{
	struct passage q = { .article = STR("returns"), .anchor = STR("opened"), .version = 3,
		.title = STR("Returns"), .text = STR("Opened is fine."), .score_ppm = 900000 };
	struct outcome found = { .kind = OUTCOME_PASSAGES, .passages = &q, .passages_n = 1 };
	struct clause wishes[] = {
		{ policy_intent(policy, STR("order_status")), 990000, 0, 17 },
		{ policy_intent(policy, STR("returns")), 980000, 18, 40 },
	};
	struct decision d;
	struct said said;

	(void)state;
	writes("where is my order and how do i return it");
	means("returns", 770000);
	now.clauses = wishes;
	now.clauses_n = 2;
	d = then(NULL, 0);
	assert_int_equal(d.kind, DECISION_RETRIEVE);
	assert_string_equal(str_z(arena, d.query), "and how do i return it");
	d = then(&found, 1);
	assert_int_equal(d.kind, DECISION_ASK);
	assert_string_equal(reply_of(&d), "ask_order_number");
	said = render_decision(policy, &d, &s, &found, 1, arena);
	assert_string_equal(str_z(arena, said.text), "Opened is fine.\n\nWhich order?");
	assert_int_equal(said.parts_n, 1);
	assert_int_equal(said.parts[0].kind, SAID_SOURCE);
	/* Nothing fits: the order is still asked for, and nobody is told "no answer". */
	q.score_ppm = 100000;
	d = then(&found, 1);
	assert_string_equal(reply_of(&d), "ask_order_number");
	assert_null(d.quote);
	assert_false(d.unsure);
	/* A refund beside something harmless is a refund. */
	wishes[1].intent = policy_intent(policy, STR("refund"));
	means("order_status", 770000);
	hands_over(then(NULL, 0), "risky_intent");
}

static void
risky_wishes_go_to_people(void **state)
{
	struct policy copy = *policy;

	(void)state;
	writes("i want my money back");
	means("refund", 450000);
	hands_over(then(NULL, 0), "risky_intent");
	copy.trigger.risky_intent.on = false;
	means("refund", 900000);
	hands_over(decide(&copy, &now, &s, NULL, 0, arena), "risky_intent");
}

static void
failures_degrade_towards_people(void **state)
{
	static const enum outcome_kind kinds[] = { OUTCOME_ERROR, OUTCOME_TIMEOUT, OUTCOME_REFUSED,
		OUTCOME_UNKNOWN };
	struct policy copy = *policy;

	(void)state;
	writes("where is HP-1042 ana@example.org");
	means("order_status", 900000);
	has("order_number", "HP-1042");
	has("email", "ana@example.org");
	copy.trigger.tool_failed.on = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct outcome o = { .kind = kinds[i], .step = 1, .source = STR("shop.order"),
			.error = STR("busy") };

		hands_over(then(&o, 1), "tool_failed");
		hands_over(decide(&copy, &now, &s, &o, 1, arena), "tool_failed");
	}
}

static void
failed_gate_is_another_decision(void **state)
{
	struct outcome o[2] = { record("shipped"),
		{ .kind = OUTCOME_GATE_FAILED, .step = 2, .error = STR("a number") } };

	(void)state;
	writes("where is HP-1042");
	means("order_status", 900000);
	hands_over(then(o, 2), "gate");
}

static void
ends_after_eight_steps(void **state)
{
	struct outcome o = record("shipped");

	(void)state;
	writes("where is HP-1042");
	means("order_status", 900000);
	o.step = DECIDE_STEPS_MAX - 1;
	hands_over(then(&o, 1), "steps");
}

static void
rule_may_start_a_workflow_in_the_pre_pass(void **state)
{
	struct decision d;

	(void)state;
	writes("My order");
	d = pre();
	assert_int_equal(d.kind, DECISION_ASK);
	assert_string_equal(reply_of(&d), "ask_order_number");
}

/* Each decision and outcome of a turn: JSON, back, JSON again: the same bytes. */
static void
round_trip(const struct decision *d)
{
	struct decision back;
	struct situation outside = s;
	struct fault f = { 0 };
	struct str text = json_text(arena, decision_to_json(policy, d, &s, arena));
	json_t *j;

	assert_int_equal(json_parse(arena, text, 1 << 16, &j, &f), E_OK);
	if (decision_from_json(policy, j, arena, &back, &outside, &f) != E_OK)
		fail_msg("%s", f.text);
	assert_string_equal(text.p,
	    json_text(arena, decision_to_json(policy, &back, &outside, arena)).p);
	assert_true(str_eq(decision_policy_hash(j), policy->hash));
	assert_true(text.n < 2000);
}

static void
round_trip_outcome(const struct outcome *o)
{
	struct outcome back;
	struct fault f = { 0 };
	struct str text = json_text(arena, outcome_to_json(o, arena));
	json_t *j;

	assert_int_equal(json_parse(arena, text, 1 << 16, &j, &f), E_OK);
	assert_int_equal(outcome_from_json(j, arena, &back, &f), E_OK);
	assert_string_equal(text.p, json_text(arena, outcome_to_json(&back, arena)).p);
}

static void
records_round_trip(void **state)
{
	struct passage q = { .article = STR("returns"), .version = 3, .anchor = STR("opened"),
		.title = STR("Returns"), .text = STR("Opened is fine."), .score_ppm = 900000 };
	struct outcome o[4] = { record("shipped"),
		{ .kind = OUTCOME_PASSAGES, .step = 1, .passages = &q, .passages_n = 1 },
		{ .kind = OUTCOME_TIMEOUT, .step = 1, .source = STR("shop.order"),
		  .error = STR("2 s") },
		{ .kind = OUTCOME_NO_RECORD, .step = 1, .source = STR("shop.order") } };
	struct decision d;

	(void)state;
	s.tier = STR("gold");
	s.name = STR("Ana \"the\" Customer");
	writes("where is HP-1042 ana@example.org");
	d = pre();
	round_trip(&d);
	means("order_status", 900000);
	has("order_number", "HP-1042");
	has("email", "ana@example.org");
	d = then(NULL, 0);
	round_trip(&d);
	for (size_t i = 0; i < 4; i++) {
		round_trip_outcome(&o[i]);
		d = then(&o[i], 1);
		round_trip(&d);
	}
	writes("can I send it back");
	means("returns", 900000);
	d = then(&o[1], 1);
	assert_non_null(d.quote);
	round_trip(&d);
}

static void
refuses_foreign_names(void **state)
{
	static const char *const bad[] = {
		"{\"kind\":\"dance\",\"why\":[]}",
		"{\"kind\":\"say\",\"why\":[],\"reply\":\"nothing\"}",
		"{\"kind\":\"say\",\"why\":[{\"k\":\"x\"}]}",
		"{\"kind\":\"say\",\"why\":[],\"workflow\":\"nothing\"}",
		"{\"kind\":\"look_up\",\"why\":[],\"look_up\":\"a.b\"}",
		"{\"kind\":\"say\",\"why\":[],\"set\":[[\"a\"]]}",
		"{\"kind\":\"say\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct decision d;
		struct fault f = { 0 };
		json_t *j;

		assert_int_equal(json_parse(arena, str_from(bad[i]), 1 << 16, &j, &f), E_OK);
		assert_int_equal(decision_from_json(policy, j, arena, &d, NULL, &f), E_INVALID);
		assert_true(strlen(f.text) > 0);
	}
}

/* Same inputs in differently dirty memory: the same bytes. */
static void
is_pure(void **state)
{
	struct outcome o = record("shipped");
	struct str text[2];

	(void)state;
	writes("where is HP-1042 ana@example.org");
	means("order_status", 900000);
	has("order_number", "HP-1042");
	has("email", "ana@example.org");
	for (int k = 0; k < 2; k++) {
		struct arena *dirty = arena_new(0);
		struct decision d;

		for (int i = 0; i < 60; i++) /* one chunk, which the reset keeps */
			memset(arena_alloc(dirty, 1000), k == 0 ? 0xaa : 0x55, 1000);
		arena_reset(dirty);
		d = decide(policy, &now, &s, &o, 1, dirty);
		text[k] = json_text(arena, decision_to_json(policy, &d, &s, arena));
		text[k] = str_fmt(arena, "%S%S", text[k], json_text(arena,
		    said_to_json(&(struct said){ .text = render_decision(policy, &d, &s, &o, 1,
		    dirty).text }, arena)));
		arena_free(&dirty);
	}
	assert_true(text[0].n > 100);
	assert_string_equal(text[0].p, text[1].p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pre_pass_needs_no_understanding),
		TEST(who_holds_it_comes_first),
		TEST(human_led_goes_to_people),
		TEST(hand_over_says_who_is_there),
		TEST(order_status_end_to_end),
		TEST(three_wrong_emails_end_with_a_person),
		TEST(useless_answers_count_as_tries),
		TEST(side_question_leaves_the_workflow_standing),
		TEST(keeps_what_was_given_earlier),
		TEST(articles_are_quoted_above_the_threshold),
		TEST(not_understood_twice_is_a_person),
		TEST(two_wishes_are_both_answered),
		TEST(risky_wishes_go_to_people),
		TEST(failures_degrade_towards_people),
		TEST(failed_gate_is_another_decision),
		TEST(ends_after_eight_steps),
		TEST(rule_may_start_a_workflow_in_the_pre_pass),
		TEST(records_round_trip),
		TEST(refuses_foreign_names),
		TEST(is_pure),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
