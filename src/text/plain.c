/* SPDX-License-Identifier: Apache-2.0 */
/* plain.c - most texts are ASCII already: those are views. */
#include "text/plain.h"

#include "text/utf8.h"

#include <utf8proc.h>

#define EXPAND_MAX 4	/* bytes that one code point may become */

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80 || s.p[i] == PLAIN_SIGN || s.p[i] == '\0')
			return false;
	return true;
}

/* What decomposition leaves as it is. */
static const char *
special(int32_t cp)
{
	static const struct {
		int32_t cp;
		const char *as;
	} list[] = {
		{ 0xdf, "ss" }, { 0x1e9e, "SS" }, { 0xe6, "ae" }, { 0xc6, "AE" }, { 0xf8, "o" }, { 0xd8, "O" },
		{ 0x153, "oe" }, { 0x152, "OE" }, { 0x142, "l" }, { 0x141, "L" }, { 0x111, "d" }, { 0x110, "D" },
		{ 0xf0, "d" }, { 0xfe, "th" }, { 0x131, "i" }, { 0x20ac, "\x81" }, { 0xa3, "\x82" },
		{ 0xa5, "\x83" }, { 0xffe5, "\x83" }, { 0xffe1, "\x82" }, { 0x20b9, "\x84" }, { 0x2018, "'" },
		{ 0x2019, "'" }, { 0x201c, "\"" }, { 0x201d, "\"" }, { 0x201e, "\"" }, { 0xba, "o" },
		{ 0xaa, "a" }, { 0x2212, "-" }, { 0xd7, "x" }, { 0xbc, "\x01" }, { 0xbd, "\x01" }, { 0xbe, "\x01" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i].cp == cp)
			return list[i].as;
	return NULL;
}

/* The digits of a script stand in a row of ten (or five such rows). */
static char
digit_of(int32_t cp)
{
	int v = 0;

	while (v < 50 && utf8proc_category(cp - v - 1) == UTF8PROC_CATEGORY_ND)
		v++;
	return (char)('0' + v % 10);
}

static size_t
narrow(int32_t cp, char out[EXPAND_MAX])
{
	utf8proc_int32_t parts[8];
	int boundary = 0;
	size_t n = 0;
	utf8proc_ssize_t got = utf8proc_decompose_char(cp, parts, 8,
	    (utf8proc_option_t)(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK), &boundary);

	for (utf8proc_ssize_t i = 0; i < got && i < 8 && n < EXPAND_MAX; i++)
		if (parts[i] >= ' ' && parts[i] < 0x7f)
			out[n++] = (char)parts[i];
	return n;
}

static size_t
fold(int32_t cp, char out[EXPAND_MAX])
{
	const char *s;
	size_t n = 0;

	if (cp < 0x80) {
		out[0] = cp == 0 || cp == 1 ? PLAIN_SIGN : (char)cp;
		return 1;
	}
	if ((s = special(cp)) != NULL) {
		for (; *s != '\0'; s++)
			out[n++] = *s;
		return n;
	}
	switch ((int)utf8proc_category(cp)) {
	case UTF8PROC_CATEGORY_ND:
		out[0] = digit_of(cp);
		return 1;
	case UTF8PROC_CATEGORY_PD:
		out[0] = '-';
		return 1;
	case UTF8PROC_CATEGORY_ZS:
		out[0] = ' ';
		return 1;
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
		return 0;
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
		if ((n = narrow(cp, out)) == 0)
			out[n++] = PLAIN_LETTER;
		return n;
	default:
		if ((n = narrow(cp, out)) == 0)
			out[n++] = PLAIN_SIGN;
		return n;
	}
}

struct plain
plain_of(struct arena *a, struct str text)
{
	char *p;
	uint32_t *at;
	size_t n = 0;

	if (is_ascii(text))
		return (struct plain){ text, NULL };
	/* One code point of two bytes and more becomes at most four. */
	p = arena_alloc(a, 2 * text.n + EXPAND_MAX);
	at = arena_alloc(a, (2 * text.n + EXPAND_MAX + 1) * sizeof(*at));
	for (size_t i = 0; i < text.n;) {
		char out[EXPAND_MAX];
		size_t from = i, k;

		k = fold(utf8_next(text, &i), out);
		for (size_t j = 0; j < k; j++) {
			p[n] = out[j];
			at[n++] = (uint32_t)from;
		}
	}
	at[n] = (uint32_t)text.n;
	return (struct plain){ { p, n }, at };
}

size_t
plain_at(const struct plain *p, size_t i)
{
	return p->at == NULL ? i : p->at[i];
}
