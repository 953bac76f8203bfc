/* SPDX-License-Identifier: Apache-2.0 */
/* policy_workflows.c - workflows.yaml: questions, checks and look-ups in order. */
#include "engine/policy_build.h"

#include "flow/template.h"

#define WORKFLOWS_MAX 100
#define STEPS_MAX 32

/* A slot that `steps` (the ones before) ask for. */
static bool
is_asked_before(const struct flow_step *steps, size_t n, struct str slot)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i].kind == STEP_ASK && str_eq(steps[i].slot, slot))
			return true;
	return false;
}

static void
read_ask(struct build *b, const struct yaml *y, struct flow_step *s)
{
	static const char *const keys[] = { "ask", "reply", "again", NULL };

	yaml_only(b->c, y, keys);
	s->kind = STEP_ASK;
	s->slot = yaml_text(b->c, yaml_get(y, "ask"));
	if (!build_is_entity(b, s->slot) && !b->broken[FILE_ENTITIES])
		build_say(b, yaml_get(y, "ask"), "there is no entity \"%S\": expected one of "
		    "entities.yaml, email, phone, amount or date", str_clip_utf8(s->slot, 60));
	s->reply = build_reply_name(b, yaml_need(b->c, y, "reply"));
	s->again = yaml_get(y, "again") != NULL
	    ? build_reply_name(b, yaml_get(y, "again")) : s->reply;
}

static const struct connector_action *
find_action(struct build *b, const struct yaml *y, struct flow_step *s)
{
	struct str action, id = str_cut(yaml_text(b->c, y), '.', &action);

	for (size_t i = 0; i < b->p->connectors_n; i++)
		for (size_t k = 0; k < b->p->connectors[i].actions_n; k++)
			if (str_eq(b->p->connectors[i].id, id) &&
			    str_eq(b->p->connectors[i].actions[k].id, action)) {
				s->connector = (int)i;
				s->action = (int)k;
				return &b->p->connectors[i].actions[k];
			}
	if (y->kind == YAML_SCALAR && !b->broken[FILE_CONNECTORS])
		build_say(b, y, "expected connector.action of connectors.yaml, found \"%S\"",
		    str_clip_utf8(y->text, 60));
	return NULL;
}

/* Each parameter exactly once, from slots asked for before. */
static void
read_with(struct build *b, const struct yaml *map, const struct connector_action *action,
    struct flow_step *s)
{
	struct binding *v;

	if (!yaml_is(b->c, map, YAML_MAP))
		return;
	v = arena_array(b->a, struct binding, map->n + 1);
	for (size_t i = 0; i < map->n; i++) {
		bool known = action == NULL;

		v[i].name = map->pairs[i].key;
		v[i].value = yaml_text(b->c, map->pairs[i].value);
		build_placeholders(b, map->pairs[i].value, v[i].value);
		for (size_t k = 0; action != NULL && k < action->params_n; k++)
			known = known || str_eq(action->params[k], v[i].name);
		if (!known)
			build_say(b, map->pairs[i].value, "\"%S\" is no parameter of %S",
			    str_clip_utf8(v[i].name, 60), action->id);
	}
	s->with = v;
	s->with_n = map->n;
	for (size_t k = 0; action != NULL && k < action->params_n; k++)
		if (yaml_get(map, action->params[k].p) == NULL)
			build_say(b, map, "the parameter \"%S\" of %S is missing",
			    action->params[k], action->id);
}

static struct str
read_slot_before(struct build *b, const struct yaml *y, const struct flow_step *before, size_t n)
{
	struct str slot = yaml_text(b->c, y);

	if (y != NULL && !is_asked_before(before, n, slot))
		build_say(b, y, "expected a slot that an earlier step asks for, found \"%S\"",
		    str_clip_utf8(slot, 60));
	return slot;
}

static void
read_look_up(struct build *b, const struct yaml *y, const struct flow_step *before, size_t n,
    struct flow_step *s)
{
	static const char *const keys[] = { "look_up", "with", "missing", NULL };
	static const char *const missing_keys[] = { "reply", "ask", "and", NULL };
	const struct yaml *missing;
	const struct connector_action *action;

