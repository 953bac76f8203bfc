/* SPDX-License-Identifier: Apache-2.0 */
/* grams.c - a text as weighted features. */
#include "nlu/grams.h"

#include "nlu/concepts.h"
#include "nlu/runs.h"
#include "nlu/words.h"
#include "text/lang.h"
#include "text/utf8.h"

#include <string.h>

#define CONCEPTS_MAX 64
#define CONCEPTS_PAIRED 12

/* What a feature weighs before what training makes of it.  Everyday words say
 * least, what a text is about most; chosen on folds of training data. */
#define WORD 1.0f
#define PAIR 1.0f		/* two words side by side */
#define APART 0.5f		/* two words with one between them */
#define PIECE 1.0f
#define FUNCTION_WORD 0.5f	/* of what another word weighs */
#define CONCEPT 3.0f
#define CONCEPT_PAIR 1.5f
#define PIECE_MIN 3
#define PIECE_MAX 5
#define PIECE_BASIS 0x9e3779b9u
_Static_assert(PIECE_MIN == RUNS_FROM && PIECE_MAX == RUNS_TO && GRAM_CHARS_MAX <= RUNS_WORD, "pieces are runs");
#define DISTINCT_SLOTS 8192
_Static_assert(DISTINCT_SLOTS >= 2 * GRAMS_MAX, "half of the slots stay free");

static uint32_t
finish(uint32_t h)
{
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	h &= ~GRAM_PIECE;
	return h == 0 ? 1 : h;
}

/* Runs of code points of _word_. */
static size_t
other_pieces(struct str w, size_t word, float weight, struct gram *out, size_t room)
{
	char p[GRAM_CHARS_MAX * 4 + 2];
	size_t at[GRAM_CHARS_MAX + 3], chars = 0, len = 0, n = 0;
	struct str padded;

	p[len++] = '_';
	memcpy(p + len, w.p, w.n);
	len += w.n;
	p[len++] = '_';
	padded = (struct str){ p, len };
	for (size_t i = 0; i < len && chars < GRAM_CHARS_MAX + 2;) {
		at[chars++] = i;
		if ((unsigned char)p[i] < 0x80)
			i++;
		else
			(void)utf8_next(padded, &i);
	}
	at[chars] = len;
	for (size_t g = PIECE_MIN; g <= PIECE_MAX; g++)
		for (size_t i = 0; i + g <= chars && n < room; i++)
			out[n++] = (struct gram){ GRAM_PIECE | finish(str_hash_more(PIECE_BASIS + (uint32_t)g,
			    (struct str){ p + at[i], at[i + g] - at[i] })), weight, (uint16_t)word };
	return n;
}

/* As finish() does, of eight. */
FORCE_INLINE void
finish_pieces(runs_lanes *h)
{
	runs_lanes v = *h;

	v ^= v >> 16;
	v *= 0x85ebca6bu;
	v = (v ^ v >> 13) & ~GRAM_PIECE;
	*h = v | ((runs_lanes)(v == 0) & 1u) | GRAM_PIECE;
}

FORCE_INLINE size_t
pieces(struct str s, size_t word, float weight, struct gram *out, size_t room)
{
	struct runs_word w;
	struct runs_keys all;
	size_t n = 0;

	s.n = s.n < GRAM_CHARS_MAX - 2 ? s.n : GRAM_CHARS_MAX - 2;
	runs_word(&w, '_', s.p, s.n, '_');
	if (!runs_is_ascii(&w))
		return other_pieces(s, word, weight, out, room);
	runs_hash(&w, PIECE_BASIS, finish_pieces, &all);
	for (size_t g = PIECE_MIN; g <= PIECE_MAX; g++)
		for (size_t i = 0; i + g <= w.n && n < room; i++)
			out[n++] = (struct gram){ all.key[g - PIECE_MIN][i], weight, (uint16_t)word };
	return n;
}

bool
is_function_word(struct str w)
{
	return lang_is_function_word(w);
}

