/* SPDX-License-Identifier: Apache-2.0 */
/* store.c - the reference's writer: Baton's statements, grouped by commit.
 *
 * Texts and tables are Baton's own (model/sql.def, model/schema.def), and so are
 * the pragmas, so that the database does the same work for both.  Left out is
 * what makes them safe: savepoints, hashes, checks, errors that are survived.
 */
#include "reference/reference.h"

#include "model/schema.h"
#include "model/sql.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GROUP_MAX 512
#define PASSIVE_PAGES 1000	/* Baton's 4 MB and 64 MB */
#define RESTART_PAGES 16000

struct head {			/* of a conversation, as conv_take_seqs returned it */
	int64_t conv, opened_us;
	int32_t seq;
	int64_t gid;
	unsigned char hash[32];
};

static sqlite3 *db;
static sqlite3_stmt *stmts[SQL_N], *begin, *commit;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static struct work *queue, **queue_end = &queue, *finished, **finished_end = &finished;
static int wake_fd, wal_pages;
static const char inbox[] = "halden";

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "reference: %s: %s\n", what, db == NULL ? "" : sqlite3_errmsg(db));
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The same 16 bytes for the same number and letter: ids that need no table. */
static void
id_of(char letter, int64_t n, unsigned char out[16])
{
	uint64_t x = (uint64_t)n * 0x9e3779b97f4a7c15U + (uint64_t)letter;

	memcpy(out, &n, 8);
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9U;
	memcpy(out + 8, &x, 8);
	out[0] = (unsigned char)letter;
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt *s = NULL;

	must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) == SQLITE_OK, sql);
	return s;
}

static void
text(sqlite3_stmt *s, int at, const char *v)
{
	(void)sqlite3_bind_text(s, at, v, (int)strlen(v), SQLITE_STATIC);
}

static void
blob(sqlite3_stmt *s, int at, const void *p, int n)
{
	(void)sqlite3_bind_blob(s, at, p, n, SQLITE_STATIC);
}

static void
finish(sqlite3_stmt *s, const char *what)
{
	int rc = sqlite3_step(s);

	must(rc == SQLITE_DONE || rc == SQLITE_ROW, what);
	(void)sqlite3_reset(s);
}

static void
find_conversation(const unsigned char visitor[16], const struct work *w)
{
	sqlite3_stmt *s = stmts[SQL_cmid_get];

	blob(s, 1, visitor, 16);
	blob(s, 2, w->cmid, 16);
	finish(s, "cmid_get");
	s = stmts[SQL_conv_live_of];
	blob(s, 1, visitor, 16);
	text(s, 2, inbox);
	finish(s, "conv_live_of");
}

static void
take_seq(const unsigned char conv[16], struct head *h)
{
	sqlite3_stmt *s = stmts[SQL_conv_take_seqs];

	blob(s, 1, conv, 16);
	(void)sqlite3_bind_int64(s, 2, 1);
	must(sqlite3_step(s) == SQLITE_ROW, "conv_take_seqs");
	h->conv = sqlite3_column_int64(s, 0);
	h->seq = sqlite3_column_int(s, 7);
	h->opened_us = sqlite3_column_int64(s, 11);
	memset(h->hash, 7, sizeof(h->hash));
	(void)sqlite3_reset(s);
}

static void
add_event(const struct work *w, const unsigned char visitor[16], struct head *h)
{
	sqlite3_stmt *s = stmts[SQL_event_add];
	char body[TEXT_MAX + 16];

	(void)sqlite3_bind_int64(s, 1, h->conv);
	(void)sqlite3_bind_int64(s, 2, h->seq);
	(void)sqlite3_bind_int64(s, 3, w->at_us);
	(void)sqlite3_bind_int64(s, 4, 1);
	blob(s, 5, visitor, 16);
	(void)sqlite3_bind_int64(s, 6, 0);
	text(s, 7, "message.customer");
	(void)sqlite3_bind_int64(s, 8, 1);
	(void)sqlite3_bind_int64(s, 9, 0);
	text(s, 10, "");
	blob(s, 11, w->cmid, 16);
	blob(s, 12, h->hash, 32);
	blob(s, 13, h->hash, 32);
	finish(s, "event_add");
	h->gid = sqlite3_last_insert_rowid(sqlite3_db_handle(s));
	(void)snprintf(body, sizeof(body), "{\"text\":\"%s\"}", w->text);
	s = stmts[SQL_event_body_add];
	(void)sqlite3_bind_int64(s, 1, h->gid);
	blob(s, 2, h->hash, 16);
	text(s, 3, body);
	finish(s, "event_body_add");
}

