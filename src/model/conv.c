/* SPDX-License-Identifier: Apache-2.0 */
/* conv.c - conversations as lists read them. */
#include "model/conv.h"

#include "model/conv_state.h"
#include "model/sql.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 200
#define ROW_COLS 33	/* CONV of sql.def */
#define JOINED_COLS (ROW_COLS + 5)

static const char *const views[VIEW_N] = { "queue", "mine", "ai", "waiting", "resolved" };

bool
conv_view_parse(struct str name, enum conv_view *out)
{
	for (unsigned i = 0; i < VIEW_N; i++) {
		if (str_eqz(name, views[i])) {
			*out = (enum conv_view)i;
			return true;
		}
	}
	return false;
}

void
conv_row_read(struct stmt *s, struct arena *a, struct conv_row *c)
{
	*c = (struct conv_row){ 0 };
	c->conv = db_i64(s, 0);
	(void)db_bytes(s, 1, c->id.b, sizeof(c->id.b));
	(void)db_bytes(s, 2, c->contact.b, sizeof(c->contact.b));
	c->inbox = db_str(s, 3, a);
	c->holder = (enum holder)db_i64(s, 4);
	(void)db_bytes(s, 5, c->holder_agent.b, sizeof(c->holder_agent.b));
	c->status = (enum conv_status)db_i64(s, 6);
	c->last_seq = (int32_t)db_i64(s, 7);
	c->last_customer_seq = (int32_t)db_i64(s, 8);
	c->last_public_seq = (int32_t)db_i64(s, 9);
	c->last_ai_seq = (int32_t)db_i64(s, 10);
	c->opened_us = db_i64(s, 11);
	c->updated_us = db_i64(s, 12);
	c->waiting_since_us = db_i64(s, 13);
	c->promise_us = db_i64(s, 14);
	c->preview = db_str(s, 15, a);
	c->preview_by = db_str(s, 16, a);
	c->reason = db_str(s, 17, a);
	c->reason_code = db_str(s, 18, a);
	c->intent = db_str(s, 19, a);
	c->language = db_str(s, 20, a);
	c->mood = db_str(s, 21, a);
	c->subject = db_str(s, 22, a);
	c->way_back = db_str(s, 23, a);
	c->urgency = (int)db_i64(s, 24);
	c->turn = db_i64(s, 25);
	c->turn_open = db_i64(s, 26) != 0;
	c->turn_attempt = (int32_t)db_i64(s, 27);
	c->turn_basis = (int32_t)db_i64(s, 28);
	c->gid = db_i64(s, 29);
}

void
conv_row_read_joined(struct stmt *s, struct arena *a, struct conv_row *c)
{
	conv_row_read(s, a, c);
	c->contact_name = db_str(s, ROW_COLS, a);
	c->contact_email = db_str(s, ROW_COLS + 1, a);
	c->contact_tier = db_str(s, ROW_COLS + 2, a);
	c->contact_verified = db_i64(s, ROW_COLS + 3) != 0;
	c->contact_version = (int32_t)db_i64(s, ROW_COLS + 4);
	c->agent_name = db_str(s, ROW_COLS + 5, a);
}

void
conv_state_read(struct stmt *s, struct arena *a, struct conv_state *st)
{
	conv_row_read(s, a, &st->row);
	(void)db_bytes(s, 30, st->last_hash, sizeof(st->last_hash));
	st->hours_class = (int)db_i64(s, 31);
	st->counted = true;
	st->counted_view = (enum conv_view)db_i64(s, 32);
	st->counted_agent = st->row.holder_agent;
}

enum err
conv_state_load(struct db *db, int64_t conv, struct arena *a, struct conv_state *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_conv_load);
	bool found;

	db_bind_i64(s, 1, conv);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no such conversation");
	conv_state_read(s, a, out);
	db_done(s);
	return E_OK;
}

/* One row of a bound statement with the columns JOINED. */
static enum err
read_one(struct stmt *s, struct arena *a, struct conv_row *out, struct fault *f)
{
	bool found;

	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no such conversation");
	conv_row_read_joined(s, a, out);
	db_done(s);
	return E_OK;
}

