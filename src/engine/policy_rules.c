/* SPDX-License-Identifier: Apache-2.0 */
/* policy_rules.c - rules.yaml and escalation.yaml: conditions and triggers. */
#include "engine/policy_build.h"

#include "engine/trigger/trigger.h"
#include "rules/cond.h"
#include "rules/phrase_normalise.h"

#include <string.h>

#define RULES_MAX 120	/* all of them fit into one explanation (decide.c) */
#define PHRASES_MAX 500

static bool
is_inbox_language(const struct build *b, struct str lang)
{
	for (size_t i = 0; i < b->p->inboxes_n; i++)
		for (size_t k = 0; k < b->p->inboxes[i].languages_n; k++)
			if (str_eq(b->p->inboxes[i].languages[k], lang))
				return true;
	return false;
}

/* Names in a condition must exist: a misspelt one would never hold. */
static void
check_names(struct build *b, const struct yaml *at, const struct cond_code *code)
{
	for (size_t i = 0; i < code->n; i++)
		for (size_t k = 0; k < code->v[i].items_n; k++) {
			struct str name = code->v[i].items[k];

			if (code->v[i].op == COND_INTENT && policy_intent(b->p, name) < 0 &&
			    !b->broken[FILE_INTENTS])
				build_say(b, at, "there is no intent \"%S\" in intents.yaml", name);
			if (code->v[i].op == COND_ENTITY && !build_is_entity(b, name) &&
			    !b->broken[FILE_ENTITIES])
				build_say(b, at, "there is no entity \"%S\"", name);
			if (code->v[i].op == COND_LANGUAGE && !is_inbox_language(b, name) &&
			    b->p->inboxes_n > 0)
				build_say(b, at, "no inbox speaks \"%S\"", name);
		}
}

static struct rule
read_rule(struct build *b, const struct yaml *y)
{
	static const char *const keys[] = { "id", "when", "then", NULL };
	const struct yaml *when;
	struct cond_code code;
	struct rule r = { 0 };
	struct fault f;

	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return r;
	r.id = build_id(b, yaml_need(b->c, y, "id"));
	for (size_t i = 0; i < b->p->rules_n; i++)
		if (str_eq(b->p->rules[i].id, r.id))
			build_say(b, y, "there are two rules \"%S\"", r.id);
	when = yaml_need(b->c, y, "when");
	r.when = yaml_text(b->c, when);
	r.then = build_action(b, yaml_need(b->c, y, "then"));
	if (when == NULL || when->kind != YAML_SCALAR)
		return r;
	if (cond_compile(r.when, b->a, &code, &f) != E_OK) {
		build_say(b, when, "when, %s", f.text);
		return r;
	}
	check_names(b, when, &code);
	r.line = when->line;
	r.cond = code.v;
	r.cond_n = code.n;
	r.before = code.before;
	return r;
}

void
build_rules(struct build *b)
{
	static const char *const keys[] = { "rules", NULL };
	const struct yaml *list = build_top(b, FILE_RULES, "rules");
	struct rule *v;

	if (b->file[FILE_RULES] != NULL)
		yaml_only(b->c, b->file[FILE_RULES], keys);
	if (list == NULL || !yaml_is(b->c, list, YAML_LIST))
		return;
	if (list->n > RULES_MAX) {
		build_say(b, list, "more than %d rules", RULES_MAX);
		return;
	}
	v = arena_array(b->a, struct rule, list->n + 1);
	b->p->rules = v;
	for (size_t i = 0; i < list->n; i++) {
		v[i] = read_rule(b, list->items[i]);
		b->p->rules_n++;
	}
}

/* --- escalation.yaml --- */

static const struct str *
read_phrases(struct build *b, const struct yaml *list, size_t *n)
{
	const struct str *raw = yaml_texts(b->c, list, b->a, n);
	struct str *v;

	if (*n > PHRASES_MAX) {
		build_say(b, list, "more than %d phrases", PHRASES_MAX);
		*n = 0;
	}
	v = arena_array(b->a, struct str, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		v[i] = phrase_normalise(b->a, raw[i]);
		if (v[i].n == 0)
			build_say(b, list, "item %zu has no words", i + 1);
	}
	return v;
}

static void
set_list(struct policy *p, const struct trigger_list *list, const struct str *v, size_t n)
{
	memcpy((char *)&p->trigger + list->offset_v, &v, sizeof(const struct str *));
	memcpy((char *)&p->trigger + list->offset_n, &n, sizeof(n));
}

/* One "key: value" under a trigger's name. */
static void
read_setting(struct build *b, const struct trigger *t, struct str key, const struct yaml *y)
{
	struct str known = STR_NONE;
	struct fault f;

	if (t->list != NULL && str_eqz(key, t->list->key)) {
		size_t n;
		const struct str *v = read_phrases(b, y, &n);

		set_list(b->p, t->list, v, n);
		return;
	}
	for (const struct setting *s = t->settings; s->key != NULL; s++) {
		if (str_eqz(key, s->key)) {
			if (yaml_is(b->c, y, YAML_SCALAR) &&
			    setting_parse(s, y->text, &b->p->trigger, b->a, &f) != E_OK)
				build_say(b, y, "%s", f.text);
			return;
		}
		known = str_fmt(b->c->a, "%S %s", known, s->key);
	}
	build_say(b, y, "unknown key \"%S\" of %s, expected one of:%S%s%s",
	    str_clip_utf8(key, 60), t->name, known, t->list ? " " : "",
	    t->list ? t->list->key : "");
}

static const struct trigger *
find_trigger(struct str name)
{
	for (size_t i = 0; i < trigger_all_n; i++)
		if (str_eqz(name, trigger_all[i]->name))
			return trigger_all[i];
	return NULL;
}

static void
set_defaults(struct build *b)
{
	struct fault f;

	for (size_t i = 0; i < trigger_all_n; i++)
		for (const struct setting *s = trigger_all[i]->settings; s->key != NULL; s++)
			if (setting_parse(s, str_from(s->initial), &b->p->trigger, b->a, &f) !=
			    E_OK)
				check_fail(__FILE__, __LINE__, f.text);
}

void
build_escalation(struct build *b)
{
	static const char *const keys[] = { "escalation", "gate", NULL };
	static const char *const gates[] = { "prohibited", NULL };
	const struct yaml *map = build_top(b, FILE_ESCALATION, "escalation");
	const struct yaml *gate = build_top(b, FILE_ESCALATION, "gate");

	set_defaults(b);
	if (b->file[FILE_ESCALATION] != NULL)
		yaml_only(b->c, b->file[FILE_ESCALATION], keys);
	if (gate != NULL && yaml_only(b->c, gate, gates) && yaml_get(gate, "prohibited") != NULL)
		b->p->prohibited = read_phrases(b, yaml_get(gate, "prohibited"),
		    &b->p->prohibited_n);
	if (map == NULL || !yaml_is(b->c, map, YAML_MAP))
		return;
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *y = map->pairs[i].value;
		const struct trigger *t = find_trigger(map->pairs[i].key);

		if (t == NULL)
			build_say(b, y, "there is no trigger \"%S\"",
			    str_clip_utf8(map->pairs[i].key, 60));
		else if (yaml_is(b->c, y, YAML_MAP))
			for (size_t k = 0; k < y->n; k++)
				read_setting(b, t, y->pairs[k].key, y->pairs[k].value);
	}
}
