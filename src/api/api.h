/* SPDX-License-Identifier: Apache-2.0 */
/* api.h - the surface: what answers HTTP and sockets.
 *
 * loop -> route -> job on the pool -> handler -> reply.  A handler runs in a
 * job with an arena and may borrow a reader; a write ends asynchronously: the
 * handler sets rs->later and somebody calls api_reply() or api_fail() later,
 * from any thread, exactly once.
 */
#pragma once

#include "base/clock.h"
#include "base/job.h"
#include "base/json.h"
#include "base/rand.h"
#include "base/settings.h"
#include "engine/engine.h"
#include "net/net.h"
#include "api/principal.h"

struct api;
struct control;
struct limits;
struct password;
struct route;
struct understanding;
struct db_readers;
struct embedder;
struct writer;

/* Settings: sections listen, limits, login, demo. */
struct api_settings {
	struct str address, public_url, trusted_proxies;
	int64_t port, shop_port;
	bool insecure_http;
	int64_t connections, per_address, drain_ms;
	int64_t messages_per_min, messages_burst, visits_per_hour, reads_per_min, writes_per_min;
	int64_t logins_per_hour, hash_threads;
};
#define API_SETTINGS_MODULES 4
extern const char *const api_settings_sections[API_SETTINGS_MODULES];
/* Fills mods with the tables that write into *s. */
void api_settings_modules(struct api_settings *s, struct setting_module mods[API_SETTINGS_MODULES]);

/* The socket's topics (api/socket.c). On the loop, but for open. */
struct socket_hooks {
	/* On a worker.  *who was checked at the upgrade: an agent's, or WHO_NOBODY:
	 * waits for hello; it dies with the job (principal_copy).  Returns the user
	 * pointer of this socket; nothing else is called for it before. */
	void *(*open)(struct api *api, struct conn_ref c, const struct principal *who,
	    const struct http_request *r);
	void (*text)(struct api *api, struct conn_ref c, void *user, struct str text);
	void (*closed)(struct api *api, struct conn_ref c, void *user, int code);
	void (*drain)(struct api *api, struct conn_ref c, void *user);
	/* Writer thread, each committed batch, in commit order. */
	void (*publish)(struct api *api, const struct batch *committed);
	enum err (*start)(struct api *api, struct fault *f);	/* may be NULL */
	void (*stop)(struct api *api);				/* may be NULL */
};

struct api {
	unsigned magic;
	struct engine *engine;
	struct db_readers *readers;
	struct writer *writer;
	struct job_pool *pool;		/* turns and reads */
	struct job_pool *slow;		/* Argon2id: may wait for the semaphore */
	struct job_pool *train;		/* learning, nice 19, one thread: may wait for the writer */
	struct embedder *embedder;	/* of sentences; NULL: words alone */
	size_t past_max;		/* past messages that are learned from */
	struct loop *loop;
	struct net *net, *shop;		/* shop: NULL unless demo.shop_port > 0 */
	struct clock *clock;
	struct rand *rand;
	const struct api_settings *settings;
	const struct socket_hooks *sockets;	/* NULL: no socket */
	struct limits *limits;
	struct password *password;
	struct networks trusted;
	struct str public_url;		/* "http://127.0.0.1:8080", no slash at its end */
	bool https;			/* the public scheme: Secure cookies, __Host- */
	int port;			/* bound */
	struct understanding *understanding;	/* api/understanding.c's own */
	struct hubs *hubs;		/* api/socket.c's own */
	_Atomic uint64_t csrf_refused, origin_refused;
	const char *workspace;
	struct shop *served;		/* api/shop.c's files */
	struct arena *loop_arena;	/* for handlers on the loop */
	struct arena *arena;
};

struct api_spec {
	const struct api_settings *settings;
	struct db_readers *readers;
	struct writer *writer;
	struct job_pool *pool, *slow, *train;
	struct embedder *embedder;	/* NULL: words alone; outlives the api */
	size_t past_max;
	struct loop *loop;
	struct clock *clock;
	struct rand *rand;
	const struct socket_hooks *sockets;
	const char *workspace;		/* for the demo shop's folder */
};

