/* SPDX-License-Identifier: Apache-2.0 */
/* decide.c - what to do next: the pure heart of the desk.
 *
 * Read decide() at the end first.  Each part either settles the decision or
 * leaves it to the next; what it looked at goes into `why` either way.  When
 * outcomes are there the same route is walked again silently, up to the step
 * that wanted them, so nothing needs to be remembered between the steps of a
 * turn and every step can be replayed alone.
 */
#include "engine/decide.h"

#include "engine/trigger/trigger.h"
#include "flow/flow.h"
#include "rules/cond.h"

#define WHY_MAX 160

/* A running workflow is left for another clear wish only from here on when
 * the message also brought what was asked for. */
#define SWITCH_PPM 850000
/* A message with less than this around its entities is nothing but the answer. */
#define ANSWER_BYTES 24

struct thought {
	const struct policy *p;
	const struct perception *now;
	const struct situation *s;
	const struct outcome *outcomes;
	size_t n;
	struct arena *a;
	bool quiet;		/* walking again: nothing new to explain */
	const struct passage *beside;	/* answers the other of two wishes */
	struct why why[WHY_MAX];
	size_t why_n;
	struct decision d;
};

static void
explain(struct thought *t, struct why w)
{
	if (!t->quiet && t->why_n < WHY_MAX)
		t->why[t->why_n++] = w;
}

static void
explain_always(struct thought *t, struct why w)
{
	if (t->why_n < WHY_MAX)
		t->why[t->why_n++] = w;
}

static void
threshold(struct thought *t, const char *name, bool fired, struct str text, int32_t value,
    int32_t limit)
{
	explain(t, (struct why){ WHY_THRESHOLD, str_from(name), fired, text, value, limit });
}

/* --- the ways a decision can end --- */

static int
hand_over_reply(const struct thought *t)
{
	if (!t->s->hours_open)
		return t->p->own[OWN_HANDING_OVER_CLOSED];
	return t->p->own[t->s->agents_online > 0 ? OWN_HANDING_OVER : OWN_HANDING_OVER_BUSY];
}

static bool
hand_over(struct thought *t, struct str code, struct str reason, int urgency)
{
	t->d.kind = DECISION_HAND_OVER;
	t->d.reply = hand_over_reply(t);
	t->d.reason_code = code;
	t->d.reason = reason;
	t->d.urgency = urgency;
	t->d.slot = STR_NONE;
	t->d.helped = false;
	return true;
}

static bool
say(struct thought *t, int reply, bool helped)
{
	t->d.kind = DECISION_SAY;
	t->d.reply = reply;
	t->d.helped = helped;
	return true;
}

/* --- triggers --- */

/* Asks the triggers of that moment; the first that fires hands over. */
static bool
ask_triggers(struct thought *t, enum trigger_when when, const struct situation *s)
{
	for (size_t i = 0; i < trigger_all_n; i++) {
		const struct trigger *trigger = trigger_all[i];
		struct verdict v;

		if (trigger->when != when || !trigger->on(t->p))
			continue;
		v = trigger->check(t->p, t->now, s, t->a);
		explain(t, (struct why){ WHY_TRIGGER, str_from(trigger->name), v.fired, v.text,
		    v.value_ppm, v.limit_ppm });
		if (v.fired)
			return hand_over(t, str_from(trigger->name), v.reason.n > 0 ? v.reason
			    : str_from(trigger->reason), v.urgency);
	}
	return false;
}

/* One more that was not understood: a person, when it is one too many. */
static bool
unsure(struct thought *t, enum own_reply reply)
{
	struct situation s = *t->s;

	s.unsure_streak++;
	t->d.unsure = true;
	if (ask_triggers(t, TRIGGER_UNSURE, &s))
		return true;
	return say(t, t->p->own[reply], false);
}

/* An effect that failed never ends in silence: with its trigger switched off a
 * person still gets it, only without that trigger's urgency. */
static bool
tool_failed(struct thought *t, struct str error)
{
	struct situation s = *t->s;

	t->quiet = false;
	s.tool_error = error.n > 0 ? error : STR("no reason given");
	if (ask_triggers(t, TRIGGER_TOOL, &s))
		return true;
	return hand_over(t, STR("tool_failed"), str_from(trigger_tool_failed.reason), 0);
}

