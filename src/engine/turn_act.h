/* SPDX-License-Identifier: Apache-2.0 */
/* turn_act.h - the hands of a turn: retrieve, gate, hand over. */
#pragma once

#include "engine/engine_private.h"
#include "engine/gate.h"

struct turn_act_failure {
	struct engine *e;
	struct id conv;
	const char *code, *text;
};

/* Which passages answer. No passage is an outcome, not a failure.  db: only where
 * the passages are not in memory. */
enum err turn_act_retrieve(const struct published *pub, struct db *db, const struct decision *d,
    struct arena *a, struct outcome *out, struct fault *f) NODISCARD;
struct gate_verdict turn_act_gate(const struct policy *p, const struct folded *o,
    const struct decision *d, const struct said *said, struct arena *a);
/* Has the gate refused something in this turn already? */
bool turn_act_gate_failed(const struct folded *o);
/* handover.requested and the card, into the batch. */
void turn_act_hand_over(struct engine *e, const struct published *pub, const struct conv_row *row,
    const struct folded *o, const struct decision *d, struct arena *a, struct batch *b);
