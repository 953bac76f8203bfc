/* SPDX-License-Identifier: Apache-2.0 */
/* card.c - the hand-off card, composed of what the record holds. */
#include "engine/card.h"

#include "engine/card_words.h"
#include "engine/record_json.h"
#include "nlu/perception_json.h"

#define QUOTE_MAX 160
#define SURE_PPM 700000
#define INTENTS_MAX 3
#define FACTS_MAX 8
#define LAST_MAX 280		/* of the customer's last words: the queue's preview */

static struct str
quoted(struct arena *a, struct str text)
{
	struct str s = str_clip_utf8(str_trim(text), QUOTE_MAX);

	return str_fmt(a, "\"%S%s\"", s, s.n < str_trim(text).n ? "…" : "");
}

/* What it is about: clear from the last message, else what was clear before. */
static int
card_topic(const struct policy *p, const struct conv_row *row, const struct folded *o)
{
	bool known = o->understood_ever && o->last.p_n > 0 && o->last.unknown_ppm < p->unknown_ppm;

	if (known && o->last.p[0].p_ppm >= SURE_PPM)
		return o->last.p[0].intent;
	if (policy_intent(p, row->intent) >= 0)
		return policy_intent(p, row->intent);
	return known && o->last.p[0].p_ppm >= p->act_ppm ? o->last.p[0].intent : -1;
}

/* "Order status. Wrote: "..." Gave order number HP-1042. 3 messages." */
static struct str
card_summary(const struct policy *p, const struct conv_row *row, const struct folded *o, struct arena *a)
{
	struct str parts[8];
	size_t n = 0;
	int topic;
	struct str last = o->own_n > 0 ? o->own[o->own_n - 1] : STR_NONE;
	struct str who = row->contact_name.n > 0 ? row->contact_name : STR("The customer");

	if (o->customer_messages == 0)
		return STR("The customer asked for a person before writing anything.");
	topic = card_topic(p, row, o);
	if (topic >= 0)
		parts[n++] = str_fmt(a, "%S writes about: %S.", who, p->intents[topic].name);
	parts[n++] = o->customer_messages > 1 ?
	    str_fmt(a, "First: %S", quoted(a, o->first_text)) :
	    str_fmt(a, "Wrote: %S", quoted(a, o->first_text));
	if (o->customer_messages > 1 && !str_eq(last, o->first_text))
		parts[n++] = str_fmt(a, "Last: %S", quoted(a, last));
	if (o->s.record_n > 0)
		parts[n++] = STR("Their record was found.");
	if (o->customer_messages > 1)
		parts[n++] = str_fmt(a, "%d messages, %d answers by the AI.", (int)o->customer_messages,
		    (int)o->s.ai_messages);
	return str_join(a, parts, n, STR(" "));
}

static json_t *
card_intents(const struct policy *p, const struct folded *o, struct arena *a)
{
	bool known = o->understood_ever && o->last.unknown_ppm < p->unknown_ppm;
	json_t *v = json_arr(a);

	for (size_t i = 0; known && i < o->last.p_n && i < INTENTS_MAX; i++) {
		const struct intent_score *s = &o->last.p[i];
		json_t *one = json_obj(a);

		json_set_str(one, "id", p->intents[s->intent].id);
		json_set_str(one, "name", p->intents[s->intent].name);
		json_set_i64(one, "p_ppm", s->p_ppm);
		json_push(v, one);
	}
	return v;
}

static json_t *
card_entities(const struct folded *o, struct arena *a)
{
	json_t *v = json_arr(a);

	for (size_t i = 0; i < o->s.slots_n; i++) {
		json_t *one = json_obj(a);

		if (o->s.slots[i].value.n == 0)
			continue;
		json_set_str(one, "kind", o->s.slots[i].name);
		json_set_str(one, "text", o->s.slots[i].value);
		json_set_str(one, "value", o->s.slots[i].value);
		json_push(v, one);
	}
	for (size_t i = 0; o->understood_ever && i < o->last.entities_n; i++) {
		const struct entity *e = &o->last.entities[i];
		const struct slot *s = situation_slot(&o->s, e->kind);
		json_t *one = json_obj(a);

		if (s != NULL && str_eq(s->value, e->value))
			continue;
		json_set_str(one, "kind", e->kind);
		json_set_str(one, "text", e->text);
		json_set_str(one, "value", e->value);
		json_push(v, one);
	}
	return v;
}

static void
card_fact(json_t *v, struct str label, struct str value, struct str source, int64_t as_of_us, struct arena *a)
{
	json_t *one = json_obj(a);

	if (value.n == 0)
		return;
	json_set_str(one, "label", label);
	json_set_str(one, "value", value);
	json_set_str(one, "source", source);
	json_set_i64(one, "as_of_us", as_of_us);
	json_push(v, one);
}

