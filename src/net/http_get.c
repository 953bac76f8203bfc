/* SPDX-License-Identifier: Apache-2.0 */
/* http_get.c - what a request says: headers, cookies, query; status words. */
#include "net/http.h"

#include <string.h>

const char *
http_method_text(enum http_method m)
{
	switch (m) {
	case HTTP_METHOD_GET:
		return "GET";
	case HTTP_METHOD_HEAD:
		return "HEAD";
	case HTTP_METHOD_POST:
		return "POST";
	case HTTP_METHOD_PUT:
		return "PUT";
	case HTTP_METHOD_DELETE:
		return "DELETE";
	case HTTP_METHOD_OTHER:
		break;
	}
	return "other";
}

struct str
http_header_get(const struct http_request *r, const char *name)
{
	struct str found = STR_NONE, want = str_from(name);
	bool seen = false;

	for (size_t i = 0; i < r->headers_n; i++) {
		if (!str_eq_nocase(r->headers[i].name, want))
			continue;
		if (seen)
			return STR_NONE;
		seen = true;
		found = r->headers[i].value;
	}
	return found;
}

struct str
http_cookie_get(const struct http_request *r, const char *name)
{
	struct str rest = http_header_get(r, "cookie"), found = STR_NONE;
	bool seen = false;

	while (rest.n > 0) {
		struct str value, key = str_cut(str_trim(str_cut(rest, ';', &rest)), '=', &value);

		if (value.p == NULL || !str_eqz(key, name))
			continue;
		if (seen)
			return STR_NONE;
		seen = true;
		found = value;
	}
	return found;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent and plus decoding; false when broken, a NUL or not UTF-8. */
static bool
decode(struct str raw, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, raw.n + 1);
	size_t n = 0;
	int hi, lo;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			if (i + 2 >= raw.n)
				return false;
			hi = hex_value(raw.p[i + 1]);
			lo = hex_value(raw.p[i + 2]);
			if (hi < 0 || lo < 0 || hi * 16 + lo == 0)
				return false;
			c = (char)(hi * 16 + lo);
			i += 2;
		}
		p[n++] = c;
	}
	p[n] = '\0';
	*out = (struct str){ p, n };
	return str_utf8_valid(*out, NULL);
}

enum err
http_query_get(const struct http_request *r, const char *name, struct arena *a, struct str *out,
    bool *found, struct fault *f)
{
	struct str rest = r->query;

	*found = false;
	*out = STR_NONE;
	while (rest.n > 0) {
		struct str value, key = str_cut(str_cut(rest, '&', &rest), '=', &value);

		if (!str_eqz(key, name))
			continue;
		if (*found)
			return fault(f, E_INVALID, "%s stands twice in the address", name);
		if (!decode(value, a, out))
			return fault(f, E_INVALID, "%s in the address is not encoded UTF-8", name);
		*found = true;
	}
	return E_OK;
}

const char *
http_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} table[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
		{ 301, "Moved Permanently" }, { 302, "Found" }, { 304, "Not Modified" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 409, "Conflict" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" }, { 417, "Expectation Failed" },
		{ 426, "Upgrade Required" }, { 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" },
		{ 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].text;
	return "Status";
}
