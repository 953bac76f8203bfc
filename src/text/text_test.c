/* SPDX-License-Identifier: Apache-2.0 */
/* text_test.c - words, normal form, language, stems and Markdown. */
#include "base/arena_fixture.h"
#include "base/buf.h"
#include "base/cases_fixture.h"
#include "text/lang.h"
#include "text/lang_desk.h"
#include "text/lang_grams.h"
#include "text/markdown.h"
#include "text/stem.h"
#include "text/tokens.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *
words_of(const char *text, size_t n)
{
	const struct str *w;
	size_t count;

	text_words(arena, (struct str){ text, n }, &w, &count);
	return str_z(arena, str_join(arena, w, count, STR("|")));
}

/* src/text/tokens.cases: text TAB words joined by | */
static void
words(void **state)
{
	struct cases c = cases_open("src/text/tokens.cases");
	struct str line;

	(void)state;
	while (cases_next(&c, &line)) {
		struct str want, text = str_cut(line, '\t', &want);

		assert_string_equal(words_of(text.p, text.n), want.p);
	}
	cases_close(&c, 20);
}

static void
hostile(void **state)
{
	size_t big = (size_t)1 << 20;
	char *p = arena_alloc(arena, big);
	struct str n;

	(void)state;
	assert_string_equal(words_of("", 0), "");
	assert_string_equal(words_of("\xff\xfe" "a\0b\xc3", 6), "ab");
	memset(p, 'A', big);
	assert_int_equal(text_normalise(arena, (struct str){ p, big }).n, TEXT_MAX_CHARS);
	for (size_t i = 0; i + 4 <= big; i += 4)
		memcpy(p + i, "\xf0\x9f\x98\x80", 4);
	n = text_normalise(arena, (struct str){ p, big });
	assert_int_equal(n.n, TEXT_MAX_CHARS * 4);
	assert_true(str_utf8_valid(n, NULL));
	/* U+FDFA grows eighteenfold */
	for (size_t i = 0; i + 3 <= big; i += 3)
		memcpy(p + i, "\xef\xb7\xba", 3);
	n = text_normalise(arena, (struct str){ p, big });
	assert_true(n.n < (size_t)TEXT_MAX_CHARS * 36 && str_utf8_valid(n, NULL));
	/* zalgo: at most three marks stay on a letter */
	p[0] = 'e';
	for (size_t i = 1; i + 2 <= 4001; i += 2)
		memcpy(p + i, "\xcd\x93", 2);
	assert_int_equal(text_normalise(arena, (struct str){ p, 4001 }).n, 7);
}

static void
graphemes(void **state)
{
	struct str family = STR("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" "e\xcc\x81x");

	(void)state;
	assert_int_equal(utf8_clip_graphemes(family, 1).n, 11);
	assert_int_equal(utf8_clip_graphemes(family, 2).n, 14);
	assert_int_equal(utf8_clip_graphemes(family, 9).n, family.n);
	assert_int_equal(utf8_clip_graphemes(STR("abc"), 0).n, 0);
}

/* src/text/lang.cases: language TAB text; "-" is none of the allowed (en, de) */
static void
languages(void **state)
{
	static const struct str allowed[] = { { "en", 2 }, { "de", 2 } };
	FILE *f = fopen("src/text/lang.cases", "r");
	char line[1024];
	int n = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		const struct str *w;
		size_t count;
		struct lang_guess g;

		if (line[0] == '#' || strlen(line) < 4)
			continue;
		line[strcspn(line, "\n")] = '\0';
		text_words(arena, str_from(strchr(line, '\t') + 1), &w, &count);
		g = lang_of(w, count, allowed, 2, STR_NONE);
		n++;
		if (!(line[0] == '-' ? g.lang.n == 0 : str_eq(g.lang, (struct str){ line, 2 }))) {
			print_message("lang: %s: got \"%.*s\" (%d)\n", line, STR_ARG(g.lang), g.ppm);
			wrong++;
		}
	}
	fclose(f);
	assert_true(n >= 60);
	assert_int_equal(wrong, 0);
}

