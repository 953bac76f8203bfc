/* SPDX-License-Identifier: Apache-2.0 */
/* hours.h - opening hours: open now, until when, and when next.
 *
 * Pure: hours, zone and clock are arguments.  Lives here and not in text/,
 * because it reads the policy's struct.  Thread-safe.
 */
#pragma once

#include "facts/policy.h"

#include "text/zone.h"

struct hours_verdict {
	bool open;
	int64_t until_us;	/* open: when it closes; 0 when closed */
	int64_t next_us;	/* closed: when it opens; open: the opening after this one; 0 = none in 60 days */
};

struct hours_verdict hours_at(const struct hours *h, const struct zone *z, int64_t now_us);
/* The instant at which open_ms of opening time have passed since from_us; 0 if
 * not within 60 days. For promises, which are counted in opening hours. */
int64_t hours_add(const struct hours *h, const struct zone *z, int64_t from_us, int64_t open_ms);
/* "today at 14:00", "tomorrow at 09:00", "on Monday at 09:00", "on 2 January at
 * 09:00"; German "heute um 14:00 Uhr", ...; another language gets English.
 * Empty for at_us == 0. */
struct str hours_text(struct arena *a, struct str lang, const struct zone *z, int64_t now_us,
    int64_t at_us);