	yaml_only(b->c, y, keys);
	s->kind = STEP_LOOK_UP;
	action = find_action(b, yaml_get(y, "look_up"), s);
	read_with(b, yaml_need(b->c, y, "with"), action, s);
	missing = yaml_need(b->c, y, "missing");
	if (missing == NULL || (!yaml_only(b->c, missing, missing_keys) &&
	    missing->kind != YAML_MAP))
		return;
	s->missing_reply = build_reply_name(b, yaml_need(b->c, missing, "reply"));
	s->missing_ask = read_slot_before(b, yaml_need(b->c, missing, "ask"), before, n);
	if (yaml_get(missing, "and") != NULL)
		s->missing_and = read_slot_before(b, yaml_get(missing, "and"), before, n);
}

static void
read_answer(struct build *b, const struct yaml *y, struct flow_step *s)
{
	static const char *const keys[] = { "answer", "otherwise", NULL };
	const struct yaml *answer = yaml_get(y, "answer"), *otherwise = yaml_get(y, "otherwise");
	struct str rest, literal, name;

	yaml_only(b->c, y, keys);
	s->kind = STEP_ANSWER;
	s->answer = rest = yaml_text(b->c, answer);
	if (otherwise != NULL)
		s->otherwise = build_reply_name(b, otherwise);
	if (!template_next(&rest, &literal, &name)) {
		s->reply = build_reply_name(b, answer);
		return;
	}
	build_placeholders(b, answer, s->answer);
	if (otherwise == NULL)
		build_say(b, answer, "\"otherwise\" is missing: the reply for a value that has "
		    "none of its own");
}

static void
read_step(struct build *b, const struct yaml *y, struct flow_step *v, size_t at)
{
	struct flow_step *s = &v[at];

	*s = (struct flow_step){ .reply = -1, .again = -1, .connector = -1, .action = -1,
		.missing_reply = -1, .otherwise = -1 };
	if (!yaml_is(b->c, y, YAML_MAP))
		return;
	if (yaml_get(y, "ask") != NULL)
		read_ask(b, y, s);
	else if (yaml_get(y, "look_up") != NULL)
		read_look_up(b, y, v, at, s);
	else if (yaml_get(y, "answer") != NULL)
		read_answer(b, y, s);
	else
		yaml_complain(b->c, y, STR("expected a step: ask, look_up or answer"));
}

static void
read_workflow(struct build *b, const struct yaml *list, struct workflow *w)
{
	struct flow_step *v;

	if (!yaml_is(b->c, list, YAML_LIST))
		return;
	if (list->n == 0 || list->n > STEPS_MAX) {
		build_say(b, list, "expected 1 to %d steps, found %zu", STEPS_MAX, list->n);
		return;
	}
	v = arena_array(b->a, struct flow_step, list->n);
	for (size_t i = 0; i < list->n; i++) {
		read_step(b, list->items[i], v, i);
		if (v[i].kind == STEP_ANSWER && i + 1 < list->n)
			yaml_complain(b->c, list->items[i + 1],
			    STR("a step after an answer is never reached"));
	}
	if (v[list->n - 1].kind != STEP_ANSWER)
		yaml_complain(b->c, list->items[list->n - 1],
		    STR("expected an answer as the last step"));
	w->steps = v;
	w->steps_n = list->n;
}

void
build_workflows(struct build *b)
{
	static const char *const keys[] = { "workflows", NULL };
	const struct yaml *map = build_top(b, FILE_WORKFLOWS, "workflows");
	struct workflow *v;

	if (b->file[FILE_WORKFLOWS] != NULL)
		yaml_only(b->c, b->file[FILE_WORKFLOWS], keys);
	if (map == NULL || !yaml_is(b->c, map, YAML_MAP))
		return;
	if (map->n > WORKFLOWS_MAX) {
		build_say(b, map, "more than %d workflows", WORKFLOWS_MAX);
		return;
	}
	v = arena_array(b->a, struct workflow, map->n + 1);
	b->p->workflows = v;
	for (size_t i = 0; i < map->n; i++) {
		v[i].id = map->pairs[i].key;
		if (!build_is_id(v[i].id))
			build_say(b, map->pairs[i].value, "expected a name of 1 to 32 characters "
			    "a-z 0-9 _ -, found \"%S\"", str_clip_utf8(v[i].id, 60));
		read_workflow(b, map->pairs[i].value, &v[i]);
		b->p->workflows_n++;
	}
}