static void
language_prior(void **state)
{
	static const struct str allowed[] = { { "en", 2 }, { "de", 2 } };
	const struct str *w;
	size_t n;
	struct lang_guess g;

	(void)state;
	text_words(arena, STR("HP-1042"), &w, &n);
	g = lang_of(w, n, allowed, 2, STR("de"));
	assert_true(str_eqz(g.lang, "de"));
	g = lang_of(w, n, allowed, 2, STR_NONE);
	assert_true(str_eqz(g.lang, "en") && g.ppm < 700000);
	text_words(arena, STR("where is my parcel please"), &w, &n);
	assert_true(str_eqz(lang_of(w, n, allowed, 2, STR("de")).lang, "en"));
	assert_true(lang_is_stopword(STR("de"), STR("und")));
	assert_false(lang_is_stopword(STR("en"), STR("parcel")));
}

/* One word or two, of the seven languages that a desk here speaks well, and of others. */
static void
many_languages(void **state)
{
	static const struct str seven[] = { { "en", 2 }, { "de", 2 }, { "fr", 2 }, { "es", 2 }, { "pt", 2 },
		{ "it", 2 }, { "nl", 2 } };
	static const struct str han[] = { { "ja", 2 }, { "zh", 2 } };
	static const struct str east[] = { { "ru", 2 }, { "uk", 2 }, { "bg", 2 }, { "sr", 2 }, { "zh", 2 },
		{ "ja", 2 }, { "ar", 2 }, { "fa", 2 }, { "ka", 2 }, { "hi", 2 }, { "mr", 2 } };
	static const struct {
		const char *lang, *text;
	} cases[] = { { "en", "shoelaces" }, { "de", "Schnürsenkel" }, { "fr", "où est mon colis" },
		{ "es", "todavía no ha llegado" }, { "pt", "ainda não chegou" }, { "it", "scarpe rotte" },
		{ "nl", "waar blijft mijn pakje" }, { "fr", "remboursement" }, { "it", "vorrei restituirlo" },
		{ "pt", "quero devolver" }, { "es", "quiero devolverlo" }, { "nl", "gebroken rits" },
		{ "en", "wrong size" }, { "en", "stitching undone" }, { "en", "misplaced voucher" },
		{ "de", "Sohle gelöst" }, { "de", "Gutschein abgelaufen" }, { "de", "verkehrte Farbe" },
		{ "fr", "semelle décollée" }, { "fr", "mauvaise taille" }, { "fr", "livraison tardive" },
		{ "es", "cremallera atascada" }, { "es", "talla equivocada" }, { "es", "envío retrasado" },
		{ "pt", "sapato rasgado" }, { "pt", "tamanho errado" }, { "pt", "encomenda atrasada" },
		{ "it", "cerniera bloccata" }, { "it", "taglia sbagliata" }, { "it", "consegna in ritardo" },
		{ "nl", "losgeraakte zool" }, { "nl", "verkeerde maat" }, { "nl", "beschadigde verpakking" } },
	  others[] = { { "ru", "где мой заказ" }, { "uk", "де моє замовлення" }, { "bg", "къде е поръчката ми" },
		{ "zh", "我的订单在哪里" }, { "ja", "注文はどこですか" }, { "ar", "أين طلبي" },
		{ "fa", "سفارش من کجاست" }, { "ka", "სად არის ჩემი შეკვეთა" }, { "hi", "मेरा ऑर्डर कहाँ है" },
		{ "mr", "माझी ऑर्डर कुठे आहे" }, { "mr", "मला पैसे परत हवे आहेत" }, { "hi", "मुझे पैसे वापस चाहिए" } };
	const struct str *w;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_words(arena, str_from(cases[i].text), &w, &n);
		assert_string_equal(str_z(arena, lang_of(w, n, seven, 7, STR_NONE).lang), cases[i].lang);
		assert_true(str_eqz(lang_script(w, n), "Latn"));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		text_words(arena, str_from(others[i].text), &w, &n);
		assert_string_equal(str_z(arena, lang_of(w, n, east, 11, STR_NONE).lang), others[i].lang);
	}
	text_words(arena, STR("退款"), &w, &n);
	assert_string_equal(str_z(arena, lang_of(w, n, han, 2, STR_NONE).lang), "zh");
	assert_string_equal(str_z(arena, lang_of(w, n, han, 2, STR("ja")).lang), "ja");
	text_words(arena, STR("где мой заказ"), &w, &n);
	assert_true(str_eqz(lang_script(w, n), "Cyrl"));
	assert_int_equal(lang_of(w, n, seven, 7, STR("en")).lang.n, 0);
	text_words(arena, STR("1042 \xff\xfe !!"), &w, &n);
	assert_true(lang_of(w, n, seven, 7, STR("fr")).ppm <= 1000000);
}

