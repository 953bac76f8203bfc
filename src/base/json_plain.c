/* SPDX-License-Identifier: Apache-2.0 */
/* json_plain.c - a value from plain JSON, without jansson's lexer.
 *
 * Its lexer takes a byte at a time through a callback and collects each token in a
 * growing buffer: three quarters of the price of a small frame.  The values are
 * jansson's, made by its own constructors.
 */
#include "base/json_plain.h"

#define DIGITS_MAX 18	/* of an int64_t, whatever they are */

struct reader {
	const char *p, *end;
	unsigned depth;
};

static json_t *value(struct reader *r);

static void
blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
}

/* True: c stood here, and what follows it stands next. */
static bool
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	blanks(r);
	return true;
}

/* A string without escapes, UTF-8. */
static bool
text(struct reader *r, struct str *out)
{
	const char *p = r->p + 1;
	unsigned char all = 0;

	if (r->p == r->end || *r->p != '"')
		return false;
	while (p < r->end && *p != '"') {
		if ((unsigned char)*p < 0x20 || *p == '\\')
			return false;
		all |= (unsigned char)*p++;
	}
	if (p == r->end)
		return false;
	*out = (struct str){ r->p + 1, (size_t)(p - r->p) - 1 };
	if (all >= 0x80 && !str_utf8_valid(*out, NULL))
		return false;
	r->p = p + 1;
	blanks(r);
	return true;
}

static json_t *
string(struct reader *r)
{
	struct str s;

	return text(r, &s) ? json_stringn_nocheck(s.p, s.n) : NULL;
}

static json_t *
number(struct reader *r)
{
	bool minus = *r->p == '-';
	const char *first = minus ? r->p + 1 : r->p, *p = first;
	json_int_t v = 0;

	while (p < r->end && *p >= '0' && *p <= '9' && p - first < DIGITS_MAX)
		v = v * 10 + (*p++ - '0');
	if (p == first || (*first == '0' && p - first > 1))
		return NULL;
	/* A fraction, an exponent, more digits: not what may follow a value. */
	r->p = p;
	blanks(r);
	return json_integer(minus ? -v : v);
}

static json_t *
word(struct reader *r, struct str as, json_t *v)
{
	if (!str_starts((struct str){ r->p, (size_t)(r->end - r->p) }, as))
		return NULL;
	r->p += as.n;
	blanks(r);
	return v;
}

static bool
member(struct reader *r, json_t *o)
{
	size_t before = json_object_size(o);
	struct str key;
	json_t *v;

	if (!text(r, &key) || !take(r, ':'))
		return false;
	v = value(r);
	/* A key that was there before does not make it larger. */
	return v != NULL && json_object_setn_new_nocheck(o, key.p, key.n, v) == 0 &&
	    json_object_size(o) > before;
}

static bool
element(struct reader *r, json_t *arr)
{
	json_t *v = value(r);

	return v != NULL && json_array_append_new(arr, v) == 0;
}

/* What stands between brackets, commas between. */
static json_t *
many(struct reader *r, json_t *all, char close, bool (*one)(struct reader *, json_t *))
{
	bool ok = all != NULL && ++r->depth <= JSON_DEPTH_MAX;

	r->p++;
	blanks(r);
	if (ok && !take(r, close)) {
		do
			ok = one(r, all);
		while (ok && take(r, ','));
		ok = ok && take(r, close);
	}
	r->depth--;
	if (ok)
		return all;
	json_decref(all);
	return NULL;
}

static json_t *
value(struct reader *r)
{
	if (r->p == r->end)
		return NULL;
	switch (*r->p) {
	case '{':
		return many(r, json_object(), '}', member);
	case '[':
		return many(r, json_array(), ']', element);
	case '"':
		return string(r);
	case 't':
		return word(r, STR("true"), json_true());
	case 'f':
		return word(r, STR("false"), json_false());
	case 'n':
		return word(r, STR("null"), json_null());
	default:
		return number(r);
	}
}

json_t *
json_plain(struct str s)
{
	struct reader r = { 0 };
	json_t *v;

	if (s.n == 0)	/* p may be NULL */
		return NULL;
	r = (struct reader){ s.p, s.p + s.n, 0 };
	blanks(&r);
	v = value(&r);
	if (v == NULL || r.p == r.end)
		return v;
	json_decref(v);
	return NULL;
}
