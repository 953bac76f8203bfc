/* SPDX-License-Identifier: Apache-2.0 */
/* perceive.h - pure understanding of text: no I/O, no clock, no global state.
 *
 * perceive() is total: any bytes give a sensible perception in bounded time
 * (text past 4,000 characters is cut).  History, zone and now are arguments.
 * The model is an immutable snapshot trained at publish (nlu/model.h), shared
 * between threads; NULL is allowed: then nothing is known of intents (p_n = 0,
 * unknown = 1) and all else works.  Thread-safe.
 */
#pragma once

#include "facts/history.h"
#include "facts/perception.h"

struct model;
struct zone;

struct perception perceive(const struct model *m, const struct policy *p, int inbox,
    const struct history *h, struct str text, int64_t now_us, const struct zone *zone,
    struct arena *a);