/* What is common in one of the seven is known to be rarer in the others; what nobody says is not known. */
static void
known_words(void **state)
{
	static const struct {
		struct str word;
		size_t lang;
	} cases[] = { { { "brought", 7 }, 0 }, { { "salud", 5 }, 3 }, { { "vorrei", 6 }, 5 }, { { "gemaakt", 7 }, 6 } };
	uint8_t rarer[LANG_DESK_N];

	(void)state;
	for (size_t l = 0; l < LANG_DESK_N; l++)
		assert_int_equal(lang_grams_index(str_from(&"en\0de\0fr\0es\0pt\0it\0nl"[3 * l])), l);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(lang_desk_find(cases[i].word, rarer));
		for (size_t l = 0; l < LANG_DESK_N; l++)
			assert_true(l == cases[i].lang ? rarer[l] == 0 : rarer[l] >= 2);
	}
	assert_false(lang_desk_find(STR("bxqkwzzvj"), rarer));
	assert_false(lang_desk_find(STR_NONE, rarer));
}

/* Letters are read until the language is sure: what comes after, however long, changes nothing. */
static void
long_messages(void **state)
{
	static const struct str two[] = { { "en", 2 }, { "de", 2 } };
	const struct str *w;
	size_t n;

	(void)state;
	text_words(arena, STR("I would like to return these shoes because the left one squeaks. Donaudampfschifffahrts"
	    "gesellschaft Schnürsenkel Pfandflaschen"), &w, &n);
	assert_string_equal(str_z(arena, lang_of(w, n, two, 2, STR_NONE).lang), "en");
	text_words(arena, STR("Thank you! Leider ist der linke Schuh nach zwei Wochen an der Sohle aufgegangen."), &w, &n);
	assert_string_equal(str_z(arena, lang_of(w, n, two, 2, STR_NONE).lang), "de");
}

static void
stems(void **state)
{
	struct stemmer *en = stemmer_new(arena, STR("en")), *de = stemmer_new(arena, STR("de"));
	struct stemmer *none = stemmer_new(arena, STR("xx"));

	(void)state;
	assert_true(str_eqz(stemmer_word(en, arena, STR("returned")), "return"));
	assert_true(str_eq(stemmer_word(de, arena, STR("bestellungen")),
	    stemmer_word(de, arena, STR("bestellung"))));
	assert_true(str_eqz(stemmer_word(none, arena, STR("returned")), "returned"));
	assert_true(str_eqz(stemmer_word(en, arena, STR_NONE), ""));
}

static const char article[] =
	"Before all.\n\n## Opened and tried on {#opened}\n\nOpened *is* fine &amp; [ok](https://e.org/a?b=1&c=2).\n"
	"Really.\n\nSecond <script>alert(1)</script> [x](javascript:alert(1)) [y](//e.org)\n\n## Same\n\n"
	"- one\n- two\n\n### Same\n\n1. a\n2. b\n\n![alt](https://e.org/i.png)\n\n"
	"| h | i |\n|---|---|\n| c | d |\n";

