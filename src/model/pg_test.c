/* SPDX-License-Identifier: Apache-2.0 */
/* pg_test.c - every statement on a real PostgreSQL 15.
 *
 * The program runs on SQLite today; this keeps the other road open: it starts a
 * cluster of its own in a temporary folder (a socket in it, no port), makes the
 * schema and PREPAREs each statement that is not engine-local.  PostgreSQL
 * refuses to run as root, so as root everything of it runs as nobody.
 */
#include "model/schema.h"
#include "model/sql.h"

#include "base/buf.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

#define BIN "/usr/lib/postgresql/15/bin/"

static char dir[64], data[96], log_path[96], options[192];
static PGconn *pg;

static void
become_nobody(void)
{
	const struct passwd *nobody = getpwnam("nobody");

	if (geteuid() == 0 && (nobody == NULL || setgroups(0, NULL) != 0 || setgid(nobody->pw_gid) != 0 ||
	    setuid(nobody->pw_uid) != 0))
		_exit(126);
}

static int
run(const char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int out = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0666);

		become_nobody();
		if (chdir("/") != 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
			_exit(125);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *where)
{
	(void)st;
	(void)what;
	(void)where;
	return remove(path);
}

static int
start(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	char where[128];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/baton-pg-XXXXXX");
	assert_non_null(mkdtemp(dir));
	if (geteuid() == 0)
		assert_true(nobody != NULL && chown(dir, nobody->pw_uid, nobody->pw_gid) == 0);
	snprintf(data, sizeof(data), "%s/data", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	snprintf(options, sizeof(options), "-k %s -c listen_addresses='' -F", dir);
	if (run((const char *const[]){ BIN "initdb", "-D", data, "-U", "baton", "-A", "trust", "-E", "UTF8",
	    "--locale=C", "--no-sync", NULL }) != 0 ||
	    run((const char *const[]){ BIN "pg_ctl", "-D", data, "-o", options, "-w", "-s", "start", NULL }) != 0)
		fail_msg("PostgreSQL 15 did not start; see %s", log_path);
	snprintf(where, sizeof(where), "host=%s user=baton dbname=postgres", dir);
	pg = PQconnectdb(where);
	if (PQstatus(pg) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(pg));
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	PQfinish(pg);
	(void)run((const char *const[]){ BIN "pg_ctl", "-D", data, "-m", "immediate", "-w", "-s", "stop", NULL });
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ?1 becomes $1, outside of quotes: what a driver will do once, at prepare. */
static void
rewrite(struct buf *out, const char *sql)
{
	bool quoted = false;

	for (; *sql != '\0'; sql++) {
		if (*sql == '\'')
			quoted = !quoted;
		buf_add_c(out, *sql == '?' && !quoted ? '$' : *sql);
	}
}

static int
failed(PGresult *r, const char *what)
{
	bool bad = PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK;

	if (bad)
		(void)fprintf(stderr, "%s: %s", what, PQresultErrorMessage(r));
	PQclear(r);
	return bad;
}

static void
test_schema_and_statements(void **state)
{
	int bad = 0, prepared = 0;

	(void)state;
	for (const char *const *s = schema_postgres; *s != NULL; s++)
		bad += failed(PQexec(pg, *s), *s);
	assert_int_equal(bad, 0);
	for (size_t i = 0; i < SQL_N; i++) {
		const struct sql_row *row = &sql_table[i];
		struct buf sql;

		if ((row->use & SQL_LOCAL) != 0)
			continue;
		buf_init(&sql, 1 << 16);
		rewrite(&sql, row->postgres != NULL ? row->postgres : row->sqlite);
		bad += failed(PQprepare(pg, row->name, buf_z(&sql), 0, NULL), row->name);
		prepared++;
		buf_free(&sql);
	}
	assert_int_equal(bad, 0);
	assert_true(prepared > 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_schema_and_statements) };

	return cmocka_run_group_tests(tests, start, stop);
}
