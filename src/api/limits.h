/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h - token buckets: how often one visitor, user or address may ask.
 *
 * A fixed table: the memory does not grow with the number of those who ask;
 * when it is full the bucket that is nearest to full (the least restricting)
 * makes room.  Thread-safe.
 */
#pragma once

#include "base/clock.h"
#include "base/rand.h"

struct addr;
struct limits;

enum limit_class {
	LIMIT_NONE,
	LIMIT_MESSAGE,	/* a visitor's messages */
	LIMIT_VISIT,	/* new visits of an address */
	LIMIT_LOGIN,	/* failed log-ins of an address, and of an account */
	LIMIT_READ,	/* reads of a principal (or address) */
	LIMIT_WRITE,	/* an agent's changes */
	LIMIT_TOKEN,	/* tokens and cookies of an address that name nobody */
	LIMIT_N
};

struct limit_rate {
	int64_t per_us;		/* `n` tokens come back in per_us */
	int64_t n, burst;
};

struct limits *limits_new(struct clock *clock, struct rand *rand, const struct limit_rate rates[LIMIT_N]);
void limits_free(struct limits **l);
/* Takes one token, or E_LIMIT and *retry_ms says when one is there. */
enum err limits_take(struct limits *l, enum limit_class c, const void *key, size_t key_n,
    int64_t *retry_ms, struct fault *f) NODISCARD;
/* Gives one token back: what took it should not count. Never more than there were. */
void limits_give_back(struct limits *l, enum limit_class c, const void *key, size_t key_n);
uint64_t limits_refused(const struct limits *l, enum limit_class c);
const char *limits_name(enum limit_class c);
