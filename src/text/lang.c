/* SPDX-License-Identifier: Apache-2.0 */
/* lang.c - language of a short text: the script, the letters, and the words of our lists. */
#include "text/lang.h"

#include "text/lang_desk.h"
#include "text/lang_grams.h"
#include "text/utf8.h"

#include <math.h>
#include <string.h>

struct lang_word {
	struct str word;
	uint16_t in, stop;	/* bit masks over lang_ids */
};

#include "text/lang_table.inc"

#define WORDS_MAX 32	/* enough to be sure; bounds the time */
#define NAT 512	/* the unit of lang_grams */
#define PRIOR_BONUS (3 * NAT)
#define DEFAULT_BONUS (NAT / 2)
#define FOREIGN_MARGIN (4 * NAT)
#define FOREIGN_WORDS 3
#define SURE (10 * NAT)	/* more letters would not change who leads by so much */
#define SURE_BYTES 12

static const struct lang_word *
find_word(struct str w)
{
	for (size_t at = str_hash(w) % LANG_SLOTS; lang_slots[at] != 0; at = (at + 1) % LANG_SLOTS)
		if (str_eq(lang_words[lang_slots[at] - 1].word, w))
			return &lang_words[lang_slots[at] - 1];
	return NULL;
}

/* A word of our lists says more the fewer languages share it: what people write to a
 * shop is not what fills a corpus. */
static void
add_listed(struct str w, int32_t score[LANG_GRAMS_N])
{
	static const int32_t by_share[] = { 0, 2 * NAT, 2 * NAT, 3 * NAT / 2, NAT, NAT / 2 };
	const struct lang_word *found = find_word(w);
	size_t share;

	if (found == NULL)
		return;
	share = (size_t)__builtin_popcount(found->in);
	for (size_t l = 0; l < LANG_N; l++)
		if ((found->in >> l & 1) != 0)
			score[lang_grams_index(str_from(lang_ids[l]))] += by_share[share < 5 ? share : 5];
}

static size_t
lang_index(struct str lang)
{
	for (size_t i = 0; i < LANG_N; i++)
		if (str_eqz(lang, lang_ids[i]))
			return i;
	return LANG_N;
}

/* Scripts that name their languages, or leave a few to choose from. */
struct script {
	int32_t from, to;
	const char *langs;	/* two letters each */
	const char *id;		/* ISO 15924 */
};
static const struct script scripts[] = {
	{ 0x41, 0x24f, "", "Latn" }, { 0x370, 0x3ff, "el", "Grek" }, { 0x400, 0x52f, "rubgukbesr", "Cyrl" },
	{ 0x530, 0x58f, "hy", "Armn" }, { 0x590, 0x5ff, "he", "Hebr" }, { 0x600, 0x6ff, "arfaur", "Arab" },
	{ 0x900, 0x97f, "himrne", "Deva" }, { 0x980, 0x9ff, "bn", "Beng" }, { 0xa00, 0xa7f, "pa", "Guru" },
	{ 0xa80, 0xaff, "gu", "Gujr" }, { 0xb80, 0xbff, "ta", "Taml" }, { 0xc00, 0xc7f, "te", "Telu" },
	{ 0xe00, 0xe7f, "th", "Thai" }, { 0x10a0, 0x10ff, "ka", "Geor" }, { 0x1e00, 0x1eff, "", "Latn" },
	{ 0x3041, 0x30ff, "ja", "Jpan" }, { 0x4e00, 0x9fff, "zhja", "Hani" }, { 0xac00, 0xd7af, "ko", "Hang" },
};
#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))
#define KANA 15	/* of scripts; Han is the next */

static size_t
script_index(int32_t cp)
{
	for (size_t s = 0; s < SCRIPTS; s++)
		if (cp >= scripts[s].from && cp <= scripts[s].to)
			return s;
	return SCRIPTS;
}

/* The script that a word begins in, or SCRIPTS. */
static size_t
script_of_word(struct str w, bool *kana)
{
	size_t at = 0, first = SCRIPTS, ascii = 0;

	while (ascii < w.n && (unsigned char)w.p[ascii] < 0x80)
		ascii++;
	if (ascii == w.n)
		return w.n > 0 && w.p[0] >= scripts[0].from ? 0 : SCRIPTS;
	while (at < w.n) {
		size_t s = script_index(utf8_next(w, &at));

		if (first == SCRIPTS)
			first = s;
		*kana |= s == KANA;
	}
	return first;
}

/* The script of most of the words; NULL for none. */
static const struct script *
script_of(const struct str *words, size_t n)
{
	size_t count[SCRIPTS + 1] = { 0 }, best = 0;
	bool kana = false;

	for (size_t i = 0; i < n; i++)
		count[script_of_word(words[i], &kana)]++;
	for (size_t s = 1; s < SCRIPTS; s++)
		if (count[s] > count[best])
			best = s;
	/* Japanese mixes Kana into Han: any Kana decides. */
	if (kana && best == KANA + 1)
		best = KANA;
	return count[best] > 0 || kana ? &scripts[best] : NULL;
}

struct str
lang_script(const struct str *words, size_t n)
{
	const struct script *s = script_of(words, n < WORDS_MAX ? n : WORDS_MAX);

	return s == NULL ? STR_NONE : str_from(s->id);
}

static bool
is_of_script(struct str lang, const struct script *s)
{
	for (const char *l = s->langs; lang.n == 2 && *l != '\0'; l += 2)
		if (l[0] == lang.p[0] && l[1] == lang.p[1])
			return true;
	return false;
}

static bool
is_of_any_script(struct str lang)
{
	for (size_t k = 0; k < SCRIPTS; k++)
		if (is_of_script(lang, &scripts[k]))
			return true;
	return false;
}

