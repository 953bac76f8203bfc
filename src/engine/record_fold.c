/* SPDX-License-Identifier: Apache-2.0 */
/* record_fold.c - the record read from its beginning to what holds now.
 *
 * One function an event kind, in a table: the exhaustive list of what the
 * record means to the engine.
 */
#include "engine/record_fold.h"

#include "base/json.h"
#include "engine/decide.h"
#include "engine/record_json.h"
#include "nlu/perception_json.h"
#include "text/lang.h"
#include "text/tokens.h"

#include <string.h>

#define SURE_PPM 700000

struct fold {
	const struct policy *p;
	struct arena *a;
	struct folded o;
	struct history_item *said;	/* everything, unanswered too */
	size_t said_n;
	struct str *own;
	struct tried *tried;
	size_t cap;			/* of the three */
	int32_t answered;		/* customer messages up to this seq are answered */
	struct decision *made;		/* of the open turn */
	size_t made_n;
	bool asked_now;			/* the button, of the unanswered */
	int32_t asked_seq;
	struct {			/* the unanswered text's language was guessed: at what, as what */
		size_t said_n;
		int32_t answered;
		struct str prior;
		struct lang_guess guess;
	} heard;
};

/* Room for n more of what grows by one an event at most. */
static void
fold_room(struct fold *g, size_t n)
{
	size_t cap = g->cap + n > 2 * g->cap ? g->cap + n : 2 * g->cap;
	struct history_item *said = g->said;
	struct str *own = g->own;
	struct tried *tried = g->tried;

	if (g->said_n + n <= g->cap && g->o.tried_n + n <= g->cap)
		return;
	g->said = arena_array(g->a, struct history_item, cap);
	g->own = arena_array(g->a, struct str, cap);
	g->tried = arena_array(g->a, struct tried, cap);
	if (g->cap > 0) {
		memcpy(g->said, said, g->said_n * sizeof(said[0]));
		memcpy(g->own, own, g->o.own_n * sizeof(own[0]));
		memcpy(g->tried, tried, g->o.tried_n * sizeof(tried[0]));
	}
	g->cap = cap;
}

/* A field's text, kept. */
static struct str
fold_text(const struct fold *g, const json_t *body, const char *key)
{
	struct str s = json_get_str(body, key);

	return s.n == 0 ? STR_NONE : str_dup(g->a, s);
}

static struct str
fold_say(struct fold *g, const struct event *e, enum speaker by, const json_t *body)
{
	struct str text = fold_text(g, body, "text");

	CHECK(g->said_n < g->cap);
	g->said[g->said_n++] = (struct history_item){ .by = by, .text = text, .at_us = e->at_us, .seq = e->seq };
	return text;
}

static void
fold_customer(struct fold *g, const struct event *e, const json_t *body)
{
	struct folded *o = &g->o;
	struct str text = fold_say(g, e, BY_CUSTOMER, body);

	g->own[o->own_n++] = text;
	if (o->customer_messages++ == 0) {
		o->first_us = e->at_us;
		o->first_text = text;
	}
	o->last_customer_us = e->at_us;
	o->open_after_agent++;
	o->s.basis_seq = e->seq;
}

static void
fold_ai(struct fold *g, const struct event *e, const json_t *body)
{
	(void)fold_say(g, e, BY_AI, body);
	g->o.s.ai_messages++;
}

static void
fold_agent(struct fold *g, const struct event *e, const json_t *body)
{
	(void)fold_say(g, e, BY_AGENT, body);
	g->answered = g->o.s.basis_seq;
	g->o.open_after_agent = 0;
}

static void
fold_opened(struct fold *g, const struct event *e, const json_t *body)
{
	struct str lang = fold_text(g, body, "language");

	(void)e;
	if (lang.n > 0)
		g->o.s.language = lang;
}

static void
fold_person_asked(struct fold *g, const struct event *e, const json_t *body)
{
	(void)body;
	g->asked_now = true;
	g->asked_seq = e->seq;
	g->o.s.basis_seq = e->seq;
}

static void
fold_way_back(struct fold *g, const struct event *e, const json_t *body)
{
	(void)e;
	g->o.way_back = fold_text(g, body, "email");
}

static void
fold_turn_clear(struct fold *g)
{
	struct folded *o = &g->o;

	g->made_n = 0;
	o->understood = false;
	o->outcomes_n = 0;
	o->steps = 0;
	o->effect = (struct pending_effect){ 0 };
}

static void
fold_turn_started(struct fold *g, const struct event *e, const json_t *body)
{
	struct folded *o = &g->o;

	if (e->turn != o->turn)
		fold_turn_clear(g);
	o->turn = e->turn;
	o->turn_open = true;
	o->attempts = (int)json_get_i64(body, "attempt", 1);
	o->turn_basis = (int32_t)json_get_i64(body, "basis", 0);
}

