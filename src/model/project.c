/* SPDX-License-Identifier: Apache-2.0 */
/* project.c - events folded into what lists and searches read.
 *
 * The same code runs when an event is appended and when `baton rebuild` folds
 * the record again; so it reads nothing but the event and the row.
 */
#include "model/conv_state.h"

#include "base/clock.h"
#include "model/peek.h"
#include "model/sql.h"
#include "model/transition.h"

#include <stdlib.h>
#include <string.h>

#define PREVIEW_BYTES 280
#define SUBJECT_BYTES 120
#define NAME_BYTES 200
#define MOOD_PPM 500000
#define INTENT_PPM 600000
#define FIRST_INTENT_PPM 450000
#define UNKNOWN_PPM 500000	/* perceive calibrates: from here on it is none of the desk's */
#define NO_PROMISE INT64_MAX

enum conv_view
conv_row_view(const struct conv_row *c)
{
	switch (c->holder) {
	case HOLDER_QUEUE:
		return VIEW_QUEUE;
	case HOLDER_AGENT:
		return c->status == CONV_WAITING_CUSTOMER ? VIEW_WAITING : VIEW_MINE;
	case HOLDER_NONE:
		return VIEW_RESOLVED;
	case HOLDER_AI:
	default:
		return VIEW_AI;
	}
}

/* What a restart must look at: an open turn, or a customer whom the AI has not
 * answered and whose message no ended turn has seen. */
static bool
is_pending(const struct conv_row *c)
{
	if (c->turn_open)
		return true;
	return c->holder == HOLDER_AI && c->status != CONV_RESOLVED &&
	    c->last_customer_seq > c->last_ai_seq && c->last_customer_seq > c->turn_basis;
}

static struct str
clip(struct arena *a, struct str s, size_t n)
{
	struct str c = str_clip_utf8(s, n);

	return c.n == s.n ? s : str_dup(a, c);
}

static struct str
text_of(const struct event *e, const char *key, size_t n, struct arena *a)
{
	return clip(a, peek_str(e->body, key, a), n);
}

/* "anger", "frustration" or "confusion" when it is likely; the strongest. */
static struct str
mood_of(struct str body)
{
	static const struct { const char *name, *key; } moods[] = {
		{ "anger", "anger" }, { "anger", "anger_ppm" },
		{ "frustration", "frustration" }, { "frustration", "frustration_ppm" },
		{ "confusion", "confusion" }, { "confusion", "confusion_ppm" },
	};
	struct str mood = peek_raw(body, "mood");
	int64_t best = MOOD_PPM - 1;
	const char *name = "";

	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++) {
		int64_t v = peek_i64(mood, moods[i].key, 0);

		if (v > best) {
			best = v;
			name = moods[i].name;
		}
	}
	return str_from(name);
}

/* Of a perception ("intents" or "p") or a card ("intents"). */
static void
fold_understanding(struct conv_row *c, const struct event *e, struct arena *a)
{
	struct str list = peek_raw(e->body, "intents"), first, intent, language;
	int64_t ppm, least;

	if (list.n == 0)
		list = peek_raw(e->body, "p");
	first = peek_first(list);
	intent = peek_str(first, "id", a);
	ppm = peek_i64(first, "p", peek_i64(first, "p_ppm", 0));
	language = text_of(e, "language", 16, a);
	/* "ok thanks" is about nothing: what was clear before stays.  A list shows no
	 * guess: who asks for a person is not asking about sizes. */
	least = c->intent.n == 0 ? FIRST_INTENT_PPM : INTENT_PPM;
	if (intent.n > 0 && ppm >= least && peek_i64(e->body, "unknown", 0) < UNKNOWN_PPM)
		c->intent = clip(a, intent, NAME_BYTES);
	if (language.n > 0)
		c->language = language;
	c->mood = mood_of(e->body);
}

static void
fold_message(struct conv_row *c, const struct event *e, const char *by, struct arena *a)
{
	struct str text = peek_str(e->body, "text", a);

	c->preview = clip(a, text, PREVIEW_BYTES);
	c->preview_by = str_from(by);
	if (e->kind == EV_MSG_CUSTOMER && c->subject.n == 0)
		c->subject = clip(a, text, SUBJECT_BYTES);
}

static void
fold_turn(struct conv_row *c, const struct event *e)
{
	if (e->kind == EV_TURN_STARTED) {
		c->turn = e->turn;
		c->turn_open = true;
		c->turn_attempt = (int32_t)peek_i64(e->body, "attempt", 1);
		c->turn_basis = (int32_t)peek_i64(e->body, "basis", c->last_customer_seq);
	} else if (e->turn == c->turn) {
		c->turn_open = false;
	}
}

