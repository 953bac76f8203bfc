/* SPDX-License-Identifier: Apache-2.0 */
/* record_json.h - decisions and outcomes as the record keeps them, both ways.
 *
 * Canonical JSON: reading what was written and writing it again gives the same
 * bytes.  Names, not indexes, so that a record outlives its policy; a name the
 * policy does not have is E_INVALID when read.
 *
 * decision: kind, why[{k,n,f,t,v,l}] (k absent = rule), reply, quote{article,version,anchor},
 * lang, slot, query, look_up, params{}, reason_code, reason, urgency, workflow,
 * step, set[], flags[], out{} (what lies outside the record) - what is absent
 * does not apply.
 * outcome: kind, step, source, at_us, fields[[name,value]], passages[] (the
 * text of the best one only: no other can be quoted), error.
 */
#pragma once

#include "base/json.h"
#include "facts/decision.h"

json_t *decision_to_json(const struct policy *p, const struct decision *d,
    const struct situation *s, struct arena *a);
/* outside may be NULL; of it only what lies outside the record is written, and
 * basis_seq. The quote points to a passage without text or title. */
enum err decision_from_json(const struct policy *p, const json_t *j, struct arena *a,
    struct decision *out, struct situation *outside, struct fault *f) NODISCARD;
/* The policy hash a recorded decision was made under. */
struct str decision_policy_hash(const json_t *j);

json_t *outcome_to_json(const struct outcome *o, struct arena *a);
enum err outcome_from_json(const json_t *j, struct arena *a, struct outcome *out,
    struct fault *f) NODISCARD;

/* Why list as docs/PROTOCOL.md shows it, from a recorded decision. */
json_t *why_wire_json(const json_t *decision, struct arena *a);