/* What the words are about: each concept once, and each two of them together. */
static size_t
concept_features(const struct str *words, size_t n, struct gram *out, size_t room)
{
	struct concept_hit hits[CONCEPTS_MAX];
	const char *seen[CONCEPTS_MAX];
	size_t found = concepts_find(words, n, hits, CONCEPTS_MAX), distinct = 0, k = 0;

	for (size_t i = 0; i < found; i++) {
		size_t at = distinct;

		/* in order of their names, so that a pair is the same either way round */
		while (at > 0 && strcmp(seen[at - 1], hits[i].concept) > 0)
			at--;
		if (at > 0 && seen[at - 1] == hits[i].concept)
			continue;
		memmove(seen + at + 1, seen + at, (distinct++ - at) * sizeof(*seen));
		seen[at] = hits[i].concept;
	}
	for (size_t i = 0; i < distinct && k < room; i++) {
		uint32_t h = str_hash_more(0x5bd1e995u, str_from(seen[i]));

		out[k++] = (struct gram){ finish(h), CONCEPT, GRAM_NO_WORD };
		for (size_t j = i + 1; j < distinct && j < CONCEPTS_PAIRED && k < room; j++)
			out[k++] = (struct gram){ finish(str_hash_more(str_hash_byte(h, '+'), str_from(seen[j]))),
			    CONCEPT_PAIR, GRAM_NO_WORD };
	}
	return k;
}

uint32_t
gram_of_word(struct str w)
{
	return finish(str_hash(w));
}

/* first: the hash of a word, not finished. */
static struct gram
pair_gram(uint32_t first, char between, struct str b, float weight, size_t word)
{
	return (struct gram){ finish(str_hash_more(str_hash_byte(first, between), b)), weight, (uint16_t)word };
}

size_t
grams_room(const struct str *words, size_t n)
{
	size_t room = CONCEPTS_MAX * (CONCEPTS_PAIRED + 1);

	for (size_t i = 0; i < n && i < GRAM_WORDS_MAX && room < GRAMS_MAX; i++)
		room += 3 + (PIECE_MAX - PIECE_MIN + 1) * ((words[i].n < GRAM_CHARS_MAX ? words[i].n : GRAM_CHARS_MAX) + 2);
	return room < GRAMS_MAX ? room : GRAMS_MAX;
}

FORCE_INLINE size_t
all_grams(const struct str *words, size_t n, struct gram *out, bool *function)
{
	float part[GRAM_WORDS_MAX];
	size_t k = 0;

	if (n > GRAM_WORDS_MAX)
		n = GRAM_WORDS_MAX;
	for (size_t i = 0; i < n; i++) {
		uint32_t h = str_hash(words[i]);

		bool is = is_function_word(words[i]);

		if (function != NULL)
			function[i] = is;
		part[i] = is ? FUNCTION_WORD : 1.0f;
		out[k++] = (struct gram){ finish(h), WORD * part[i], (uint16_t)i };
		if (i + 1 < n)
			out[k++] = pair_gram(h, ' ', words[i + 1], PAIR, i);
		if (i + 2 < n)
			out[k++] = pair_gram(h, '_', words[i + 2], APART, i);
	}
	k += concept_features(words, n, out + k, GRAMS_MAX - k);
	for (size_t i = 0; i < n; i++)
		if (!is_placeholder(words[i]))
			k += pieces(words[i], i, PIECE * part[i], out + k, GRAMS_MAX - k);
	return k;
}

WIDE static size_t
all_grams_wide(const struct str *words, size_t n, struct gram *out, bool *function)
{
	return all_grams(words, n, out, function);
}

size_t
grams_of(const struct str *words, size_t n, struct gram *out, bool *function)
{
	return HAVE_WIDE ? all_grams_wide(words, n, out, function) : all_grams(words, n, out, function);
}

size_t
grams_distinct(struct gram *g, size_t n)
{
	uint16_t slot[DISTINCT_SLOTS];
	size_t k = 0, mask = 127;

	CHECK(n <= GRAMS_MAX);
	while (mask + 1 < n * 2)
		mask = mask * 2 + 1;
	memset(slot, 0, (mask + 1) * sizeof(slot[0]));
	for (size_t i = 0; i < n; i++) {
		size_t at = g[i].key & mask;

		while (slot[at] != 0 && g[slot[at] - 1].key != g[i].key)
			at = (at + 1) & mask;
		if (slot[at] != 0) {
			g[slot[at] - 1].v += g[i].v;
			continue;
		}
		g[k++] = g[i];
		slot[at] = (uint16_t)k;
	}
	return k;
}
