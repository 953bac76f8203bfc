/* SPDX-License-Identifier: Apache-2.0 */
/* extdb.h - foreign databases, read-only: the shop's orders.
 *
 * The one store header a connector may include.  A query is one SELECT with
 * named parameters; an authorizer refuses everything but reading, a deadline
 * and caps (rows, bytes) end what takes too long, on two threads of its own: a
 * file that blocks cannot take a worker.  `done` is called on one of them.
 */
#pragma once

#include "base/str.h"

struct extdb;

struct extdb_param {
	struct str name, value;	/* bound as text */
};
struct extdb_field {
	struct str name, value;	/* text; integers in decimal; NULL is empty */
};
struct extdb_result {
	const struct extdb_field *fields;	/* rows * columns, row by row */
	size_t rows, columns;
};
struct extdb_query {
	struct str file, sql;
	const struct extdb_param *params;
	size_t params_n;
	int64_t timeout_ms;
	size_t rows_max, bytes_max;
	/* E_TIMEOUT, E_TOOBIG, E_UPSTREAM (names what the database said), E_CONFIG
	 * (not a SELECT, unknown parameter).  The result lives until done returns. */
	void (*done)(void *arg, enum err, const struct extdb_result *, const struct fault *);
	void *arg;
};

enum err extdb_open(struct extdb **out, struct fault *f) NODISCARD;
void extdb_close(struct extdb **x);	/* waits for running queries (their deadline) */
/* Copies the query. E_RETRY when 256 are waiting. */
enum err extdb_submit(struct extdb *x, const struct extdb_query *q) NODISCARD;
/* Checks a query without running it: for `baton check`. */
enum err extdb_check(struct str file, struct str sql, const struct str *params, size_t n,
    struct fault *f) NODISCARD;
/* Runs it on the caller's thread: talk and tests. */
enum err extdb_run(const struct extdb_query *q);
/* Makes a database file from a script of statements: the demo's shop. E_CONFLICT
 * when the file exists; on a mistake no file is left. */
enum err extdb_make(const char *path, struct str script, struct fault *f) NODISCARD;