/* All rows; the array grows in the arena. */
static enum err
read_all(struct stmt *s, struct arena *a, struct conv_row **out, size_t *n, struct fault *f)
{
	size_t cap = 16;
	struct conv_row *v = arena_array(a, struct conv_row, cap);
	bool row;
	enum err e;

	*n = 0;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		if (*n == cap) {
			struct conv_row *grown = arena_array(a, struct conv_row, cap * 2);

			memcpy(grown, v, cap * sizeof(v[0]));
			v = grown;
			cap *= 2;
		}
		conv_row_read_joined(s, a, &v[(*n)++]);
	}
	db_done(s);
	*out = v;
	return e;
}

enum err
conv_get(struct db *db, struct id id, struct arena *a, struct conv_row *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_conv_get);

	db_bind_blob(s, 1, id.b, sizeof(id.b));
	return read_one(s, a, out, f);
}

enum err
conv_of_contact(struct db *db, struct id contact, struct str inbox, struct arena *a, struct conv_row *out,
    struct fault *f)
{
	static const int which[] = { SQL_conv_live_of, SQL_conv_newest_of };

	for (size_t i = 0; i < 2; i++) {
		struct stmt *s = db_stmt(db, which[i]);
		struct id id;
		bool found;

		db_bind_blob(s, 1, contact.b, sizeof(contact.b));
		db_bind_str(s, 2, inbox);
		TRY(sql_row(s, &found, f));
		if (!found)
			continue;
		(void)db_bytes(s, 0, id.b, sizeof(id.b));
		db_done(s);
		return conv_get(db, id, a, out, f);
	}
	return fault(f, E_NOTFOUND, "there is no conversation yet");
}

/* "a.b.c": up to three numbers. Empty: none. */
static bool
cursor_parse(struct str cursor, int64_t *v, size_t want)
{
	for (size_t i = 0; i < want; i++) {
		struct str rest, part = str_cut(cursor, '.', &rest);

		if (!str_i64(part, &v[i]))
			return false;
		cursor = rest;
	}
	return cursor.n == 0;
}

static enum err
bind_queue(struct db *db, struct str cursor, struct stmt **out, struct fault *f)
{
	int64_t at[3] = { INT64_MIN, INT64_MIN, INT64_MIN };

	if (cursor.n > 0 && !cursor_parse(cursor, at, 3))
		return fault(f, E_INVALID, "\"after\" is not a cursor of this list");
	*out = db_stmt(db, SQL_conv_queue);
	for (int i = 0; i < 3; i++)
		db_bind_i64(*out, 2 + i, at[i]);
	return E_OK;
}

static enum err
bind_by_gid(struct db *db, enum conv_view v, const struct id *agent, struct str cursor, struct stmt **out,
    struct fault *f)
{
	int64_t before = INT64_MAX;

	if (cursor.n > 0 && !cursor_parse(cursor, &before, 1))
		return fault(f, E_INVALID, "\"after\" is not a cursor of this list");
	*out = db_stmt(db, v == VIEW_MINE ? SQL_conv_mine : SQL_conv_by_view);
	if (v == VIEW_MINE)
		db_bind_blob(*out, 2, agent->b, sizeof(agent->b));
	else
		db_bind_i64(*out, 2, v);
	db_bind_i64(*out, 3, before);
	return E_OK;
}

enum err
conv_list(struct db *db, enum conv_view v, const struct str *inboxes, size_t inboxes_n, struct id agent,
    struct str cursor, size_t limit, struct arena *a, struct conv_row **out, size_t *n, struct str *next,
    struct fault *f)
{
	struct str list = sql_list(a, inboxes, inboxes_n);
	const struct conv_row *last;
	struct stmt *s = NULL;

	limit = limit == 0 || limit > LIST_MAX ? LIST_MAX : limit;
	*next = STR_NONE;
	if (v == VIEW_QUEUE)
		TRY(bind_queue(db, cursor, &s, f));
	else
		TRY(bind_by_gid(db, v, &agent, cursor, &s, f));
	db_bind_str(s, 1, list);
	db_bind_i64(s, v == VIEW_QUEUE ? 5 : 4, (int64_t)limit + 1);
	TRY(read_all(s, a, out, n, f));
	if (*n <= limit)
		return E_OK;
	*n = limit;
	last = &(*out)[limit - 1];
	*next = v == VIEW_QUEUE ?
	    str_fmt(a, "%ld.%ld.%ld", last->promise_us > 0 ? last->promise_us : INT64_MAX,
		last->waiting_since_us, last->conv) :
	    str_fmt(a, "%ld", last->gid);
	return E_OK;
}

