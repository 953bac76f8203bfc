/* SPDX-License-Identifier: Apache-2.0 */
/* db.h - one connection to the store, and its prepared statements.
 *
 * All SQL stands in one table (model/sql.def); a connection prepares the
 * statements of its kind at open.  SQL is written with ?1; values are bound,
 * never pasted.  A statement is reset by db_done(); no statement stays open
 * past its job.  A connection belongs to one thread at a time.
 * SQLite today; the table is shaped for PostgreSQL (a text a dialect).
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct db;
struct stmt;

enum sql_use { SQL_READ = 1, SQL_WRITE = 2, SQL_LOCAL = 4 };	/* LOCAL: engine-local, exempt from PostgreSQL */
struct sql_row {
	const char *name;	/* "event_insert" */
	unsigned use;
	const char *sqlite;
	const char *postgres;	/* NULL: the same text, ?n rewritten to $n */
};

struct db_upgrade {		/* from one schema version to the next */
	int from;
	const char *const *sql;	/* statements, NULL last */
};

struct db_spec {
	const char *path;
	bool writer;		/* the one connection that writes and checkpoints */
	const struct sql_row *table;
	size_t table_n;
	const char *const *schema;	/* statements, NULL last; applied by the writer when the store is new */
	int schema_version;	/* another version on disk, without upgrades to it: E_CONFIG says what to do */
	/* Run by the writer, each step in one transaction; a step that fails leaves the store as it was. */
	const struct db_upgrade *upgrades;
	size_t upgrades_n;
	bool durable;		/* synchronous=FULL; only talk, sim and tests say false */
	/* Runs once in each transaction of the writer, after all its items: what is
	 * cheaper for many than for one (the words index). May be NULL. */
	enum err (*before_commit)(struct db *db, struct fault *f);
};

/* Sets the pragmas (WAL, synchronous=FULL, wal_autocheckpoint=0, DEFENSIVE,
 * trusted_schema=0, foreign_keys=1 ...), reads them back; a mismatch is
 * E_CONFIG naming the setting. */
enum err db_open(const struct db_spec *spec, struct db **out, struct fault *f) NODISCARD;
void db_close(struct db **db);

struct stmt *db_stmt(struct db *db, int row);	/* ready to bind; CHECKs that it is not in use */
void db_bind_i64(struct stmt *s, int at, int64_t v);
void db_bind_str(struct stmt *s, int at, struct str v);	/* not copied: must live until db_done */
void db_bind_blob(struct stmt *s, int at, const void *p, size_t n);
void db_bind_null(struct stmt *s, int at);
/* *row = true: a row is there.  Busy, full, I/O errors become E_RETRY, E_FULL,
 * E_INTERNAL; a constraint is E_CONFLICT. */
enum err db_step(struct stmt *s, bool *row, struct fault *f) NODISCARD;
int64_t db_i64(struct stmt *s, int col);
bool db_is_null(struct stmt *s, int col);
struct str db_str(struct stmt *s, int col, struct arena *a);	/* copied into the arena */
struct str db_blob(struct stmt *s, int col, struct arena *a);
/* A blob of exactly n bytes; zeros and false when it is NULL or of another size. */
bool db_bytes(struct stmt *s, int col, void *out, size_t n);
double db_real(struct stmt *s, int col);
void db_done(struct stmt *s);	/* reset and clear; safe twice */
/* Bind nothing, expect no rows: pragma-like rows. */
enum err db_run(struct db *db, int row, struct fault *f) NODISCARD;
int64_t db_changes(struct db *db);	/* rows of the last statement that changed any */
int64_t db_last_id(struct db *db);	/* of the last insert */
/* Resets what a job left open (it may have left through its arena's ceiling). */
void db_done_all(struct db *db);

/* Readers: a small set of read-only connections; a job borrows one. */
struct db_readers;
enum err db_readers_open(const struct db_spec *spec, size_t n, struct db_readers **out,
    struct fault *f) NODISCARD;
void db_readers_close(struct db_readers **r);
struct db *db_borrow(struct db_readers *r);	/* waits for a free one; begins a read transaction */
void db_return(struct db_readers *r, struct db **db);
