/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c - answers: the one place where an error becomes a status and words. */
#include "api/route.h"

#include "base/log.h"

#include <stdio.h>

#define REPLY_MAX ((size_t)8 << 20)

int
api_status_of(enum err e)
{
	switch (e) {
	case E_OK:
		return 200;
	case E_INVALID:
		return 400;
	case E_NOTFOUND:
		return 404;
	case E_DENIED:
		return 403;
	case E_CONFLICT:
		return 409;
	case E_UPSTREAM:
		return 502;
	case E_TIMEOUT:
		return 504;
	case E_TOOBIG:
		return 413;
	case E_LIMIT:
		return 429;
	case E_RETRY:
		return 503;
	case E_FULL:
		return 507;
	case E_CONFIG:
	case E_INTERNAL:
	case ERR_N:
		break;
	}
	return 500;
}

struct str
api_error_text(enum err e, const struct fault *f)
{
	switch (e) {
	case E_FULL:
		return STR("The desk cannot store anything at the moment. Please try again later.");
	case E_RETRY:
		return STR("The desk is busy. Please try again.");
	case E_CONFIG:
	case E_INTERNAL:
	case ERR_N:
		return STR("Something went wrong on our side.");
	case E_OK:
	case E_INVALID:
	case E_NOTFOUND:
	case E_DENIED:
	case E_CONFLICT:
	case E_UPSTREAM:
	case E_TIMEOUT:
	case E_TOOBIG:
	case E_LIMIT:
		break;
	}
	return f != NULL && f->text[0] != '\0' ? str_from(f->text) : str_from(err_name(e));
}

void
api_error_json(struct buf *out, enum err e, const struct fault *f, const char *field,
    int64_t retry_ms)
{
	buf_add_z(out, "{\"error\":{\"code\":");
	buf_add_json(out, str_from(err_name(e == E_CONFIG ? E_INTERNAL : e)));
	buf_add_z(out, ",\"message\":");
	buf_add_json(out, api_error_text(e, f));
	if (field != NULL) {
		buf_add_z(out, ",\"field\":");
		buf_add_json(out, str_from(field));
	}
	if (retry_ms > 0) {
		buf_add_z(out, ",\"retry_ms\":");
		buf_add_i64(out, retry_ms);
	}
	buf_add_z(out, "}}");
}

static void
answered(struct api *api, const struct reply_to *to, int status)
{
	log_debug(LOG_HTTP_REQUEST,
	    K_Z("route", to->route != NULL ? to->route->path : "-"),
	    K_Z("method", to->route != NULL ? http_method_text(to->route->method) : "-"),
	    K_I64("status", status), K_I64("us", clock_mono_us(api->clock) - to->started_us));
}

/* Every answer of the API leaves through here. Takes body. */
void
route_send(struct api *api, const struct reply_to *to, int status, const char *type,
    struct str headers, struct net_blob *body)
{
	struct http_response r = { .status = status, .content_type = type, .body = body };
	struct buf all;

	buf_init(&all, HTTP_HEAD_MAX / 2);
	buf_add_z(&all, "X-Content-Type-Options: nosniff\r\n");
	if (str_find_nocase(headers, STR("cache-control:")) < 0)
		buf_add_z(&all, "Cache-Control: no-store\r\n");
	buf_add_str(&all, headers);
	CHECK(!all.over);
	r.headers = buf_str(&all);
	net_reply(api->net, to->conn, &r);
	buf_free(&all);
	answered(api, to, status);
}

void
api_reply_headers(struct api *api, const struct reply_to *to, int status, struct str json,
    struct str headers)
{
	bool empty = status == 204 || json.n == 0;

	route_send(api, to, status, empty ? NULL : "application/json; charset=utf-8", headers,
	    empty ? NULL : net_blob_new(json.p, json.n));
}

void
api_reply(struct api *api, const struct reply_to *to, int status, struct str json)
{
	if (json.n > REPLY_MAX)
		api_fail(api, to, E_TOOBIG, &(struct fault){ E_TOOBIG, "The answer is too big." });
	else
		api_reply_headers(api, to, status, json, STR_NONE);
}

static void
fail(struct api *api, const struct reply_to *to, int status, enum err e, const struct fault *f,
    const char *field, int64_t retry_ms)
{
	char headers[64] = "";
	struct buf body;

	if (status == 500)
		log_error(LOG_FAULT, K_Z("route", to->route != NULL ? to->route->path : "-"),
		    K_Z("text", f != NULL ? f->text : err_name(e)));
	if (e == E_LIMIT)
		log_info(LOG_LIMITED, K_Z("route", to->route != NULL ? to->route->path : "-"));
	if (retry_ms == 0 && (e == E_RETRY || e == E_FULL))
		retry_ms = e == E_RETRY ? 1000 : 5000;
	if (retry_ms > 0)
		(void)snprintf(headers, sizeof(headers), "Retry-After: %lld\r\n",
		    (long long)(retry_ms + 999) / 1000);
	buf_init(&body, 8192);
	api_error_json(&body, e, f, field, retry_ms);
	route_send(api, to, status, "application/json; charset=utf-8", str_from(headers),
	    net_blob_take(&body));
}

void
api_fail_more(struct api *api, const struct reply_to *to, enum err e, const struct fault *f,
    const char *field, int64_t retry_ms)
{
	fail(api, to, api_status_of(e), e, f, field, retry_ms);
}

void
api_fail(struct api *api, const struct reply_to *to, enum err e, const struct fault *f)
{
	fail(api, to, api_status_of(e), e, f, NULL, 0);
}

void
api_unauthenticated(struct api *api, const struct reply_to *to, const struct fault *f)
{
	fail(api, to, 401, E_DENIED, f, NULL, 0);
}

void
route_not_allowed(struct api *api, const struct reply_to *to)
{
	fail(api, to, 405, E_INVALID,
	    &(struct fault){ E_INVALID, "This address does not know that method." }, NULL, 0);
}
