/* SPDX-License-Identifier: Apache-2.0 */
/* perception_json.h - a perception as the record keeps it, both ways and exact.
 *
 *	{"asks_person":n, "complexity":n, "entities":[{"from","kind","p","text","to","value"}],
 *	 "intents":[{"id","p"}], "language":"en", "language_p":n, "mood":{"anger":n, ...},
 *	 "similar":[n], "unknown":n, "words":["..."]}
 * and, where there is any, "personal" (nlu/personal_json.h). An entity without p is sure.
 * Intents by id: indexes belong to one policy.  An intent that the policy no
 * longer has is left out when read (a replay under another policy).
 */
#pragma once

#include "base/json.h"
#include "facts/perception.h"

json_t *perception_to_json(struct arena *a, const struct policy *p, const struct perception *in);
/* E_INVALID names the field. Strings are views of the json. */
enum err perception_from_json(struct arena *a, const struct policy *p, const json_t *in,
    struct perception *out, struct fault *f) NODISCARD;
/* With all its texts in a. */
struct perception perception_copy(const struct perception *in, struct arena *a);
