/* SPDX-License-Identifier: Apache-2.0 */
/* principal.h - who is asking.
 *
 * A cookie (agents) or a bearer token (visitors) becomes a principal; both are
 * 256 random bits, stored as SHA-256.  Requests that change something by
 * cookie must also show X-CSRF-Token and, when the browser sends one, an
 * Origin that is the public URL.
 */
#pragma once

#include "base/rand.h"

struct addr;
struct api;
struct db;
struct http_request;

enum who { WHO_NOBODY, WHO_VISITOR, WHO_AGENT, WHO_ADMIN };

struct principal {
	enum who who;
	struct id id;		/* of the visitor or the user: the principal of its cmids */
	struct id contact;	/* visitor */
	struct str inbox;	/* visitor */
	struct str name, email;	/* agent */
	const struct str *inboxes;	/* agent: member of; an administrator of all */
	size_t inboxes_n;
	bool available;
	uint8_t csrf[32];	/* agent */
	uint8_t cookie_hash[32];	/* agent: the session's key */
};

/* Nobody is E_OK with WHO_NOBODY; a broken or ended session or token too. A
 * bearer token wins over a cookie. Allocates in the arena. What names nobody is counted
 * against its address: past the limit nothing is looked up, E_LIMIT and *retry_ms. */
enum err principal_of_request(struct api *api, struct db *db, const struct http_request *r,
    struct arena *a, struct principal *out, int64_t *retry_ms, struct fault *f) NODISCARD;
/* For the socket's hello: E_DENIED or E_NOTFOUND when the token is not a visitor's; E_LIMIT as
 * above. */
enum err principal_of_token(struct api *api, struct db *db, struct str token,
    const struct addr *client, struct arena *a, struct principal *out, int64_t *retry_ms,
    struct fault *f) NODISCARD;
/* E_DENIED unless the CSRF token and Origin are right. Constant time. */
enum err principal_check_csrf(struct api *api, const struct principal *who,
    const struct http_request *r, struct fault *f) NODISCARD;
/* The Origin header is the public URL's (or, for loopback, the Host's). */
bool principal_origin_ok(struct api *api, const struct http_request *r, bool may_be_absent);
/* A copy whose strings live in a. */
void principal_copy(struct arena *a, const struct principal *from, struct principal *to);

#define COOKIE_SECURE "__Host-baton_session"
#define COOKIE_PLAIN "baton_session"
#define SESSION_S ((int64_t)12 * 3600)
