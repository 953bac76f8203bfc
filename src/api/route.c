/* SPDX-License-Identifier: Apache-2.0 */
/* route.c - from a request on the loop to its handler in a job, and back.
 *
 * What a job knows of its request lies in the request's own notes, so both
 * die together.
 */
#include "api/route.h"

#include "api/assets.h"
#include "base/log.h"
#include "store/db.h"

#include <string.h>

#define SOCKET_PATH "/api/v1/socket"

const struct route routes[] = {
#define ROUTE(m, path, who, body_max, limit, flags, handler) \
	{ HTTP_METHOD_##m, path, who, body_max, limit, flags, handler },
#include "api/routes.def"
#undef ROUTE
};
const size_t routes_n = sizeof(routes) / sizeof(routes[0]);

struct work {
	struct api *api;
	struct http_request *http;
	struct request rq;
	struct response rs;
	bool answered;
};

static bool
match(struct str pattern, struct str path, struct str params[ROUTE_PARAMS_MAX])
{
	size_t n = 0;

	while (pattern.p != NULL && path.p != NULL) {
		struct str want = str_cut(pattern, '/', &pattern);
		struct str got = str_cut(path, '/', &path);

		if (want.n > 0 && want.p[0] == ':') {
			if (got.n == 0)
				return false;
			CHECK(n < ROUTE_PARAMS_MAX);
			params[n++] = got;
		} else if (!str_eq(want, got)) {
			return false;
		}
	}
	return pattern.p == NULL && path.p == NULL;
}

const struct route *
route_find(enum http_method m, struct str path, struct str params[ROUTE_PARAMS_MAX],
    bool *path_known)
{
	if (m == HTTP_METHOD_HEAD)
		m = HTTP_METHOD_GET;
	*path_known = false;
	for (size_t i = 0; i < routes_n; i++) {
		if (!match(str_from(routes[i].path), path, params))
			continue;
		*path_known = true;
		if (routes[i].method == m)
			return &routes[i];
	}
	return NULL;
}

size_t
route_body_limit(void *api, const struct http_request *r)
{
	struct str params[ROUTE_PARAMS_MAX];
	bool known;
	const struct route *route = route_find(r->method, r->path, params, &known);

	(void)api;
	return route != NULL ? route->body_max : 0;
}

/* ---- in the job ---- */

struct db *
request_db(struct request *rq)
{
	if (rq->db == NULL)
		rq->db = db_borrow(rq->api->readers);
	return rq->db;
}

static enum err
check_limit(struct work *w, struct fault *f)
{
	struct request *rq = &w->rq;
	struct addr key = addr_limit_key(&rq->http->client);

	if (rq->route->limit == LIMIT_VISIT || rq->who.who == WHO_NOBODY)
		return limits_take(w->api->limits, rq->route->limit, key.b, sizeof(key.b),
		    &w->rs.retry_ms, f);
	return limits_take(w->api->limits, rq->route->limit, rq->who.id.b, sizeof(rq->who.id.b),
	    &w->rs.retry_ms, f);
}

static enum err
read_body(struct request *rq, struct fault *f)
{
	struct str type;

	if ((rq->route->flags & ROUTE_BODY) == 0)
		return E_OK;
	type = http_header_get(rq->http, "content-type");
	if (!str_eq_nocase(str_trim(str_cut(type, ';', &(struct str){ 0 })),
	    STR("application/json")))
		return fault(f, E_INVALID, "The body must be application/json.");
	TRY(json_parse(rq->arena, rq->http->body, rq->route->body_max, &rq->body, f));
	if (!json_is_object(rq->body))
		return fault(f, E_INVALID, "The body must be a JSON object.");
	return E_OK;
}

static void
send_response(struct work *w)
{
	struct response *rs = &w->rs;
	struct net_blob *body = rs->blob;
	const char *type = rs->content_type;
	struct str text = rs->body;

	/* May leave through the ceiling: then `done` answers. */
	if (rs->json != NULL) {
		text = json_text(w->rq.arena, rs->json);
		type = "application/json; charset=utf-8";
	}
	if (body == NULL && text.n > 0)
		body = net_blob_new(text.p, text.n);
	rs->blob = NULL;
	w->answered = true;
	route_send(w->api, &w->rq.to, rs->status == 0 ? 200 : rs->status, type,
	    buf_str(&rs->headers), body);
}

static enum err
run(struct arena *a, void *arg, struct fault *f)
{
	struct work *w = arg;
	struct request *rq = &w->rq;
	struct authz_thing thing = {
		.local_peer = addr_is_loopback(&rq->http->peer) && !rq->http->peer_trusted,
	};

	rq->arena = a;
	if ((rq->route->flags & ROUTE_LOOP) == 0)
		TRY(principal_of_request(w->api, request_db(rq), rq->http, a, &rq->who, &w->rs.retry_ms, f));
	TRY(authz_check(&rq->who, rq->route->who, &thing, f));
	if ((rq->route->flags & ROUTE_CSRF) != 0)
		TRY(principal_check_csrf(w->api, &rq->who, rq->http, f));
	TRY(check_limit(w, f));
	TRY(read_body(rq, f));
	TRY(rq->route->handler(rq, &w->rs, f));
	if (!w->rs.later)
		send_response(w);
	w->answered = true;
	return E_OK;
}

static void
done(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	struct work *w = arg;
	struct http_request *http = w->http;

	(void)a;
	if (w->rq.db != NULL)
		db_return(w->api->readers, &w->rq.db);
	if (e != E_OK && !w->answered) {
		if (e == E_DENIED && w->rq.who.who == WHO_NOBODY && w->rq.route != NULL)
			api_unauthenticated(w->api, &w->rq.to, f);
		else
			api_fail_more(w->api, &w->rq.to, e, f, w->rs.field, w->rs.retry_ms);
	}
	net_blob_unref(&w->rs.blob);
	buf_free(&w->rs.headers);
	http_request_free(&http);
}

/* ---- the upgrade ---- */

static enum err
upgrade_run(struct arena *a, void *arg, struct fault *f)
{
	struct work *w = arg;
	struct api *api = w->api;
	struct request *rq = &w->rq;

	TRY(principal_of_request(api, request_db(rq), rq->http, a, &rq->who, &w->rs.retry_ms, f));
	/* A browser always says where a socket comes from; with a cookie it must. */
	if (!principal_origin_ok(api, rq->http, rq->who.who == WHO_NOBODY)) {
		api->origin_refused++;
		return fault(f, E_DENIED, "This request comes from another site.");
	}
	if (rq->who.who == WHO_VISITOR)
		return fault(f, E_INVALID, "A visitor's token belongs into hello.");
	net_upgrade(api->net, rq->to.conn, api->sockets->open(api, rq->to.conn, &rq->who, rq->http));
	w->answered = true;
	log_debug(LOG_WS_OPEN, K_I64("slot", rq->to.conn.slot));
	return E_OK;
}

/* ---- on the loop ---- */

static struct work *
work_new(struct api *api, struct http_request *r, const struct route *route)
{
	void *notes = r->notes;
	struct work *w = notes;

	_Static_assert(sizeof(struct work) <= HTTP_NOTES, "the notes are too small");
	memset(w, 0, sizeof(*w));
	w->api = api;
	w->http = r;
	w->rq.api = api;
	w->rq.route = route;
	w->rq.http = r;
	w->rq.to = (struct reply_to){ r->conn, route, r->started_us };
	buf_init(&w->rs.headers, HTTP_HEAD_MAX / 4);
	return w;
}

static void
submit(struct work *w, struct job_pool *pool,
    enum err (*fn)(struct arena *, void *, struct fault *))
{
	struct job j = { .run = fn, .done = done, .arg = w };

	if (job_submit(pool, &j) == E_OK)
		return;
	done(NULL, w, E_RETRY, NULL);
}

static void
run_on_loop(struct work *w)
{
	struct arena *a = w->api->loop_arena;
	struct fault f = { E_OK, "" };
	enum err e = arena_run(a, run, w, &f);

	/* Takes the request, and with it w. */
	done(a, w, e, &f);
	arena_reset(a);
}

static void
socket_request(struct api *api, struct http_request *r)
{
	struct work *w = work_new(api, r, NULL);

	if (api->sockets == NULL || !r->upgrade_ws) {
		route_send(api, &w->rq.to, 426, NULL, STR("Upgrade: websocket\r\n"
		    "Sec-WebSocket-Version: 13\r\n"), NULL);
		http_request_free(&r);
		return;
	}
	submit(w, api->pool, upgrade_run);
}

static void
no_route(struct api *api, struct http_request *r, bool path_known)
{
	struct reply_to to = { r->conn, NULL, r->started_us };

	if (path_known)
		route_not_allowed(api, &to);
	else
		api_fail(api, &to, E_NOTFOUND,
		    &(struct fault){ E_NOTFOUND, "There is nothing at this address." });
	http_request_free(&r);
}

void
route_on_request(void *ctx, struct http_request *r)
{
	struct api *api = ctx;
	struct str params[ROUTE_PARAMS_MAX] = { STR_NONE, STR_NONE, STR_NONE };
	const struct route *route;
	struct work *w;
	bool known;

	if (str_eqz(r->path, SOCKET_PATH)) {
		socket_request(api, r);
		return;
	}
	if (assets_request(api, r))
		return;
	route = route_find(r->method, r->path, params, &known);
	if (route == NULL) {
		no_route(api, r, known);
		return;
	}
	w = work_new(api, r, route);
	memcpy(w->rq.params, params, sizeof(params));
	if ((route->flags & ROUTE_LOOP) != 0)
		run_on_loop(w);
	else
		submit(w, (route->flags & ROUTE_SLOW) != 0 ? api->slow : api->pool, run);
}