static void
fold_turn_superseded(struct fold *g, const struct event *e, const json_t *body)
{
	(void)body;
	if (e->turn != g->o.turn)
		return;
	g->o.turn_open = false;
	fold_turn_clear(g);
}

static void
fold_turn_ended(struct fold *g, const struct event *e, const json_t *body)
{
	struct folded *o = &g->o;

	(void)body;
	if (e->turn != o->turn)
		return;
	if (o->understood && o->now.language.n > 0)
		o->s.language = o->now.language;
	for (size_t i = 0; i < g->made_n; i++) {
		int before = o->s.workflow;

		o->s = situation_after(g->p, &o->s, &g->made[i], g->a);
		if (o->s.workflow < 0)
			o->pinned = STR_NONE;
		else if (before != o->s.workflow)
			o->pinned = str_dup(g->a, e->policy_hash);
	}
	for (size_t i = 0; i < o->outcomes_n; i++)
		o->s = situation_learned(&o->s, &o->outcomes[i]);
	o->turn_open = false;
	if (o->turn_basis > g->answered)
		g->answered = o->turn_basis;
	if (g->asked_now && g->asked_seq <= o->turn_basis)
		g->asked_now = false;
	fold_turn_clear(g);
}

static void
fold_perceived(struct fold *g, const struct event *e, const json_t *body)
{
	struct folded *o = &g->o;
	struct perception seen;

	if (perception_from_json(g->a, g->p, body, &seen, NULL) != E_OK)
		return;
	seen = perception_copy(&seen, g->a);
	o->last = seen;
	o->understood_ever = true;
	if (e->turn == o->turn && o->turn_open) {
		o->now = seen;
		o->understood = true;
	}
}

static void
fold_decided(struct fold *g, const struct event *e, const json_t *body)
{
	struct folded *o = &g->o;
	struct decision d;

	if (e->turn != o->turn || !o->turn_open)
		return;
	o->steps++;
	if (g->made_n <= DECIDE_STEPS_MAX && decision_from_json(g->p, body, g->a, &d, NULL, NULL) == E_OK)
		g->made[g->made_n++] = d;
}

static void
fold_effect_requested(struct fold *g, const struct event *e, const json_t *body)
{
	struct pending_effect *p = &g->o.effect;
	const json_t *params = json_object_get(body, "params");
	const char *key;
	json_t *value;
	struct slot *v;

	if (e->turn != g->o.turn || !g->o.turn_open)
		return;
	*p = (struct pending_effect){
		.present = true,
		.step = (int)json_get_i64(body, "step", 0),
		.connector = fold_text(g, body, "connector"),
		.action = fold_text(g, body, "action"),
	};
	v = arena_array(g->a, struct slot, json_object_size(params) + 1);
	json_object_foreach((json_t *)(uintptr_t)params, key, value)
		if (json_is_string(value))
			v[p->params_n++] = (struct slot){ str_dup(g->a, str_from(key)),
				str_dup(g->a, (struct str){ json_string_value(value), json_string_length(value) }) };
	p->params = v;
}

static void
fold_tried(struct fold *g, const struct event *e, const struct outcome *o)
{
	struct tried *t = &g->tried[g->o.tried_n];
	const struct connector_action *act = policy_source(g->p, o->source);
	struct str by = act != NULL ? localized_get(&act->label, STR("en")) : STR_NONE;

	if (by.n == 0)
		by = str_fmt(g->a, "Looked up %S", o->source);
	switch (o->kind) {
	case OUTCOME_RECORD:
		*t = (struct tried){ true, str_fmt(g->a, "%S: found", by), e->at_us };
		break;
	case OUTCOME_NO_RECORD:
		*t = (struct tried){ false, str_fmt(g->a, "%S: nothing matches", by), e->at_us };
		break;
	case OUTCOME_PASSAGES:
		*t = (struct tried){ o->passages_n > 0,
			o->passages_n > 0 ?
			    str_fmt(g->a, "Searched the articles: best is \"%S\" (%P)",
				o->passages[0].title, (int64_t)o->passages[0].score_ppm) :
			    STR("Searched the articles: nothing"), e->at_us };
		break;
	case OUTCOME_REFUSED:
	case OUTCOME_ERROR:
	case OUTCOME_TIMEOUT:
	case OUTCOME_GATE_FAILED:
		*t = (struct tried){ false, o->error.n > 0 ? o->error : STR("A step failed"), e->at_us };
		break;
	case OUTCOME_GATE_PASSED:
	case OUTCOME_UNKNOWN:
		return;
	}
	g->o.tried_n++;
}

