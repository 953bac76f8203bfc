/* SPDX-License-Identifier: Apache-2.0 */
/* policy_edit_test.c - a person's file stays theirs, but for the lines that were meant. */
#include "engine/policy_edit.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char file[] = "# ours\n"
			   "intents:\n"
			   "  - id: order\n"
			   "    name: Order   # shown\n"
			   "    examples:\n"
			   "      - where is it\n"
			   "      # the next one is long\n"
			   "      - \"two\n"
			   "         lines\"\n"
			   "      - 'last''s'\n"
			   "\n"
			   "  # a word about returns\n"
			   "  - id: back\n"
			   "    examples: []\n"
			   "  - id: flow\n"
			   "    examples: [a b, c d]\n"
			   "confidence: {act: 0.5}\n";

static struct str
edit(struct arena *a, struct policy_edit e, enum err want)
{
	struct str out = STR_NONE;
	struct fault f;

	assert_int_equal(policy_edit(a, str_from(file), &e, 1, &out, &f), want);
	return out;
}

static bool
has(struct str s, const char *z)
{
	return str_find(s, str_from(z)) >= 0;
}

static enum err
edit_many(struct arena *a, void *arg, struct fault *f)
{
	struct policy_edit *v = arena_array(a, struct policy_edit, 500);
	struct buf *large = arg;
	struct str out;

	for (unsigned i = 0; i < 500; i++)
		v[i] = (struct policy_edit){ EDIT_PUT_IN, STR("order"), str_fmt(a, "one that is new, %u of them", i), STR_NONE };
	TRY(policy_edit(a, buf_str(large), v, 500, &out, f));
	assert_true(out.n > large->n && has(out, "      - \"one that is new, 499 of them\"\n"));
	return E_OK;
}

/* A whole draft on a large desk's file, within the memory of a job. */
static void
test_many_edits(void **state)
{
	struct arena *a = arena_new((size_t)16 << 20);
	struct fault f = { 0 };
	struct buf large;

	(void)state;
	buf_init(&large, (size_t)1 << 20);
	buf_add_z(&large, "intents:\n  - id: order\n    examples:\n");
	for (int i = 0; i < 500; i++)
		buf_fmt(&large, "      - where is the parcel that i ordered, number %d\n", i);
	assert_int_equal(arena_run(a, edit_many, &large, &f), E_OK);
	buf_free(&large);
	arena_free(&a);
}

static void
test_put_in(void **state)
{
	struct arena *a = arena_new(0);
	struct str out = edit(a, (struct policy_edit){ EDIT_PUT_IN, STR("order"), STR("has it been sent yet"), STR_NONE }, E_OK);

	(void)state;
	assert_true(has(out, "      - 'last''s'\n      - has it been sent yet\n\n  # a word about returns\n"));
	assert_int_equal(out.n, strlen(file) + strlen("      - has it been sent yet\n"));
	out = edit(a, (struct policy_edit){ EDIT_PUT_IN, STR("back"), STR("- \"x\": #no\n{a}"), STR_NONE }, E_OK);
	assert_true(has(out, "    examples:\n      - \"- \\\"x\\\": #no\\x0a{a}\"\n  - id: flow\n"));
	out = edit(a, (struct policy_edit){ EDIT_PUT_IN, STR("order"), STR("yes"), STR_NONE }, E_OK);
	assert_true(has(out, "      - \"yes\"\n"));
	arena_free(&a);
}

static void
test_take_away(void **state)
{
	struct arena *a = arena_new(0);
	struct str out = edit(a, (struct policy_edit){ EDIT_TAKE_OUT, STR("order"), STR("two lines"), STR_NONE }, E_OK);

	(void)state;
	assert_true(has(out, "      # the next one is long\n      - 'last''s'\n"));
	assert_false(has(out, "two"));
	out = edit(a, (struct policy_edit){ EDIT_TAKE_OUT, STR("order"), STR("last's"), STR_NONE }, E_OK);
	assert_true(has(out, "         lines\"\n\n  # a word about returns\n"));
	arena_free(&a);
}

static void
test_empties(void **state)
{
	static const struct policy_edit all[] = {
		{ EDIT_TAKE_OUT, STR_INIT("order"), STR_INIT("where is it"), STR_INIT("") },
		{ EDIT_TAKE_OUT, STR_INIT("order"), STR_INIT("two lines"), STR_INIT("") },
		{ EDIT_TAKE_OUT, STR_INIT("order"), STR_INIT("last's"), STR_INIT("") },
		{ EDIT_PUT_IN, STR_INIT("order"), STR_INIT("and something again"), STR_INIT("") },
	};
	struct arena *a = arena_new(0);
	struct str out;
	struct fault f;

	(void)state;
	assert_int_equal(policy_edit(a, str_from(file), all, 3, &out, &f), E_OK);
	assert_true(has(out, "    examples: []\n"));
	assert_int_equal(policy_edit(a, str_from(file), all, 4, &out, &f), E_OK);
	assert_true(has(out, "    examples:\n      - and something again\n"));
	arena_free(&a);
}

