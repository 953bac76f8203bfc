/* SPDX-License-Identifier: Apache-2.0 */
/* mood.c - what the words, the signs and the course of the conversation say of a mood.
 *
 * Three grounds, taken together as if independent: phrases (nlu/phrases.txt: all languages, and
 * what only customers say), a learned model where the text is English, and signs.  The learned one is of
 * words, and of the sentence encoder's vector where there is one.
 * A feeling that is denied ("not angry") or somebody else's ("an angry customer")
 * is taken out before either looks.
 */
#include "nlu/lexicon.h"
#include "nlu/mood_head.h"
#include "nlu/senses.h"
#include "text/lang.h"
#include "text/utf8.h"

#include <stdlib.h>

#define HITS_MAX 64
#define CLIP 4000
#define WORDS_MAX 700

/* Logits of nlu/mood.bin that mean "as likely as not", read off support talk. */
#define EVEN_ANGER (-1.6f)
#define EVEN_ANNOYANCE (-1.5f)
#define EVEN_DISAPPOINTMENT (-2.2f)
#define EVEN_CONFUSION (-1.8f)
#define EVEN_GRATITUDE (-1.0f)
#define SENTIMENT_SHARE 0.2f
#define STEEPNESS 3.0f
#define EVEN_FAMILY (-0.8f)

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

/* Thanks within something longer that is none: "thanks for nothing". */
static bool
is_ironic(const struct lexicon_hit *hits, size_t found, const struct lexicon_hit *thanks)
{
	for (size_t i = 0; i < found; i++)
		if (hits[i].n > thanks->n && hits[i].phrase->kind != LEX_GRATITUDE &&
		    hits[i].phrase->kind <= LEX_DISAPPOINTMENT && hits[i].at <= thanks->at &&
		    thanks->at + thanks->n <= hits[i].at + hits[i].n)
			return true;
	return false;
}

/* Marks the words of feelings that are denied; true: there was irony. */
static bool
mood_words(const struct str *w, size_t n, bool *denied, int32_t out[MOOD_N])
{
	struct lexicon_hit hits[HITS_MAX];
	size_t found = lexicon_find(w, n, hits, HITS_MAX);
	bool ironic = false;

	for (size_t i = 0; i < found; i++) {
		enum lexicon_kind k = hits[i].phrase->kind;
		int32_t ppm = hits[i].phrase->ppm;

		if (k > LEX_DISAPPOINTMENT)
			continue;
		if (k == LEX_GRATITUDE && is_ironic(hits, found, &hits[i])) {
			ironic = true;
			continue;
		}
		if (hits[i].n == 1 && is_negated(w, hits[i].at)) {
			if (hits[i].at < WORDS_MAX)
				denied[hits[i].at] = true;
			if (k != LEX_GRATITUDE)
				continue;
			k = LEX_FRUSTRATION;
			ppm /= 2;
		}
		out[k] = both(out[k], ppm);
	}
	return ironic;
}

/* "an angry customer": said of somebody, not felt. */
static bool
is_told_of(const struct str *w, size_t n, size_t at)
{
	static const char *const feelings[] = { "angry", "furious", "livid", "frustrated", "annoyed", "upset", "unhappy",
		"disappointed", "mad", "pissed", "confused", "wütend", "wütender", "wütende", "wütenden", "verärgerter",
		"verärgerte", "enttäuschte", "enttäuschter", "unzufriedene", "unzufriedener" };
	static const char *const before[] = { "a", "an", "some", "any", "this", "that", "another", "these", "those",
		"ein", "eine", "einen", "einem", "dieser", "diese", "einige" };
	static const char *const whom[] = { "customer", "customers", "client", "clients", "caller", "man", "woman", "guy",
		"people", "person", "email", "emails", "letter", "review", "reviews", "neighbour", "neighbor", "boss",
		"birds", "kunde", "kunden", "kundin", "mann", "frau", "nachbar", "leute", "mail" };
	bool feeling = false;

	for (size_t i = 0; i < sizeof(feelings) / sizeof(feelings[0]) && !feeling; i++)
		feeling = str_eqz(w[at], feelings[i]);
	if (!feeling || at + 1 >= n)
		return false;
	for (size_t i = 0; i < sizeof(whom) / sizeof(whom[0]); i++)
		if (str_eqz(w[at + 1], whom[i]))
			for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++)
				if (at == 0 || str_eqz(w[at - 1], before[k]))
					return true;
	return false;
}

