/* SPDX-License-Identifier: Apache-2.0 */
/* slips.c - spelling: one slip, or two in long words; never codes.
 *
 * Candidates share the first or the last letter with what was typed and come from
 * bins by length, so that a message costs some microseconds.  The cheapest wins;
 * among about equals the one that the desk says more often.
 */
#include "nlu/slips_parts.h"

#include "nlu/concepts.h"
#include "nlu/english.h"
#include "nlu/lexicon.h"
#include "nlu/words.h"
#include "text/lang.h"

#include <math.h>
#include <string.h>

#define CORRECT_MAX 24	/* words a message: bounds the time */
#define LEN_MIN 4
#define LEN_TWO 7	/* from here on two slips */
#define ENGLISH_LEN_MIN 5
#define ENGLISH_LEN_MAX 8	/* longer ones we do not know all of */
#define SURE 60	/* letters swapped or doubled */
#define LIKELY 90	/* or one missed */
#define FIRST_LETTER 25	/* hundredths of a slip dearer: few slip there */
#define ENGLISH 30	/* dearer than a word of the desk */
#define A_DOUBLING 9	/* a word twice as frequent is cheaper by this */
#define FREQUENT 3	/* texts of the desk: no slip itself */
#define RARE_TIMES 20	/* a rare unknown word of the desk beside one so much more frequent is a slip */

static bool
is_ours(struct str w)
{
	return lexicon_has_word(w) || english_has_word(w);
}

static bool
is_known_elsewhere(struct str w)
{
	return is_ours(w) || lang_has_word(w) || concepts_has_word(w);
}

static bool
is_known(const struct vocab *v, struct str w)
{
	return vocab_has(v, w) || is_known_elsewhere(w);
}

/* pleaseee, hii: with the run cut to one letter, then to two. */
static struct str
shorten_runs(const struct vocab *v, struct arena *a, struct str w)
{
	for (size_t keep = 1; keep <= 2; keep++) {
		char out[SLIP_WORD_MAX * 2 + 1];
		size_t n = 0, run = 0, longest = 0;
		struct str s;

		for (size_t i = 0; i < w.n && n < sizeof(out) - 1; i++) {
			run = i > 0 && w.p[i] == w.p[i - 1] ? run + 1 : 1;
			longest = run > longest ? run : longest;
			if (run <= keep)
				out[n++] = w.p[i];
		}
		s = (struct str){ out, n };
		if (longest < 2 || n == w.n || w.n > sizeof(out) - 1)
			continue;
		if (is_known(v, s))
			return str_dup(a, s);
	}
	return STR_NONE;
}

/* A word that was typed and not known, and the best that was found for it. */
struct search {
	struct str typed;	/* folded */
	uint32_t mask;
	unsigned max;		/* slips */
	struct str word;	/* the best; empty: none yet */
	int cost;
	uint32_t count;		/* of the best, in the desk's texts */
};

/* Each slip changes two letters at most: most words are out without a look at them. */
static inline bool
may_be(const struct search *s, uint32_t mask)
{
	uint32_t differ = s->mask ^ mask;

	for (unsigned i = 0; i < 2 * s->max; i++)
		differ &= differ - (differ != 0);
	return differ == 0;
}

static void
consider(struct search *s, struct str word, struct str folded, uint32_t mask, uint32_t count, int extra)
{
	unsigned d;
	int cost;

	if (!may_be(s, mask))
		return;
	d = slip_distance(s->typed, folded, s->max);
	if (d > s->max || (d == 1 && !slip_is_plausible(s->typed, folded)))
		return;
	/* what is written with other accents only is the word itself */
	cost = (int)slip_cost(s->typed, folded) + extra - (int)(A_DOUBLING * log2f((float)count + 1));
	if (s->typed.p[0] != folded.p[0])
		cost += FIRST_LETTER;
	if (s->word.n == 0 || cost < s->cost) {
		s->word = word;
		s->cost = cost;
		s->count = count;
	}
}

/* A word of three letters is known by a letter swapped or missing only, and if it
 * is said often. */
static bool
is_short_match(const struct search *s, size_t n, uint32_t count)
{
	if (s->typed.n > 3)
		return n >= LEN_MIN || count > FREQUENT * 4;
	return count > FREQUENT * 4 && (n == 4 || (n == 3 && __builtin_popcount(s->mask) == 3));
}

