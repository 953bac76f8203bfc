/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c - bytes that are owned, with a maximum; and the escaping functions. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP ((size_t)256)

void
buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max = max_bytes };
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
}

/* Makes room for n more bytes and a NUL; false when that is past the maximum. */
static bool
make_room(struct buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? FIRST_CAP : b->cap;
	char *p;

	if (b->over || n > b->max - b->n) {
		b->over = true;
		return false;
	}
	if (b->n + n < b->cap)
		return true;
	CHECK(b->max < SIZE_MAX / 2);
	while (cap <= b->n + n)
		cap *= 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	p = realloc(b->p, cap);
	CHECK(p != NULL);	/* allocation failure aborts, by rule */
	b->p = p;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (!make_room(b, n) || n == 0)
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void
buf_add_z(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

void
buf_add_c(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_add_i64(struct buf *b, int64_t v)
{
	char digits[20], *p = digits + sizeof(digits);
	/* The most negative one has no positive. */
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (v < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	CHECK(n >= 0);
	if (!make_room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	CHECK(n >= 0);
	b->n += (size_t)n;
}

const char *
buf_z(struct buf *b)
{
	if (b->p == NULL)
		return "";
	b->p[b->n] = '\0';
	return b->p;
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

void
buf_consume(struct buf *b, size_t n)
{
	CHECK(n <= b->n);
	if (n > 0 && n < b->n)
		memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void
buf_add_html(struct buf *b, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *as;

		switch (s.p[i]) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		case '\'':
			as = "&#39;";
			break;
		default:
			continue;
		}
		buf_add(b, s.p + from, i - from);
		buf_add_z(b, as);
		from = i + 1;
	}
	if (from < s.n)
		buf_add(b, s.p + from, s.n - from);
}

/* s is valid UTF-8.  '<' leaves as an escape too: a JSON text that ends up
 * inside a script element cannot close it. */
static void
add_json_chars(struct buf *b, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7F)
			continue;
		buf_add(b, s.p + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\') {
			buf_add_c(b, '\\');
			buf_add_c(b, (char)c);
		} else if (c == '\n') {
			buf_add_z(b, "\\n");
		} else {
			buf_fmt(b, "\\u%04x", c);
		}
	}
	if (from < s.n)
		buf_add(b, s.p + from, s.n - from);
}

void
buf_add_json(struct buf *b, struct str s)
{
	size_t bad;

	buf_add_c(b, '"');
	while (!str_utf8_valid(s, &bad)) {
		add_json_chars(b, str_sub(s, 0, bad));
		buf_add_z(b, "\xEF\xBF\xBD");
		s = str_sub(s, bad + 1, s.n);
	}
	add_json_chars(b, s);
	buf_add_c(b, '"');
}

void
buf_add_url(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';

		if (plain)
			buf_add_c(b, (char)c);
		else
			buf_add(b, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
}