/* "expected_on" is a column; "Expected on" is for people. */
static struct str
label_of(struct str name, struct arena *a)
{
	char *z = str_z(a, name);

	for (char *c = z; *c != '\0'; c++)
		if (*c == '_')
			*c = ' ';
	if (z[0] >= 'a' && z[0] <= 'z')
		z[0] = (char)(z[0] - 'a' + 'A');
	return str_from(z);
}

/* The columns that the connector's action names, in its order; else all. */
static void
card_record(json_t *v, const struct policy *p, const struct field *fields, size_t n, struct str source,
    int64_t at_us, struct arena *a)
{
	const struct connector_action *act = policy_source(p, source);
	size_t named = act != NULL ? act->facts_n : 0;

	if (act != NULL && act->label.n > 0)
		source = localized_get(&act->label, STR("en"));
	for (size_t k = 0; k < named; k++)
		for (size_t i = 0; i < n; i++)
			if (str_eq(fields[i].name, act->facts[k]))
				card_fact(v, label_of(fields[i].name, a), fields[i].value, source, at_us, a);
	for (size_t i = 0; named == 0 && i < n && json_array_size(v) < FACTS_MAX; i++)
		card_fact(v, label_of(fields[i].name, a), fields[i].value, source, at_us, a);
}

static json_t *
card_facts(const struct policy *p, const struct folded *o, struct arena *a)
{
	const struct field *fields = o->s.record;
	size_t n = o->s.record_n;
	struct str source = o->s.record_source;
	int64_t at_us = o->s.record_at_us;
	json_t *v = json_arr(a);

	for (size_t i = 0; i < o->outcomes_n; i++)
		if (o->outcomes[i].kind == OUTCOME_RECORD) {
			fields = o->outcomes[i].fields;
			n = o->outcomes[i].fields_n;
			source = o->outcomes[i].source;
			at_us = o->outcomes[i].at_us;
		}
	card_record(v, p, fields, n, source, at_us, a);
	if (o->way_back.n > 0)
		card_fact(v, STR("Wants the answer at"), o->way_back, STR("customer"), o->last_customer_us, a);
	return v;
}

static json_t *
card_tried(const struct folded *o, struct arena *a)
{
	json_t *v = json_arr(a);

	for (size_t i = 0; i < o->tried_n; i++) {
		json_t *one = json_obj(a);

		json_set_bool(one, "ok", o->tried[i].ok);
		json_set_str(one, "text", o->tried[i].text);
		json_push(v, one);
	}
	for (size_t i = 0; i < o->outcomes_n; i++)
		if (o->outcomes[i].kind == OUTCOME_REFUSED || o->outcomes[i].kind == OUTCOME_GATE_FAILED) {
			json_t *one = json_obj(a);

			json_set_bool(one, "ok", false);
			json_set_str(one, "text", o->outcomes[i].error);
			json_push(v, one);
		}
	return v;
}

static json_t *
card_mood(const struct folded *o, struct arena *a)
{
	json_t *mood = json_obj(a);

	json_set_i64(mood, "anger_ppm", o->understood_ever ? o->last.mood_ppm[MOOD_ANGER] : 0);
	json_set_i64(mood, "frustration_ppm", o->understood_ever ? o->last.mood_ppm[MOOD_FRUSTRATION] : 0);
	json_set_i64(mood, "confusion_ppm", o->understood_ever ? o->last.mood_ppm[MOOD_CONFUSION] : 0);
	return mood;
}

json_t *
card_json(const struct policy *p, const struct conv_row *row, const struct folded *o,
    const struct decision *d, struct arena *a)
{
	json_t *card = json_obj(a);
	bool known = o->understood_ever && o->last.p_n > 0;

	json_set_str(card, "reason_code", d->reason_code);
	json_set_str(card, "reason", d->reason);
	json_set_str(card, "summary", card_summary(p, row, o, a));
	json_set(card, "intents", card_intents(p, o, a));
	json_set(card, "entities", card_entities(o, a));
	json_set(card, "facts", card_facts(p, o, a));
	json_set(card, "tried", card_tried(o, a));
	json_set_str(card, "next_step", card_next_step(p, o, d, a));
	json_set_str(card, "first_sentence", card_first_sentence(p, row->contact_name, o, d, a));
	json_set_i64(card, "confidence_ppm", known ? o->last.p[0].p_ppm : 0);
	json_set_i64(card, "urgency", d->urgency);
	json_set(card, "why", why_wire_json(decision_to_json(p, d, &o->s, a), a));
	json_set_str(card, "language", o->s.language);
	if (o->own_n > 0)
		json_set_str(card, "last_customer", str_clip_utf8(o->own[o->own_n - 1], LAST_MAX));
	json_set(card, "mood", card_mood(o, a));
	if (o->way_back.n > 0)
		json_set_str(card, "way_back", o->way_back);
	else
		json_object_set_new(card, "way_back", json_null());
	json_set_str(card, "policy", p->hash);
	return card;
}
