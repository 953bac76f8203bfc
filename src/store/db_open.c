/* SPDX-License-Identifier: Apache-2.0 */
/* db_open.c - a connection's life: the file, its pragmas, its schema's version, its statements prepared.
 *
 * The only SQL here is engine-local: pragmas and transactions.  All other
 * statements come with the table of the spec.
 */
#include "store/db_parts.h"

#include "base/failpoint.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x4261746e	/* "Batn" */
#define READER_MMAP "268435456"	/* bytes; 256 MB */

static const char *const local_sql[LOCAL_N] = {
	[LOCAL_BEGIN] = "BEGIN IMMEDIATE",
	[LOCAL_BEGIN_READ] = "BEGIN DEFERRED",
	[LOCAL_COMMIT] = "COMMIT",
	[LOCAL_ROLLBACK] = "ROLLBACK",
	[LOCAL_SAVEPOINT] = "SAVEPOINT item",
	[LOCAL_RELEASE] = "RELEASE item",
	[LOCAL_ROLLBACK_TO] = "ROLLBACK TO item",
};

/* SQLite's own log: what no caller may ever see otherwise (recovery, I/O). */
static void
on_sqlite_log(void *unused, int code, const char *text)
{
	(void)unused;
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:	/* answered to the caller as a conflict */
	case SQLITE_INTERRUPT:
	case SQLITE_SCHEMA:
	case SQLITE_AUTH:
		return;
	case SQLITE_NOTICE:
		log_info(LOG_STORE_ERROR, K_I64("code", code), K_Z("text", text));
		return;
	default:
		log_warn(LOG_STORE_ERROR, K_I64("code", code), K_Z("text", text));
	}
}

static void
start_sqlite(void)
{
	/* Refused when somebody in this process (a test) used SQLite before. */
	(void)sqlite3_config(SQLITE_CONFIG_LOG, on_sqlite_log, NULL);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	CHECK(sqlite3_initialize() == SQLITE_OK);
}

void
db_engine_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	CHECK(pthread_once(&once, start_sqlite) == 0);
}

static int
on_wal(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct db *db = arg;

	(void)h;
	(void)name;
	db->wal_bytes = (int64_t)pages * db->page_bytes;
	return SQLITE_OK;
}

