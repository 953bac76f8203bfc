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
edit(struct arena *a, struct example_edit e, enum err want)
{
	struct str out = STR_NONE;
	struct fault f;

	assert_int_equal(policy_edit_examples(a, str_from(file), &e, 1, &out, &f), want);
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
	struct example_edit *v = arena_array(a, struct example_edit, 500);
	struct buf *large = arg;
	struct str out;

	for (unsigned i = 0; i < 500; i++)
		v[i] = (struct example_edit){ true, STR("order"), str_fmt(a, "one that is new, %u of them", i) };
	TRY(policy_edit_examples(a, buf_str(large), v, 500, &out, f));
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
	struct str out = edit(a, (struct example_edit){ true, STR("order"), STR("has it been sent yet") }, E_OK);

	(void)state;
	assert_true(has(out, "      - 'last''s'\n      - has it been sent yet\n\n  # a word about returns\n"));
	assert_int_equal(out.n, strlen(file) + strlen("      - has it been sent yet\n"));
	out = edit(a, (struct example_edit){ true, STR("back"), STR("- \"x\": #no\n{a}") }, E_OK);
	assert_true(has(out, "    examples:\n      - \"- \\\"x\\\": #no\\x0a{a}\"\n  - id: flow\n"));
	out = edit(a, (struct example_edit){ true, STR("order"), STR("yes") }, E_OK);
	assert_true(has(out, "      - \"yes\"\n"));
	arena_free(&a);
}

static void
test_take_away(void **state)
{
	struct arena *a = arena_new(0);
	struct str out = edit(a, (struct example_edit){ false, STR("order"), STR("two lines") }, E_OK);

	(void)state;
	assert_true(has(out, "      # the next one is long\n      - 'last''s'\n"));
	assert_false(has(out, "two"));
	out = edit(a, (struct example_edit){ false, STR("order"), STR("last's") }, E_OK);
	assert_true(has(out, "         lines\"\n\n  # a word about returns\n"));
	arena_free(&a);
}

static void
test_empties(void **state)
{
	static const struct example_edit all[] = {
		{ false, STR_INIT("order"), STR_INIT("where is it") },
		{ false, STR_INIT("order"), STR_INIT("two lines") },
		{ false, STR_INIT("order"), STR_INIT("last's") },
		{ true, STR_INIT("order"), STR_INIT("and something again") },
	};
	struct arena *a = arena_new(0);
	struct str out;
	struct fault f;

	(void)state;
	assert_int_equal(policy_edit_examples(a, str_from(file), all, 3, &out, &f), E_OK);
	assert_true(has(out, "    examples: []\n"));
	assert_int_equal(policy_edit_examples(a, str_from(file), all, 4, &out, &f), E_OK);
	assert_true(has(out, "    examples:\n      - and something again\n"));
	arena_free(&a);
}

static void
test_refuses(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	edit(a, (struct example_edit){ true, STR("flow"), STR("one more of these") }, E_CONFLICT);
	edit(a, (struct example_edit){ false, STR("flow"), STR("a b") }, E_CONFLICT);
	edit(a, (struct example_edit){ false, STR("order"), STR("never was") }, E_CONFLICT);
	edit(a, (struct example_edit){ true, STR("nobody"), STR("one more of these") }, E_CONFLICT);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