static void
search_vocab(struct search *s, const struct vocab *v)
{
	size_t n = s->typed.n, to = n + s->max < SLIP_WORD_MAX ? n + s->max : SLIP_WORD_MAX;

	for (size_t len = n > s->max + 2 ? n - s->max : 3; len <= to; len++) {
		size_t first = vocab_bin(len, s->typed.p[0]), last = vocab_bin(len, s->typed.p[n - 1]);

		for (uint32_t i = v->first_at[first]; i < v->first_at[first + 1]; i++) {
			uint32_t w = v->by_first[i];

			if (may_be(s, v->mask[w]) && is_short_match(s, len, v->count[w]))
				consider(s, v->text[w], (struct str){ v->folded[w], len }, v->mask[w],
				    v->count[w], 0);
		}
		for (uint32_t i = v->last_at[last]; i < v->last_at[last + 1]; i++) {
			uint32_t w = v->by_last[i];

			if (may_be(s, v->mask[w]) && v->folded[w][0] != s->typed.p[0] &&
			    is_short_match(s, len, v->count[w]))
				consider(s, v->text[w], (struct str){ v->folded[w], len }, v->mask[w],
				    v->count[w], 0);
		}
	}
}

static void
search_lexicon(struct search *s)
{
	size_t n, i = 0, k = 0, m = 0;
	const struct lexicon_word *v = lexicon_words(&n);
	const uint16_t *same = lexicon_targets(s->typed.p[0], &n), *swapped = lexicon_targets(s->typed.p[1], &m);

	if (s->typed.p[0] == s->typed.p[1])
		m = 0;
	/* In the order of the table: the first of equals wins. */
	while (i < n || k < m) {
		bool first = k == m || (i < n && same[i] < swapped[k]);
		const struct lexicon_word *w = &v[first ? same[i++] : swapped[k++]];

		if (may_be(s, w->mask) && (first || w->folded[1] == s->typed.p[0]))
			consider(s, str_from(w->text), str_from(w->folded), w->mask, 2, 0);
	}
}

static void
search_english(struct search *s)
{
	unsigned max = s->max;
	char first = s->typed.p[0], last = s->typed.p[s->typed.n - 1];

	s->max = 1;
	for (size_t len = s->typed.n - 1; len <= s->typed.n + 1; len++) {
		const struct english_block *b = english_block(len);

		for (size_t i = b == NULL ? 0 : b->first[first - 'a']; b != NULL && i < b->first[first - 'a' + 1]; i++)
			if (may_be(s, b->mask[i])) {
				struct str w = { b->text + i * len, len };

				consider(s, w, w, b->mask[i], 0, ENGLISH);
			}
		for (size_t i = b == NULL ? 0 : b->last[last - 'a']; b != NULL && i < b->last[last - 'a' + 1]; i++) {
			struct str w = { b->text + b->by_last[i] * len, len };

			if (may_be(s, b->mask[b->by_last[i]]) && w.p[0] != first)
				consider(s, w, w, b->mask[b->by_last[i]], 0, ENGLISH);
		}
	}
	s->max = max;
}

/* trnsfr: all consonants of a frequent word, and hardly a vowel. */
static void
search_skeleton(struct search *s, const struct vocab *v)
{
	uint32_t h = vocab_skeleton(s->typed);
	size_t vowels = 0;

	for (size_t i = 1; i + 1 < s->typed.n; i++)
		vowels += slip_is_vowel(s->typed.p[i]);
	if (s->typed.n < 3 || vowels > 0)
		return;
	for (size_t i = 0; i < v->n; i++)
		if (v->skeleton[i] == h && v->count[i] > s->count && v->count[i] >= FREQUENT &&
		    v->folded[i][0] == s->typed.p[0] && strlen(v->folded[i]) > s->typed.n + (s->typed.n < 4)) {
			s->word = v->text[i];
			s->count = v->count[i];
		}
}

/* Another ending is rather another form of the word. */
static bool
is_other_ending(struct str a, struct str b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	return i + 1 >= a.n || i + 1 >= b.n;
}

/* A word of the desk that is a slip itself: rare, in no list, beside a frequent one.
 * Endings are left alone unless we know all English words of that length. */
static struct str
correct_rare(const struct vocab *v, struct str w, uint32_t count, bool english)
{
	bool any_ending = english && w.n <= ENGLISH_LEN_MAX;
	struct search s = { .max = 1 };
	char folded[SLIP_WORD_MAX + 1];

	if (!slip_fold(w, folded, &s.mask) || strlen(folded) < ENGLISH_LEN_MIN)
		return w;
	s.typed = str_from(folded);
	for (size_t len = s.typed.n - 1; len <= s.typed.n + 1 && len <= SLIP_WORD_MAX; len++) {
		size_t bin = vocab_bin(len, folded[0]);

		for (uint32_t i = v->first_at[bin]; i < v->first_at[bin + 1]; i++) {
			uint32_t k = v->by_first[i];

			if (may_be(&s, v->mask[k]) && v->count[k] >= count * RARE_TIMES &&
			    (any_ending || !is_other_ending(w, v->text[k])))
				consider(&s, v->text[k], (struct str){ v->folded[k], len }, v->mask[k],
				    v->count[k], 0);
		}
	}
	return s.word.n > 0 ? s.word : w;
}

