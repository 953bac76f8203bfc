/* SPDX-License-Identifier: Apache-2.0 */
/* role.c - what the calling thread said it is. */
#include "base/role.h"

#include "base/check.h"

#include <stdatomic.h>

struct role_cap role_loop, role_writer, role_worker, role_egress;

static _Thread_local enum role mine = ROLE_ANY;
static atomic_bool simulated;

void
role_set(enum role r)
{
	mine = r;
}

enum role
role_get(void)
{
	return mine;
}

void
role_simulate(bool one_thread_plays_all)
{
	atomic_store(&simulated, one_thread_plays_all);
}

static bool
may_play(enum role r)
{
	return mine == r || atomic_load_explicit(&simulated, memory_order_relaxed);
}

void
role_assert_loop(void)
{
	CHECK(may_play(ROLE_LOOP));
}

void
role_assert_writer(void)
{
	CHECK(may_play(ROLE_WRITER));
}

void
role_assert_worker(void)
{
	CHECK(may_play(ROLE_WORKER));
}

void
role_assert_egress(void)
{
	CHECK(may_play(ROLE_EGRESS));
}
