/* SPDX-License-Identifier: Apache-2.0 */
/* slip_distance.c - how far a typed word is from one that was meant. */
#include "nlu/slips_parts.h"

#include "text/utf8.h"

#include <string.h>

/* In hundredths of a slip. */
#define SWAPPED 60u
#define DOUBLED 50u		/* a letter twice, or once instead of twice */
#define NEAR_KEY 70u
#define SOUNDS_LIKE 75u
#define VOWEL 80u
#define MISSED 90u		/* a letter too few or too many */
#define OTHER 115u

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
	if (max > 1) {	/* what both begin and end with costs nothing */
		size_t head = 0, tail = 0, least = a.n < b.n ? a.n : b.n;

		while (head < least && a.p[head] == b.p[head])
			head++;
		while (tail < least - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
			tail++;
		a = (struct str){ a.p + head, a.n - head - tail };
		b = (struct str){ b.p + head, b.n - head - tail };
	}
	d = max <= 1 ? one_slip(a, b) : alignment(a, b);
	return d > max ? max + 1 : d;
}

bool
slip_is_vowel(char c)
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
bool
slip_is_plausible(struct str typed, struct str word)
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
	return typed.n == 5 && slip_is_vowel(typed.p[i]) && slip_is_vowel(word.p[i]);
}

static bool
sounds_like(char a, char b)
{
	static const char *const pairs[] = { "ck", "cs", "sz", "fv", "iy", "gj", "dt", "bp", "kq", "vw", "mn" };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if ((pairs[i][0] == a && pairs[i][1] == b) || (pairs[i][0] == b && pairs[i][1] == a))
			return true;
	return false;
}

static unsigned
replaced(char a, char b)
{
	if (a == b)
		return 0;
	if (is_near_key(a, b))
		return NEAR_KEY;
	if (sounds_like(a, b))
		return SOUNDS_LIKE;
	return slip_is_vowel(a) && slip_is_vowel(b) ? VOWEL : OTHER;
}

/* The letter at i of a word stands beside its like. */
static unsigned
missed(struct str w, size_t i)
{
	return (i > 0 && w.p[i - 1] == w.p[i]) || (i + 1 < w.n && w.p[i + 1] == w.p[i]) ? DOUBLED : MISSED;
}

unsigned
slip_cost(struct str a, struct str b)
{
	unsigned d[SLIP_WORD_MAX + 1][SLIP_WORD_MAX + 1];

	d[0][0] = 0;
	for (size_t i = 1; i <= a.n; i++)
		d[i][0] = d[i - 1][0] + missed(a, i - 1);
	for (size_t j = 1; j <= b.n; j++)
		d[0][j] = d[0][j - 1] + missed(b, j - 1);
	for (size_t i = 1; i <= a.n; i++)
		for (size_t j = 1; j <= b.n; j++) {
			unsigned best = d[i - 1][j - 1] + replaced(a.p[i - 1], b.p[j - 1]), other;

			other = d[i - 1][j] + missed(a, i - 1);
			best = other < best ? other : best;
			other = d[i][j - 1] + missed(b, j - 1);
			best = other < best ? other : best;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
			    a.p[i - 1] != a.p[i - 2] && d[i - 2][j - 2] + SWAPPED < best)
				best = d[i - 2][j - 2] + SWAPPED;
			d[i][j] = best;
		}
	return d[a.n][b.n];
}
