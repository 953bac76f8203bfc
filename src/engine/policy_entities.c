/* SPDX-License-Identifier: Apache-2.0 */
/* policy_entities.c - entities.yaml: the desk's own numbers and its catalogue. */
#include "engine/policy_build.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define ENTITIES_MAX 50
#define PRODUCTS_MAX 5000
#define ALIASES_MAX 20
#define NAME_BYTES_MAX 80

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

static enum check_scheme
read_check(struct build *b, const struct yaml *y)
{
	static const char *const names[] = { "none", "luhn", "mod97", "mod11", "ean13" };
	struct str name;

	if (y == NULL)
		return CHECK_NONE;
	name = yaml_text(b->c, y);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eqz(name, names[i]))
			return (enum check_scheme)i;
	if (name.n > 0)
		build_say(b, y, "expected luhn, mod97, mod11 or ean13, found \"%S\"", str_clip_utf8(name, 60));
	return CHECK_NONE;
}

static struct entity_format
read_entity(struct build *b, struct str id, const struct yaml *y)
{
	static const char *const keys[] = { "pattern", "normal", "label", "check", NULL };
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
	e.check = read_check(b, yaml_get(y, "check"));
	return e;
}

/* A name, or a map of its name and aliases. */
static struct product
read_product(struct build *b, const struct yaml *y)
{
	static const char *const keys[] = { "name", "aliases", NULL };
	struct product p = { .name = STR_NONE };
	const struct yaml *aliases;

	if (y->kind == YAML_SCALAR) {
		p.name = build_short(b, y, NAME_BYTES_MAX);
		return p;
	}
	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return p;
	p.name = build_short(b, yaml_need(b->c, y, "name"), NAME_BYTES_MAX);
	aliases = yaml_get(y, "aliases");
	if (aliases == NULL)
		return p;
	p.aliases = yaml_texts(b->c, aliases, b->a, &p.aliases_n);
	if (p.aliases_n > ALIASES_MAX) {
		build_say(b, aliases, "more than %d aliases", ALIASES_MAX);
		p.aliases_n = 0;
	}
	return p;
}

static void
build_products(struct build *b, const struct yaml *list)
{
	struct product *v;

	if (list == NULL || !yaml_is(b->c, list, YAML_LIST))
		return;
	if (list->n > PRODUCTS_MAX) {
		build_say(b, list, "more than %d products", PRODUCTS_MAX);
		return;
	}
	v = arena_array(b->a, struct product, list->n + 1);
	for (size_t i = 0; i < list->n; i++)
		v[i] = read_product(b, list->items[i]);
	b->p->products = v;
	b->p->products_n = list->n;
}

void
build_entities(struct build *b)
{
	static const char *const keys[] = { "entities", "products", NULL };
	const struct yaml *map = build_top(b, FILE_ENTITIES, "entities");
	struct entity_format *v;

	if (b->file[FILE_ENTITIES] != NULL)
		yaml_only(b->c, b->file[FILE_ENTITIES], keys);
	if (b->file[FILE_ENTITIES] != NULL)
		build_products(b, yaml_get(b->file[FILE_ENTITIES], "products"));
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
