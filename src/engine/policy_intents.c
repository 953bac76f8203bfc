/* SPDX-License-Identifier: Apache-2.0 */
/* policy_intents.c - intents.yaml: what customers want. */
#include "engine/policy_build.h"

#define ARTICLE_PPM_DEFAULT 750000

static enum risk
read_risk(struct build *b, const struct yaml *y)
{
	static const char *const name[] = { "read", "write", "approve", "forbidden" };
	struct str s = yaml_text(b->c, y);

	for (int r = 0; r < 4; r++)
		if (str_eqz(s, name[r]))
			return (enum risk)r;
	build_say(b, y, "expected read, write, approve or forbidden, found \"%S\"",
	    str_clip_utf8(s, 40));
	return RISK_FORBIDDEN;
}

static struct intent
read_intent(struct build *b, const struct yaml *y)
{
	static const char *const keys[] = { "id", "name", "description", "risk", "then",
		"examples", NULL };
	const struct yaml *examples;
	struct intent it = { 0 };

	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return it;
	it.id = build_id(b, yaml_need(b->c, y, "id"));
	if (policy_intent(b->p, it.id) >= 0)
		build_say(b, y, "there are two intents \"%S\"", it.id);
	it.name = build_short(b, yaml_need(b->c, y, "name"), POLICY_INTENT_NAME_BYTES);
	it.description = build_short(b, yaml_need(b->c, y, "description"), POLICY_DESCRIPTION_BYTES);
	it.risk = read_risk(b, yaml_need(b->c, y, "risk"));
	it.then = build_action(b, yaml_need(b->c, y, "then"));
	examples = yaml_need(b->c, y, "examples");
	it.examples = yaml_texts(b->c, examples, b->a, &it.examples_n);
	if (it.examples_n > POLICY_EXAMPLES_MAX)
		build_say(b, examples, "more than %d examples", POLICY_EXAMPLES_MAX);
	for (size_t i = 0; i < it.examples_n; i++)
		if (str_trim(it.examples[i]).n == 0 || it.examples[i].n > POLICY_EXAMPLE_BYTES)
			build_say(b, examples->items[i], "expected a message of 1 to %d bytes",
			    POLICY_EXAMPLE_BYTES);
	return it;
}

/* How often the best intent may be wrong where it is acted on, by what it may do. */
static void
read_promise(struct build *b, const struct yaml *y)
{
	static const char *const keys[] = { "read", "write", "approve", "forbidden", NULL };

	b->p->promise_ppm[RISK_READ] = 50000;
	b->p->promise_ppm[RISK_WRITE] = b->p->promise_ppm[RISK_APPROVE] = b->p->promise_ppm[RISK_FORBIDDEN] = 20000;
	if (y == NULL || !yaml_only(b->c, y, keys))
		return;
	for (int i = 0; i <= RISK_FORBIDDEN; i++)
		b->p->promise_ppm[i] = build_ppm(b, yaml_get(y, keys[i]), b->p->promise_ppm[i]);
}

static void
read_confidence(struct build *b, const struct yaml *y)
{
	static const char *const keys[] = { "act", "unknown", "article", "promise", NULL };

	b->p->act_ppm = 550000;
	b->p->unknown_ppm = 500000;
	b->p->article_ppm = ARTICLE_PPM_DEFAULT;
	read_promise(b, y == NULL ? NULL : yaml_get(y, "promise"));
	if (y == NULL || !yaml_only(b->c, y, keys))
		return;
	b->p->act_ppm = build_ppm(b, yaml_get(y, "act"), b->p->act_ppm);
	b->p->unknown_ppm = build_ppm(b, yaml_get(y, "unknown"), b->p->unknown_ppm);
	b->p->article_ppm = build_ppm(b, yaml_get(y, "article"), b->p->article_ppm);
}

void
build_intents(struct build *b)
{
	static const char *const keys[] = { "intents", "confidence", NULL };
	const struct yaml *list = build_top(b, FILE_INTENTS, "intents");
	struct intent *v;

	if (b->file[FILE_INTENTS] != NULL)
		yaml_only(b->c, b->file[FILE_INTENTS], keys);
	read_confidence(b, build_top(b, FILE_INTENTS, "confidence"));
	if (list == NULL || !yaml_is(b->c, list, YAML_LIST))
		return;
	if (list->n > POLICY_INTENTS_MAX) {
		build_say(b, list, "more than %d intents", POLICY_INTENTS_MAX);
		return;
	}
	v = arena_array(b->a, struct intent, list->n + 1);
	b->p->intents = v;
	for (size_t i = 0; i < list->n; i++) {
		v[i] = read_intent(b, list->items[i]);
		b->p->intents_n++;
	}
}
