/* SPDX-License-Identifier: Apache-2.0 */
/* moderate.c - the flagged phrases in a text, also in disguise.
 *
 * The text is cut at blanks; a piece keeps its place, its words are looked up by the
 * hash of a phrase's first word.  A piece with signs or digits among its letters, with
 * a letter three times, or one letter at a time is looked at once more as what it
 * imitates, for words of abuse only.
 */
#include "nlu/moderate.h"

#include "text/tokens.h"
#include "text/word_slots.h"

#include <string.h>

#define TEXT_BYTES 16000
#define WORDS_MAX 4000
#define DISGUISE_MIN 4		/* letters: shorter ones are codes and sizes */
#define DISGUISE_MAX 24
#define GAP 3			/* words that ".." stands for */
#define NEGATION_REACH 3

enum flag_kind {
	FLAG_PROFANITY, FLAG_THREAT, FLAG_SELF_HARM, FLAG_SEXUAL, FLAG_HATE, FLAG_CHURN, FLAG_LEGAL, FLAG_KINDS
};

struct flag_phrase {
	uint32_t hash;		/* FNV-1a of the first word */
	int32_t ppm;
	enum flag_kind kind;
	const char *text;
};

#include "nlu/flags.inc"	/* phrases */

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))

static const char *const kind_name[FLAG_KINDS] = {
	"profanity", "threat", "self_harm", "sexual", "hate", "churn", "legal"
};

struct spot {
	struct str w;
	uint32_t hash, from, to;
};

struct finder {
	struct arena *a;
	struct spot *v;
	size_t n, room;
	struct flag *out;
	size_t out_n;
	bool telling;		/* churn and legal as well */
};

/* The first phrase whose first word has that hash, or PHRASES. */
static size_t
first_phrase(uint32_t hash)
{
	uint32_t at = hash, i;

	while ((i = word_slots_next(&phrase_slots, hash, &at)) != WORD_SLOTS_END)
		if (phrases[i].hash == hash)
			return i;
	return PHRASES;
}

/* --- words with their places --- */

