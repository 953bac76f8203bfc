/* SPDX-License-Identifier: Apache-2.0 */
/* role.h - which thread may call what.
 *
 * Entry points carry ON_LOOP, ON_WRITER, ON_WORKER or ON_EGRESS (clang's
 * -Wthread-safety; nothing under gcc).  Clang sees direct calls only, so each
 * callback begins with role_assert().  A thread states its role once, when it
 * starts.  ROLE_ANY (0) is the main thread and tests: role_assert accepts it
 * only in single-threaded programs (role_simulate(true): talk, sim, tests).
 */
#pragma once

#include <stdbool.h>

#if defined(__clang__)
#define ROLE_ATTR(x) __attribute__((x))
#else
#define ROLE_ATTR(x)
#endif

struct ROLE_ATTR(capability("role")) role_cap {
	int unused;
};
extern struct role_cap role_loop, role_writer, role_worker, role_egress;

#define ON_LOOP ROLE_ATTR(requires_capability(role_loop))
#define ON_WRITER ROLE_ATTR(requires_capability(role_writer))
#define ON_WORKER ROLE_ATTR(requires_capability(role_worker))
#define ON_EGRESS ROLE_ATTR(requires_capability(role_egress))

enum role { ROLE_ANY, ROLE_LOOP, ROLE_WRITER, ROLE_WORKER, ROLE_EGRESS };

void role_set(enum role r);	/* for the calling thread */
enum role role_get(void);
void role_simulate(bool one_thread_plays_all);

void role_assert_loop(void) ROLE_ATTR(assert_capability(role_loop));
void role_assert_writer(void) ROLE_ATTR(assert_capability(role_writer));
void role_assert_worker(void) ROLE_ATTR(assert_capability(role_worker));
void role_assert_egress(void) ROLE_ATTR(assert_capability(role_egress));
