/* SPDX-License-Identifier: Apache-2.0 */
/* turn.c - the life of a message, read from top to bottom.
 *
 *	turn_wake	a customer wrote (or a crash left something): the pre-pass at
 *			once, the turn when the customer has finished writing
 *	turn_begin	turn.started is committed first
 *	turn_run	fold the record, perceive, then decide and act, step by step,
 *			until something is said, a person is asked for, or a call
 *			outside is needed: that is committed, made (effect.c), and
 *			the turn goes on from the record
 *	turn_finish	what the AI says commits only if nobody was faster
 *
 * Between effects a turn is rows in the store: any step may crash.
 */
#include "engine/engine_private.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "engine/card.h"
#include "engine/decide.h"
#include "engine/gate.h"
#include "engine/recall.h"
#include "engine/record_json.h"
#include "engine/said_json.h"
#include "engine/turn_act.h"
#include "engine/turn_open.h"
#include "nlu/perceive.h"
#include "nlu/perception_json.h"

#include <stdlib.h>

/* What a job knows of its conversation. */
struct turn_job {
	struct engine *e;
	struct id conv;
	int32_t seq;		/* the message that woke it */
	int64_t first_us;	/* the first unanswered message */
	enum err (*run)(struct arena *, void *, struct fault *);
};

static void turn_submit(struct engine *e, struct job_pool *pool, int64_t after_us,
    enum err (*run)(struct arena *, void *, struct fault *), const struct turn_job *t);

static void
turn_job_done(struct arena *a, void *arg, enum err err, const struct fault *f)
{
	struct turn_job *j = arg;

	/* Without an arena it never ran: the program stops, the next start resumes. */
	if (err != E_OK && a != NULL) {
		log_error(LOG_TURN_FAILED, K_Z("error", err_name(err)), K_Z("text", f->text));
		/* Too much is waiting, or no space: nothing was done, so again, later. */
		if (err == E_RETRY || err == E_FULL)
			turn_submit(j->e, j->e->spec.perceive, US_PER_S, j->run, j);
		else if (err != E_CONFLICT && err != E_NOTFOUND)
			turn_to_people(j->e, j->conv, "error", "the AI failed on this message");
	}
	free(j);
}

static void
turn_submit(struct engine *e, struct job_pool *pool, int64_t after_us,
    enum err (*run)(struct arena *, void *, struct fault *), const struct turn_job *t)
{
	struct turn_job *j = malloc(sizeof(*j));
	struct job job = { .run = run, .done = turn_job_done, .arg = j, .lane = engine_lane(t->conv) };

	CHECK(j != NULL);
	*j = *t;
	j->run = run;
	if (after_us > 0 || job_submit(pool, &job) != E_OK)
		e->spec.later->after(e->spec.later, after_us > 0 ? after_us : 100 * US_PER_MS, pool, &job);
}

/* ---- waking ---------------------------------------------------------- */

static enum err turn_begin(struct arena *a, void *arg, struct fault *f);

/* The pre-pass is immediate: what needs no understanding does not wait for the
 * customer to finish writing. */
static enum err
turn_prepass(struct arena *a, void *arg, struct fault *f)
{
	struct turn_job *j = arg;
	struct turn *t;
	struct decision d;

	TRY(turn_open(j->e, j->conv, a, &t, f));
	if (t->row.holder != HOLDER_AI)
		return E_OK;
	d = decide(t->pub->policy, NULL, &t->folded.s, NULL, 0, a);
	if (d.kind == DECISION_HAND_OVER) {
		struct turn_job now = *j;

		now.first_us = 0;	/* at once */
		turn_submit(j->e, j->e->spec.turns, 0, turn_begin, &now);
	}
	return E_OK;
}

