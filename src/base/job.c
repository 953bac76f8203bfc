/* SPDX-License-Identifier: Apache-2.0 */
/* job.c - pools of threads, and lanes that keep some jobs in order.
 *
 * A lane exists while one of its jobs is ready or runs.  Only that one stands
 * in the pool's ready queue; the others wait in the lane and move up one by
 * one, so two of a lane can never run at once and none overtakes.
 */
#include "base/job.h"

#include "base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAGIC 0x10B9001U
#define QUEUE_MAX_DEFAULT ((size_t)65536)
#define LANE_BUCKETS ((size_t)1024)	/* a power of two */

struct queue {
	struct job *first, *last;
};

struct lane {
	struct lane *next;	/* in its bucket */
	uint64_t key;
	struct queue waiting;	/* behind the one that is ready or runs */
};

struct job_pool {
	unsigned magic;
	struct job_pool_spec spec;
	char name[13];

	pthread_mutex_t lock;	/* guards all below */
	pthread_cond_t work;	/* the ready queue grew, or stop */
	pthread_cond_t idle;	/* nothing waits or runs */
	struct queue ready;
	struct lane *lanes[LANE_BUCKETS];
	size_t waiting, running;
	bool stop;

	struct arena *sim_arena;	/* simulated pools */
	pthread_t threads[];
};

static void
queue_push(struct queue *q, struct job *j)
{
	j->next = NULL;
	if (q->last != NULL)
		q->last->next = j;
	else
		q->first = j;
	q->last = j;
}

static struct job *
queue_pop(struct queue *q)
{
	struct job *j = q->first;

	if (j == NULL)
		return NULL;
	q->first = j->next;
	if (q->first == NULL)
		q->last = NULL;
	return j;
}

static void
lock(struct job_pool *p)
{
	CHECK(pthread_mutex_lock(&p->lock) == 0);
}

static void
unlock(struct job_pool *p)
{
	CHECK(pthread_mutex_unlock(&p->lock) == 0);
}

/* Where the lane hangs, or would: *result is NULL when there is none. */
static struct lane **
lane_find(struct job_pool *p, uint64_t key)
{
	/* Keys are often row numbers: spread them. */
	uint64_t h = key * UINT64_C(0x9E3779B97F4A7C15);
	struct lane **at = &p->lanes[h >> 32 & (LANE_BUCKETS - 1)];

	while (*at != NULL && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

/* Locked. */
static void
enqueue(struct job_pool *p, struct job *j)
{
	struct lane **at;

	p->waiting++;
	if (j->lane != 0) {
		at = lane_find(p, j->lane);
		if (*at != NULL) {
			queue_push(&(*at)->waiting, j);
			return;
		}
		*at = calloc(1, sizeof(**at));
		CHECK(*at != NULL);
		(*at)->key = j->lane;
	}
	queue_push(&p->ready, j);
	CHECK(pthread_cond_signal(&p->work) == 0);
}

/* Locked: a job of the lane ended, the next moves up. */
static void
lane_release(struct job_pool *p, uint64_t key)
{
	struct lane **at, *lane;
	struct job *next;

	if (key == 0)
		return;
	at = lane_find(p, key);
	lane = *at;
	CHECK(lane != NULL);
	next = queue_pop(&lane->waiting);
	if (next != NULL) {
		queue_push(&p->ready, next);
		CHECK(pthread_cond_signal(&p->work) == 0);
		return;
	}
	*at = lane->next;
	free(lane);
}

static void
run_one(struct job *j, struct arena *a)
{
	struct fault f = { E_OK, "" };
	enum err e = arena_run(a, j->run, j->arg, &f);

	if (e == E_TOOBIG)
		log_warn(LOG_JOB_TOOBIG, K_Z("text", f.text));
	if (j->done != NULL)
		j->done(a, j->arg, e, &f);
	arena_reset(a);
}

/* Locked on entry and exit.  False when nothing is ready. */
static bool
run_next(struct job_pool *p, struct arena *a)
{
	struct job *j = queue_pop(&p->ready);

	if (j == NULL)
		return false;
	p->waiting--;
	p->running++;
	unlock(p);
	run_one(j, a);
	lock(p);
	lane_release(p, j->lane);
	free(j);
	if (--p->running == 0 && p->waiting == 0)
		CHECK(pthread_cond_broadcast(&p->idle) == 0);
	return true;
}

static void *
worker(void *arg)
{
	struct job_pool *p = arg;
	struct arena *a = arena_new(p->spec.arena_bytes);

	role_set(ROLE_WORKER);
	(void)pthread_setname_np(pthread_self(), p->name);
	/* On Linux a niceness belongs to the thread.  A refusal only means that
	 * we are less polite than we wished. */
	if (p->spec.nice != 0)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), p->spec.nice);

	lock(p);
	for (;;) {
		if (run_next(p, a))
			continue;
		if (p->stop)
			break;
		CHECK(pthread_cond_wait(&p->work, &p->lock) == 0);
	}
	unlock(p);
	arena_free(&a);
	return NULL;
}

