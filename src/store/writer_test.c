/* SPDX-License-Identifier: Apache-2.0 */
/* writer_test.c - groups, savepoints, lost transactions, a full disk, pragmas. */
#include "store/writer.h"

#include "base/failpoint.h"
#include "store/db_private.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

enum { ADD, COUNT, CAP, UNCAP, FILL, LOSE, ROWS };
static const struct sql_row table[ROWS] = {
	[ADD] = { "add", SQL_WRITE, "INSERT INTO t (v) VALUES (?1)", NULL },
	[COUNT] = { "count", SQL_READ, "SELECT count(*) FROM t", NULL },
	[CAP] = { "cap", SQL_LOCAL, "PRAGMA max_page_count=20", NULL },
	[UNCAP] = { "uncap", SQL_LOCAL, "PRAGMA max_page_count=1000000", NULL },
	[FILL] = { "fill", SQL_WRITE, "INSERT INTO blobs (b) VALUES (randomblob(200000))", NULL },
	[LOSE] = { "lose", SQL_LOCAL, "ROLLBACK", NULL },
};
static const char *const schema[] = { "CREATE TABLE t (v INTEGER UNIQUE) STRICT", "CREATE TABLE blobs (b BLOB)", NULL };

static char dir[64], path[96];

static struct db_spec
spec(bool durable)
{
	return (struct db_spec){ .path = path, .writer = true, .table = table, .table_n = ROWS, .schema = schema,
	    .schema_version = 3, .durable = durable };
}

static int
setup(void **state)
{
	(void)state;
	(void)failpoint_arm("");
	snprintf(dir, sizeof(dir), "/tmp/baton-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s.db", dir);
	return 0;
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char p[128];

	(void)state;
	(void)failpoint_arm("");
	for (size_t i = 0; i < 3; i++) {
		snprintf(p, sizeof(p), "%s%s", path, ends[i]);
		(void)unlink(p);
	}
	return rmdir(dir);
}

static struct writer *
open_writer(bool thread)
{
	struct writer *w = NULL;
	struct fault f;

	if (writer_open(&(struct writer_spec){ .db = spec(true), .thread = thread }, &w, &f) != E_OK)
		fail_msg("%s", f.text);
	return w;
}

static int64_t
rows(void)
{
	struct db_spec s = spec(true);
	struct db_readers *r;
	struct db *db;
	struct stmt *q;
	struct fault f;
	bool row;
	int64_t n;

	assert_int_equal(db_readers_open(&s, 1, &r, &f), E_OK);
	db = db_borrow(r);
	q = db_stmt(db, COUNT);
	assert_int_equal(db_step(q, &row, &f), E_OK);
	n = db_i64(q, 0);
	db_return(r, &db);	/* the statement was left open: it is reset */
	db_readers_close(&r);
	return n;
}

struct item {
	int row;
	int64_t v;
	enum err fail, got;
	char text[512];
	int order;
};
static int done_order;

static enum err
apply(struct db *db, void *arg, struct fault *f)
{
	struct item *it = arg;
	struct stmt *s = db_stmt(db, it->row);
	enum err e;

	if (it->row == ADD)
		db_bind_i64(s, 1, it->v);
	e = db_step(s, NULL, f);
	db_done(s);
	if (e == E_OK && it->fail != E_OK)
		return fault(f, it->fail, "as asked");
	return e;
}

static void
done(void *arg, enum err e, const struct fault *f)
{
	struct item *it = arg;

	it->got = e;
	snprintf(it->text, sizeof(it->text), "%s", e == E_OK ? "" : f->text);
	it->order = ++done_order;
}

static void
run(struct writer *w, struct item *v, size_t n)
{
	done_order = 0;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(writer_submit(w, &(struct write_item){ apply, done, &v[i], NULL }), E_OK);
	assert_int_equal(writer_waiting(w), n);
	while (writer_step(w) > 0)
		continue;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i].order, i + 1);
}

