/* SPDX-License-Identifier: Apache-2.0 */
/* mood.c - what the words, the signs and the course of the conversation say of a mood. */
#include "nlu/lexicon.h"
#include "nlu/senses.h"
#include "text/utf8.h"

#include <string.h>

#define HITS_MAX 64
#define CLIP 4000

/* Two grounds for the same thing: as if independent. */
static int32_t
both(int32_t a, int32_t b)
{
	return (int32_t)(a + b - (int64_t)a * b / PPM);
}

static bool
is_negated(const struct str *w, size_t at)
{
	static const char *const list[] = { "not", "no", "dont", "doesnt", "didnt", "isnt", "wasnt", "never",
		"without", "nicht", "kein", "keine", "keinen", "nie", "ohne", "cant", "wont", "arent" };

	for (size_t back = 1; back <= 2 && back <= at; back++)
		for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
			if (str_eqz(w[at - back], list[i]))
				return true;
	return false;
}

static void
mood_words(const struct str *w, size_t n, int32_t out[MOOD_N])
{
	struct lexicon_hit hits[HITS_MAX];
	size_t found = lexicon_find(w, n, hits, HITS_MAX);

	for (size_t i = 0; i < found; i++) {
		enum lexicon_kind k = hits[i].phrase->kind;
		int32_t ppm = hits[i].phrase->ppm;

		if (k > LEX_GRATITUDE)
			continue;
		if (hits[i].n == 1 && is_negated(w, hits[i].at)) {
			if (k != LEX_GRATITUDE)
				continue;
			k = LEX_FRUSTRATION;
			ppm /= 2;
		}
		out[k] = both(out[k], ppm);
	}
}

struct signs {
	size_t upper, lower, caps_words, bangs, questions, runs;
};

static struct signs
read_signs(struct str raw)
{
	struct signs s = { 0 };
	size_t word_upper = 0, word_len = 0, run = 0;
	bool digits = false;

	for (size_t i = 0; i <= raw.n; i++) {
		unsigned char c = i < raw.n ? (unsigned char)raw.p[i] : ' ';
		bool up = c >= 'A' && c <= 'Z', low = c >= 'a' && c <= 'z';

		digits |= c >= '0' && c <= '9';
		s.bangs += c == '!';
		s.questions += c == '?';
		run = i > 0 && i < raw.n && low && raw.p[i] == raw.p[i - 1] ? run + 1 : 0;
		s.runs += run == 2;
		if (up || low || c >= 0x80 || c == '\'') {
			word_upper += up;
			word_len++;
			s.upper += up;
			s.lower += low;
			continue;
		}
		if (c == ' ' || c == '!' || c == '?' || c == ',' || c == '.') {
			s.caps_words += !digits && word_len >= 3 && word_upper == word_len;
			word_upper = word_len = 0;
			digits = false;
		}
	}
	return s;
}

static void
mood_signs(struct str raw, int32_t out[MOOD_N])
{
	struct signs s = read_signs(raw);
	size_t letters = s.upper + s.lower;

	if (s.caps_words >= 2 && letters >= 10 && s.upper * 10 > letters * 7) {
		out[MOOD_ANGER] = both(out[MOOD_ANGER], 350000);
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 400000);
	} else if (s.caps_words > 0 && letters >= 10 && s.lower > s.upper) {
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 100000);
	}
	if (s.bangs >= 2 && out[MOOD_GRATITUDE] < 300000) {
		out[MOOD_ANGER] = both(out[MOOD_ANGER], 120000);
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 200000);
	}
	if (s.questions >= 2)
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 120000);
	if (s.questions >= 3 || (s.questions >= 2 && letters == 0))
		out[MOOD_CONFUSION] = both(out[MOOD_CONFUSION], 250000);
	if (s.runs > 0 && out[MOOD_GRATITUDE] < 300000)
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 100000);
}

static void
mood_emoji(struct str raw, int32_t out[MOOD_N])
{
	static const struct {
		int32_t cp;
		enum mood mood;
		int32_t ppm;
	} signs[] = {
		{ 0x1f621, MOOD_ANGER, 600000 }, { 0x1f620, MOOD_ANGER, 550000 },
		{ 0x1f92c, MOOD_ANGER, 800000 }, { 0x1f624, MOOD_FRUSTRATION, 450000 },
		{ 0x1f644, MOOD_FRUSTRATION, 450000 }, { 0x1f62d, MOOD_FRUSTRATION, 300000 },
		{ 0x1f622, MOOD_FRUSTRATION, 250000 }, { 0x1f61e, MOOD_FRUSTRATION, 300000 },
		{ 0x1f926, MOOD_FRUSTRATION, 450000 }, { 0x1f615, MOOD_CONFUSION, 400000 },
		{ 0x1f914, MOOD_CONFUSION, 300000 }, { 0x1f64f, MOOD_GRATITUDE, 350000 },
		{ 0x2764, MOOD_GRATITUDE, 400000 }, { 0x1f44d, MOOD_GRATITUDE, 350000 },
		{ 0x1f60a, MOOD_GRATITUDE, 300000 },
	};
	uint32_t seen = 0;	/* ten of one are one */

	for (size_t i = 0; i < raw.n;) {
		int32_t cp;

		if ((unsigned char)raw.p[i] < 0xe0) {
			i++;
			continue;
		}
		cp = utf8_next(raw, &i);
		for (size_t k = 0; k < sizeof(signs) / sizeof(signs[0]); k++)
			if (signs[k].cp == cp && !(seen >> k & 1)) {
				seen |= UINT32_C(1) << k;
				out[signs[k].mood] = both(out[signs[k].mood], signs[k].ppm);
			}
	}
}

void
mood_of(const struct str *words, size_t n, struct str raw, int32_t out[MOOD_N])
{
	raw = str_clip_utf8(raw, CLIP);
	memset(out, 0, MOOD_N * sizeof(out[0]));
	mood_words(words, n, out);
	mood_signs(raw, out);
	mood_emoji(raw, out);
}

void
mood_mount(const int32_t (*earlier)[MOOD_N], size_t earlier_n, const int32_t *similar_ppm,
    size_t similar_n, int32_t mood[MOOD_N])
{
	int32_t frustration = mood[MOOD_FRUSTRATION];

	/* Anger is frustration as well, not the other way round. */
	frustration = both(frustration, mood[MOOD_ANGER] / 10 * 8);
	/* What was felt in the last messages fades by half each. */
	for (size_t i = 0, part = 2; i < earlier_n && i < 4; i++, part *= 2) {
		int32_t then = earlier[i][MOOD_FRUSTRATION] > earlier[i][MOOD_ANGER] ?
		    earlier[i][MOOD_FRUSTRATION] : earlier[i][MOOD_ANGER];

		if (mood[MOOD_GRATITUDE] < 500000)
			frustration = both(frustration, then / (int32_t)part);
	}
	for (size_t i = 0; i < similar_n && i < 4; i++)
		if (similar_ppm[i] >= 700000)
			frustration = both(frustration, 150000);
	mood[MOOD_FRUSTRATION] = frustration;
}
