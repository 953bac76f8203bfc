/* SPDX-License-Identifier: Apache-2.0 */
/* decide.h - what to do next: the pure heart of the desk.
 *
 * decide() is a function of its arguments: no clock, no random, no I/O, no
 * memory but the arena; tools/purity proves it.  A turn is
 *
 *	d = decide(p, NULL, s, NULL, 0)			the pre-pass
 *	if d is UNDERSTAND: perceive, then d = decide(p, &now, s, NULL, 0)
 *	while d is RETRIEVE or LOOK_UP: do it, add the outcome, decide again
 *	render d, ask the gate; if it failed, add that outcome, decide again
 *
 * with the same situation all the while (facts/situation.h) and the outcomes
 * of this turn, oldest first.  Without a perception in the first call it stays
 * without one: a rule of the pre-pass may start a workflow.  After
 * DECIDE_STEPS_MAX steps it hands over.  A hand-over after GATE_FAILED is the
 * policy's own sentence and is not gated again.
 */
#pragma once

#include "facts/decision.h"

struct decision decide(const struct policy *p, const struct perception *now,
    const struct situation *s, const struct outcome *outcomes, size_t n, struct arena *a);

/* The situation after a turn's final or intermediate decision: the fold of a
 * decision event. Does not touch what lies outside, text and words. */
struct situation situation_after(const struct policy *p, const struct situation *s,
    const struct decision *d, struct arena *a);
/* ... and after an outcome: the record of the last successful look-up. */
struct situation situation_learned(const struct situation *s, const struct outcome *o);
