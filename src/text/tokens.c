/* SPDX-License-Identifier: Apache-2.0 */
/* tokens.c - normal form and words.
 *
 * Most messages are ASCII: those take one pass without tables.  The others are
 * cleaned, decomposed, folded and composed again by utf8proc, in arena memory.
 */
#include "text/tokens.h"

#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>

#define MARKS_MAX 3

static bool
is_ascii(struct str s)
{
	unsigned char any = 0;

	for (size_t i = 0; i < s.n; i++)
		any |= (unsigned char)s.p[i];
	return any < 0x80;
}

/* Writes blanks once, never first. */
struct writer {
	char *p;
	size_t n;
	bool blank;
};

static void
put(struct writer *w, const char *p, size_t n)
{
	if (w->blank && w->n > 0)
		w->p[w->n++] = ' ';
	w->blank = false;
	memcpy(w->p + w->n, p, n);
	w->n += n;
}

static struct str
normalise_ascii(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;
	bool blank = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			blank = n > 0;
			continue;
		}
		if (c < ' ' || c == 0x7f)
			continue;
		if (blank)
			p[n++] = ' ';
		blank = false;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		p[n++] = c == '`' ? '\'' : c;
	}
	p[n] = '\0';
	return (struct str){ p, n };
}

/* What a code point becomes before normalisation: 0 drops it. */
static int32_t
clean(int32_t cp, utf8proc_category_t cat)
{
	switch (cp) {
	case '`': case 0xb4: case 0x2018: case 0x2019: case 0x201b: case 0x2032: case 0x2bc:
	case 0xff07:
		return '\'';
	case '\t': case '\n': case '\v': case '\f': case '\r':
		return ' ';
	case 0x2212:
		return '-';
	default:
		break;
	}
	if (cat == UTF8PROC_CATEGORY_PD)
		return '-';
	if (cat == UTF8PROC_CATEGORY_ZS || cat == UTF8PROC_CATEGORY_ZL || cat == UTF8PROC_CATEGORY_ZP)
		return ' ';
	if (cat == UTF8PROC_CATEGORY_CC || cat == UTF8PROC_CATEGORY_CF)
		return 0;
	if ((cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0000 && cp <= 0xe0fff))
		return 0;
	return cp;
}

static bool
is_mark(utf8proc_category_t cat)
{
	return cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_MC ||
	    cat == UTF8PROC_CATEGORY_ME;
}

/* The cleaned text as UTF-8, at most TEXT_MAX_CHARS code points. */
static struct str
clean_text(struct arena *a, struct str s)
{
	size_t room = s.n < TEXT_MAX_CHARS * 4 ? s.n : TEXT_MAX_CHARS * 4;
	char *out = arena_alloc(a, room * 3 + 8);
	size_t n = 0, chars = 0, marks = 0;

	for (size_t i = 0; i < s.n && chars < TEXT_MAX_CHARS;) {
		int32_t cp = utf8_next(s, &i);
		utf8proc_category_t cat = utf8proc_category(cp);

		chars++;
		marks = is_mark(cat) ? marks + 1 : 0;
		if (marks > MARKS_MAX)
			continue;
		cp = clean(cp, cat);
		if (cp != 0)
			n += utf8_put(cp, out + n);
	}
	return (struct str){ out, n };
}

static struct str
normalise_unicode(struct arena *a, struct str s)
{
	const utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD |
	    UTF8PROC_IGNORE;
	struct str c = clean_text(a, s);
	utf8proc_ssize_t need, n;
	int32_t *cp;
	struct writer w;

	need = utf8proc_decompose((const utf8proc_uint8_t *)c.p, (utf8proc_ssize_t)c.n, NULL, 0, how);
	CHECK(need >= 0);
	cp = arena_alloc(a, ((size_t)need + 1) * sizeof(*cp));
	n = utf8proc_decompose((const utf8proc_uint8_t *)c.p, (utf8proc_ssize_t)c.n, cp, need, how);
	n = utf8proc_normalize_utf32(cp, n, how);
	CHECK(n >= 0);
	w = (struct writer){ arena_alloc(a, (size_t)n * 5 + 1), 0, false };
	for (utf8proc_ssize_t i = 0; i < n; i++) {
		char b[4];

		if (cp[i] == ' ')
			w.blank = true;
		else
			put(&w, b, utf8_put(cp[i], b));
	}
	w.p[w.n] = '\0';
	return (struct str){ w.p, w.n };
}

