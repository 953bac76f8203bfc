/* SPDX-License-Identifier: Apache-2.0 */
/* outside.c - see outside.h.
 *
 * A length is remembered with the number of changes seen before it was read.  A change
 * is counted after its commit: a length read in between may be newer than its number,
 * never older, and is read once more.
 */
#include "engine/outside.h"

#include "model/conv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define INBOXES 64
#define KEY_MAX 64	/* a policy's hash; an inbox has less */

struct key {
	char text[KEY_MAX];
	size_t n;	/* 0: nothing is remembered */
};

struct outside {
	pthread_mutex_t lock;
	uint64_t changes;
	struct {
		struct key inbox;
		uint64_t changes;
		int32_t n;
	} queue[INBOXES];
	struct {
		struct key policy;
		int64_t from_us, until_us;	/* the verdict holds; until: not any more */
		struct hours_verdict verdict;
	} hours[INBOXES];	/* by the inbox's place in the policy */
};

struct outside *
outside_new(void)
{
	struct outside *o = calloc(1, sizeof(*o));

	CHECK(o != NULL && pthread_mutex_init(&o->lock, NULL) == 0);
	return o;
}

void
outside_free(struct outside **po)
{
	struct outside *o = *po;

	*po = NULL;
	if (o == NULL)
		return;
	pthread_mutex_destroy(&o->lock);
	free(o);
}

static bool
is_key(const struct key *k, struct str text)
{
	return k->n > 0 && k->n == text.n && memcmp(k->text, text.p, text.n) == 0;
}

static void
set_key(struct key *k, struct str text)
{
	k->n = text.n <= KEY_MAX ? text.n : 0;
	memcpy(k->text, text.p, k->n);
}

struct hours_verdict
outside_hours(struct outside *o, struct str policy_hash, int inbox, const struct hours *h, const struct zone *z,
    int64_t now_us)
{
	struct hours_verdict v;
	bool known;

	if (inbox < 0 || inbox >= INBOXES)
		return hours_at(h, z, now_us);
	pthread_mutex_lock(&o->lock);
	known = is_key(&o->hours[inbox].policy, policy_hash) && now_us >= o->hours[inbox].from_us &&
	    now_us < o->hours[inbox].until_us;
	v = o->hours[inbox].verdict;
	pthread_mutex_unlock(&o->lock);
	if (known)
		return v;
	v = hours_at(h, z, now_us);
	pthread_mutex_lock(&o->lock);
	set_key(&o->hours[inbox].policy, policy_hash);
	o->hours[inbox].from_us = now_us;
	/* Closed with no opening in sight: 0, so asked for again each time. */
	o->hours[inbox].until_us = v.open ? v.until_us : v.next_us;
	o->hours[inbox].verdict = v;
	pthread_mutex_unlock(&o->lock);
	return v;
}

bool
outside_queued(struct outside *o, struct str inbox, int32_t *n)
{
	bool known = false;

	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < INBOXES && !known && o->queue[i].inbox.n > 0; i++) {
		if (!is_key(&o->queue[i].inbox, inbox))
			continue;
		known = o->queue[i].changes == o->changes;
		*n = o->queue[i].n;
		break;
	}
	pthread_mutex_unlock(&o->lock);
	return known;
}

uint64_t
outside_changes(struct outside *o)
{
	uint64_t changes;

	pthread_mutex_lock(&o->lock);
	changes = o->changes;
	pthread_mutex_unlock(&o->lock);
	return changes;
}

enum err
outside_count(struct outside *o, struct db *db, uint64_t changes, struct str inbox, int32_t *n, struct fault *f)
{
	int64_t waiting;
	size_t i = 0;

	TRY(conv_queued(db, inbox, &waiting, f));
	*n = (int32_t)waiting;
	pthread_mutex_lock(&o->lock);
	while (i < INBOXES && o->queue[i].inbox.n > 0 && !is_key(&o->queue[i].inbox, inbox))
		i++;
	if (i < INBOXES) {
		set_key(&o->queue[i].inbox, inbox);
		o->queue[i].changes = changes;
		o->queue[i].n = *n;
	}
	pthread_mutex_unlock(&o->lock);
	return E_OK;
}

/* Does it leave the conversation where it was? */
static bool
is_talk(enum event_kind k)
{
	return k == EV_MSG_CUSTOMER || k == EV_MSG_AI || k == EV_TURN_STARTED || k == EV_PERCEIVED || k == EV_DECIDED ||
	    k == EV_EFFECT_REQUESTED || k == EV_EFFECT_DONE || k == EV_TURN_ENDED;
}

void
outside_note(struct outside *o, const struct batch *b)
{
	bool moved = b->after == NULL || b->after->holder != HOLDER_AI;

	for (size_t i = 0; i < b->stored_n && !moved; i++)
		moved = !is_talk(b->stored[i].kind) && b->stored[i].kind != EV_CONV_OPENED;
	if (!moved)
		return;
	pthread_mutex_lock(&o->lock);
	o->changes++;
	pthread_mutex_unlock(&o->lock);
}
