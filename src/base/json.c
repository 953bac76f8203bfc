/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - the glue to jansson.
 *
 * Plain JSON is read by json_plain(), which jansson would have taken as well.  For
 * the rest a scan of our own runs before jansson's parser: it bounds the depth (the
 * parser recurses, and its own bound is 2048) and refuses fractions by line
 * and column, so that whatever was parsed can also be written canonically.
 */
#include "base/json.h"

#include "base/json_plain.h"

#include <stdlib.h>
#include <string.h>

static void
decref(void *j)
{
	json_decref(j);
}

/* Gives the arena our reference. */
static json_t *
own(struct arena *a, json_t *j)
{
	CHECK(j != NULL);
	arena_defer(a, decref, j);
	return j;
}

struct place {
	size_t line, column;	/* from 1; columns are bytes */
};

static struct place
place_of(struct str text, size_t at)
{
	struct place p = { 1, 1 };

	for (size_t i = 0; i < at && i < text.n; i++) {
		p.column++;
		if (text.p[i] == '\n')
			p = (struct place){ p.line + 1, 1 };
	}
	return p;
}

static enum err
refuse(struct str text, size_t at, const char *expected, struct fault *f)
{
	struct place p = place_of(text, at);

	return fault(f, E_INVALID, "JSON line %zu column %zu: %s", p.line, p.column, expected);
}

/* Offset behind the string that begins at `at`. */
static size_t
skip_string(struct str text, size_t at)
{
	for (at++; at < text.n && text.p[at] != '"'; at++)
		if (text.p[at] == '\\')
			at++;
	return at + 1;
}

