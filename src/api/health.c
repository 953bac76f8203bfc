/* SPDX-License-Identifier: Apache-2.0 */
/* health.c - is the desk well, and what has it done so far. */
#include "api/route.h"

#include "api/password.h"
#include "base/log.h"
#include "store/writer.h"

#include <string.h>

enum err
health_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct api *api = rq->api;
	bool draining = net_is_draining(api->net);

	(void)f;
	rs->status = draining ? 503 : 200;
	rs->json = json_obj(rq->arena);
	json_set_z(rs->json, "status", draining ? "draining" : "ok");
	json_set_z(rs->json, "store", writer_is_full(api->writer) ? "full" : "ok");
	json_set_z(rs->json, "version", BATON_VERSION);
	return E_OK;
}

static void
metric(struct buf *b, const char *name, const char *type, const char *help, uint64_t v)
{
	buf_fmt(b, "# HELP baton_%s %s\n# TYPE baton_%s %s\nbaton_%s %llu\n", name, help, name,
	    type, name, (unsigned long long)v);
}

static void
net_metrics(struct api *api, struct buf *b)
{
	struct net_stats s;

	net_stats_read(api->net, &s);
	metric(b, "connections_open", "gauge", "connections now", s.open);
	metric(b, "sockets_open", "gauge", "WebSockets now", s.sockets);
	metric(b, "connections_total", "counter", "connections accepted", s.accepted);
	metric(b, "connections_refused_total", "counter", "one address had too many", s.refused);
	metric(b, "requests_total", "counter", "HTTP requests", s.requests);
	metric(b, "requests_bad_total", "counter", "refused before their route", s.bad_requests);
	metric(b, "timeouts_total", "counter", "connections that took too long", s.timeouts);
	metric(b, "frames_in_total", "counter", "messages from sockets", s.frames_in);
	metric(b, "frames_out_total", "counter", "messages to sockets", s.frames_out);
	metric(b, "slow_readers_total", "counter", "sockets closed with 1013", s.slow_readers);
	metric(b, "replies_dropped_total", "counter", "their connection had gone", s.dropped_replies);
	metric(b, "accept_paused_total", "counter", "no descriptor or place was left",
	    s.accept_paused);
	metric(b, "bytes_in_total", "counter", "bytes read", s.bytes_in);
	metric(b, "bytes_out_total", "counter", "bytes written", s.bytes_out);
}

static void
event_metrics(struct buf *b)
{
	buf_add_z(b, "# HELP baton_events_total events logged since the start\n"
	    "# TYPE baton_events_total counter\n");
	for (int i = 0; i < LOG_EVENT_N; i++)
		buf_fmt(b, "baton_events_total{event=\"%s\"} %llu\n",
		    log_event_name((enum log_event)i),
		    (unsigned long long)log_event_count((enum log_event)i));
}

static void
limit_metrics(struct api *api, struct buf *b)
{
	buf_add_z(b, "# HELP baton_limited_total requests refused for their rate\n"
	    "# TYPE baton_limited_total counter\n");
	for (int i = LIMIT_NONE + 1; i < LIMIT_N; i++)
		buf_fmt(b, "baton_limited_total{what=\"%s\"} %llu\n",
		    limits_name((enum limit_class)i),
		    (unsigned long long)limits_refused(api->limits, (enum limit_class)i));
}

static void
buf_release(void *b)
{
	buf_free(b);
}

enum err
metrics_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *b = arena_new_of(rq->arena, struct buf);
	struct api *api = rq->api;

	(void)f;
	buf_init(b, (size_t)256 * 1024);
	arena_defer(rq->arena, buf_release, b);
	net_metrics(api, b);
	event_metrics(b);
	limit_metrics(api, b);
	metric(b, "writer_waiting", "gauge", "writes in the queue", writer_waiting(api->writer));
	metric(b, "store_full", "gauge", "1 when the disk is full", writer_is_full(api->writer));
	metric(b, "jobs_waiting", "gauge", "jobs in the queue of turns and reads",
	    job_waiting(api->pool));
	metric(b, "password_hashes_total", "counter", "Argon2id computations",
	    password_computed(api->password));
	metric(b, "csrf_refused_total", "counter", "without their CSRF token", api->csrf_refused);
	metric(b, "origin_refused_total", "counter", "from another site", api->origin_refused);
	rs->content_type = "text/plain; version=0.0.4; charset=utf-8";
	rs->body = buf_str(b);
	return E_OK;
}
