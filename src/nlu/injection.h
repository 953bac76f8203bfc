/* SPDX-License-Identifier: Apache-2.0 */
/* injection.h - does a text try to instruct the machine that reads it?
 *
 * One layer of several, and never the one that safety rests on: nothing a customer
 * writes gives authority here (docs/ARCHITECTURE.md section 6).  A logistic regression over words,
 * letters and what such texts do: dismiss what was said, hand out a role, ask for
 * the prompt, dictate words, switch language, hide code.  tools/train_senses fits it.
 * Pure, thread-safe.
 */
#pragma once

#include "nlu/linear.h"

/* words: of the raw text, normalised. Millionths. */
int32_t injection_ppm(const struct str *words, size_t n, struct str raw);
/* What was seen, as a person reads it: "dismisses instructions". */
struct str injection_reason(const struct str *words, size_t n);
/* The trainer's keys are the same. */
size_t injection_keys(const struct str *words, size_t n, struct str raw, uint32_t *keys, size_t max);