/* Checks the settings (E_CONFIG: listening beyond loopback without https
 * public_url or insecure_http) and builds everything. The engine comes after:
 * it publishes to the api. */
enum err api_open(const struct api_spec *spec, struct api **out, struct fault *f) NODISCARD;
/* Binds the addresses. Before loop_run. */
enum err api_listen(struct api *api, struct engine *engine, struct fault *f) NODISCARD;
/* Stops accepting, drains, then done(arg) on the loop. */
void api_drain(struct api *api, void (*done)(void *arg), void *arg);
void api_close(struct api **api);	/* loop ended, pools drained */
/* The engine's seam for "call me later", on the loop's timers. */
struct api_later {
	struct later later;
	struct loop *loop;
};
void api_later_init(struct api_later *l, struct loop *loop);
/* engine_spec.publish, ctx = the api. */
void api_publish(void *api, const struct batch *committed);

/* ---- handlers ---- */

#define ROUTE_PARAMS_MAX 3

/* Where an answer goes: a plain value, copy it into what finishes later. */
struct reply_to {
	struct conn_ref conn;
	const struct route *route;
	int64_t started_us;
};

struct request {
	struct api *api;
	const struct route *route;
	const struct http_request *http;
	struct reply_to to;
	struct arena *arena;
	struct principal who;
	struct str params[ROUTE_PARAMS_MAX];	/* of the path, in order */
	json_t *body;		/* an object; NULL when the route takes none */
	struct db *db;		/* request_db() */
};

struct response {
	int status;			/* 0 = 200 */
	json_t *json;			/* becomes the body; in the arena */
	struct str body;		/* or bytes (copied) with content_type */
	struct net_blob *blob;		/* or shared bytes, taken */
	const char *content_type;
	struct buf headers;		/* more headers: response_header() */
	bool later;			/* api_reply or api_fail will come */
	/* for the error, when the handler fails */
	const char *field;
	int64_t retry_ms;
};

/* A reader, borrowed until the handler has returned. */
struct db *request_db(struct request *rq);
/* Adds a header; control bytes in value are a CHECK. */
void response_header(struct response *rs, const char *name, struct str value);
/* ?name=integer within min..max; absent gives `otherwise`. */
enum err request_query_i64(const struct request *rq, const char *name, int64_t otherwise,
    int64_t min, int64_t max, int64_t *out, struct fault *f) NODISCARD;
enum err request_query_str(const struct request *rq, const char *name, size_t max_bytes,
    struct str *out, struct fault *f) NODISCARD;	/* empty when absent */
/* The UUID in body.cmid. */
enum err request_cmid(const struct request *rq, struct id *out, struct fault *f) NODISCARD;
bool uuid_parse(struct str s, struct id *out);		/* 8-4-4-4-12 hex */
void uuid_text(struct id id, char out[37]);

/* Any thread; json is UTF-8 text, copied. */
void api_reply(struct api *api, const struct reply_to *to, int status, struct str json);
/* The one place where err becomes a status (PROTOCOL §2).  401 instead of 403
 * when nobody asked: say so with api_unauthenticated. retry_ms 0 = none. */
void api_fail(struct api *api, const struct reply_to *to, enum err e, const struct fault *f);
/* The same with more headers, each ended by CRLF. */
void api_reply_headers(struct api *api, const struct reply_to *to, int status, struct str json,
    struct str headers);
/* 401: nobody is signed in, or the sign-in was wrong. */
void api_unauthenticated(struct api *api, const struct reply_to *to, const struct fault *f);
void api_fail_more(struct api *api, const struct reply_to *to, enum err e, const struct fault *f,
    const char *field, int64_t retry_ms);
int api_status_of(enum err e);
/* The error object of PROTOCOL §2; also nack's words. `field` may be NULL. */
void api_error_json(struct buf *out, enum err e, const struct fault *f, const char *field,
    int64_t retry_ms);
/* What a person may read: faults of E_INTERNAL, E_CONFIG say nothing of the inside. */
struct str api_error_text(enum err e, const struct fault *f);
