/* SPDX-License-Identifier: Apache-2.0 */
/* principal.c - who is asking. */
#include "api/principal.h"

#include "api/api.h"
#include "api/limits.h"
#include "model/people.h"

#include <stdio.h>
#include <string.h>

static enum err
of_token(struct db *db, struct str token, struct arena *a, struct principal *out, struct fault *f)
{
	struct visitor v;
	uint8_t hash[32];

	if (token.n != TOKEN_LEN)
		return fault(f, E_DENIED, "This is not a visitor's token.");
	sha256(token.p, token.n, hash);
	TRY(visitor_by_token(db, hash, a, &v, f));
	out->who = WHO_VISITOR;
	out->id = v.id;
	out->contact = v.contact;
	out->inbox = v.inbox;
	return E_OK;
}

static enum err
of_cookie(struct api *api, struct db *db, struct str cookie, struct arena *a,
    struct principal *out, struct fault *f)
{
	struct session s;
	struct user u;

	sha256(cookie.p, cookie.n, out->cookie_hash);
	TRY(session_get(db, out->cookie_hash, clock_now_us(api->clock), a, &s, f));
	TRY(user_get(db, s.user, a, &u, f));
	if (u.revoked)
		return fault(f, E_DENIED, "This account was closed.");
	out->who = u.role == USER_ADMINISTRATOR ? WHO_ADMIN : WHO_AGENT;
	out->id = u.id;
	out->name = u.name;
	out->email = u.email;
	out->inboxes = u.inboxes;
	out->inboxes_n = u.inboxes_n;
	out->available = u.available;
	memcpy(out->csrf, s.csrf, sizeof(out->csrf));
	return E_OK;
}

/* What is looked up is paid for first, and what names somebody gets it back: so the wrong ones
 * of an address are bounded, and their number is known before the store is asked. */
static enum err
pay(struct api *api, const struct addr *client, int64_t *retry_ms, struct fault *f)
{
	struct addr key = addr_limit_key(client);

	return limits_take(api->limits, LIMIT_TOKEN, key.b, sizeof(key.b), retry_ms, f);
}

static void
pay_back(struct api *api, const struct addr *client)
{
	struct addr key = addr_limit_key(client);

	limits_give_back(api->limits, LIMIT_TOKEN, key.b, sizeof(key.b));
}

enum err
principal_of_token(struct api *api, struct db *db, struct str token, const struct addr *client,
    struct arena *a, struct principal *out, int64_t *retry_ms, struct fault *f)
{
	enum err e;

	*out = (struct principal){ .who = WHO_NOBODY };
	TRY(pay(api, client, retry_ms, f));
	e = of_token(db, token, a, out, f);
	if (e != E_DENIED && e != E_NOTFOUND)
		pay_back(api, client);
	return e;
}

enum err
principal_of_request(struct api *api, struct db *db, const struct http_request *r,
    struct arena *a, struct principal *out, int64_t *retry_ms, struct fault *f)
{
	struct str bearer = http_header_get(r, "authorization");
	struct str cookie = http_cookie_get(r, api->https ? COOKIE_SECURE : COOKIE_PLAIN);
	enum err e = E_DENIED;

	*out = (struct principal){ .who = WHO_NOBODY };
	if (bearer.n > 7 && str_eq_nocase(str_sub(bearer, 0, 7), STR("bearer ")))
		e = principal_of_token(api, db, str_trim(str_sub(bearer, 7, bearer.n)), &r->client, a, out,
		    retry_ms, f);
	else if (cookie.n == TOKEN_LEN) {
		TRY(pay(api, &r->client, retry_ms, f));
		e = of_cookie(api, db, cookie, a, out, f);
		if (e != E_DENIED && e != E_NOTFOUND)
			pay_back(api, &r->client);
	}
	/* What does not name anybody is nobody; the store's own troubles are not. */
	if (e == E_DENIED || e == E_NOTFOUND) {
		*out = (struct principal){ .who = WHO_NOBODY };
		return E_OK;
	}
	return e;
}

bool
principal_origin_ok(struct api *api, const struct http_request *r, bool may_be_absent)
{
	static const char *const local[] = { "127.0.0.1", "localhost", "[::1]" };
	struct str origin = http_header_get(r, "origin");
	char text[64];

	if (origin.n == 0) {
		/* Two Origin headers look absent too: that is nobody honest. */
		for (size_t i = 0; i < r->headers_n; i++)
			if (str_eq_nocase(r->headers[i].name, STR("origin")))
				return false;
		return may_be_absent;
	}
	if (str_eq(origin, api->public_url))
		return true;
	if (api->settings->public_url.n > 0)
		return false;
	/* No public URL is set: we are on the loopback, under one of its names. */
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		(void)snprintf(text, sizeof(text), "http://%s:%d", local[i], api->port);
		if (str_eqz(origin, text))
			return true;
	}
	return false;
}

enum err
principal_check_csrf(struct api *api, const struct principal *who, const struct http_request *r,
    struct fault *f)
{
	struct str shown = http_header_get(r, "x-csrf-token");
	char right[65];

	if (who->who != WHO_AGENT && who->who != WHO_ADMIN)
		return E_OK;	/* a bearer token is not sent by browsers by themselves */
	if (!principal_origin_ok(api, r, true)) {
		api->origin_refused++;
		return fault(f, E_DENIED, "This request comes from another site.");
	}
	for (size_t i = 0; i < sizeof(who->csrf); i++)
		(void)snprintf(right + 2 * i, 3, "%02x", who->csrf[i]);
	if (shown.n != 64 || !bytes_equal_const_time(shown.p, right, 64)) {
		api->csrf_refused++;
		return fault(f, E_DENIED, "The request lacks its CSRF token. Please reload the page.");
	}
	return E_OK;
}

void
principal_copy(struct arena *a, const struct principal *from, struct principal *to)
{
	struct str *inboxes;

	*to = *from;
	to->inbox = str_dup(a, from->inbox);
	to->name = str_dup(a, from->name);
	to->email = str_dup(a, from->email);
	inboxes = arena_array(a, struct str, from->inboxes_n + 1);
	for (size_t i = 0; i < from->inboxes_n; i++)
		inboxes[i] = str_dup(a, from->inboxes[i]);
	to->inboxes = inboxes;
}
