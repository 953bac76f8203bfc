/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon.c - finds the phrases of phrases.txt in a list of words. */
#include "nlu/lexicon.h"

#include "text/word_slots.h"

#include <string.h>

#include "nlu/phrases.inc"

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))
#define WORDS (sizeof(words) / sizeof(words[0]))

/* How many words the phrase has if it stands at words[i], else 0. */
static size_t
match_at(const struct str *w, size_t n, size_t i, const char *phrase)
{
	size_t k = 0;

	for (const char *p = phrase; *p != '\0'; k++) {
		size_t same = 0;

		if (i + k >= n)
			return 0;
		while (same < w[i + k].n && p[same] == w[i + k].p[same])
			same++;
		if (same < w[i + k].n || (p[same] != ' ' && p[same] != '\0'))
			return 0;
		p += same;
		p += *p == ' ';
	}
	return k;
}

static bool
begins_with(const char *phrase, struct str word)
{
	size_t same = 0;

	while (same < word.n && phrase[same] == word.p[same])
		same++;
	return same == word.n && (phrase[same] == ' ' || phrase[same] == '\0');
}

size_t
lexicon_find(const struct str *w, size_t n, struct lexicon_hit *out, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t h = str_hash(w[i]), at = h, first;

		while ((first = word_slots_next(&phrase_slots, h, &at)) != WORD_SLOTS_END)
			for (size_t p = first; p < PHRASES && begins_with(phrases[p].text, w[i]); p++) {
				size_t k = match_at(w, n, i, phrases[p].text);

				if (k > 0 && found < max)
					out[found++] = (struct lexicon_hit){ &phrases[p], i, k };
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

const uint16_t *
lexicon_targets(char first, size_t *n)
{
	size_t at = (size_t)(first - 'a');

	*n = (size_t)(target_first[at + 1] - target_first[at]);
	return targets + target_first[at];
}

bool
lexicon_has_word(struct str w)
{
	uint32_t h = str_hash(w), at = h, i;

	while ((i = word_slots_next(&known_slots, h, &at)) != WORD_SLOTS_END)
		if (str_eqz(w, words[i].text))
			return true;
	return false;
}
