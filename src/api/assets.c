/* SPDX-License-Identifier: Apache-2.0 */
/* assets.c - the embedded pages and their policies. */
#include "api/assets.h"

#include "api/route.h"
#include "engine/policy_load.h"

#include <string.h>

#define CONSOLE "/console/"
#define WIDGET "/widget/"

/* What a page of ours may do: load from us and talk to us. */
#define CSP_OURS "default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; " \
	"form-action 'self'; require-trusted-types-for 'script'; "
#define PERMISSIONS "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), " \
	"usb=()\r\n"

static const struct asset *
find_exact(struct str path)
{
	size_t lo = 0, hi = assets_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(path, str_from(assets[mid].url));

		if (c == 0)
			return &assets[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const struct asset *
asset_find(struct str path)
{
	const struct asset *a = find_exact(path);

	if (a != NULL || !str_starts(path, STR(CONSOLE)))
		return a;
	return str_find(path, STR(".")) < 0 ? find_exact(STR(CONSOLE)) : NULL;
}

/* Is the coding in the list, and not with q=0? */
static bool
accepts(struct str list, const char *coding)
{
	struct str params, name, q;

	while (list.n > 0) {
		name = str_trim(str_cut(str_cut(list, ',', &list), ';', &params));
		if (!str_eq_nocase(name, str_from(coding)))
			continue;
		q = str_trim(params);
		if (!str_starts(q, STR("q=0")))
			return true;
		for (size_t i = 3; i < q.n; i++)
			if (q.p[i] >= '1' && q.p[i] <= '9')
				return true;
		return false;
	}
	return false;
}

enum asset_coding
asset_choose(const struct asset *a, struct str accept_encoding)
{
	if (a->br_n > 0 && accepts(accept_encoding, "br"))
		return ASSET_BR;
	if (a->gzip_n > 0 && accepts(accept_encoding, "gzip"))
		return ASSET_GZIP;
	return ASSET_PLAIN;
}

/* The sites of the inbox are validated origins of the policy; what is not
 * plainly one is left out all the same. */
static void
add_sites(struct api *api, struct str inbox, struct buf *out)
{
	struct policy_snapshot *p = engine_policy(api->engine);
	int at;

	if (p == NULL)
		return;
	at = policy_inbox(p->policy, inbox);
	for (size_t i = 0; at >= 0 && i < p->policy->inboxes[at].sites_n; i++) {
		struct str site = p->policy->inboxes[at].sites[i];
		bool plain = site.n > 0;

		for (size_t k = 0; k < site.n; k++)
			plain = plain && site.p[k] > ' ' && site.p[k] < 0x7f &&
			    strchr(";,'\"", site.p[k]) == NULL;
		if (plain) {
			buf_add_c(out, ' ');
			buf_add_str(out, site);
		}
	}
	policy_snapshot_unref(&p);
}

static struct str
query_inbox(const struct http_request *r)
{
	struct str rest = r->query, value;

	while (rest.n > 0)
		if (str_eqz(str_cut(str_cut(rest, '&', &rest), '=', &value), "inbox"))
			return value;
	return STR_NONE;
}

static void
add_page_headers(struct api *api, const struct http_request *r, struct buf *out)
{
	if (str_starts(r->path, STR(WIDGET))) {
		buf_add_z(out, "Content-Security-Policy: " CSP_OURS "frame-ancestors 'self'");
		add_sites(api, query_inbox(r), out);
		buf_add_z(out, "\r\n");
	} else {
		buf_add_z(out, "Content-Security-Policy: " CSP_OURS "frame-ancestors 'none'\r\n"
		    "X-Frame-Options: DENY\r\n");
	}
	buf_add_z(out, "Referrer-Policy: no-referrer\r\n" PERMISSIONS);
	if (api->https)
		buf_add_z(out, "Strict-Transport-Security: max-age=31536000\r\n");
}

static void
send_asset(struct api *api, const struct http_request *r, const struct asset *a)
{
	static const char *const names[] = { "", "br", "gzip" };
	struct reply_to to = { r->conn, NULL, r->started_us };
	enum asset_coding coding = asset_choose(a, http_header_get(r, "accept-encoding"));
	bool same = str_find(http_header_get(r, "if-none-match"), str_from(a->etag + 2)) >= 0;
	struct net_blob *body = NULL;
	struct buf h;

	buf_init(&h, HTTP_HEAD_MAX / 4);
	buf_fmt(&h, "ETag: %s\r\nVary: Accept-Encoding\r\nCache-Control: %s\r\n", a->etag,
	    a->immutable ? "public, max-age=31536000, immutable" : "no-cache");
	/* The loader runs on the shops' pages. */
	buf_add_z(&h, str_eqz(r->path, "/widget.js") ?
	    "Cross-Origin-Resource-Policy: cross-origin\r\n" :
	    "Cross-Origin-Resource-Policy: same-origin\r\n");
	if (str_starts(str_from(a->type), STR("text/html")))
		add_page_headers(api, r, &h);
	if (!same) {
		if (coding != ASSET_PLAIN)
			buf_fmt(&h, "Content-Encoding: %s\r\n", names[coding]);
		body = coding == ASSET_BR ? net_blob_static(a->br, a->br_n) :
		    coding == ASSET_GZIP ? net_blob_static(a->gzip, a->gzip_n) :
		    net_blob_static(a->plain, a->plain_n);
	}
	CHECK(!h.over);
	route_send(api, &to, same ? 304 : 200, same ? NULL : a->type, buf_str(&h), body);
	buf_free(&h);
}

/* Where people land who type the bare address. */
static bool
redirect(struct api *api, const struct http_request *r)
{
	struct reply_to to = { r->conn, NULL, r->started_us };

	if (!str_eqz(r->path, "/") && !str_eqz(r->path, "/console"))
		return false;
	route_send(api, &to, 302, NULL, STR("Location: " CONSOLE "\r\n"), NULL);
	return true;
}

bool
assets_request(struct api *api, struct http_request *r)
{
	const struct asset *a;

	if (r->method != HTTP_METHOD_GET && r->method != HTTP_METHOD_HEAD)
		return false;
	a = asset_find(r->path);
	if (a != NULL)
		send_asset(api, r, a);
	else if (!redirect(api, r))
		return false;
	http_request_free(&r);
	return true;
}
