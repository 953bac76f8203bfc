/* SPDX-License-Identifier: Apache-2.0 */
/* why.h - the explanation of one turn, read back from the record.
 *
 * The JSON of docs/PROTOCOL.md ("why" route): used by the API, `baton why` and
 * `baton talk`.  seq may be any event of the turn; 0 = the last turn.
 */
#pragma once

#include "base/json.h"
#include "model/conv.h"

enum err why_read(struct db *db, const struct conv_row *c, int32_t seq, struct arena *a,
    json_t **out, struct fault *f) NODISCARD;
/* The same for a terminal, appended to out. */
struct buf;
void why_print(const json_t *why, bool colour, struct buf *out);
