/* SPDX-License-Identifier: Apache-2.0 */
/* turn_open.c - see turn_open.h. */
#include "engine/turn_open.h"

#include "base/log.h"
#include "engine/outside.h"
#include "rules/hours.h"

#define EVENTS_MAX 4000		/* of a conversation, read for a turn */

/* Most turns never ask the store: each commit empties a reader's page cache. */
struct db *
turn_db(struct turn *t)
{
	if (t->db == NULL) {
		t->changes = outside_changes(t->e->outside);
		t->db = db_borrow(t->e->spec.readers);
	}
	return t->db;
}

/* What lies outside the record: now, the hours, the queue, the contact. */
static enum err
turn_outside(struct turn *t, struct fault *f)
{
	struct situation *s = &t->folded.s;
	const struct inbox_policy *in = &t->pub->policy->inboxes[s->inbox];
	const struct zone *zone = t->pub->snap->zones[s->inbox];
	struct hours_verdict hours;

	s->now_us = engine_now_us(t->e);
	hours = outside_hours(t->e->outside, t->pub->policy->hash, s->inbox, &in->hours, zone, s->now_us);
	s->hours_open = hours.open;
	s->hours_next_us = hours.next_us;
	s->hours_next = hours_text(t->a, s->language, zone, s->now_us, hours.next_us);
	s->agents_online = desk_online(t->e->desk, in->id);
	if (!outside_queued(t->e->outside, in->id, &s->queue_waiting)) {
		struct db *db = turn_db(t);

		TRY(outside_count(t->e->outside, db, t->changes, in->id, &s->queue_waiting, f));
	}
	s->tier = t->row.contact_tier;
	s->name = t->row.contact_name;
	s->verified = t->row.contact_verified;
	s->contact_version = t->row.contact_version;
	return E_OK;
}

static enum err
turn_fold(struct turn *t, struct fault *f)
{
	struct event *v;
	size_t n;
	int inbox = policy_inbox(t->pub->policy, t->row.inbox);

	if (inbox < 0)
		return fault(f, E_CONFIG, "the policy has no inbox \"%.*s\" any more", STR_ARG(t->row.inbox));
	TRY(event_list(turn_db(t), t->row.conv, t->row.last_seq > EVENTS_MAX ? t->row.last_seq - EVENTS_MAX : 0,
	    AUDIENCE_INTERNAL, EVENTS_MAX, t->a, &v, &n, f));
	return fold_events(t->pub->policy, inbox, v, n, t->a, &t->folded, f);
}

#ifndef BATON_RELEASE
/* What is remembered must be what the record says. */
static enum err
turn_compare(struct turn *t, struct fault *f)
{
	struct folded *o = arena_new_of(t->a, struct folded);
	const char *different;
	struct event *v;
	size_t n;

	TRY(event_list(turn_db(t), t->row.conv, 0, AUDIENCE_INTERNAL, (size_t)t->row.last_seq, t->a, &v, &n, f));
	/* This reader's view may be older than what was noted since. */
	if (n < (size_t)t->row.last_seq)
		return E_OK;
	TRY(fold_events(t->pub->policy, t->folded.s.inbox, v, n, t->a, o, f));
	different = folded_difference(o, &t->folded);
	if (different != NULL)
		log_error(LOG_TURN_FAILED, K_Z("text", different), K_I64("seq", t->row.last_seq),
		    K_I64("read", (int64_t)n));
	CHECK(different == NULL);
	return E_OK;
}
#endif

/* From memory, which learns from the store what it does not know. */
static enum err
turn_recall(struct turn *t, struct id conv)
{
	int inbox;

	t->kept = recall_take(t->e->recall, conv, t->pub);
	if (t->kept == NULL)
		return E_NOTFOUND;
	if (!recall_knows(t->kept)) {
		struct event *v;
		size_t n;

		TRY(conv_get(turn_db(t), conv, t->a, &t->row, NULL));
		inbox = policy_inbox(t->pub->policy, t->row.inbox);
		if (inbox < 0 || t->row.last_seq > EVENTS_MAX)
			return E_NOTFOUND;
		TRY(event_list(turn_db(t), t->row.conv, 0, AUDIENCE_INTERNAL, (size_t)t->row.last_seq, t->a, &v, &n,
		    NULL));
		recall_tell(t->kept, &t->row, inbox, v, n);
	}
	TRY(recall_fold(t->kept, t->a, &t->row, &t->folded, NULL));
#ifndef BATON_RELEASE
	TRY(turn_compare(t, NULL));
#endif
	return E_OK;
}

static void
turn_close(void *arg)
{
	struct turn *t = arg;

	recall_release(&t->kept);
	published_unref(&t->pub);
	if (t->db != NULL)
		db_return(t->e->spec.readers, &t->db);
}

enum err
turn_open(struct engine *e, struct id conv, struct arena *a, struct turn **out, struct fault *f)
{
	struct turn *t = arena_new_of(a, struct turn);
	struct published *pinned;

	t->e = e;
	t->a = a;
	arena_defer(a, turn_close, t);
	t->pub = engine_published(e);
	if (turn_recall(t, conv) != E_OK) {
		TRY(conv_get(turn_db(t), conv, a, &t->row, f));
		TRY(turn_fold(t, f));
	}
	/* A running workflow stays with the policy it began under. */
	if (t->folded.pinned.n > 0 && !str_eq(t->folded.pinned, t->pub->policy->hash)) {
		TRY(engine_published_hash(e, turn_db(t), t->folded.pinned, &pinned, f));
		published_unref(&t->pub);
		t->pub = pinned;
		TRY(turn_fold(t, f));
	}
	TRY(turn_outside(t, f));
	*out = t;
	return E_OK;
}
