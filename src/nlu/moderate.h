/* SPDX-License-Identifier: Apache-2.0 */
/* moderate.h - what must not be said, read or hidden in a text; and who speaks of leaving or of the law.
 *
 * One layer of several: it knows words, their usual disguises (f*ck, sh1t, f u c k,
 * fuuuck) and hidden characters, not meaning.  It errs towards silence: a word inside
 * another (Scunthorpe) and a word that is harmless in one of the desk's languages
 * are no hit.  Kinds and weights: nlu/flags.txt.  At most FLAGS_MAX flags, by kind,
 * the surest first.  Linear; pure but for utf8proc; thread-safe.
 */
#pragma once

#include "facts/perception.h"

#define FLAGS_MAX 24

/* profanity, threat, self_harm, sexual, hate, invisible; p_ppm is how grave. */
const struct flag *moderate(struct str text, struct arena *a, size_t *n);
/* The same and churn, legal, in one pass. */
const struct flag *flags_find(struct str text, struct arena *a, size_t *n);
/* Several grounds of one kind as one: 1 - the product of (1 - p). */
int32_t flags_ppm(const struct flag *v, size_t n, const char *kind);

/* nlu/invisible.c: characters that hide text or pretend to be others. */
size_t invisible_find(struct str text, struct arena *a, struct flag *out, size_t max);
