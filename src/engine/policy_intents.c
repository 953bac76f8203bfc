/* SPDX-License-Identifier: Apache-2.0 */
/* policy_intents.c - intents.yaml and entities.yaml: what customers want and name. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/policy_build.h"

#include <pcre2.h>

#define INTENTS_MAX 200
#define EXAMPLES_MAX 1000
#define ENTITIES_MAX 50
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
	it.name = build_short(b, yaml_need(b->c, y, "name"), 100);
	it.description = build_short(b, yaml_need(b->c, y, "description"), 500);
	it.risk = read_risk(b, yaml_need(b->c, y, "risk"));
	it.then = build_action(b, yaml_need(b->c, y, "then"));
	examples = yaml_need(b->c, y, "examples");
	it.examples = yaml_texts(b->c, examples, b->a, &it.examples_n);
	if (it.examples_n > EXAMPLES_MAX)
		build_say(b, examples, "more than %d examples", EXAMPLES_MAX);
	for (size_t i = 0; i < it.examples_n; i++)
		if (str_trim(it.examples[i]).n == 0 || it.examples[i].n > 1000)
			build_say(b, examples->items[i], "expected a message of 1 to 1000 bytes");
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
	if (list->n > INTENTS_MAX) {
		build_say(b, list, "more than %d intents", INTENTS_MAX);
		return;
	}
	v = arena_array(b->a, struct intent, list->n + 1);
	b->p->intents = v;
	for (size_t i = 0; i < list->n; i++) {
		v[i] = read_intent(b, list->items[i]);
		b->p->intents_n++;
	}
}

/* --- entities.yaml --- */

static void
check_pattern(struct build *b, const struct yaml *at, struct str pattern)
{
	int code = 0;
	PCRE2_SIZE where = 0;
	uint32_t captures = 0;
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
	    PCRE2_CASELESS | PCRE2_UTF | PCRE2_UCP, &code, &where, NULL);

	if (re == NULL) {
		PCRE2_UCHAR text[200];

		pcre2_get_error_message(code, text, sizeof(text));
		build_say(b, at, "not a PCRE2 pattern, at its character %zu: %s", (size_t)where,
		    (const char *)text);
		return;
	}
	pcre2_pattern_info(re, PCRE2_INFO_CAPTURECOUNT, &captures);
	pcre2_code_free(re);
	if (captures != 1)
		build_say(b, at, "expected one capture ( ), found %u", (unsigned)captures);
}

static void
check_normal(struct build *b, const struct yaml *at, struct str normal)
{
	if (at != NULL && str_find(normal, STR("$1")) < 0)
		build_say(b, at, "expected $1, the capture, in it");
	for (size_t i = 0; i + 1 < normal.n; i++)
		if (normal.p[i] == '$' && normal.p[i + 1] != '1') {
			build_say(b, at, "expected no $ but $1");
			return;
		}
}

static struct entity_format
read_entity(struct build *b, struct str id, const struct yaml *y)
{
	static const char *const keys[] = { "pattern", "normal", "label", NULL };
	const struct yaml *pattern, *normal;
	struct entity_format e = { .id = id };

	if (!build_is_id(id))
		build_say(b, y, "expected a name of 1 to 32 characters a-z 0-9 _ -, found \"%S\"",
		    str_clip_utf8(id, 60));
	if (build_is_entity(b, id))
		build_say(b, y, "\"%S\" is built in", id);
	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return e;
	pattern = yaml_need(b->c, y, "pattern");
	normal = yaml_need(b->c, y, "normal");
	e.pattern = build_short(b, pattern, 500);
	if (e.pattern.n > 0)
		check_pattern(b, pattern, e.pattern);
	e.normal = build_short(b, normal, 100);
	check_normal(b, normal, e.normal);
	e.label = build_localized(b, yaml_need(b->c, y, "label"), true);
	return e;
}

void
build_entities(struct build *b)
{
	static const char *const keys[] = { "entities", NULL };
	const struct yaml *map = build_top(b, FILE_ENTITIES, "entities");
	struct entity_format *v;

	if (b->file[FILE_ENTITIES] != NULL)
		yaml_only(b->c, b->file[FILE_ENTITIES], keys);
	if (map == NULL || !yaml_is(b->c, map, YAML_MAP))
		return;
	if (map->n > ENTITIES_MAX) {
		build_say(b, map, "more than %d entities", ENTITIES_MAX);
		return;
	}
	v = arena_array(b->a, struct entity_format, map->n + 1);
	b->p->entities = v;
	for (size_t i = 0; i < map->n; i++) {
		v[i] = read_entity(b, map->pairs[i].key, map->pairs[i].value);
		b->p->entities_n++;
	}
}
