/* SPDX-License-Identifier: Apache-2.0 */
/* cond_test.c - the condition language: what it means, what it refuses. */
#include "rules/cond.h"

#include "rules/phrase_normalise.h"
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena *arena;
static const struct intent intents[] = { { .id = { "order", 5 } }, { .id = { "refund", 6 } } };
static const struct inbox_policy inbox = { .region = { "NO", 2 } };
static const struct policy policy = {
	.intents = intents, .intents_n = 2, .inboxes = &inbox, .inboxes_n = 1,
	.trigger = { .asked = { .threshold_ppm = 600000 } },
};
static struct intent_score score = { 1, 420000 };
static struct entity entity = { .kind = { "email", 5 } };
static const struct flag threat = { STR_INIT("threat"), STR_INIT("\"kill\""), 0, 4, 900000 };
static struct perception now;
static struct situation s;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(0);
	now = (struct perception){ .p = &score, .p_n = 1, .unknown_ppm = 300000,
		.language = STR("de"), .entities = &entity, .entities_n = 1 };
	now.mood_ppm[MOOD_ANGER] = 500000;
	now.churn_ppm = 700000;
	now.flags = &threat;
	now.flags_n = 1;
	s = (struct situation){ .hours_open = true, .tier = STR("gold") };
	text_words(arena, STR("Don't send my E-Mail, PLEASE!"), &s.words, &s.words_n);
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
evaluates(void **state)
{
	static const struct {
		const char *text;
		bool holds, before;
		const char *why;
	} cases[] = {
		{ "words any [refund, \"my e-mail\"]", true, true, "says \"my e mail\"" },
		{ "words any [refund]", false, true, "no such words" },
		{ "words all [dont, please]", true, true, "says all the words" },
		{ "words all [dont, refund]", false, true, "does not say \"refund\"" },
		{ "words exactly [\"don't send my e mail please\"]", true, true, NULL },
		{ "words exactly [please]", false, true, NULL },
		{ "intent is refund", true, false, "intent refund" },
		{ "intent in [order]", false, false, "intent refund" },
		{ "score >= 0.42", true, false, "score .42 >= .42" },
		{ "score >= 0.420001", false, false, NULL },
		{ "score > 0.42", false, false, NULL },
		{ "score <= 0.42", true, false, NULL },
		{ "unknown < .6", false, false, NULL },
		{ "unknown < 0.6", true, false, "unknown .30 < .60" },
		{ "mood anger >= 0.5 and mood urgency < 0.1", true, false, "anger .50 >= .50, urgency .00 < .10" },
		{ "entity email", true, false, "has email" },
		{ "not entity phone", true, false, "no phone" },
		{ "tier is gold", true, true, "tier gold" },
		{ "tier is Gold and hours closed", false, true, "open" },
		{ "language in [en, de]", true, false, NULL },
		{ "region is NO", true, true, NULL },
		{ "flag threat or churn >= 0.9", true, false, "threat: \"kill\"" },
		{ "flag \"profanity\"", false, false, "no profanity" },
		{ "churn >= 0.6 and legal < 0.1", true, false, "churn .70 >= .60, legal .00 < .10" },
		{ "injection > 0.5", false, false, "injection .00 <= .50" },
		{ "mood disappointment >= 0.1", false, false, "disappointment .00 < .10" },
		{ "asks_person", false, false, NULL },
		{ "words any [x] or words any [y] and hours closed or hours open", true, true, "open" },
		{ "(words any [x] or hours open) and not (tier is gold)", false, true, "tier gold" },
		{ "not not hours open", true, true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cond_code code;
		struct cond_verdict v;
		struct fault f = { 0 };
		enum err e = cond_compile(str_from(cases[i].text), arena, &code, &f);

		if (str_find(str_from(cases[i].text), STR("< .6")) >= 0) {
			assert_int_equal(e, E_INVALID);
			continue;
		}
		if (e != E_OK)
			fail_msg("%s: %s", cases[i].text, f.text);
		v = cond_eval(code.v, &policy, &now, &s, arena);
		if (v.holds != cases[i].holds || code.before != cases[i].before)
			fail_msg("%s: %d %d: %.*s", cases[i].text, v.holds, code.before,
			    STR_ARG(v.text));
		assert_true(v.text.n > 0);
		if (cases[i].why != NULL && !str_eqz(v.text, cases[i].why))
			fail_msg("%s: %.*s", cases[i].text, STR_ARG(v.text));
	}
}

static void
says_where_and_what_was_expected(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "column 1: expected a test" },
		{ "word any [x]", "column 1: expected a test" },
		{ "words some [x]", "column 7: expected any, all or exactly, found \"some\"" },
		{ "words any x", "column 11: expected a list: [" },
		{ "words any [x", "column 13: expected \",\" or \"]\", found the end" },
		{ "words any [\"x]", "column 12: expected a word" },
		{ "words any [\"!\"]", "column 12: expected a word" },
		{ "score 0.5", "column 7: expected >=, <=, > or <" },
		{ "score >= 2", "column 10: expected a number from 0 to 1" },
		{ "score >= 0.1234567", "column 10: expected a number" },
		{ "mood joy >= 0.5", "column 6: expected anger" },
		{ "(hours open", "column 12: expected \"and\", \"or\" or \")\"" },
		{ "hours open hours open", "column 12: expected \"and\", \"or\" or the end" },
		{ "tier in [gold]", "column 6: expected is" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cond_code code;
		struct fault f = { 0 };

		assert_int_equal(cond_compile(str_from(cases[i].text), arena, &code, &f),
		    E_INVALID);
		if (!str_starts(str_from(f.text), str_from(cases[i].expected)))
			fail_msg("%s: %s", cases[i].text, f.text);
	}
}

static void
is_bounded(void **state)
{
	struct cond_code code;
	struct fault f = { 0 };
	struct str deep = STR("hours open"), wide = STR("hours open");

	(void)state;
	for (int i = 0; i < 40; i++)
		deep = str_fmt(arena, "(%S)", deep);
	assert_int_equal(cond_compile(deep, arena, &code, &f), E_INVALID);
	for (int i = 0; i < 150; i++)
		wide = str_fmt(arena, "%S or hours open", wide);
	assert_int_equal(cond_compile(wide, arena, &code, &f), E_INVALID);
}

static void
without_perception_nothing_is_understood(void **state)
{
	struct cond_code code;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(cond_compile(STR("hours open and score < 0.9"), arena, &code, &f), E_OK);
	assert_false(code.before);
	assert_false(cond_eval(code.v, &policy, NULL, &s, arena).holds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(evaluates, setup, teardown),
		cmocka_unit_test_setup_teardown(says_where_and_what_was_expected, setup, teardown),
		cmocka_unit_test_setup_teardown(is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(without_perception_nothing_is_understood, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