static enum err
fold_effect(struct db *db, const struct event *e, struct fault *f)
{
	int64_t step = peek_i64(e->body, "step", 0), requested = 0, done = 0;
	struct stmt *s = db_stmt(db, SQL_effect_get);
	bool found;

	db_bind_i64(s, 1, e->conv);
	db_bind_i64(s, 2, e->turn);
	db_bind_i64(s, 3, step);
	TRY(sql_row(s, &found, f));
	if (found) {
		requested = db_i64(s, 0);
		done = db_i64(s, 1);
		db_done(s);
	}
	if (e->kind == EV_EFFECT_REQUESTED) {
		if (requested > 0)
			return fault(f, E_CONFLICT, "turn %lld, step %lld: the effect was requested already",
			    (long long)e->turn, (long long)step);
		s = db_stmt(db, SQL_effect_add);
		db_bind_i64(s, 4, peek_bool(e->body, "write", false));
		db_bind_i64(s, 5, e->gid);
	} else {
		if (done > 0)
			return fault(f, E_CONFLICT, "turn %lld, step %lld: the effect is done already",
			    (long long)e->turn, (long long)step);
		/* Without a request: an outcome that needed no call. */
		if (!found)
			return E_OK;
		s = db_stmt(db, SQL_effect_done);
		db_bind_i64(s, 4, e->gid);
	}
	db_bind_i64(s, 1, e->conv);
	db_bind_i64(s, 2, e->turn);
	db_bind_i64(s, 3, step);
	return sql_exec(s, f);
}

static enum err
fold_timer(struct db *db, const struct event *e, struct arena *a, struct fault *f)
{
	struct stmt *s = db_stmt(db, e->kind == EV_TIMER_SET ? SQL_timer_set : SQL_timer_off);

	db_bind_i64(s, 1, e->conv);
	db_bind_str(s, 2, peek_str(e->body, "kind", a));
	if (e->kind == EV_TIMER_SET) {
		db_bind_i64(s, 3, peek_i64(e->body, "due_us", 0));
		db_bind_i64(s, 4, peek_i64(e->body, "gen", 0));
	} else {
		db_bind_i64(s, 3, peek_i64(e->body, "gen", 0));
	}
	return sql_exec(s, f);
}

static enum err
add_wait(struct db *db, int64_t conv, struct str inbox, int hours_class, int64_t requested_us,
    int64_t waited_s, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_wait_add);

	db_bind_i64(s, 1, conv);
	db_bind_str(s, 2, inbox);
	db_bind_i64(s, 3, hours_class);
	db_bind_i64(s, 4, requested_us);
	db_bind_i64(s, 5, waited_s);
	return sql_exec(s, f);
}

enum err
wait_record(struct db *db, struct str inbox, int hours_class, int64_t requested_us, int64_t waited_s,
    struct fault *f)
{
	return add_wait(db, 0, inbox, hours_class, requested_us, waited_s, f);
}

static void
fold_requested(struct conv_state *st, const struct event *e)
{
	st->row.waiting_since_us = e->at_us;
	st->row.promise_us = peek_i64(e->body, "promise_us", 0);
	st->hours_class = (int)peek_i64(e->body, "hours_class", 0);
}

static void
fold_card(struct conv_row *c, const struct event *e, struct arena *a)
{
	struct str last;

	c->reason = text_of(e, "reason", PREVIEW_BYTES, a);
	c->reason_code = text_of(e, "reason_code", NAME_BYTES, a);
	c->urgency = (int)peek_i64(e->body, "urgency", 0);
	/* Who waits is previewed with what they said, not with our promise. */
	last = text_of(e, "last_customer", PREVIEW_BYTES, a);
	if (last.n > 0) {
		c->preview = last;
		c->preview_by = STR("customer");
	}
	fold_understanding(c, e, a);
}

static enum err
fold_claimed(struct db *db, struct conv_state *st, const struct event *e, struct fault *f)
{
	int64_t since = st->row.waiting_since_us;

	st->row.waiting_since_us = 0;
	if (since == 0)
		return E_OK;
	return add_wait(db, st->row.conv, st->row.inbox, st->hours_class, since,
	    e->at_us > since ? (e->at_us - since) / US_PER_S : 0, f);
}

/* Returned, reopened: a new story. */
static void
fold_afresh(struct conv_row *c)
{
	c->reason = c->reason_code = STR_NONE;
	c->urgency = 0;
	c->waiting_since_us = c->promise_us = 0;
}

