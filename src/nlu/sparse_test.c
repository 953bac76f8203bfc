/* SPDX-License-Identifier: Apache-2.0 */
/* sparse_test.c - the sparse model: learns, repeats itself, comes back from bytes. */
#include "nlu/sparse.h"

#include "base/arena_fixture.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "nlu/grams.h"
#include "nlu/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define N 12
#define CLASSES 3

static struct sparse_text text[N];

static const char *const said[N] = {
	"where is my parcel", "my parcel has not arrived", "track the parcel please", "when does it arrive",
	"i want my money back", "please refund me", "how do i get a refund", "money back for the shoes",
	"cancel my order", "i want to cancel it", "please stop the order", "cancel everything now",
};

static int
setup(void **state)
{
	(void)arena_setup(state);
	for (size_t i = 0; i < N; i++) {
		words_of_text(arena, str_from(said[i]), NULL, NULL, &text[i].words, &text[i].n);
		text[i].class = (int)(i / 4);
		text[i].weight = 1;
	}
	return 0;
}

static struct sparse *
trained(const bool *skip, uint64_t seed)
{
	struct sparse *m = NULL;
	struct fault f;

	assert_int_equal(sparse_train(arena, arena, text, N, skip, CLASSES, seed, 0, &m, &f), E_OK);
	return m;
}

static int
best_of(const struct sparse *m, const char *z, struct sparse_sight *sight)
{
	const struct str *words;
	float logit[CLASSES];
	size_t n;
	int best = 0;

	words_of_text(arena, str_from(z), NULL, NULL, &words, &n);
	sparse_score(m, arena, words, n, logit, NULL, sight);
	for (int c = 1; c < CLASSES; c++)
		best = logit[c] > logit[best] ? c : best;
	return best;
}

static void
learns(void **state)
{
	const struct sparse *m = trained(NULL, 1);
	struct sparse_sight sight;
	float pull[4];

	(void)state;
	for (size_t i = 0; i < N; i++)
		assert_int_equal(best_of(m, said[i], &sight), i / 4);
	assert_true(sight.known > 0.99f && sight.words_known > 0.99f);
	assert_int_equal(best_of(m, "parcels?", &sight), 0);
	assert_true(sight.words_known < 0.01f && sight.known > 0.1f && sight.known < 0.99f);
	assert_int_equal(best_of(m, "refunding", &sight), 1);
	(void)best_of(m, "xyzzy", &sight);
	assert_true(sight.known < 0.3f);
	sparse_pull(m, arena, text[8].words, text[8].n, 2, pull);
	assert_true(pull[0] > pull[1] && pull[0] > 0);	/* cancel my order */
}

/* A misspelt word has pieces only; what they say is a part of what is said. */
static void
pieces_speak_apart(void **state)
{
	const struct sparse *m = trained(NULL, 1);
	float logit[CLASSES], none[CLASSES], pieces[CLASSES];
	struct str refunnd = STR("refunnd"), unknown = STR("zzzz");
	struct sparse_sight sight;

	(void)state;
	sparse_score(m, arena, &unknown, 1, none, pieces, &sight);
	for (int c = 0; c < CLASSES; c++)
		assert_true(pieces[c] <= 0 && pieces[c] >= 0);
	sparse_score(m, arena, &refunnd, 1, logit, pieces, &sight);
	assert_true(pieces[1] > pieces[0] && pieces[1] > pieces[2]);
	for (int c = 0; c < CLASSES; c++)
		assert_float_equal(logit[c], none[c] + pieces[c], 1e-4f);	/* none: what is said of nothing */
}

