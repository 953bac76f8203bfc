/* SPDX-License-Identifier: Apache-2.0 */
/* zone.h - time zones: a small TZif reader (RFC 8536) over the system's tzdata.
 *
 * libc's TZ is one per process; inboxes have their own.  A zone is immutable
 * and lives in the arena it was loaded into (a policy's).  Thread-safe.
 */
#pragma once

#include "base/str.h"

struct zone;

struct civil {			/* local time */
	int year, month, day;	/* 1.. */
	int hour, minute, second;
	int weekday;		/* 0 = Monday */
};

/* E_CONFIG names a zone that the system does not have. */
enum err zone_load(struct arena *a, struct str name, const struct zone **out, struct fault *f) NODISCARD;
const struct zone *zone_utc(void);
struct civil zone_civil(const struct zone *z, int64_t at_us);
/* The instant of a local time; a time that does not exist is moved forward,
 * one that exists twice is the first. Fields out of range carry over. */
int64_t zone_instant(const struct zone *z, struct civil local);
