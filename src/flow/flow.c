/* SPDX-License-Identifier: Apache-2.0 */
/* flow.c - stepping through a workflow: what it wants next. Pure.
 *
 * Slots belong to the conversation, not to a workflow: what the customer once
 * said is not asked for again.  A message's entities go into the slots first;
 * then the steps are walked until one needs the outside.
 */
#include "flow/flow.h"

#include "flow/template.h"

#include <string.h>

struct walk {
	const struct policy *p;
	const struct workflow *w;
	const struct perception *now;
	const struct situation *s;
	const struct outcome *outcomes;
	size_t outcomes_n, used;	/* look-up outcomes already walked past */
	bool awaited;			/* this workflow runs and has asked */
	struct slot *set;
	size_t set_n;
	const struct outcome *record;
	struct arena *a;
};

bool
flow_asks_for(const struct workflow *w, struct str kind)
{
	for (size_t i = 0; i < w->steps_n; i++)
		if (w->steps[i].kind == STEP_ASK && str_eq(w->steps[i].slot, kind))
			return true;
	return false;
}

static bool
any_asks_for(const struct policy *p, struct str kind)
{
	for (size_t i = 0; i < p->workflows_n; i++)
		if (flow_asks_for(&p->workflows[i], kind))
			return true;
	return false;
}

static bool
has_slot(const struct slot *v, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].name, name))
			return true;
	return false;
}

const struct slot *
flow_fills(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a, size_t *n)
{
	struct slot *v;

	*n = 0;
	if (now == NULL || now->entities_n == 0)
		return NULL;
	v = arena_array(a, struct slot, now->entities_n);
	for (size_t i = 0; i < now->entities_n; i++) {
		const struct entity *e = &now->entities[i];
		const struct slot *old = situation_slot(s, e->kind);

		if (has_slot(v, *n, e->kind) || !any_asks_for(p, e->kind))
			continue;
		if (old == NULL || !str_eq(old->value, e->value))
			v[(*n)++] = (struct slot){ e->kind, e->value };
	}
	return v;
}

static struct values
values_of(const struct walk *x)
{
	struct values v = {
		.record = x->record ? x->record->fields : x->s->record,
		.record_n = x->record ? x->record->fields_n : x->s->record_n,
		.set = x->set, .set_n = x->set_n,
		.slots = x->s->slots, .slots_n = x->s->slots_n,
	};

	return v;
}

/* Slots only: what a workflow asks for must come from the customer. */
static struct str
slot_value(const struct walk *x, struct str name)
{
	struct values v = { .set = x->set, .set_n = x->set_n, .slots = x->s->slots,
		.slots_n = x->s->slots_n };

	return values_get(&v, name);
}

static void
put_slot(struct walk *x, struct str name, struct str value)
{
	struct slot *v;

	for (size_t i = 0; i < x->set_n; i++)
		if (str_eq(x->set[i].name, name)) {
			x->set[i].value = value;
			return;
		}
	v = arena_array(x->a, struct slot, x->set_n + 1);
	if (x->set_n > 0)
		memcpy(v, x->set, x->set_n * sizeof(*v));
	v[x->set_n] = (struct slot){ name, value };
	x->set = v;
	x->set_n++;
}

/* The message brought something this workflow asks for. */
static bool
brought_something(const struct walk *x)
{
	if (x->now == NULL)
		return false;
	for (size_t i = 0; i < x->now->entities_n; i++)
		if (flow_asks_for(x->w, x->now->entities[i].kind))
			return true;
	return false;
}

static struct flow_wish
ask(const struct walk *x, int step)
{
	const struct flow_step *t = &x->w->steps[step];
	bool again = x->awaited && str_eq(x->s->awaiting, t->slot) && !brought_something(x);

	return (struct flow_wish){
		.next = FLOW_ASK, .step = step, .slot = t->slot,
		.reply = again ? t->again : t->reply, .failed_try = again,
		.text = again ? str_fmt(x->a, "asked for %S, no usable answer", t->slot)
			      : str_fmt(x->a, "needs %S", t->slot),
	};
}

static const struct outcome *
look_up_outcome(struct walk *x)
{
	size_t seen = 0;

	for (size_t i = 0; i < x->outcomes_n; i++) {
		enum outcome_kind k = x->outcomes[i].kind;

		if (k == OUTCOME_PASSAGES || k == OUTCOME_GATE_PASSED || k == OUTCOME_GATE_FAILED)
			continue;
		if (seen++ == x->used) {
			x->used++;
			return &x->outcomes[i];
		}
	}
	return NULL;
}

static struct str
source_name(const struct walk *x, const struct flow_step *t)
{
	const struct connector_policy *c = &x->p->connectors[t->connector];

	return str_fmt(x->a, "%S.%S", c->id, c->actions[t->action].id);
}

