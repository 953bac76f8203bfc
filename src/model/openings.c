/* SPDX-License-Identifier: Apache-2.0 */
/* openings.c - the messages with which customers opened their topics, for learning from. */
#include "model/openings.h"

#include "model/peek.h"
#include "model/sql.h"

#define EVENTS_BACK 500000	/* that are looked at, from the newest */
#define ROW_ARENA ((size_t)4 << 20)

static enum err
last_gid(struct db *db, int64_t *to, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_last_gid);
	bool row;

	TRY(sql_row(s, &row, f));
	if (row) {
		*to = db_i64(s, 0);
		db_done(s);
	}
	return E_OK;
}

enum err
openings_read(struct db *db, int64_t *to, size_t max, bool (*each)(void *arg, struct str text), void *arg,
    struct fault *f)
{
	struct arena *a;
	struct stmt *s;
	bool row, more = true;
	enum err e;

	if (*to == 0)
		TRY(last_gid(db, to, f));
	s = db_stmt(db, SQL_openings);
	db_bind_i64(s, 1, *to - EVENTS_BACK);
	db_bind_i64(s, 2, *to);
	db_bind_i64(s, 3, (int64_t)max);
	a = arena_new(ROW_ARENA);
	while ((e = db_step(s, &row, f)) == E_OK && row && more) {
		struct str text = peek_str(db_str(s, 0, a), "text", a);

		more = text.n == 0 || each(arg, text);
		arena_reset(a);
	}
	db_done(s);
	arena_free(&a);
	return e;
}
