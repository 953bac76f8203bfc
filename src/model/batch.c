/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c - preconditions, then events: the only code that appends to the record.
 *
 * Runs in the writer, which rolls back what fails, and may apply it again.
 */
#include "model/event.h"

#include "base/buf.h"
#include "base/clock.h"
#include "model/conv_state.h"
#include "model/event_hash.h"
#include "model/people.h"
#include "model/sql.h"
#include "model/transition.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_MAGIC 0xBA7C4E01U
#define BATCH_ARENA ((size_t)16 << 20)
#define EVENTS_STEP 8

static struct rand *salt_rand;

void
event_use_rand(struct rand *r)
{
	salt_rand = r;
}

static struct rand *
salts(void)
{
	return salt_rand == NULL ? rand_real() : salt_rand;
}

struct batch *
batch_new(struct id conv)
{
	struct batch *b = calloc(1, sizeof(*b));

	CHECK(b != NULL);
	b->magic = BATCH_MAGIC;
	b->refs = 1;
	b->arena = arena_new(BATCH_ARENA);
	b->conv = conv;
	return b;
}

void
batch_free(struct batch **pb)
{
	struct batch *b = *pb;

	if (b == NULL)
		return;
	CHECK_OBJ(b, BATCH_MAGIC);
	*pb = NULL;
	if (--b->refs > 0)
		return;
	b->magic = 0;
	arena_free(&b->arena);
	free(b);
}

struct batch *
batch_keep(struct batch *b)
{
	CHECK_OBJ(b, BATCH_MAGIC);
	b->refs++;
	return b;
}

void
batch_add(struct batch *b, enum event_kind k, struct actor by, int64_t turn, struct str policy_hash,
    struct str body)
{
	CHECK_OBJ(b, BATCH_MAGIC);
	CHECK((unsigned)k < EV_N && b->events_n < BATCH_EVENTS_MAX);
	if (b->events_n % EVENTS_STEP == 0) {
		struct event_new *more = arena_array(b->arena, struct event_new, b->events_n + EVENTS_STEP);

		if (b->events_n > 0)
			memcpy(more, b->events, b->events_n * sizeof(more[0]));
		b->events = more;
	}
	b->events[b->events_n++] = (struct event_new){
		.kind = k,
		.actor = by,
		.turn = turn,
		.policy_hash = str_dup(b->arena, policy_hash),
		/* One byte too many is kept: batch_apply refuses it. */
		.body = str_dup(b->arena, str_sub(body, 0, EVENT_BODY_MAX + 1)),
	};
}

/* What a batch works with while it is applied. */
struct apply {
	struct db *db;
	struct batch *b;
	struct conv_state c;
	size_t cap;
};

/* *known: the sender has sent this before; the batch holds its first result. */
static enum err
dedupe(struct db *db, struct batch *b, bool *known, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_cmid_get);
	struct conv_row *row = arena_new_of(b->arena, struct conv_row);
	uint8_t hash[32];

	db_bind_blob(s, 1, b->principal.b, sizeof(b->principal.b));
	db_bind_blob(s, 2, b->cmid.b, sizeof(b->cmid.b));
	TRY(sql_row(s, known, f));
	if (!*known)
		return E_OK;
	(void)db_bytes(s, 0, hash, sizeof(hash));
	row->conv = db_i64(s, 1);
	b->seq = (int32_t)db_i64(s, 2);
	b->at_us = db_i64(s, 3);
	(void)db_bytes(s, 4, b->conv.b, sizeof(b->conv.b));
	db_done(s);
	if (memcmp(hash, b->request_hash, sizeof(hash)) != 0)
		return fault(f, E_CONFLICT, "this cmid was used for another request");
	b->replayed = true;
	return conv_get(db, b->conv, b->arena, b->after = row, f);
}

static enum err
remember(struct apply *x, struct fault *f)
{
	struct batch *b = x->b;
	struct stmt *s = db_stmt(x->db, SQL_cmid_add);

	db_bind_blob(s, 1, b->principal.b, sizeof(b->principal.b));
	db_bind_blob(s, 2, b->cmid.b, sizeof(b->cmid.b));
	db_bind_blob(s, 3, b->request_hash, sizeof(b->request_hash));
	db_bind_i64(s, 4, x->c.row.conv);
	db_bind_i64(s, 5, b->seq);
	db_bind_i64(s, 6, b->at_us);
	return sql_exec(s, f);
}

/* The contact's conversation that a message goes to; *found is false when a new
 * one must be opened. */
