/* SPDX-License-Identifier: Apache-2.0 */
/* card.h - what the next person needs to see, in ten seconds.
 *
 * Made once, when a conversation is handed over, from the record alone: a pure
 * function.  The shape is Card of docs/PROTOCOL.md.  The summary is composed of
 * what is known, never invented; the first sentence is a proposal in the
 * customer's language that the person may send as it stands.
 */
#pragma once

#include "base/json.h"
#include "engine/record_fold.h"
#include "model/conv.h"

json_t *card_json(const struct policy *p, const struct conv_row *row, const struct folded *o,
    const struct decision *d, struct arena *a);
