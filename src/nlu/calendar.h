/* SPDX-License-Identifier: Apache-2.0 */
/* calendar.h - the two halves of dates_find: written days and days counted from today. */
#pragma once

#include "nlu/entity_parts.h"
#include "text/zone.h"

struct day {
	int year, month, day;
	int minute;		/* of the day; -1: none was said */
	int32_t p_ppm;
	size_t from, to;	/* tokens */
};

struct dates {
	const struct scan *s;
	const struct zone *zone;
	struct civil today;
	int64_t now_us;
	bool month_first;	/* 3/4 is March 4: by the inbox's region */
};

/* A day at token i; false: none. out->to > i then. */
bool day_written(const struct dates *d, size_t i, struct day *out);
bool day_relative(const struct dates *d, size_t i, struct day *out);
/* The valid day, or the nearest year's if year < 0; 0..99 are of this century or the last. */
bool day_set(const struct dates *d, int64_t year, int64_t month, int64_t day, struct day *out);
