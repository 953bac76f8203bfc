/* SPDX-License-Identifier: Apache-2.0 */
/* db.c - the prepared statements of a connection, their values, and its transactions. */
#include "store/db_parts.h"

#include "base/log.h"

#include <string.h>

#define BUSY_CHECKPOINT_MS 50

enum err
db_err_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return E_RETRY;
	case SQLITE_FULL:
		return E_FULL;
	case SQLITE_CONSTRAINT:
		return E_CONFLICT;
	case SQLITE_INTERRUPT:
		return E_TIMEOUT;
	case SQLITE_TOOBIG:
		return E_TOOBIG;
	case SQLITE_CANTOPEN:
	case SQLITE_NOTADB:
	case SQLITE_PERM:
		return E_CONFIG;
	default:
		return E_INTERNAL;
	}
}

enum err
db_failed(struct db *db, int rc, const char *where, struct fault *f)
{
	return fault(f, db_err_of(rc), "store: %s: %s", where, sqlite3_errmsg(db->h));
}

struct stmt *
db_stmt(struct db *db, int row)
{
	struct stmt *s;

	CHECK_OBJ(db, DB_MAGIC);
	CHECK(row >= 0 && (size_t)row < db->spec.table_n);
	s = &db->stmts[row];
	CHECK(s->p != NULL);	/* a reader asked for a statement that writes */
	CHECK(!s->busy);
	s->busy = true;
	db->busy++;
	return s;
}

static void
bound(struct stmt *s, int rc)
{
	CHECK(s->busy);
	CHECK(rc == SQLITE_OK);
}

void
db_bind_i64(struct stmt *s, int at, int64_t v)
{
	bound(s, sqlite3_bind_int64(s->p, at, v));
}

void
db_bind_str(struct stmt *s, int at, struct str v)
{
	bound(s, sqlite3_bind_text64(s->p, at, v.n == 0 ? "" : v.p, v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void
db_bind_blob(struct stmt *s, int at, const void *p, size_t n)
{
	bound(s, sqlite3_bind_blob64(s->p, at, n == 0 ? "" : p, n, SQLITE_STATIC));
}

void
db_bind_null(struct stmt *s, int at)
{
	bound(s, sqlite3_bind_null(s->p, at));
}

enum err
db_step(struct stmt *s, bool *row, struct fault *f)
{
	int rc;

	CHECK(s->busy);
	rc = sqlite3_step(s->p);
	if (row != NULL)
		*row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return E_OK;
	return db_failed(s->db, rc, s->name, f);
}

int64_t
db_i64(struct stmt *s, int col)
{
	return sqlite3_column_int64(s->p, col);
}

bool
db_is_null(struct stmt *s, int col)
{
	return sqlite3_column_type(s->p, col) == SQLITE_NULL;
}

static struct str
column(struct stmt *s, const void *p, int col, struct arena *a)
{
	int n = sqlite3_column_bytes(s->p, col);

	if (p == NULL || n <= 0)
		return STR_NONE;
	return str_dup(a, (struct str){ p, (size_t)n });
}

struct str
db_str(struct stmt *s, int col, struct arena *a)
{
	return column(s, sqlite3_column_text(s->p, col), col, a);
}

struct str
db_blob(struct stmt *s, int col, struct arena *a)
{
	return column(s, sqlite3_column_blob(s->p, col), col, a);
}

bool
db_bytes(struct stmt *s, int col, void *out, size_t n)
{
	const void *p = sqlite3_column_blob(s->p, col);

	if (p == NULL || sqlite3_column_bytes(s->p, col) != (int)n) {
		memset(out, 0, n);
		return false;
	}
	memcpy(out, p, n);
	return true;
}

double
db_real(struct stmt *s, int col)
{
	return sqlite3_column_double(s->p, col);
}

void
db_done(struct stmt *s)
{
	if (!s->busy)
		return;
	(void)sqlite3_reset(s->p);	/* its error was returned by the step */
	(void)sqlite3_clear_bindings(s->p);
	s->busy = false;
	s->db->busy--;
}

void
db_done_all(struct db *db)
{
	for (size_t i = 0; i < db->spec.table_n && db->busy > 0; i++)
		db_done(&db->stmts[i]);
}

enum err
db_run(struct db *db, int row, struct fault *f)
{
	struct stmt *s = db_stmt(db, row);
	enum err e = db_step(s, NULL, f);

	db_done(s);
	return e;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->h);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

enum err
db_local_run(struct db *db, enum db_local what, struct fault *f)
{
	int rc = sqlite3_step(db->local[what]);
	enum err e = E_OK;

	if (rc != SQLITE_DONE)
		e = db_failed(db, rc, sqlite3_sql(db->local[what]), f);
	(void)sqlite3_reset(db->local[what]);
	return e;
}

bool
db_idle(const struct db *db)
{
	return sqlite3_get_autocommit(db->h) != 0;
}

int64_t
db_wal_bytes(const struct db *db)
{
	return db->wal_bytes;
}

void
db_checkpoint(struct db *db, bool restart)
{
	int frames = 0, folded = 0, rc;

	(void)sqlite3_busy_timeout(db->h, BUSY_CHECKPOINT_MS);
	rc = sqlite3_wal_checkpoint_v2(db->h, NULL,
	    restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &frames, &folded);
	(void)sqlite3_busy_timeout(db->h, BUSY_MS);
	log_debug(LOG_STORE_CHECKPOINT, K_I64("frames", frames), K_I64("folded", folded),
	    K_I64("code", rc));
}

const struct db_spec *
db_spec_of(const struct db *db)
{
	return &db->spec;
}
