/* SPDX-License-Identifier: Apache-2.0 */
/* db_private.h - what the writer needs of a connection and nobody else may use.
 *
 * Transactions and savepoints, the size of the write-ahead log, checkpoints.
 */
#pragma once

#include "store/db.h"

enum db_local {
	LOCAL_BEGIN, LOCAL_BEGIN_READ, LOCAL_COMMIT, LOCAL_ROLLBACK,
	LOCAL_SAVEPOINT, LOCAL_RELEASE, LOCAL_ROLLBACK_TO, LOCAL_N
};

/* Configures SQLite, once a process, before its first use. Thread-safe. */
void db_engine_start(void);
enum err db_local_run(struct db *db, enum db_local what, struct fault *f) NODISCARD;
/* No transaction is open: it was never begun, or the database rolled it back. */
bool db_idle(const struct db *db);
/* Bytes in the write-ahead log after the last commit. */
int64_t db_wal_bytes(const struct db *db);
/* Folds the log in. restart: waits for readers (at most 50 ms), so that the
 * next commit begins the log anew.  What could not be folded in stays. */
void db_checkpoint(struct db *db, bool restart);
const struct db_spec *db_spec_of(const struct db *db);
