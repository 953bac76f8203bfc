/* SPDX-License-Identifier: Apache-2.0 */
/* timer.h - timers of conversations (ENGINE §5).
 *
 * Projected from timer.set {"kind", "due_us", "gen"} and timer.fired {"kind",
 * "gen"}: one of a kind for each conversation, a later set replaces it.  Firing
 * is a batch with PRE_TIMER_GEN, so that a timer that was set anew meanwhile
 * does not fire.
 */
#pragma once

#include "model/event.h"

struct timer {
	int64_t conv;
	struct id conv_id;
	struct str kind;
	int64_t due_us, gen;
};

/* Those due at now_us, earliest first; at most limit. */
enum err timer_due(struct db *db, int64_t now_us, size_t limit, struct arena *a, struct timer **out,
    size_t *n, struct fault *f) NODISCARD;
/* When the next one is due; 0 = none is set. */
enum err timer_next(struct db *db, int64_t *due_us, struct fault *f) NODISCARD;
