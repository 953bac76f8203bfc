/* SPDX-License-Identifier: Apache-2.0 */
/* hostile_fixture.h - texts that are hard to read take time by their length, and no more than that; for tests.
 *
 * Ratios in one run, not times: they hold under a sanitizer and on a busy machine. A text twice
 * as long may take about twice as long (four times would be quadratic), and what lies behind the
 * reader's limit may cost next to nothing.
 */
#pragma once

#include "base/clock.h"

#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOSTILE_BYTES ((size_t)1 << 20)
#define HOSTILE_LIMIT_BYTES ((size_t)16000)	/* what the readers look at */
#define HOSTILE_GROWTH 3.0
#define HOSTILE_FLOOR_NS 200000			/* what is quicker than this is all clock and cache */

/* The least processor time of a few looks at the first n bytes of p: another guest of the machine
 * slows some of them, not all. */
static inline double
hostile_ns(const char *p, size_t n, int looks, void (*look)(struct str))
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < looks; i++) {
		int64_t start = clock_cpu_ns(), took;

		look((struct str){ p, n });
		took = clock_cpu_ns() - start;
		least = took < least ? took : least;
	}
	return (double)(least < HOSTILE_FLOOR_NS ? HOSTILE_FLOOR_NS : least);
}

/* How many times as long the first "more" bytes take as the first "less"; asked again, with more looks,
 * before it is said to be too much. */
static inline double
hostile_growth(const char *p, size_t less, size_t more, void (*look)(struct str))
{
	double growth = 0;

	for (int looks = 2; looks <= 8; looks *= 2) {
		growth = hostile_ns(p, more, looks, look) / hostile_ns(p, less, looks, look);
		if (growth <= HOSTILE_GROWTH)
			break;
	}
	return growth;
}

static inline void
hostile_units(const char *const *units, size_t n, void (*look)(struct str))
{
	static char p[HOSTILE_BYTES];

	for (size_t u = 0; u < n; u++) {
		size_t len = strlen(units[u]), limit = HOSTILE_LIMIT_BYTES / len * len, half = limit / 2 / len * len;
		double growth, beyond;

		for (size_t i = 0; i + len <= HOSTILE_BYTES; i += len)
			memcpy(p + i, units[u], len);
		growth = hostile_growth(p, half, limit, look);
		beyond = hostile_growth(p, limit, HOSTILE_BYTES / len * len, look);
		if (growth > HOSTILE_GROWTH || beyond > HOSTILE_GROWTH)
			fail_msg("\"%s\": twice as many take %.1f times as long, a megabyte %.1f times", units[u],
			    growth, beyond);
	}
}