static bool
is_english(const struct str *w, size_t n)
{
	static const char *const others[] = { "de", "fr", "es", "pt", "it", "nl" };
	size_t english = 0, other;

	for (size_t i = 0; i < n; i++) {
		english += lang_is_stopword(STR("en"), w[i]);
		if (english * 3 > n)
			return true;
	}
	for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
		other = 0;
		for (size_t i = 0; i < n; i++)
			other += lang_is_stopword(str_from(others[k]), w[i]);
		if (other > english)
			return false;
	}
	return true;
}

/* A logit as millionths in support talk, where moods are commoner and blunter than where it was
 * learned: `even` is the logit that means as likely as not. */
static int32_t
learned(float logit, float even)
{
	return linear_ppm((logit - even) * STEEPNESS);
}

static void
mood_learned(const struct str *w, size_t n, struct str raw, const struct sentence *vector, bool ironic,
    struct mood_reading *out)
{
	float logit[MOOD_MODEL_OUTPUTS];
	const struct mood_head *head = NULL;
	int32_t family, annoyed;

	mood_model_score(w, n, raw, logit);
	if (vector != NULL && vector->v != NULL)
		head = mood_head_of(vector->encoder, vector->width);
	if (head != NULL)
		mood_head_score(head, vector->v, logit);
	/* Annoyance is the widest of the three, so what is any of them is at least that. */
	family = learned(logit[MOOD_MODEL_FAMILY] - SENTIMENT_SHARE * logit[MOOD_MODEL_SENTIMENT], EVEN_FAMILY);
	annoyed = learned(logit[MOOD_MODEL_ANNOYANCE], EVEN_ANNOYANCE);
	out->ppm[MOOD_ANGER] = both(out->ppm[MOOD_ANGER], learned(logit[MOOD_MODEL_ANGER], EVEN_ANGER));
	out->ppm[MOOD_ANNOYANCE] = both(out->ppm[MOOD_ANNOYANCE], annoyed > family ? annoyed : family);
	out->ppm[MOOD_DISAPPOINTMENT] = both(out->ppm[MOOD_DISAPPOINTMENT],
	    learned(logit[MOOD_MODEL_DISAPPOINTMENT], EVEN_DISAPPOINTMENT));
	out->ppm[MOOD_CONFUSION] = both(out->ppm[MOOD_CONFUSION], learned(logit[MOOD_MODEL_CONFUSION], EVEN_CONFUSION));
	if (!ironic)
		out->ppm[MOOD_GRATITUDE] = both(out->ppm[MOOD_GRATITUDE],
		    learned(logit[MOOD_MODEL_GRATITUDE], EVEN_GRATITUDE));
	out->sentiment_ppm = 2 * linear_ppm(logit[MOOD_MODEL_SENTIMENT]) - PPM;
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
mood_signs(const struct signs *s, int32_t out[MOOD_N])
{
	size_t letters = s->upper + s->lower;

	if (s->caps_words >= 2 && letters >= 10 && s->upper * 10 > letters * 7) {
		out[MOOD_ANGER] = both(out[MOOD_ANGER], 350000);
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 400000);
	} else if (s->caps_words > 0 && letters >= 10 && s->lower > s->upper) {
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 100000);
	}
	if (s->bangs >= 2 && out[MOOD_GRATITUDE] < 300000) {
		out[MOOD_ANGER] = both(out[MOOD_ANGER], 120000);
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 200000);
	}
	if (s->questions >= 2)
		out[MOOD_FRUSTRATION] = both(out[MOOD_FRUSTRATION], 120000);
	if (s->questions >= 3 || (s->questions >= 2 && letters == 0))
		out[MOOD_CONFUSION] = both(out[MOOD_CONFUSION], 250000);
	if (s->runs > 0 && out[MOOD_GRATITUDE] < 300000)
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

