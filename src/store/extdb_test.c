/* SPDX-License-Identifier: Apache-2.0 */
/* extdb_test.c - foreign databases: what is refused, what ends, what comes back. */
#include "store/extdb.h"

#include "base/clock.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

static char dir[64], path[96];

static int
setup(void **state)
{
	sqlite3 *h = NULL;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/baton-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/shop.db", dir);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "CREATE TABLE orders (id TEXT, email TEXT, cents INTEGER, note TEXT);"
	    "INSERT INTO orders VALUES ('HP-1', 'ana@example.org', 1890, NULL), ('HP-2', 'bo@example.org', 5, 'x')",
	    NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(h);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

struct answer {
	enum err err;
	char text[512], cell[512];
	size_t rows, columns;
	atomic_bool over;
};

static void
done(void *arg, enum err e, const struct extdb_result *r, const struct fault *f)
{
	struct answer *x = arg;

	x->err = e;
	snprintf(x->text, sizeof(x->text), "%s", f->text);
	x->rows = r == NULL ? 0 : r->rows;
	x->columns = r == NULL ? 0 : r->columns;
	x->cell[0] = '\0';
	for (size_t i = 0; r != NULL && i < r->rows * r->columns && i < 8; i++)
		snprintf(x->cell + strlen(x->cell), sizeof(x->cell) - strlen(x->cell), "%.*s=%.*s;",
		    STR_ARG(r->fields[i].name), STR_ARG(r->fields[i].value));
	atomic_store(&x->over, true);
}

static struct extdb_query
query_of(struct answer *x, const char *sql, const struct extdb_param *p, size_t n)
{
	return (struct extdb_query){ .file = str_from(path), .sql = str_from(sql), .params = p, .params_n = n,
	    .timeout_ms = 300, .rows_max = 10, .bytes_max = 4096, .done = done, .arg = x };
}

static enum err
ask(struct answer *x, const char *sql)
{
	struct extdb_query q = query_of(x, sql, NULL, 0);

	return extdb_run(&q);
}

static void
test_a_row(void **state)
{
	struct extdb_param p[] = { { STR("order"), STR("HP-1") }, { STR("email"), STR("ana@example.org") } };
	struct answer x = { 0 };
	struct extdb_query q = query_of(&x, "SELECT id, cents, note FROM orders WHERE id = :order AND email = :email", p, 2);

	(void)state;
	assert_int_equal(extdb_run(&q), E_OK);
	assert_string_equal(x.cell, "id=HP-1;cents=1890;note=;");
	/* a value is never syntax */
	p[0].value = STR("x' OR '1'='1");
	assert_int_equal(extdb_run(&q), E_OK);
	assert_int_equal(x.rows, 0);
	assert_int_equal(x.columns, 3);
}

static void
test_what_is_refused(void **state)
{
	static const char *const bad[] = { "DELETE FROM orders", "UPDATE orders SET cents = 0", "DROP TABLE orders",
	    "ATTACH '/tmp/x.db' AS x", "PRAGMA table_info(orders)", "PRAGMA query_only=0", "VACUUM INTO '/tmp/y.db'",
	    "INSERT INTO orders SELECT * FROM orders RETURNING id", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE orders",
	    "SELECT * FROM pragma_table_info('orders')", "SELECT load_extension('x')", "", "SELEKT", "BEGIN",
	    "CREATE TEMP TABLE t (x)", "SELECT nothing FROM orders", "EXPLAIN SELECT 1; DELETE FROM orders" };
	struct answer x;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&x, 0, sizeof(x));
		if (ask(&x, bad[i]) != E_CONFIG)
			fail_msg("%s: %s: %s", bad[i], err_name(x.err), x.text);
	}
	assert_int_equal(ask(&x, "SELECT count(*) AS n FROM orders"), E_OK);
	assert_string_equal(x.cell, "n=2;");
}

