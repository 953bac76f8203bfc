/* SPDX-License-Identifier: Apache-2.0 */
/* record_read.c - decisions and outcomes read back from the record.
 *
 * The record is ours, but a restored or foreign one may hold anything: every
 * name is looked up, every list has its kind checked.
 */
#include "engine/record_json.h"

#include "engine/record_names.h"

static struct str
name_at(const json_t *pair, size_t i)
{
	const json_t *v = json_array_get(pair, i);

	return json_is_string(v)
	    ? (struct str){ json_string_value(v), json_string_length(v) } : STR_NONE;
}

static enum err
read_pairs(const json_t *arr, const char *what, struct arena *a, const struct slot **out,
    size_t *n, struct fault *f)
{
	struct slot *v;

	*out = NULL;
	*n = 0;
	if (arr == NULL)
		return E_OK;
	if (!json_is_array(arr))
		return fault(f, E_INVALID, "%s: expected a list", what);
	v = arena_array(a, struct slot, json_array_size(arr) + 1);
	for (size_t i = 0; i < json_array_size(arr); i++) {
		const json_t *pair = json_array_get(arr, i);

		if (json_array_size(pair) != 2)
			return fault(f, E_INVALID, "%s[%zu]: expected [name, value]", what, i);
		v[i].name = str_dup(a, name_at(pair, 0));
		v[i].value = str_dup(a, name_at(pair, 1));
	}
	*out = v;
	*n = json_array_size(arr);
	return E_OK;
}

static struct str
text_of(const json_t *j, const char *key, struct arena *a)
{
	struct str s = json_get_str(j, key);

	return s.n == 0 ? STR_NONE : str_dup(a, s);
}

static enum err
read_why(const json_t *arr, struct arena *a, struct decision *d, struct fault *f)
{
	struct why *v;

	if (!json_is_array(arr))
		return fault(f, E_INVALID, "why: expected a list");
	v = arena_array(a, struct why, json_array_size(arr) + 1);
	for (size_t i = 0; i < json_array_size(arr); i++) {
		const json_t *w = json_array_get(arr, i);

		v[i].kind = WHY_RULE;
		if (json_object_get(w, "k") != NULL &&
		    !why_kind_of(json_get_str(w, "k"), &v[i].kind))
			return fault(f, E_INVALID, "why[%zu].k: unknown kind", i);
		v[i].name = text_of(w, "n", a);
		v[i].fired = json_get_bool(w, "f", false);
		v[i].text = text_of(w, "t", a);
		v[i].value_ppm = (int32_t)json_get_i64(w, "v", -1);
		v[i].limit_ppm = (int32_t)json_get_i64(w, "l", -1);
	}
	d->why = v;
	d->why_n = json_array_size(arr);
	return E_OK;
}

/* A name that the policy must have; absent gives -1. */
static enum err
read_index(const json_t *j, const char *key, const struct policy *p,
    int (*find)(const struct policy *, struct str), int *out, struct fault *f)
{
	struct str name = json_get_str(j, key);

	*out = -1;
	if (name.n == 0)
		return E_OK;
	*out = find(p, name);
	if (*out < 0)
		return fault(f, E_INVALID, "%s: the policy has no \"%.*s\"", key, STR_ARG(name));
	return E_OK;
}

static enum err
read_look_up(const json_t *j, const struct policy *p, struct arena *a, struct decision *d,
    struct fault *f)
{
	struct str full = json_get_str(j, "look_up"), action, id = str_cut(full, '.', &action);

	d->connector = d->action = -1;
	if (full.n == 0)
		return E_OK;
	for (size_t i = 0; i < p->connectors_n; i++)
		for (size_t k = 0; k < p->connectors[i].actions_n; k++)
			if (str_eq(p->connectors[i].id, id) &&
			    str_eq(p->connectors[i].actions[k].id, action)) {
				d->connector = (int)i;
				d->action = (int)k;
			}
	if (d->connector < 0)
		return fault(f, E_INVALID, "look_up: the policy has no \"%.*s\"", STR_ARG(full));
	return read_pairs(json_object_get(j, "params"), "params", a, &d->params, &d->params_n, f);
}

static void
read_quote(const json_t *j, struct arena *a, struct decision *d)
{
	const json_t *quote = json_object_get(j, "quote");
	struct passage *q;

	if (!json_is_object(quote))
		return;
	q = arena_new_of(a, struct passage);
	q->article = text_of(quote, "article", a);
	q->version = (int32_t)json_get_i64(quote, "version", 0);
	q->anchor = text_of(quote, "anchor", a);
	d->quote = q;
}