bool
lang_is_known(struct str lang)
{
	return lang_grams_index(lang) < LANG_GRAMS_N || is_of_any_script(lang);
}

/* What is allowed of the script's languages: scored by letters where they share it. */
static bool
is_candidate(struct str lang, const struct script *s)
{
	if (s == NULL)
		return true;
	/* Latin letters: any language that no other script claims, also one we know nothing of. */
	return s->langs[0] != '\0' ? is_of_script(lang, s) : !is_of_any_script(lang);
}

struct scores {
	int32_t of[LANG_GRAMS_N];
	const struct script *script;
	struct str first, prior;
};

/* Han without Kana: Chinese rather than Japanese, whichever the desk names first. */
static int32_t
first_of_script(const struct scores *s, struct str lang)
{
	return s->script != NULL && lang.n == 2 && strncmp(s->script->langs, lang.p, 2) == 0 ? NAT : 0;
}

static int32_t
score_of(const struct scores *s, struct str lang)
{
	size_t l = lang_grams_index(lang);

	return (l == LANG_GRAMS_N ? first_of_script(s, lang) : s->of[l]) + (str_eq(lang, s->first) ? DEFAULT_BONUS : 0) +
	    (str_eq(lang, s->prior) ? PRIOR_BONUS : 0);
}

static struct lang_guess
pick(const struct scores *s, const struct str *allowed, size_t n, size_t words)
{
	double best_score = 0, sum = 0;	/* of what each is to the best */
	size_t best = n;

	for (size_t i = 0; i < n; i++) {
		double score;

		if (!is_candidate(allowed[i], s->script))
			continue;
		score = score_of(s, allowed[i]);
		if (best == n || score > best_score) {
			sum *= exp((best_score - score) / NAT);
			best_score = score;
			best = i;
		}
		sum += exp((score - best_score) / NAT);
	}
	if (best == n)
		return (struct lang_guess){ STR_NONE, 0 };
	for (size_t l = 0; words >= FOREIGN_WORDS && l < LANG_GRAMS_N; l++)
		if (s->of[l] - best_score > FOREIGN_MARGIN && is_candidate(str_from(lang_grams_id[l]), s->script))
			return (struct lang_guess){ STR_NONE, 0 };
	return (struct lang_guess){ allowed[best], (int32_t)(1000000 / sum) };
}

/* A number or a name of things: no language has it. */
static bool
has_digit(struct str w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.p[i] >= '0' && w.p[i] <= '9')
			return true;
	return false;
}

/* A word that is known: half of what its letters say among the desk's seven, and where it is
 * common. Their best stays, so that against other languages they win and lose nothing. */
static void
add_known(const uint8_t rarer[LANG_DESK_N], int32_t score[LANG_GRAMS_N])
{
	int32_t before = INT32_MIN, after = INT32_MIN;

	for (size_t l = 0; l < LANG_DESK_N; l++) {
		before = score[l] > before ? score[l] : before;
		score[l] = score[l] / 2 - rarer[l] * (NAT / 2);
		after = score[l] > after ? score[l] : after;
	}
	for (size_t l = 0; l < LANG_DESK_N; l++)
		score[l] += before - after;
}

/* Two letters are as often a name or a size as a word: they say a quarter. */
static bool
add_word(struct str w, int32_t score[LANG_GRAMS_N])
{
	int32_t one[LANG_GRAMS_N] = { 0 };
	uint8_t rarer[LANG_DESK_N];
	bool any = lang_grams_add(w, one);

	if (lang_desk_find(w, rarer)) {
		add_known(rarer, one);
		any = true;
	}
	for (size_t l = 0; l < LANG_GRAMS_N; l++)
		score[l] += w.n <= 2 ? one[l] / 4 : one[l];
	return any;
}

/* Does a language of the text's own script lead all others beyond doubt?  Those of other scripts
 * have nothing, so who leads has something. */
static bool
is_sure(const int32_t score[LANG_GRAMS_N])
{
	int32_t best = INT32_MIN, next = INT32_MIN;

	for (size_t l = 0; l < LANG_GRAMS_N; l++) {
		int32_t below = score[l] < best ? score[l] : best;

		next = below > next ? below : next;
		best = score[l] > best ? score[l] : best;
	}
	return best - next >= SURE;
}

/* All words of our lists first, for they cost little; then letters, the larger part of the
 * work, as far as is needed: of a long message a few words. */
struct lang_guess
lang_of(const struct str *words, size_t words_n, const struct str *allowed, size_t allowed_n,
    struct str prior)
{
	size_t n = words_n < WORDS_MAX ? words_n : WORDS_MAX, said = 0, read = 0;
	struct scores s = { .script = script_of(words, n), .first = allowed[0], .prior = prior };

	for (size_t i = 0; i < n; i++)
		add_listed(words[i], s.of);
	for (size_t i = 0; i < n; i++) {
		if (has_digit(words[i]))
			continue;
		said += add_word(words[i], s.of);
		read += words[i].n;
		if (said >= FOREIGN_WORDS && read >= SURE_BYTES && is_sure(s.of))
			break;
	}
	return pick(&s, allowed, allowed_n, said);
}

bool
lang_is_stopword(struct str lang, struct str word)
{
	const struct lang_word *w = find_word(word);
	size_t l = lang_index(lang);

	return w != NULL && l < LANG_N && (w->stop >> l & 1) != 0;
}

bool
lang_is_function_word(struct str word)
{
	const struct lang_word *w = find_word(word);

	return w != NULL && (w->stop >> lang_index(STR("en")) & 1 || w->stop >> lang_index(STR("de")) & 1);
}

bool
lang_has_word(struct str word)
{
	return find_word(word) != NULL;
}