static enum err
find_open(struct db *db, struct batch *b, bool *found, struct fault *f)
{
	static const int which[] = { SQL_conv_live_of, SQL_conv_newest_of };
	int64_t limit = (int64_t)REOPEN_DAYS * 86400 * US_PER_S;

	for (size_t i = 0; i < 2; i++) {
		struct stmt *s = db_stmt(db, which[i]);

		db_bind_blob(s, 1, b->contact.b, sizeof(b->contact.b));
		db_bind_str(s, 2, b->inbox);
		TRY(sql_row(s, found, f));
		if (!*found)
			continue;
		if (i == 0 || b->at_us - db_i64(s, 2) < limit)
			(void)db_bytes(s, 0, b->conv.b, sizeof(b->conv.b));
		else
			*found = false;
		db_done(s);
		if (*found)
			return E_OK;
	}
	return E_OK;
}

static enum err
open_new(struct db *db, struct batch *b, struct fault *f)
{
	static const uint8_t nothing[32];
	static const struct id none;
	struct stmt *s;

	if (b->inbox.n == 0 || id_eq(b->contact, none))
		return fault(f, E_INVALID, "a new conversation needs an inbox and a contact");
	if (id_eq(b->conv, none))
		b->conv = id_new(salts());
	s = db_stmt(db, SQL_conv_new);
	db_bind_blob(s, 1, b->conv.b, sizeof(b->conv.b));
	db_bind_blob(s, 2, b->contact.b, sizeof(b->contact.b));
	db_bind_str(s, 3, b->inbox);
	db_bind_i64(s, 4, b->at_us);
	db_bind_blob(s, 5, nothing, sizeof(nothing));
	b->opened = true;
	return sql_exec(s, f);
}

/* The row, its seqs taken in the same statement: the lock, where one is needed. */
static enum err
take_seqs(struct apply *x, struct fault *f)
{
	struct stmt *s = db_stmt(x->db, SQL_conv_take_seqs);
	bool found;

	db_bind_blob(s, 1, x->b->conv.b, sizeof(x->b->conv.b));
	db_bind_i64(s, 2, (int64_t)x->b->events_n);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no such conversation");
	conv_state_read(s, x->b->arena, &x->c);
	db_done(s);
	x->c.row.last_seq -= (int32_t)x->b->events_n;
	x->c.counted = x->c.row.last_seq > 0;
	return E_OK;
}

/* Contact and agent of the row: lists and events show their names. */
static enum err
read_names(struct db *db, struct conv_row *row, struct arena *a, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_conv_names);
	bool found;

	db_bind_blob(s, 1, row->contact.b, sizeof(row->contact.b));
	sql_bind_id(s, 2, &row->holder_agent);
	TRY(sql_row(s, &found, f));
	if (!found)
		return E_OK;
	row->contact_name = db_str(s, 0, a);
	row->contact_email = db_str(s, 1, a);
	row->contact_tier = db_str(s, 2, a);
	row->contact_verified = db_i64(s, 3) != 0;
	row->contact_version = (int32_t)db_i64(s, 4);
	row->agent_name = db_str(s, 5, a);
	db_done(s);
	return E_OK;
}

enum err
batch_reread_names(struct db *db, struct batch *b, struct fault *f)
{
	role_assert_writer();
	CHECK_OBJ(b, BATCH_MAGIC);
	CHECK(b->after != NULL);
	return read_names(db, b->after, b->arena, f);
}

/* "This conversation is already with Dana Keller." */
static enum err
held_elsewhere(struct apply *x, struct fault *f)
{
	const struct conv_row *row = &x->c.row;

	switch (row->holder) {
	case HOLDER_AGENT:
		TRY(read_names(x->db, &x->c.row, x->b->arena, f));
		return fault(f, E_CONFLICT, "This conversation is already with %.*s.",
		    STR_ARG(row->agent_name.n > 0 ? row->agent_name : STR("somebody else")));
	case HOLDER_QUEUE:
		return fault(f, E_CONFLICT, "This conversation is waiting for a person.");
	case HOLDER_NONE:
		return fault(f, E_CONFLICT, "This conversation is resolved.");
	case HOLDER_AI:
	default:
		return fault(f, E_CONFLICT, "This conversation is with the AI.");
	}
}