/* The error of the last effect that failed; p == NULL if none did. */
static struct str
failed_effect(const struct thought *t)
{
	struct str error = STR_NONE;

	for (size_t i = 0; i < t->n; i++) {
		const struct outcome *o = &t->outcomes[i];
		const char *what = NULL;

		if (o->kind == OUTCOME_ERROR)
			what = "failed";
		else if (o->kind == OUTCOME_TIMEOUT)
			what = "took too long";
		else if (o->kind == OUTCOME_REFUSED)
			what = "was refused";
		else if (o->kind == OUTCOME_UNKNOWN)
			what = "has no recorded outcome";
		if (what != NULL)
			error = str_fmt(t->a, "%S %s%s%S",
			    o->source.n > 0 ? o->source : STR("search"), what,
			    o->error.n > 0 ? ": " : "", str_clip_utf8(o->error, 120));
	}
	return error;
}

/* --- actions --- */

/* Looks for the passage that answers `query`: true when that is the decision, else
 * *good says which passage does, or NULL. */
static bool
find_passage(struct thought *t, struct str query, const struct passage **good)
{
	const struct outcome *found = NULL;
	const struct passage *best;

	for (size_t i = 0; i < t->n; i++)
		if (t->outcomes[i].kind == OUTCOME_PASSAGES)
			found = &t->outcomes[i];
	*good = NULL;
	if (found == NULL) {
		t->d.kind = DECISION_RETRIEVE;
		t->d.query = query;
		return true;
	}
	/* Explained once: where something came after it, it was. */
	t->quiet = found != &t->outcomes[t->n - 1];
	best = found->passages_n > 0 ? &found->passages[0] : NULL;
	if (best != NULL && best->score_ppm >= t->p->article_ppm)
		*good = best;
	explain(t, (struct why){ WHY_ARTICLE, best != NULL ? best->article : STR("none"),
	    *good != NULL, best == NULL ? STR("no passage was found")
		: str_fmt(t->a, *good != NULL ? "%S#%S answers"
		    : "%S#%S does not answer well enough", best->article, best->anchor),
	    best != NULL ? best->score_ppm : 0, t->p->article_ppm });
	return false;
}

/* Quotes the passage that answers; none does: `otherwise` is said. */
static bool
do_article(struct thought *t, enum own_reply otherwise)
{
	const struct passage *good;

	if (find_passage(t, t->s->text, &good))
		return true;
	t->quiet = false;
	if (good == NULL)
		return unsure(t, otherwise);
	t->d.quote = good;
	return say(t, -1, true);
}

/* The clear wish of several in this message that wants that kind of thing, or NULL. */
static const struct clause *
wish_for(const struct thought *t, enum action_kind kind, int workflow)
{
	const struct perception *now = t->now;

	if (now == NULL || now->unknown_ppm >= t->p->unknown_ppm)
		return NULL;
	for (size_t i = 0; i < now->clauses_n; i++) {
		const struct action *act = &t->p->intents[now->clauses[i].intent].then;

		if (now->clauses[i].p_ppm >= t->p->act_ppm && act->kind == kind &&
		    (workflow < 0 || act->target == workflow))
			return &now->clauses[i];
	}
	return NULL;
}

/* "Where is my order, and how do I send it back": what an article says to the one is
 * quoted above what the workflow says to the other.  True: look for it first. */
static bool
quote_beside(struct thought *t, int workflow)
{
	const struct clause *other = wish_for(t, ACTION_ARTICLE, -1);

	if (other == NULL || wish_for(t, ACTION_WORKFLOW, workflow) == NULL)
		return false;
	return find_passage(t, str_sub(t->s->text, other->from, other->to - other->from),
	    &t->beside);
}

static bool
flow_asks(struct thought *t, const struct flow_wish *wish)
{
	struct situation s = *t->s;

	t->d.failed_try = wish->failed_try;
	t->d.identity_failure = wish->identity_failure;
	s.failed_tries += wish->failed_try;
	s.identity_failures += wish->identity_failure;
	if (wish->failed_try && ask_triggers(t, TRIGGER_FAILED_TRY, &s))
		return true;
	t->d.kind = DECISION_ASK;
	t->d.reply = wish->reply;
	t->d.slot = wish->slot;
	t->d.quote = t->beside;
	return true;
}

static bool
do_workflow(struct thought *t, int workflow)
{
	struct flow_wish wish;

	if (quote_beside(t, workflow))
		return true;
	wish = flow_walk(t->p, workflow, t->now, t->s, t->outcomes, t->n, t->a);
	t->quiet = false;
	t->d.workflow = wish.step < 0 ? -1 : workflow;
	t->d.step = wish.step;
	t->d.set = wish.set;
	t->d.set_n = wish.set_n;
	explain(t, (struct why){ WHY_WORKFLOW, t->p->workflows[workflow].id, true, wish.text, -1,
	    -1 });
	switch (wish.next) {
	case FLOW_ASK:
		return flow_asks(t, &wish);
	case FLOW_LOOK_UP:
		t->d.kind = DECISION_LOOK_UP;
		t->d.connector = wish.connector;
		t->d.action = wish.action;
		t->d.params = wish.params;
		t->d.params_n = wish.params_n;
		return true;
	case FLOW_ANSWER:
		t->d.quote = t->beside;
		return say(t, wish.reply, true);
	case FLOW_TOOL_FAILED:
	default:
		return tool_failed(t, STR("look-up failed"));
	}
}

