/* SPDX-License-Identifier: Apache-2.0 */
/* noise.c - slips of the thumb and short forms, drawn from a seed. */
#include "nlu/noise.h"

#include <stdlib.h>
#include <string.h>

#define COUNT_MAX 1000

struct noise {
	char *p;	/* room for one byte more than there are */
	size_t n;
	uint64_t seed;
	struct arena *a;
};

/* splitmix64: any seed, zero too, gives a good stream. */
static size_t
draw(struct noise *t, size_t below)
{
	uint64_t z = t->seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (size_t)((z ^ z >> 31) % below);
}

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_letter(char c)
{
	c = small(c);
	return c >= 'a' && c <= 'z';
}

static void
set_text(struct noise *t, struct str s)
{
	t->p = arena_alloc(t->a, s.n + 2);
	if (s.n > 0)
		memcpy(t->p, s.p, s.n);
	t->n = s.n;
}

static void
insert(struct noise *t, size_t at, char c)
{
	set_text(t, (struct str){ t->p, t->n });
	memmove(t->p + at + 1, t->p + at, t->n++ - at);
	t->p[at] = c;
}

static void
delete(struct noise *t, size_t at)
{
	memmove(t->p + at, t->p + at + 1, --t->n - at);
}

/* A key beside it on an English keyboard; the case stays. */
static char
key_beside(struct noise *t, char c)
{
	static const char *const beside[26] = { "qwsz", "vghn", "xdfv", "erfcxs", "wsdr", "rtgvcd", "tyhbvf",
		"yujnbg", "uojk", "uikmnh", "iojml", "opk", "njk", "bhjm", "iklp", "ol", "wa", "edft", "awedxz",
		"rfgy", "yhji", "cfgb", "qase", "zsdc", "tghu", "asx" };
	const char *list = beside[small(c) - 'a'];
	char near = list[draw(t, strlen(list))];

	return c == small(c) ? near : (char)(near - ('a' - 'A'));
}

static void
slip_once(struct noise *t)
{
	size_t letters = 0, at = 0, pick;
	char c;

	for (size_t i = 0; i < t->n; i++)
		letters += is_letter(t->p[i]);
	if (letters == 0)
		return;
	pick = draw(t, letters);
	while (!is_letter(t->p[at]) || pick-- > 0)
		at++;
	c = t->p[at];
	switch (draw(t, 4)) {
	case 0:
		if (at + 1 < t->n && is_letter(t->p[at + 1])) {
			t->p[at] = t->p[at + 1];
			t->p[at + 1] = c;
			break;
		}
		delete(t, at);
		break;
	case 1:
		delete(t, at);
		break;
	case 2:
		insert(t, at, c);
		break;
	default:
		t->p[at] = key_beside(t, c);
		break;
	}
}

static void
change_blank(struct noise *t, bool join)
{
	size_t places = 0, pick;

	for (int pass = 0; pass < 2; pass++) {
		pick = places > 0 ? draw(t, places) : 0;
		if (pass > 0 && places == 0)
			return;
		for (size_t i = 1; i + 1 < t->n; i++) {
			bool here = join ? t->p[i] == ' ' && is_letter(t->p[i - 1]) && is_letter(t->p[i + 1]) :
			    is_letter(t->p[i - 1]) && is_letter(t->p[i]) && is_letter(t->p[i + 1]);

			if (!here)
				continue;
			if (pass == 0) {
				places++;
			} else if (pick-- == 0) {
				if (join)
					delete(t, i);
				else
					insert(t, i, ' ');
				return;
			}
		}
	}
}

