/* SPDX-License-Identifier: Apache-2.0 */
/* lang.c - language of a short text: words first, trigrams where words are silent. */
#include "text/lang.h"

#include "text/utf8.h"

#include <math.h>
#include <string.h>

struct lang_word {
	const char *word;
	uint16_t in, stop;	/* bit masks over lang_ids */
};
struct lang_trigram {
	const char *t;
	int8_t w[12];		/* eighths of a nat */
};

#include "text/lang_table.inc"

_Static_assert(LANG_N == 12, "lang_trigram.w has one weight a language");

#define WORDS_MAX 64	/* enough to be sure; bounds the time */
#define NAT 8
#define PRIOR_BONUS (3 * NAT)
#define DEFAULT_BONUS (NAT / 2)
#define FOREIGN_MARGIN (7 * NAT)
#define FOREIGN_WORDS 3

static const struct lang_word *
find_word(struct str w)
{
	size_t lo = 0, hi = sizeof(lang_words) / sizeof(lang_words[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(w, str_from(lang_words[mid].word));

		if (c == 0)
			return &lang_words[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static const struct lang_trigram *
find_trigram(struct str t)
{
	size_t lo = 0, hi = sizeof(lang_trigrams) / sizeof(lang_trigrams[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(t, str_from(lang_trigrams[mid].t));

		if (c == 0)
			return &lang_trigrams[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static void
score_trigrams(struct str w, int32_t score[LANG_N])
{
	char padded[80];
	size_t at[80], n = 0, chars = 0;
	struct str p;

	if (w.n > 60)
		return;
	padded[n++] = '_';
	memcpy(padded + n, w.p, w.n);
	n += w.n;
	padded[n++] = '_';
	p = (struct str){ padded, n };
	for (size_t i = 0; i < n;) {
		at[chars++] = i;
		(void)utf8_next(p, &i);
	}
	at[chars] = n;
	for (size_t i = 0; i + 3 <= chars; i++) {
		const struct lang_trigram *t = find_trigram(str_sub(p, at[i], at[i + 3] - at[i]));

		for (size_t l = 0; t != NULL && l < LANG_N; l++)
			score[l] += t->w[l] / 2;
	}
}

/* A word that few languages share says more. */
static void
score_word(struct str w, int32_t score[LANG_N])
{
	static const int32_t by_share[] = { 0, 34, 24, 18, 12, 9, 7 };
	const struct lang_word *found = find_word(w);
	size_t share;

	if (w.n > 0 && w.p[0] >= '0' && w.p[0] <= '9')
		return;
	if (found == NULL) {
		if (w.n > 2)
			score_trigrams(w, score);
		return;
	}
	share = (size_t)__builtin_popcount(found->in);
	for (size_t l = 0; l < LANG_N; l++)
		if (found->in >> l & 1)
			score[l] += by_share[share < 6 ? share : 6];
}

static size_t
lang_index(struct str lang)
{
	for (size_t i = 0; i < LANG_N; i++)
		if (str_eqz(lang, lang_ids[i]))
			return i;
	return LANG_N;
}

bool
lang_is_known(struct str lang)
{
	return lang_index(lang) < LANG_N;
}

/* Scripts that name their languages. */
struct script {
	int32_t from, to;
	const char *langs;	/* two letters each */
};
static const struct script scripts[] = {
	{ 0x370, 0x3ff, "el" }, { 0x400, 0x52f, "ruukbgsr" }, { 0x590, 0x5ff, "he" },
	{ 0x600, 0x6ff, "arfaur" }, { 0x900, 0x97f, "himrne" }, { 0xe00, 0xe7f, "th" },
	{ 0x3041, 0x30ff, "ja" }, { 0x4e00, 0x9fff, "zhja" }, { 0xac00, 0xd7af, "ko" },
};

/* The script most of the words begin in; NULL for Latin or none. */
static const struct script *
script_of(const struct str *words, size_t n)
{
	size_t count[sizeof(scripts) / sizeof(scripts[0])] = { 0 }, best = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = 0;
		int32_t cp = utf8_next(words[i], &at);

		if (cp >= '0' && cp <= '9')
			continue;
		all++;
		for (size_t s = 0; cp >= 0x370 && s < sizeof(scripts) / sizeof(scripts[0]); s++)
			count[s] += cp >= scripts[s].from && cp <= scripts[s].to;
	}
	for (size_t s = 1; s < sizeof(scripts) / sizeof(scripts[0]); s++)
		if (count[s] > count[best])
			best = s;
	/* Japanese mixes Kana into Han: any Kana decides. */
	if (count[6] > 0 && count[best] > 0)
		best = 6;
	return count[best] * 2 > all ? &scripts[best] : NULL;
}

static struct lang_guess
guess_by_script(const struct script *s, const struct str *allowed, size_t n)
{
	for (const char *l = s->langs; *l != '\0'; l += 2)
		for (size_t i = 0; i < n; i++)
			if (str_eq(allowed[i], (struct str){ l, 2 }))
				return (struct lang_guess){ allowed[i], 990000 };
	return (struct lang_guess){ STR_NONE, 0 };
}

static struct lang_guess
pick(const int32_t score[LANG_N], const struct str *allowed, size_t n, struct str prior, size_t words)
{
	double sum = 0, top = 0;
	int32_t best_score = INT32_MIN, foreign = INT32_MIN;
	size_t best = 0;
	struct lang_guess g;

	for (size_t i = 0; i < n; i++) {
		size_t l = lang_index(allowed[i]);
		int32_t s = l == LANG_N ? 0 : score[l];

		s += (i == 0 ? DEFAULT_BONUS : 0) + (str_eq(allowed[i], prior) ? PRIOR_BONUS : 0);
		if (s > best_score) {
			best_score = s;
			best = i;
		}
	}
	for (size_t l = 0; l < LANG_N; l++)
		if (score[l] > foreign)
			foreign = score[l];
	if (words >= FOREIGN_WORDS && foreign - best_score > FOREIGN_MARGIN)
		return (struct lang_guess){ STR_NONE, 0 };
	for (size_t i = 0; i < n; i++) {
		size_t l = lang_index(allowed[i]);
		int32_t s = (l == LANG_N ? 0 : score[l]) + (i == 0 ? DEFAULT_BONUS : 0) +
		    (str_eq(allowed[i], prior) ? PRIOR_BONUS : 0);
		double e = exp((double)(s - best_score) / (2 * NAT));

		sum += e;
		if (i == best)
			top = e;
	}
	g.lang = allowed[best];
	g.ppm = (int32_t)(top / sum * 1000000);
	return g;
}

struct lang_guess
lang_of(const struct str *words, size_t words_n, const struct str *allowed, size_t allowed_n,
    struct str prior)
{
	int32_t score[LANG_N] = { 0 };
	size_t n = words_n < WORDS_MAX ? words_n : WORDS_MAX;
	const struct script *script = script_of(words, n);

	if (script != NULL)
		return guess_by_script(script, allowed, allowed_n);
	for (size_t i = 0; i < n; i++)
		score_word(words[i], score);
	return pick(score, allowed, allowed_n, prior, n);
}

bool
lang_is_stopword(struct str lang, struct str word)
{
	const struct lang_word *w = find_word(word);
	size_t l = lang_index(lang);

	return w != NULL && l < LANG_N && (w->stop >> l & 1) != 0;
}

bool
lang_has_word(struct str word)
{
	return find_word(word) != NULL;
}