static struct str
correct_one(const struct vocab *v, struct arena *a, struct str w, bool english)
{
	struct search s = { .max = 1 };
	char folded[SLIP_WORD_MAX + 1];
	struct str run = shorten_runs(v, a, w);

	if (run.n > 0)
		return run;
	if (!slip_fold(w, folded, &s.mask) || strlen(folded) < 3)
		return w;
	s.typed = str_from(folded);
	s.max = s.typed.n >= LEN_TWO ? 2 : 1;
	if (v != NULL)
		search_vocab(&s, v);
	if (s.typed.n >= LEN_MIN)
		search_lexicon(&s);
	if (english && s.typed.n >= ENGLISH_LEN_MIN)
		search_english(&s);
	if (v != NULL && s.word.n == 0)
		search_skeleton(&s, v);
	return s.word.n > 0 ? s.word : w;
}

/* In English text a word of another language ("ordre" is an order), or one that only
 * begins as a word of ours ("declind" as declin*): by a slip of at most this cost. */
static struct str
correct_foreign(const struct vocab *v, struct str w, unsigned most)
{
	struct search s = { .max = 1 };
	char folded[SLIP_WORD_MAX + 1], meant[SLIP_WORD_MAX + 1];

	if (!slip_fold(w, folded, &s.mask) || strlen(folded) < LEN_MIN)
		return w;
	s.typed = str_from(folded);
	search_vocab(&s, v);
	if (s.word.n == 0 || s.count < FREQUENT || !slip_fold(s.word, meant, &s.mask))
		return w;
	return slip_cost(s.typed, str_from(meant)) <= most ? s.word : w;
}

/* More common English words than words of other languages. */
static bool
is_english(const struct str *words, size_t n)
{
	size_t common = 0, foreign = 0;

	for (size_t i = 0; i < n && i < 40; i++) {
		if (words[i].n < 2 || is_placeholder(words[i]))
			continue;
		if (lang_is_stopword(STR("en"), words[i]) || english_is_common(words[i]))	/* the cheaper first */
			common++;
		else
			foreign += lang_has_word(words[i]);
	}
	return common > foreign;
}

/* A word that is none of ours, `at` in the desk's; a word of another language's list: foreign. */
static struct str
search(const struct vocab *v, struct arena *a, struct str w, size_t at, bool english, bool foreign)
{
	if (foreign)
		return english && v != NULL && at == SIZE_MAX ?
		    correct_foreign(v, w, lang_has_word(w) ? SURE : LIKELY) : w;
	return at != SIZE_MAX ? correct_rare(v, w, v->count[at], english) : correct_one(v, a, w, english);
}

static struct str
search_once(const struct vocab *v, struct arena *a, struct slips_seen *seen, struct str w, size_t at, bool english,
    bool foreign)
{
	struct str meant;

	for (size_t i = 0; seen != NULL && i < seen->n; i++)
		if (seen->v[i].english == english && str_eq(seen->v[i].typed, w))
			return seen->v[i].meant.p == seen->v[i].typed.p ? w : seen->v[i].meant;
	meant = search(v, a, w, at, english, foreign);
	if (seen != NULL && seen->n < SLIPS_SEEN) {
		seen->v[seen->n].typed = w;
		seen->v[seen->n].meant = meant;
		seen->v[seen->n++].english = english;
	}
	return meant;
}

/* frequent: of each word, whether the desk says it often. */
static const struct str *
correct_words(const struct vocab *v, struct arena *a, struct slips_seen *seen, const struct str *words, size_t n,
    bool *frequent)
{
	struct str *out = arena_alloc(a, (n + 1) * sizeof(*out));
	bool english = is_english(words, n);
	size_t corrected = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = vocab_find(v, words[i]);
		struct str s;
		bool foreign;

		out[i] = words[i];
		frequent[i] = at != SIZE_MAX && v->count[at] >= FREQUENT;
		if (is_placeholder(words[i]) || frequent[i])
			continue;
		s = slang_of(words[i], english);
		if (s.n > 0) {
			out[i] = s;
			continue;
		}
		if (corrected >= CORRECT_MAX || is_ours(words[i]))
			continue;
		foreign = lang_has_word(words[i]) || concepts_has_word(words[i]);
		corrected += !foreign;
		out[i] = search_once(v, a, seen, words[i], at, english, foreign);
	}
	return out;
}

const struct str *
slips_correct_seen(const struct vocab *v, struct arena *a, struct slips_seen *seen, const struct str *words, size_t n)
{
	return correct_words(v, a, seen, words, n, arena_alloc(a, (n + 1) * sizeof(bool)));
}

