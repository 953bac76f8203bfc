/* SPDX-License-Identifier: Apache-2.0 */
/* route.h - one table of routes (api/routes.def) and its dispatcher.
 *
 * A line names method, path, who may ask, the body's limit, the class of its
 * rate limit, whether a cookie's request needs a CSRF token, and the handler.
 * A segment that begins with ':' is a parameter.  The same table yields the
 * matrix that the authorisation test walks.
 */
#pragma once

#include "api/api.h"
#include "api/authz.h"
#include "api/limits.h"

enum route_flag {
	ROUTE_BODY = 1,		/* takes a JSON object (Content-Type application/json) */
	ROUTE_CSRF = 2,		/* changes something: a cookie needs its token */
	ROUTE_SLOW = 4,		/* runs on the slow pool */
	ROUTE_LOOP = 8,		/* the handler runs on the loop: no database, no waiting, no arena_defer'd work */
};

struct route {
	enum http_method method;
	const char *path;
	enum authz_what who;
	size_t body_max;	/* bytes; 0 = no body */
	enum limit_class limit;
	unsigned flags;
	enum err (*handler)(struct request *rq, struct response *rs, struct fault *f);
};

extern const struct route routes[];
extern const size_t routes_n;

/* NULL: none. *path_known says that another method exists (405). */
const struct route *route_find(enum http_method m, struct str path,
    struct str params[ROUTE_PARAMS_MAX], bool *path_known);

/* net_spec callbacks, ctx = the api. */
size_t route_body_limit(void *api, const struct http_request *r);
void route_on_request(void *api, struct http_request *r);

/* reply.c's inside: every answer leaves through it. headers: lines with CRLF; takes body. */
void route_send(struct api *api, const struct reply_to *to, int status, const char *type,
    struct str headers, struct net_blob *body);
void route_not_allowed(struct api *api, const struct reply_to *to);

#define ROUTE(method, path, who, body_max, limit, flags, handler) \
	enum err handler(struct request *rq, struct response *rs, struct fault *f);
#include "api/routes.def"
#undef ROUTE
