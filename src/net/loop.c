/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c - the event loop's thread, and the way into it.
 *
 * Posted tasks form a lock-free stack that the loop takes whole and turns
 * round; only the post that finds it empty wakes the loop.
 */
#include "net/loop.h"

#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#define MAGIC 0x100FU
#define SIGNALS_MAX 4
#define POOL_FULL_US (50 * US_PER_MS)
#define SLICE_NS 100000	/* the kernel's least */

struct signal_watch {
	uv_signal_t uv;
	void (*fn)(void *arg, int signo);
	void *arg;
};

struct timer {
	uv_timer_t uv;
	struct loop_task entry;	/* the way to the loop */
	struct loop *loop;
	struct loop_task *task;
	uint64_t due_ms;	/* of uv_hrtime */
	bool ours;		/* the task is a job_later */
	struct timer *prev, *next;
};

struct loop {
	unsigned magic;
	uv_loop_t uv;
	uv_async_t wake;
	_Atomic(struct loop_task *) posted;
	atomic_bool stop;
	struct timer *timers;	/* armed */
	struct signal_watch signals[SIGNALS_MAX];
	size_t signals_n;
	pthread_t thread;
};

/* The one that this thread runs. */
static _Thread_local const struct loop *here;

static void
push(struct loop *l, struct loop_task *t)
{
	struct loop_task *head = atomic_load_explicit(&l->posted, memory_order_relaxed);

	do
		t->next = head;
	while (!atomic_compare_exchange_weak_explicit(&l->posted, &head, t,
	    memory_order_release, memory_order_relaxed));
	if (head == NULL)
		CHECK(uv_async_send(&l->wake) == 0);
}

static void
run_posted(struct loop *l)
{
	struct loop_task *t, *next, *line = NULL;

	role_assert_loop();
	t = atomic_exchange_explicit(&l->posted, NULL, memory_order_acquire);
	while (t != NULL) {
		next = t->next;
		t->next = line;
		line = t;
		t = next;
	}
	while (line != NULL) {
		next = line->next;
		line->run(line);
		line = next;
	}
}

static void
on_wake(uv_async_t *h)
{
	struct loop *l = h->data;
	bool stop = atomic_load(&l->stop);

	run_posted(l);
	if (stop)
		uv_stop(&l->uv);
}

enum err
loop_new(struct loop **out, struct fault *f)
{
	struct loop *l = calloc(1, sizeof(*l));
	int r;

	CHECK(l != NULL);
	r = uv_loop_init(&l->uv);
	if (r == 0)
		r = uv_async_init(&l->uv, &l->wake, on_wake);
	if (r != 0) {
		free(l);
		return fault(f, E_INTERNAL, "the event loop cannot start: %s", uv_strerror(r));
	}
	l->magic = MAGIC;
	l->wake.data = l;
	/* A peer that is gone is an error of that write, not of the process. */
	(void)signal(SIGPIPE, SIG_IGN);
	*out = l;
	return E_OK;
}

/* As in linux/sched/types.h, which does not go together with sched.h. */
struct sched_attr_v0 {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* The loop has little to do, often; the writer and the pools much, at a stretch.
 * Who asks for short slices takes a core from them when it wakes, and has no
 * larger share by that.  Before Linux 6.12 nothing comes of it. */
static void
ask_for_short_slices(void)
{
	struct sched_attr_v0 a = { .size = sizeof(a) };

	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) != 0 || a.policy != SCHED_OTHER)
		return;
	a.size = sizeof(a);
	a.runtime = SLICE_NS;
	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

void
loop_run(struct loop *l)
{
	enum role before = role_get();

	CHECK_OBJ(l, MAGIC);
	ask_for_short_slices();
	role_set(ROLE_LOOP);
	here = l;
	(void)uv_run(&l->uv, UV_RUN_DEFAULT);
	here = NULL;
	role_set(before);
}

bool
loop_is_here(const struct loop *l)
{
	return here == l;
}

static void *
thread_main(void *arg)
{
	(void)pthread_setname_np(pthread_self(), "loop");
	loop_run(arg);
	return NULL;
}

void
loop_start(struct loop *l)
{
	CHECK(pthread_create(&l->thread, NULL, thread_main, l) == 0);
}

void
loop_join(struct loop *l)
{
	CHECK(pthread_join(l->thread, NULL) == 0);
}

void
loop_stop(struct loop *l)
{
	atomic_store(&l->stop, true);
	(void)uv_async_send(&l->wake);
}

void
loop_post(struct loop *l, struct loop_task *t)
{
	push(l, t);
}

void
loop_flush(struct loop *l)
{
	enum role before = role_get();

	role_set(ROLE_LOOP);
	while (atomic_load(&l->posted) != NULL)
		run_posted(l);
	role_set(before);
}

static void
timer_free(uv_handle_t *h)
{
	free(h->data);
}