static void
fold_transition(struct conv_row *c, const struct event *e)
{
	struct transition_facts facts = {
		.first = e->seq == 1,
		.by_agent = e->actor.type == ACTOR_AGENT,
		.by_holder = e->actor.type == ACTOR_AGENT && c->holder == HOLDER_AGENT &&
		    id_eq(c->holder_agent, e->actor.id),
	};
	const struct transition *t = transition_find(e->kind, c->holder, c->status, facts);

	/* A stored event was allowed once; what the table says now about one
	 * that it no longer knows is nothing. */
	if (t == NULL)
		return;
	if (t->holder == TO_ACTOR) {
		c->holder = HOLDER_AGENT;
		c->holder_agent = e->actor.id;
	} else if (t->holder != TO_SAME) {
		c->holder = (enum holder)t->holder;
		c->holder_agent = (struct id){ { 0 } };
	}
	if (t->status != TO_SAME)
		c->status = (enum conv_status)t->status;
}

static enum err
fold_kind(struct db *db, struct conv_state *st, const struct event *e, struct arena *a, struct fault *f)
{
	struct conv_row *c = &st->row;

	switch (e->kind) {
	case EV_CONV_OPENED:
		c->language = text_of(e, "language", 16, a);
		break;
	case EV_MSG_CUSTOMER:
		fold_message(c, e, "customer", a);
		c->last_customer_seq = e->seq;
		break;
	case EV_PERSON_ASKED:
		c->last_customer_seq = e->seq;
		break;
	case EV_MSG_AI:
		if (c->holder != HOLDER_QUEUE)
			fold_message(c, e, "ai", a);
		c->last_ai_seq = e->seq;
		break;
	case EV_MSG_AGENT:
		fold_message(c, e, "agent", a);
		c->promise_us = 0;
		break;
	case EV_WAY_BACK:
		c->way_back = text_of(e, "email", NAME_BYTES * 2, a);
		break;
	case EV_PERCEIVED:
		if (c->holder == HOLDER_AI)
			fold_understanding(c, e, a);
		break;
	case EV_TURN_STARTED:
	case EV_TURN_SUPERSEDED:
	case EV_TURN_ENDED:
		fold_turn(c, e);
		break;
	case EV_EFFECT_REQUESTED:
	case EV_EFFECT_DONE:
		return fold_effect(db, e, f);
	case EV_HANDOVER_REQUESTED:
		fold_requested(st, e);
		break;
	case EV_HANDOVER_CARD:
		fold_card(c, e, a);
		break;
	case EV_HANDOVER_CLAIMED:
		return fold_claimed(db, st, e, f);
	case EV_HANDOVER_RETURNED:
	case EV_REOPENED:
		fold_afresh(c);
		break;
	case EV_RESOLVED:
		c->waiting_since_us = c->promise_us = 0;
		break;
	case EV_TIMER_SET:
	case EV_TIMER_FIRED:
		return fold_timer(db, e, a, f);
	case EV_NOTE:
	case EV_IDENTIFIED:
	case EV_DECIDED:
	case EV_N:
	default:
		break;
	}
	return E_OK;
}

enum err
conv_state_fold(struct db *db, struct conv_state *st, const struct event *e, struct arena *a, struct fault *f)
{
	struct conv_row *c = &st->row;

	TRY(fold_kind(db, st, e, a, f));
	fold_transition(c, e);
	c->last_seq = e->seq;
	c->gid = e->gid;
	memcpy(st->last_hash, e->hash, sizeof(st->last_hash));
	if (e->audience != AUDIENCE_INTERNAL)
		c->updated_us = e->at_us;
	if (e->audience == AUDIENCE_PUBLIC)
		c->last_public_seq = e->seq;
	return E_OK;
}

static enum err
tally(struct db *db, struct str inbox, enum conv_view view, const struct id *agent, int64_t by,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_tally_add);

	db_bind_str(s, 1, inbox);
	db_bind_i64(s, 2, view);
	db_bind_blob(s, 3, agent->b, sizeof(agent->b));
	db_bind_i64(s, 4, by);
	return sql_exec(s, f);
}

/* Counts are kept, not counted: lists show them at each change. */
static enum err
save_tally(struct db *db, struct conv_state *st, struct fault *f)
{
	enum conv_view view = conv_row_view(&st->row);

	if (st->counted && st->counted_view == view && id_eq(st->counted_agent, st->row.holder_agent))
		return E_OK;
	if (st->counted)
		TRY(tally(db, st->row.inbox, st->counted_view, &st->counted_agent, -1, f));
	TRY(tally(db, st->row.inbox, view, &st->row.holder_agent, 1, f));
	st->counted = true;
	st->counted_view = view;
	st->counted_agent = st->row.holder_agent;
	return E_OK;
}

