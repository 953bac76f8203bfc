/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - reads records of separated values, one at a time. */
#include "insight/eval/table.h"

#include <string.h>

static struct str
first_line(struct str bytes)
{
	size_t n = 0;

	while (n < bytes.n && bytes.p[n] != '\n' && bytes.p[n] != '\r')
		n++;
	return str_sub(bytes, 0, n);
}

static bool
has(struct str s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

void
table_open(struct table *t, struct str path, struct str bytes, char separator)
{
	struct str line;

	if (str_starts(bytes, STR("\xEF\xBB\xBF")))
		bytes = str_sub(bytes, 3, bytes.n);
	line = first_line(bytes);
	if (separator == 0)
		separator = has(line, '\t') ? '\t' : has(line, ',') || !has(line, ';') ? ',' : ';';
	*t = (struct table){ .path = path, .rest = bytes, .separator = separator, .line = 1 };
}

static bool
at_end(const struct table *t)
{
	return t->rest.n == 0;
}

static void
step(struct table *t, size_t n)
{
	t->rest.p += n;
	t->rest.n -= n;
}

/* Past one line break, if there is one. */
static bool
line_break(struct table *t)
{
	if (at_end(t) || (t->rest.p[0] != '\n' && t->rest.p[0] != '\r'))
		return false;
	step(t, t->rest.p[0] == '\r' && t->rest.n > 1 && t->rest.p[1] == '\n' ? 2 : 1);
	t->line++;
	return true;
}

/* The rest begins with a quote. */
static enum err
quoted(struct table *t, struct arena *a, struct str *out, struct fault *f)
{
	uint32_t begun = t->line;
	const char *from = t->rest.p + 1;
	size_t n = 0, doubled = 0;
	char *to;

	step(t, 1);
	for (;; n++) {
		if (n >= t->rest.n)
			return fault(f, E_INVALID, "%.*s:%u: a quoted field begins here and never ends",
			    STR_ARG(t->path), begun);
		if (t->rest.p[n] == '\n')
			t->line++;
		if (t->rest.p[n] != '"')
			continue;
		if (n + 1 >= t->rest.n || t->rest.p[n + 1] != '"')
			break;
		n++;
		doubled++;
	}
	step(t, n + 1);
	*out = (struct str){ from, n };
	if (doubled > 0) {
		to = arena_alloc(a, n - doubled + 1);
		out->n = 0;
		for (size_t i = 0; i < n; i++) {
			to[out->n++] = from[i];
			if (from[i] == '"')
				i++;
		}
		out->p = to;
	}
	if (!at_end(t) && t->rest.p[0] != t->separator && t->rest.p[0] != '\n' && t->rest.p[0] != '\r')
		return fault(f, E_INVALID,
		    "%.*s:%u: text stands behind the closing quote of a field (a quote inside is written twice)",
		    STR_ARG(t->path), t->line);
	return E_OK;
}

static struct str
plain(struct table *t)
{
	size_t n = 0;
	struct str s;

	while (n < t->rest.n && t->rest.p[n] != t->separator && t->rest.p[n] != '\n' && t->rest.p[n] != '\r')
		n++;
	s = str_sub(t->rest, 0, n);
	step(t, n);
	return s;
}

/* A quote at the start of a field among tabs: part of the text unless it is closed there. */
static bool
closes(const struct table *t)
{
	size_t n = 1;

	if (t->separator != '\t')
		return true;
	while (n < t->rest.n && t->rest.p[n] != '\t' && t->rest.p[n] != '\n' && t->rest.p[n] != '\r')
		n++;
	for (size_t i = 1; i + 1 < n; i++) {
		if (t->rest.p[i] != '"')
			continue;
		if (i + 2 >= n || t->rest.p[i + 1] != '"')
			return false;
		i++;
	}
	return n > 1 && t->rest.p[n - 1] == '"';
}

enum err
table_next(struct table *t, struct arena *a, struct table_record *out, bool *more, struct fault *f)
{
	while (line_break(t))
		continue;
	out->n = 0;
	out->line = t->line;
	*more = !at_end(t);
	if (!*more)
		return E_OK;
	for (;;) {
		struct str *to = &out->field[out->n];

		if (out->n == TABLE_FIELDS_MAX)
			return fault(f, E_INVALID, "%.*s:%u: more than %d columns", STR_ARG(t->path), out->line,
			    TABLE_FIELDS_MAX);
		if (!at_end(t) && t->rest.p[0] == '"' && closes(t))
			TRY(quoted(t, a, to, f));
		else
			*to = plain(t);
		out->n++;
		if (at_end(t) || t->rest.p[0] != t->separator)
			break;
		step(t, 1);
	}
	(void)line_break(t);
	return E_OK;
}