static enum err
check_timer(struct apply *x, struct fault *f)
{
	struct stmt *s = db_stmt(x->db, SQL_timer_get);
	bool found;

	db_bind_i64(s, 1, x->c.row.conv);
	db_bind_str(s, 2, x->b->timer_kind);
	TRY(sql_row(s, &found, f));
	if (found) {
		found = db_i64(s, 2) != 0 && db_i64(s, 1) == x->b->timer_gen;
		db_done(s);
	}
	if (!found)
		return fault(f, E_CONFLICT, "the timer %.*s was set anew or has fired", STR_ARG(x->b->timer_kind));
	return E_OK;
}

static enum err
check_pre(struct apply *x, struct fault *f)
{
	const struct batch *b = x->b;
	const struct conv_row *row = &x->c.row;
	bool mine = row->holder == HOLDER_AGENT && id_eq(row->holder_agent, b->agent);

	if ((b->pre & PRE_NOT_RESOLVED) != 0 && row->status == CONV_RESOLVED)
		return held_elsewhere(x, f);
	if ((b->pre & PRE_HOLDER_AI) != 0 && row->holder != HOLDER_AI)
		return held_elsewhere(x, f);
	if ((b->pre & PRE_HELD_BY_ACTOR) != 0 && !mine)
		return held_elsewhere(x, f);
	if ((b->pre & PRE_CLAIMABLE) != 0 &&
	    (row->holder == HOLDER_NONE || (row->holder == HOLDER_AGENT && !mine)))
		return held_elsewhere(x, f);
	if ((b->pre & PRE_BASIS) != 0 && row->last_customer_seq != b->basis)
		return fault(f, E_CONFLICT, "The customer has written since (message %d, not %d).",
		    row->last_customer_seq, b->basis);
	if ((b->pre & PRE_TURN_CURRENT) != 0 && (row->turn != b->turn || !row->turn_open))
		return fault(f, E_CONFLICT, "the turn %lld is over", (long long)b->turn);
	if ((b->pre & PRE_TIMER_GEN) != 0)
		return check_timer(x, f);
	return E_OK;
}

static enum err
insert(struct apply *x, struct event *e, const uint8_t salt[EVENT_SALT_BYTES], const uint8_t body_hash[32],
    struct fault *f)
{
	struct stmt *s = db_stmt(x->db, SQL_event_add);

	db_bind_i64(s, 1, e->conv);
	db_bind_i64(s, 2, e->seq);
	db_bind_i64(s, 3, e->at_us);
	db_bind_i64(s, 4, e->actor.type);
	db_bind_blob(s, 5, e->actor.id.b, sizeof(e->actor.id.b));
	db_bind_i64(s, 6, e->audience);
	db_bind_str(s, 7, str_from(event_kind_name(e->kind)));
	db_bind_i64(s, 8, e->v);
	db_bind_i64(s, 9, e->turn);
	db_bind_str(s, 10, e->policy_hash);
	if (e->has_cmid)
		db_bind_blob(s, 11, e->cmid.b, sizeof(e->cmid.b));
	else
		db_bind_null(s, 11);
	db_bind_blob(s, 12, body_hash, 32);
	db_bind_blob(s, 13, e->hash, sizeof(e->hash));
	TRY(sql_exec(s, f));
	e->gid = db_last_id(x->db);
	s = db_stmt(x->db, SQL_event_body_add);
	db_bind_i64(s, 1, e->gid);
	db_bind_blob(s, 2, salt, EVENT_SALT_BYTES);
	db_bind_str(s, 3, e->body);
	return sql_exec(s, f);
}

static enum err
check_transition(const struct apply *x, const struct event_new *n, struct fault *f)
{
	const struct conv_row *row = &x->c.row;
	struct transition_facts facts = {
		.first = row->last_seq == 0,
		.by_agent = n->actor.type == ACTOR_AGENT,
	};

	facts.by_holder = facts.by_agent && row->holder == HOLDER_AGENT && id_eq(row->holder_agent, n->actor.id);
	if (transition_find(n->kind, row->holder, row->status, facts) != NULL)
		return E_OK;
	return fault(f, E_CONFLICT, "%s is not possible: the conversation is %s, held by %s",
	    event_kind_name(n->kind), conv_status_name(row->status), holder_name(row->holder));
}