enum err
conv_counts(struct db *db, const struct str *inboxes, size_t n, struct id agent, struct conv_counts *out,
    struct fault *f)
{
	struct arena *a = arena_new(0);
	struct stmt *s = db_stmt(db, SQL_conv_tally);
	struct id by;
	bool row;
	enum err e;

	*out = (struct conv_counts){ { 0 } };
	db_bind_str(s, 1, sql_list(a, inboxes, n));
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		int64_t view = db_i64(s, 0), many = db_i64(s, 2);

		CHECK(view >= 0 && view < VIEW_N);
		(void)db_bytes(s, 1, by.b, sizeof(by.b));
		/* An agent's own that wait for the customer are in both lists. */
		if ((view == VIEW_MINE || view == VIEW_WAITING) && id_eq(by, agent))
			out->n[VIEW_MINE] += many;
		if (view != VIEW_MINE)
			out->n[view] += many;
	}
	db_done(s);
	arena_free(&a);
	return e;
}

enum err
conv_queued(struct db *db, struct str inbox, int64_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_conv_queued);
	bool row;

	db_bind_str(s, 1, inbox);
	db_bind_i64(s, 2, VIEW_QUEUE);
	TRY(sql_row(s, &row, f));
	*n = row ? db_i64(s, 0) : 0;
	db_done(s);
	return E_OK;
}

enum err
conv_changed(struct db *db, struct str inbox, int64_t after_gid, size_t limit, struct arena *a,
    struct conv_row **out, size_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_conv_changed);

	db_bind_str(s, 1, inbox);
	db_bind_i64(s, 2, after_gid);
	db_bind_i64(s, 3, (int64_t)limit);
	return read_all(s, a, out, n, f);
}

enum err
conv_queue_place(struct db *db, const struct conv_row *c, int32_t *place, struct fault *f)
{
	struct stmt *s;
	bool row;

	*place = 0;
	if (c->holder != HOLDER_QUEUE)
		return E_OK;
	s = db_stmt(db, SQL_conv_place);
	db_bind_str(s, 1, c->inbox);
	db_bind_i64(s, 2, c->promise_us > 0 ? c->promise_us : INT64_MAX);
	db_bind_i64(s, 3, c->waiting_since_us);
	db_bind_i64(s, 4, c->conv);
	TRY(sql_row(s, &row, f));
	CHECK(row);
	*place = (int32_t)db_i64(s, 0) + 1;
	db_done(s);
	return E_OK;
}

enum err
conv_unfinished(struct db *db, struct arena *a, struct conv_row **out, size_t *n, struct fault *f)
{
	return read_all(db_stmt(db, SQL_conv_unfinished), a, out, n, f);
}

enum err
conv_earlier(struct db *db, struct id contact, struct id not_this, size_t limit, struct arena *a,
    struct conv_row **out, size_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_conv_earlier);

	db_bind_blob(s, 1, contact.b, sizeof(contact.b));
	db_bind_blob(s, 2, not_this.b, sizeof(not_this.b));
	db_bind_i64(s, 3, limit > LIST_MAX ? LIST_MAX : (int64_t)limit);
	return read_all(s, a, out, n, f);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Nearest rank: the smallest value that percent of all do not exceed. */
static int64_t
percentile(const int64_t *v, size_t n, size_t percent)
{
	return v[(n * percent + 99) / 100 - 1];
}

enum err
wait_range_read(struct db *db, struct str inbox, int hours_class, struct wait_range *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_wait_last);
	int64_t v[50];
	bool row;
	enum err e;

	*out = (struct wait_range){ 0 };
	db_bind_str(s, 1, inbox);
	db_bind_i64(s, 2, hours_class);
	while ((e = db_step(s, &row, f)) == E_OK && row && out->n < 50)
		v[out->n++] = db_i64(s, 0);
	db_done(s);
	if (e != E_OK || out->n < 10)
		return e;
	qsort(v, out->n, sizeof(v[0]), by_value);
	out->p50_s = percentile(v, out->n, 50);
	out->p80_s = percentile(v, out->n, 80);
	return E_OK;
}
