/* SPDX-License-Identifier: Apache-2.0 */
/* job_test.c - lanes keep their order, drains end, full queues refuse. */
#include "base/job.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define LANES 17
#define EACH 300

struct lane_state {
	atomic_int inside;
	int next;	/* touched by the lane's jobs only: TSan would see a race */
	int wrong;
};

static struct lane_state lanes[LANES + 1];
static atomic_int total;

struct numbered {
	uint64_t lane;
	int number;
};

static enum err
run_numbered(struct arena *a, void *arg, struct fault *f)
{
	struct numbered *n = arg;
	struct lane_state *lane = &lanes[n->lane];

	(void)f;
	role_assert_worker();
	(void)arena_alloc(a, 100);
	if (atomic_fetch_add(&lane->inside, 1) != 0 || lane->next != n->number)
		lane->wrong++;
	lane->next = n->number + 1;
	if (n->number % 50 == 0)
		(void)usleep(200);	/* let the others try to overtake */
	atomic_fetch_sub(&lane->inside, 1);
	return E_OK;
}

static void
free_arg(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	(void)a;
	(void)f;
	if (e == E_OK)
		atomic_fetch_add(&total, 1);
	free(arg);
}

static void
submit_numbered(struct job_pool *p, uint64_t lane, int number)
{
	struct numbered *n = malloc(sizeof(*n));

	assert_non_null(n);
	*n = (struct numbered){ lane, number };
	assert_int_equal(job_submit(p, &(struct job){ run_numbered, free_arg, n, lane, NULL }),
	    E_OK);
}

static void
test_lanes_keep_order(void **state)
{
	struct job_pool *p = job_pool_new(&(struct job_pool_spec){ .name = "four", .threads = 4 });

	(void)state;
	for (int i = 0; i < EACH; i++)
		for (uint64_t lane = 1; lane <= LANES; lane++)
			submit_numbered(p, lane, i);
	job_pool_drain(p);
	assert_int_equal(job_waiting(p), 0);
	assert_int_equal(atomic_load(&total), LANES * EACH);
	for (size_t i = 1; i <= LANES; i++) {
		assert_int_equal(lanes[i].wrong, 0);
		assert_int_equal(lanes[i].next, EACH);
	}
	job_pool_free(&p);
	assert_null(p);
}

static atomic_int meeting;

/* Ends only when a second one runs at the same time. */
static enum err
meet(struct arena *a, void *arg, struct fault *f)
{
	(void)a;
	(void)arg;
	(void)f;
	atomic_fetch_add(&meeting, 1);
	for (int i = 0; i < 5000 && atomic_load(&meeting) < 2; i++)
		(void)usleep(1000);
	return E_OK;
}

static void
test_no_lane_runs_side_by_side(void **state)
{
	struct job_pool *p = job_pool_new(&(struct job_pool_spec){ .name = "two", .threads = 2 });
	struct job j = { meet, NULL, NULL, 0, NULL };

	(void)state;
	assert_int_equal(job_submit(p, &j), E_OK);
	assert_int_equal(job_submit(p, &j), E_OK);
	job_pool_free(&p);
	assert_int_equal(atomic_load(&meeting), 2);
}

static struct job_pool *chain_pool;
static atomic_int chain_left;

static enum err
chain(struct arena *a, void *arg, struct fault *f)
{
	(void)a;
	(void)arg;
	(void)f;
	if (atomic_fetch_sub(&chain_left, 1) > 1)
		return job_submit(chain_pool, &(struct job){ chain, NULL, NULL, 5, NULL });
	return E_OK;
}

