/* SPDX-License-Identifier: Apache-2.0 */
/* zone_parts.h - what zone_load.c reads and zone.c reckons with: private to these two. */
#pragma once

#include "text/zone.h"

/* A day of the POSIX rule in a TZif footer. */
struct zone_rule {
	enum { RULE_JULIAN, RULE_DAY, RULE_MONTH } kind;	/* Jn, n, Mm.w.d */
	int day, week, month;
	int32_t at_s;		/* local seconds after midnight */
};

struct zone {
	const int64_t *at_s;	/* transitions, UTC, ascending */
	const int32_t *off_s;	/* offset from each on */
	size_t n;
	int32_t first_s;	/* offset before the first */
	/* after the last transition */
	bool rule, dst;		/* a footer was there; it has summer time */
	int32_t std_s, dst_s;	/* offsets, east positive */
	struct zone_rule start, end;
};

/* The footer's text, "CET-1CEST,M3.5.0,M10.5.0/3"; false if it is malformed. */
bool zone_posix_parse(struct str s, struct zone *z);
