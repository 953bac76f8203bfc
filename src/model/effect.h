/* SPDX-License-Identifier: Apache-2.0 */
/* effect.h - calls outside that were requested and have not come back.
 *
 * Projected from effect.requested {"step", "write"} and effect.done {"step"};
 * unique by (conversation, turn, step).  At start requested reads run again,
 * requested writes become unknown and go to a person (ENGINE §4).
 */
#pragma once

#include "model/event.h"

struct effect {
	int64_t conv;
	struct id conv_id;
	int64_t turn;
	int32_t step;
	bool writes;
	int64_t requested_gid;
	struct str body;	/* of effect.requested; empty when erased */
};

/* Oldest first; at most limit. */
enum err effect_pending(struct db *db, size_t limit, struct arena *a, struct effect **out, size_t *n,
    struct fault *f) NODISCARD;
