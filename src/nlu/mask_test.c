/* SPDX-License-Identifier: Apache-2.0 */
/* mask_test.c - what of a past message is learned from, and what of it a model keeps. */
#include "nlu/mask.h"

#include "base/buf.h"
#include "nlu/classifier.h"
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
		struct str got = mask_message(str_from(cases[i].said), policy, patterns, a);

		if (!str_eqz(got, cases[i].kept))
			fail_msg("\"%s\" became \"%.*s\"", cases[i].said, STR_ARG(got));
	}
	for (size_t i = 0; i < sizeof(longer); i++)
		longer[i] = i % 5 == 4 ? ' ' : 'a';
	assert_int_equal(mask_message((struct str){ longer, sizeof(longer) }, policy, patterns, a).n, 0);
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

/* Two intents, as what a classifier learns: one of them is always likely enough to spread. */
static struct training
two_intents(struct embedder *e, const struct str *history, size_t n)
{
	struct class_def *classes = arena_array(a, struct class_def, 2);
	struct labelled *v = arena_array(a, struct labelled, 2 * 1000);
	struct training t = { .classes = classes, .classes_n = 2, .v = v, .history = history, .history_n = n,
		.embedder = e, .policy = policy, .patterns = patterns, .seed = 1, .hurry = true };

	for (int i = 0; i < 2; i++) {
		const struct intent *in = &policy->intents[i];

		classes[i] = (struct class_def){ in->id, in->name, in->description };
		for (size_t k = 0; k < in->examples_n && k < 1000; k++)
			v[t.n++] = (struct labelled){ in->examples[k], i };
	}
	return t;
}

static void
keeps_nothing_of_anybody(void **state)
{
	static const char *const said[] = {
		"where is my order gizmoto", "wheres my parcel gizmoto", "need a return label gizmoto",
		"where is my order, this is zbigniewa", "wheres my parcel HP-7731 and mail me at ana@example.org",
	};
	static const char *const never[] = { "gizmoto", "7731", "ana@" };
	enum { N = sizeof(said) / sizeof(said[0]) };
	struct str history[N];
	struct embedder *e = small_encoder();
	struct training t = two_intents(e, history, N);
	struct classifier *c = NULL;
	struct fault f = { 0 };
	struct buf b;

	(void)state;
	for (size_t i = 0; i < N; i++)
		history[i] = mask_message(str_from(said[i]), policy, patterns, a);
	buf_init(&b, (size_t)64 << 20);
	assert_int_equal(classifier_train(&t, &c, &f), E_OK);
	classifier_save(c, &b);
	assert_true(has_word(&b, "gizmoto"));
	assert_false(has_word(&b, "zbigniewa"));
	for (size_t i = 0; i < N; i++)
		assert_false(has(&b, history[i].p, history[i].n));
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_false(has(&b, never[i], strlen(never[i])));
	classifier_unref(&c);
	embedder_free(&e);
	buf_free(&b);
}

/* Trains, and saves into b; how many past messages it says it learned from, and their sum. */
static size_t
learned_from(struct embedder *e, const struct str *history, size_t n, struct buf *b, struct str *sum)
{
	struct policy two = *policy;
	struct model *m = NULL, *loaded = NULL;
	struct fault f = { 0 };
	struct str again;
	size_t used;

	two.intents_n = 2;
	assert_int_equal(model_train(&two, &(struct model_how){ .embedder = e, .history = history, .history_n = n,
	    .hurry = true }, &m, &f), E_OK);
	buf_init(b, (size_t)64 << 20);
	model_save(m, b);
	used = model_history(m, a, sum);
	assert_int_equal(model_load(&two, e, buf_str(b), &loaded, &f), E_OK);
	assert_int_equal(model_history(loaded, a, &again), used);
	assert_true(str_eq(*sum, again));
	model_unref(&m);
	model_unref(&loaded);
	return used;
}

static void
says_what_it_learned_from(void **state)
{
	static const struct str kept[] = { STR_INIT("return label order parcel"), STR_INIT("send order back parcel when") };
	static const struct str astray[] = {
		STR_INIT("where is my order gizmoto"), STR_INIT("wheres my parcel gizmoto"),
		STR_INIT("need a return label gizmoto"), STR_INIT("how do I return something gizmoto"),
		STR_INIT("I want to send these trousers back gizmoto"), STR_INIT("where is my order, this is zbigniewa"),
	};
	struct embedder *e = small_encoder();
	struct str sum, other;
	struct buf one, another, worse, none, words;

	(void)state;
	assert_int_equal(learned_from(e, kept, 1, &one, &sum), 1);
	assert_int_equal(sum.n, 64);
	assert_int_equal(learned_from(e, kept + 1, 1, &another, &other), 1);
	assert_false(str_eq(sum, other));
	/* Neighbours by chance, as these weights have them, make it worse: it is as without. */
	assert_int_equal(learned_from(e, astray, sizeof(astray) / sizeof(astray[0]), &worse, &sum), 0);
	assert_int_equal(learned_from(e, NULL, 0, &none, &sum), 0);
	assert_int_equal(sum.n, 0);
	assert_true(str_eq(buf_str(&worse), buf_str(&none)));
	/* Words alone learn from labels only. */
	assert_int_equal(learned_from(NULL, kept, 1, &words, &sum), 0);
	embedder_free(&e);
	buf_free(&one);
	buf_free(&another);
	buf_free(&worse);
	buf_free(&none);
	buf_free(&words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(keeps_nothing_of_anybody),
		cmocka_unit_test(says_what_it_learned_from),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
