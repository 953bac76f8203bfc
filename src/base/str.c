/* SPDX-License-Identifier: Apache-2.0 */
/* str.c - views of bytes and our own formatter.
 *
 * The pure library (decide, triggers, rules) calls into this file, so it uses
 * nothing of libc but mem* and strlen: no locale, no errno, no malloc.
 */
#include "base/str.h"

#include <stdarg.h>
#include <string.h>

bool
str_eqz_all(struct str a, const char *z)
{
	for (size_t i = 0; i < a.n; i++)
		if (z == NULL || z[i] != a.p[i] || z[i] == '\0')
			return false;
	return z == NULL || z[a.n] == '\0';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
same_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool
str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && same_nocase(a.p, b.p, a.n);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	    (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

ptrdiff_t
str_find(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	for (size_t i = 0; i + needle.n <= s.n; i++) {
		const char *hit = memchr(s.p + i, needle.p[0], s.n - needle.n - i + 1);

		if (hit == NULL)
			return -1;
		i = (size_t)(hit - s.p);
		if (memcmp(hit, needle.p, needle.n) == 0)
			return hit - s.p;
	}
	return -1;
}

ptrdiff_t
str_find_nocase(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (same_nocase(s.p + i, needle.p, needle.n))
			return (ptrdiff_t)i;
	return -1;
}

struct str
str_sub(struct str s, size_t from, size_t n)
{
	if (from >= s.n)
		return STR_NONE;
	return (struct str){ s.p + from, n > s.n - from ? s.n - from : n };
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_cut(struct str s, char sep, struct str *rest)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, sep, s.n);
	size_t before;

	if (at == NULL) {
		*rest = STR_NONE;
		return s;
	}
	before = (size_t)(at - s.p);
	*rest = (struct str){ at + 1, s.n - before - 1 };
	return (struct str){ s.p, before };
}

bool
str_i64(struct str s, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t v = 0, most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;

	if (negative)
		s = str_sub(s, 1, s.n);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit;

		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		digit = (uint64_t)(s.p[i] - '0');
		if (v > (most - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (!negative)
		*out = (int64_t)v;
	else
		*out = v == most ? INT64_MIN : -(int64_t)v;
	return true;
}

char *
str_z(struct arena *a, struct str s)
{
	char *z;

	CHECK(s.n < SIZE_MAX);
	z = arena_alloc(a, s.n + 1);
	if (s.n > 0)
		memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return z;
}

struct str
str_dup(struct arena *a, struct str s)
{
	return (struct str){ str_z(a, s), s.n };
}

struct str
str_lower(struct arena *a, struct str s)
{
	char *z = str_z(a, s);

	for (size_t i = 0; i < s.n; i++)
		z[i] = lower(z[i]);
	return (struct str){ z, s.n };
}

struct str
str_join(struct arena *a, const struct str *parts, size_t n, struct str sep)
{
	size_t total = 0, at = 0;
	char *z;

	for (size_t i = 0; i < n; i++)
		total += parts[i].n + (i > 0 ? sep.n : 0);
	z = arena_alloc(a, total + 1);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && sep.n > 0) {
			memcpy(z + at, sep.p, sep.n);
			at += sep.n;
		}
		if (parts[i].n > 0)
			memcpy(z + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	z[at] = '\0';
	return (struct str){ z, at };
}

/* Where the formatter writes: with p == NULL it only measures. */
struct sink {
	char *p;
	size_t n;
};

static void
emit(struct sink *o, const char *p, size_t n)
{
	if (o->p != NULL && n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
emit_u64(struct sink *o, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	emit(o, digits + at, sizeof(digits) - at);
}

/* Writes the sign, returns the magnitude. */
static uint64_t
emit_sign(struct sink *o, int64_t v)
{
	if (v >= 0)
		return (uint64_t)v;
	emit(o, "-", 1);
	return (uint64_t) - (v + 1) + 1;
}

static void
emit_ppm(struct sink *o, int64_t v)
{
	uint64_t u = emit_sign(o, v), hundredths = u / 10000 % 100;
	char text[3] = { '.', (char)('0' + hundredths / 10), (char)('0' + hundredths % 10) };

	if (u >= 1000000)
		emit_u64(o, u / 1000000);
	emit(o, text, sizeof(text));
}

/* One verb; `fmt` stands after the '%'.  Returns what follows the verb. */
static const char *
emit_verb(struct sink *o, const char *fmt, va_list *ap)
{
	struct str s;
	char c;

	switch (*fmt) {
	case 's':
		s = str_from(va_arg(*ap, const char *));
		emit(o, s.p, s.n);
		return fmt + 1;
	case 'S':
		s = va_arg(*ap, struct str);
		emit(o, s.p, s.n);
		return fmt + 1;
	case 'd':
		emit_u64(o, emit_sign(o, va_arg(*ap, int)));
		return fmt + 1;
	case 'u':
		emit_u64(o, va_arg(*ap, unsigned));
		return fmt + 1;
	case 'P':
		emit_ppm(o, va_arg(*ap, int64_t));
		return fmt + 1;
	case 'c':
		c = (char)va_arg(*ap, int);
		emit(o, &c, 1);
		return fmt + 1;
	case '%':
		emit(o, "%", 1);
		return fmt + 1;
	case 'z':
		CHECK(fmt[1] == 'u');
		emit_u64(o, va_arg(*ap, size_t));
		return fmt + 2;
	case 'l':
		CHECK(fmt[1] == 'd' || fmt[1] == 'u');
		if (fmt[1] == 'd')
			emit_u64(o, emit_sign(o, va_arg(*ap, int64_t)));
		else
			emit_u64(o, va_arg(*ap, uint64_t));
		return fmt + 2;
	default:
		NEVER("str_fmt: unknown verb");
	}
}

static void
format(struct sink *o, const char *fmt, va_list *ap)
{
	while (*fmt != '\0') {
		size_t plain = 0;

		while (fmt[plain] != '\0' && fmt[plain] != '%')
			plain++;
		emit(o, fmt, plain);
		fmt += plain;
		if (*fmt == '%')
			fmt = emit_verb(o, fmt + 1, ap);
	}
}

struct str
str_fmt(struct arena *a, const char *fmt, ...)
{
	struct sink o = { NULL, 0 };
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	format(&o, fmt, &ap);
	va_end(ap);
	n = o.n;

	o = (struct sink){ arena_alloc(a, n + 1), 0 };
	va_start(ap, fmt);
	format(&o, fmt, &ap);
	va_end(ap);
	CHECK(o.n == n);
	o.p[n] = '\0';
	return (struct str){ o.p, n };
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0U) == 0x80U;
}

struct str
str_clip_utf8(struct str s, size_t n)
{
	size_t cut = n;

	if (s.n <= n)
		return s;
	/* A character has at most three continuation bytes; more of them is
	 * not UTF-8, and then any cut is as good. */
	while (cut > 0 && n - cut < 4 && is_continuation(s.p[cut]))
		cut--;
	if (is_continuation(s.p[cut]))
		cut = n;
	return (struct str){ s.p, cut };
}

/* Length of the well-formed character at p, 0 if it is not one.  The bounds
 * of the second byte are Table 3-7 of the Unicode standard. */
static size_t
utf8_char(const unsigned char *p, size_t left)
{
	unsigned char lo = 0x80, hi = 0xBF;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (left < n)
		return 0;
	if (p[0] == 0xE0)
		lo = 0xA0;
	else if (p[0] == 0xED)
		hi = 0x9F;
	else if (p[0] == 0xF0)
		lo = 0x90;
	else if (p[0] == 0xF4)
		hi = 0x8F;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xC0U) != 0x80U)
			return 0;
	return n;
}

/* How many bytes at the front are ASCII: in most texts all. */
static size_t
ascii_run(struct str s)
{
	size_t i = 0;
	uint64_t eight;

	for (; s.n - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

bool
str_utf8_valid(struct str s, size_t *bad)
{
	for (size_t i = ascii_run(s); i < s.n;) {
		size_t n = utf8_char((const unsigned char *)s.p + i, s.n - i);

		if (n == 0) {
			if (bad != NULL)
				*bad = i;
			return false;
		}
		i += n;
	}
	return true;
}