static enum err
scan(struct str text, bool whole, struct fault *f)
{
	bool in_number = false;
	size_t depth = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\0')
			return refuse(text, i, "a NUL byte is not allowed", f);
		if (whole && in_number && (c == '.' || c == 'e' || c == 'E'))
			return refuse(text, i, "a number must be whole, without fraction or exponent",
			    f);
		in_number = (c >= '0' && c <= '9') || c == '-';
		if (c == '"')
			i = skip_string(text, i) - 1;
		else if ((c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX)
			return refuse(text, i, "nested deeper than 32 levels", f);
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return E_OK;
}

/* jansson's verdict. */
static enum err
load(struct str text, size_t flags, json_t **out, struct fault *f)
{
	json_error_t error;

	*out = json_loadb(text.n == 0 ? "" : text.p, text.n, flags | JSON_DECODE_ANY, &error);
	if (*out == NULL)
		return fault(f, E_INVALID, "JSON line %d column %d: %s", error.line, error.column,
		    error.text);
	return E_OK;
}

static enum err
load_strict(struct str text, bool whole, json_t **out, struct fault *f)
{
	size_t bad;

	if (!str_utf8_valid(text, &bad))
		return refuse(text, bad, "not UTF-8", f);
	TRY(scan(text, whole, f));
	return load(text, JSON_REJECT_DUPLICATES, out, f);
}

enum err
json_parse(struct arena *a, struct str text, size_t max_bytes, json_t **out, struct fault *f)
{
	json_t *j;

	if (text.n > max_bytes)
		return fault(f, E_TOOBIG, "JSON of %zu bytes, at most %zu are allowed", text.n,
		    max_bytes);
	j = json_plain(text);
	if (j == NULL)
		TRY(load_strict(text, true, &j, f));
	*out = own(a, j);
	return E_OK;
}

enum err
json_parse_foreign(struct arena *a, struct str text, size_t max_bytes, json_t **out, struct fault *f)
{
	json_t *j;

	if (text.n > max_bytes)
		return fault(f, E_TOOBIG, "JSON of %zu bytes, at most %zu are allowed", text.n,
		    max_bytes);
	TRY(load_strict(text, false, &j, f));
	*out = own(a, j);
	return E_OK;
}

enum err
json_parse_own(struct arena *a, struct str text, json_t **out, struct fault *f)
{
	json_t *j = json_plain(text);

	if (j == NULL)
		TRY(load(text, 0, &j, f));
	*out = own(a, j);
	return E_OK;
}

json_t *
json_obj(struct arena *a)
{
	return own(a, json_object());
}

json_t *
json_arr(struct arena *a)
{
	return own(a, json_array());
}

/* A string of broken bytes or NULs, made whole. */
static json_t *
mended(struct str v)
{
	/* One byte becomes three at most. */
	char *z = malloc(3 * v.n + 1);
	size_t n = 0;
	json_t *j;

	CHECK(z != NULL);
	while (v.n > 0) {
		const char *nul;
		size_t good, bad;

		good = str_utf8_valid(v, &bad) ? v.n : bad;
		nul = good == 0 ? NULL : memchr(v.p, '\0', good);
		if (nul != NULL)
			good = (size_t)(nul - v.p);
		if (good > 0)
			memcpy(z + n, v.p, good);
		n += good;
		if (good == v.n)
			break;
		memcpy(z + n, "\xEF\xBF\xBD", 3);
		n += 3;
		v = str_sub(v, good + 1, v.n);
	}
	j = json_stringn_nocheck(z, n);
	free(z);
	return j;
}

static json_t *
string_new(struct str v)
{
	json_t *j;

	if (v.n == 0)
		j = json_stringn_nocheck("", 0);
	else if (str_utf8_valid(v, NULL) && memchr(v.p, '\0', v.n) == NULL)
		j = json_stringn_nocheck(v.p, v.n);
	else
		j = mended(v);
	CHECK(j != NULL);
	return j;
}

void
json_set_str(json_t *o, const char *key, struct str v)
{
	CHECK(json_object_set_new(o, key, string_new(v)) == 0);
}

void
json_set_z(json_t *o, const char *key, const char *v)
{
	json_set_str(o, key, str_from(v));
}

void
json_set_i64(json_t *o, const char *key, int64_t v)
{
	CHECK(json_object_set_new(o, key, json_integer(v)) == 0);
}

void
json_set_bool(json_t *o, const char *key, bool v)
{
	CHECK(json_object_set_new(o, key, json_boolean(v)) == 0);
}

void
json_set(json_t *o, const char *key, json_t *borrowed)
{
	CHECK(json_object_set(o, key, borrowed) == 0);
}

void
json_push(json_t *arr, json_t *borrowed)
{
	CHECK(json_array_append(arr, borrowed) == 0);
}

void
json_push_str(json_t *arr, struct str v)
{
	CHECK(json_array_append_new(arr, string_new(v)) == 0);
}

static struct str
text_of(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

struct str
json_get_str(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) ? text_of(v) : STR_NONE;
}

int64_t
json_get_i64(const json_t *o, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool
json_get_bool(const json_t *o, const char *key, bool otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

enum err
json_need_str(const json_t *o, const char *key, size_t max_bytes, struct str *out, struct fault *f)
{
	const json_t *v;

	if (!json_is_object(o))
		return fault(f, E_INVALID, "expected a JSON object with the field \"%s\"", key);
	v = json_object_get(o, key);
	if (v == NULL)
		return fault(f, E_INVALID, "field \"%s\" is missing", key);
	if (!json_is_string(v))
		return fault(f, E_INVALID, "field \"%s\" must be a string", key);
	if (json_string_length(v) > max_bytes)
		return fault(f, E_INVALID, "field \"%s\" has %zu bytes, at most %zu are allowed",
		    key, json_string_length(v), max_bytes);
	*out = text_of(v);
	return E_OK;
}

static bool
is_listed(const char *key, const char *const allowed[])
{
	for (size_t i = 0; allowed[i] != NULL; i++)
		if (strcmp(allowed[i], key) == 0)
			return true;
	return false;
}

enum err
json_only(const json_t *o, const char *const allowed[], struct fault *f)
{
	json_t *walked;
	json_t *v;
	const char *key;

	if (!json_is_object(o))
		return fault(f, E_INVALID, "expected a JSON object");
	/* jansson's iterator takes no const, and changes nothing. */
	memcpy(&walked, &o, sizeof(walked));
	json_object_foreach(walked, key, v) {
		if (!is_listed(key, allowed))
			return fault(f, E_INVALID, "unknown field \"%s\"", key);
	}
	return E_OK;
}