/* `code` names the rule or intent that wants it, `reason` says so in words. */
static bool
do_action(struct thought *t, const struct action *act, struct str code, struct str reason,
    bool answers)
{
	switch (act->kind) {
	case ACTION_REPLY:
		return say(t, act->target, answers);
	case ACTION_WORKFLOW:
		return do_workflow(t, act->target);
	case ACTION_ARTICLE:
		return do_article(t, OWN_NO_ANSWER);
	case ACTION_PERSON:
	default:
		return hand_over(t, code, act->reason.n > 0 ? act->reason : reason, 0);
	}
}

/* --- rules --- */

static bool
ask_rules(struct thought *t, bool before)
{
	for (size_t i = 0; i < t->p->rules_n; i++) {
		const struct rule *r = &t->p->rules[i];
		struct cond_verdict v;

		if (r->before != before)
			continue;
		v = cond_eval(r->cond, t->p, t->now, t->s, t->a);
		explain(t, (struct why){ WHY_RULE, r->id, v.holds, v.text, -1, -1 });
		if (v.holds)
			return do_action(t, &r->then, r->id, STR("a rule asks for a person"),
			    !before);
	}
	return false;
}

/* --- intents and the running workflow --- */

/* The intent that is clearly meant, or NULL. */
static const struct intent *
clear_intent(const struct thought *t, int32_t least_ppm)
{
	const struct perception *now = t->now;

	if (now->p_n == 0 || now->unknown_ppm >= t->p->unknown_ppm ||
	    now->p[0].p_ppm < least_ppm)
		return NULL;
	return &t->p->intents[now->p[0].intent];
}

/* Hardly anything but entities: an answer to what was asked. */
static bool
is_bare_answer(const struct thought *t)
{
	size_t inside = 0;

	for (size_t i = 0; i < t->now->entities_n; i++)
		inside += t->now->entities[i].to - t->now->entities[i].from;
	return t->s->text.n <= inside + ANSWER_BYTES;
}

static bool
brought_asked(const struct thought *t, const struct workflow *w)
{
	for (size_t i = 0; i < t->now->entities_n; i++)
		if (flow_asks_for(w, t->now->entities[i].kind))
			return true;
	return false;
}

/* Goes on with the workflow that runs, unless the customer clearly wants
 * something else now.  A side question leaves the workflow where it stands. */
static bool
go_on(struct thought *t)
{
	int w = t->s->workflow;
	const struct intent *other;
	int32_t least = t->p->act_ppm;
	bool brought;

	if (w < 0)
		return false;
	brought = t->now != NULL && brought_asked(t, &t->p->workflows[w]);
	if (t->now == NULL || (brought && is_bare_answer(t)))
		return do_workflow(t, w);
	if (brought && least < SWITCH_PPM)
		least = SWITCH_PPM;
	other = clear_intent(t, least);
	if (other != NULL && other->then.kind == ACTION_WORKFLOW && other->then.target == w)
		other = NULL;
	if (t->now->p_n > 0)
		threshold(t, "switch", other != NULL, other != NULL
		    ? str_fmt(t->a, "leaves the workflow for %S", other->id)
		    : STR("stays with the workflow"), t->now->p[0].p_ppm, least);
	return other == NULL && do_workflow(t, w);
}

/* "Lost parcel: a person decides" */
static struct str
intent_reason(const struct thought *t, const struct intent *intent)
{
	return str_fmt(t->a, "%S: a person decides", intent->name);
}

static bool
ask_intents(struct thought *t)
{
	const struct perception *now = t->now;
	int32_t top = now->p_n > 0 ? now->p[0].p_ppm : 0;
	const struct intent *intent;
	const struct clause *both;
	bool unknown = now->unknown_ppm >= t->p->unknown_ppm;

	threshold(t, "unknown", unknown, unknown ? STR("nothing the desk knows")
						 : STR("something the desk knows"),
	    now->unknown_ppm, t->p->unknown_ppm);
	/* No intent covers it; an article still may. */
	if (unknown)
		return do_article(t, OWN_OUT_OF_SCOPE);
	intent = clear_intent(t, t->p->act_ppm);
	threshold(t, "act", intent != NULL, now->p_n == 0 ? STR("no intent")
	    : str_fmt(t->a, "intent %S", t->p->intents[now->p[0].intent].id), top, t->p->act_ppm);
	if (intent == NULL)
		return do_article(t, OWN_UNSURE);
	/* The trigger may be off; what only a person may grant stays so. */
	if (intent->risk == RISK_APPROVE || intent->risk == RISK_FORBIDDEN)
		return hand_over(t, STR("risky_intent"), intent_reason(t, intent),
		    (int)t->p->trigger.risky_intent.urgency);
	both = intent->then.kind == ACTION_ARTICLE ? wish_for(t, ACTION_WORKFLOW, -1) : NULL;
	if (both != NULL)
		intent = &t->p->intents[both->intent];
	return do_action(t, &intent->then, intent->id, intent_reason(t, intent), true);
}

