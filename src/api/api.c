/* SPDX-License-Identifier: Apache-2.0 */
/* api.c - opens and closes the surface. */
#include "api/api.h"

#include "api/limits.h"
#include "api/password.h"
#include "api/route.h"
#include "api/shop.h"
#include "api/understanding.h"
#include "base/log.h"

#include <string.h>

#define MAGIC 0xA91U
#define MINUTE (60 * US_PER_S)
#define HOUR (60 * MINUTE)

/* Browsers say their Origin in lower case, without a path or the scheme's own port; one
 * that can never be equal would refuse everybody's sign-in. */
static enum err
check_origin(struct str url, bool https, struct fault *f)
{
	struct str host = str_sub(url, https ? 8 : 7, url.n);

	if (url.n == 0)
		return E_OK;
	if (host.n == 0 || str_find(host, STR("/")) >= 0 || str_find(host, STR("?")) >= 0 ||
	    str_find(host, STR("#")) >= 0 || str_find(host, STR("@")) >= 0)
		return fault(f, E_CONFIG, "listen.public_url: \"%.*s\" must be scheme, host and port only",
		    STR_ARG(url));
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] >= 'A' && url.p[i] <= 'Z')
			return fault(f, E_CONFIG, "listen.public_url: \"%.*s\" must be in lower case, as "
			    "browsers say it", STR_ARG(url));
	if (str_ends(host, https ? STR(":443") : STR(":80")))
		return fault(f, E_CONFIG, "listen.public_url: leave the port out of \"%.*s\", as browsers do",
		    STR_ARG(url));
	return E_OK;
}

static enum err
check_settings(const struct api_settings *s, struct fault *f)
{
	bool https = str_starts(s->public_url, STR("https://"));
	struct addr a;

	if (!addr_parse(s->address, &a))
		return fault(f, E_CONFIG, "listen.address: \"%.*s\" is not an address",
		    STR_ARG(s->address));
	if (s->public_url.n > 0 && !https && !str_starts(s->public_url, STR("http://")))
		return fault(f, E_CONFIG, "listen.public_url: \"%.*s\" must begin with https://",
		    STR_ARG(s->public_url));
	if (str_ends(s->public_url, STR("/")) || s->public_url.n > 200)
		return fault(f, E_CONFIG, "listen.public_url: at most 200 bytes, no slash at its end");
	for (size_t i = 0; i < s->public_url.n; i++)
		if (s->public_url.p[i] <= ' ' || strchr("\"'<>;,", s->public_url.p[i]) != NULL)
			return fault(f, E_CONFIG, "listen.public_url: no spaces, quotes or "
			    "semicolons");
	TRY(check_origin(s->public_url, https, f));
	if (!addr_is_loopback(&a) && !https && !s->insecure_http)
		return fault(f, E_CONFIG, "listen.address %.*s is not the loopback: passwords and "
		    "tokens would travel readable.  Set listen.public_url to an https:// address "
		    "and put a TLS proxy in front, or say --insecure-http if this is what you want",
		    STR_ARG(s->address));
	return E_OK;
}

static void
open_limits(struct api *api)
{
	const struct api_settings *s = api->settings;
	struct limit_rate rates[LIMIT_N] = {
		[LIMIT_MESSAGE] = { MINUTE, s->messages_per_min, s->messages_burst },
		[LIMIT_VISIT] = { HOUR, s->visits_per_hour, s->visits_per_hour },
		[LIMIT_LOGIN] = { HOUR, s->logins_per_hour, s->logins_per_hour },
		[LIMIT_READ] = { MINUTE, s->reads_per_min, s->reads_per_min / 4 + 1 },
		[LIMIT_TOKEN] = { MINUTE, s->reads_per_min, s->reads_per_min / 4 + 1 },
		[LIMIT_WRITE] = { MINUTE, s->writes_per_min, s->writes_per_min / 4 + 1 },
	};

	api->limits = limits_new(api->clock, api->rand, rates);
	api->password = password_new((unsigned)s->hash_threads);
}

/* ---- the net's callbacks ---- */

static void
on_ws_text(void *ctx, struct conn_ref c, void *user, struct str text)
{
	struct api *api = ctx;

	api->sockets->text(api, c, user, text);
}

static void
on_ws_close(void *ctx, struct conn_ref c, void *user, int code)
{
	struct api *api = ctx;

	log_debug(LOG_WS_CLOSE, K_I64("slot", c.slot), K_I64("code", code));
	api->sockets->closed(api, c, user, code);
}

