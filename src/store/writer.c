/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c - one thread, one connection, one transaction for all that waits.
 *
 * The group is the point: one fsync pays for everybody who came while the
 * last one ran.  An answer is given only for what a commit made durable.
 */
#include "store/writer.h"

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "store/db_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WRITER_MAGIC 0x3417E401U
#define GROUP_MAX 512
#define QUEUE_MAX 65536
#define PASSIVE_BYTES ((int64_t)4 << 20)
#define RESTART_BYTES ((int64_t)64 << 20)
#define BUSY_GROUP 8		/* so many came at once: more are on their way */
#define LINGER_US 1000		/* then it waits a little, for as many again */

struct result {
	enum err err;
	struct fault fault;
};

struct writer {
	unsigned magic;
	struct writer_spec spec;
	char *path;
	struct db *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct write_item *first, **last;	/* under lock */
	atomic_size_t waiting;
	bool stop;				/* under lock */
	atomic_bool full;
	int64_t checkpoint_at;			/* the log's size that asks for the next one */
	size_t last_group;
	size_t wanted;				/* under lock: that many waiting end a lingering */
	struct result results[GROUP_MAX];
};

/* Until as many have come as in the last group, or the time is over: who was answered by
 * it is likely to come again at once, and a group costs a commit whatever its size. */
static void
linger(struct writer *w)
{
	int64_t end_us = clock_mono_us(clock_real()) + LINGER_US;
	struct timespec until = { .tv_sec = end_us / US_PER_S, .tv_nsec = end_us % US_PER_S * 1000 };

	w->wanted = w->last_group;
	while (atomic_load(&w->waiting) < w->wanted && !w->stop)
		if (pthread_cond_timedwait(&w->wake, &w->lock, &until) != 0)
			break;
	w->wanted = 0;
}

/* Until there is something to write, or the end. */
static void
await(struct writer *w)
{
	CHECK(pthread_mutex_lock(&w->lock) == 0);
	while (w->first == NULL && !w->stop)
		CHECK(pthread_cond_wait(&w->wake, &w->lock) == 0);
	if (w->last_group >= BUSY_GROUP)
		linger(w);
	CHECK(pthread_mutex_unlock(&w->lock) == 0);
}

/* Takes up to GROUP_MAX items off the queue, in order. */
static struct write_item *
take(struct writer *w, size_t *n, bool *stop)
{
	struct write_item *group, **end;

	CHECK(pthread_mutex_lock(&w->lock) == 0);
	group = w->first;
	end = &w->first;
	for (*n = 0; *n < GROUP_MAX && *end != NULL; (*n)++)
		end = &(*end)->next;
	w->first = *end;
	*end = NULL;
	if (w->first == NULL)
		w->last = &w->first;
	*stop = w->stop && w->first == NULL;
	CHECK(pthread_mutex_unlock(&w->lock) == 0);
	if (*n == 0)
		return NULL;
	(void)atomic_fetch_sub(&w->waiting, *n);
	return group;
}

/* One item in its savepoint.  False: the whole transaction is gone or must go. */
static bool
apply_one(struct writer *w, const struct write_item *item, struct result *r)
{
	struct db *db = w->db;

	r->fault.text[0] = '\0';
	r->err = db_local_run(db, LOCAL_SAVEPOINT, &r->fault);
	if (r->err != E_OK)
		return false;
	r->err = item->apply(db, item->arg, &r->fault);
	db_done_all(db);
	if (db_idle(db) || r->err == E_FULL)
		return false;
	if (r->err != E_OK && db_local_run(db, LOCAL_ROLLBACK_TO, NULL) != E_OK)
		return false;
	return db_local_run(db, LOCAL_RELEASE, NULL) == E_OK;
}

/* All items in one transaction without savepoints: what nearly every group is.
 * False: one failed, and what it had done before still stands. */
static bool
apply_bare(struct writer *w, struct write_item *group)
{
	size_t i = 0;

	for (struct write_item *it = group; it != NULL; it = it->next, i++) {
		struct result *r = &w->results[i];

		r->fault.text[0] = '\0';
		r->err = it->apply(w->db, it->arg, &r->fault);
		db_done_all(w->db);
		if (r->err != E_OK || db_idle(w->db))
			return false;
	}
	return true;
}

static enum err
apply_each(struct writer *w, struct write_item *group, struct fault *f)
{
	size_t i = 0;

	for (struct write_item *it = group; it != NULL; it = it->next, i++) {
		if (apply_one(w, it, &w->results[i]))
			continue;
		if (w->results[i].err == E_FULL)
			return fault(f, E_FULL, "%s", w->results[i].fault.text);
		return fault(f, E_RETRY, "store: the transaction was lost: %s",
		    w->results[i].fault.text);
	}
	return E_OK;
}