static void
test_free_runs_what_jobs_queue(void **state)
{
	(void)state;
	atomic_store(&chain_left, 200);
	chain_pool = job_pool_new(&(struct job_pool_spec){ .name = "chain", .threads = 3 });
	assert_int_equal(job_submit(chain_pool, &(struct job){ chain, NULL, NULL, 5, NULL }), E_OK);
	job_pool_free(&chain_pool);
	assert_int_equal(atomic_load(&chain_left), 0);

	atomic_store(&chain_left, 200);
	chain_pool = job_pool_sim();
	assert_int_equal(job_submit(chain_pool, &(struct job){ chain, NULL, NULL, 5, NULL }), E_OK);
	assert_int_equal(atomic_load(&chain_left), 200);
	assert_int_equal(job_sim_run(chain_pool), 200);
	assert_int_equal(role_get(), ROLE_ANY);
	job_pool_free(&chain_pool);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static enum err
wait_at_gate(struct arena *a, void *arg, struct fault *f)
{
	(void)a;
	(void)arg;
	(void)f;
	(void)pthread_mutex_lock(&gate);
	(void)pthread_mutex_unlock(&gate);
	return E_OK;
}

static void
test_full_queue_refuses(void **state)
{
	struct job_pool_spec spec = { .name = "small", .threads = 1, .queue_max = 3 };
	struct job_pool *p = job_pool_new(&spec);
	struct job j = { wait_at_gate, NULL, NULL, 9, NULL };
	int taken = 0;

	(void)state;
	assert_int_equal(pthread_mutex_lock(&gate), 0);
	while (job_submit(p, &j) == E_OK)
		assert_true(++taken <= 4);	/* one may run, three wait */
	assert_true(taken >= 3);
	assert_int_equal(job_waiting(p), 3);
	assert_int_equal(pthread_mutex_unlock(&gate), 0);
	job_pool_drain(p);
	assert_int_equal(job_submit(p, &j), E_OK);
	job_pool_free(&p);
}

static enum err
eat(struct arena *a, void *arg, struct fault *f)
{
	(void)arg;
	(void)f;
	for (;;)
		(void)arena_alloc(a, 1000);
	return E_OK;
}

static void
note_err(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	(void)arena_alloc(a, 1000);	/* the arena still lives, with its reserve */
	atomic_store((atomic_int *)arg, (int)(f->err == e ? e : E_OK));
}

static void
test_ceiling_ends_the_job_only(void **state)
{
	struct job_pool_spec spec = { .name = "poor", .threads = 1, .arena_bytes = 100000 };
	struct job_pool *p = job_pool_new(&spec);
	uint64_t before = log_event_count(LOG_JOB_TOOBIG);
	atomic_int seen = E_OK;

	(void)state;
	for (int i = 0; i < 3; i++) {
		atomic_store(&seen, E_OK);
		assert_int_equal(job_submit(p, &(struct job){ eat, note_err, &seen, 1, NULL }), E_OK);
		job_pool_drain(p);
		assert_int_equal(atomic_load(&seen), E_TOOBIG);
	}
	assert_int_equal(log_event_count(LOG_JOB_TOOBIG) - before, 3);
	job_pool_free(&p);
}

static enum err
read_nice(struct arena *a, void *arg, struct fault *f)
{
	(void)a;
	(void)f;
	atomic_store((atomic_int *)arg, getpriority(PRIO_PROCESS, 0));
	return E_OK;
}

static void
test_niceness_is_the_pools(void **state)
{
	struct job_pool_spec spec = { .name = "polite", .threads = 1, .nice = 19 };
	struct job_pool *p = job_pool_new(&spec);
	int mine = getpriority(PRIO_PROCESS, 0);
	atomic_int nice = -1;

	(void)state;
	assert_int_equal(job_submit(p, &(struct job){ read_nice, NULL, &nice, 0, NULL }), E_OK);
	job_pool_free(&p);
	assert_int_equal(atomic_load(&nice), 19);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), mine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lanes_keep_order),
		cmocka_unit_test(test_no_lane_runs_side_by_side),
		cmocka_unit_test(test_free_runs_what_jobs_queue),
		cmocka_unit_test(test_full_queue_refuses),
		cmocka_unit_test(test_ceiling_ends_the_job_only),
		cmocka_unit_test(test_niceness_is_the_pools),
	};

	log_init(LOG_ERROR, true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
