/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon.c - finds the phrases of phrases.txt in a list of words. */
#include "nlu/lexicon.h"

#include <string.h>

#include "nlu/phrases.inc"

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))
#define WORDS (sizeof(words) / sizeof(words[0]))

/* Orders a word against the first word of a phrase. */
static int
cmp_first(struct str w, const char *phrase)
{
	size_t n = strcspn(phrase, " ");

	return str_cmp(w, (struct str){ phrase, n });
}

/* How many words the phrase has if it stands at words[i], else 0. */
static size_t
match_at(const struct str *w, size_t n, size_t i, const char *phrase)
{
	size_t k = 0;

	for (const char *p = phrase; *p != '\0'; k++) {
		size_t len = strcspn(p, " ");

		if (i + k >= n || !str_eq(w[i + k], (struct str){ p, len }))
			return 0;
		p += len;
		p += *p == ' ';
	}
	return k;
}

size_t
lexicon_find(const struct str *w, size_t n, struct lexicon_hit *out, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		size_t lo = 0, hi = PHRASES;

		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (cmp_first(w[i], phrases[mid].text) <= 0)
				hi = mid;
			else
				lo = mid + 1;
		}
		for (; lo < PHRASES && cmp_first(w[i], phrases[lo].text) == 0; lo++) {
			size_t k = match_at(w, n, i, phrases[lo].text);

			if (k > 0 && found < max)
				out[found++] = (struct lexicon_hit){ &phrases[lo], i, k };
		}
	}
	return found;
}

const struct lexicon_word *
lexicon_words(size_t *n)
{
	*n = WORDS;
	return words;
}

bool
lexicon_has_word(struct str w)
{
	size_t lo = 0, hi = WORDS;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(w, str_from(words[mid].text));

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}