static void
test_parameters(void **state)
{
	struct str names[] = { STR("order"), STR("other") };
	struct fault f;

	(void)state;
	assert_int_equal(extdb_check(str_from(path), STR("SELECT 1 FROM orders WHERE id = :order"), names, 1, &f), E_OK);
	assert_int_equal(extdb_check(str_from(path), STR("SELECT 1 FROM orders WHERE id = :order"), names, 2, &f), E_CONFIG);
	assert_non_null(strstr(f.text, "no parameter \"other\""));
	assert_int_equal(extdb_check(str_from(path), STR("SELECT 1 FROM orders WHERE id = :id"), NULL, 0, &f), E_CONFIG);
	assert_non_null(strstr(f.text, "\"id\" is not given"));
	assert_int_equal(extdb_check(str_from(path), STR("SELECT ?"), NULL, 0, &f), E_CONFIG);
}

#define FOREVER "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"

static void
test_caps(void **state)
{
	struct answer x = { 0 };
	int64_t began = clock_mono_us(clock_real());

	(void)state;
	assert_int_equal(ask(&x, FOREVER), E_TIMEOUT);
	assert_true(clock_mono_us(clock_real()) - began < 2 * US_PER_S);
	assert_int_equal(ask(&x, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 11) "
	    "SELECT x FROM c"), E_TOOBIG);
	assert_non_null(strstr(x.text, "more than 10 rows"));
	assert_int_equal(ask(&x, "SELECT hex(zeroblob(50000))"), E_TOOBIG);
	assert_int_equal(ask(&x, "SELECT zeroblob(5000000)"), E_TOOBIG);
}

static void
test_files(void **state)
{
	struct answer x = { 0 };
	struct extdb_query q = query_of(&x, "SELECT 1", NULL, 0);
	sqlite3 *h = NULL;
	FILE *file;

	(void)state;
	q.file = STR("/nonexistent/shop.db");
	assert_int_equal(extdb_run(&q), E_UPSTREAM);
	assert_non_null(strstr(x.text, "/nonexistent/shop.db"));
	q.file = STR("/dev/zero");
	assert_int_equal(extdb_run(&q), E_CONFIG);
	/* somebody writes and does not stop */
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(ask(&x, "SELECT * FROM orders"), E_TIMEOUT);
	assert_int_equal(sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(h);
	assert_int_equal(ask(&x, "SELECT * FROM orders"), E_OK);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 500; i++)
		fputs("not a database at all\n", file);
	fclose(file);
	assert_int_equal(ask(&x, "SELECT * FROM orders"), E_UPSTREAM);
}

/* Two that never end on both threads; those behind them get their answer at
 * their own deadline, and the 257th that waits is refused. */
static void
test_threads(void **state)
{
	static struct answer v[2 + 256 + 1];
	struct extdb *x = NULL;
	struct extdb_query q;
	struct fault f;
	int refused = 0;

	(void)state;
	assert_int_equal(extdb_open(&x, &f), E_OK);
	for (size_t i = 0; i < 2 + 256 + 1; i++) {
		q = query_of(&v[i], i < 2 ? FOREVER : "SELECT 1 AS one", NULL, 0);
		if (i == 2)
			usleep(50000);	/* both threads have taken theirs */
		if (extdb_submit(x, &q) == E_RETRY)
			refused++;
	}
	assert_int_equal(refused, 1);
	extdb_close(&x);
	for (size_t i = 0; i < 2 + 256; i++) {
		assert_true(atomic_load(&v[i].over));
		assert_true(v[i].err == E_TIMEOUT || (i >= 2 && v[i].err == E_OK));
	}
	assert_int_equal(v[0].err, E_TIMEOUT);
}

int
main(void)
{
#define WITH_SHOP(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_SHOP(test_a_row),
		WITH_SHOP(test_what_is_refused),
		WITH_SHOP(test_parameters),
		WITH_SHOP(test_caps),
		WITH_SHOP(test_files),
		WITH_SHOP(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
