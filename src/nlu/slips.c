/* SPDX-License-Identifier: Apache-2.0 */
/* slips.c - spelling, lightly: distance 1, or 2 in long words; never codes. */
#include "nlu/slips.h"

#include "base/bytes.h"
#include "nlu/concepts.h"
#include "nlu/lexicon.h"
#include "nlu/sparse.h"
#include "nlu/words.h"
#include "text/lang.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define CORRECT_MAX 24	/* words a message: bounds the time */
#define LEN_MIN 4
#define LEN_TWO 8	/* from here on two slips */

static char
fold_char(int32_t cp)
{
	static const char latin[] = "aaaaaa?ceeeeiiii?nooooo?ouuuuy??";	/* from U+00E0 */

	if (cp >= 'a' && cp <= 'z')
		return (char)cp;
	if (cp >= 0xe0 && cp < 0xe0 + (int32_t)sizeof(latin) - 1)
		return latin[cp - 0xe0];
	return '?';
}

bool
slip_fold(struct str word, char out[SLIP_WORD_MAX + 1], uint32_t *mask)
{
	size_t n = 0;

	*mask = 0;
	for (size_t i = 0; i < word.n;) {
		char c = fold_char(utf8_next(word, &i));

		if (c == '?' || n >= SLIP_WORD_MAX)
			return false;
		out[n++] = c;
		*mask |= UINT32_C(1) << (c - 'a');
	}
	out[n] = '\0';
	return true;
}

void
vocab_build(struct arena *a, const struct str *words, const uint32_t *count, size_t n,
    struct vocab *out)
{
	char (*folded)[SLIP_WORD_MAX + 1] = arena_zalloc_n(a, n + 1, sizeof(*folded));
	uint32_t *mask = arena_array(a, uint32_t, n + 1);

	for (size_t i = 0; i < n; i++)
		if (!slip_fold(words[i], folded[i], &mask[i]) || strlen(folded[i]) < LEN_MIN)
			folded[i][0] = '\0';
	*out = (struct vocab){ words, folded, mask, count, n };
}

static int
cmp_words(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void
vocab_of_texts(struct arena *a, struct arena *scratch, const struct sparse_text *v, size_t n,
    struct vocab *out)
{
	size_t all = 0, distinct = 0;
	struct str *w, *words;
	uint32_t *count;

	for (size_t i = 0; i < n; i++)
		all += v[i].n;
	w = arena_array(scratch, struct str, all + 1);
	all = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n; k++)
			if (!is_placeholder(v[i].words[k]))
				w[all++] = v[i].words[k];
	qsort(w, all, sizeof(*w), cmp_words);
	for (size_t i = 0; i < all; i++)
		distinct += i == 0 || !str_eq(w[i - 1], w[i]);
	words = arena_array(a, struct str, distinct + 1);
	count = arena_array(a, uint32_t, distinct + 1);
	distinct = 0;
	for (size_t i = 0; i < all; i++) {
		if (i == 0 || !str_eq(w[i - 1], w[i]))
			words[distinct++] = str_dup(a, w[i]);
		count[distinct - 1]++;
	}
	vocab_build(a, words, count, distinct, out);
}

void
vocab_save(const struct vocab *v, struct buf *out)
{
	bytes_put_u32(out, (uint32_t)v->n);
	for (size_t i = 0; i < v->n; i++) {
		bytes_put_u32(out, v->count[i]);
		bytes_put_str(out, v->text[i]);
	}
}

void
vocab_load(struct arena *a, struct bytes_reader *r, struct vocab *out)
{
	size_t n = bytes_take_u32(r);
	struct str *words;
	uint32_t *count;

	if (r->bad || n > (r->s.n - r->at) / 8) {
		r->bad = true;
		n = 0;
	}
	words = arena_array(a, struct str, n + 1);
	count = arena_array(a, uint32_t, n + 1);
	for (size_t i = 0; i < n && !r->bad; i++) {
		count[i] = bytes_take_u32(r);
		words[i] = str_dup(a, bytes_take_str(r));
		r->bad |= words[i].n == 0 || (i > 0 && str_cmp(words[i - 1], words[i]) >= 0);
	}
	vocab_build(a, words, count, r->bad ? 0 : n, out);
}