static struct flow_wish
want_look_up(const struct walk *x, int step)
{
	const struct flow_step *t = &x->w->steps[step];
	struct slot *params = arena_array(x->a, struct slot, t->with_n + 1);
	struct values v = values_of(x);

	if (x->record == NULL) /* an older record must not stand before the slots */
		v.record_n = 0;
	for (size_t i = 0; i < t->with_n; i++)
		params[i] = (struct slot){ t->with[i].name,
			template_fill(&v, t->with[i].value, x->a) };
	return (struct flow_wish){
		.next = FLOW_LOOK_UP, .step = step, .reply = -1,
		.connector = t->connector, .action = t->action,
		.params = params, .params_n = t->with_n,
		.text = str_fmt(x->a, "looks up %S", source_name(x, t)),
	};
}

static struct flow_wish
no_record(struct walk *x, int step)
{
	const struct flow_step *t = &x->w->steps[step];
	int back = 0;

	put_slot(x, t->missing_ask, STR_NONE);
	if (t->missing_and.n > 0)
		put_slot(x, t->missing_and, STR_NONE);
	while (back < step && !(x->w->steps[back].kind == STEP_ASK &&
	    str_eq(x->w->steps[back].slot, t->missing_ask)))
		back++;
	return (struct flow_wish){
		.next = FLOW_ASK, .step = back, .slot = t->missing_ask, .reply = t->missing_reply,
		.failed_try = true,
		.identity_failure =
		    x->p->connectors[t->connector].actions[t->action].proves_identity,
		.text = str_fmt(x->a, "%S found nothing", source_name(x, t)),
	};
}

static struct flow_wish
answer(const struct walk *x, int step)
{
	const struct flow_step *t = &x->w->steps[step];
	const struct values v = values_of(x);
	int reply = t->reply;

	if (reply < 0)
		reply = policy_reply(x->p, template_fill(&v, t->answer, x->a));
	if (reply < 0)
		reply = t->otherwise;
	CHECK(reply >= 0); /* the loader wants `otherwise` beside a template */
	return (struct flow_wish){
		.next = FLOW_ANSWER, .step = -1, .reply = reply,
		.text = str_fmt(x->a, "answers with %S", x->p->replies[reply].name),
	};
}

/* The look-up at `step`: true if *out is the wish, false to walk on. */
static bool
at_look_up(struct walk *x, int step, struct flow_wish *out)
{
	const struct outcome *o = look_up_outcome(x);

	if (o == NULL) {
		*out = want_look_up(x, step);
		return true;
	}
	if (o->kind == OUTCOME_RECORD) {
		x->record = o;
		return false;
	}
	if (o->kind == OUTCOME_NO_RECORD) {
		*out = no_record(x, step);
		return true;
	}
	*out = (struct flow_wish){
		.next = FLOW_TOOL_FAILED, .step = step, .reply = -1,
		.text = str_fmt(x->a, "%S failed", source_name(x, &x->w->steps[step])),
	};
	return true;
}

/* Where it stands; look-ups before that are not made again. */
static int
first_step(const struct walk *x, bool running)
{
	int at = running ? x->s->step : 0;

	return at >= 0 && at < (int)x->w->steps_n ? at : 0;
}

struct flow_wish
flow_walk(const struct policy *p, int w, const struct perception *now, const struct situation *s,
    const struct outcome *outcomes, size_t n, struct arena *a)
{
	bool running = s->workflow == w && w >= 0;
	struct walk x = {
		.p = p, .w = &p->workflows[w], .now = now, .s = s,
		.outcomes = outcomes, .outcomes_n = n, .a = a,
		.awaited = running && s->awaiting.n > 0,
	};
	const struct slot *fills = flow_fills(p, now, s, a, &x.set_n);
	struct flow_wish wish = { .next = FLOW_TOOL_FAILED, .step = -1, .reply = -1 };
	int from = first_step(&x, running);

	if (x.set_n > 0) {
		x.set = arena_array(a, struct slot, x.set_n);
		memcpy(x.set, fills, x.set_n * sizeof(*fills));
	}
	/* A slot before the present step may have been emptied or replaced since. */
	for (int i = 0; i < from; i++) {
		struct str slot = x.w->steps[i].slot;

		if (x.w->steps[i].kind == STEP_ASK &&
		    (slot_value(&x, slot).n == 0 || has_slot(x.set, x.set_n, slot)))
			from = i;
	}
	for (int i = from; i < (int)x.w->steps_n; i++) {
		const struct flow_step *t = &x.w->steps[i];

		if (t->kind == STEP_ASK) {
			if (slot_value(&x, t->slot).n > 0)
				continue;
			wish = ask(&x, i);
			break;
		}
		if (t->kind == STEP_ANSWER) {
			wish = answer(&x, i);
			break;
		}
		if (at_look_up(&x, i, &wish))
			break;
	}
	CHECK(wish.next != FLOW_TOOL_FAILED || wish.step >= 0); /* ends with an answer */
	wish.set = x.set;
	wish.set_n = x.set_n;
	return wish;
}