const struct str *
slips_correct(const struct vocab *v, struct arena *a, const struct str *words, size_t n)
{
	return slips_correct_seen(v, a, NULL, words, n);
}

/* --- words joined and split ----------------------------------------------- */

static bool
is_frequent(const struct vocab *v, struct str w)
{
	size_t at = vocab_find(v, w);

	return at != SIZE_MAX && v->count[at] >= FREQUENT;
}

/* How sure it is that this part is a word of its own, 0: it is not. */
static uint32_t
part_weight(const struct vocab *v, struct str w)
{
	size_t at = vocab_find(v, w);
	uint32_t count = at == SIZE_MAX ? 0 : v->count[at];

	if (w.n < 2)
		return 0;
	if (w.n == 2 && !lang_is_function_word(w))
		return 0;
	if (count >= FREQUENT)
		return count;
	return english_is_common(w) ? 1 : 0;
}

/* Where myorder falls apart; 0: nowhere. */
static size_t
split_at(const struct vocab *v, struct str w, double *weight)
{
	double most = 0;
	size_t best = 0;

	*weight = 0;
	if (w.n < 5 || w.n > SLIP_WORD_MAX)
		return 0;
	for (size_t i = 2; i + 2 <= w.n; i++) {
		double a = part_weight(v, str_sub(w, 0, i)), b = part_weight(v, str_sub(w, i, w.n));

		if (a * b > most) {
			most = a * b;
			best = i;
		}
	}
	*weight = most;
	return best;
}

/* re fund: together a frequent word of the desk, apart one of them is none. */
static struct str
join(const struct vocab *v, struct arena *a, struct str one, struct str two)
{
	struct str w;

	if (is_placeholder(one) || is_placeholder(two) || one.n + two.n > SLIP_WORD_MAX)
		return STR_NONE;
	if (one.n + two.n < 5 && (one.n < 2 || two.n > 1))	/* to p, but not i s */
		return STR_NONE;
	if (part_weight(v, one) > 0 && part_weight(v, two) > 0)
		return STR_NONE;
	w = str_fmt(a, "%S%S", one, two);
	return is_frequent(v, w) ? w : STR_NONE;
}

struct slips
slips_mend(const struct vocab *v, struct arena *a, const struct str *words, size_t n)
{
	return slips_mend_seen(v, a, NULL, words, n);
}

struct slips
slips_mend_seen(const struct vocab *v, struct arena *a, struct slips_seen *seen, const struct str *words, size_t n)
{
	bool *frequent = arena_alloc(a, (n + 1) * sizeof(*frequent));
	const struct str *one = correct_words(v, a, seen, words, n, frequent);
	struct str *out = arena_array(a, struct str, n + CORRECT_MAX + 1);
	uint32_t *at = arena_array(a, uint32_t, n + CORRECT_MAX + 1);
	struct correction *fixed = arena_array(a, struct correction, n + 1);
	size_t k = 0, fixed_n = 0, tries = 0;

	for (size_t i = 0; i < n; i++) {
		bool same = str_eq(one[i], words[i]), unknown = !is_placeholder(words[i]) &&
		    tries < CORRECT_MAX && !frequent[i];
		size_t cut = 0;
		double weight;
		struct str both = STR_NONE;

		tries += unknown;
		if (i + 1 < n && v != NULL && tries < CORRECT_MAX && (unknown || !frequent[i + 1]))
			both = join(v, a, words[i], words[i + 1]);
		if (both.n > 0) {
			at[k] = (uint32_t)i;
			out[k++] = both;
			fixed[fixed_n++] = (struct correction){ str_fmt(a, "%S %S", words[i], words[i + 1]), both };
			i++;
			continue;
		}
		if (unknown && (same || slip_distance(words[i], one[i], 1) > 1) && !is_known_elsewhere(words[i])) {
			/* two rare words that happen to fit are chance, frequent ones more than two slips */
			cut = split_at(v, words[i], &weight);
			if (weight < (same ? FREQUENT * 2 : FREQUENT * FREQUENT))
				cut = 0;
		}
		at[k] = (uint32_t)i;
		out[k++] = cut > 0 ? str_sub(words[i], 0, cut) : one[i];
		if (cut > 0) {
			at[k] = (uint32_t)i;
			out[k++] = str_sub(words[i], cut, words[i].n);
			fixed[fixed_n++] = (struct correction){ words[i], str_fmt(a, "%S %S", out[k - 2], out[k - 1]) };
		} else if (!same) {
			fixed[fixed_n++] = (struct correction){ words[i], one[i] };
		}
	}
	return (struct slips){ out, at, k, fixed, fixed_n };
}