/* --- before anything else --- */

static bool
not_ours(struct thought *t)
{
	const struct inbox_policy *inbox = &t->p->inboxes[t->s->inbox];

	if (t->s->holder != HOLDER_AI) {
		t->d.kind = DECISION_WAIT;
		if (t->s->holder == HOLDER_QUEUE && !t->s->told_coming)
			t->d.reply = t->p->own[OWN_PERSON_COMING];
		explain(t, (struct why){ WHY_THRESHOLD, STR("holder"), true,
		    t->s->holder == HOLDER_QUEUE ? STR("waits for a person")
		    : t->s->holder == HOLDER_AGENT ? STR("a person holds it")
						   : STR("nobody holds it"), -1, -1 });
		return true;
	}
	if (inbox->mode != MODE_HUMAN_LED)
		return false;
	explain(t, (struct why){ WHY_THRESHOLD, STR("human_led"), true,
	    STR("people answer in this inbox"), -1, -1 });
	return hand_over(t, STR("human_led"), STR("people answer in this inbox"), 0);
}

/* What this turn's outcomes settle by themselves. */
static bool
ask_outcomes(struct thought *t)
{
	struct str error;
	int steps = (int)t->n;

	for (size_t i = 0; i < t->n; i++) {
		const struct outcome *o = &t->outcomes[i];

		if (o->step + 1 > steps)
			steps = o->step + 1;
		if (o->kind != OUTCOME_GATE_FAILED)
			continue;
		explain_always(t, (struct why){ WHY_GATE, STR("gate"), true,
		    str_clip_utf8(o->error, 200), -1, -1 });
		return hand_over(t, STR("gate"), STR("the AI's answer was held back"), 50);
	}
	error = failed_effect(t);
	if (error.n > 0)
		return tool_failed(t, error);
	if (steps < DECIDE_STEPS_MAX)
		return false;
	explain_always(t, (struct why){ WHY_THRESHOLD, STR("steps"), true,
	    str_fmt(t->a, "%d steps without an answer", steps), -1, -1 });
	return hand_over(t, STR("steps"), STR("the AI found no way to an answer"), 50);
}

/* What the message filled is kept, whatever became of the turn. */
static void
keep_fills(struct thought *t)
{
	if (t->d.set == NULL && t->d.kind != DECISION_UNDERSTAND && t->d.kind != DECISION_WAIT)
		t->d.set = flow_fills(t->p, t->now, t->s, t->a, &t->d.set_n);
}

static struct str
language_of(const struct thought *t)
{
	if (t->now != NULL && t->now->language.n > 0)
		return t->now->language;
	if (t->s->language.n > 0)
		return t->s->language;
	return t->p->inboxes[t->s->inbox].languages[0];
}

static void
think(struct thought *t)
{
	if (not_ours(t) || ask_outcomes(t))
		return;
	t->quiet = t->n > 0;
	if (ask_triggers(t, TRIGGER_WORDS, t->s))
		return;
	if (t->now != NULL && ask_triggers(t, TRIGGER_UNDERSTOOD, t->s))
		return;
	if (t->now == NULL) {
		if (!ask_rules(t, true))
			t->d.kind = DECISION_UNDERSTAND;
		return;
	}
	if (!go_on(t) && !ask_rules(t, false))
		ask_intents(t);
}

struct decision
decide(const struct policy *p, const struct perception *now, const struct situation *s,
    const struct outcome *outcomes, size_t n, struct arena *a)
{
	struct thought *t = arena_new_of(a, struct thought);
	struct why *why;

	*t = (struct thought){ .p = p, .now = now, .s = s, .outcomes = outcomes, .n = n, .a = a };
	t->d = (struct decision){
		.reply = -1, .connector = -1, .action = -1,
		.workflow = s->workflow, .step = s->step,
	};
	t->d.lang = language_of(t);
	think(t);
	keep_fills(t);
	why = arena_array(a, struct why, t->why_n + 1);
	for (size_t i = 0; i < t->why_n; i++)
		why[i] = t->why[i];
	t->d.why = why;
	t->d.why_n = t->why_n;
	return t->d;
}