void
turn_wake(struct engine *e, const struct conv_row *row)
{
	struct turn_job j = { .e = e, .conv = row->id, .seq = row->last_customer_seq };

	if (row->holder != HOLDER_AI && row->holder != HOLDER_QUEUE)
		return;
	if (row->last_customer_seq <= row->turn_basis && !row->turn_open)
		return;
	j.first_us = flight_first(e->flights, row->id, engine_now_us(e));
	if (e->spec.join_us == 0) {
		turn_submit(e, e->spec.perceive, 0, turn_begin, &j);
		return;
	}
	turn_submit(e, e->spec.turns, 0, turn_prepass, &j);
	turn_submit(e, e->spec.turns, e->spec.join_us, turn_begin, &j);
}

/* ---- beginning ------------------------------------------------------- */

static void turn_started(struct engine *e, const struct batch *b, enum err err, const struct fault *f,
    void *arg);
static enum err turn_run(struct arena *a, void *arg, struct fault *f);

/* How long still to wait for a customer who is writing; 0 = begin. */
static int64_t
turn_wait_us(const struct turn_job *j, const struct conv_row *row)
{
	int64_t now = engine_now_us(j->e), typing;

	if (j->e->spec.join_us == 0 || now - j->first_us >= TURN_WAIT_MAX_US)
		return 0;
	if (row->last_customer_seq > j->seq)
		return -1;	/* the newer message wakes its own turn */
	typing = flight_typing_until(j->e->flights, j->conv);
	if (typing > now) {
		int64_t most = j->first_us + TURN_WAIT_MAX_US - now;

		return typing - now < most ? typing - now : most;
	}
	return 0;
}

/* Of the row only the numbers are good. */
static enum err
turn_row(struct engine *e, struct id conv, struct arena *a, struct conv_row *row, struct fault *f)
{
	struct db *db;
	enum err err;

	if (recall_row(e->recall, conv, row))
		return E_OK;
	db = db_borrow(e->spec.readers);
	err = conv_get(db, conv, a, row, f);
	db_return(e->spec.readers, &db);
	return err;
}

static enum err
turn_begin(struct arena *a, void *arg, struct fault *f)
{
	struct turn_job *j = arg;
	struct engine *e = j->e;
	struct conv_row row;
	struct batch *b;
	enum err err;
	bool resumed;
	int64_t wait;

	TRY(turn_row(e, j->conv, a, &row, f));
	if (row.holder != HOLDER_AI && row.holder != HOLDER_QUEUE)
		return E_OK;
	resumed = row.turn_open && row.turn_basis == row.last_customer_seq;
	if (!resumed && row.turn_basis >= row.last_customer_seq)
		return E_OK;
	wait = turn_wait_us(j, &row);
	if (wait != 0) {
		if (wait > 0)
			turn_submit(e, e->spec.turns, wait, turn_begin, j);
		return E_OK;
	}
	if (!flight_begin(e->flights, j->conv, row.last_customer_seq))
		return E_OK;
	if (resumed && row.turn_attempt >= TURN_ATTEMPTS_MAX) {
		turn_to_people(e, j->conv, "poison", "the AI failed twice on this message");
		return E_OK;
	}
	b = batch_new(j->conv);
	b->at_us = engine_now_us(e);
	b->pre = PRE_BASIS | PRE_NOT_RESOLVED;
	b->basis = row.last_customer_seq;
	b->turn = resumed ? row.turn : row.turn + 1;
	batch_add(b, EV_TURN_STARTED, (struct actor){ .type = ACTOR_SYSTEM }, b->turn, STR_NONE,
	    str_fmt(b->arena, "{\"attempt\":%d,\"basis\":%d}", resumed ? row.turn_attempt + 1 : 1,
		(int)row.last_customer_seq));
	err = commit_submit(&(struct commit){ .e = e, .b = b, .then = turn_started }, f);
	if (err != E_OK)
		flight_end(e->flights, j->conv, row.last_customer_seq);
	return err;
}

static void
turn_started(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	(void)f;
	(void)arg;
	if (err != E_OK) {
		/* Overtaken: the newer message has woken its own turn. */
		flight_end(e->flights, b->conv, b->basis);
		if (err == E_RETRY || err == E_FULL)
			turn_submit(e, e->spec.turns, US_PER_S, turn_begin,
			    &(struct turn_job){ .e = e, .conv = b->conv, .seq = b->basis });
		return;
	}
	(void)FAIL(turn_after_start);
	turn_resume(e, b->conv);
}