static void
same_bytes(void **state)
{
	struct buf a, b, c;

	(void)state;
	buf_init(&a, 1 << 24);
	buf_init(&b, 1 << 24);
	buf_init(&c, 1 << 24);
	sparse_save(trained(NULL, 1), &a);
	sparse_save(trained(NULL, 1), &b);
	sparse_save(trained(NULL, 2), &c);
	assert_true(str_eq(buf_str(&a), buf_str(&b)));
	assert_false(str_eq(buf_str(&a), buf_str(&c)));
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

static void
skipped_is_unseen(void **state)
{
	bool skip[N] = { [8] = true, [9] = true, [10] = true, [11] = true };
	const struct sparse *m = trained(skip, 1);
	struct sparse_sight sight;

	(void)state;
	assert_int_not_equal(best_of(m, "cancel", &sight), 2);
	assert_true(sight.words_known < 0.01f);
}

static void
back_from_bytes(void **state)
{
	struct buf b;
	struct fault f;
	struct sparse *m, *back;
	float was[CLASSES], now[CLASSES];
	struct sparse_sight sight;
	struct bytes_reader r;

	(void)state;
	buf_init(&b, 1 << 24);
	m = trained(NULL, 1);
	sparse_save(m, &b);
	r = (struct bytes_reader){ buf_str(&b), 0, false };
	assert_int_equal(sparse_load(arena, &r, &back, &f), E_OK);
	assert_int_equal(r.at, b.n);
	for (size_t i = 0; i < N; i++) {
		sparse_score(m, arena, text[i].words, text[i].n, was, NULL, &sight);
		sparse_score(back, arena, text[i].words, text[i].n, now, NULL, &sight);
		assert_memory_equal(was, now, sizeof(was));
	}
	for (size_t cut = 0; cut < b.n; cut += cut < 64 ? 1 : 997) {
		r = (struct bytes_reader){ str_sub(buf_str(&b), 0, cut), 0, false };
		assert_int_equal(sparse_load(arena, &r, &back, &f), E_INVALID);
	}
	buf_free(&b);
}

static void
odd_training_sets(void **state)
{
	struct sparse *m;
	struct fault f;
	struct sparse_text one = { text[0].words, text[0].n, 0, 1 };
	float logit[1];
	struct sparse_sight sight;

	(void)state;
	assert_int_equal(sparse_train(arena, arena, text, N, NULL, 2, 1, 0, &m, &f), E_INVALID);
	assert_int_equal(sparse_train(arena, arena, text, N, NULL, 0, 1, 0, &m, &f), E_INVALID);
	assert_int_equal(sparse_train(arena, arena, &one, 1, NULL, 1, 1, 0, &m, &f), E_OK);
	assert_int_equal(sparse_train(arena, arena, NULL, 0, NULL, 1, 1, 0, &m, &f), E_OK);
	sparse_score(m, arena, text[0].words, text[0].n, logit, NULL, &sight);
	assert_true(sight.known < 0.01f);
	sparse_score(m, arena, NULL, 0, logit, NULL, &sight);
}

/* A customer may well say more than there is room for. */
static void
as_many_features_as_can_be(void **state)
{
	struct str *words = arena_array(arena, struct str, GRAM_WORDS_MAX);
	struct gram *g = arena_array(arena, struct gram, GRAMS_MAX);
	struct sparse_sight sight;
	float logit[CLASSES];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < GRAM_WORDS_MAX; i++)
		words[i] = str_fmt(arena, "unpronounceable%uantidisestablishment", i);
	n = grams_of(words, GRAM_WORDS_MAX, g, NULL);
	assert_int_equal(n, GRAMS_MAX);
	assert_in_range(grams_distinct(g, n), 1, n);
	sparse_score(trained(NULL, 1), arena, words, GRAM_WORDS_MAX, logit, NULL, &sight);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learns),
		cmocka_unit_test(pieces_speak_apart),
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(skipped_is_unseen),
		cmocka_unit_test(back_from_bytes),
		cmocka_unit_test(odd_training_sets),
		cmocka_unit_test(as_many_features_as_can_be),
	};

	return cmocka_run_group_tests(tests, setup, arena_teardown);
}