/* The first column of a pragma, as text. */
static enum err
pragma_read(struct db *db, const char *name, char *out, size_t n, struct fault *f)
{
	char sql[64];
	sqlite3_stmt *p = NULL;
	int rc;

	CHECK(snprintf(sql, sizeof(sql), "PRAGMA %s", name) < (int)sizeof(sql));
	rc = sqlite3_prepare_v2(db->h, sql, -1, &p, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(p);
	if (rc == SQLITE_ROW)
		(void)snprintf(out, n, "%s", (const char *)sqlite3_column_text(p, 0));
	(void)sqlite3_finalize(p);
	return rc == SQLITE_ROW ? E_OK : db_failed(db, rc, sql, f);
}

static enum err
pragma_set(struct db *db, const char *name, const char *value, struct fault *f)
{
	char sql[96], got[64];
	int rc;

	CHECK(snprintf(sql, sizeof(sql), "PRAGMA %s=%s", name, value) < (int)sizeof(sql));
	if (!(strcmp(name, "synchronous") == 0 && FAIL(store_pragma))) {
		rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return db_failed(db, rc, sql, f);
	}
	TRY(pragma_read(db, name, got, sizeof(got), f));
	if (strcmp(got, value) != 0)
		return fault(f, E_CONFIG, "%s: the store does not keep %s=%s (it says %s); "
		    "is it on a file system that supports it?", db->path, name, value, got);
	return E_OK;
}

/* Each is set, then read back: what is not as wanted does not start. */
static enum err
set_pragmas(struct db *db, struct fault *f)
{
	const struct { const char *name, *value; } want[] = {
		{ "journal_mode", "wal" },
		/* Something other than what is wanted at first: a synchronous
		 * that cannot be set must not pass because it was the default. */
		{ "synchronous", db->spec.durable ? "2" : "0" },
		{ "wal_autocheckpoint", "0" },
		{ "foreign_keys", "1" },
		{ "trusted_schema", "0" },
		{ "cell_size_check", "1" },
		{ "temp_store", "2" },
		{ "cache_size", db->spec.writer ? "-16000" : "-4000" },
		{ "query_only", db->spec.writer ? "0" : "1" },
		/* Each commit empties a reader's cache: what it reads anew is
		 * not copied.  (The log is read by pread all the same.) */
		{ "mmap_size", db->spec.writer ? "0" : READER_MMAP },
	};
	char got[32];
	int64_t bytes;
	int on = 0;

	if (sqlite3_exec(db->h, "PRAGMA synchronous=1", NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, sqlite3_errcode(db->h), "PRAGMA synchronous", f);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		TRY(pragma_set(db, want[i].name, want[i].value, f));
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
	if (on != 1)
		return fault(f, E_CONFIG, "%s: SQLite does not keep DEFENSIVE", db->path);
	TRY(pragma_read(db, "page_size", got, sizeof(got), f));
	if (!str_i64(str_from(got), &bytes) || bytes < 512 || bytes > 65536)
		return fault(f, E_CONFIG, "%s: page_size is %s", db->path, got);
	db->page_bytes = (int)bytes;
	return E_OK;
}

static enum err
run_pragma(struct db *db, const char *name, int value, struct fault *f)
{
	char sql[64];
	int rc;

	(void)snprintf(sql, sizeof(sql), "PRAGMA %s=%d", name, value);
	rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? E_OK : db_failed(db, rc, sql, f);
}

/* All statements and the version that they make, or nothing: a connection that fails here is closed. */
static enum err
apply_schema(struct db *db, const char *const *sql, int version, struct fault *f)
{
	TRY(db_local_run(db, LOCAL_BEGIN, f));
	for (const char *const *s = sql; *s != NULL; s++) {
		int rc = sqlite3_exec(db->h, *s, NULL, NULL, NULL);

		if (rc != SQLITE_OK)
			return db_failed(db, rc, "schema", f);
	}
	TRY(run_pragma(db, "user_version", version, f));
	TRY(run_pragma(db, "application_id", APPLICATION_ID, f));
	return db_local_run(db, LOCAL_COMMIT, f);
}

static const struct db_upgrade *
upgrade_from(const struct db_spec *spec, int64_t version)
{
	for (size_t i = 0; i < spec->upgrades_n; i++)
		if (spec->upgrades[i].from == version)
			return &spec->upgrades[i];
	return NULL;
}

/* Step by step; *version is what the store has then. */
static enum err
upgrade_schema(struct db *db, int64_t *version, struct fault *f)
{
	const struct db_upgrade *u;

	while (*version < db->spec.schema_version && (u = upgrade_from(&db->spec, *version)) != NULL) {
		if (!db->spec.writer)
			return fault(f, E_CONFIG, "%s: the store is of an older version; start the server once",
			    db->path);
		TRY(apply_schema(db, u->sql, (int)*version + 1, f));
		++*version;
	}
	return E_OK;
}

static enum err
check_schema(struct db *db, struct fault *f)
{
	char version[32], app[32], pages[32];
	int64_t v = -1;

	TRY(pragma_read(db, "user_version", version, sizeof(version), f));
	TRY(pragma_read(db, "application_id", app, sizeof(app), f));
	TRY(pragma_read(db, "schema_version", pages, sizeof(pages), f));
	if (db->spec.schema == NULL)
		return E_OK;
	if (strcmp(version, "0") == 0 && strcmp(app, "0") == 0 && strcmp(pages, "0") == 0) {
		if (db->spec.writer)
			return apply_schema(db, db->spec.schema, db->spec.schema_version, f);
		return fault(f, E_CONFIG, "%s: the store is empty; start the server once", db->path);
	}
	if (!str_i64(str_from(app), &v) || v != APPLICATION_ID)
		return fault(f, E_CONFIG, "%s: this is a database, but not one of Baton's", db->path);
	if (!str_i64(str_from(version), &v))
		v = -1;
	TRY(upgrade_schema(db, &v, f));
	if (v != db->spec.schema_version)
		return fault(f, E_CONFIG, "%s: the store has schema version %s, this program needs %d; "
		    "use the program that made it, or restore a backup", db->path, version,
		    db->spec.schema_version);
	return E_OK;
}

static enum err
prepare_local(struct db *db, struct fault *f)
{
	for (int i = 0; i < LOCAL_N; i++) {
		int rc = sqlite3_prepare_v3(db->h, local_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
		    &db->local[i], NULL);

		if (rc != SQLITE_OK)
			return db_failed(db, rc, local_sql[i], f);
	}
	return E_OK;
}

/* The writer reads as well; a reader has no statement that writes. */
static enum err
prepare_table(struct db *db, struct fault *f)
{
	for (size_t i = 0; i < db->spec.table_n; i++) {
		const struct sql_row *row = &db->spec.table[i];
		struct stmt *s = &db->stmts[i];
		int rc;

		s->db = db;
		s->name = row->name;
		if (row->sqlite == NULL || (!db->spec.writer && (row->use & SQL_READ) == 0))
			continue;
		rc = sqlite3_prepare_v3(db->h, row->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &s->p, NULL);
		if (rc != SQLITE_OK)
			return db_failed(db, rc, row->name, f);
	}
	return E_OK;
}

/* Conversations are nobody else's business: made readable by the owner only. */
static enum err
make_file(const char *path, struct fault *f)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fault(f, E_CONFIG, "%s: cannot be opened for writing: %s", path, strerror(errno));
	(void)close(fd);
	return E_OK;
}

static enum err
open_handle(struct db *db, struct fault *f)
{
	int rc;

	if (db->spec.writer)
		TRY(make_file(db->path, f));
	rc = sqlite3_open_v2(db->path, &db->h,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc != SQLITE_OK)
		return fault(f, db_err_of(rc), "%s: %s", db->path, sqlite3_errmsg(db->h));
	(void)sqlite3_busy_timeout(db->h, BUSY_MS);
	if (db->spec.writer)
		(void)sqlite3_wal_hook(db->h, on_wal, db);
	return E_OK;
}

enum err
db_open(const struct db_spec *spec, struct db **out, struct fault *f)
{
	struct db *db = calloc(1, sizeof(*db));
	enum err e;

	CHECK(db != NULL);
	db_engine_start();
	db->magic = DB_MAGIC;
	db->spec = *spec;
	db->path = strdup(spec->path);
	db->stmts = calloc(spec->table_n + 1, sizeof(db->stmts[0]));
	CHECK(db->path != NULL && db->stmts != NULL);
	db->spec.path = db->path;
	e = open_handle(db, f);
	if (e == E_OK)
		e = set_pragmas(db, f);
	/* The hook goes when wal_autocheckpoint is set: it is the same one. */
	if (e == E_OK && spec->writer)
		(void)sqlite3_wal_hook(db->h, on_wal, db);
	if (e == E_OK)
		e = prepare_local(db, f);
	if (e == E_OK)
		e = check_schema(db, f);
	if (e == E_OK)
		e = prepare_table(db, f);
	if (e != E_OK)
		db_close(&db);
	*out = db;
	return e;
}

void
db_close(struct db **pdb)
{
	struct db *db = *pdb;

	if (db == NULL)
		return;
	CHECK_OBJ(db, DB_MAGIC);
	for (size_t i = 0; i < db->spec.table_n; i++)
		(void)sqlite3_finalize(db->stmts[i].p);
	for (int i = 0; i < LOCAL_N; i++)
		(void)sqlite3_finalize(db->local[i]);
	/* A writer's last close would checkpoint by itself; it has done so. */
	CHECK(sqlite3_close(db->h) == SQLITE_OK);
	db->magic = 0;
	free(db->stmts);
	free(db->path);
	free(db);
	*pdb = NULL;
}
