/* SPDX-License-Identifier: Apache-2.0 */
/* job.h - pools of threads that run jobs, and lanes that keep some in order.
 *
 * A job is a function with an arena.  It never waits for the writer or the
 * network: it ends by handing over a batch with a continuation, or an effect
 * with a deadline; both come back as jobs.  A pool has threads and a niceness.
 * Jobs of one lane key (a conversation) run one after the other, in the order
 * submitted, whichever thread takes them; lane 0 is "no lane".  A lane is not
 * held across effects.
 *
 * The simulated pool (job_pool_sim) has no threads: jobs run when job_sim_run
 * is called, on the caller's thread.
 * Thread-safe.  Limits: the queue is bounded; job_submit returns E_RETRY past it.
 */
#pragma once

#include "base/arena.h"
#include "base/role.h"

#include <stdbool.h>
#include <stdint.h>

struct job_pool;

struct job {
	/* Runs in a worker, inside arena_run: may leave through the ceiling.
	 * Its result goes to `done`. */
	enum err (*run)(struct arena *, void *arg, struct fault *);
	/* Always called, once, on the same thread, after run (the arena still
	 * lives).  May be NULL.  Must release arg. */
	void (*done)(struct arena *, void *arg, enum err, const struct fault *);
	void *arg;
	uint64_t lane;
	struct job *next;	/* the pool's own */
};

struct job_pool_spec {
	const char *name;	/* at most 12 characters: thread name */
	unsigned threads;
	int nice;		/* 0 normal, 19 polite */
	size_t arena_bytes;	/* ceiling a job; 0 = default */
	size_t queue_max;	/* waiting jobs; 0 = 65536 */
};

struct job_pool *job_pool_new(const struct job_pool_spec *spec);
struct job_pool *job_pool_sim(void);
/* Runs all that is queued (a job may queue more), stops the threads, frees. */
void job_pool_free(struct job_pool **p);

/* Copies *j. E_RETRY when the queue is full: nothing was taken. */
enum err job_submit(struct job_pool *p, const struct job *j) NODISCARD;
size_t job_waiting(const struct job_pool *p);
/* Waits until nothing is queued or running. Not from a worker. */
void job_pool_drain(struct job_pool *p);
/* Simulated only: runs queued jobs until none is left; returns how many. */
size_t job_sim_run(struct job_pool *p);
