/* SPDX-License-Identifier: Apache-2.0 */
/* failpoint.h - places where a test may crash or fail the program.
 *
 * FAIL(name) does nothing unless the environment names it:
 *	BATON_FAIL=writer_before_commit:kill@3,writer_after_commit:error@1
 * kill@n raises SIGKILL at the n-th passage, error@n makes FAIL return true
 * (once; error@n+ from then on).  All names stand in base/failpoint.def, so a
 * test can list them and prove that none is untested.  Compiled out when
 * BATON_RELEASE is defined.
 */
#pragma once

#include <stdbool.h>

enum failpoint {
#define FAILPOINT(id, help) FP_##id,
#include "base/failpoint.def"
#undef FAILPOINT
	FP_N
};

/* The name as in BATON_FAIL. */
const char *failpoint_name(enum failpoint);

#ifdef BATON_RELEASE
#define FAIL(id) false
#else
bool failpoint_hit(enum failpoint);
/* For unit tests: replaces what the environment said, as after a first
 * FAIL().  Counts begin anew.  False when the list does not parse. */
bool failpoint_arm(const char *spec);
#define FAIL(id) failpoint_hit(FP_##id)
#endif
