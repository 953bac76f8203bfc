/* SPDX-License-Identifier: Apache-2.0 */
/* record_json.c - decisions and outcomes as the record keeps them: writing.
 *
 * What does not apply is left out, so a turn stays within its 2 KB.
 */
#include "engine/record_json.h"

#include "engine/record_names.h"

static void
set_text(json_t *o, const char *key, struct str v)
{
	if (v.n > 0)
		json_set_str(o, key, v);
}

static json_t *
pairs_json(const struct slot *v, size_t n, struct arena *a)
{
	json_t *arr = json_arr(a);

	for (size_t i = 0; i < n; i++) {
		json_t *pair = json_arr(a);

		json_push_str(pair, v[i].name);
		json_push_str(pair, v[i].value);
		json_push(arr, pair);
	}
	return arr;
}

static json_t *
why_json(const struct why *w, struct arena *a)
{
	json_t *o = json_obj(a);

	if (w->kind != WHY_RULE) /* most are */
		json_set_z(o, "k", why_name(w->kind));
	json_set_str(o, "n", w->name);
	if (w->fired)
		json_set_bool(o, "f", true);
	set_text(o, "t", w->text);
	if (w->value_ppm >= 0)
		json_set_i64(o, "v", w->value_ppm);
	if (w->limit_ppm >= 0)
		json_set_i64(o, "l", w->limit_ppm);
	return o;
}

static void
set_number(json_t *o, const char *key, int64_t v)
{
	if (v != 0)
		json_set_i64(o, key, v);
}

static json_t *
outside_json(const struct policy *p, const struct situation *s, struct arena *a)
{
	json_t *o = json_obj(a);

	json_set_i64(o, "basis", s->basis_seq);
	json_set_i64(o, "now", s->now_us);
	if (s->hours_open)
		json_set_bool(o, "open", true);
	set_number(o, "next", s->hours_next_us);
	set_text(o, "next_text", s->hours_next);
	set_number(o, "queue", s->queue_waiting);
	set_number(o, "online", s->agents_online);
	set_text(o, "tier", s->tier);
	set_text(o, "name", s->name);
	if (s->verified)
		json_set_bool(o, "verified", true);
	set_number(o, "contact", s->contact_version);
	json_set_str(o, "policy", p->hash);
	return o;
}

static void
look_up_json(json_t *o, const struct policy *p, const struct decision *d, struct arena *a)
{
	const struct connector_policy *c = &p->connectors[d->connector];

	json_set_str(o, "look_up", str_fmt(a, "%S.%S", c->id, c->actions[d->action].id));
	json_set(o, "params", pairs_json(d->params, d->params_n, a));
}

static void
quote_json(json_t *o, const struct passage *q, struct arena *a)
{
	json_t *quote = json_obj(a);

	json_set_str(quote, "article", q->article);
	json_set_i64(quote, "version", q->version);
	json_set_str(quote, "anchor", q->anchor);
	json_set(o, "quote", quote);
}

static void
flags_json(json_t *o, const struct decision *d)
{
	if (d->failed_try)
		json_set_bool(o, "failed_try", true);
	if (d->unsure)
		json_set_bool(o, "unsure", true);
	if (d->identity_failure)
		json_set_bool(o, "identity_failure", true);
	if (d->helped)
		json_set_bool(o, "helped", true);
}

json_t *
decision_to_json(const struct policy *p, const struct decision *d, const struct situation *s,
    struct arena *a)
{
	json_t *o = json_obj(a), *why = json_arr(a);

	json_set_z(o, "kind", decision_name(d->kind));
	for (size_t i = 0; i < d->why_n; i++)
		json_push(why, why_json(&d->why[i], a));
	json_set(o, "why", why);
	if (d->reply >= 0)
		json_set_str(o, "reply", p->replies[d->reply].name);
	if (d->quote != NULL)
		quote_json(o, d->quote, a);
	set_text(o, "lang", d->lang);
	set_text(o, "slot", d->slot);
	set_text(o, "query", d->query);
	if (d->connector >= 0)
		look_up_json(o, p, d, a);
	if (d->kind == DECISION_HAND_OVER) {
		json_set_str(o, "reason_code", d->reason_code);
		json_set_str(o, "reason", d->reason);
		json_set_i64(o, "urgency", d->urgency);
	}
	if (d->workflow >= 0) {
		json_set_str(o, "workflow", p->workflows[d->workflow].id);
		json_set_i64(o, "step", d->step);
	}
	if (d->set_n > 0)
		json_set(o, "set", pairs_json(d->set, d->set_n, a));
	flags_json(o, d);
	json_set(o, "out", outside_json(p, s, a));
	return o;
}

static json_t *
passages_json(const struct outcome *o, struct arena *a)
{
	json_t *arr = json_arr(a);

	for (size_t i = 0; i < o->passages_n; i++) {
		const struct passage *q = &o->passages[i];
		json_t *v = json_obj(a);

		json_set_str(v, "article", q->article);
		json_set_i64(v, "version", q->version);
		json_set_str(v, "anchor", q->anchor);
		json_set_i64(v, "score", q->score_ppm);
		if (i == 0) { /* no other can be quoted */
			json_set_str(v, "title", q->title);
			set_text(v, "section", q->section);
			set_text(v, "date", q->date);
			set_text(v, "language", q->language);
			json_set_str(v, "text", q->text);
		}
		json_push(arr, v);
	}
	return arr;
}

json_t *
outcome_to_json(const struct outcome *o, struct arena *a)
{
	json_t *j = json_obj(a);

	json_set_z(j, "kind", outcome_name(o->kind));
	json_set_i64(j, "step", o->step);
	set_text(j, "source", o->source);
	if (o->at_us != 0)
		json_set_i64(j, "at_us", o->at_us);
	if (o->kind == OUTCOME_PASSAGES)
		json_set(j, "passages", passages_json(o, a));
	if (o->kind == OUTCOME_RECORD) {
		json_t *fields = json_arr(a);

		for (size_t i = 0; i < o->fields_n; i++) {
			json_t *pair = json_arr(a);

			json_push_str(pair, o->fields[i].name);
			json_push_str(pair, o->fields[i].value);
			json_push(fields, pair);
		}
		json_set(j, "fields", fields);
	}
	set_text(j, "error", o->error);
	return j;
}

json_t *
why_wire_json(const json_t *decision, struct arena *a)
{
	const json_t *why = json_object_get(decision, "why");
	json_t *arr = json_arr(a);

	for (size_t i = 0; i < json_array_size(why); i++) {
		const json_t *w = json_array_get(why, i), *v = json_object_get(w, "v"),
			     *l = json_object_get(w, "l");
		json_t *o = json_obj(a);

		json_set_str(o, "kind", json_get_str(w, "k").n > 0 ? json_get_str(w, "k")
								   : STR("rule"));
		json_set_str(o, "name", json_get_str(w, "n"));
		json_set_bool(o, "fired", json_get_bool(w, "f", false));
		json_set_str(o, "text", json_get_str(w, "t"));
		if (json_is_integer(v))
			json_set_i64(o, "value_ppm", json_integer_value(v));
		else
			json_set(o, "value_ppm", json_null());
		if (json_is_integer(l))
			json_set_i64(o, "limit_ppm", json_integer_value(l));
		else
			json_set(o, "limit_ppm", json_null());
		json_push(arr, o);
	}
	return arr;
}
