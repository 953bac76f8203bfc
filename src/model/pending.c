/* SPDX-License-Identifier: Apache-2.0 */
/* pending.c - what is still owed: effects without an answer, timers that are due. */
#include "model/effect.h"
#include "model/sql.h"
#include "model/timer.h"

enum err
effect_pending(struct db *db, size_t limit, struct arena *a, struct effect **out, size_t *n, struct fault *f)
{
	struct effect *v = arena_array(a, struct effect, limit);
	struct stmt *s = db_stmt(db, SQL_effect_pending);
	bool row;
	enum err e;

	db_bind_i64(s, 1, (int64_t)limit);
	*n = 0;
	*out = v;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		struct effect *x = &v[(*n)++];

		x->conv = db_i64(s, 0);
		(void)db_bytes(s, 1, x->conv_id.b, sizeof(x->conv_id.b));
		x->turn = db_i64(s, 2);
		x->step = (int32_t)db_i64(s, 3);
		x->writes = db_i64(s, 4) != 0;
		x->requested_gid = db_i64(s, 5);
		x->body = db_str(s, 6, a);
	}
	db_done(s);
	return e;
}

enum err
timer_due(struct db *db, int64_t now_us, size_t limit, struct arena *a, struct timer **out, size_t *n,
    struct fault *f)
{
	struct timer *v = arena_array(a, struct timer, limit);
	struct stmt *s = db_stmt(db, SQL_timer_due);
	bool row;
	enum err e;

	db_bind_i64(s, 1, now_us);
	db_bind_i64(s, 2, (int64_t)limit);
	*n = 0;
	*out = v;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		struct timer *t = &v[(*n)++];

		t->conv = db_i64(s, 0);
		(void)db_bytes(s, 1, t->conv_id.b, sizeof(t->conv_id.b));
		t->kind = db_str(s, 2, a);
		t->due_us = db_i64(s, 3);
		t->gen = db_i64(s, 4);
	}
	db_done(s);
	return e;
}

enum err
timer_next(struct db *db, int64_t *due_us, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_timer_next);
	bool row;

	*due_us = 0;
	TRY(sql_row(s, &row, f));
	if (!row)
		return E_OK;
	*due_us = db_i64(s, 0);
	db_done(s);
	return E_OK;
}
