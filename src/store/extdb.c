/* SPDX-License-Identifier: Apache-2.0 */
/* extdb.c - foreign databases, read-only, on two threads of their own.
 *
 * Each query opens its file anew: the other system may replace it at any time,
 * and a connection that stays open would keep the old one.  What the file says
 * is not trusted: no function of its schema runs, everything is capped.
 */
#include "store/extdb.h"

#include "base/buf.h"
#include "base/clock.h"
#include "store/db_private.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EXTDB_MAGIC 0xE87DB001U
#define THREADS 2
#define WAITING_MAX 256
#define COLUMNS_MAX 100
#define VALUE_MAX (1 << 20)
#define PROGRESS_OPS 1000
#define NAME_MAX_BYTES 64

struct task {
	struct extdb_query q;
	int64_t deadline_us;	/* monotonic */
	struct task *next;
};

struct extdb {
	unsigned magic;
	pthread_t threads[THREADS];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct task *first, **last;
	size_t waiting;
	bool stop;
};

/* One query's state while it runs. */
struct run {
	sqlite3 *h;
	sqlite3_stmt *p;
	int64_t deadline_us;
	struct buf text;		/* all names and values */
	struct cell { size_t at, n; } *cells;
	size_t cells_n, cells_cap;
	size_t rows;
	int columns;
};

