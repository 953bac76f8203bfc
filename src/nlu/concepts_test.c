/* SPDX-License-Identifier: Apache-2.0 */
/* concepts_test.c - which words and phrases are which concept, and which are none. */
#include "nlu/concepts.h"

#include "base/arena_fixture.h"
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HITS 64

static bool
is_about(const char *text, const char *concept)
{
	struct concept_hit hits[HITS];
	const struct str *w;
	size_t n, found;

	text_words(arena, str_from(text), &w, &n);
	found = concepts_find(w, n, hits, HITS);
	for (size_t i = 0; i < found; i++) {
		assert_true(hits[i].n > 0 && hits[i].at + hits[i].n <= n);
		if (strcmp(hits[i].concept, concept) == 0)
			return true;
	}
	return false;
}

static void
other_words_for_the_same(void **state)
{
	static const char *const list[][2] = {
		{ "a package", "parcel" }, { "das Paket", "parcel" }, { "mein Päckchen", "parcel" },
		{ "what does it cost", "cost" }, { "was kostet das", "cost" }, { "how much", "cost" },
		{ "it is ripped", "damaged" }, { "kaputt", "damaged" }, { "came apart", "damaged" },
		{ "Rücksendung", "return" }, { "die Schuhgröße", "size" }, { "which size", "which_size" },
		{ "I will send the blue one back", "return" }, { "money back", "refund" },
		{ "it was purchased", "order" }, { "Reykjavik", "place" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (!is_about(list[i][0], list[i][1]))
			fail_msg("%s is not about %s", list[i][0], list[i][1]);
}

static void
none_of_them(void **state)
{
	(void)state;
	assert_false(is_about("gift card", "card"));	/* inside a longer phrase */
	assert_true(is_about("gift card", "voucher"));
	assert_false(is_about("how", "cost"));		/* half a phrase */
	assert_false(is_about("send it to the four or five people and then go back", "return")); /* too far apart */
	assert_false(is_about("sends", "card"));
	assert_false(is_about("pack", "parcel"));	/* a beginning is not enough */
	assert_false(is_about("fitter", "fits"));	/* nor is an open one where none is */
	assert_false(is_about("", "order"));
}

static void
few_hits_are_kept(void **state)
{
	struct str w[200];
	struct concept_hit hits[8];

	(void)state;
	for (size_t i = 0; i < 200; i++)
		w[i] = STR("order");
	assert_int_equal(concepts_find(w, 200, hits, 8), 8);
	assert_int_equal(concepts_find(w, 200, hits, 0), 0);
}

static void
known_words(void **state)
{
	(void)state;
	assert_true(concepts_has_word(STR("changed")));
	assert_true(concepts_has_word(STR("purchasing")));
	assert_false(concepts_has_word(STR("chagned")));
	assert_false(concepts_has_word(STR("..")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_words_for_the_same),
		cmocka_unit_test(none_of_them),
		cmocka_unit_test(few_hits_are_kept),
		cmocka_unit_test(known_words),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