/* How a short message puts it; NULL: as it is. */
static const char *
short_of(struct str w)
{
	static const char *const list[][2] = {
		{ "you", "u" }, { "your", "ur" }, { "youre", "ur" }, { "are", "r" }, { "why", "y" },
		{ "please", "pls" }, { "thanks", "thx" }, { "thank", "thnk" }, { "to", "2" }, { "too", "2" },
		{ "for", "4" }, { "before", "b4" }, { "because", "cuz" }, { "about", "abt" }, { "with", "w" },
		{ "without", "w/o" }, { "tomorrow", "2moro" }, { "today", "2day" }, { "tonight", "2nite" },
		{ "message", "msg" }, { "people", "ppl" }, { "something", "smth" }, { "someone", "sm1" },
		{ "have", "hv" }, { "want", "wnt" }, { "dont", "dnt" }, { "cannot", "cant" }, { "going", "goin" },
		{ "what", "wut" }, { "when", "wen" }, { "where", "wer" }, { "there", "ther" }, { "that", "dat" },
		{ "this", "dis" }, { "the", "da" }, { "and", "n" }, { "be", "b" }, { "see", "c" },
		{ "okay", "k" }, { "know", "kno" }, { "just", "jst" }, { "would", "wud" },
		{ "could", "cud" }, { "should", "shud" }, { "was", "wuz" }, { "account", "acct" },
		{ "number", "num" }, { "information", "info" }, { "transaction", "txn" }, { "amount", "amt" },
		{ "minutes", "mins" }, { "week", "wk" }, { "weeks", "wks" }, { "month", "mth" }, { "great", "gr8" },
		{ "und", "u" }, { "nicht", "nich" }, { "ein", "n" }, { "eine", "ne" }, { "bitte", "bidde" },
		{ "vielleicht", "vllt" }, { "habe", "hab" }, { "ist", "is" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(w, list[i][0]))
			return list[i][1];
	return NULL;
}

/* Two of three words that have a short form take it; one of ten long words
 * loses the vowels inside. */
static size_t
slang_word(struct noise *t, struct str w, char *out)
{
	const char *s = short_of(w);
	size_t n = 0;

	if (s != NULL && draw(t, 3) > 0) {
		memcpy(out, s, strlen(s));
		return strlen(s);
	}
	if (w.n >= 5 && draw(t, 10) == 0) {
		for (size_t i = 0; i < w.n; i++)
			if (i == 0 || i + 1 == w.n || strchr("aeiou", w.p[i]) == NULL)
				out[n++] = w.p[i];
		return n;
	}
	memcpy(out, w.p, w.n);
	return w.n;
}

static void
make_slang(struct noise *t)
{
	char *plain = arena_alloc(t->a, t->n + 2), *out = arena_alloc(t->a, t->n + 2);
	size_t n = 0, len = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->p[i] != '\'')
			plain[n++] = small(t->p[i]);
	for (size_t i = 0, to; i < n; i = to) {
		for (to = i; to < n && is_letter(plain[to]); to++)
			continue;
		if (to > i) {
			len += slang_word(t, (struct str){ plain + i, to - i }, out + len);
		} else {
			out[len++] = plain[to++];
		}
	}
	t->p = out;
	t->n = len;
}

static void
make_case(struct noise *t, bool upper)
{
	for (size_t i = 0; i < t->n; i++) {
		t->p[i] = small(t->p[i]);
		if (upper && is_letter(t->p[i]))
			t->p[i] = (char)(t->p[i] - ('a' - 'A'));
	}
}

/* One kind; false if there is none of that name. t NULL: only asks. */
static bool
one_kind(struct noise *t, struct str kind)
{
	struct str count, name = str_cut(kind, '=', &count);
	bool typos = str_eqz(name, "typos"), joined = str_eqz(name, "joined"), split = str_eqz(name, "split");
	int64_t n = 0;

	if (typos || joined || split) {
		if (!str_i64(count, &n) || n < 0 || n > COUNT_MAX)
			return false;
		for (int64_t i = 0; t != NULL && i < n; i++) {
			if (typos)
				slip_once(t);
			else
				change_blank(t, joined);
		}
		return true;
	}
	if (count.p != NULL)
		return false;
	if (str_eqz(name, "slang")) {
		if (t != NULL)
			make_slang(t);
		return true;
	}
	if (!str_eqz(name, "upper") && !str_eqz(name, "lower"))
		return false;
	if (t != NULL)
		make_case(t, str_eqz(name, "upper"));
	return true;
}

static bool
all_kinds(struct noise *t, const char *spec)
{
	for (const char *p = spec; *p != '\0';) {
		size_t n = strcspn(p, "+,");

		if (!one_kind(t, (struct str){ p, n }))
			return false;
		p += n;
		p += *p != '\0';
	}
	return true;
}

bool
noise_is_known(const char *spec)
{
	return all_kinds(NULL, spec);
}

struct str
noise_apply(struct arena *a, struct str text, const char *spec, uint64_t seed)
{
	struct noise t = { .seed = seed, .a = a };

	if (!noise_is_known(spec))
		return text;
	set_text(&t, text);
	(void)all_kinds(&t, spec);
	return (struct str){ t.p, t.n };
}
