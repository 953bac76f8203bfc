/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - decides again what was decided, from the recorded inputs. */
#include "insight/replay.h"

#include "base/json.h"
#include "engine/decide.h"
#include "engine/published.h"
#include "engine/record_fold.h"
#include "engine/record_json.h"
#include "nlu/perception_json.h"

#define EVENTS_MAX 20000
#define BODY_MAX ((size_t)64 << 10)

struct replaying {
	const struct event *v;
	size_t n;
	size_t started;			/* index of the turn.started */
	struct published *pub;
	int inbox;
	struct arena *a;
	struct replay_result *out;
	struct situation s;		/* as the turn began */
	const struct perception *now;
	struct outcome outcomes[DECIDE_STEPS_MAX + 2];
	size_t outcomes_n;
};

static enum err
replay_begin(struct replaying *r, struct fault *f)
{
	struct folded *o = arena_new_of(r->a, struct folded);

	TRY(fold_events(r->pub->policy, r->inbox, r->v, r->started + 1, r->a, o, f));
	r->s = o->s;
	r->now = NULL;
	r->outcomes_n = 0;
	r->out->turns++;
	return E_OK;
}

/* What lay outside the record when this decision was made. */
static void
replay_outside(struct situation *s, const struct situation *outside)
{
	s->now_us = outside->now_us;
	s->hours_open = outside->hours_open;
	s->hours_next_us = outside->hours_next_us;
	s->hours_next = outside->hours_next;
	s->queue_waiting = outside->queue_waiting;
	s->agents_online = outside->agents_online;
	s->tier = outside->tier;
	s->name = outside->name;
	s->verified = outside->verified;
	s->contact_version = outside->contact_version;
}

static enum err
replay_decided(struct replaying *r, const struct event *e, const json_t *body, struct fault *f)
{
	struct decision recorded, again;
	struct situation outside = { 0 };
	struct str text;

	if (decision_from_json(r->pub->policy, body, r->a, &recorded, &outside, f) != E_OK)
		return fault_wrap(f, "event %d", e->seq);
	if (str_eqz(recorded.reason_code, "poison") || str_eqz(recorded.reason_code, "error")) {
		r->out->skipped++;	/* turn_to_people asks nobody */
		return E_OK;
	}
	replay_outside(&r->s, &outside);
	again = decide(r->pub->policy, r->now, &r->s, r->outcomes, r->outcomes_n, r->a);
	text = json_text(r->a, decision_to_json(r->pub->policy, &again, &r->s, r->a));
	r->out->decisions++;
	if (str_eq(text, e->body))
		return E_OK;
	if (r->out->different++ == 0) {
		r->out->first_seq = e->seq;
		r->out->was = e->body;
		r->out->is = text;
	}
	return E_OK;
}

static enum err
replay_event(struct replaying *r, const struct event *e, struct fault *f)
{
	struct perception *now;
	json_t *body;

	if (e->erased) {
		r->out->skipped++;
		return E_OK;
	}
	TRY(json_parse(r->a, e->body, BODY_MAX, &body, f));
	switch ((int)e->kind) {
	case EV_PERCEIVED:
		now = arena_new_of(r->a, struct perception);
		TRY(perception_from_json(r->a, r->pub->policy, body, now, f));
		r->now = now;
		return E_OK;
	case EV_EFFECT_DONE:
		if (r->outcomes_n > DECIDE_STEPS_MAX)
			return fault(f, E_INVALID, "event %d: more outcomes than steps", e->seq);
		return outcome_from_json(body, r->a, &r->outcomes[r->outcomes_n++], f);
	case EV_DECIDED:
		return replay_decided(r, e, body, f);
	default:
		return E_OK;
	}
}

/* The policy of a turn is the one its events carry. */
static struct str
turn_policy(const struct event *v, size_t n, int64_t turn)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].turn == turn && v[i].policy_hash.n > 0)
			return v[i].policy_hash;
	return STR_NONE;
}

static enum err
replay_turn(struct replaying *r, const struct conv_row *c, const struct replay_source *from, struct fault *f)
{
	int64_t turn = r->v[r->started].turn;
	struct str hash = turn_policy(r->v, r->n, turn);
	enum err err;

	if (hash.n == 0)
		return E_OK;	/* it never came to a decision */
	TRY(from->find(from->ctx, hash, &r->pub, f));
	r->inbox = policy_inbox(r->pub->policy, c->inbox);
	err = replay_begin(r, f);
	for (size_t i = r->started + 1; i < r->n && err == E_OK; i++)
		if (r->v[i].turn == turn)
			err = replay_event(r, &r->v[i], f);
	published_unref(&r->pub);
	return err;
}

/* A second attempt goes on where a crash left the first: one turn. */
static bool
is_first_attempt(const struct event *v, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (v[i].kind == EV_TURN_STARTED && v[i].turn == v[at].turn)
			return false;
	return true;
}

enum err
replay_conversation(struct db *db, const struct conv_row *c, const struct replay_source *from,
    struct arena *a, struct replay_result *out, struct fault *f)
{
	struct event *v;
	size_t n;

	*out = (struct replay_result){ 0 };
	TRY(event_list(db, c->conv, 0, AUDIENCE_INTERNAL, EVENTS_MAX, a, &v, &n, f));
	for (size_t i = 0; i < n; i++) {
		struct replaying r = { .v = v, .n = n, .started = i, .a = a, .out = out };

		if (v[i].kind == EV_TURN_STARTED && is_first_attempt(v, i))
			TRY(replay_turn(&r, c, from, f));
	}
	return E_OK;
}
