/* SPDX-License-Identifier: Apache-2.0 */
/* flow_test.c - two look-ups in one turn, slots that come and go, and words in two languages. */
#include "flow/flow.h"
#include "flow/render.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define S(lit) { "" lit, sizeof(lit) - 1 }

/* number -> find it -> e-mail -> find the customer -> answer */
static const struct binding with_number[] = { { S("order"), S("{order_number}") } };
static const struct binding with_both[] = { { S("id"), S("{customer_id}") },
	{ S("email"), S("{email}") } };
static const struct flow_step steps[] = {
	{ .kind = STEP_ASK, .slot = S("order_number"), .reply = 0, .again = 1 },
	{ .kind = STEP_LOOK_UP, .connector = 0, .action = 0, .with = with_number, .with_n = 1,
	  .missing_reply = 2, .missing_ask = S("order_number"), .reply = -1 },
	{ .kind = STEP_ASK, .slot = S("email"), .reply = 3, .again = 3 },
	{ .kind = STEP_LOOK_UP, .connector = 0, .action = 1, .with = with_both, .with_n = 2,
	  .missing_reply = 2, .missing_ask = S("email"), .missing_and = S("order_number"),
	  .reply = -1 },
	{ .kind = STEP_ANSWER, .answer = S("done_{status}"), .reply = -1, .otherwise = 4 },
};
static const struct workflow workflows[] = { { .id = S("w"), .steps = steps, .steps_n = 5 } };
static const struct connector_action actions[] = { { .id = S("order") },
	{ .id = S("customer"), .proves_identity = true } };
static const struct connector_policy shop = { .id = S("shop"), .actions = actions,
	.actions_n = 2 };
static const struct localized_text both[] = { { S("en"), S("Hello {name}") },
	{ S("de"), S("Hallo {name}") } };
static const struct reply replies[] = {
	{ .name = S("ask") }, { .name = S("again") }, { .name = S("none") },
	{ .name = S("ask_mail") }, { .name = S("other"), .text = { both, 2 },
	  .record = { .present = true, .step = S("{step}"), .steps = 3,
	    .link_url = S("{url}") } },
	{ .name = S("done_ok") },
};
static const struct str languages[] = { S("de") };
static const struct inbox_policy inbox = { .languages = languages, .languages_n = 1 };
static const struct policy policy = {
	.workflows = workflows, .workflows_n = 1, .connectors = &shop, .connectors_n = 1,
	.replies = replies, .replies_n = 6, .inboxes = &inbox, .inboxes_n = 1,
};
static struct arena *arena;
static struct situation s;
static struct entity entity;
static struct perception now;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(0);
	s = (struct situation){ .workflow = -1, .step = -1 };
	now = (struct perception){ .entities = &entity };
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
brings(const char *kind, const char *value)
{
	entity = (struct entity){ .kind = str_from(kind), .value = str_from(value) };
	now.entities_n = 1;
}

static struct flow_wish
walk(const struct outcome *o, size_t n)
{
	return flow_walk(&policy, 0, &now, &s, o, n, arena);
}

static const struct field customer[] = { { S("customer_id"), S("c7") }, { S("order"), S("no") } };
static const struct field status[] = { { S("status"), S("ok") } };

static void
chains_two_look_ups_in_one_turn(void **state)
{
	const struct slot mail = { STR("email"), STR("a@b.c") };
	const struct outcome o[] = {
		{ .kind = OUTCOME_RECORD, .fields = customer, .fields_n = 2 },
		{ .kind = OUTCOME_RECORD, .fields = status, .fields_n = 1 },
	};
	struct flow_wish w;

	(void)state;
	s.slots = &mail;
	s.slots_n = 1;
	brings("order_number", "HP-1");
	w = walk(NULL, 0);
	assert_int_equal(w.next, FLOW_LOOK_UP);
	assert_int_equal(w.action, 0);
	assert_string_equal(w.params[0].value.p, "HP-1");
	w = walk(o, 1);
	assert_int_equal(w.next, FLOW_LOOK_UP);
	assert_int_equal(w.action, 1);
	assert_string_equal(w.params[0].value.p, "c7");
	assert_string_equal(w.params[1].value.p, "a@b.c");
	w = walk(o, 2);
	assert_int_equal(w.next, FLOW_ANSWER);
	assert_int_equal(w.reply, 5);
	assert_int_equal(w.step, -1);
}

