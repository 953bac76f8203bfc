/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - a text as the words that models are trained on and asked with.
 *
 * Entities become placeholders ("#order_number"), a number is one word ("#0"),
 * emoji are their meaning.  The same for training and for use.  Pure, thread-safe.
 */
#pragma once

#include "facts/perception.h"

struct patterns;

/* With the entities that entities_find gave. Views into the arena. */
void model_words(struct arena *a, struct str text, const struct entity *e, size_t e_n,
    const struct str **words, size_t *n);
/* The same for a text by itself; p and pat may be NULL: only the built-in entities. */
void words_of_text(struct arena *a, struct str text, const struct policy *p, const struct patterns *pat,
    const struct str **words, size_t *n);
/* Placeholders start with a character that the normal form never has. */
static inline bool
is_placeholder(struct str w)
{
	return w.n > 0 && w.p[0] == '#';
}