static void
on_ws_drain(void *ctx, struct conn_ref c, void *user)
{
	struct api *api = ctx;

	api->sockets->drain(api, c, user);
}

static void
on_bad(void *ctx, const struct addr *peer, int status, const char *why)
{
	char text[ADDR_TEXT_MAX];

	(void)ctx;
	addr_text(peer, text);
	log_info(LOG_HTTP_BAD, K_Z("peer", text), K_I64("status", status), K_Z("why", why));
}

static enum err
open_net(struct api *api, struct fault *f)
{
	struct net_spec spec = {
		.loop = api->loop,
		.clock = api->clock,
		.limits = net_limits_default,
		.trusted = api->trusted,
		.ctx = api,
		.body_limit = route_body_limit,
		.on_request = route_on_request,
		.on_ws_text = on_ws_text,
		.on_ws_close = on_ws_close,
		.on_ws_drain = on_ws_drain,
		.on_bad = on_bad,
	};

	spec.limits.connections = (size_t)api->settings->connections;
	spec.limits.per_address = (size_t)api->settings->per_address;
	spec.limits.drain_us = api->settings->drain_ms * US_PER_MS;
	return net_new(&spec, &api->net, f);
}

enum err
api_open(const struct api_spec *spec, struct api **out, struct fault *f)
{
	struct arena *a;
	struct api *api;
	struct networks trusted;

	TRY(check_settings(spec->settings, f));
	if (networks_parse(spec->settings->trusted_proxies, &trusted, f) != E_OK)
		return fault_wrap(f, "listen.trusted_proxies");
	a = arena_new((size_t)64 << 20);
	api = arena_new_of(a, struct api);
	api->magic = MAGIC;
	api->arena = a;
	api->readers = spec->readers;
	api->writer = spec->writer;
	api->pool = spec->pool;
	api->slow = spec->slow;
	api->train = spec->train;
	api->embedder = spec->embedder;
	api->past_max = spec->past_max;
	api->loop = spec->loop;
	api->clock = spec->clock;
	api->rand = spec->rand;
	api->settings = spec->settings;
	api->sockets = spec->sockets;
	api->workspace = spec->workspace;
	api->trusted = trusted;
	api->loop_arena = arena_new(0);
	api->https = str_starts(spec->settings->public_url, STR("https://"));
	open_limits(api);
	api->understanding = understanding_new(api);
	*out = api;
	return open_net(api, f);
}

enum err
api_listen(struct api *api, struct engine *engine, struct fault *f)
{
	const struct api_settings *s = api->settings;
	bool v6 = str_find(s->address, STR(":")) >= 0;

	CHECK_OBJ(api, MAGIC);
	api->engine = engine;
	TRY(net_listen(api->net, s->address, (int)s->port, &api->port, f));
	api->public_url = s->public_url;
	if (s->public_url.n == 0)
		api->public_url = str_fmt(api->arena, v6 ? "http://[%S]:%d" : "http://%S:%d",
		    s->address, api->port);
	if (api->sockets != NULL && api->sockets->start != NULL)
		TRY(api->sockets->start(api, f));
	if (s->shop_port > 0)
		TRY(shop_open(api, f));
	return E_OK;
}

static void
shop_gone(void *arg)
{
	(void)arg;
}

void
api_drain(struct api *api, void (*done)(void *arg), void *arg)
{
	CHECK_OBJ(api, MAGIC);
	if (api->shop != NULL)
		net_drain(api->shop, shop_gone, NULL);
	net_drain(api->net, done, arg);
}

void
api_close(struct api **ap)
{
	struct api *api = *ap;
	struct arena *a;

	if (api == NULL)
		return;
	CHECK_OBJ(api, MAGIC);
	net_free(&api->shop);
	net_free(&api->net);
	if (api->sockets != NULL && api->sockets->stop != NULL)
		api->sockets->stop(api);
	understanding_free(&api->understanding);
	limits_free(&api->limits);
	password_free(&api->password);
	arena_free(&api->loop_arena);
	a = api->arena;
	*ap = NULL;
	arena_free(&a);
}

void
api_publish(void *ctx, const struct batch *committed)
{
	struct api *api = ctx;

	role_assert_writer();
	if (api->sockets != NULL)
		api->sockets->publish(api, committed);
}

static void
later_after(struct later *l, int64_t after_us, struct job_pool *p, const struct job *j)
{
	struct api_later *mine = (struct api_later *)l;

	loop_after_job(mine->loop, after_us, p, j);
}

void
api_later_init(struct api_later *l, struct loop *loop)
{
	l->later.after = later_after;
	l->loop = loop;
}
