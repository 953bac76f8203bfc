/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - a text as the words of a model. */
#include "nlu/words.h"

#include "nlu/senses.h"
#include "text/tokens.h"

#define WORDS_MAX 200

bool
is_placeholder(struct str w)
{
	return w.n > 0 && w.p[0] == '#';
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
			text_words(a, str_sub(text, from, to - from), &part, &part_n);
			for (size_t k = 0; k < part_n && total < WORDS_MAX; k++) {
				out[total++] = is_number(part[k]) ? STR("#0") : part[k];
			}
		}
		/* A day says what is meant by its own words: they stay. */
		if (i < e_n && total < WORDS_MAX) {
			if (str_eqz(e[i].kind, "date"))
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
