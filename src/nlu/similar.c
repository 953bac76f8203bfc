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

struct topics {
	const char *v[TOPICS_MAX];	/* names of concepts, each once */
	size_t n;
};

struct likeness {
	uint16_t gram[BUCKETS];
	uint32_t word[WORDS_MAX];	/* hashes of words with meaning */
	size_t words, numbers;
	uint32_t number[WORDS_MAX];
	int32_t grams;			/* how many, in all buckets */
	struct topics topics;
};

static uint32_t
hash(struct str s)
{
	uint32_t h = str_hash(s);

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
	return lang_is_function_word(w);
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
grams_ppm(const struct likeness *a, const struct likeness *b)
{
	uint32_t common = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		common += a->gram[i] < b->gram[i] ? a->gram[i] : b->gram[i];
	return a->grams + b->grams == 0 ? 0 : 2 * (int64_t)common * PPM / (a->grams + b->grams);
}

static void
find_topics(const struct str *w, size_t n, struct topics *t)
{
	struct concept_hit hits[TOPICS_MAX * 2];
	size_t found = concepts_find(w, n, hits, TOPICS_MAX * 2);

	for (size_t i = 0; i < found && t->n < TOPICS_MAX; i++) {
		size_t k = 0;

		while (k < t->n && t->v[k] != hits[i].concept)
			k++;
		if (k == t->n)
			t->v[t->n++] = hits[i].concept;
	}
}

/* b is zeroed. */
static void
fill(struct likeness *b, const struct str *w, size_t n)
{
	for (size_t i = 0; i < n && i < WORDS_MAX; i++) {
		bool digit = w[i].n > 0 && w[i].p[0] >= '0' && w[i].p[0] <= '9';

		if (digit)
			b->number[b->numbers++] = hash(w[i]);
		else if (!says_nothing(w[i]))
			b->word[b->words++] = hash(w[i]);
		else
			continue;
		for (size_t k = 0; k + 3 <= w[i].n; k++, b->grams++)
			b->gram[hash((struct str){ w[i].p + k, 3 }) % BUCKETS]++;
	}
	if (b->words > 0)
		find_topics(w, n, &b->topics);
}

const struct likeness *
similar_read(struct arena *a, const struct str *words, size_t n)
{
	struct likeness *b = arena_new_of(a, struct likeness);

	fill(b, words, n);
	return b;
}

/* The same question in other words: both speak of the same two things or more. */
static int64_t
topics_ppm(const struct topics *x, const struct topics *y)
{
	int64_t common = 0;

	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < y->n; k++)
			common += x->v[i] == y->v[k];
	if (common == 0)
		return 0;
	if (common < 2)
		return common * 350000 / (int64_t)(x->n + y->n);
	return 2 * common * 760000 / (int64_t)(x->n + y->n);
}

int32_t
similar_ppm(const struct likeness *x, const struct likeness *y, int32_t cosine_ppm)
{
	size_t common, less, numbers;
	int64_t words, grams, ppm, about;

	if (x->words == 0 || y->words == 0)
		return 0;
	common = shared(x->word, x->words, y->word, y->words);
	less = x->words < y->words ? x->words : y->words;
	words = 2 * (int64_t)common * PPM / (int64_t)(x->words + y->words);
	grams = grams_ppm(x, y);
	ppm = (words + grams) / 2;
	if (grams > ppm)
		ppm = (ppm + grams) / 2;
	if (less >= 2 && common == less && ppm < 850000)
		ppm = 850000;
	/* Topics alone are short of a repetition; with some of the same words they are one. */
	about = topics_ppm(&x->topics, &y->topics) + ppm / 8;
	ppm = about > ppm ? about : ppm;
	if (cosine_ppm > PPM / 2 && 2 * (int64_t)cosine_ppm - PPM > ppm)
		ppm = 2 * (int64_t)cosine_ppm - PPM;
	numbers = shared(x->number, x->numbers, y->number, y->numbers);
	if (x->numbers > 0 && y->numbers > 0 && numbers == 0)
		ppm = ppm * 6 / 10;
	return (int32_t)(ppm > PPM ? PPM : ppm);
}

int32_t
similar_of(const struct str *a, size_t a_n, const struct str *b, size_t b_n, int32_t cosine_ppm)
{
	struct likeness x = { .words = 0 }, y = { .words = 0 };

	fill(&x, a, a_n);
	fill(&y, b, b_n);
	return similar_ppm(&x, &y, cosine_ppm);
}
