/* SPDX-License-Identifier: Apache-2.0 */
/* slips_test.c - what is corrected, what never is, and what is said about it. */
#include "nlu/slips.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "nlu/english.h"
#include "nlu/slips_parts.h"
#include "nlu/sparse.h"
#include "nlu/words.h"
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct vocab vocab;

/* A desk's examples; the frequent words are said often. */
static const char *const said[] = {
	"where is my order", "the transfer of my order was cancelled", "cancel my order and refund it",
	"my card payment was declined", "the card for my account has not arrived",
	"i want a refund to my account", "track my parcel with zipperoo", "rücksendung der bestellung",
};

static int
setup(void **state)
{
	struct sparse_text text[80];

	(void)state;
	arena = arena_new((size_t)64 << 20);
	for (size_t i = 0; i < 80; i++)
		words_of_text(arena, str_from(said[i % 8]), NULL, NULL, &text[i].words, &text[i].n);
	vocab_of_texts(arena, arena, text, 80, &vocab);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct slips
mend(const char *z)
{
	const struct str *words;
	size_t n;

	words_of_text(arena, str_from(z), NULL, NULL, &words, &n);
	return slips_mend(&vocab, arena, words, n);
}

static const char *
mended(const char *z)
{
	struct slips s = mend(z);

	return str_z(arena, str_join(arena, s.words, s.n, STR(" ")));
}

static void
corrected(void **state)
{
	static const char *const list[][2] = {
		{ "where is my ordre", "where is my order" },
		{ "tranfser cancled", "transfer cancelled" },
		{ "my crad was declind", "my card was declined" },
		{ "wehre is the parcell", "where is the parcel" },
		{ "accoutn", "account" },
		{ "xard payment", "card payment" },		/* the first letter too */
		{ "rucksendung", "rücksendung" },		/* accents left out */
		{ "refuuuund", "refund" },
		{ "trnsfr", "transfer" },			/* no vowels */
		{ "zipperro", "zipperoo" },			/* the desk's own words */
		{ "i want a bananna for my acount", "i want a banana for my account" },
		{ "pls cancel b4 2moro", "please cancel before tomorrow" },
		{ "myorder", "my order" },
		{ "re fund", "refund" },
		{ "CANCLE MY ORDER", "cancel my order" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		assert_string_equal(mended(list[i][0]), list[i][1]);
}

static void
left_alone(void **state)
{
	static const char *const list[] = {
		"my horse is in the garden", "boat", "the weather is fine", "hp1042x", "zz99 ab12c",
		"anna and peter", "krzysztof", "wo ist meine sendung", "ou est mon colis", "qwxzyt",
		"\xe6\x97\xa5\xe6\x9c\xac", "a b c d",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		assert_int_equal(mend(list[i]).fixed_n, 0);
}

static void
said_what_was_corrected(void **state)
{
	struct slips s = mend("wheres myorder u cancled the re fund");

	(void)state;
	assert_int_equal(s.n, 7);
	assert_int_equal(s.fixed_n, 4);
	assert_true(str_eqz(s.fixed[0].from, "myorder") && str_eqz(s.fixed[0].to, "my order"));
	assert_true(str_eqz(s.fixed[1].from, "u") && str_eqz(s.fixed[1].to, "you"));
	assert_true(str_eqz(s.fixed[3].from, "re fund") && str_eqz(s.fixed[3].to, "refund"));
	assert_int_equal(s.at[1], 1);
	assert_int_equal(s.at[2], 1);
	assert_int_equal(s.at[6], 5);
}

static void
hands_and_ears(void **state)
{
	(void)state;
	assert_true(slip_cost(STR("recieve"), STR("receive")) < slip_cost(STR("recove"), STR("receive")));
	assert_true(slip_cost(STR("ordrr"), STR("order")) < slip_cost(STR("ordkr"), STR("order")) * 2);
	assert_true(slip_cost(STR("cird"), STR("card")) < slip_cost(STR("cgrd"), STR("card")));
	assert_true(slip_cost(STR("kard"), STR("card")) < slip_cost(STR("pard"), STR("card")));
	assert_true(slip_cost(STR("refundd"), STR("refund")) < slip_cost(STR("refunds"), STR("refund")));
	assert_int_equal(slip_cost(STR("same"), STR("same")), 0);
}

static void
english_words(void **state)
{
	size_t others = 0;

	(void)state;
	assert_true(english_is_common(STR("about")) && english_is_common(STR("zone")));
	assert_false(english_is_common(STR("abouu")) || english_is_common(STR("")) ||
	    english_is_common(STR("a")) || english_is_common(STR("zzzzzzzzzzzzzzzzzzzzzzz")));
	assert_true(english_has_word(STR("anna")) && english_has_word(STR("otter")));
	for (int i = 0; i < 1000; i++)
		others += english_has_word(str_fmt(arena, "qx%dzj", i));
	assert_true(others < 15);
}

static void
vocabulary_in_bytes(void **state)
{
	struct buf b;
	struct vocab back;
	struct bytes_reader r;

	(void)state;
	buf_init(&b, 1 << 20);
	vocab_save(&vocab, &b);
	r = (struct bytes_reader){ buf_str(&b), 0, false };
	vocab_load(arena, &r, &back);
	assert_false(r.bad);
	assert_int_equal(back.n, vocab.n);
	assert_int_equal(back.count[vocab_find(&back, STR("order"))], 30);
	for (size_t cut = 0; cut < b.n; cut++) {
		r = (struct bytes_reader){ str_sub(buf_str(&b), 0, cut), 0, false };
		vocab_load(arena, &r, &back);
		assert_true(r.bad);
	}
	buf_free(&b);
}

static void
hostile(void **state)
{
	char *z = arena_alloc(arena, 40001);

	(void)state;
	memset(z, 'a', 40000);
	z[40000] = '\0';
	assert_int_equal(mend(z).n, 1);
	for (size_t i = 1; i < 40000; i += 2)
		z[i] = i % 10 == 1 ? ' ' : 'q';
	assert_true(mend(z).n > 0);
	assert_int_equal(mend("").n, 0);
	assert_int_equal(slips_mend(NULL, arena, NULL, 0).n, 0);
	for (int i = 0; i < 10000; i++)
		memcpy(z + (size_t)i * 4, "\xf0\x9f\x98\xa1", 4);
	assert_string_equal(mended(z), "angry");
	assert_string_equal(mended("where is my \xf0\x9f\x93\xa6\xf0\x9f\x93\xa6 \xf0\x9f\x98\xa1?"),
	    "where is my parcel angry");
}

/* What was found for one text's words is what would be found for another's. */
static void
seen_before(void **state)
{
	static const char *const texts[] = { "cancel my ordre and the tranfser", "tranfser declind, blorfquix ordre",
		"wo ist die rucksendung der ordre", "blorfquix my ordre", "cancel my ordre and the tranfser" };
	struct slips_seen seen = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct str *words;
		struct slips alone, s;
		size_t n;

		words_of_text(arena, str_from(texts[i]), NULL, NULL, &words, &n);
		alone = slips_mend(&vocab, arena, words, n);
		s = slips_mend_seen(&vocab, arena, &seen, words, n);
		assert_int_equal(s.n, alone.n);
		assert_int_equal(s.fixed_n, alone.fixed_n);
		for (size_t k = 0; k < s.n; k++)
			assert_true(str_eq(s.words[k], alone.words[k]));
	}
	assert_true(seen.n > 0 && seen.n < 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corrected),
		cmocka_unit_test(left_alone),
		cmocka_unit_test(said_what_was_corrected),
		cmocka_unit_test(hands_and_ears),
		cmocka_unit_test(english_words),
		cmocka_unit_test(vocabulary_in_bytes),
		cmocka_unit_test(hostile),
		cmocka_unit_test(seen_before),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
