/* SPDX-License-Identifier: Apache-2.0 */
/* limits.c - token buckets in one number each.
 *
 * A bucket is the time at which it would be full again (GCRA): a request moves
 * it one interval on, and is refused if that would be more than the burst away
 * from now.  A forgotten bucket is a full one, so the one that is full soonest
 * makes room.
 */
#include "api/limits.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#define MAGIC 0x11417U
#define SETS ((size_t)8192)	/* a power of two */
#define WAYS 8

struct bucket {
	uint64_t key;	/* 0 = free */
	int64_t full_us;
};

struct limits {
	unsigned magic;
	struct arena *arena;
	struct clock *clock;
	struct limit_rate rates[LIMIT_N];
	_Atomic uint64_t refused[LIMIT_N];
	uint8_t secret[crypto_shorthash_KEYBYTES];	/* nobody can aim at another's bucket */
	pthread_mutex_t lock;
	struct bucket sets[SETS][WAYS];
};

struct limits *
limits_new(struct clock *clock, struct rand *rand, const struct limit_rate rates[LIMIT_N])
{
	struct arena *a = arena_new(sizeof(struct limits) + 4096);
	struct limits *l = arena_new_of(a, struct limits);

	l->magic = MAGIC;
	l->arena = a;
	l->clock = clock;
	memcpy(l->rates, rates, sizeof(l->rates));
	rand_bytes(rand, l->secret, sizeof(l->secret));
	CHECK(pthread_mutex_init(&l->lock, NULL) == 0);
	return l;
}

void
limits_free(struct limits **lp)
{
	struct limits *l = *lp;
	struct arena *a;

	if (l == NULL)
		return;
	CHECK_OBJ(l, MAGIC);
	CHECK(pthread_mutex_destroy(&l->lock) == 0);
	a = l->arena;
	*lp = NULL;
	arena_free(&a);
}

static uint64_t
hash_key(const struct limits *l, enum limit_class c, const void *key, size_t n)
{
	uint8_t in[1 + 128], out[crypto_shorthash_BYTES];
	uint64_t h;

	CHECK(n <= sizeof(in) - 1);
	in[0] = (uint8_t)c;
	memcpy(in + 1, key, n);
	CHECK(crypto_shorthash(out, in, n + 1, l->secret) == 0);
	memcpy(&h, out, sizeof(h));
	return h == 0 ? 1 : h;
}

/* Locked. */
static struct bucket *
find(struct limits *l, uint64_t key)
{
	struct bucket *set = l->sets[key & (SETS - 1)], *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].full_us < least->full_us)
			least = &set[i];
	}
	*least = (struct bucket){ .key = key };
	return least;
}

enum err
limits_take(struct limits *l, enum limit_class c, const void *key, size_t key_n, int64_t *retry_ms,
    struct fault *f)
{
	const struct limit_rate *r;
	int64_t now, step, over;
	struct bucket *b;

	CHECK_OBJ(l, MAGIC);
	CHECK(c < LIMIT_N);
	r = &l->rates[c];
	*retry_ms = 0;
	if (c == LIMIT_NONE || r->n <= 0)
		return E_OK;
	now = clock_mono_us(l->clock);
	step = r->per_us / r->n;
	CHECK(pthread_mutex_lock(&l->lock) == 0);
	b = find(l, hash_key(l, c, key, key_n));
	if (b->full_us < now)
		b->full_us = now;
	over = b->full_us + step - now - step * r->burst;
	if (over <= 0)
		b->full_us += step;
	CHECK(pthread_mutex_unlock(&l->lock) == 0);
	if (over <= 0)
		return E_OK;
	atomic_fetch_add_explicit(&l->refused[c], 1, memory_order_relaxed);
	*retry_ms = over / US_PER_MS + 1;
	return fault(f, E_LIMIT, "Too many %s. Please try again in a moment.", limits_name(c));
}

void
limits_give_back(struct limits *l, enum limit_class c, const void *key, size_t key_n)
{
	const struct limit_rate *r;
	struct bucket *b;

	CHECK_OBJ(l, MAGIC);
	CHECK(c < LIMIT_N);
	r = &l->rates[c];
	if (c == LIMIT_NONE || r->n <= 0)
		return;
	CHECK(pthread_mutex_lock(&l->lock) == 0);
	b = find(l, hash_key(l, c, key, key_n));
	/* Earlier than now is full: limits_take sees to it. */
	b->full_us -= r->per_us / r->n;
	CHECK(pthread_mutex_unlock(&l->lock) == 0);
}

uint64_t
limits_refused(const struct limits *l, enum limit_class c)
{
	return atomic_load_explicit(&l->refused[c], memory_order_relaxed);
}

const char *
limits_name(enum limit_class c)
{
	switch (c) {
	case LIMIT_MESSAGE:
		return "messages";
	case LIMIT_VISIT:
		return "visits";
	case LIMIT_LOGIN:
		return "sign-ins";
	case LIMIT_READ:
		return "requests";
	case LIMIT_WRITE:
		return "changes";
	case LIMIT_TOKEN:
		return "unknown tokens";
	case LIMIT_NONE:
	case LIMIT_N:
		break;
	}
	return "nothing";
}