static enum err
apply_all(struct writer *w, struct write_item *group, struct fault *f)
{
	TRY(db_local_run(w->db, LOCAL_BEGIN, f));
	if (FAIL(writer_before_apply))
		return fault(f, E_RETRY, "the writer was interrupted");
	if (FAIL(writer_disk_full))
		return fault(f, E_FULL, "store: the disk is full");
	/* A failed item must leave nothing: then everything again, each item in
	 * a savepoint of its own, which costs a copy of each page it changes. */
	if (!apply_bare(w, group)) {
		if (!db_idle(w->db))
			TRY(db_local_run(w->db, LOCAL_ROLLBACK, f));
		TRY(db_local_run(w->db, LOCAL_BEGIN, f));
		TRY(apply_each(w, group, f));
	}
	if (w->spec.db.before_commit != NULL) {
		enum err e = w->spec.db.before_commit(w->db, f);

		db_done_all(w->db);
		if (e != E_OK)
			return e == E_FULL ? e : fault_wrap(f, "before the commit");
	}
	return E_OK;
}

/* The connection may hold a state that is not the disk's: a new one reads it. */
static void
reopen(struct writer *w)
{
	struct fault f;

	log_error(LOG_STORE_REOPEN, K_Z("path", w->path));
	db_close(&w->db);
	if (db_open(&w->spec.db, &w->db, &f) != E_OK)
		log_error(LOG_STORE_ERROR, K_Z("text", f.text));	/* tried again with the next group */
}

static enum err
commit(struct writer *w, struct fault *f)
{
	enum err e;

	if (FAIL(writer_before_commit))
		return fault(f, E_RETRY, "the writer was interrupted");
	if (FAIL(writer_commit_fails))
		e = fault(f, E_INTERNAL, "store: COMMIT: the disk refused");
	else
		e = db_local_run(w->db, LOCAL_COMMIT, f);
	if (e == E_OK || e == E_FULL || e == E_RETRY)
		return e;
	if (!db_idle(w->db))
		(void)!db_local_run(w->db, LOCAL_ROLLBACK, NULL);
	reopen(w);
	return fault(f, E_RETRY, "store: the commit failed, nothing was stored");
}

static void
set_full(struct writer *w, bool full)
{
	if (atomic_exchange(&w->full, full) != full)
		log_warn(LOG_STORE_FULL, K_I64("full", full));
}

/* The whole group in one transaction; fills results. */
static void
write_group(struct writer *w, struct write_item *group, size_t n)
{
	struct fault f = { 0 };
	enum err e;

	if (w->db == NULL && db_open(&w->spec.db, &w->db, &f) != E_OK)
		e = fault(&f, E_RETRY, "store: it cannot be opened now");
	else
		e = apply_all(w, group, &f);
	if (e == E_OK)
		e = commit(w, &f);
	if (e == E_OK) {
		set_full(w, false);
		(void)FAIL(writer_after_commit);
		return;
	}
	if (w->db != NULL && !db_idle(w->db) && db_local_run(w->db, LOCAL_ROLLBACK, NULL) != E_OK)
		reopen(w);
	if (e == E_FULL)
		set_full(w, true);
	for (size_t i = 0; i < n; i++)
		w->results[i] = (struct result){ e == E_FULL ? E_FULL : E_RETRY, f };
}

/* Between transactions, after the answers: nobody waits for it. */
static void
checkpoint(struct writer *w)
{
	int64_t bytes;

	if (w->db == NULL)
		return;
	bytes = db_wal_bytes(w->db);
	if (bytes < PASSIVE_BYTES)
		w->checkpoint_at = PASSIVE_BYTES;
	if (bytes < w->checkpoint_at)
		return;
	db_checkpoint(w->db, bytes >= RESTART_BYTES);
	/* A reader may hold the log; then not again before it has grown. */
	w->checkpoint_at = bytes + PASSIVE_BYTES;
}

static size_t
run_group(struct writer *w, bool wait, bool *stop)
{
	struct write_item *group;
	size_t n, i = 0;

	if (wait)
		await(w);
	group = take(w, &n, stop);
	w->last_group = n;
	if (n == 0)
		return 0;
	write_group(w, group, n);
	for (struct write_item *it = group, *next; it != NULL; it = next, i++) {
		next = it->next;
		it->done(it->arg, w->results[i].err, &w->results[i].fault);
		free(it);
	}
	checkpoint(w);
	return n;
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;
	bool stop = false;

	role_set(ROLE_WRITER);
	(void)pthread_setname_np(pthread_self(), "writer");
	while (!stop)
		(void)run_group(w, true, &stop);
	return NULL;
}