void
turn_resume(struct engine *e, struct id conv)
{
	turn_submit(e, e->spec.perceive, 0, turn_run, &(struct turn_job){ .e = e, .conv = conv });
}

/* ---- running --------------------------------------------------------- */

static void
turn_add(struct turn *t, struct batch *b, enum event_kind k, const json_t *body)
{
	enum actor_type by = k == EV_MSG_AI ? ACTOR_AI : ACTOR_SYSTEM;

	batch_add(b, k, (struct actor){ .type = by }, t->folded.turn, t->pub->policy->hash,
	    json_text(t->a, body));
}

static void
turn_perceive(struct turn *t, struct batch *b)
{
	struct folded *o = &t->folded;
	const struct zone *zone = t->pub->snap->zones[o->s.inbox];

	o->now = perceive(t->pub->model, t->pub->policy, o->s.inbox, &o->history, o->s.text, o->s.now_us,
	    zone, t->a);
	o->understood = true;
	o->last = o->now;
	o->understood_ever = true;
	turn_add(t, b, EV_PERCEIVED, perception_to_json(t->a, t->pub->policy, &o->now));
}

static void
turn_learn(struct turn *t, struct batch *b, struct outcome *o, int step)
{
	struct folded *g = &t->folded;

	o->step = step;
	o->at_us = engine_now_us(t->e);
	turn_add(t, b, EV_EFFECT_DONE, outcome_to_json(o, t->a));
	if (g->outcomes_n <= DECIDE_STEPS_MAX)
		g->outcomes[g->outcomes_n++] = *o;
}

/* A look-up: refused at once, or requested in the record and then called. */
static enum err
turn_look_up(struct turn *t, struct batch *b, const struct decision *d, int step, bool *goes_on,
    struct fault *f)
{
	const struct connector_policy *sys = &t->pub->policy->connectors[d->connector];
	const struct connector_action *act = &sys->actions[d->action];
	json_t *req, *params;
	bool allowed = true;

	if (act->proves_identity)
		TRY(effect_identity_allowed(t->e, turn_db(t), &t->row, &t->folded.s, t->a, &allowed, f));
	if (!allowed) {
		struct outcome o = { .kind = OUTCOME_REFUSED,
			.source = str_fmt(t->a, "%S.%S", sys->id, act->id),
			.error = STR("too many tries that matched nothing") };

		turn_learn(t, b, &o, step);
		*goes_on = true;
		return E_OK;
	}
	req = json_obj(t->a);
	params = json_obj(t->a);
	for (size_t i = 0; i < d->params_n; i++)
		json_set_str(params, str_z(t->a, d->params[i].name), d->params[i].value);
	json_set_i64(req, "step", step);
	json_set_str(req, "connector", sys->id);
	json_set_str(req, "action", act->id);
	json_set(req, "params", params);
	turn_add(t, b, EV_EFFECT_REQUESTED, req);
	*goes_on = false;
	return E_OK;
}

/* Rendered, and looked at once more by the gate. A hand-over's own sentence
 * after a failed gate is not gated again: something must be said. */
static bool
turn_gate(struct turn *t, const struct decision *d, const struct said *said, bool last, struct outcome *o)
{
	struct gate_verdict v = turn_act_gate(t->pub->policy, &t->folded, d, said, t->a);

	if (v.passed || last)
		return true;
	*o = (struct outcome){ .kind = OUTCOME_GATE_FAILED, .source = STR("gate"), .error = v.error };
	return false;
}

static void turn_finished(struct engine *e, const struct batch *b, enum err err,
    const struct fault *f, void *arg);
static void turn_called(struct engine *e, const struct batch *b, enum err err,
    const struct fault *f, void *arg);

static enum err
turn_commit(struct turn *t, struct batch *b,
    void (*then)(struct engine *, const struct batch *, enum err, const struct fault *, void *),
    struct fault *f)
{
	b->at_us = engine_now_us(t->e);
	b->pre = PRE_TURN_CURRENT | PRE_BASIS;
	if (t->folded.s.holder == HOLDER_AI)
		b->pre |= PRE_HOLDER_AI;
	b->basis = t->folded.turn_basis;
	b->turn = t->folded.turn;
	return commit_submit(&(struct commit){ .e = t->e, .b = b, .then = then }, f);
}

