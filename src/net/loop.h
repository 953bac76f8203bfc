/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h - the event loop's thread, and the way into it.
 *
 * One loop owns every socket.  Other threads hand it tasks through a lock-free
 * queue and one wake-up; tasks run on the loop in the order posted by each
 * thread.  Timers have a millisecond's resolution.  A task's memory belongs to
 * its owner, who may release it from within run().
 */
#pragma once

#include "base/clock.h"
#include "base/fault.h"
#include "base/job.h"
#include "base/role.h"

#include <stdbool.h>

struct loop;
struct uv_loop_s;

struct loop_task {
	void (*run)(struct loop_task *t);	/* on the loop: begins with role_assert_loop() */
	struct loop_task *next;	/* the loop's own */
};

enum err loop_new(struct loop **out, struct fault *f) NODISCARD;
void loop_free(struct loop **l);	/* it must not run any more */

/* Runs it on the calling thread, which becomes ROLE_LOOP, until loop_stop. */
void loop_run(struct loop *l);
/* Or on a thread of its own; loop_join waits for its end. */
void loop_start(struct loop *l);
void loop_join(struct loop *l);
/* Ends the loop after the tasks posted so far. Thread-safe; from a signal
 * handler too. */
void loop_stop(struct loop *l);

/* Is the calling thread the one that runs l?  Such a caller can do at once what
 * others have to post: that saves a wake-up and a round. */
bool loop_is_here(const struct loop *l);

/* Thread-safe.  From the loop itself the task runs in its next round. */
void loop_post(struct loop *l, struct loop_task *t);
/* Runs t on the loop once, after_us from now.  Thread-safe.  What is still
 * pending when the loop is freed never runs. */
void loop_after(struct loop *l, int64_t after_us, struct loop_task *t);
/* The same for a job: it is submitted to pool then, and again if that is full.
 * One still pending when the loop is freed has its `done` called without an
 * arena (NULL): whoever made it may be gone, it may only release its arg. */
void loop_after_job(struct loop *l, int64_t after_us, struct job_pool *pool, const struct job *j);
/* Calls fn(arg, signal) on the loop for each arriving signal. Before loop_run. */
enum err loop_on_signal(struct loop *l, int signo, void (*fn)(void *arg, int signo),
    void *arg, struct fault *f) NODISCARD;

/* Runs what was posted, after the loop's end: so that late answers are released. */
void loop_flush(struct loop *l);

struct uv_loop_s *loop_uv(struct loop *l);	/* for net/ only */
