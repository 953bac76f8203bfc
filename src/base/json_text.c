/* SPDX-License-Identifier: Apache-2.0 */
/* json_text.c - canonical JSON: sorted keys, no spaces, integers, UTF-8 as it is.
 *
 * The same bytes as jansson's json_dumpb() with JSON_COMPACT, JSON_SORT_KEYS and
 * JSON_ENCODE_ANY (a test compares them), in one pass instead of one to check
 * and two to write: every event body is written by this.
 */
#include "base/json.h"

#include "base/json_plain.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_FEW 32

struct out {
	struct arena *a;
	char *p;
	size_t n, cap;
	char small[4096];
};

struct member {
	const char *key;
	json_t *value;
};

/* Room for n more bytes. */
static char *
room(struct out *o, size_t n)
{
	if (o->n + n > o->cap) {
		size_t cap = 2 * (o->n + n);
		char *p = arena_alloc(o->a, cap);

		memcpy(p, o->p, o->n);
		o->p = p;
		o->cap = cap;
	}
	return o->p + o->n;
}

static void
put(struct out *o, const char *p, size_t n)
{
	memcpy(room(o, n), p, n);
	o->n += n;
}

static void
put_c(struct out *o, char c)
{
	*room(o, 1) = c;
	o->n++;
}

static void
put_escape(struct out *o, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char named[] = "\b\f\n\r\t\"\\", letter[] = "bfnrt\"\\";
	const char *at = strchr(named, c);

	if (at != NULL) {
		put(o, (char[]){ '\\', letter[at - named] }, 2);
		return;
	}
	put(o, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

static void
put_string(struct out *o, const char *p, size_t n)
{
	size_t from = 0;

	put_c(o, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		CHECK(c != '\0');
		put(o, p + from, i - from);
		put_escape(o, c);
		from = i + 1;
	}
	put(o, p + from, n - from);
	put_c(o, '"');
}

static void
put_integer(struct out *o, json_int_t v)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		digits[--at] = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (v < 0)
		digits[--at] = '-';
	put(o, digits + at, sizeof(digits) - at);
}

static int
cmp_member(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static void
sort_members(struct member *m, size_t n)
{
	if (n > KEYS_FEW) {
		qsort(m, n, sizeof(*m), cmp_member);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct member one = m[i];
		size_t k = i;

		for (; k > 0 && cmp_member(&m[k - 1], &one) > 0; k--)
			m[k] = m[k - 1];
		m[k] = one;
	}
}

static void put_value(struct out *o, json_t *v, unsigned depth);

static void
put_object(struct out *o, json_t *v, unsigned depth)
{
	struct member few[KEYS_FEW], *m = few;
	size_t size = json_object_size(v), n = 0;
	const char *key;
	json_t *value;

	if (size > KEYS_FEW)
		m = arena_array(o->a, struct member, size);
	json_object_foreach(v, key, value)
		m[n++] = (struct member){ key, value };
	sort_members(m, n);
	put_c(o, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put_c(o, ',');
		put_string(o, m[i].key, strlen(m[i].key));
		put_c(o, ':');
		put_value(o, m[i].value, depth + 1);
	}
	put_c(o, '}');
}

static void
put_array(struct out *o, json_t *v, unsigned depth)
{
	json_t *value;
	size_t i;

	put_c(o, '[');
	json_array_foreach(v, i, value) {
		if (i > 0)
			put_c(o, ',');
		put_value(o, value, depth + 1);
	}
	put_c(o, ']');
}

static void
put_value(struct out *o, json_t *v, unsigned depth)
{
	CHECK(depth <= JSON_DEPTH_MAX);	/* not deeper than a parse allows */
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		put_object(o, v, depth);
		return;
	case JSON_ARRAY:
		put_array(o, v, depth);
		return;
	case JSON_STRING:
		put_string(o, json_string_value(v), json_string_length(v));
		return;
	case JSON_INTEGER:
		put_integer(o, json_integer_value(v));
		return;
	case JSON_TRUE:
		put(o, "true", 4);
		return;
	case JSON_FALSE:
		put(o, "false", 5);
		return;
	case JSON_NULL:
		put(o, "null", 4);
		return;
	case JSON_REAL:
	default:
		NEVER("a real number has no canonical text");
	}
}

struct str
json_text(struct arena *a, const json_t *v)
{
	struct out o = { .a = a, .cap = sizeof(o.small) };
	json_t *walked;
	char *z;

	/* jansson's iterator takes no const, and changes nothing. */
	memcpy(&walked, &v, sizeof(walked));
	o.p = o.small;
	put_value(&o, walked, 0);
	if (o.p != o.small) {
		*room(&o, 1) = '\0';
		return (struct str){ o.p, o.n };
	}
	z = arena_alloc(a, o.n + 1);
	memcpy(z, o.p, o.n);
	z[o.n] = '\0';
	return (struct str){ z, o.n };
}
