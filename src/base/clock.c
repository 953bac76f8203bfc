/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - the only file that asks the system what time it is. */
#include "base/clock.h"

#include "base/check.h"

#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

static int64_t
read_us(clockid_t which)
{
	struct timespec t;

	CHECK(clock_gettime(which, &t) == 0);
	return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t
real_now_us(struct clock *c)
{
	(void)c;
	return read_us(CLOCK_REALTIME);
}

static int64_t
real_mono_us(struct clock *c)
{
	(void)c;
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_cpu_ns(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct clock *
clock_real(void)
{
	static struct clock real = { real_now_us, real_mono_us };

	return &real;
}

static struct clock_fake *
fake_of(struct clock *c)
{
	return (struct clock_fake *)(void *)((char *)c - offsetof(struct clock_fake, clock));
}

static int64_t
fake_now_us(struct clock *c)
{
	return atomic_load(&fake_of(c)->wall_us);
}

static int64_t
fake_mono_us(struct clock *c)
{
	return atomic_load(&fake_of(c)->mono_us);
}

void
clock_fake_init(struct clock_fake *c, int64_t wall_us)
{
	c->clock = (struct clock){ fake_now_us, fake_mono_us };
	atomic_init(&c->wall_us, wall_us);
	atomic_init(&c->mono_us, US_PER_S);	/* 0 often means "never" */
}

void
clock_fake_advance(struct clock_fake *c, int64_t by_us)
{
	CHECK(by_us >= 0);
	atomic_fetch_add(&c->wall_us, by_us);
	atomic_fetch_add(&c->mono_us, by_us);
}