static void
test_refuses(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	edit(a, (struct policy_edit){ EDIT_PUT_IN, STR("flow"), STR("one more of these"), STR_NONE }, E_CONFLICT);
	edit(a, (struct policy_edit){ EDIT_TAKE_OUT, STR("flow"), STR("a b"), STR_NONE }, E_CONFLICT);
	edit(a, (struct policy_edit){ EDIT_TAKE_OUT, STR("order"), STR("never was"), STR_NONE }, E_CONFLICT);
	edit(a, (struct policy_edit){ EDIT_PUT_IN, STR("nobody"), STR("one more of these"), STR_NONE }, E_CONFLICT);
	arena_free(&a);
}

static void
test_intent(void **state)
{
	struct arena *a = arena_new(0);
	struct policy_edit two[] = {
		{ EDIT_INTENT, STR("gift"), STR("wants it wrapped: \"nicely\""), STR("Gifts # and cards") },
		{ EDIT_PUT_IN, STR("gift"), STR("can you wrap it for me"), STR_NONE },
	};
	struct str out = edit(a, two[0], E_OK);
	struct fault f;

	(void)state;
	assert_true(has(out, "  - id: flow\n    examples: [a b, c d]\n"
			     "  - id: gift\n    name: \"Gifts # and cards\"\n    description: \"wants it wrapped: \\\"nicely\\\"\"\n"
			     "    risk: read\n    then: person\n    examples: []\nconfidence: {act: 0.5}\n"));
	assert_int_equal(policy_edit(a, str_from(file), two, 2, &out, &f), E_OK);
	assert_true(has(out, "    examples:\n      - can you wrap it for me\nconfidence"));
	assert_int_equal(policy_edit(a, STR("intents: []\n"), two, 2, &out, &f), E_OK);
	assert_true(str_starts(out, STR("intents:\n  - id: gift\n    name: ")));
	assert_true(has(out, "    examples:\n      - can you wrap it for me\n"));
	assert_int_equal(policy_edit(a, STR("intents: [{id: a}]\n"), two, 1, &out, &f), E_CONFLICT);
	assert_int_equal(policy_edit(a, STR("# nothing\n"), two, 1, &out, &f), E_CONFLICT);
	arena_free(&a);
}

static void
test_words(void **state)
{
	struct arena *a = arena_new(0);
	static const char other[] = "intents:\n  - id: a\n    name: 'It''s # one' # a note\n    description: >\n      long\n"
				    "      text\n    examples: []\n";
	struct str out = edit(a, (struct policy_edit){ EDIT_NAME, STR("order"), STR("Order status now"), STR_NONE }, E_OK);
	struct policy_edit e = { EDIT_NAME, STR("a"), STR("two: 2"), STR_NONE };
	struct fault f;

	(void)state;
	assert_true(has(out, "    name: Order status now   # shown\n"));
	assert_int_equal(policy_edit(a, str_from(other), &e, 1, &out, &f), E_OK);
	assert_true(has(out, "    name: \"two: 2\" # a note\n    description: >\n"));
	e.kind = EDIT_DESCRIPTION;
	assert_int_equal(policy_edit(a, str_from(other), &e, 1, &out, &f), E_CONFLICT);
	edit(a, (struct policy_edit){ EDIT_NAME, STR("back"), STR("It has none"), STR_NONE }, E_CONFLICT);
	arena_free(&a);
}

static void
test_delete(void **state)
{
	struct arena *a = arena_new(0);
	struct policy_edit each[] = {
		{ EDIT_DELETE, STR_INIT("flow"), STR_INIT(""), STR_INIT("") },
		{ EDIT_DELETE, STR_INIT("order"), STR_INIT(""), STR_INIT("") },
		{ EDIT_DELETE, STR_INIT("back"), STR_INIT(""), STR_INIT("") },
	};
	struct str out = edit(a, each[0], E_OK);
	struct fault f;

	(void)state;
	assert_true(has(out, "    examples: []\nconfidence: {act: 0.5}\n") && has(out, "last''s") && !has(out, "flow"));
	out = edit(a, each[1], E_OK);
	assert_true(str_starts(out, STR("# ours\nintents:\n\n  # a word about returns\n  - id: back\n")));
	assert_int_equal(policy_edit(a, str_from(file), each, 2, &out, &f), E_OK);
	assert_int_equal(policy_edit(a, str_from(file), each, 3, &out, &f), E_CONFLICT);	/* the only one */
	assert_int_equal(policy_edit(a, STR("intents: [{id: flow}, {id: b}]\n"), each, 1, &out, &f), E_CONFLICT);
	edit(a, (struct policy_edit){ EDIT_DELETE, STR("nobody"), STR_NONE, STR_NONE }, E_CONFLICT);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_in),
		cmocka_unit_test(test_many_edits),
		cmocka_unit_test(test_take_away),
		cmocka_unit_test(test_empties),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_intent),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_delete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