static void
turn_end(struct turn *t, struct batch *b, const struct decision *d, const struct said *said)
{
	json_t *end = json_obj(t->a);

	if (said->text.n > 0)
		turn_add(t, b, EV_MSG_AI, said_to_json(said, t->a));
	if (d->kind == DECISION_HAND_OVER)
		turn_act_hand_over(t->e, t->pub, &t->row, &t->folded, d, t->a, b);
	json_set_i64(end, "basis", t->folded.turn_basis);
	if (said->text.n > 0)
		json_set_z(end, "gate", "passed");
	turn_add(t, b, EV_TURN_ENDED, end);
}

static void
turn_drop_batch(void *arg)
{
	struct batch **b = arg;

	if (*b != NULL)
		batch_free(b);
}

/* The steps of a turn, from where the record stands. */
static enum err
turn_steps(struct turn *t, struct batch **bp, struct fault *f)
{
	struct folded *o = &t->folded;
	struct batch *b = *bp;

	for (int step = o->steps;; step++) {
		struct decision d = decide(t->pub->policy, o->understood ? &o->now : NULL, &o->s, o->outcomes,
		    o->outcomes_n, t->a);
		struct said said = { 0 };
		struct outcome got;
		bool goes_on;

		if (d.kind == DECISION_UNDERSTAND) {
			turn_perceive(t, b);
			step--;
			continue;
		}
		CHECK(step <= DECIDE_STEPS_MAX + 1);
		turn_add(t, b, EV_DECIDED, decision_to_json(t->pub->policy, &d, &o->s, t->a));
		switch (d.kind) {
		case DECISION_RETRIEVE:
			TRY(turn_act_retrieve(t->pub, t->pub->passages != NULL ? NULL : turn_db(t), &d, t->a, &got, f));
			turn_learn(t, b, &got, step);
			continue;
		case DECISION_LOOK_UP:
			TRY(turn_look_up(t, b, &d, step, &goes_on, f));
			if (goes_on)
				continue;
			*bp = NULL;
			return turn_commit(t, b, turn_called, f);
		case DECISION_SAY:
		case DECISION_ASK:
		case DECISION_HAND_OVER:
		case DECISION_WAIT:
			said = render_decision(t->pub->policy, &d, &o->s, o->outcomes, o->outcomes_n, t->a);
			if (said.text.n > 0 &&
			    !turn_gate(t, &d, &said, o->outcomes_n > DECIDE_STEPS_MAX - 1 ||
				turn_act_gate_failed(o), &got)) {
				turn_learn(t, b, &got, step);
				continue;
			}
			turn_end(t, b, &d, &said);
			*bp = NULL;
			return turn_commit(t, b, turn_finished, f);
		case DECISION_UNDERSTAND:
			break;
		}
		NEVER("a decision of no kind");
	}
}

static enum err
turn_run(struct arena *a, void *arg, struct fault *f)
{
	struct turn_job *j = arg;
	struct batch **b = arena_new_of(a, struct batch *);
	struct turn *t;

	TRY(turn_open(j->e, j->conv, a, &t, f));
	if (!t->folded.turn_open)
		return E_OK;
	if (t->folded.effect.present) {
		/* A read that a crash interrupted is made again, under the same key. */
		effect_call(j->e, j->conv, t->folded.turn, t->pub->policy->hash, &t->folded.effect);
		return E_OK;
	}
	*b = batch_new(j->conv);
	arena_defer(a, turn_drop_batch, b);
	return turn_steps(t, b, f);
}

static void
turn_called(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	if (err != E_OK) {
		turn_finished(e, b, err, f, arg);
		return;
	}
	turn_resume(e, b->conv);	/* finds the effect pending, and calls */
}

/* ---- ending ---------------------------------------------------------- */

