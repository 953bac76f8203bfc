/* SPDX-License-Identifier: Apache-2.0 */
/* db_parts.h - a connection's inside, for db.c (statements) and db_open.c (its life). */
#pragma once

#include "store/db_private.h"

#include <sqlite3.h>

#define DB_MAGIC 0xDB5704E1U
#define BUSY_MS 1000	/* for another process that writes, before E_RETRY */

struct stmt {
	sqlite3_stmt *p;
	struct db *db;
	const char *name;
	bool busy;
};

struct db {
	unsigned magic;
	sqlite3 *h;
	struct db_spec spec;
	char *path;
	struct stmt *stmts;
	size_t busy;		/* statements between db_stmt and db_done */
	sqlite3_stmt *local[LOCAL_N];
	int64_t wal_bytes;
	int page_bytes;
};

enum err db_err_of(int rc);
/* What SQLite says of its last call on db. */
enum err db_failed(struct db *db, int rc, const char *where, struct fault *f);