/* Where nothing was learned: what the moods say. */
static int32_t
sentiment_of(const int32_t *m)
{
	int32_t worst = m[MOOD_ANGER];

	for (int i = 0; i < MOOD_N; i++)
		if ((i == MOOD_FRUSTRATION || i == MOOD_ANNOYANCE || i == MOOD_DISAPPOINTMENT) && m[i] > worst)
			worst = m[i];
	return m[MOOD_GRATITUDE] - worst;
}

void
mood_of(const struct str *words, size_t n, struct str raw, const struct sentence *vector,
    struct mood_reading *out)
{
	struct str felt[WORDS_MAX], sure[WORDS_MAX];
	bool denied[WORDS_MAX] = { false }, ironic;
	size_t felt_n = 0, sure_n = 0;
	struct signs s;

	raw = str_clip_utf8(raw, CLIP);
	s = read_signs(raw);
	*out = (struct mood_reading){ .letters = (uint32_t)(s.upper + s.lower),
		.shouts = (uint32_t)(s.caps_words + (s.bangs >= 2) + (s.questions >= 2)) };
	for (size_t i = 0; i < n && felt_n < WORDS_MAX; i++)
		if (!is_told_of(words, n, i))
			felt[felt_n++] = words[i];
	ironic = mood_words(felt, felt_n, denied, out->ppm);
	for (size_t i = 0; i < felt_n; i++)
		if (!denied[i])
			sure[sure_n++] = felt[i];
	/* What is denied or somebody else's is still in the vector. */
	if (is_english(felt, felt_n))
		mood_learned(sure, sure_n, raw, sure_n == n ? vector : NULL, ironic, out);
	mood_signs(&s, out->ppm);
	mood_emoji(raw, out->ppm);
	/* Between what was learned and what is said outright, the more outspoken. */
	if (abs(sentiment_of(out->ppm)) > abs(out->sentiment_ppm))
		out->sentiment_ppm = sentiment_of(out->ppm);
}

static int32_t
displeasure(const struct mood_reading *m)
{
	int32_t v = m->ppm[MOOD_FRUSTRATION];

	v = m->ppm[MOOD_ANGER] > v ? m->ppm[MOOD_ANGER] : v;
	return m->ppm[MOOD_ANNOYANCE] > v ? m->ppm[MOOD_ANNOYANCE] : v;
}

/* The voice: each message worse than the one before, the first loud one, ever shorter ones. */
static int32_t
course(const struct mood_reading *past, size_t n, const struct mood_reading *now)
{
	int32_t level = displeasure(now), more = 0;
	bool quiet = true;

	for (size_t i = 0; i < n; i++)
		quiet &= past[i].shouts == 0;
	if (n >= 2 && level >= 150000 && level > displeasure(&past[0]) && displeasure(&past[0]) > displeasure(&past[1]))
		more = both(more, 200000);
	if (n >= 1 && quiet && now->shouts > 0)
		more = both(more, 150000);
	if (n >= 2 && now->letters * 3 < past[0].letters * 2 && past[0].letters * 3 < past[1].letters * 2 &&
	    level >= 100000)
		more = both(more, 120000);
	return more;
}

void
mood_mount(const struct mood_reading *earlier, size_t earlier_n, const int32_t *similar_ppm,
    size_t similar_n, struct mood_reading *now)
{
	int32_t frustration = now->ppm[MOOD_FRUSTRATION];

	/* Anger is frustration as well, not the other way round. */
	frustration = both(frustration, now->ppm[MOOD_ANGER] / 10 * 8);
	/* What was felt in the last messages fades by half each. */
	for (size_t i = 0, part = 2; i < earlier_n && i < 4; i++, part *= 2) {
		int32_t then = displeasure(&earlier[i]);

		if (now->ppm[MOOD_GRATITUDE] < 500000)
			frustration = both(frustration, then / (int32_t)part);
	}
	for (size_t i = 0; i < similar_n && i < 4; i++)
		if (similar_ppm[i] >= 700000)
			frustration = both(frustration, 150000);
	if (now->ppm[MOOD_GRATITUDE] < 500000)
		frustration = both(frustration, course(earlier, earlier_n, now));
	now->ppm[MOOD_FRUSTRATION] = frustration;
}