static void
fold_effect_done(struct fold *g, const struct event *e, const json_t *body)
{
	struct folded *o = &g->o;
	struct outcome got;

	if (outcome_from_json(body, g->a, &got, NULL) != E_OK)
		return;
	fold_tried(g, e, &got);
	if (e->turn != o->turn || !o->turn_open || o->outcomes_n > DECIDE_STEPS_MAX)
		return;
	o->outcomes[o->outcomes_n++] = got;
	if (o->effect.present && o->effect.step == got.step)
		o->effect.present = false;
}

static void
fold_handover(struct fold *g, const struct event *e, const json_t *body)
{
	(void)body;
	g->o.s.holder = HOLDER_QUEUE;
	g->o.s.told_coming = false;
	g->o.handed_over_us = e->at_us;
}

static void
fold_claimed(struct fold *g, const struct event *e, const json_t *body)
{
	(void)e;
	(void)body;
	g->o.s.holder = HOLDER_AGENT;
}

/* Back with the AI: what people settled does not count against the customer. */
static void
fold_returned(struct fold *g, const struct event *e, const json_t *body)
{
	struct situation *s = &g->o.s;

	(void)e;
	(void)body;
	s->holder = HOLDER_AI;
	g->answered = s->basis_seq;
	s->failed_tries = s->unsure_streak = 0;
	s->workflow = s->step = -1;
	s->awaiting = STR_NONE;
	g->asked_now = false;
	g->o.pinned = STR_NONE;
}

static void
fold_resolved(struct fold *g, const struct event *e, const json_t *body)
{
	(void)e;
	(void)body;
	g->o.s.holder = HOLDER_NONE;
	g->answered = g->o.s.basis_seq;
}

static void (*const fold_kind[EV_N])(struct fold *, const struct event *, const json_t *) = {
	[EV_CONV_OPENED] = fold_opened,
	[EV_MSG_CUSTOMER] = fold_customer,
	[EV_MSG_AI] = fold_ai,
	[EV_MSG_AGENT] = fold_agent,
	[EV_PERSON_ASKED] = fold_person_asked,
	[EV_WAY_BACK] = fold_way_back,
	[EV_PERCEIVED] = fold_perceived,
	[EV_TURN_STARTED] = fold_turn_started,
	[EV_TURN_SUPERSEDED] = fold_turn_superseded,
	[EV_TURN_ENDED] = fold_turn_ended,
	[EV_DECIDED] = fold_decided,
	[EV_EFFECT_REQUESTED] = fold_effect_requested,
	[EV_EFFECT_DONE] = fold_effect_done,
	[EV_HANDOVER_REQUESTED] = fold_handover,
	[EV_HANDOVER_CLAIMED] = fold_claimed,
	[EV_HANDOVER_RETURNED] = fold_returned,
	[EV_RESOLVED] = fold_resolved,
	[EV_REOPENED] = fold_returned,
};

/* The pre-pass answers too: in the language that was just spoken, where the
 * words alone leave no doubt. */
static struct lang_guess
guess_language(const struct policy *p, const struct situation *s, struct arena *a)
{
	const struct inbox_policy *in = &p->inboxes[s->inbox];
	const struct str *words = s->words;
	struct str plain = text_without_addresses(a, s->text);
	size_t n = s->words_n;

	if (plain.p != s->text.p)
		text_words(a, plain, &words, &n);
	if (n == 0)
		return (struct lang_guess){ STR_NONE, 0 };
	return lang_of(words, n, in->languages, in->languages_n, s->language);
}

/* A turn folds at each of its steps, mostly with nothing said since. */
static void
fold_language(struct fold *g, struct situation *s, struct arena *a)
{
	if (g->heard.said_n != g->said_n || g->heard.answered != g->answered ||
	    !str_eq(g->heard.prior, s->language)) {
		g->heard.guess = guess_language(g->p, s, a);
		g->heard.said_n = g->said_n;
		g->heard.answered = g->answered;
		g->heard.prior = s->language;
	}
	if (g->heard.guess.lang.n > 0 && g->heard.guess.ppm >= SURE_PPM)
		s->language = g->heard.guess.lang;
}

/* The unanswered messages become the text, everything before the history. */
void
fold_now(struct fold *g, struct arena *a, struct folded *o)
{
	struct str *open = arena_array(a, struct str, g->said_n + 1);
	struct history_item *before = arena_array(a, struct history_item, g->said_n + 1);
	struct str *known = arena_array(a, struct str, g->o.s.slots_n + 1);
	size_t open_n = 0, before_n = 0;
	struct str spoken = g->o.s.language;

	*o = g->o;
	for (size_t i = 0; i < g->o.s.slots_n; i++)
		known[i] = g->o.s.slots[i].name;
	for (size_t i = 0; i < g->said_n; i++) {
		if (g->said[i].by == BY_CUSTOMER && g->said[i].seq > g->answered)
			open[open_n++] = g->said[i].text;
		else
			before[before_n++] = g->said[i];
	}
	o->s.text = str_join(a, open, open_n, STR("\n"));
	text_words(a, o->s.text, &o->s.words, &o->s.words_n);
	fold_language(g, &o->s, a);
	o->s.person_button = g->asked_now;
	o->s.turn = o->turn;
	o->history = (struct history){
		.v = before,
		.n = before_n,
		.language = spoken,
		.awaiting = o->s.awaiting,
		.known = known,
		.known_n = g->o.s.slots_n,
	};
	o->own = g->own;
	o->tried = g->tried;
	/* The caller's turn adds to them. */
	o->outcomes = arena_array(a, struct outcome, DECIDE_STEPS_MAX + 2);
	memcpy(o->outcomes, g->o.outcomes, (DECIDE_STEPS_MAX + 2) * sizeof(o->outcomes[0]));
}