static void
test_an_item_fails_alone(void **state)
{
	struct writer *w = open_writer(false);
	struct item v[] = { { ADD, 1, E_OK, 0, "", 0 }, { ADD, 2, E_CONFLICT, 0, "", 0 }, { ADD, 3, E_OK, 0, "", 0 },
	    { ADD, 1, E_OK, 0, "", 0 }, { ADD, 5, E_OK, 0, "", 0 } };

	(void)state;
	run(w, v, 5);
	assert_int_equal(v[0].got, E_OK);
	assert_int_equal(v[1].got, E_CONFLICT);
	assert_string_equal(v[1].text, "as asked");
	assert_int_equal(v[2].got, E_OK);
	assert_int_equal(v[3].got, E_CONFLICT);	/* UNIQUE */
	assert_int_equal(v[4].got, E_OK);
	assert_int_equal(rows(), 3);
	writer_close(&w);
}

static void
test_a_lost_transaction(void **state)
{
	struct writer *w = open_writer(false);
	struct item v[] = { { ADD, 1, E_OK, 0, "", 0 }, { LOSE, 0, E_OK, 0, "", 0 }, { ADD, 3, E_OK, 0, "", 0 } };

	(void)state;
	run(w, v, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(v[i].got, E_RETRY);
	assert_int_equal(rows(), 0);
	run(w, v, 1);
	assert_int_equal(v[0].got, E_OK);
	writer_close(&w);
}

static void
test_failpoints(void **state)
{
	static const struct { const char *at; enum err want; int64_t rows; } cases[] = {
		{ "writer_before_apply:error@1", E_RETRY, 0 },
		{ "writer_before_commit:error@1", E_RETRY, 0 },
		{ "writer_commit_fails:error@1", E_RETRY, 0 },	/* and reopens */
		{ "writer_disk_full:error@1", E_FULL, 0 },
		{ "writer_after_commit:error@1", E_OK, 1 },
	};
	struct writer *w = open_writer(false);
	struct item v = { ADD, 1, E_OK, 0, "", 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(failpoint_arm(cases[i].at));
		run(w, &v, 1);
		assert_int_equal(v.got, cases[i].want);
		assert_int_equal(writer_is_full(w), cases[i].want == E_FULL);
		assert_int_equal(rows(), cases[i].rows);
	}
	run(w, &(struct item){ ADD, 2, E_OK, 0, "", 0 }, 1);
	assert_int_equal(rows(), 2);
	writer_close(&w);
}

/* Every failpoint of the writer and the store is crossed by a test above or
 * below; a new one must be added here, with its test. */
static void
test_no_failpoint_is_untested(void **state)
{
	static const char *const tested[] = { "writer_before_apply", "writer_before_commit", "writer_commit_fails",
	    "writer_disk_full", "writer_after_commit", "store_pragma" };

	(void)state;
	for (unsigned i = 0; i < FP_N; i++) {
		const char *name = failpoint_name((enum failpoint)i);
		bool found = strncmp(name, "writer_", 7) != 0 && strncmp(name, "store_", 6) != 0;

		for (size_t k = 0; k < sizeof(tested) / sizeof(tested[0]); k++)
			found = found || strcmp(name, tested[k]) == 0;
		if (!found)
			fail_msg("no test crosses the failpoint %s", name);
	}
}

/* A disk that is really full, as far as SQLite can tell. */
static void
test_disk_full(void **state)
{
	struct writer *w = open_writer(false);
	struct item add = { ADD, 1, E_OK, 0, "", 0 }, cap = { CAP, 0, E_OK, 0, "", 0 };
	struct item fill[] = { { ADD, 2, E_OK, 0, "", 0 }, { FILL, 0, E_OK, 0, "", 0 } };
	struct item uncap = { UNCAP, 0, E_OK, 0, "", 0 };

	(void)state;
	run(w, &add, 1);
	run(w, &cap, 1);
	run(w, fill, 2);
	assert_int_equal(fill[0].got, E_FULL);
	assert_int_equal(fill[1].got, E_FULL);
	assert_true(writer_is_full(w));
	assert_int_equal(rows(), 1);	/* reads live on */
	run(w, &uncap, 1);
	run(w, fill, 2);
	assert_int_equal(fill[1].got, E_OK);
	assert_false(writer_is_full(w));
	assert_int_equal(rows(), 2);
	writer_close(&w);
}

/* R4 */
static void
test_a_setting_that_does_not_stick(void **state)
{
	struct db_spec s = spec(true);
	struct db *db = NULL;
	struct fault f = { 0 };

	(void)state;
	assert_true(failpoint_arm("store_pragma:error@1"));
	assert_int_equal(db_open(&s, &db, &f), E_CONFIG);
	assert_null(db);
	assert_non_null(strstr(f.text, "synchronous"));
}

/* An older store is brought up to date by the writer, and by nobody else. */
static void
check_upgrade(void)
{
	static const char *const more[] = { "CREATE TABLE later (x INTEGER)", NULL };
	static const char *const wrong[] = { "CREATE TABLE latest (x INTEGER)", "CREATE NONSENSE", NULL };
	static const struct db_upgrade good[] = { { 3, more } }, bad[] = { { 4, wrong } };
	struct db_spec s = spec(true);
	struct db *db = NULL;
	struct fault f = { 0 };

	s.schema_version = 4;
	s.upgrades = good;
	s.upgrades_n = 1;
	s.writer = false;
	assert_int_equal(db_open(&s, &db, &f), E_CONFIG);
	assert_non_null(strstr(f.text, "start the server once"));
	s.writer = true;
	assert_int_equal(db_open(&s, &db, &f), E_OK);
	db_close(&db);
	s.upgrades_n = 0;
	assert_int_equal(db_open(&s, &db, &f), E_OK);	/* it is at 4 now */
	db_close(&db);
	s.schema_version = 5;
	s.upgrades = bad;
	s.upgrades_n = 1;
	assert_true(db_open(&s, &db, &f) != E_OK);	/* nothing of the step stays */
	s.schema_version = 4;
	assert_int_equal(db_open(&s, &db, &f), E_OK);
	db_close(&db);
}

static void
test_what_is_not_ours(void **state)
{
	struct db_spec s = spec(true);
	struct writer *w;
	struct db *db = NULL;
	struct fault f = { 0 };
	FILE *file;

	(void)state;
	s.writer = false;
	assert_int_equal(db_open(&s, &db, &f), E_CONFIG);	/* no file */
	w = open_writer(false);
	writer_close(&w);
	s = spec(true);
	s.schema_version = 4;
	assert_int_equal(db_open(&s, &db, &f), E_CONFIG);
	assert_non_null(strstr(f.text, "schema version 3, this program needs 4"));
	check_upgrade();
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is not a database\n", file);
	fclose(file);
	s = spec(true);
	assert_int_equal(db_open(&s, &db, &f), E_CONFIG);
}

static void
test_the_log_is_folded_in(void **state)
{
	struct writer *w = open_writer(false);
	struct item v[40];

	(void)state;
	for (int i = 0; i < 40; i++) {
		v[i] = (struct item){ FILL, 0, E_OK, 0, "", 0 };
		run(w, &v[i], 1);
		assert_int_equal(v[i].got, E_OK);
	}
	{	/* 8 MB were written; the log never grew to that */
		char wal[128];
		FILE *file;

		snprintf(wal, sizeof(wal), "%s-wal", path);
		file = fopen(wal, "r");
		assert_non_null(file);
		assert_int_equal(fseek(file, 0, SEEK_END), 0);
		assert_true(ftell(file) < 6 << 20);
		fclose(file);
	}
	writer_close(&w);
}

static void
test_queue_limit(void **state)
{
	struct writer *w = NULL;
	struct item v = { ADD, 1, E_OK, 0, "", 0 };
	struct write_item it = { apply, done, &v, NULL };
	struct fault f;

	(void)state;
	assert_int_equal(writer_open(&(struct writer_spec){ .db = spec(true), .queue_max = 1 }, &w, &f), E_OK);
	assert_int_equal(writer_submit(w, &it), E_OK);
	assert_int_equal(writer_submit(w, &it), E_RETRY);
	writer_close(&w);	/* finishes the queue */
	assert_int_equal(v.got, E_OK);
	assert_int_equal(rows(), 1);
}

int
main(void)
{
#define IN_A_FOLDER(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(test_an_item_fails_alone),
		IN_A_FOLDER(test_a_lost_transaction),
		IN_A_FOLDER(test_failpoints),
		IN_A_FOLDER(test_no_failpoint_is_untested),
		IN_A_FOLDER(test_disk_full),
		IN_A_FOLDER(test_a_setting_that_does_not_stick),
		IN_A_FOLDER(test_what_is_not_ours),
		IN_A_FOLDER(test_the_log_is_folded_in),
		IN_A_FOLDER(test_queue_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
