/* SPDX-License-Identifier: Apache-2.0 */
/* readers.c - a few read-only connections that jobs borrow.
 *
 * A borrowed connection is inside one read transaction: a job sees one state
 * of the store from its first statement to its last.
 */
#include "store/db_private.h"

#include <pthread.h>
#include <stdlib.h>

#define READERS_MAGIC 0x4EADE45U

struct db_readers {
	unsigned magic;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct db **free;	/* a stack: the warmest cache first */
	size_t free_n, n;
};

enum err
db_readers_open(const struct db_spec *spec, size_t n, struct db_readers **out, struct fault *f)
{
	struct db_readers *r = calloc(1, sizeof(*r));
	struct db_spec reader = *spec;
	enum err e = E_OK;

	CHECK(r != NULL && n > 0);
	r->magic = READERS_MAGIC;
	r->free = calloc(n, sizeof(r->free[0]));
	CHECK(r->free != NULL);
	CHECK(pthread_mutex_init(&r->lock, NULL) == 0);
	CHECK(pthread_cond_init(&r->freed, NULL) == 0);
	reader.writer = false;
	for (; r->n < n && e == E_OK; r->n++) {
		e = db_open(&reader, &r->free[r->n], f);
		if (e != E_OK)
			break;
	}
	r->free_n = r->n;
	if (e != E_OK)
		db_readers_close(&r);
	*out = r;
	return e;
}

void
db_readers_close(struct db_readers **pr)
{
	struct db_readers *r = *pr;

	if (r == NULL)
		return;
	CHECK_OBJ(r, READERS_MAGIC);
	CHECK(r->free_n == r->n);	/* somebody still reads */
	for (size_t i = 0; i < r->n; i++)
		db_close(&r->free[i]);
	CHECK(pthread_cond_destroy(&r->freed) == 0);
	CHECK(pthread_mutex_destroy(&r->lock) == 0);
	r->magic = 0;
	free(r->free);
	free(r);
	*pr = NULL;
}

struct db *
db_borrow(struct db_readers *r)
{
	struct db *db;
	struct fault f;

	CHECK_OBJ(r, READERS_MAGIC);
	CHECK(pthread_mutex_lock(&r->lock) == 0);
	while (r->free_n == 0)
		CHECK(pthread_cond_wait(&r->freed, &r->lock) == 0);
	db = r->free[--r->free_n];
	CHECK(pthread_mutex_unlock(&r->lock) == 0);
	/* Deferred: it takes no lock and reads nothing yet. */
	CHECK(db_local_run(db, LOCAL_BEGIN_READ, &f) == E_OK);
	return db;
}

void
db_return(struct db_readers *r, struct db **pdb)
{
	struct db *db = *pdb;

	CHECK_OBJ(r, READERS_MAGIC);
	db_done_all(db);
	/* An I/O error may have ended the transaction already. */
	if (!db_idle(db))
		CHECK(db_local_run(db, LOCAL_ROLLBACK, NULL) == E_OK);
	CHECK(pthread_mutex_lock(&r->lock) == 0);
	r->free[r->free_n++] = db;
	CHECK(pthread_cond_signal(&r->freed) == 0);
	CHECK(pthread_mutex_unlock(&r->lock) == 0);
	*pdb = NULL;
}
