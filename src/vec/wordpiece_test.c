/* SPDX-License-Identifier: Apache-2.0 */
/* wordpiece_test.c - texts and the tokens they must give; any bytes end. */
#include "vec/wordpiece.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct str vocab[] = { STR_INIT("[PAD]"), STR_INIT("[UNK]"), STR_INIT("[CLS]"),
	STR_INIT("[SEP]"), STR_INIT("un"), STR_INIT("##aff"), STR_INIT("##able"),
	STR_INIT("##a"), STR_INIT("unaffable"), STR_INIT("want"), STR_INIT("##want"),
	STR_INIT("##ed"), STR_INIT("wa"), STR_INIT("##n"), STR_INIT("runn"), STR_INIT("##ing"),
	STR_INIT(","), STR_INIT("."), STR_INIT("["), STR_INIT("]"), STR_INIT("sep"),
	STR_INIT("cafe"), STR_INIT("\xe4\xb8\xad"), STR_INIT("\xe5\x9b\xbd"), STR_INIT("x"),
	STR_INIT("##x"), STR_INIT("\xe1\x84\x80"), STR_INIT("##\xe1\x85\xa1"), STR_INIT("i"),
	STR_INIT("\xe2\x80\x94"), STR_INIT("$"), STR_INIT("##"), STR_INIT("#"), STR_INIT("Want"),
	STR_INIT("caf\xc3\xa9"), STR_INIT("want") };

#define VOCAB_N (sizeof(vocab) / sizeof(vocab[0]))

/* What a case's ids spell, apart by '|'. */
static void
spell(const struct wordpiece *w, struct str text, char *out, size_t max)
{
	uint32_t ids[64];
	size_t n = wordpiece_encode(w, text, ids, 64, NULL), at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct str t = vocab[ids[i]];

		assert_true(at + t.n + 2 < max);
		if (i > 0)
			out[at++] = '|';
		memcpy(out + at, t.p, t.n);
		at += t.n;
		out[at] = '\0';
	}
}

struct example {
	struct str text;
	const char *tokens;
};

static const struct example lower_cases[] = {
	{ STR_INIT("unaffable"), "unaffable" },
	{ STR_INIT("unaff"), "un|##aff" },
	{ STR_INIT("UNWANTED, running."), "un|##want|##ed|,|runn|##ing|." },
	{ STR_INIT("unwanteX running"), "[UNK]|runn|##ing" },
	{ STR_INIT("Caf\xc3\xa9 cafe\xcc\x81"), "cafe|cafe" },
	{ STR_INIT("want\xe4\xb8\xad\xe5\x9b\xbdwant"), "want|\xe4\xb8\xad|\xe5\x9b\xbd|want" },
	{ STR_INIT("[SEP]"), "[|sep|]" },
	{ STR_INIT("wa\x01\x02nt wa\xe2\x80\x8bnt"), "want|want" },
	{ STR_INIT("wan\xffted"), "want|##ed" },
	{ STR_INIT("want\xc2\xa0want\xe3\x80\x80want\xe2\x80\xa8want"), "want|want|want|want" },
	{ STR_INIT("want\xe2\x80\x94want"), "want|\xe2\x80\x94|want" },
	{ STR_INIT("\xea\xb0\x80"), "\xe1\x84\x80|##\xe1\x85\xa1" },
	{ STR_INIT("\xc4\xb0"), "i" },
	{ STR_INIT("$$"), "$|$" },
	{ STR_INIT("##want"), "#|#|want" },
	{ STR_INIT("\xcc\x81\xcc\x81"), "" },
	{ STR_INIT("wa\xcc\x81\xcc\x82\xcc\x83\xcc\x84nt"), "want" },
	{ STR_INIT("\xf0\x9f\x98\x80 want"), "[UNK]|want" },
	{ STR_INIT(""), "" },
	{ STR_INIT("wa\0nt"), "want" },
};