enum err
writer_open(const struct writer_spec *spec, struct writer **out, struct fault *f)
{
	struct writer *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;
	enum err e;

	CHECK(w != NULL);
	*w = (struct writer){ .magic = WRITER_MAGIC, .spec = *spec, .checkpoint_at = PASSIVE_BYTES };
	w->path = strdup(spec->db.path);
	CHECK(w->path != NULL);
	w->spec.db.path = w->path;
	w->spec.db.writer = true;
	if (w->spec.queue_max == 0)
		w->spec.queue_max = QUEUE_MAX;
	w->last = &w->first;
	CHECK(pthread_mutex_init(&w->lock, NULL) == 0);
	CHECK(pthread_condattr_init(&monotonic) == 0);
	CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&w->wake, &monotonic) == 0);
	CHECK(pthread_condattr_destroy(&monotonic) == 0);
	e = db_open(&w->spec.db, &w->db, f);
	*out = NULL;
	if (e != E_OK) {
		w->spec.thread = false;
		writer_close(&w);
		return e;
	}
	log_info(LOG_STORE_OPEN, K_Z("path", w->path));
	if (spec->thread)
		CHECK(pthread_create(&w->thread, NULL, writer_main, w) == 0);
	*out = w;
	return E_OK;
}

void
writer_close(struct writer **pw)
{
	struct writer *w = *pw;

	if (w == NULL)
		return;
	CHECK_OBJ(w, WRITER_MAGIC);
	CHECK(pthread_mutex_lock(&w->lock) == 0);
	w->stop = true;
	CHECK(pthread_cond_signal(&w->wake) == 0);
	CHECK(pthread_mutex_unlock(&w->lock) == 0);
	if (w->spec.thread)
		CHECK(pthread_join(w->thread, NULL) == 0);
	else if (w->db != NULL)
		while (writer_step(w) > 0)
			continue;
	if (w->db != NULL)
		db_checkpoint(w->db, true);
	db_close(&w->db);
	CHECK(pthread_cond_destroy(&w->wake) == 0);
	CHECK(pthread_mutex_destroy(&w->lock) == 0);
	w->magic = 0;
	free(w->path);
	free(w);
	*pw = NULL;
}

enum err
writer_submit(struct writer *w, const struct write_item *item)
{
	struct write_item *copy;
	size_t before;

	CHECK_OBJ(w, WRITER_MAGIC);
	if (atomic_load(&w->waiting) >= w->spec.queue_max)
		return E_RETRY;
	copy = malloc(sizeof(*copy));
	CHECK(copy != NULL);
	*copy = *item;
	copy->next = NULL;
	CHECK(pthread_mutex_lock(&w->lock) == 0);
	CHECK(!w->stop);	/* nobody would ever answer */
	*w->last = copy;
	w->last = &copy->next;
	before = atomic_fetch_add(&w->waiting, 1);
	if (before == 0 || before + 1 == w->wanted)
		CHECK(pthread_cond_signal(&w->wake) == 0);
	CHECK(pthread_mutex_unlock(&w->lock) == 0);
	return E_OK;
}

size_t
writer_waiting(const struct writer *w)
{
	CHECK_OBJ(w, WRITER_MAGIC);
	return atomic_load(&w->waiting);
}

bool
writer_is_full(const struct writer *w)
{
	CHECK_OBJ(w, WRITER_MAGIC);
	return atomic_load(&w->full);
}

size_t
writer_step(struct writer *w)
{
	bool stop;

	CHECK_OBJ(w, WRITER_MAGIC);
	CHECK(!w->spec.thread);
	return run_group(w, false, &stop);
}

struct call {
	enum err (*apply)(struct db *, void *, struct fault *);
	void *arg;
	struct fault *f;
	enum err err;
	bool over;		/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t ended;
};

static enum err
call_apply(struct db *db, void *arg, struct fault *f)
{
	struct call *c = arg;

	return c->apply(db, c->arg, f);
}

static void
call_done(void *arg, enum err e, const struct fault *f)
{
	struct call *c = arg;

	CHECK(pthread_mutex_lock(&c->lock) == 0);
	c->err = e;
	if (c->f != NULL && e != E_OK)
		*c->f = *f;
	c->over = true;
	CHECK(pthread_cond_signal(&c->ended) == 0);
	CHECK(pthread_mutex_unlock(&c->lock) == 0);
}

enum err
writer_call(struct writer *w, enum err (*apply)(struct db *, void *, struct fault *), void *arg,
    struct fault *f)
{
	struct call c = { .apply = apply, .arg = arg, .f = f };
	enum err e;

	CHECK(pthread_mutex_init(&c.lock, NULL) == 0);
	CHECK(pthread_cond_init(&c.ended, NULL) == 0);
	e = writer_submit(w, &(struct write_item){ call_apply, call_done, &c, NULL });
	if (e == E_OK) {
		if (!w->spec.thread)
			while (!c.over && writer_step(w) > 0)
				continue;
		CHECK(pthread_mutex_lock(&c.lock) == 0);
		while (!c.over)
			CHECK(pthread_cond_wait(&c.ended, &c.lock) == 0);
		CHECK(pthread_mutex_unlock(&c.lock) == 0);
		e = c.err;
	} else {
		(void)fault(f, e, "the writer's queue is full");
	}
	CHECK(pthread_cond_destroy(&c.ended) == 0);
	CHECK(pthread_mutex_destroy(&c.lock) == 0);
	return e;
}
