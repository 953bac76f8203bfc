/* SPDX-License-Identifier: Apache-2.0 */
/* answer_test.c - the demo's articles answer plain questions and keep silent on others. */
#include "kb/answer.h"

#include "kb/corpus_file.h"
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define THRESHOLD 750000	/* confidence.article of the demo */

static struct arena *fixed, *arena;
static const struct kb_candidate *corpus;
static struct kb_stats *stats;
static size_t corpus_n;

static int
setup(void **state)
{
	(void)state;
	fixed = arena_new((size_t)64 << 20);
	arena = arena_new((size_t)64 << 20);
	corpus = corpus_read(fixed, "demo/articles", &corpus_n, &stats);
	return corpus == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&fixed);
	arena_free(&arena);
	return 0;
}

static const struct passage *
best(const char *lang, const char *q, size_t *n)
{
	const struct passage *p;
	const struct str *w;
	size_t w_n;

	text_words(arena, str_from(q), &w, &w_n);
	kb_rank(stats, str_from(lang), w, w_n, corpus, corpus_n, 3, arena, &p, n);
	return p;
}

static void
answers(void **state)
{
	static const char *const list[][4] = {
		{ "en", "can i send it back if its been opened?", "returns", "opened" },
		{ "en", "how much is shipping", "delivery", "cost" },
		{ "en", "do you ship to denmark", "delivery", "countries" },
		{ "en", "what does a retrun cost", "returns", "cost" },
		{ "en", "do your boots run small", "sizing", "boots" },
		{ "en", "how long is a gift card valid", "gift_cards", "valid" },
		{ "en", "when do i get my money back", "returns", "money" },
		{ "en", "can i exchange for another size", "returns", "exchange" },
		/* "down" means something where a heading is nothing else */
		{ "en", "how do i wash my down jacket", "care", "down" },
		{ "en", "how do i wash my rain jacket", "care", "rain" },
		{ "de", "was kostet der versand", "delivery_de", "cost" },
		{ "de", "wie lange kann ich etwas zurückgeben", "returns_de", "time" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		size_t n;
		const struct passage *p = best(list[i][0], list[i][1], &n);

		assert_int_equal(n, 3);
		if (!str_eqz(p->article, list[i][2]) || !str_starts(p->anchor, str_from(list[i][3])) ||
		    p->score_ppm < THRESHOLD)
			fail_msg("%s: %.*s#%.*s %d", list[i][1], STR_ARG(p->article), STR_ARG(p->anchor),
			    p->score_ppm);
		assert_true(p[0].score_ppm >= p[1].score_ppm || !str_eq(p[0].language, p[1].language));
	}
}

static void
silence(void **state)
{
	static const char *const list[] = { "", "?", "the of and", "whats the weather like", "do you sell cars",
		"who won the match", "xyzzy plugh", "HP-1042" };
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		assert_true(best("en", list[i], &n)->score_ppm < THRESHOLD);
	kb_rank(NULL, STR("en"), NULL, 0, NULL, 0, 3, arena, &(const struct passage *){ NULL }, &n);
	assert_int_equal(n, 0);
}

static void
searched_words(void **state)
{
	const struct str *w, *out;
	size_t w_n, n;
	struct str all;

	(void)state;
	text_words(arena, STR("how do I retrun the jackets"), &w, &w_n);
	kb_query(stats, STR("en"), w, w_n, arena, &out, &n);
	all = str_join(arena, out, n, STR(" "));
	assert_true(str_find(all, STR("return")) >= 0 && str_find(all, STR("jacket")) >= 0);
	assert_true(str_find(all, STR("the")) < 0);
	/* without statistics it still works */
	kb_query(NULL, STR("en"), w, w_n, arena, &out, &n);
	assert_true(n >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(silence),
		cmocka_unit_test(searched_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
