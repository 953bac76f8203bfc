/* SPDX-License-Identifier: Apache-2.0 */
/* past_test.c - what of a past message is learned from, and what of it a model keeps. */
#include "nlu/past.h"

#include "base/buf.h"
#include "nlu/demo_policy.h"
#include "nlu/embedder.h"
#include "nlu/grams.h"
#include "nlu/model.h"
#include "nlu/senses.h"
#include "vec/encoder_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena *a;
static const struct policy *policy;
static const struct patterns *patterns;

static int
setup(void **state)
{
	struct fault f = { 0 };

	(void)state;
	a = arena_new((size_t)256 << 20);
	policy = demo_policy(a, "demo/policy/intents.yaml");
	return policy != NULL && patterns_compile(a, policy, &patterns, &f) == E_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void
masks(void **state)
{
	static const struct { const char *said, *kept; } cases[] = {
		{ "where is my order HP-1042 please", "where is my order … please" },
		{ "my mail is ana.b@example.org, still no answer", "my mail is …, still no answer" },
		{ "call me on +44 20 7946 0018 about the boots", "call me on … about the boots" },
		{ "you charged card 4111 1111 1111 1111 twice", "you charged card … twice" },
		{ "my password is hunter2 and it does not work", "my password is … and it does not work" },
		{ "you took 49.90 EUR too much from me", "you took … too much from me" },
		{ "ticket ZX83120Q is still open, any news", "ticket … is still open, any news" },
		{ "see https://example.org/u/ana for the picture of it", "see … for the picture of it" },
		{ "I ordered two jackets last tuesday and got one", "I ordered two jackets last tuesday and got one" },
		{ "  wo bleibt meine Bestellung  ", "wo bleibt meine Bestellung" },
		{ "HP-1042", "" }, { "yes please", "" }, { "", "" }, { "ana@example.org", "" },
	};
	char longer[700];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = past_masked(str_from(cases[i].said), policy, patterns, a);

		if (!str_eqz(got, cases[i].kept))
			fail_msg("\"%s\" became \"%.*s\"", cases[i].said, STR_ARG(got));
	}
	for (size_t i = 0; i < sizeof(longer); i++)
		longer[i] = i % 5 == 4 ? ' ' : 'a';
	assert_int_equal(past_masked((struct str){ longer, sizeof(longer) }, policy, patterns, a).n, 0);
}

static struct embedder *
small_encoder(void)
{
	struct encoder_info info = fixture_info(ENCODER_F32);
	struct encoder *e = NULL;
	struct embedder *m;
	struct fault f = { 0 };

	info.width = 32;
	info.inner = 32;
	info.positions = 64;
	info.vocab = 4 + 52;
	if (encoder_make(fixture_weights(a, info, 3), KERNEL_PORTABLE, &e, &f) != E_OK)
		fail_msg("%s", f.text);
	m = embedder_new(e, NULL, 1000);
	encoder_unref(&e);
	return m;
}

static bool
has(const struct buf *b, const void *p, size_t n)
{
	return str_find(buf_str(b), (struct str){ p, n }) >= 0;
}

static bool
has_word(const struct buf *b, const char *word)
{
	uint32_t key = gram_of_word(str_from(word));
	uint8_t bytes[4] = { (uint8_t)key, (uint8_t)(key >> 8), (uint8_t)(key >> 16), (uint8_t)(key >> 24) };

	return has(b, bytes, sizeof(bytes));
}

static void
keeps_nothing_of_anybody(void **state)
{
	static const char *const said[] = {
		"where is my order of the gizmoto", "when will my package of gizmoto get here",
		"wheres my parcel with the gizmoto", "has my gizmoto stuff been sent out yet",
		"where is my order, this is zbigniewa", "wheres my parcel HP-7731 and mail me at ana@example.org",
	};
	enum { N = sizeof(said) / sizeof(said[0]) };
	struct str history[N], sum, again;
	struct embedder *e = small_encoder();
	struct model_how how = { .embedder = e, .history = history, .history_n = N, .hurry = true };
	struct policy two = *policy;	/* of two intents one is always likely enough to be learned from */
	struct model *m = NULL, *without = NULL, *loaded = NULL;
	struct buf b, c;
	struct fault f = { 0 };

	(void)state;
	two.intents_n = 2;
	for (size_t i = 0; i < N; i++)
		history[i] = past_masked(str_from(said[i]), policy, patterns, a);
	buf_init(&b, (size_t)64 << 20);
	buf_init(&c, (size_t)64 << 20);
	assert_int_equal(model_train(&two, &how, &m, &f), E_OK);
	model_save(m, &b);
	assert_true(has_word(&b, "gizmoto"));
	assert_false(has_word(&b, "zbigniewa"));
	for (size_t i = 0; i < N; i++)
		assert_false(has(&b, history[i].p, history[i].n));
	for (size_t i = 0; i < 3; i++) {
		static const char *const never[] = { "gizmoto", "7731", "ana@" };

		assert_false(has(&b, never[i], strlen(never[i])));
	}
	assert_int_equal(model_history(m, a, &sum), N);
	assert_int_equal(sum.n, 64);
	if (model_load(&two, e, buf_str(&b), &loaded, &f) != E_OK)
		fail_msg("%s", f.text);
	assert_int_equal(model_history(loaded, a, &again), N);
	assert_true(str_eq(sum, again));
	how.history_n = N - 1;
	assert_int_equal(model_train(&two, &how, &without, &f), E_OK);
	assert_int_equal(model_history(without, a, &again), N - 1);
	assert_false(str_eq(sum, again));
	model_unref(&without);
	/* Words alone learn from labels only, and say so. */
	how.embedder = NULL;
	assert_int_equal(model_train(&two, &how, &without, &f), E_OK);
	model_save(without, &c);
	assert_int_equal(model_history(without, a, &again), 0);
	assert_int_equal(again.n, 0);
	assert_false(has_word(&c, "gizmoto"));
	model_unref(&m);
	model_unref(&without);
	model_unref(&loaded);
	embedder_free(&e);
	buf_free(&b);
	buf_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(keeps_nothing_of_anybody),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
