/* SPDX-License-Identifier: Apache-2.0 */
/* gate_test.c - what the output gate lets through and what it stops. */
#include "engine/gate.h"

#include "base/arena_fixture.h"
#include "engine/said_json.h"
#include "flow/template.h"
#include "nlu/moderate.h"
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct str prohibited[] = { { "we promise", 10 } };
static const struct policy policy = { .prohibited = prohibited, .prohibited_n = 1 };

/* What is said, over this ground, to a customer who wrote their own address. */
static struct gate_verdict
check(const char *text, const char *ground)
{
	const struct str g = str_from(ground), own = STR("I am ana@example.org, +47 22 33 44 55");
	const struct slot slot = { STR("order_number"), STR("HP-1042") };
	struct said said = { .text = str_from(text), .grounds = &g, .grounds_n = 1 };
	struct gate_input in = { .said = &said, .own = &own, .own_n = 1, .slots = &slot,
		.slots_n = 1 };

	text_words(arena, gate_text(&said, arena), &in.words, &in.words_n);
	in.flags = moderate(gate_text(&said, arena), arena, &in.flags_n);
	return gate_check(&policy, &in, arena);
}

static void
judges(void **state)
{
	static const struct {
		const char *text, *ground, *failed;	/* name of the question; NULL = passes */
	} cases[] = {
		{ "All fine.", "", NULL },
		{ "Your order HP-1042 is on its way to ana@example.org.", "", NULL },
		{ "Your order hp-1042, ANA@example.org", "", NULL },
		{ "It went to bo@example.org.", "", "personal_data" },
		{ "It went to bo@example.org.", "write to bo@example.org", NULL },
		{ "xana@example.org", "", "personal_data" },
		{ "Call +47 22 33 44 55.", "", NULL },
		{ "Call +47 22 33 44 56.", "", "personal_data" },
		{ "Order HP-1043 is late.", "", "personal_data" },
		{ "Order HP-1043 is late.", "HP-1043", NULL },
		{ "We  PROMISE it.", "We promise it.", "prohibited" },
		{ "compromise", "", NULL },
		{ "Sent back within 30 days.", "Opened is fine within 30 days", NULL },
		{ "Sent back within 31 days.", "Opened is fine within 30 days", "numbers" },
		{ "It costs 18.99.", "18.99", NULL },
		{ "It costs 18.99.", "18 and 99", "numbers" },
		{ "It costs 1899.", "18.99", "numbers" },
		{ "3-5 days", "3 and 5", NULL },
		{ "3-6 days", "3 and 5", "numbers" },
		{ "On 2026-11-23.", "2026-11-23", NULL },
		{ "On 2026-11-23.", "2026 11 23", "numbers" },
		{ "At 09:30", "09:30", NULL },
		{ "30", "230", "numbers" },
		{ "You are an idiot, you bastard.", "", "moderation" },
		{ "Send f*ck as a code.", "", "moderation" },
		{ "Go to p\u0430ypal now.", "", "moderation" },
		{ "Somebody listens, also when it is about suicide.", "", NULL },
		{ "We ship to Scunthorpe.", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gate_verdict v = check(cases[i].text, cases[i].ground);
		struct str failed = STR_NONE;

		assert_int_equal(v.why_n, 4);
		for (size_t k = v.why_n; k-- > 0;)
			if (v.why[k].fired)
				failed = v.why[k].name;
		if (v.passed != (cases[i].failed == NULL) ||
		    !str_eq(failed, str_from(cases[i].failed)))
			fail_msg("\"%s\" over \"%s\": %.*s", cases[i].text, cases[i].ground,
			    STR_ARG(failed));
		assert_true(v.passed == (v.error.n == 0));
	}
}

static void
error_never_repeats_the_datum(void **state)
{
	(void)state;
	assert_true(str_find(check("bo@example.org", "").error, STR("bo")) < 0);
}

static void
reads_the_parts_too(void **state)
{
	const struct str line = STR("paid 77");
	const struct said_part part = { .kind = SAID_RECORD, .title = STR("Order"),
		.lines = &line, .lines_n = 1 };
	const struct said said = { .text = STR("Fine."), .parts = &part, .parts_n = 1 };
	struct gate_input in = { .said = &said };

	(void)state;
	assert_false(gate_check(&policy, &in, arena).passed);
}

static void
said_becomes_the_wire_shape(void **state)
{
	const struct str items[] = { STR("Yes"), STR("No") };
	const struct said_part parts[] = {
		{ .kind = SAID_SOURCE, .article = STR("returns"), .version = 3,
		  .anchor = STR("opened"), .title = STR("Returns"), .date = STR("2026-11-03"),
		  .url = STR("/a/returns/3#opened") },
		{ .kind = SAID_CHOICES, .lines = items, .lines_n = 2 },
		{ .kind = SAID_RECORD, .title = STR("Order"), .steps = 4, .step = 3,
		  .lines = items, .lines_n = 1, .source = STR("shop.order"), .as_of_us = 5 },
	};
	const struct said said = { .text = STR("a \"b\""), .lang = STR("en"), .parts = parts,
		.parts_n = 3 };

	(void)state;
	assert_string_equal(json_text(arena, said_to_json(&said, arena)).p,
	    "{\"lang\":\"en\",\"parts\":[{\"anchor\":\"opened\",\"article\":\"returns\","
	    "\"date\":\"2026-11-03\",\"title\":\"Returns\",\"type\":\"source\","
	    "\"url\":\"/a/returns/3#opened\",\"version\":3},"
	    "{\"items\":[\"Yes\",\"No\"],\"type\":\"choices\"},"
	    "{\"as_of_us\":5,\"lines\":[\"Yes\"],\"link\":null,\"source\":\"shop.order\","
	    "\"step\":3,\"steps\":4,\"title\":\"Order\",\"type\":\"record\"}],"
	    "\"text\":\"a \\\"b\\\"\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(judges, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(error_never_repeats_the_datum, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(reads_the_parts_too, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(said_becomes_the_wire_shape, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
