/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - a text as the words of a model. */
#include "nlu/words.h"

#include "nlu/senses.h"
#include "text/tokens.h"
#include "text/utf8.h"

#include <string.h>

#define WORDS_MAX 200

/* What a sign says; a blank where it says nothing of use. By code point. */
static const struct emoji {
	int32_t cp;
	const char *word;
} emoji[] = {
	{ 0x231a, "watch" }, { 0x23f0, "urgent" }, { 0x23f3, "waiting" }, { 0x260e, "phone" },
	{ 0x2639, "sad" }, { 0x263a, "happy" }, { 0x2705, "ok" }, { 0x2708, "flight" }, { 0x2709, "email" },
	{ 0x2714, "ok" }, { 0x274c, "no" }, { 0x2753, "question" }, { 0x2757, "urgent" }, { 0x2764, "love" },
	{ 0x1f381, "gift" }, { 0x1f384, "christmas" }, { 0x1f44b, "hello" }, { 0x1f44c, "ok" },
	{ 0x1f44d, "ok" }, { 0x1f44e, "bad" }, { 0x1f44f, "thanks" }, { 0x1f455, "shirt" }, { 0x1f457, "dress" },
	{ 0x1f45f, "shoes" }, { 0x1f460, "shoes" }, { 0x1f494, "broken" }, { 0x1f495, "love" },
	{ 0x1f4a9, "bad" }, { 0x1f4ac, "message" }, { 0x1f4b0, "money" }, { 0x1f4b3, "card" },
	{ 0x1f4b5, "money" }, { 0x1f4b6, "money" }, { 0x1f4b8, "money" }, { 0x1f4bb, "computer" },
	{ 0x1f4c4, "document" }, { 0x1f4c5, "date" }, { 0x1f4cd, "address" }, { 0x1f4de, "phone" },
	{ 0x1f4e6, "parcel" }, { 0x1f4e7, "email" }, { 0x1f4e8, "email" }, { 0x1f4eb, "letter" },
	{ 0x1f4f1, "phone" }, { 0x1f4f2, "phone" }, { 0x1f4f7, "photo" }, { 0x1f511, "key" },
	{ 0x1f512, "locked" }, { 0x1f513, "unlocked" }, { 0x1f527, "repair" }, { 0x1f550, "time" },
	{ 0x1f600, "happy" }, { 0x1f601, "happy" }, { 0x1f603, "happy" }, { 0x1f604, "happy" },
	{ 0x1f60a, "happy" }, { 0x1f60d, "love" }, { 0x1f612, "annoyed" }, { 0x1f614, "sad" },
	{ 0x1f615, "confused" }, { 0x1f61e, "disappointed" }, { 0x1f620, "angry" }, { 0x1f621, "angry" },
	{ 0x1f622, "sad" }, { 0x1f624, "angry" }, { 0x1f625, "sad" }, { 0x1f629, "tired" }, { 0x1f62a, "sad" },
	{ 0x1f62b, "tired" }, { 0x1f62d, "sad" }, { 0x1f631, "shocked" }, { 0x1f641, "sad" }, { 0x1f642, "happy" },
	{ 0x1f644, "annoyed" }, { 0x1f64f, "please" }, { 0x1f69a, "delivery" }, { 0x1f6ab, "no" },
	{ 0x1f6d2, "cart" }, { 0x1f914, "confused" }, { 0x1f92c, "angry" }, { 0x1f970, "love" },
};

#define EMOJI_WORDS_MAX 40	/* of a text: ten thousand say no more */

static const char *
emoji_word(int32_t cp)
{
	size_t lo = 0, hi = sizeof(emoji) / sizeof(emoji[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (emoji[mid].cp == cp)
			return emoji[mid].word;
		if (emoji[mid].cp < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* The text with the words of its emoji in their places, each once in a row. */
static struct str
spell_emoji(struct arena *a, struct str text)
{
	const char *last = NULL;
	size_t any = 0, n = 0, words = 0;
	char *out;

	for (size_t i = 0; i < text.n; i++)
		any += (unsigned char)text.p[i] >= 0xe2;
	if (any == 0)
		return text;
	out = arena_alloc(a, text.n + EMOJI_WORDS_MAX * 16);
	for (size_t i = 0, from = 0; i < text.n; from = i) {
		int32_t cp = utf8_next(text, &i);
		const char *word = cp >= emoji[0].cp && words < EMOJI_WORDS_MAX ? emoji_word(cp) : NULL;

		if (word == NULL) {
			memcpy(out + n, text.p + from, i - from);
			n += i - from;
			last = cp == ' ' || cp >= 0xfe00 ? last : NULL;
			continue;
		}
		if (word == last)
			continue;
		out[n++] = ' ';
		memcpy(out + n, word, strlen(word));
		n += strlen(word);
		out[n++] = ' ';
		last = word;
		words++;
	}
	return (struct str){ out, n };
}

/* 12, 1042a, but not 2moro or 1st. */
static bool
is_number(struct str w)
{
	size_t digits = 0;

	for (size_t i = 0; i < w.n; i++)
		digits += w.p[i] >= '0' && w.p[i] <= '9';
	return digits > 0 && w.p[0] >= '0' && w.p[0] <= '9' && (digits > 1 || digits == w.n);
}

static bool
keeps_words(struct str kind)
{
	static const char *const list[] = { "date", "time", "duration", "quantity", "product", "postcode" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(kind, list[i]))
			return true;
	return false;
}

void
model_words(struct arena *a, struct str text, const struct entity *e, size_t e_n,
    const struct str **words, size_t *n)
{
	struct str *out;
	size_t from = 0, total = 0;

	out = arena_alloc(a, (WORDS_MAX + 2) * sizeof(*out));
	for (size_t i = 0; i <= e_n; i++) {
		size_t to = i < e_n ? e[i].from : text.n, part_n;
		const struct str *part;

		if (to >= from && to <= text.n) {
			text_words(a, spell_emoji(a, str_sub(text, from, to - from)), &part, &part_n);
			for (size_t k = 0; k < part_n && total < WORDS_MAX; k++) {
				out[total++] = is_number(part[k]) ? STR("#0") : part[k];
			}
		}
		/* A day says what is meant by its own words: they stay; so do a length, a count, a product. */
		if (i < e_n && total < WORDS_MAX) {
			if (keeps_words(e[i].kind))
				text_words(a, e[i].text, &part, &part_n);
			else
				part_n = 0;
			for (size_t k = 0; k < part_n && total < WORDS_MAX; k++)
				out[total++] = is_number(part[k]) ? STR("#0") : part[k];
			if (part_n == 0)
				out[total++] = str_fmt(a, "#%S", e[i].kind);
			from = e[i].to;
		}
	}
	*words = out;
	*n = total;
}

void
words_of_text(struct arena *a, struct str text, const struct policy *p, const struct patterns *pat,
    const struct str **words, size_t *n)
{
	size_t e_n;
	const struct entity *e = entities_find(pat, p, text, STR_NONE, 0, NULL, a, &e_n);

	model_words(a, text, e, e_n, words, n);
}