static void
timer_unlink(struct timer *t)
{
	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		t->loop->timers = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
}

static void discard(struct timer *t);

static void
on_timer(uv_timer_t *h)
{
	struct timer *t = h->data;
	struct loop_task *task = t->task;

	role_assert_loop();
	timer_unlink(t);
	uv_close((uv_handle_t *)h, timer_free);	/* frees t in the loop's next round */
	/* After the end the loop only closes things: whom the task would call may
	 * be gone. */
	if (atomic_load(&t->loop->stop))
		discard(t);
	else
		task->run(task);
}

static struct timer *
entry_timer(struct loop_task *entry)
{
	void *p = (char *)entry - offsetof(struct timer, entry);

	return p;
}

static void
timer_arm(struct loop_task *entry)
{
	struct timer *t = entry_timer(entry);
	struct loop *l = t->loop;
	uint64_t now = uv_hrtime() / 1000000U;

	CHECK(uv_timer_init(&l->uv, &t->uv) == 0);
	t->uv.data = t;
	t->next = l->timers;
	if (t->next != NULL)
		t->next->prev = t;
	l->timers = t;
	uv_update_time(&l->uv);
	CHECK(uv_timer_start(&t->uv, on_timer, t->due_ms > now ? t->due_ms - now : 0, 0) == 0);
}

static void
after(struct loop *l, int64_t after_us, struct loop_task *task, bool ours)
{
	struct timer *t = calloc(1, sizeof(*t));
	uint64_t ms = after_us <= 0 ? 0 : ((uint64_t)after_us + 999) / 1000;

	CHECK(t != NULL);
	t->loop = l;
	t->task = task;
	t->due_ms = uv_hrtime() / 1000000U + ms;
	t->ours = ours;
	t->entry.run = timer_arm;
	push(l, &t->entry);
}

void
loop_after(struct loop *l, int64_t after_us, struct loop_task *task)
{
	after(l, after_us, task, false);
}

struct job_later {
	struct loop_task task;
	struct loop *loop;
	struct job_pool *pool;
	struct job job;
};

static void
job_due(struct loop_task *t)
{
	struct job_later *j = (struct job_later *)t;

	if (job_submit(j->pool, &j->job) == E_OK)
		free(j);
	else
		after(j->loop, POOL_FULL_US, t, true);
}

/* A task that will not run: ours is released, others are their owner's, who
 * may be gone. */
static void
discard(struct timer *t)
{
	struct job_later *j = (struct job_later *)t->task;
	struct fault f = { E_RETRY, "the program is stopping" };

	if (t->ours && j != NULL) {
		if (j->job.done != NULL)
			j->job.done(NULL, j->job.arg, E_RETRY, &f);
		free(j);
	}
	t->task = NULL;
}

void
loop_after_job(struct loop *l, int64_t after_us, struct job_pool *pool, const struct job *job)
{
	struct job_later *j = calloc(1, sizeof(*j));

	CHECK(j != NULL);
	*j = (struct job_later){ { job_due, NULL }, l, pool, *job };
	after(l, after_us, &j->task, true);
}

static void
on_signal(uv_signal_t *h, int signo)
{
	struct signal_watch *w = h->data;

	role_assert_loop();
	w->fn(w->arg, signo);
}

enum err
loop_on_signal(struct loop *l, int signo, void (*fn)(void *arg, int signo), void *arg,
    struct fault *f)
{
	struct signal_watch *w;
	int r;

	CHECK(l->signals_n < SIGNALS_MAX);
	w = &l->signals[l->signals_n];
	w->fn = fn;
	w->arg = arg;
	w->uv.data = w;
	CHECK(uv_signal_init(&l->uv, &w->uv) == 0);
	l->signals_n++;
	r = uv_signal_start(&w->uv, on_signal, signo);
	if (r != 0)
		return fault(f, E_INTERNAL, "signal %d: %s", signo, uv_strerror(r));
	uv_unref((uv_handle_t *)&w->uv);
	return E_OK;
}

struct uv_loop_s *
loop_uv(struct loop *l)
{
	CHECK_OBJ(l, MAGIC);
	return &l->uv;
}

void
loop_free(struct loop **lp)
{
	struct loop *l = *lp;
	struct timer *t;

	if (l == NULL)
		return;
	CHECK_OBJ(l, MAGIC);
	loop_flush(l);
	for (t = l->timers; t != NULL; t = t->next) {
		discard(t);
		uv_close((uv_handle_t *)&t->uv, timer_free);
	}
	for (size_t i = 0; i < l->signals_n; i++)
		uv_close((uv_handle_t *)&l->signals[i].uv, NULL);
	uv_close((uv_handle_t *)&l->wake, NULL);
	(void)uv_run(&l->uv, UV_RUN_DEFAULT);
	CHECK(uv_loop_close(&l->uv) == 0);
	l->magic = 0;
	free(l);
	*lp = NULL;
}