static void
turn_overtaken(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	(void)err;
	(void)f;
	(void)arg;
	flight_end(e->flights, b->conv, b->basis);
	if (b->after != NULL)
		turn_wake(e, b->after);
}

static void
turn_supersede(struct engine *e, const struct batch *b)
{
	struct batch *s = batch_new(b->conv);

	log_info(LOG_TURN_SUPERSEDED, K_I64("turn", b->turn));
	s->at_us = engine_now_us(e);
	s->pre = PRE_TURN_CURRENT;
	s->turn = b->turn;
	s->basis = b->basis;
	batch_add(s, EV_TURN_SUPERSEDED, (struct actor){ .type = ACTOR_SYSTEM }, b->turn, STR_NONE,
	    str_fmt(s->arena, "{\"basis\":%d}", (int)b->basis));
	if (commit_submit(&(struct commit){ .e = e, .b = s, .then = turn_overtaken }, NULL) != E_OK)
		flight_end(e->flights, b->conv, b->basis);
}

static void
turn_finished(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	(void)arg;
	if (err == E_OK) {
		log_debug(LOG_TURN_END, K_I64("turn", b->turn));
		flight_end(e->flights, b->conv, b->basis);
		if (b->after != NULL && b->after->last_customer_seq > b->basis)
			turn_wake(e, b->after);
		return;
	}
	if (err == E_CONFLICT) {
		turn_supersede(e, b);
		return;
	}
	/* Full, busy, broken: the turn stands open in the record; try it again. */
	log_warn(LOG_TURN_FAILED, K_Z("error", err_name(err)), K_Z("text", f->text));
	turn_submit(e, e->spec.perceive, US_PER_S, turn_run, &(struct turn_job){ .e = e, .conv = b->conv });
}

/* ---- when nothing works: people -------------------------------------- */

/* decide() itself may be what fails, so this asks nobody. */
static enum err
turn_people_run(struct arena *a, void *arg, struct fault *f)
{
	struct turn_act_failure *why = arg;
	struct turn *t;
	struct batch *b;
	struct decision d = { .kind = DECISION_HAND_OVER, .workflow = -1, .step = -1, .urgency = 80 };
	struct said said;

	TRY(turn_open(why->e, why->conv, a, &t, f));
	if (t->row.holder != HOLDER_AI)
		return E_OK;
	d.reason_code = str_from(why->code);
	d.reason = str_from(why->text);
	d.lang = t->folded.s.language;
	d.reply = t->pub->policy->own[!t->folded.s.hours_open ? OWN_HANDING_OVER_CLOSED :
	    t->folded.s.agents_online > 0 ? OWN_HANDING_OVER : OWN_HANDING_OVER_BUSY];
	said = render_decision(t->pub->policy, &d, &t->folded.s, NULL, 0, a);
	b = batch_new(why->conv);
	b->at_us = engine_now_us(why->e);
	b->pre = PRE_HOLDER_AI;
	b->basis = t->folded.turn_basis;
	b->turn = t->folded.turn;
	turn_add(t, b, EV_DECIDED, decision_to_json(t->pub->policy, &d, &t->folded.s, a));
	turn_end(t, b, &d, &said);
	return commit_submit(&(struct commit){ .e = why->e, .b = b, .then = turn_finished }, f);
}

static void
turn_people_done(struct arena *a, void *arg, enum err err, const struct fault *f)
{
	struct turn_act_failure *why = arg;

	if (err != E_OK && a != NULL)
		log_error(LOG_TURN_FAILED, K_Z("error", err_name(err)), K_Z("text", f->text));
	free(why);
}

void
turn_to_people(struct engine *e, struct id conv, const char *code, const char *text)
{
	struct turn_act_failure *why = malloc(sizeof(*why));
	struct job job = { .run = turn_people_run, .done = turn_people_done, .arg = why,
		.lane = engine_lane(conv) };

	CHECK(why != NULL);
	*why = (struct turn_act_failure){ e, conv, code, text };
	if (job_submit(e->spec.turns, &job) != E_OK)
		e->spec.later->after(e->spec.later, US_PER_S, e->spec.turns, &job);
}