static void
read_outside(const json_t *j, struct arena *a, struct situation *s)
{
	const json_t *o = json_object_get(j, "out");

	s->basis_seq = (int32_t)json_get_i64(o, "basis", 0);
	s->now_us = json_get_i64(o, "now", 0);
	s->hours_open = json_get_bool(o, "open", false);
	s->hours_next_us = json_get_i64(o, "next", 0);
	s->hours_next = text_of(o, "next_text", a);
	s->queue_waiting = (int32_t)json_get_i64(o, "queue", 0);
	s->agents_online = (int32_t)json_get_i64(o, "online", 0);
	s->tier = text_of(o, "tier", a);
	s->name = text_of(o, "name", a);
	s->verified = json_get_bool(o, "verified", false);
	s->contact_version = (int32_t)json_get_i64(o, "contact", 0);
}

enum err
decision_from_json(const struct policy *p, const json_t *j, struct arena *a,
    struct decision *out, struct situation *outside, struct fault *f)
{
	struct decision *d = out;

	*d = (struct decision){ .reply = -1, .connector = -1, .action = -1 };
	if (!decision_kind_of(json_get_str(j, "kind"), &d->kind))
		return fault(f, E_INVALID, "kind: not a decision");
	TRY(read_why(json_object_get(j, "why"), a, d, f));
	TRY(read_index(j, "reply", p, policy_reply, &d->reply, f));
	TRY(read_index(j, "workflow", p, policy_workflow, &d->workflow, f));
	TRY(read_look_up(j, p, a, d, f));
	TRY(read_pairs(json_object_get(j, "set"), "set", a, &d->set, &d->set_n, f));
	read_quote(j, a, d);
	d->step = (int)json_get_i64(j, "step", -1);
	d->lang = text_of(j, "lang", a);
	d->slot = text_of(j, "slot", a);
	d->query = text_of(j, "query", a);
	d->reason_code = text_of(j, "reason_code", a);
	d->reason = text_of(j, "reason", a);
	d->urgency = (int)json_get_i64(j, "urgency", 0);
	d->failed_try = json_get_bool(j, "failed_try", false);
	d->unsure = json_get_bool(j, "unsure", false);
	d->identity_failure = json_get_bool(j, "identity_failure", false);
	d->helped = json_get_bool(j, "helped", false);
	if (outside != NULL)
		read_outside(j, a, outside);
	return E_OK;
}

struct str
decision_policy_hash(const json_t *j)
{
	return json_get_str(json_object_get(j, "out"), "policy");
}

static enum err
read_passages(const json_t *arr, struct arena *a, struct outcome *o, struct fault *f)
{
	struct passage *v;

	if (!json_is_array(arr))
		return fault(f, E_INVALID, "passages: expected a list");
	v = arena_array(a, struct passage, json_array_size(arr) + 1);
	for (size_t i = 0; i < json_array_size(arr); i++) {
		const json_t *q = json_array_get(arr, i);

		v[i].article = text_of(q, "article", a);
		v[i].version = (int32_t)json_get_i64(q, "version", 0);
		v[i].anchor = text_of(q, "anchor", a);
		v[i].score_ppm = (int32_t)json_get_i64(q, "score", 0);
		v[i].title = text_of(q, "title", a);
		v[i].section = text_of(q, "section", a);
		v[i].date = text_of(q, "date", a);
		v[i].language = text_of(q, "language", a);
		v[i].text = text_of(q, "text", a);
	}
	o->passages = v;
	o->passages_n = json_array_size(arr);
	return E_OK;
}

enum err
outcome_from_json(const json_t *j, struct arena *a, struct outcome *out, struct fault *f)
{
	const struct slot *pairs;
	struct field *fields;
	size_t n;

	*out = (struct outcome){ 0 };
	if (!outcome_kind_of(json_get_str(j, "kind"), &out->kind))
		return fault(f, E_INVALID, "kind: not an outcome");
	out->step = (int)json_get_i64(j, "step", 0);
	out->source = text_of(j, "source", a);
	out->at_us = json_get_i64(j, "at_us", 0);
	out->error = text_of(j, "error", a);
	if (out->kind == OUTCOME_PASSAGES)
		return read_passages(json_object_get(j, "passages"), a, out, f);
	if (out->kind != OUTCOME_RECORD)
		return E_OK;
	TRY(read_pairs(json_object_get(j, "fields"), "fields", a, &pairs, &n, f));
	fields = arena_array(a, struct field, n + 1);
	for (size_t i = 0; i < n; i++)
		fields[i] = (struct field){ pairs[i].name, pairs[i].value };
	out->fields = fields;
	out->fields_n = n;
	return E_OK;
}
