/* SPDX-License-Identifier: Apache-2.0 */
/* personal_json.h - a perception's personal data in the record: [{"from","kind","p","to","what"}],
 * never the text itself. */
#pragma once

#include "base/json.h"
#include "facts/perception.h"

/* Sets "personal" of o where there is any. */
void personal_to_json(struct arena *a, const struct perception *in, json_t *o);
/* None in a record of before. E_INVALID names the item. */
enum err personal_from_json(struct arena *a, const json_t *in, struct perception *out, struct fault *f) NODISCARD;
/* With its texts in a. */
const struct personal *personal_copy(const struct personal *v, size_t n, struct arena *a);