struct str
text_normalise(struct arena *a, struct str text)
{
	struct str head = str_sub(text, 0, TEXT_MAX_CHARS);

	/* 4,000 ASCII bytes are 4,000 characters: what follows is cut anyway. */
	return is_ascii(head) ? normalise_ascii(a, head) : normalise_unicode(a, text);
}

/* How a code point takes part in words. */
enum part { PART_NONE, PART_WORD, PART_ALONE };

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static enum part
part_of(int32_t cp)
{
	if (cp < 0x80)
		return is_word_byte((char)cp) ? PART_WORD : PART_NONE;
	if ((cp >= 0x3041 && cp <= 0x30ff) || (cp >= 0x3400 && cp <= 0x9fff) ||
	    (cp >= 0x20000 && cp <= 0x3ffff))
		return PART_ALONE;
	switch ((int)utf8proc_category(cp)) {
	case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME: case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO:
		return PART_WORD;
	default:
		return PART_NONE;
	}
}

/* An article that French and Italian write together with its noun. */
static bool
is_elided(struct str w)
{
	static const char *const list[] = { "l", "d", "j", "m", "t", "s", "n", "c", "qu", "dell",
		"all", "nell", "sull", "dall", "un" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(w, list[i]))
			return true;
	return false;
}

struct splitter {
	struct arena *a;
	struct str *v;
	size_t n;
	char *buf;
	size_t used, start;	/* of the open word in buf */
};

static void
close_word(struct splitter *s)
{
	if (s->used > s->start)
		s->v[s->n++] = (struct str){ s->buf + s->start, s->used - s->start };
	s->start = s->used;
}

/* Is an apostrophe at i inside a word, with two letters after it where it would split? */
static bool
joins(struct str t, size_t i, size_t letters)
{
	size_t at = i;

	for (size_t k = 0; k < letters; k++) {
		if (at >= t.n)
			return false;
		if (part_of(utf8_next(t, &at)) != PART_WORD)
			return false;
	}
	return true;
}

void
text_words_normal(struct arena *a, struct str t, const struct str **words, size_t *n)
{
	struct splitter s = { .a = a };

	*words = NULL;
	*n = 0;
	if (t.n == 0)
		return;
	s.v = arena_alloc(a, (t.n / 2 + 2) * sizeof(*s.v));
	s.buf = arena_alloc(a, t.n + 1);
	for (size_t i = 0; i < t.n;) {
		size_t from = i;
		enum part part;
		int32_t cp;

		if (is_word_byte(t.p[i])) {
			s.buf[s.used++] = t.p[i++];
			continue;
		}
		cp = utf8_next(t, &i);
		part = part_of(cp);
		if (part == PART_ALONE)
			close_word(&s);
		if (part != PART_NONE) {
			memcpy(s.buf + s.used, t.p + from, i - from);
			s.used += i - from;
		}
		if (part == PART_WORD)
			continue;
		if (cp == '\'' && s.used > s.start && joins(t, i, 1) &&
		    !(is_elided((struct str){ s.buf + s.start, s.used - s.start }) && joins(t, i, 2)))
			continue;
		close_word(&s);
	}
	close_word(&s);
	if (s.n > 0) {
		*words = s.v;
		*n = s.n;
	}
}

void
text_words(struct arena *a, struct str text, const struct str **words, size_t *n)
{
	text_words_normal(a, text_normalise(a, text), words, n);
}

size_t
text_length(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n < TEXT_MAX_CHARS;) {
		int32_t cp = utf8_next(text, &i);
		int32_t c = clean(cp, utf8proc_category(cp));

		if (c != 0 && c != ' ')
			n++;
	}
	return n;
}

struct str
text_without_addresses(struct arena *a, struct str text)
{
	char *p;

	if (str_find(text, STR("@")) < 0)
		return text;
	p = str_z(a, text);
	for (size_t from = 0, to; from < text.n; from = to + 1) {
		bool address = false;

		for (to = from; to < text.n && p[to] != ' ' && p[to] != '\n'; to++)
			address |= p[to] == '@';
		for (size_t i = from; address && i < to; i++)
			p[i] = ' ';
	}
	return (struct str){ p, text.n };
}