static void
add_spot(struct finder *f, struct str w, size_t from, size_t to)
{
	if (f->n < f->room)
		f->v[f->n++] = (struct spot){ w, str_hash(w), (uint32_t)from, (uint32_t)to };
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A piece without blanks. Plain ASCII needs no normal form. */
static void
add_piece(struct finder *f, struct str text, size_t from, size_t to)
{
	struct str piece = str_sub(text, from, to - from);
	const struct str *words;
	size_t n;
	bool plain = true;

	for (size_t i = 0; i < piece.n; i++)
		plain &= (unsigned char)piece.p[i] < 0x80 && piece.p[i] != '\'';
	if (!plain) {
		text_words(f->a, piece, &words, &n);
		for (size_t i = 0; i < n; i++)
			add_spot(f, words[i], from, to);
		return;
	}
	for (size_t i = 0; i < piece.n;) {
		size_t start = i;

		while (i < piece.n && is_alnum(piece.p[i]))
			i++;
		if (i > start)
			add_spot(f, str_lower(f->a, str_sub(piece, start, i - start)), from + start, from + i);
		else
			i++;
	}
}

/* --- phrases --- */

static void
put(struct finder *f, enum flag_kind kind, int32_t ppm, size_t from, size_t to, struct str reason)
{
	struct str name = str_from(kind_name[kind]);

	for (size_t i = 0; i < f->out_n; i++)
		if (str_eq(f->out[i].kind, name) && f->out[i].from < to && from < f->out[i].to) {
			if (f->out[i].p_ppm < ppm)
				f->out[i] = (struct flag){ name, reason, (uint32_t)from, (uint32_t)to, ppm };
			return;
		}
	if (f->out_n < FLAGS_MAX)
		f->out[f->out_n++] = (struct flag){ name, reason, (uint32_t)from, (uint32_t)to, ppm };
}

/* The word after the last of the phrase's, or 0 if it does not stand at `at`. */
static size_t
match(const struct finder *f, size_t at, struct str phrase)
{
	bool gap = false;

	while (phrase.n > 0) {
		struct str w = str_cut(phrase, ' ', &phrase);
		size_t tries = gap ? GAP + 1 : 1, k = 0;
		bool open = w.n > 1 && w.p[w.n - 1] == '*';

		if (str_eqz(w, "..")) {
			gap = true;
			continue;
		}
		w.n -= open;
		while (k < tries && at + k < f->n &&
		    !(open ? str_starts(f->v[at + k].w, w) : str_eq(f->v[at + k].w, w)))
			k++;
		if (k == tries || at + k >= f->n)
			return 0;
		at += k + 1;
		gap = false;
	}
	return at;
}

static bool
is_negated(const struct finder *f, size_t at)
{
	static const char *const no[] = { "dont", "not", "never", "no", "didnt", "wont", "without", "nicht", "kein",
		"keine", "keinen", "pas", "non", "não", "niet", "geen" };

	for (size_t back = 1; back <= NEGATION_REACH && back <= at; back++)
		for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
			if (str_eqz(f->v[at - back].w, no[i]))
				return true;
	return false;
}

static void
find_phrases(struct finder *f)
{
	for (size_t at = 0; at < f->n; at++)
		for (size_t k = first_phrase(f->v[at].hash); k < PHRASES && phrases[k].hash == f->v[at].hash; k++) {
			const struct flag_phrase *p = &phrases[k];
			bool tells = p->kind == FLAG_CHURN || p->kind == FLAG_LEGAL;
			size_t end;

			if (tells && !f->telling)
				continue;
			end = match(f, at, str_from(p->text));
			if (end == 0 || (p->kind == FLAG_CHURN && is_negated(f, at)))
				continue;
			put(f, p->kind, p->ppm, f->v[at].from, f->v[end - 1].to, str_fmt(f->a, "\"%s\"", p->text));
		}
}

/* --- disguises --- */

/* The word of abuse that is written exactly so, or NULL. */
static const struct flag_phrase *
abuse(const char *p, size_t n)
{
	uint32_t hash = str_hash((struct str){ p, n });

	for (size_t k = first_phrase(hash); k < PHRASES && phrases[k].hash == hash; k++)
		if ((phrases[k].kind == FLAG_PROFANITY || phrases[k].kind == FLAG_HATE) &&
		    str_eqz((struct str){ p, n }, phrases[k].text))
			return &phrases[k];
	return NULL;
}

/* With runs of three and more letters cut to `keep`. */
static size_t
without_runs(const char *from, size_t n, size_t keep, char *to)
{
	size_t out = 0;

	for (size_t i = 0; i < n;) {
		size_t end = i;

		while (end < n && from[end] == from[i])
			end++;
		for (size_t k = 0; k < end - i && (end - i < 3 || k < keep); k++)
			to[out++] = from[i];
		i = end;
	}
	return out;
}

static bool
has_run(const char *p, size_t n)
{
	for (size_t i = 2; i < n; i++)
		if (p[i] == p[i - 1] && p[i] == p[i - 2])
			return true;
	return false;
}

static const struct flag_phrase *
abuse_drawn_out(const char *p, size_t n)
{
	char short_form[DISGUISE_MAX];
	const struct flag_phrase *hit = abuse(p, n);

	for (size_t keep = 1; hit == NULL && keep <= 2 && has_run(p, n); keep++)
		hit = abuse(short_form, without_runs(p, n, keep, short_form));
	return hit;
}

static char
letter_meant(char c)
{
	static const char meant[] = { ['@'] = 'a', ['4'] = 'a', ['3'] = 'e', ['1'] = 'i', ['0'] = 'o', ['!'] = 'i',
		['$'] = 's', ['5'] = 's', ['7'] = 't', ['+'] = 't' };

	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (unsigned char)c < sizeof(meant) && meant[(unsigned char)c] != '\0' ? meant[(unsigned char)c] : c;
}

/* f*ck: as long as a word of abuse, equal where it shows a letter. */
static const struct flag_phrase *
abuse_starred(const char *p, size_t n, size_t letters)
{
	if (p[0] == '*' || letters < 2 || letters * 2 < n)
		return NULL;
	for (size_t k = 0; k < PHRASES; k++) {
		const char *t = phrases[k].text;
		size_t i = 0;

		if ((phrases[k].kind != FLAG_PROFANITY && phrases[k].kind != FLAG_HATE) || strlen(t) != n)
			continue;
		while (i < n && (p[i] == '*' || p[i] == t[i]))
			i++;
		if (i == n)
			return &phrases[k];
	}
	return NULL;
}

/* Nothing but letters, none three times in a row: most pieces. */
static bool
is_plain_word(const char *p, size_t n)
{
	char last = 0, before = 0;

	for (size_t i = 0; i < n; i++) {
		char c = (char)(p[i] | 0x20);

		if (c < 'a' || c > 'z' || (c == last && c == before))
			return false;
		before = last;
		last = c;
	}
	return true;
}

/* A piece with signs among its letters: sh!t, a$$hole, f.u.c.k, fuuuck. */
static void
look_again(struct finder *f, struct str text, size_t from, size_t to)
{
	char z[DISGUISE_MAX];
	size_t n = 0, letters = 0, stars = 0, odd = 0;
	const struct flag_phrase *hit;

	if (is_plain_word(text.p + from, to - from))
		return;
	while (to > from && strchr("!.,?;:)\"'", text.p[to - 1]) != NULL)
		to--;
	while (from < to && strchr("(\"'", text.p[from]) != NULL)
		from++;
	if (to - from < DISGUISE_MIN || to - from > DISGUISE_MAX || (text.p[to - 1] >= '0' && text.p[to - 1] <= '9'))
		return;
	for (size_t i = from; i < to; i++) {
		char c = text.p[i], m = letter_meant(c);

		if ((unsigned char)c >= 0x80 || c == '/' || c == ':')
			return;
		if (c == '@' && memchr(text.p + i, '.', to - i) != NULL)
			return;	/* an address */
		odd += m != c && !(c >= 'A' && c <= 'Z');
		if (c == '.' || c == '-' || c == '_') {
			odd++;
			continue;
		}
		letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		stars += c == '*' || c == '#';
		z[n++] = c == '#' ? '*' : m;
	}
	if (n < DISGUISE_MIN || (odd == 0 && stars == 0 && !has_run(z, n)))
		return;
	if (stars > 0)
		hit = abuse_starred(z, n, letters);
	else
		hit = letters * 2 >= n ? abuse_drawn_out(z, n) : NULL;
	if (hit != NULL)
		put(f, hit->kind, hit->ppm, from, to, str_fmt(f->a, "\"%s\", in disguise", hit->text));
}

/* f u c k */
static void
look_at_letters(struct finder *f)
{
	for (size_t i = 0; i < f->n; i++) {
		char z[DISGUISE_MAX];
		size_t n = 0;

		while (n < DISGUISE_MAX && i + n < f->n && f->v[i + n].w.n == 1) {
			const struct flag_phrase *hit;

			z[n] = f->v[i + n].w.p[0];
			n++;
			hit = n >= DISGUISE_MIN ? abuse(z, n) : NULL;
			if (hit != NULL)
				put(f, hit->kind, hit->ppm, f->v[i].from, f->v[i + n - 1].to,
				    str_fmt(f->a, "\"%s\", letter by letter", hit->text));
		}
	}
}

static void
look_at_emoji(struct finder *f, struct str text)
{
	static const char finger[] = "\360\237\226\225";
	ptrdiff_t at = str_find(text, STR("\360\237\226\225"));

	if (at >= 0)
		put(f, FLAG_PROFANITY, 850000, (size_t)at, (size_t)at + sizeof(finger) - 1, STR("a finger is shown"));
}

/* By kind, the surest first: insertion, there are few. */
static void
sort_flags(struct flag *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0; k--) {
			struct flag t = v[k];
			int order = str_cmp(v[k - 1].kind, t.kind);

			if (order < 0 || (order == 0 && v[k - 1].p_ppm >= t.p_ppm))
				break;
			v[k] = v[k - 1];
			v[k - 1] = t;
		}
}

