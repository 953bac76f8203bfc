/* SPDX-License-Identifier: Apache-2.0 */
/* peek.c - one member of a JSON text, without building a tree. */
#include "model/peek.h"

#include <string.h>

static size_t
skip_space(struct str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	return i;
}

/* s.p[i] is a quote: the index behind the closing one. */
static size_t
skip_string(struct str s, size_t i)
{
	for (i++; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.n;
}

/* The index behind the value that begins at i. */
static size_t
skip_value(struct str s, size_t i)
{
	size_t depth = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (c == '"') {
			i = skip_string(s, i);
		} else if (c == '{' || c == '[') {
			depth++;
			i++;
			continue;
		} else if (c == '}' || c == ']') {
			if (depth == 0)
				return i;
			depth--;
			i++;
		} else if (depth == 0 && c == ',') {
			return i;
		} else {
			i++;
			continue;
		}
		if (depth == 0)
			return i;
	}
	return s.n;
}

struct str
peek_raw(struct str o, const char *key)
{
	size_t i = skip_space(o, 0), len = strlen(key);

	if (i >= o.n || o.p[i] != '{')
		return STR_NONE;
	i = skip_space(o, i + 1);
	while (i < o.n && o.p[i] == '"') {
		size_t name = i + 1, end = skip_string(o, i), value;

		i = skip_space(o, end);
		if (i >= o.n || o.p[i] != ':')
			return STR_NONE;
		value = skip_space(o, i + 1);
		i = skip_value(o, value);
		if (end - name == len + 1 && memcmp(o.p + name, key, len) == 0)
			return str_trim(str_sub(o, value, i - value));
		i = skip_space(o, i);
		if (i >= o.n || o.p[i] != ',')
			return STR_NONE;
		i = skip_space(o, i + 1);
	}
	return STR_NONE;
}

static int
hex4(struct str s, size_t i)
{
	int v = 0;

	for (size_t k = 0; k < 4; k++) {
		char c = i + k < s.n ? s.p[i + k] : 'x';
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static size_t
put_utf8(char *out, int cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

/* \uXXXX at s.p[i] == 'u': writes it, returns how many bytes it wrote, *i moves
 * to its last digit. */
static size_t
unescape_unicode(struct str s, size_t *i, char *out)
{
	int cp = hex4(s, *i + 1), low;

	if (cp < 0)
		return 0;
	*i += 4;
	if (cp >= 0xD800 && cp < 0xDC00 && *i + 2 < s.n && s.p[*i + 1] == '\\' && s.p[*i + 2] == 'u') {
		low = hex4(s, *i + 3);
		if (low >= 0xDC00 && low < 0xE000) {
			*i += 6;
			return put_utf8(out, 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00));
		}
	}
	return put_utf8(out, cp >= 0xD800 && cp < 0xE000 ? 0xFFFD : cp);
}

struct str
peek_str(struct str o, const char *key, struct arena *a)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	struct str raw = peek_raw(o, key);
	size_t n = 0;
	char *z;

	if (raw.n < 2 || raw.p[0] != '"')
		return STR_NONE;
	raw = str_sub(raw, 1, raw.n - 2);
	z = arena_alloc(a, raw.n + 5);
	for (size_t i = 0; i < raw.n; i++) {
		const char *known;

		if (raw.p[i] != '\\' || i + 1 >= raw.n) {
			z[n++] = raw.p[i];
			continue;
		}
		i++;
		known = strchr(from, raw.p[i]);
		if (raw.p[i] == 'u')
			n += unescape_unicode(raw, &i, z + n);
		else
			z[n++] = known != NULL ? to[known - from] : raw.p[i];
	}
	z[n] = '\0';
	return (struct str){ z, n };
}

int64_t
peek_i64(struct str o, const char *key, int64_t otherwise)
{
	int64_t v;

	return str_i64(peek_raw(o, key), &v) ? v : otherwise;
}

bool
peek_bool(struct str o, const char *key, bool otherwise)
{
	struct str raw = peek_raw(o, key);

	if (str_eqz(raw, "true"))
		return true;
	return str_eqz(raw, "false") ? false : otherwise;
}

struct str
peek_first(struct str array)
{
	size_t i = skip_space(array, 0);

	if (i >= array.n || array.p[i] != '[')
		return STR_NONE;
	i = skip_space(array, i + 1);
	return str_trim(str_sub(array, i, skip_value(array, i) - i));
}