struct fold *
fold_new(const struct policy *p, int inbox, struct arena *a)
{
	struct fold *g = arena_new_of(a, struct fold);

	g->p = p;
	g->a = a;
	g->o.s.inbox = inbox;
	g->o.s.workflow = g->o.s.step = -1;
	g->o.s.holder = HOLDER_AI;
	if (inbox >= 0 && p->inboxes[inbox].languages_n > 0)
		g->o.s.language = p->inboxes[inbox].languages[0];
	g->o.outcomes = arena_array(a, struct outcome, DECIDE_STEPS_MAX + 2);
	g->made = arena_array(a, struct decision, DECIDE_STEPS_MAX + 2);
	return g;
}

enum err
fold_more(struct fold *g, const struct event *v, size_t n, struct arena *tmp, struct fault *f)
{
	fold_room(g, n);
	for (size_t i = 0; i < n; i++) {
		json_t *body;

		if (fold_kind[v[i].kind] == NULL || v[i].erased)
			continue;
		if (json_parse_own(tmp, v[i].body, &body, f) != E_OK)
			return fault_wrap(f, "event %d of the record", v[i].seq);
		fold_kind[v[i].kind](g, &v[i], body);
	}
	return E_OK;
}

bool
fold_turn_open(const struct fold *g)
{
	return g->o.turn_open;
}

static struct str
keep(struct str s, struct arena *a)
{
	return s.n == 0 ? STR_NONE : str_dup(a, s);
}

static void
copy_situation(struct situation *s, struct arena *a)
{
	struct slot *slots = arena_array(a, struct slot, s->slots_n + 1);
	struct field *record = arena_array(a, struct field, s->record_n + 1);

	s->language = keep(s->language, a);
	s->awaiting = keep(s->awaiting, a);
	s->record_source = keep(s->record_source, a);
	for (size_t i = 0; i < s->slots_n; i++)
		slots[i] = (struct slot){ keep(s->slots[i].name, a), keep(s->slots[i].value, a) };
	for (size_t i = 0; i < s->record_n; i++)
		record[i] = (struct field){ keep(s->record[i].name, a), keep(s->record[i].value, a) };
	s->slots = slots;
	s->record = record;
}

struct fold *
fold_copy(const struct fold *g, struct arena *a)
{
	struct fold *c = fold_new(g->p, g->o.s.inbox, a);
	struct outcome *outcomes = c->o.outcomes;
	struct decision *made = c->made;

	CHECK(!g->o.turn_open && g->made_n == 0 && g->o.outcomes_n == 0 && !g->o.effect.present);
	*c = *g;
	c->a = a;
	c->cap = 0;
	fold_room(c, g->said_n + g->o.tried_n + 16);
	c->o.outcomes = outcomes;
	c->made = made;
	c->heard.said_n = 0;		/* the prior's text stays behind */
	c->heard.prior = STR_NONE;
	c->o.own_n = 0;
	copy_situation(&c->o.s, a);
	for (size_t i = 0; i < g->said_n; i++) {
		c->said[i] = g->said[i];
		c->said[i].text = keep(g->said[i].text, a);
		if (c->said[i].by == BY_CUSTOMER)
			c->own[c->o.own_n++] = c->said[i].text;
	}
	if (c->o.own_n > 0)
		c->o.first_text = c->own[0];
	for (size_t i = 0; i < g->o.tried_n; i++) {
		c->tried[i] = g->tried[i];
		c->tried[i].text = keep(g->tried[i].text, a);
	}
	c->o.now = (struct perception){ 0 };
	c->o.last = perception_copy(&g->o.last, a);
	c->o.effect = (struct pending_effect){ 0 };
	c->o.way_back = keep(g->o.way_back, a);
	c->o.pinned = keep(g->o.pinned, a);
	return c;
}

enum err
fold_events(const struct policy *p, int inbox, const struct event *v, size_t n, struct arena *a,
    struct folded *out, struct fault *f)
{
	struct fold *g = fold_new(p, inbox, a);

	TRY(fold_more(g, v, n, a, f));
	fold_now(g, a, out);
	return E_OK;
}