bool
vocab_has(const struct vocab *v, struct str w)
{
	size_t lo = 0, hi = v == NULL ? 0 : v->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(w, v->text[mid]);

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

/* Optimal string alignment; words are at most SLIP_WORD_MAX. */
static unsigned
alignment(struct str a, struct str b)
{
	unsigned d[SLIP_WORD_MAX + 1][SLIP_WORD_MAX + 1];

	for (unsigned i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.n; i++)
		for (size_t j = 1; j <= b.n; j++) {
			unsigned best = d[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[a.n][b.n];
}

static bool
tail_eq(struct str a, size_t i, struct str b, size_t j)
{
	return a.n - i == b.n - j && memcmp(a.p + i, b.p + j, a.n - i) == 0;
}

/* One slip or none, in linear time. */
static unsigned
one_slip(struct str a, struct str b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	if (i == a.n && i == b.n)
		return 0;
	if (i < a.n && i < b.n && tail_eq(a, i + 1, b, i + 1))
		return 1;
	if (i < a.n && a.n == b.n + 1 && tail_eq(a, i + 1, b, i))
		return 1;
	if (i < b.n && b.n == a.n + 1 && tail_eq(a, i, b, i + 1))
		return 1;
	if (i + 1 < a.n && i + 1 < b.n && a.p[i] == b.p[i + 1] && a.p[i + 1] == b.p[i] &&
	    tail_eq(a, i + 2, b, i + 2))
		return 1;
	return 2;
}

unsigned
slip_distance(struct str a, struct str b, unsigned max)
{
	size_t diff = a.n > b.n ? a.n - b.n : b.n - a.n;
	unsigned d;

	if (diff > max || a.n > SLIP_WORD_MAX || b.n > SLIP_WORD_MAX)
		return max + 1;
	d = max <= 1 ? one_slip(a, b) : alignment(a, b);
	return d > max ? max + 1 : d;
}

static bool
is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

static bool
is_near_key(char a, char b)
{
	static const char *const rows[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm" };
	int ra = -1, rb = -1, ca = 0, cb = 0;

	for (int r = 0; r < 3; r++) {
		const char *pa = strchr(rows[r], a), *pb = strchr(rows[r], b);

		if (pa != NULL) {
			ra = r;
			ca = (int)(pa - rows[r]);
		}
		if (pb != NULL) {
			rb = r;
			cb = (int)(pb - rows[r]);
		}
	}
	if (ra < 0 || rb < 0 || ra - rb > 1 || rb - ra > 1)
		return false;
	return ca - cb <= 1 && cb - ca <= 1;
}

/* A short word with another letter in it is more likely another word, unless
 * the finger or the ear slipped. */
static bool
is_plausible(struct str typed, struct str word)
{
	size_t i = 0;

	if (typed.n > 5 || typed.n != word.n)
		return true;
	while (i < typed.n && typed.p[i] == word.p[i])
		i++;
	if (i + 1 < typed.n && typed.p[i] == word.p[i + 1] && typed.p[i + 1] == word.p[i])
		return true;
	if (i == typed.n || is_near_key(typed.p[i], word.p[i]))
		return true;
	return typed.n == 5 && is_vowel(typed.p[i]) && is_vowel(word.p[i]);
}

struct best {
	struct str word;
	unsigned distance;
	uint32_t count;
};

/* word, or plain where that is NULL; typed has LEN_MIN letters at least. */
static void
consider(struct str typed, uint32_t mask, const struct str *word, const char *plain, const char *folded,
    uint32_t word_mask, uint32_t count, struct best *b)
{
	unsigned max = typed.n >= LEN_TWO ? 2 : 1, d;
	struct str f;

	/* The cheapest first: nearly every word ends here. */
	if (folded[0] != typed.p[0] && (folded[0] != typed.p[1] || folded[1] != typed.p[0]))
		return;
	if ((unsigned)__builtin_popcount(mask ^ word_mask) > 2 * max)
		return;
	f = str_from(folded);
	d = slip_distance(typed, f, max);
	if (d > max || d > b->distance || (d == 1 && !is_plausible(typed, f)))
		return;
	if (d < b->distance || count > b->count)
		*b = (struct best){ word != NULL ? *word : str_from(plain), d, count };
}

/* The usual short forms; a desk that uses one as a word keeps it. */
static struct str
short_form(struct str w)
{
	static const struct {
		const char *from, *to;
	} list[] = {
		{ "u", "you" }, { "ur", "your" }, { "r", "are" }, { "pls", "please" }, { "plz", "please" },
		{ "plss", "please" }, { "thx", "thanks" }, { "tnx", "thanks" }, { "ty", "thanks" },
		{ "tmrw", "tomorrow" }, { "tmr", "tomorrow" }, { "2moro", "tomorrow" },
		{ "tomoro", "tomorrow" }, { "2day", "today" }, { "msg", "message" }, { "wk", "week" },
		{ "wks", "weeks" }, { "hv", "have" }, { "dnt", "dont" }, { "cnt", "cant" },
		{ "coz", "because" }, { "cuz", "because" }, { "bc", "because" }, { "abt", "about" },
		{ "sum1", "someone" }, { "smone", "someone" }, { "any1", "anyone" }, { "ppl", "people" },
		{ "pkg", "package" }, { "whr", "where" }, { "wen", "when" }, { "wat", "what" },
		{ "wot", "what" }, { "gona", "going" }, { "gonna", "going" }, { "hvnt", "havent" },
		{ "spk", "speak" }, { "bitt", "bitte" }, { "bidde", "bitte" }, { "nich", "nicht" },
		{ "ned", "nicht" }, { "vllt", "vielleicht" }, { "mfg", "gruss" }, { "hab", "habe" },
		{ "nix", "nichts" }, { "nen", "einen" }, { "nem", "einem" }, { "ne", "eine" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(w, list[i].from))
			return str_from(list[i].to);
	return STR_NONE;
}

static bool
is_known(const struct vocab *v, struct str w)
{
	return vocab_has(v, w) || lexicon_has_word(w) || lang_has_word(w) || concepts_has_word(w);
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

static struct str
correct_one(const struct vocab *v, struct arena *a, struct str w)
{
	struct best best = { STR_NONE, 3, 0 };
	char folded[SLIP_WORD_MAX + 1];
	uint32_t mask;
	const struct lexicon_word *lex;
	size_t lex_n;
	struct str f, run;

	run = shorten_runs(v, a, w);
	if (run.n > 0)
		return run;
	if (!slip_fold(w, folded, &mask))
		return w;
	f = str_from(folded);
	if (f.n < LEN_MIN)
		return w;
	for (size_t i = 0; v != NULL && i < v->n; i++)
		consider(f, mask, &v->text[i], NULL, v->folded[i], v->mask[i], v->count[i] + 1, &best);
	lex = lexicon_words(&lex_n);
	for (size_t i = 0; i < lex_n; i++)
		if (lex[i].target)
			consider(f, mask, NULL, lex[i].text, lex[i].folded, lex[i].mask, 2, &best);
	return best.word.n > 0 ? best.word : w;
}

const struct str *
slips_correct(const struct vocab *v, struct arena *a, const struct str *words, size_t n)
{
	struct str *out = arena_alloc(a, (n + 1) * sizeof(*out));
	size_t corrected = 0;

	for (size_t i = 0; i < n; i++) {
		struct str s;

		out[i] = words[i];
		if (vocab_has(v, words[i]))
			continue;
		s = short_form(words[i]);
		if (s.n > 0) {
			out[i] = s;
			continue;
		}
		if (is_known(v, words[i]) || corrected >= CORRECT_MAX)
			continue;
		corrected++;
		out[i] = correct_one(v, a, words[i]);
	}
	return out;
}

struct slips
slips_mend(const struct vocab *v, struct arena *a, const struct str *words, size_t n)
{
	const struct str *out = slips_correct(v, a, words, n);
	uint32_t *at = arena_array(a, uint32_t, n + 1);
	struct correction *fixed = arena_array(a, struct correction, n + 1);
	size_t fixed_n = 0;

	for (size_t i = 0; i < n; i++) {
		at[i] = (uint32_t)i;
		if (!str_eq(words[i], out[i]))
			fixed[fixed_n++] = (struct correction){ words[i], out[i] };
	}
	return (struct slips){ out, at, n, fixed, fixed_n };
}
