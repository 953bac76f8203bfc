/* SPDX-License-Identifier: Apache-2.0 */
/* phrase.c - does a phrase occur among words? Pure. */
#include "rules/phrase.h"

/* How many words the phrase takes when it starts at words[0]; 0 = it does not. */
static size_t
match_here(struct str phrase, const struct str *words, size_t n)
{
	struct str rest = phrase;
	size_t i = 0;

	/* hardly any word begins like the phrase: settle those without a call */
	if (phrase.n == 0 || n == 0 || words[0].n == 0 || words[0].n > phrase.n ||
	    words[0].p[0] != phrase.p[0])
		return 0;
	do {
		struct str word = str_cut(rest, ' ', &rest);

		if (i == n || !str_eq(word, words[i]))
			return 0;
		i++;
	} while (rest.p != NULL);
	return i;
}

bool
phrase_in(struct str phrase, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (match_here(phrase, words + i, n - i) > 0)
			return true;
	return false;
}

bool
phrase_is(struct str phrase, const struct str *words, size_t n)
{
	return n > 0 && match_here(phrase, words, n) == n;
}

int
phrase_first(const struct str *phrases, size_t phrases_n, const struct str *words, size_t n)
{
	for (size_t i = 0; i < phrases_n; i++)
		if (phrase_in(phrases[i], words, n))
			return (int)i;
	return -1;
}