static int
authorize(void *unused, int what, const char *a, const char *b, const char *c, const char *d)
{
	(void)unused;
	(void)a;
	(void)c;
	(void)d;
	switch (what) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return b != NULL && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static int64_t
now_us(void)
{
	return clock_mono_us(clock_real());
}

static int
on_progress(void *arg)
{
	const struct run *r = arg;

	return now_us() >= r->deadline_us;
}

static int
on_busy(void *arg, int times)
{
	const struct run *r = arg;

	(void)times;
	if (now_us() >= r->deadline_us)
		return 0;
	(void)sqlite3_sleep(10);
	return 1;
}

static enum err
said(const struct run *r, struct str file, int rc, struct fault *f)
{
	switch (rc & 0xff) {
	case SQLITE_INTERRUPT:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fault(f, E_TIMEOUT, "%.*s: no answer within the deadline", STR_ARG(file));
	case SQLITE_TOOBIG:
		return fault(f, E_TOOBIG, "%.*s: a value is larger than %d bytes", STR_ARG(file), VALUE_MAX);
	default:
		return fault(f, E_UPSTREAM, "%.*s: %s", STR_ARG(file), sqlite3_errmsg(r->h));
	}
}

static enum err
open_file(struct run *r, struct str file, struct fault *f)
{
	char path[1024];
	struct stat st;
	int rc;

	if (file.n == 0 || file.n >= sizeof(path) || memchr(file.p, '\0', file.n) != NULL)
		return fault(f, E_CONFIG, "the name of the database file is empty or too long");
	memcpy(path, file.p, file.n);
	path[file.n] = '\0';
	if (stat(path, &st) != 0)
		return fault(f, E_UPSTREAM, "%s: there is no such database file", path);
	/* A pipe or a device would block in open(2), where no deadline reaches. */
	if (!S_ISREG(st.st_mode))
		return fault(f, E_CONFIG, "%s: this is not a regular file", path);
	db_engine_start();
	rc = sqlite3_open_v2(path, &r->h, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	    NULL);
	if (rc != SQLITE_OK)
		return said(r, file, rc, f);
	(void)sqlite3_db_config(r->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(r->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_limit(r->h, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	(void)sqlite3_limit(r->h, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(r->h, SQLITE_LIMIT_SQL_LENGTH, 64 << 10);
	(void)sqlite3_limit(r->h, SQLITE_LIMIT_COLUMN, COLUMNS_MAX);
	(void)sqlite3_busy_handler(r->h, on_busy, r);
	sqlite3_progress_handler(r->h, PROGRESS_OPS, on_progress, r);
	rc = sqlite3_set_authorizer(r->h, authorize, NULL);
	return rc == SQLITE_OK ? E_OK : said(r, file, rc, f);
}

static bool
blank(const char *z, const char *end)
{
	for (; z < end; z++)
		if (strchr(" \t\r\n;", *z) == NULL)
			return false;
	return true;
}

static enum err
prepare(struct run *r, struct str file, struct str sql, struct fault *f)
{
	const char *tail = NULL;
	int rc;

	if (sql.n == 0 || sql.n > 64 << 10)
		return fault(f, E_CONFIG, "the query is empty or longer than 64 KB");
	rc = sqlite3_prepare_v2(r->h, sql.p, (int)sql.n, &r->p, &tail);
	if ((rc & 0xff) == SQLITE_AUTH)
		return fault(f, E_CONFIG, "the query may only read (SELECT): %s", sqlite3_errmsg(r->h));
	switch (rc & 0xff) {
	case SQLITE_OK:
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_PROTOCOL:
		return said(r, file, rc, f);
	default:
		return fault(f, E_CONFIG, "the query is not understood: %s", sqlite3_errmsg(r->h));
	}
	if (r->p == NULL || !sqlite3_stmt_readonly(r->p) || sqlite3_column_count(r->p) == 0)
		return fault(f, E_CONFIG, "the query is not a SELECT");
	if (!blank(tail, sql.p + sql.n))
		return fault(f, E_CONFIG, "there is more than one statement in the query");
	r->columns = sqlite3_column_count(r->p);
	return E_OK;
}

/* The index of a named parameter, without its mark; 0 = none. */
static int
param_index(sqlite3_stmt *p, struct str name)
{
	char z[NAME_MAX_BYTES + 2];

	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return 0;
	memcpy(z + 1, name.p, name.n);
	z[name.n + 1] = '\0';
	for (const char *mark = ":@$"; *mark != '\0'; mark++) {
		int at;

		z[0] = *mark;
		at = sqlite3_bind_parameter_index(p, z);
		if (at > 0)
			return at;
	}
	return 0;
}

/* Each parameter of the query is among the names. */
static enum err
check_params(struct run *r, const struct extdb_param *params, size_t n, struct fault *f)
{
	int wanted = sqlite3_bind_parameter_count(r->p);

	for (size_t i = 0; i < n; i++)
		if (param_index(r->p, params[i].name) == 0)
			return fault(f, E_CONFIG, "the query has no parameter \"%.*s\"",
			    STR_ARG(params[i].name));
	for (int at = 1; at <= wanted; at++) {
		const char *name = sqlite3_bind_parameter_name(r->p, at);
		bool given = false;

		if (name == NULL)
			return fault(f, E_CONFIG, "the query has a parameter without a name (use :name)");
		for (size_t i = 0; i < n && !given; i++)
			given = str_eqz(params[i].name, name + 1);
		if (!given)
			return fault(f, E_CONFIG, "the query's parameter \"%s\" is not given", name + 1);
	}
	return E_OK;
}

static void
add_cell(struct run *r, const char *p, size_t n)
{
	if (r->cells_n == r->cells_cap) {
		r->cells_cap = r->cells_cap == 0 ? 64 : r->cells_cap * 2;
		r->cells = realloc(r->cells, r->cells_cap * sizeof(r->cells[0]));
		CHECK(r->cells != NULL);	/* allocation failure aborts, by rule */
	}
	r->cells[r->cells_n++] = (struct cell){ r->text.n, n };
	buf_add(&r->text, p, n);
}

static enum err
read_rows(struct run *r, const struct extdb_query *q, struct fault *f)
{
	int rc;

	for (int c = 0; c < r->columns; c++) {
		const char *name = sqlite3_column_name(r->p, c);

		add_cell(r, name, strlen(name));
	}
	while ((rc = sqlite3_step(r->p)) == SQLITE_ROW) {
		if (r->rows == q->rows_max)
			return fault(f, E_TOOBIG, "%.*s: more than %zu rows", STR_ARG(q->file), q->rows_max);
		r->rows++;
		for (int c = 0; c < r->columns; c++) {
			const char *v = (const char *)sqlite3_column_text(r->p, c);

			add_cell(r, v, v == NULL ? 0 : (size_t)sqlite3_column_bytes(r->p, c));
		}
		if (r->text.over)
			return fault(f, E_TOOBIG, "%.*s: more than %zu bytes", STR_ARG(q->file), q->bytes_max);
		if (now_us() >= r->deadline_us)
			return said(r, q->file, SQLITE_INTERRUPT, f);
	}
	return rc == SQLITE_DONE ? E_OK : said(r, q->file, rc, f);
}

static enum err
query(struct run *r, const struct extdb_query *q, struct fault *f)
{
	if (now_us() >= r->deadline_us)
		return fault(f, E_TIMEOUT, "%.*s: waited too long for its turn", STR_ARG(q->file));
	TRY(open_file(r, q->file, f));
	TRY(prepare(r, q->file, q->sql, f));
	TRY(check_params(r, q->params, q->params_n, f));
	for (size_t i = 0; i < q->params_n; i++) {
		struct str v = q->params[i].value;

		if (sqlite3_bind_text64(r->p, param_index(r->p, q->params[i].name), v.n == 0 ? "" : v.p, v.n,
			SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
			return fault(f, E_TOOBIG, "the value of \"%.*s\" is too large",
			    STR_ARG(q->params[i].name));
	}
	return read_rows(r, q, f);
}

static void
run_free(struct run *r)
{
	(void)sqlite3_finalize(r->p);
	CHECK(sqlite3_close(r->h) == SQLITE_OK);
	buf_free(&r->text);
	free(r->cells);
}

static enum err
run_query(const struct extdb_query *q, int64_t deadline_us)
{
	struct run r = { .deadline_us = deadline_us };
	struct extdb_result result = { 0 };
	struct extdb_field *fields = NULL;
	struct fault f = { 0 };
	enum err e;

	/* The names stand in the same buffer, on top of what the rows may take. */
	buf_init(&r.text, q->bytes_max + COLUMNS_MAX * 256);
	e = query(&r, q, &f);
	if (e == E_OK) {
		size_t columns = (size_t)r.columns;

		fields = calloc(r.rows * columns + 1, sizeof(fields[0]));
		CHECK(fields != NULL);
		for (size_t i = 0; i < r.rows * columns; i++) {
			struct cell name = r.cells[i % columns], v = r.cells[columns + i];

			fields[i].name = str_sub(buf_str(&r.text), name.at, name.n);
			fields[i].value = str_sub(buf_str(&r.text), v.at, v.n);
		}
		result = (struct extdb_result){ fields, r.rows, columns };
	}
	q->done(q->arg, e, e == E_OK ? &result : NULL, &f);
	free(fields);
	run_free(&r);
	return e;
}

enum err
extdb_run(const struct extdb_query *q)
{
	return run_query(q, now_us() + q->timeout_ms * US_PER_MS);
}

enum err
extdb_check(struct str file, struct str sql, const struct str *params, size_t n, struct fault *f)
{
	struct run r = { .deadline_us = now_us() + US_PER_S };
	struct extdb_param *named = calloc(n + 1, sizeof(named[0]));
	enum err e;

	CHECK(named != NULL);
	for (size_t i = 0; i < n; i++)
		named[i].name = params[i];
	e = open_file(&r, file, f);
	if (e == E_OK)
		e = prepare(&r, file, sql, f);
	if (e == E_OK)
		e = check_params(&r, named, n, f);
	run_free(&r);
	free(named);
	return e;
}

static struct str
copy_str(char **at, struct str s)
{
	char *to = *at;

	if (s.n > 0)
		memcpy(to, s.p, s.n);
	*at += s.n;
	return (struct str){ to, s.n };
}

/* One allocation: the task, its parameters, all their bytes. */
static struct task *
task_new(const struct extdb_query *q)
{
	size_t bytes = q->file.n + q->sql.n, params = q->params_n * sizeof(struct extdb_param);
	struct extdb_param *p;
	struct task *t;
	char *at;

	for (size_t i = 0; i < q->params_n; i++)
		bytes += q->params[i].name.n + q->params[i].value.n;
	t = malloc(sizeof(*t) + params + bytes);
	CHECK(t != NULL);
	p = (struct extdb_param *)(void *)(t + 1);
	at = (char *)(void *)(t + 1) + params;
	*t = (struct task){ .q = *q, .deadline_us = now_us() + q->timeout_ms * US_PER_MS };
	t->q.file = copy_str(&at, q->file);
	t->q.sql = copy_str(&at, q->sql);
	t->q.params = p;
	for (size_t i = 0; i < q->params_n; i++) {
		p[i].name = copy_str(&at, q->params[i].name);
		p[i].value = copy_str(&at, q->params[i].value);
	}
	return t;
}

static void *
extdb_main(void *arg)
{
	struct extdb *x = arg;

	(void)pthread_setname_np(pthread_self(), "extdb");
	for (;;) {
		struct task *t;

		CHECK(pthread_mutex_lock(&x->lock) == 0);
		while (x->first == NULL && !x->stop)
			CHECK(pthread_cond_wait(&x->wake, &x->lock) == 0);
		t = x->first;
		if (t != NULL) {
			x->first = t->next;
			if (x->first == NULL)
				x->last = &x->first;
			x->waiting--;
		}
		CHECK(pthread_mutex_unlock(&x->lock) == 0);
		if (t == NULL)
			return NULL;
		(void)!run_query(&t->q, t->deadline_us);	/* done was told */
		free(t);
	}
}

enum err
extdb_open(struct extdb **out, struct fault *f)
{
	struct extdb *x = calloc(1, sizeof(*x));

	CHECK(x != NULL);
	x->magic = EXTDB_MAGIC;
	x->last = &x->first;
	CHECK(pthread_mutex_init(&x->lock, NULL) == 0);
	CHECK(pthread_cond_init(&x->wake, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&x->threads[i], NULL, extdb_main, x) != 0)
			return fault(f, E_INTERNAL, "no thread for foreign databases");
	*out = x;
	return E_OK;
}

void
extdb_close(struct extdb **px)
{
	struct extdb *x = *px;

	if (x == NULL)
		return;
	CHECK_OBJ(x, EXTDB_MAGIC);
	CHECK(pthread_mutex_lock(&x->lock) == 0);
	x->stop = true;
	CHECK(pthread_cond_broadcast(&x->wake) == 0);
	CHECK(pthread_mutex_unlock(&x->lock) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(x->threads[i], NULL) == 0);
	CHECK(pthread_cond_destroy(&x->wake) == 0);
	CHECK(pthread_mutex_destroy(&x->lock) == 0);
	x->magic = 0;
	free(x);
	*px = NULL;
}

enum err
extdb_submit(struct extdb *x, const struct extdb_query *q)
{
	struct task *t;
	enum err e = E_OK;

	CHECK_OBJ(x, EXTDB_MAGIC);
	t = task_new(q);
	CHECK(pthread_mutex_lock(&x->lock) == 0);
	if (x->waiting == WAITING_MAX || x->stop) {
		e = E_RETRY;
	} else {
		*x->last = t;
		x->last = &t->next;
		x->waiting++;
		CHECK(pthread_cond_signal(&x->wake) == 0);
	}
	CHECK(pthread_mutex_unlock(&x->lock) == 0);
	if (e != E_OK)
		free(t);
	return e;
}
