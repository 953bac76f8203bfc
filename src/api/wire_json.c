/* SPDX-License-Identifier: Apache-2.0 */
/* wire_json.c - events, conversations, rows, cards and people as the wire shows them. */
#include "api/wire.h"

#include "api/api.h"
#include "engine/policy_load.h"
#include "model/peek.h"

static void
wire_buf_free(void *arg)
{
	buf_free(arg);
}

struct buf *
wire_buf(struct arena *a, size_t max_bytes)
{
	struct buf *b = arena_new_of(a, struct buf);

	buf_init(b, max_bytes);
	arena_defer(a, wire_buf_free, b);
	return b;
}

void
wire_key(struct buf *out, const char *key)
{
	if (out->n > 0 && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[')
		buf_add_c(out, ',');
	buf_add_c(out, '"');
	buf_add_z(out, key);
	buf_add(out, "\":", 2);
}

void
wire_str(struct buf *out, const char *key, struct str v)
{
	wire_key(out, key);
	buf_add_json(out, v);
}

void
wire_str_or_null(struct buf *out, const char *key, struct str v)
{
	wire_key(out, key);
	if (v.n == 0)
		buf_add_z(out, "null");
	else
		buf_add_json(out, v);
}

void
wire_i64(struct buf *out, const char *key, int64_t v)
{
	wire_key(out, key);
	buf_add_i64(out, v);
}

void
wire_i64_or_null(struct buf *out, const char *key, int64_t v)
{
	wire_key(out, key);
	if (v == 0)
		buf_add_z(out, "null");
	else
		buf_add_i64(out, v);
}

void
wire_bool(struct buf *out, const char *key, bool v)
{
	wire_key(out, key);
	buf_add_z(out, v ? "true" : "false");
}

void
wire_id(struct buf *out, const char *key, struct id id)
{
	char text[ID_LEN + 1];

	id_text(id, text);
	wire_str(out, key, str_from(text));
}

/* ---- events ---- */

bool
wire_event_shown(const struct event *e, enum audience most)
{
	if (e->audience > most || e->audience == AUDIENCE_INTERNAL)
		return false;
	/* Pressing the button says nothing by itself: what follows does. */
	return e->kind != EV_PERSON_ASKED;
}

static void
splice(struct buf *out, const char *key, struct str raw)
{
	wire_key(out, key);
	if (raw.n == 0)
		buf_add_z(out, "null");
	else
		buf_add_str(out, raw);
}

/* Some bodies hold more than a client may see: those are picked apart. */
static void
wire_body(struct buf *out, const struct event *e)
{
	wire_key(out, "body");
	if (e->erased || e->body.n == 0) {
		buf_add_z(out, "{}");
	} else if (e->kind == EV_HANDOVER_REQUESTED) {
		buf_add_c(out, '{');
		splice(out, "team", peek_raw(e->body, "team"));
		splice(out, "open", peek_raw(e->body, "open"));
		splice(out, "next_us", peek_raw(e->body, "next_us"));
		buf_add_c(out, '}');
	} else if (e->kind == EV_CONV_OPENED) {
		buf_add_c(out, '{');
		splice(out, "inbox", peek_raw(e->body, "inbox"));
		splice(out, "channel", peek_raw(e->body, "channel"));
		splice(out, "language", peek_raw(e->body, "language"));
		buf_add_c(out, '}');
	} else {
		buf_add_str(out, e->body);
	}
}

void
wire_event(struct buf *out, const struct event *e, struct str actor_name)
{
	char cmid[37];

	buf_add_c(out, '{');
	wire_i64(out, "seq", e->seq);
	wire_i64(out, "at_us", e->at_us);
	wire_str(out, "kind", str_from(event_kind_name(e->kind)));
	wire_key(out, "actor");
	buf_add_c(out, '{');
	wire_str(out, "type", str_from(actor_type_name(e->actor.type)));
	wire_str_or_null(out, "name", e->actor.type == ACTOR_AGENT ? actor_name : STR_NONE);
	if (e->actor.type == ACTOR_AGENT)
		wire_id(out, "id", e->actor.id);
	else
		wire_str_or_null(out, "id", STR_NONE);
	buf_add_c(out, '}');
	wire_str(out, "audience", str_from(audience_name(e->audience)));
	if (e->has_cmid) {
		uuid_text(e->cmid, cmid);
		wire_str(out, "cmid", str_from(cmid));
	} else {
		wire_str_or_null(out, "cmid", STR_NONE);
	}
	wire_i64_or_null(out, "turn", e->turn);
	wire_body(out, e);
	buf_add_c(out, '}');
}

void
wire_card(struct buf *out, const struct event *e)
{
	if (e->erased || e->body.n < 2) {
		buf_add_z(out, "null");
		return;
	}
	buf_add_c(out, '{');
	wire_i64(out, "seq", e->seq);
	wire_i64(out, "at_us", e->at_us);
	if (e->body.n > 2)
		buf_add_c(out, ',');
	buf_add(out, e->body.p + 1, e->body.n - 1);
}

/* ---- conversations ---- */

static const char *
status_text(enum conv_status s)
{
	switch (s) {
	case CONV_WAITING_CUSTOMER:
		return "waiting_customer";
	case CONV_RESOLVED:
		return "resolved";
	case CONV_OPEN:
	case CONV_SNOOZED:
		break;
	}
	return "open";
}

static const char *
holder_text(enum holder h)
{
	switch (h) {
	case HOLDER_AI:
		return "ai";
	case HOLDER_QUEUE:
		return "queue";
	case HOLDER_AGENT:
		return "agent";
	case HOLDER_NONE:
		break;
	}
	return "none";
}

static void
wire_holder(struct buf *out, const struct conv_row *c)
{
	wire_str(out, "status", str_from(status_text(c->status)));
	wire_key(out, "holder");
	buf_add_c(out, '{');
	wire_str(out, "type", str_from(holder_text(c->holder)));
	wire_str_or_null(out, "name", c->holder == HOLDER_AGENT ? c->agent_name : STR_NONE);
	if (c->holder == HOLDER_AGENT)
		wire_id(out, "id", c->holder_agent);
	else
		wire_str_or_null(out, "id", STR_NONE);
	buf_add_c(out, '}');
}

/* A row keeps the id: names may change with the policy. */
static void
wire_intent(struct buf *out, struct str id, struct engine *e)
{
	struct policy_snapshot *snap = engine_policy(e);
	int at = policy_intent(snap->policy, id);

	wire_str_or_null(out, "intent", at >= 0 ? snap->policy->intents[at].name : id);
	policy_snapshot_unref(&snap);
}

void
wire_row_members(struct buf *out, const struct conv_row *c, struct engine *e)
{
	wire_id(out, "id", c->id);
	wire_str(out, "inbox", c->inbox);
	wire_key(out, "contact");
	buf_add_c(out, '{');
	wire_str_or_null(out, "name", c->contact_name);
	wire_str_or_null(out, "email", c->contact_email);
	wire_str_or_null(out, "tier", c->contact_tier);
	wire_bool(out, "verified", c->contact_verified);
	buf_add_c(out, '}');
	wire_str(out, "preview", c->preview);
	wire_str(out, "preview_by", c->preview_by.n > 0 ? c->preview_by : STR("customer"));
	wire_holder(out, c);
	wire_i64(out, "updated_us", c->updated_us);
	wire_i64_or_null(out, "waiting_since_us", c->waiting_since_us);
	wire_i64_or_null(out, "promise_us", c->promise_us);
	wire_str_or_null(out, "reason", c->reason);
	wire_str_or_null(out, "reason_code", c->reason_code);
	wire_i64(out, "urgency", c->urgency);
	wire_intent(out, c->intent, e);
	wire_str_or_null(out, "language", c->language);
	/* The last word is the customer's: nobody has answered it. */
	wire_bool(out, "unread", str_eqz(c->preview_by, "customer"));
	wire_str_or_null(out, "mood", c->mood);
	wire_i64(out, "gid", c->gid);
}

void
wire_row(struct buf *out, const struct conv_row *c, struct engine *e)
{
	buf_add_c(out, '{');
	wire_row_members(out, c, e);
	buf_add_c(out, '}');
}

void
wire_wait(struct buf *out, const struct wait *w)
{
	buf_add_c(out, '{');
	wire_i64_or_null(out, "place", w->place);
	wire_i64_or_null(out, "low_s", w->low_s);
	wire_i64_or_null(out, "high_s", w->high_s);
	wire_i64(out, "agents_online", w->agents_online);
	wire_bool(out, "open", w->open);
	wire_i64_or_null(out, "next_us", w->next_us);
	wire_str(out, "team", w->team);
	buf_add_c(out, '}');
}

void
wire_conv(struct buf *out, const struct conv_row *c, struct str resume, const struct wait *w)
{
	buf_add_c(out, '{');
	wire_id(out, "id", c->id);
	wire_str(out, "inbox", c->inbox);
	wire_holder(out, c);
	wire_i64(out, "seq", c->last_seq);
	wire_i64(out, "last_customer_seq", c->last_customer_seq);
	wire_i64(out, "opened_us", c->opened_us);
	wire_str(out, "resume", resume);
	wire_str(out, "subject", c->subject);
	wire_str_or_null(out, "way_back", c->way_back);
	wire_key(out, "wait");
	if (w != NULL)
		wire_wait(out, w);
	else
		buf_add_z(out, "null");
	buf_add_c(out, '}');
}

void
wire_counts(struct buf *out, const struct conv_counts *c)
{
	buf_add_c(out, '{');
	wire_i64(out, "queue", c->n[VIEW_QUEUE]);
	wire_i64(out, "mine", c->n[VIEW_MINE]);
	wire_i64(out, "ai", c->n[VIEW_AI]);
	wire_i64(out, "waiting", c->n[VIEW_WAITING]);
	wire_i64(out, "resolved", c->n[VIEW_RESOLVED]);
	buf_add_c(out, '}');
}

/* ---- people ---- */

void
wire_contact(struct buf *out, const struct contact *c)
{
	buf_add_c(out, '{');
	wire_id(out, "id", c->id);
	wire_str_or_null(out, "name", c->name);
	wire_str_or_null(out, "email", c->email);
	wire_str_or_null(out, "tier", c->tier);
	wire_bool(out, "verified", c->verified);
	wire_str_or_null(out, "language", c->language);
	wire_i64(out, "since_us", c->since_us);
	wire_i64(out, "conversations", c->conversations);
	wire_str_or_null(out, "way_back", c->way_back);
	buf_add_c(out, '}');
}

void
wire_user(struct buf *out, const struct user *u)
{
	buf_add_c(out, '{');
	wire_id(out, "id", u->id);
	wire_str(out, "name", u->name);
	wire_str(out, "email", u->email);
	wire_str(out, "role", u->role == USER_ADMINISTRATOR ? STR("administrator") : STR("agent"));
	wire_bool(out, "available", u->available && !u->revoked);
	buf_add_c(out, '}');
}
