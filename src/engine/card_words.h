/* SPDX-License-Identifier: Apache-2.0 */
/* card_words.h - the proposed first sentence, in the customer's language. */
#pragma once

#include "engine/record_fold.h"

/* Greets by first name where it is known, says what is on the table, and that
 * nothing needs to be repeated. */
struct str card_first_sentence(const struct policy *p, struct str name, const struct folded *o,
    const struct decision *d, struct arena *a);
/* What the person could do next, in the desk's own words (English). */
struct str card_next_step(const struct policy *p, const struct folded *o, const struct decision *d,
    struct arena *a);