static void
does_not_look_up_again_what_it_walked_past(void **state)
{
	const struct slot number = { STR("order_number"), STR("HP-1") };
	struct flow_wish w;

	(void)state;
	s.workflow = 0;
	s.step = 2;
	s.awaiting = STR("email");
	s.slots = &number;
	s.slots_n = 1;
	s.record = customer;
	s.record_n = 2;
	brings("email", "a@b.c");
	w = walk(NULL, 0);
	assert_int_equal(w.action, 1);
	/* a new number makes the first look-up worth repeating */
	brings("order_number", "HP-2");
	w = walk(NULL, 0);
	assert_int_equal(w.next, FLOW_LOOK_UP);
	assert_int_equal(w.action, 0);
	assert_string_equal(w.params[0].value.p, "HP-2");
}

static void
asks_again_only_when_nothing_came(void **state)
{
	struct flow_wish w;

	(void)state;
	w = walk(NULL, 0);
	assert_int_equal(w.reply, 0);
	assert_false(w.failed_try);
	s.workflow = 0;
	s.step = 0;
	s.awaiting = STR("order_number");
	w = walk(NULL, 0);
	assert_int_equal(w.reply, 1);
	assert_true(w.failed_try);
	brings("email", "a@b.c"); /* useful, if not what was asked */
	w = walk(NULL, 0);
	assert_int_equal(w.reply, 0);
	assert_false(w.failed_try);
	assert_int_equal(w.set_n, 1);
}

static void
no_record_empties_its_slots(void **state)
{
	const struct slot slots[] = { { STR("order_number"), STR("HP-1") },
		{ STR("email"), STR("a@b.c") } };
	const struct outcome o[] = {
		{ .kind = OUTCOME_RECORD, .fields = customer, .fields_n = 2 },
		{ .kind = OUTCOME_NO_RECORD },
	};
	struct flow_wish w;

	(void)state;
	s.slots = slots;
	s.slots_n = 2;
	w = walk(o, 2);
	assert_int_equal(w.next, FLOW_ASK);
	assert_string_equal(w.slot.p, "email");
	assert_int_equal(w.step, 2);
	assert_int_equal(w.reply, 2);
	assert_true(w.failed_try);
	assert_true(w.identity_failure);
	assert_int_equal(w.set_n, 2);
	assert_int_equal(w.set[0].value.n + w.set[1].value.n, 0);
}

static void
renders_in_the_customers_language(void **state)
{
	const struct decision d = { .kind = DECISION_SAY, .reply = 4, .lang = STR("en") };
	const struct field fields[] = { { S("step"), S("4") }, { S("url"), S("javascript:x") } };
	const struct outcome o = { .kind = OUTCOME_RECORD, .fields = fields, .fields_n = 2 };
	struct said said;

	(void)state;
	s.name = STR("Ana");
	said = render_decision(&policy, &d, &s, &o, 1, arena);
	assert_string_equal(said.text.p, "Hello Ana");
	assert_int_equal(said.parts_n, 1);
	assert_int_equal(said.parts[0].steps, 0);	/* step 4 of 3 is no step */
	assert_int_equal(said.parts[0].link_url.n, 0);	/* only https is a link */
	said = render_reply(&policy, 4, &s, arena);
	assert_string_equal(said.text.p, "Hallo Ana");	/* the inbox's default */
	assert_string_equal(said.lang.p, "de");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(chains_two_look_ups_in_one_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(does_not_look_up_again_what_it_walked_past, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(asks_again_only_when_nothing_came, setup, teardown),
		cmocka_unit_test_setup_teardown(no_record_empties_its_slots, setup, teardown),
		cmocka_unit_test_setup_teardown(renders_in_the_customers_language, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