static struct job_pool *
pool_new(const struct job_pool_spec *spec)
{
	struct job_pool *p = calloc(1, sizeof(*p) + spec->threads * sizeof(p->threads[0]));
	struct str name = str_sub(str_from(spec->name), 0, sizeof(p->name) - 1);

	CHECK(p != NULL);
	p->magic = MAGIC;
	p->spec = *spec;
	if (p->spec.queue_max == 0)
		p->spec.queue_max = QUEUE_MAX_DEFAULT;
	if (name.n > 0)
		memcpy(p->name, name.p, name.n);
	p->spec.name = p->name;
	CHECK(pthread_mutex_init(&p->lock, NULL) == 0);
	CHECK(pthread_cond_init(&p->work, NULL) == 0);
	CHECK(pthread_cond_init(&p->idle, NULL) == 0);
	return p;
}

struct job_pool *
job_pool_new(const struct job_pool_spec *spec)
{
	struct job_pool *p;
	sigset_t all, old;

	CHECK(spec->threads > 0);
	p = pool_new(spec);
	/* Signals are the loop's: workers are born deaf. */
	CHECK(sigfillset(&all) == 0);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &old) == 0);
	for (unsigned i = 0; i < spec->threads; i++)
		CHECK(pthread_create(&p->threads[i], NULL, worker, p) == 0);
	CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
	return p;
}

struct job_pool *
job_pool_sim(void)
{
	struct job_pool *p = pool_new(&(struct job_pool_spec){ .name = "sim" });

	p->sim_arena = arena_new(0);
	return p;
}

enum err
job_submit(struct job_pool *p, const struct job *j)
{
	struct job *copy;

	CHECK_OBJ(p, MAGIC);
	CHECK(j->run != NULL);
	copy = malloc(sizeof(*copy));
	CHECK(copy != NULL);
	*copy = *j;
	lock(p);
	if (p->waiting >= p->spec.queue_max) {
		unlock(p);
		free(copy);
		return E_RETRY;
	}
	enqueue(p, copy);
	unlock(p);
	return E_OK;
}

size_t
job_waiting(const struct job_pool *p)
{
	struct job_pool *locked;
	size_t n;

	CHECK_OBJ(p, MAGIC);
	/* Only the lock is touched. */
	memcpy(&locked, &p, sizeof(locked));
	lock(locked);
	n = p->waiting;
	unlock(locked);
	return n;
}

size_t
job_sim_run(struct job_pool *p)
{
	enum role before = role_get();
	size_t n = 0;

	CHECK_OBJ(p, MAGIC);
	CHECK(p->sim_arena != NULL);
	role_set(ROLE_WORKER);
	lock(p);
	while (run_next(p, p->sim_arena))
		n++;
	unlock(p);
	role_set(before);
	return n;
}

void
job_pool_drain(struct job_pool *p)
{
	CHECK_OBJ(p, MAGIC);
	if (p->sim_arena != NULL) {
		(void)job_sim_run(p);
		return;
	}
	lock(p);
	while (p->waiting > 0 || p->running > 0)
		CHECK(pthread_cond_wait(&p->idle, &p->lock) == 0);
	unlock(p);
}

void
job_pool_free(struct job_pool **pp)
{
	struct job_pool *p = *pp;

	if (p == NULL)
		return;
	job_pool_drain(p);
	lock(p);
	p->stop = true;
	CHECK(pthread_cond_broadcast(&p->work) == 0);
	unlock(p);
	for (unsigned i = 0; i < p->spec.threads; i++)
		CHECK(pthread_join(p->threads[i], NULL) == 0);
	CHECK(p->waiting == 0);	/* submitted while the pool was being freed */
	arena_free(&p->sim_arena);
	CHECK(pthread_cond_destroy(&p->idle) == 0);
	CHECK(pthread_cond_destroy(&p->work) == 0);
	CHECK(pthread_mutex_destroy(&p->lock) == 0);
	p->magic = 0;
	free(p);
	*pp = NULL;
}
