/* SPDX-License-Identifier: Apache-2.0 */
/* similar.c - is this the same question again, in the same or nearly the same words?
 *
 * Half is the overlap of what the words say, half that of their trigrams, which
 * forgives slips and endings; or what both are about, whatever the word for it.  A question inside a longer one counts nearly as
 * the same.  Different numbers are different questions.
 */
#include "nlu/concepts.h"
#include "nlu/senses.h"
#include "text/lang.h"

#include <string.h>

#define BUCKETS 512
#define TOPICS_MAX 16
#define WORDS_MAX 96

struct bag {
	uint16_t gram[BUCKETS];
	uint32_t word[WORDS_MAX];	/* hashes of words with meaning */
	size_t words, numbers, all;
	uint32_t number[WORDS_MAX];
};

static uint32_t
hash(const char *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h ^ h >> 15;
}

static bool
says_nothing(struct str w)
{
	static const char *const list[] = { "hi", "hello", "hey", "ok", "okay", "yes", "no", "yeah", "yep", "nope",
		"please", "thanks", "thank", "danke", "bitte", "ja", "nein", "hallo", "moin", "asking", "time",
		"again", "third", "second", "already", "told", "asked", "mal", "nochmal", "schon", "zum",
		"dritten", "im", "still" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(w, list[i]))
			return true;
	return lang_is_stopword(STR("en"), w) || lang_is_stopword(STR("de"), w);
}

static void
fill(struct bag *b, const struct str *w, size_t n)
{
	memset(b, 0, sizeof(*b));
	for (size_t i = 0; i < n && i < WORDS_MAX; i++) {
		bool digit = w[i].n > 0 && w[i].p[0] >= '0' && w[i].p[0] <= '9';

		b->all++;
		if (digit)
			b->number[b->numbers++] = hash(w[i].p, w[i].n);
		else if (!says_nothing(w[i]))
			b->word[b->words++] = hash(w[i].p, w[i].n);
		else
			continue;
		for (size_t k = 0; k + 3 <= w[i].n; k++)
			b->gram[hash(w[i].p + k, 3) % BUCKETS]++;
	}
}

static size_t
shared(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t both = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (a[i] == b[k]) {
				both++;
				break;
			}
	return both;
}

/* Dice over trigram counts: integers, no roots. */
static int64_t
grams_ppm(const struct bag *a, const struct bag *b)
{
	int64_t common = 0, sum = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		common += a->gram[i] < b->gram[i] ? a->gram[i] : b->gram[i];
		sum += a->gram[i] + b->gram[i];
	}
	return sum == 0 ? 0 : 2 * common * PPM / sum;
}

struct topics {
	const char *v[TOPICS_MAX];	/* names of concepts, each once */
	size_t n;
};

static void
find_topics(const struct str *w, size_t n, struct topics *t)
{
	struct concept_hit hits[TOPICS_MAX * 2];
	size_t found = concepts_find(w, n, hits, TOPICS_MAX * 2);

	t->n = 0;
	for (size_t i = 0; i < found && t->n < TOPICS_MAX; i++) {
		size_t k = 0;

		while (k < t->n && strcmp(t->v[k], hits[i].concept) != 0)
			k++;
		if (k == t->n)
			t->v[t->n++] = hits[i].concept;
	}
}

/* The same question in other words: both speak of the same two things or more. */
static int64_t
topics_ppm(const struct str *a, size_t a_n, const struct str *b, size_t b_n)
{
	struct topics x, y;
	int64_t common = 0;

	find_topics(a, a_n, &x);
	find_topics(b, b_n, &y);
	for (size_t i = 0; i < x.n; i++)
		for (size_t k = 0; k < y.n; k++)
			common += strcmp(x.v[i], y.v[k]) == 0;
	if (common == 0)
		return 0;
	if (common < 2)
		return common * 350000 / (int64_t)(x.n + y.n);
	return 2 * common * 760000 / (int64_t)(x.n + y.n);
}

int32_t
similar_of(const struct str *a, size_t a_n, const struct str *b, size_t b_n, int32_t cosine_ppm)
{
	struct bag x, y;
	size_t common, less, numbers;
	int64_t words, grams, ppm, about;

	fill(&x, a, a_n);
	fill(&y, b, b_n);
	if (x.words == 0 || y.words == 0)
		return 0;
	common = shared(x.word, x.words, y.word, y.words);
	less = x.words < y.words ? x.words : y.words;
	words = 2 * (int64_t)common * PPM / (int64_t)(x.words + y.words);
	grams = grams_ppm(&x, &y);
	ppm = (words + grams) / 2;
	if (grams > ppm)
		ppm = (ppm + grams) / 2;
	if (less >= 2 && common == less && ppm < 850000)
		ppm = 850000;
	/* Topics alone are short of a repetition; with some of the same words they are one. */
	about = topics_ppm(a, a_n, b, b_n) + ppm / 8;
	ppm = about > ppm ? about : ppm;
	if (cosine_ppm > PPM / 2 && 2 * (int64_t)cosine_ppm - PPM > ppm)
		ppm = 2 * (int64_t)cosine_ppm - PPM;
	numbers = shared(x.number, x.numbers, y.number, y.numbers);
	if (x.numbers > 0 && y.numbers > 0 && numbers == 0)
		ppm = ppm * 6 / 10;
	return (int32_t)(ppm > PPM ? PPM : ppm);
}
