/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - the seam through which time comes in.
 *
 * Nobody calls time() or clock_gettime() but clock.c.  Microseconds.  Wall
 * time for the record, monotonic for time-outs.  The fake one moves only when
 * told.  Thread-safe.
 */
#pragma once

#include <stdint.h>

#define US_PER_S INT64_C(1000000)
#define US_PER_MS INT64_C(1000)

struct clock {
	int64_t (*now_us)(struct clock *);	/* UTC since 1970 */
	int64_t (*mono_us)(struct clock *);	/* never goes back */
};

struct clock *clock_real(void);	/* static, never freed */

/* Processor time of this process, in nanoseconds: for measuring, never for deciding. */
int64_t clock_cpu_ns(void);

struct clock_fake {
	struct clock clock;
	_Atomic int64_t wall_us, mono_us;
};
void clock_fake_init(struct clock_fake *c, int64_t wall_us);
void clock_fake_advance(struct clock_fake *c, int64_t by_us);	/* both clocks */

static inline int64_t clock_now_us(struct clock *c) { return c->now_us(c); }
static inline int64_t clock_mono_us(struct clock *c) { return c->mono_us(c); }
