/* SPDX-License-Identifier: Apache-2.0 */
/* writer.h - the one thread that writes, and checkpoints.
 *
 * It takes the whole queue (after a group of 8 or more it first waits for as
 * many again, a millisecond at most), opens one transaction, applies each item; commits; then calls every
 * item's `done` in order, on the writer thread.  So `done` calls come in commit order: publication order.
 * `done` must not block: it queues a reply, a job, a publication.
 * An item that fails rolls back only itself: the transaction is begun again and
 * each item applied anew in a savepoint, so an apply may run twice and must say
 * the same again.  After an error that lost the
 * transaction (sqlite3_get_autocommit) every item gets E_RETRY; disk full
 * gives E_FULL; after a failed fsync the connection is reopened.
 * Thread-safe: writer_submit from any thread.  Limits: a transaction takes at
 * most 512 items; the queue at most `queue_max`.
 */
#pragma once

#include "base/role.h"
#include "store/db.h"

struct writer;

struct write_item {
	/* Inside the transaction; may be called again after a roll back. */
	enum err (*apply)(struct db *db, void *arg, struct fault *f);
	/* After the commit (or the failure). Owns arg from here on. */
	void (*done)(void *arg, enum err e, const struct fault *f);
	void *arg;
	struct write_item *next;	/* the writer's own */
};

struct writer_spec {
	struct db_spec db;
	size_t queue_max;	/* 0 = 65536 */
	bool thread;		/* false: simulated, writer_step() runs it */
};

enum err writer_open(const struct writer_spec *spec, struct writer **out, struct fault *f) NODISCARD;
/* Finishes the queue, checkpoints, closes. */
void writer_close(struct writer **w);
/* Copies *item. E_RETRY when the queue is full: nothing was taken, done is not called. */
enum err writer_submit(struct writer *w, const struct write_item *item) NODISCARD;
size_t writer_waiting(const struct writer *w);
bool writer_is_full(const struct writer *w);	/* the last commit failed for want of space */
/* Simulated: one transaction; returns the number of items. */
size_t writer_step(struct writer *w);
/* Submits and waits for done: the command line and tests only. `done` is set by it. */
enum err writer_call(struct writer *w, enum err (*apply)(struct db *, void *, struct fault *),
    void *arg, struct fault *f) NODISCARD;
