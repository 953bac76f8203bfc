/* SPDX-License-Identifier: Apache-2.0 */
/* request.c - what a handler asks of its request, and adds to its response. */
#include "api/api.h"

#include <stdio.h>
#include <string.h>

void
response_header(struct response *rs, const char *name, struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		CHECK((unsigned char)value.p[i] >= 0x20 && value.p[i] != 0x7f);
	buf_add_z(&rs->headers, name);
	buf_add_z(&rs->headers, ": ");
	buf_add_str(&rs->headers, value);
	buf_add_z(&rs->headers, "\r\n");
	CHECK(!rs->headers.over);
}

enum err
request_query_str(const struct request *rq, const char *name, size_t max_bytes, struct str *out,
    struct fault *f)
{
	bool found;

	TRY(http_query_get(rq->http, name, rq->arena, out, &found, f));
	if (out->n > max_bytes)
		return fault(f, E_INVALID, "%s is longer than %zu bytes", name, max_bytes);
	return E_OK;
}

enum err
request_query_i64(const struct request *rq, const char *name, int64_t otherwise, int64_t min,
    int64_t max, int64_t *out, struct fault *f)
{
	struct str text;
	bool found;

	*out = otherwise;
	TRY(http_query_get(rq->http, name, rq->arena, &text, &found, f));
	if (!found)
		return E_OK;
	if (!str_i64(text, out) || *out < min || *out > max)
		return fault(f, E_INVALID, "%s must be a number from %lld to %lld", name,
		    (long long)min, (long long)max);
	return E_OK;
}

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
uuid_parse(struct str s, struct id *out)
{
	size_t n = 0;
	int hi, lo;

	if (s.n != 36)
		return false;
	for (size_t i = 0; i < 36;) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s.p[i++] != '-')
				return false;
			continue;
		}
		hi = hex_of(s.p[i]);
		lo = hex_of(s.p[i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out->b[n++] = (uint8_t)(hi * 16 + lo);
		i += 2;
	}
	return n == 16;
}

void
uuid_text(struct id id, char out[37])
{
	size_t n = 0;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		(void)snprintf(out + n, 3, "%02x", id.b[i]);
		n += 2;
	}
}

enum err
request_cmid(const struct request *rq, struct id *out, struct fault *f)
{
	struct str s;

	TRY(json_need_str(rq->body, "cmid", 36, &s, f));
	if (!uuid_parse(s, out))
		return fault(f, E_INVALID, "cmid must be a UUID");
	return E_OK;
}