static void
save(const struct work *w, const struct head *h)
{
	static const int texts[] = { 17, 18, 19, 20, 21, 22, 23 };
	sqlite3_stmt *s = stmts[SQL_conv_save];

	for (int i = 4; i <= 30; i++)
		(void)sqlite3_bind_int64(s, i, 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text(s, texts[i], "");
	(void)sqlite3_bind_int64(s, 1, h->conv);
	(void)sqlite3_bind_int64(s, 2, h->seq);
	blob(s, 3, h->hash, 32);
	(void)sqlite3_bind_null(s, 5);
	(void)sqlite3_bind_int64(s, 7, 2);
	(void)sqlite3_bind_int64(s, 8, h->seq);
	(void)sqlite3_bind_int64(s, 9, h->seq);
	(void)sqlite3_bind_int64(s, 11, w->at_us);
	(void)sqlite3_bind_int64(s, 14, INT64_MAX);
	text(s, 15, w->text);
	text(s, 16, "customer");
	(void)sqlite3_bind_int64(s, 31, h->gid);
	finish(s, "conv_save");
}

static void
write_one(struct work *w)
{
	unsigned char visitor[16], conv[16];
	struct head h;
	sqlite3_stmt *s;

	id_of('v', w->visitor, visitor);
	id_of('c', w->visitor, conv);
	w->at_us = now_us();
	find_conversation(visitor, w);
	take_seq(conv, &h);
	add_event(w, visitor, &h);
	save(w, &h);
	s = stmts[SQL_cmid_add];
	blob(s, 1, visitor, 16);
	blob(s, 2, w->cmid, 16);
	blob(s, 3, h.hash, 32);
	(void)sqlite3_bind_int64(s, 4, h.conv);
	(void)sqlite3_bind_int64(s, 5, h.seq);
	(void)sqlite3_bind_int64(s, 6, w->at_us);
	finish(s, "cmid_add");
	s = stmts[SQL_conv_names];
	blob(s, 1, visitor, 16);
	(void)sqlite3_bind_null(s, 2);
	finish(s, "conv_names");
	w->seq = h.seq;
}

static void
write_group(struct work *group)
{
	uint64_t one = 1;
	static int checkpoint_at = PASSIVE_PAGES;
	struct work **end = &group;

	finish(begin, "BEGIN");
	for (; *end != NULL; end = &(*end)->next)
		write_one(*end);
	finish(stmts[SQL_fts_index], "fts_index");
	finish(stmts[SQL_fts_progress], "fts_progress");
	finish(commit, "COMMIT");
	(void)pthread_mutex_lock(&lock);
	*finished_end = group;
	finished_end = end;
	(void)pthread_mutex_unlock(&lock);
	must(write(wake_fd, &one, sizeof(one)) == sizeof(one), "eventfd");
	if (wal_pages < PASSIVE_PAGES)
		checkpoint_at = PASSIVE_PAGES;
	if (wal_pages >= checkpoint_at) {
		(void)sqlite3_wal_checkpoint_v2(db, NULL, wal_pages >= RESTART_PAGES ?
		    SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		checkpoint_at = wal_pages + PASSIVE_PAGES;
	}
}

static void *
writer(void *unused)
{
	(void)unused;
	for (;;) {
		struct work *group, **end;
		int n = 0;

		(void)pthread_mutex_lock(&lock);
		while (queue == NULL)
			(void)pthread_cond_wait(&wanted, &lock);
		group = queue;
		for (end = &queue; *end != NULL && n < GROUP_MAX; n++)
			end = &(*end)->next;
		queue = *end;
		*end = NULL;
		if (queue == NULL)
			queue_end = &queue;
		(void)pthread_mutex_unlock(&lock);
		write_group(group);
	}
	return NULL;
}

void
store_submit(struct work *w)
{
	w->next = NULL;
	(void)pthread_mutex_lock(&lock);
	if (queue == NULL)
		(void)pthread_cond_signal(&wanted);
	*queue_end = w;
	queue_end = &w->next;
	(void)pthread_mutex_unlock(&lock);
}

struct work *
store_done(void)
{
	struct work *w;

	(void)pthread_mutex_lock(&lock);
	w = finished;
	finished = NULL;
	finished_end = &finished;
	(void)pthread_mutex_unlock(&lock);
	return w;
}

static int
on_wal(void *unused, sqlite3 *h, const char *name, int pages)
{
	(void)unused;
	(void)h;
	(void)name;
	wal_pages = pages;
	return SQLITE_OK;
}

static void
make_conversations(int64_t n)
{
	finish(begin, "BEGIN");
	for (int64_t i = 0; i < n; i++) {
		sqlite3_stmt *s = stmts[SQL_conv_new];
		unsigned char visitor[16], conv[16], zero[32] = { 0 };

		id_of('v', i, visitor);
		id_of('c', i, conv);
		blob(s, 1, conv, 16);
		blob(s, 2, visitor, 16);
		text(s, 3, inbox);
		(void)sqlite3_bind_int64(s, 4, now_us());
		blob(s, 5, zero, 32);
		finish(s, "conv_new");
		s = stmts[SQL_contact_add];
		blob(s, 1, visitor, 16);
		text(s, 2, "en");
		(void)sqlite3_bind_int64(s, 3, now_us());
		finish(s, "contact_add");
	}
	finish(commit, "COMMIT");
}

void
store_open(const char *path, int64_t conversations, int wake)
{
	static const char *const pragmas[] = { "journal_mode=wal", "synchronous=2", "wal_autocheckpoint=0",
		"foreign_keys=1", "trusted_schema=0", "cell_size_check=1", "temp_store=2", "cache_size=-16000" };
	pthread_t thread;

	wake_fd = wake;
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	    NULL) == SQLITE_OK, path);
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
		char sql[64];

		(void)snprintf(sql, sizeof(sql), "PRAGMA %s", pragmas[i]);
		must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
	}
	(void)sqlite3_wal_hook(db, on_wal, NULL);
	for (const char *const *s = schema_sqlite; *s != NULL; s++)
		must(sqlite3_exec(db, *s, NULL, NULL, NULL) == SQLITE_OK, *s);
	begin = prepare("BEGIN IMMEDIATE");
	commit = prepare("COMMIT");
	for (int i = 0; i < SQL_N; i++)
		stmts[i] = sql_table[i].sqlite == NULL ? NULL : prepare(sql_table[i].sqlite);
	make_conversations(conversations);
	must(pthread_create(&thread, NULL, writer, NULL) == 0, "pthread_create");
}