enum err
conv_state_save(struct db *db, struct conv_state *st, struct fault *f)
{
	const struct conv_row *c = &st->row;
	struct stmt *s = db_stmt(db, SQL_conv_save);

	db_bind_i64(s, 1, c->conv);
	db_bind_i64(s, 2, c->last_seq);
	db_bind_blob(s, 3, st->last_hash, sizeof(st->last_hash));
	db_bind_i64(s, 4, c->holder);
	sql_bind_id(s, 5, &c->holder_agent);
	db_bind_i64(s, 6, c->status);
	db_bind_i64(s, 7, conv_row_view(c));
	db_bind_i64(s, 8, c->last_customer_seq);
	db_bind_i64(s, 9, c->last_public_seq);
	db_bind_i64(s, 10, c->last_ai_seq);
	db_bind_i64(s, 11, c->updated_us);
	db_bind_i64(s, 12, c->waiting_since_us);
	db_bind_i64(s, 13, c->promise_us);
	db_bind_i64(s, 14, c->promise_us > 0 ? c->promise_us : NO_PROMISE);
	db_bind_str(s, 15, c->preview);
	db_bind_str(s, 16, c->preview_by);
	db_bind_str(s, 17, c->reason);
	db_bind_str(s, 18, c->reason_code);
	db_bind_str(s, 19, c->intent);
	db_bind_str(s, 20, c->language);
	db_bind_str(s, 21, c->mood);
	db_bind_str(s, 22, c->subject);
	db_bind_str(s, 23, c->way_back);
	db_bind_i64(s, 24, c->urgency);
	db_bind_i64(s, 25, st->hours_class);
	db_bind_i64(s, 26, c->turn);
	db_bind_i64(s, 27, c->turn_open);
	db_bind_i64(s, 28, c->turn_attempt);
	db_bind_i64(s, 29, c->turn_basis);
	db_bind_i64(s, 30, is_pending(c));
	db_bind_i64(s, 31, c->gid);
	TRY(sql_exec(s, f));
	return save_tally(db, st, f);
}

enum err
conv_index_messages(struct db *db, struct fault *f)
{
	TRY(db_run(db, SQL_fts_index, f));
	return db_run(db, SQL_fts_progress, f);
}

static enum err
project_in(struct db *db, const struct event *e, struct arena *a, struct fault *f)
{
	struct conv_state st;
	int32_t head_seq;
	uint8_t head_hash[32];

	TRY(conv_state_load(db, e->conv, a, &st, f));
	head_seq = st.row.last_seq;
	memcpy(head_hash, st.last_hash, sizeof(head_hash));
	st.counted = e->seq > 1;
	TRY(conv_state_fold(db, &st, e, a, f));
	/* The head belongs to the record, not to the projection. */
	st.row.last_seq = head_seq;
	memcpy(st.last_hash, head_hash, sizeof(head_hash));
	return conv_state_save(db, &st, f);
}

enum err
conv_project(struct db *db, const struct event *e, struct fault *f)
{
	struct arena *a = arena_new(0);
	enum err e2 = project_in(db, e, a, f);

	arena_free(&a);
	return e2;
}

#define REBUILD_STEP 256

static enum err
rebuild_some(struct db *db, int64_t *after, int64_t *events, bool *more, struct arena *a, struct fault *f)
{
	struct event *v = arena_array(a, struct event, REBUILD_STEP);
	struct stmt *s = db_stmt(db, SQL_event_after_gid);
	size_t n = 0;
	enum err e;

	db_bind_i64(s, 1, *after);
	db_bind_i64(s, 2, REBUILD_STEP);
	while ((e = db_step(s, more, f)) == E_OK && *more) {
		struct event_raw raw;

		e = event_row_read(s, a, &raw, f);
		if (e != E_OK)
			break;
		CHECK(n < REBUILD_STEP);
		v[n++] = raw.e;
	}
	db_done(s);
	if (e != E_OK)
		return e;
	for (size_t i = 0; i < n; i++)
		TRY(conv_project(db, &v[i], f));
	if (n > 0)
		*after = v[n - 1].gid;
	*events += (int64_t)n;
	*more = n == REBUILD_STEP;
	return E_OK;
}

enum err
conv_rebuild(struct db *db, int64_t *events, struct fault *f)
{
	static const int empty[] = { SQL_rebuild_conv, SQL_rebuild_tally, SQL_rebuild_effect, SQL_rebuild_timer,
	    SQL_rebuild_wait, SQL_rebuild_fts, SQL_rebuild_progress };
	struct arena *a = arena_new((size_t)32 << 20);
	int64_t after = 0;
	bool more = true;
	enum err e = E_OK;

	*events = 0;
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]) && e == E_OK; i++)
		e = db_run(db, empty[i], f);
	while (e == E_OK && more) {
		e = rebuild_some(db, &after, events, &more, a, f);
		arena_reset(a);
	}
	arena_free(&a);
	return e == E_OK ? conv_index_messages(db, f) : e;
}
