/* SPDX-License-Identifier: Apache-2.0 */
/* conversations.c - the agent's routes: lists, one conversation, and acting on it. */
#include "api/body.h"

#include "engine/policy_load.h"
#include "engine/why.h"

#define EARLIER_MAX 20

/* ---- read ---- */

enum err
conversations_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct conv_counts counts;
	struct conv_row *rows;
	const struct str *inboxes;
	struct str name, cursor, next;
	enum conv_view view = VIEW_QUEUE;
	int64_t limit;
	size_t n, inboxes_n;

	TRY(request_query_str(rq, "view", 16, &name, f));
	if (name.n > 0 && !conv_view_parse(name, &view))
		return fault(f, E_INVALID, "view: queue, mine, ai, waiting or resolved");
	TRY(request_query_str(rq, "after", 200, &cursor, f));
	TRY(request_query_i64(rq, "limit", 50, 1, 200, &limit, f));
	principal_inboxes(rq->api, &rq->who, rq->arena, &inboxes, &inboxes_n);
	TRY(conv_list(request_db(rq), view, inboxes, inboxes_n, rq->who.id, cursor, (size_t)limit,
	    rq->arena, &rows, &n, &next, f));
	TRY(conv_counts(request_db(rq), inboxes, inboxes_n, rq->who.id, &counts, f));
	buf_add_z(out, "{\"rows\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		wire_row(out, &rows[i], rq->api->engine);
	}
	buf_add_c(out, ']');
	wire_str_or_null(out, "next", next);
	wire_key(out, "counts");
	wire_counts(out, &counts);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

/* The newest hand-off card, or null. */
static enum err
add_card(struct request *rq, const struct conv_row *c, struct buf *out, struct fault *f)
{
	struct event card;
	enum err e = event_last_of(request_db(rq), c->conv, EV_HANDOVER_CARD, rq->arena, &card, f);

	if (e == E_OK)
		wire_card(out, &card);
	else if (e == E_NOTFOUND)
		buf_add_z(out, "null");
	else
		return e;
	return E_OK;
}

/* What the same person wrote before, in inboxes that the reader may see. */
static enum err
add_earlier(struct request *rq, const struct conv_row *c, struct buf *out, struct fault *f)
{
	struct conv_row *rows;
	size_t n, shown = 0;

	TRY(conv_earlier(request_db(rq), c->contact, c->id, EARLIER_MAX, rq->arena, &rows, &n, f));
	buf_add_c(out, '[');
	for (size_t i = 0; i < n; i++) {
		struct authz_thing thing = { .inbox = rows[i].inbox, .contact = rows[i].contact };

		if (authz_check(&rq->who, AUTHZ_CONV_READ, &thing, NULL) != E_OK)
			continue;
		if (shown++ > 0)
			buf_add_c(out, ',');
		wire_row(out, &rows[i], rq->api->engine);
	}
	buf_add_c(out, ']');
	return E_OK;
}

enum err
conversation_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct conv_row c;
	struct contact contact;

	TRY(request_conv(rq, AUTHZ_CONV_READ, &c, f));
	TRY(contact_get(request_db(rq), c.contact, rq->arena, &contact, f));
	buf_add_z(out, "{\"conversation\":");
	TRY(conv_json(rq->api, request_db(rq), &c, rq->arena, out, f));
	wire_key(out, "card");
	TRY(add_card(rq, &c, out, f));
	wire_key(out, "contact");
	wire_contact(out, &contact);
	wire_key(out, "earlier");
	TRY(add_earlier(rq, &c, out, f));
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

enum err
conversation_events_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct conv_row c;

	TRY(request_conv(rq, AUTHZ_CONV_READ, &c, f));
	return request_events(rq, &c, AUDIENCE_AGENTS, 200, rs, f);
}

static void
release_policy(void *snapshot)
{
	struct policy_snapshot *p = snapshot;

	policy_snapshot_unref(&p);
}

enum err
conversation_why_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct policy_snapshot *live;
	struct conv_row c;
	int64_t seq;

	TRY(request_conv(rq, AUTHZ_CONV_READ, &c, f));
	TRY(request_query_i64(rq, "seq", 0, 0, INT32_MAX, &seq, f));
	live = engine_policy(rq->api->engine);
	arena_defer(rq->arena, release_policy, live);
	return why_read(request_db(rq), &c, (int32_t)seq, live->policy, rq->arena, &rs->json, f);
}

/* ---- act ---- */

static enum err
agent_act(struct request *rq, struct response *rs, enum from_agent kind, int status, struct id cmid,
    struct str text, int32_t basis, struct fault *f)
{
	struct conv_row c;
	struct engine_reply reply;
	struct agent_input in;
	enum err e;

	TRY(request_conv(rq, AUTHZ_CONV_WRITE, &c, f));
	in = (struct agent_input){ .kind = kind, .agent = rq->who.id, .name = rq->who.name,
		.conv = c.id, .cmid = cmid, .text = text, .basis = basis };
	names_put(hub_names(rq->api), rq->who.id, rq->who.name);
	reply = late_reply(rq, rs, status);
	e = engine_agent(rq->api->engine, &in, &reply, f);
	if (e != E_OK)
		late_reply_drop(rs, &reply);
	return e;
}

/* Claim, release, resolve: a cmid and nothing else. */
static enum err
agent_move(struct request *rq, struct response *rs, enum from_agent kind, struct fault *f)
{
	static const char *const allowed[] = { "cmid", NULL };
	struct id cmid;

	TRY(json_only(rq->body, allowed, f));
	TRY(request_cmid(rq, &cmid, f));
	return agent_act(rq, rs, kind, 200, cmid, STR_NONE, -1, f);
}

enum err
conversation_claim_post(struct request *rq, struct response *rs, struct fault *f)
{
	return agent_move(rq, rs, AGENT_CLAIM, f);
}

enum err
conversation_release_post(struct request *rq, struct response *rs, struct fault *f)
{
	return agent_move(rq, rs, AGENT_RELEASE, f);
}

enum err
conversation_resolve_post(struct request *rq, struct response *rs, struct fault *f)
{
	return agent_move(rq, rs, AGENT_RESOLVE, f);
}

enum err
conversation_notes_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "cmid", "text", NULL };
	struct id cmid;
	struct str text;

	TRY(json_only(rq->body, allowed, f));
	TRY(request_cmid(rq, &cmid, f));
	TRY(body_text(rq->body, "text", &text, f));
	return agent_act(rq, rs, AGENT_NOTE, 201, cmid, text, -1, f);
}

enum err
conversation_messages_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "cmid", "text", "basis", NULL };
	const json_t *given = json_object_get(rq->body, "basis");
	int64_t basis = -1;
	struct id cmid;
	struct str text;

	TRY(json_only(rq->body, allowed, f));
	TRY(request_cmid(rq, &cmid, f));
	TRY(body_text(rq->body, "text", &text, f));
	if (given != NULL) {
		if (!json_is_integer(given) || json_integer_value(given) < 0 ||
		    json_integer_value(given) > INT32_MAX)
			return fault(f, E_INVALID, "basis: must be the seq of a message");
		basis = json_integer_value(given);
	}
	return agent_act(rq, rs, AGENT_MESSAGE, 201, cmid, text, (int32_t)basis, f);
}
