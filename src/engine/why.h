/* SPDX-License-Identifier: Apache-2.0 */
/* why.h - the explanation of one turn, read back from the record.
 *
 * The JSON of docs/PROTOCOL.md ("why" route): used by the API, `baton why` and
 * `baton talk`.  seq may be any event of the turn; 0 = the last turn.
 * names: the policy whose names the intents bear; NULL, or one that it does not know: the id.
 */
#pragma once

#include "base/json.h"
#include "model/conv.h"

struct policy;
enum err why_read(struct db *db, const struct conv_row *c, int32_t seq, const struct policy *names,
    struct arena *a, json_t **out, struct fault *f) NODISCARD;
/* The same for a terminal, appended to out. */
struct buf;
void why_print(const json_t *why, bool colour, struct buf *out);
