/* SPDX-License-Identifier: Apache-2.0 */
/* failpoint.c - reads BATON_FAIL once and counts passages. */
#include "base/failpoint.h"

#include "base/str.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const names[FP_N] = {
#define FAILPOINT(id, help) [FP_##id] = #id,
#include "base/failpoint.def"
#undef FAILPOINT
};

const char *
failpoint_name(enum failpoint fp)
{
	CHECK((unsigned)fp < FP_N);
	return names[fp];
}

#ifndef BATON_RELEASE

enum what { DO_NOTHING, DO_ERROR, DO_KILL };

static struct {
	atomic_int what;
	_Atomic int64_t at;	/* the passage that fires, from 1 */
	atomic_bool from_then_on;
	_Atomic int64_t passed;
} points[FP_N];

static bool
arm_one(struct str spec)
{
	struct str rest, name = str_cut(spec, ':', &rest), count, what = str_cut(rest, '@', &count);
	bool from_then_on = str_ends(count, STR("+"));
	int64_t at;

	if (from_then_on)
		count.n--;
	if (!str_i64(count, &at) || at < 1)
		return false;
	if (!str_eqz(what, "kill") && !str_eqz(what, "error"))
		return false;
	for (size_t i = 0; i < FP_N; i++) {
		if (!str_eqz(name, names[i]))
			continue;
		atomic_store(&points[i].passed, 0);
		atomic_store(&points[i].at, at);
		atomic_store(&points[i].from_then_on, from_then_on);
		atomic_store(&points[i].what, str_eqz(what, "kill") ? DO_KILL : DO_ERROR);
		return true;
	}
	return false;
}

static bool
arm(const char *spec)
{
	struct str rest = str_from(spec);

	for (size_t i = 0; i < FP_N; i++)
		atomic_store(&points[i].what, DO_NOTHING);
	while (rest.n > 0) {
		struct str one = str_cut(rest, ',', &rest);

		if (!arm_one(one))
			return false;
	}
	return true;
}

static void
arm_from_environment(void)
{
	/* A typing error must not look like a test that passed. */
	if (!arm(getenv("BATON_FAIL")))
		NEVER("BATON_FAIL is not a list of NAME:kill@N, NAME:error@N or NAME:error@N+");
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

bool
failpoint_arm(const char *spec)
{
	/* So that a later first passage does not undo this. */
	CHECK(pthread_once(&once, arm_from_environment) == 0);
	return arm(spec);
}

bool
failpoint_hit(enum failpoint fp)
{
	int64_t passage, at;
	int what;

	CHECK((unsigned)fp < FP_N);
	CHECK(pthread_once(&once, arm_from_environment) == 0);
	what = atomic_load(&points[fp].what);
	if (what == DO_NOTHING)
		return false;
	passage = atomic_fetch_add(&points[fp].passed, 1) + 1;
	at = atomic_load(&points[fp].at);
	if (passage < at || (passage > at && !atomic_load(&points[fp].from_then_on)))
		return false;
	if (what == DO_KILL)
		(void)kill(getpid(), SIGKILL);
	return true;
}

#endif
