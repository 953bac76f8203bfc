/* SPDX-License-Identifier: Apache-2.0 */
/* record_same.c - do two folds say the same, field by field? */
#include "engine/record_fold.h"

#include <string.h>

static bool
same_strs(const struct str *x, size_t n, const struct str *y, size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (!str_eq(x[i], y[i]))
			return false;
	return n == m;
}

static const char *
situation_difference(const struct situation *x, const struct situation *y)
{
	if (x->basis_seq != y->basis_seq || x->turn != y->turn || x->inbox != y->inbox || x->holder != y->holder)
		return "basis, turn, inbox or holder";
	if (!str_eq(x->language, y->language) || !str_eq(x->text, y->text) ||
	    !same_strs(x->words, x->words_n, y->words, y->words_n))
		return "language, text or words";
	if (x->person_button != y->person_button || x->workflow != y->workflow || x->step != y->step ||
	    !str_eq(x->awaiting, y->awaiting) || x->told_coming != y->told_coming)
		return "button, workflow, step, awaiting or told_coming";
	if (x->failed_tries != y->failed_tries || x->identity_failures != y->identity_failures ||
	    x->unsure_streak != y->unsure_streak || x->ai_messages != y->ai_messages)
		return "a count";
	if (x->slots_n != y->slots_n || x->record_n != y->record_n || x->record_at_us != y->record_at_us ||
	    !str_eq(x->record_source, y->record_source))
		return "slots or record";
	for (size_t i = 0; i < x->slots_n; i++)
		if (!str_eq(x->slots[i].name, y->slots[i].name) || !str_eq(x->slots[i].value, y->slots[i].value))
			return "a slot";
	for (size_t i = 0; i < x->record_n; i++)
		if (!str_eq(x->record[i].name, y->record[i].name) ||
		    !str_eq(x->record[i].value, y->record[i].value))
			return "a field of the record";
	return NULL;
}

static bool
same_perception(const struct perception *x, const struct perception *y)
{
	if (!str_eq(x->language, y->language) || x->language_ppm != y->language_ppm || x->p_n != y->p_n ||
	    x->unknown_ppm != y->unknown_ppm || x->entities_n != y->entities_n ||
	    x->asks_person_ppm != y->asks_person_ppm || x->similar_n != y->similar_n ||
	    x->complexity_ppm != y->complexity_ppm || !same_strs(x->words, x->words_n, y->words, y->words_n) ||
	    memcmp(x->mood_ppm, y->mood_ppm, sizeof(x->mood_ppm)) != 0 ||
	    memcmp(x->similar_ppm, y->similar_ppm, sizeof(x->similar_ppm)) != 0)
		return false;
	for (size_t i = 0; i < x->p_n; i++)
		if (x->p[i].intent != y->p[i].intent || x->p[i].p_ppm != y->p[i].p_ppm)
			return false;
	for (size_t i = 0; i < x->entities_n; i++) {
		const struct entity *e = &x->entities[i], *o = &y->entities[i];

		if (!str_eq(e->kind, o->kind) || !str_eq(e->text, o->text) || !str_eq(e->value, o->value) ||
		    e->from != o->from || e->to != o->to)
			return false;
	}
	return true;
}

static bool
same_outcome(const struct outcome *x, const struct outcome *y)
{
	if (x->kind != y->kind || x->step != y->step || x->at_us != y->at_us || !str_eq(x->source, y->source) ||
	    !str_eq(x->error, y->error) || x->fields_n != y->fields_n || x->passages_n != y->passages_n)
		return false;
	for (size_t i = 0; i < x->fields_n; i++)
		if (!str_eq(x->fields[i].name, y->fields[i].name) ||
		    !str_eq(x->fields[i].value, y->fields[i].value))
			return false;
	for (size_t i = 0; i < x->passages_n; i++)
		if (!str_eq(x->passages[i].article, y->passages[i].article) ||
		    !str_eq(x->passages[i].text, y->passages[i].text) ||
		    x->passages[i].score_ppm != y->passages[i].score_ppm)
			return false;
	return true;
}

static const char *
turn_difference(const struct folded *x, const struct folded *y)
{
	if (x->turn != y->turn || x->turn_open != y->turn_open || x->attempts != y->attempts ||
	    x->turn_basis != y->turn_basis || x->understood != y->understood || x->steps != y->steps)
		return "the turn";
	if (x->understood && !same_perception(&x->now, &y->now))
		return "now";
	if (x->outcomes_n != y->outcomes_n)
		return "outcomes";
	for (size_t i = 0; i < x->outcomes_n; i++)
		if (!same_outcome(&x->outcomes[i], &y->outcomes[i]))
			return "an outcome";
	if (x->effect.present != y->effect.present || (x->effect.present &&
	    (x->effect.step != y->effect.step || !str_eq(x->effect.connector, y->effect.connector) ||
		!str_eq(x->effect.action, y->effect.action) || x->effect.params_n != y->effect.params_n)))
		return "effect";
	for (size_t i = 0; x->effect.present && i < x->effect.params_n; i++)
		if (!str_eq(x->effect.params[i].name, y->effect.params[i].name) ||
		    !str_eq(x->effect.params[i].value, y->effect.params[i].value))
			return "a parameter of effect";
	return NULL;
}

static const char *
card_difference(const struct folded *x, const struct folded *y)
{
	if (x->understood_ever != y->understood_ever || !same_perception(&x->last, &y->last))
		return "last";
	if (x->customer_messages != y->customer_messages || x->first_us != y->first_us ||
	    x->last_customer_us != y->last_customer_us || !str_eq(x->first_text, y->first_text) ||
	    x->handed_over_us != y->handed_over_us || x->open_after_agent != y->open_after_agent)
		return "what the card counts";
	if (!str_eq(x->way_back, y->way_back) || !str_eq(x->pinned, y->pinned))
		return "way_back or pinned";
	if (x->tried_n != y->tried_n)
		return "tried";
	for (size_t i = 0; i < x->tried_n; i++)
		if (x->tried[i].ok != y->tried[i].ok || x->tried[i].at_us != y->tried[i].at_us ||
		    !str_eq(x->tried[i].text, y->tried[i].text))
			return "something tried";
	return same_strs(x->own, x->own_n, y->own, y->own_n) ? NULL : "own";
}

static const char *
history_difference(const struct history *x, const struct history *y)
{
	if (x->n != y->n || !str_eq(x->language, y->language) || !str_eq(x->awaiting, y->awaiting) ||
	    !same_strs(x->known, x->known_n, y->known, y->known_n))
		return "history";
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].by != y->v[i].by || x->v[i].at_us != y->v[i].at_us || x->v[i].seq != y->v[i].seq ||
		    !str_eq(x->v[i].text, y->v[i].text))
			return "an item of history";
	return NULL;
}

const char *
folded_difference(const struct folded *x, const struct folded *y)
{
	const char *d = situation_difference(&x->s, &y->s);

	d = d != NULL ? d : turn_difference(x, y);
	d = d != NULL ? d : card_difference(x, y);
	return d != NULL ? d : history_difference(&x->history, &y->history);
}