/* Stores one event at the next seq and folds it. */
static enum err
append(struct apply *x, const struct event_new *n, bool senders, struct fault *f)
{
	struct batch *b = x->b;
	struct conv_row *row = &x->c.row;
	uint8_t salt[EVENT_SALT_BYTES], body_hash[32];
	struct event *e;

	if (n->body.n > EVENT_BODY_MAX)
		return fault(f, E_TOOBIG, "%s: the body is larger than %zu bytes", event_kind_name(n->kind),
		    EVENT_BODY_MAX);
	TRY(check_transition(x, n, f));
	CHECK(b->stored_n < x->cap);
	e = &b->stored[b->stored_n];
	*e = (struct event){
		.conv = row->conv,
		.conv_id = b->conv,
		.seq = row->last_seq + 1,
		.at_us = b->at_us,
		.actor = n->actor,
		.audience = event_audience(n->kind),
		.kind = n->kind,
		.v = event_version(n->kind),
		.turn = n->turn,
		.policy_hash = n->policy_hash,
		.body = n->body,
		.has_cmid = senders && b->has_cmid,
	};
	if (e->has_cmid)
		e->cmid = b->cmid;
	rand_bytes(salts(), salt, sizeof(salt));
	event_body_hash(salt, e->body, body_hash);
	TRY(event_hash(x->c.last_hash, e, body_hash, e->hash, f));
	TRY(insert(x, e, salt, body_hash, f));
	b->stored_n++;
	if (senders)
		b->seq = e->seq;
	return conv_state_fold(x->db, &x->c, e, b->arena, f);
}

/* In the language that the visit began with: the first word may be a button. */
static enum err
opened_body(struct apply *x, struct str *out, struct fault *f)
{
	struct contact contact = { 0 };
	struct buf t;
	enum err e = contact_get(x->db, x->c.row.contact, x->b->arena, &contact, f);

	if (e != E_OK && e != E_NOTFOUND)
		return e;
	buf_init(&t, 4096);
	buf_add_z(&t, "{\"channel\":\"web\",\"inbox\":");
	buf_add_json(&t, x->b->inbox);
	if (contact.language.n > 0) {
		buf_add_z(&t, ",\"language\":");
		buf_add_json(&t, contact.language);
	}
	buf_add_z(&t, "}");
	*out = str_dup(x->b->arena, buf_str(&t));
	buf_free(&t);
	return E_OK;
}

static enum err
append_all(struct apply *x, struct fault *f)
{
	struct batch *b = x->b;
	struct str opened;
	bool sender = true;

	x->cap = b->events_n + 2;
	b->stored = arena_array(b->arena, struct event, x->cap);
	for (size_t i = 0; i < b->events_n; i++) {
		const struct event_new *n = &b->events[i];
		bool fresh = x->c.row.last_seq == 0, by_customer;

		if (n->kind == EV_CONV_OPENED) {
			if (fresh)
				TRY(append(x, n, false, f));
			else if (!b->open)
				return fault(f, E_CONFLICT, "the conversation is open already");
			continue;
		}
		if (fresh) {
			TRY(opened_body(x, &opened, f));
			TRY(append(x, &(struct event_new){ .kind = EV_CONV_OPENED, .actor = n->actor,
			    .body = opened }, false, f));
		}
		by_customer = n->kind == EV_MSG_CUSTOMER || n->kind == EV_PERSON_ASKED;
		if (by_customer && x->c.row.status == CONV_RESOLVED)
			TRY(append(x, &(struct event_new){ .kind = EV_REOPENED, .actor = n->actor,
			    .body = STR("{}") }, false, f));
		TRY(append(x, n, sender, f));
		sender = false;
	}
	return E_OK;
}

static enum err
apply(struct apply *x, struct fault *f)
{
	struct batch *b = x->b;
	bool found = true;

	if (b->open) {
		TRY(find_open(x->db, b, &found, f));
		if (!found)
			TRY(open_new(x->db, b, f));
	}
	TRY(take_seqs(x, f));
	TRY(check_pre(x, f));
	TRY(append_all(x, f));
	TRY(conv_state_save(x->db, &x->c, f));
	if (b->has_cmid)
		TRY(remember(x, f));
	TRY(read_names(x->db, &x->c.row, b->arena, f));
	b->after = arena_new_of(b->arena, struct conv_row);
	*b->after = x->c.row;
	return E_OK;
}

enum err
batch_apply(struct db *db, struct batch *b, struct fault *f)
{
	struct apply x = { .db = db, .b = b };
	bool known = false;

	role_assert_writer();
	CHECK_OBJ(b, BATCH_MAGIC);
	CHECK(b->events_n > 0);
	/* A group that was rolled back is applied again. */
	b->replayed = b->opened = false;
	b->stored_n = 0;
	b->after = NULL;
	if (b->has_cmid)
		TRY(dedupe(db, b, &known, f));
	return known ? E_OK : apply(&x, f);
}