static const struct flag *
find(struct str text, bool telling, struct arena *a, size_t *n)
{
	struct finder f = { .a = a, .telling = telling };

	*n = 0;
	text = str_clip_utf8(text, TEXT_BYTES);
	if (text.n == 0)
		return NULL;
	f.room = text.n / 2 + 2 < WORDS_MAX ? text.n / 2 + 2 : WORDS_MAX;
	f.v = arena_array(a, struct spot, f.room);
	f.out = arena_array(a, struct flag, FLAGS_MAX + 6);
	for (size_t i = 0; i < text.n;) {
		size_t from = i;

		while (i < text.n && (unsigned char)text.p[i] > ' ')
			i++;
		if (i > from) {
			add_piece(&f, text, from, i);
			look_again(&f, text, from, i);
		} else {
			i++;
		}
	}
	find_phrases(&f);
	look_at_letters(&f);
	look_at_emoji(&f, text);
	f.out_n += invisible_find(text, a, f.out + f.out_n, 6);
	sort_flags(f.out, f.out_n);
	*n = f.out_n < FLAGS_MAX ? f.out_n : FLAGS_MAX;
	return f.out;
}

const struct flag *
moderate(struct str text, struct arena *a, size_t *n)
{
	return find(text, false, a, n);
}

const struct flag *
flags_find(struct str text, struct arena *a, size_t *n)
{
	return find(text, true, a, n);
}

int32_t
flags_ppm(const struct flag *v, size_t n, const char *kind)
{
	int64_t left = PPM;

	for (size_t i = 0; i < n; i++)
		if (str_eqz(v[i].kind, kind))
			left = left * (PPM - v[i].p_ppm) / PPM;
	return (int32_t)(PPM - left);
}