static void
test_lower(void **state)
{
	struct wordpiece *w;
	char got[1024];

	(void)state;
	assert_int_equal(wordpiece_new(vocab, VOCAB_N, true, &w, NULL), E_OK);
	for (size_t i = 0; i < sizeof(lower_cases) / sizeof(lower_cases[0]); i++) {
		spell(w, lower_cases[i].text, got, sizeof(got));
		assert_string_equal(got, lower_cases[i].tokens);
	}
	wordpiece_free(&w);
	assert_null(w);
}

static void
test_cased(void **state)
{
	struct wordpiece *w;
	char got[1024];

	(void)state;
	assert_int_equal(wordpiece_new(vocab, VOCAB_N, false, &w, NULL), E_OK);
	spell(w, STR("Want caf\xc3\xa9 WANT"), got, sizeof(got));
	assert_string_equal(got, "Want|caf\xc3\xa9|[UNK]");
	wordpiece_free(&w);
}

static void
test_long_words(void **state)
{
	struct wordpiece *w;
	char text[500];
	uint32_t ids[200];

	(void)state;
	assert_int_equal(wordpiece_new(vocab, VOCAB_N, true, &w, NULL), E_OK);
	memset(text, 'x', sizeof(text));
	assert_int_equal(wordpiece_encode(w, (struct str){ text, 100 }, ids, 200, NULL), 100);
	assert_int_equal(wordpiece_encode(w, (struct str){ text, 101 }, ids, 200, NULL), 1);
	assert_true(str_eqz(vocab[ids[0]], "[UNK]"));
	assert_int_equal(wordpiece_encode(w, (struct str){ text, 100 }, ids, 7, NULL), 7);
	for (size_t i = 0; i + 4 <= 404; i += 4)	/* as long as 101 characters can be */
		memcpy(text + i, "\xf0\x90\x90\x80", 4);
	assert_int_equal(wordpiece_encode(w, (struct str){ text, 404 }, ids, 200, NULL), 1);
	assert_int_equal(wordpiece_encode(w, (struct str){ text, 400 }, ids, 200, NULL), 1);
	wordpiece_free(&w);
}

static void
test_counts_words(void **state)
{
	struct wordpiece *w;
	struct wordpiece_count c;
	uint32_t ids[16];

	(void)state;
	assert_int_equal(wordpiece_new(vocab, VOCAB_N, true, &w, NULL), E_OK);
	assert_int_equal(wordpiece_encode(w, STR("want, unwanted zzz."), ids, 16, &c), 7);
	assert_int_equal(c.words, 3);
	assert_int_equal(c.whole, 1);
	wordpiece_free(&w);
}

static void
test_any_bytes(void **state)
{
	struct wordpiece *w;
	uint32_t ids[128];
	size_t big = (size_t)1 << 20;
	char *p = malloc(big);
	uint64_t h = 1;

	(void)state;
	assert_non_null(p);
	assert_int_equal(wordpiece_new(vocab, VOCAB_N, true, &w, NULL), E_OK);
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < big; i++) {
			h = h * 6364136223846793005u + 1442695040888963407u;
			p[i] = (char)(h >> 56 | (round % 2 ? 0x80 : 0));
		}
		assert_true(wordpiece_encode(w, (struct str){ p, big }, ids, 128, NULL) <= 128);
		for (size_t i = 0; i < 128; i++)
			assert_true(ids[i] < VOCAB_N);
	}
	for (size_t i = 0; i + 2 <= big; i += 2)	/* zalgo: nothing but accents */
		memcpy(p + i, "\xcc\x81", 2);
	assert_int_equal(wordpiece_encode(w, (struct str){ p, big }, ids, 128, NULL), 0);
	free(p);
	wordpiece_free(&w);
}

static void
test_missing_specials(void **state)
{
	struct wordpiece *w;
	struct fault f;

	(void)state;
	assert_int_equal(wordpiece_new(vocab, 3, true, &w, &f), E_INVALID);
	assert_non_null(strstr(f.text, "[SEP]"));
	assert_null(w);
	assert_int_equal(wordpiece_new(vocab, 0, true, &w, &f), E_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lower),
		cmocka_unit_test(test_cased),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_counts_words),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_missing_specials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