static void
passages(void **state)
{
	static const char *const expect[][3] = {
		{ "top", "", "Before all." },
		{ "opened", "Opened and tried on", "Opened is fine & ok. Really." },
		{ "opened-2", "Opened and tried on", "Second <script>alert(1)</script> x y" },
		{ "same", "Same", "- one\n- two" },
		{ "same-2", "Same", "- a\n- b" },
		{ "same-2-2", "Same", "alt" },
		{ "same-2-3", "Same", "h | i\nc | d" },
	};
	const struct md_passage *v;
	size_t n = 0;

	(void)state;
	assert_int_equal(markdown_passages(arena, str_from(article), &v, &n, NULL), E_OK);
	assert_int_equal(n, sizeof(expect) / sizeof(expect[0]));
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(str_z(arena, v[i].anchor), expect[i][0]);
		assert_string_equal(str_z(arena, v[i].section), expect[i][1]);
		assert_string_equal(str_z(arena, v[i].text), expect[i][2]);
	}
}

static void
html(void **state)
{
	struct buf b;
	const char *z;

	(void)state;
	buf_init(&b, 1 << 16);
	assert_int_equal(markdown_html(arena, str_from(article), &b, NULL), E_OK);
	z = buf_z(&b);
	assert_non_null(strstr(z, "<h3 id=\"opened\">Opened and tried on</h3>"));
	assert_non_null(strstr(z, "<p id=\"opened-2\">Second &lt;script&gt;"));
	assert_non_null(strstr(z, "<a href=\"https://e.org/a?b=1&amp;c=2\" rel=\"noopener noreferrer\">ok</a>"));
	assert_null(strstr(z, "javascript"));
	assert_null(strstr(z, "<script"));
	assert_null(strstr(z, "<img"));
	assert_null(strstr(z, "//e.org\""));
	assert_non_null(strstr(z, "<ul><li>one</li><li>two</li></ul>"));
	buf_free(&b);
}

static void
markdown_limits(void **state)
{
	size_t big = MARKDOWN_MAX + 1;
	char *p = arena_alloc(arena, big);
	const struct md_passage *v;
	size_t n;
	struct fault f = { 0 };

	(void)state;
	memset(p, '#', big);
	assert_int_equal(markdown_passages(arena, (struct str){ p, big }, &v, &n, &f), E_TOOBIG);
	assert_int_equal(markdown_passages(arena, STR("a\xff"), &v, &n, &f), E_INVALID);
	memset(p, '>', big);
	(void)!markdown_passages(arena, (struct str){ p, 60000 }, &v, &n, &f);
	for (size_t i = 0; i + 3 <= 30000; i += 3)
		memcpy(p + i, "a\n\n", 3);
	assert_int_equal(markdown_passages(arena, (struct str){ p, 30000 }, &v, &n, &f), E_TOOBIG);
	assert_int_equal(markdown_passages(arena, STR_NONE, &v, &n, &f), E_OK);
	assert_int_equal(n, 0);
}

static void
front_matter(void **state)
{
	struct str front, body;
	int line;

	(void)state;
	markdown_front(STR("---\nid: x\n---\n## A\n"), &front, &body, &line);
	assert_true(str_eqz(front, "id: x\n") && str_eqz(body, "## A\n"));
	assert_int_equal(line, 4);
	markdown_front(STR("---\nid: x\n"), &front, &body, &line);
	assert_true(front.n == 0 && str_eqz(body, "---\nid: x\n") && line == 1);
	markdown_front(STR("text"), &front, &body, &line);
	assert_true(front.n == 0 && str_eqz(body, "text"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(hostile),
		cmocka_unit_test(graphemes),
		cmocka_unit_test(languages),
		cmocka_unit_test(language_prior), cmocka_unit_test(many_languages),
		cmocka_unit_test(known_words), cmocka_unit_test(long_messages),
		cmocka_unit_test(stems),
		cmocka_unit_test(passages),
		cmocka_unit_test(html),
		cmocka_unit_test(markdown_limits),
		cmocka_unit_test(front_matter),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
