/* SPDX-License-Identifier: Apache-2.0 */
/* flights.c - which conversations have a turn under way, and whose customer types.
 *
 * Only a hint that saves work: correctness is the writer's preconditions.  So a
 * fixed table is enough; a slot that is taken by another conversation is
 * simply overwritten.
 */
#include "engine/engine_private.h"

#include <stdlib.h>
#include <string.h>

#define FLIGHTS 16384	/* a power of two */

struct flight {
	struct id conv;
	int32_t basis;		/* 0: none under way */
	int64_t typing_until_us;
	int64_t first_us;	/* of the unanswered messages; 0 = none */
};

struct flights {
	pthread_mutex_t lock;
	struct flight v[FLIGHTS];
};

struct flights *
flights_new(void)
{
	struct flights *f = calloc(1, sizeof(*f));

	CHECK(f != NULL);
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void
flights_free(struct flights **f)
{
	if (*f == NULL)
		return;
	pthread_mutex_destroy(&(*f)->lock);
	free(*f);
	*f = NULL;
}

static struct flight *
flight_of(struct flights *f, struct id conv)
{
	struct flight *v = &f->v[engine_lane(conv) & (FLIGHTS - 1)];

	if (!id_eq(v->conv, conv))
		*v = (struct flight){ .conv = conv };
	return v;
}

int64_t
flight_first(struct flights *f, struct id conv, int64_t now_us)
{
	struct flight *v;
	int64_t first;

	pthread_mutex_lock(&f->lock);
	v = flight_of(f, conv);
	if (v->first_us == 0)
		v->first_us = now_us;
	first = v->first_us;
	pthread_mutex_unlock(&f->lock);
	return first;
}

bool
flight_begin(struct flights *f, struct id conv, int32_t basis)
{
	struct flight *v;
	bool first;

	pthread_mutex_lock(&f->lock);
	v = flight_of(f, conv);
	first = v->basis < basis;
	if (first) {
		v->basis = basis;
		v->first_us = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return first;
}

void
flight_end(struct flights *f, struct id conv, int32_t basis)
{
	struct flight *v;

	pthread_mutex_lock(&f->lock);
	v = flight_of(f, conv);
	if (v->basis == basis)
		v->basis = 0;
	pthread_mutex_unlock(&f->lock);
}

void
flight_typing(struct flights *f, struct id conv, int64_t until_us)
{
	pthread_mutex_lock(&f->lock);
	flight_of(f, conv)->typing_until_us = until_us;
	pthread_mutex_unlock(&f->lock);
}

int64_t
flight_typing_until(struct flights *f, struct id conv)
{
	int64_t until;

	pthread_mutex_lock(&f->lock);
	until = flight_of(f, conv)->typing_until_us;
	pthread_mutex_unlock(&f->lock);
	return until;
}
