/* SPDX-License-Identifier: Apache-2.0 */
/* mask.h - a customer's past message, made fit to be learned from without a label.
 *
 * What was learned stays in a model and is shown to nobody, but a model is copied and kept: so
 * nothing that points to a person goes in.  Pure, thread-safe.
 */
#pragma once

#include "facts/policy.h"

struct arena;
struct patterns;

/* "…" stands for personal data (nlu/personal.h), for entities that are somebody's (an order number, an
 * amount, an address; not a day, a length, a product), and for anything with four digits, an @ or
 * a link. Empty: it teaches nothing, as it is longer than 600 bytes or has fewer than three words
 * of its own. In the arena. */
struct str mask_message(struct str text, const struct policy *p, const struct patterns *pat, struct arena *a);
