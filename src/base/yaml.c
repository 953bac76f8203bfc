/* SPDX-License-Identifier: Apache-2.0 */
/* yaml.c - a bounded YAML reader: libyaml's events to a tree of our own.
 *
 * libyaml allocates by malloc and the arena may leave in the middle of it; so
 * the parser stands in the arena too and is released by arena_defer.
 */
#include "base/yaml.h"

#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool parser_live, event_live, failed;
	struct arena *a;
	struct complaints *c;
	struct str file;
	int first_line;
};

/* A list that grows: chunks of the arena, joined at the end of the node. */
struct grow {
	void *v;
	size_t n, cap;
};

static void
release(void *arg)
{
	struct reader *r = arg;

	if (r->event_live)
		yaml_event_delete(&r->event);
	if (r->parser_live)
		yaml_parser_delete(&r->parser);
	r->event_live = r->parser_live = false;
}

static void *
grow_add(struct grow *g, struct arena *a, size_t each)
{
	if (g->n == g->cap) {
		size_t cap = g->cap == 0 ? 8 : g->cap * 2;
		void *v = arena_zalloc_n(a, cap, each);

		if (g->n > 0)
			memcpy(v, g->v, g->n * each);
		g->v = v;
		g->cap = cap;
	}
	return (char *)g->v + each * g->n++;
}

static int
place(const struct reader *r, yaml_mark_t m)
{
	return (int)m.line + r->first_line;
}

static void
refuse(struct reader *r, int line, struct str text)
{
	if (!r->failed)
		complain(r->c, r->file, line, text);
	r->failed = true;
}

/* The next event, in r->event; false after a complaint. */
static bool
next(struct reader *r)
{
	if (r->event_live)
		yaml_event_delete(&r->event);
	r->event_live = false;
	if (r->failed)
		return false;
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		const char *problem = r->parser.problem ? r->parser.problem : "cannot be read";
		yaml_mark_t at = r->parser.problem_mark;

		if (r->parser.error == YAML_READER_ERROR)
			at = r->parser.mark;
		refuse(r, place(r, at), str_fmt(r->a, "not YAML: %s (column %zu)", problem,
		    at.column + 1));
		return false;
	}
	r->event_live = true;
	return true;
}

static bool
is_decorated(const yaml_event_t *e)
{
	switch ((int)e->type) {
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor != NULL || e->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor != NULL || e->data.mapping_start.tag != NULL;
	default:
		return false;
	}
}

static const struct yaml *read_node(struct reader *r, int depth);

static void
read_list(struct reader *r, struct yaml *y, int depth)
{
	struct grow g = { 0 };

	while (next(r) && r->event.type != YAML_SEQUENCE_END_EVENT) {
		const struct yaml *item = read_node(r, depth + 1);

		if (item == NULL)
			return;
		*(const struct yaml **)grow_add(&g, r->a, sizeof(item)) = item;
	}
	y->items = g.v;
	y->n = g.n;
}

static bool
has_key(const struct grow *g, struct str key)
{
	const struct yaml_pair *p = g->v;

	for (size_t i = 0; i < g->n; i++)
		if (str_eq(p[i].key, key))
			return true;
	return false;
}

static void
read_map(struct reader *r, struct yaml *y, int depth)
{
	struct grow g = { 0 };

	while (next(r) && r->event.type != YAML_MAPPING_END_EVENT) {
		const struct yaml *key = read_node(r, depth + 1), *value;
		struct yaml_pair *pair;

		if (key == NULL)
			return;
		if (key->kind != YAML_SCALAR) {
			refuse(r, key->line, STR("expected a name before the colon"));
			return;
		}
		if (g.n >= 2000) {
			refuse(r, key->line, STR("more than 2000 keys in one map"));
			return;
		}
		if (has_key(&g, key->text)) {
			refuse(r, key->line, str_fmt(r->a, "key \"%S\" stands here twice", key->text));
			return;
		}
		if (!next(r) || (value = read_node(r, depth + 1)) == NULL)
			return;
		pair = grow_add(&g, r->a, sizeof(*pair));
		*pair = (struct yaml_pair){ key->text, key->line, value };
	}
	y->pairs = g.v;
	y->n = g.n;
}

/* The node that r->event begins. */
static const struct yaml *
read_node(struct reader *r, int depth)
{
	struct yaml *y = arena_new_of(r->a, struct yaml);
	const yaml_event_t *e = &r->event;

	y->file = r->file;
	y->line = place(r, e->start_mark);
	y->column = (int)e->start_mark.column + 1;
	if (is_decorated(e) || e->type == YAML_ALIAS_EVENT) {
		refuse(r, y->line, STR("anchors (&), aliases (*) and tags (!) are not used here; "
		    "put the text in quotes"));
		return NULL;
	}
	if (depth > YAML_MAX_DEPTH) {
		refuse(r, y->line, str_fmt(r->a, "nested more than %d deep", YAML_MAX_DEPTH));
		return NULL;
	}
	if (e->type == YAML_SCALAR_EVENT) {
		struct str text = { (const char *)e->data.scalar.value, e->data.scalar.length };

		if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) {
			refuse(r, y->line, STR("a NUL character in a text"));
			return NULL;
		}
		y->kind = YAML_SCALAR;
		y->text = str_dup(r->a, text);
		y->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		y->kind = YAML_LIST;
		read_list(r, y, depth);
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		y->kind = YAML_MAP;
		read_map(r, y, depth);
	} else {
		refuse(r, y->line, STR("expected a text, a list or a map"));
	}
	return r->failed ? NULL : y;
}

static const struct yaml *
read_document(struct reader *r)
{
	const struct yaml *y = NULL;

	if (!next(r) || !next(r)) /* stream start, document start or stream end */
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT) {
		struct yaml *none = arena_new_of(r->a, struct yaml);

		*none = (struct yaml){ .kind = YAML_MAP, .file = r->file, .line = r->first_line,
			.column = 1 };
		return none;
	}
	if (r->event.data.document_start.version_directive != NULL ||
	    r->event.data.document_start.tag_directives.start !=
	    r->event.data.document_start.tag_directives.end) {
		refuse(r, place(r, r->event.start_mark), STR("directives (%) are not used here"));
		return NULL;
	}
	if (!next(r) || (y = read_node(r, 1)) == NULL)
		return NULL;
	if (!next(r) || !next(r)) /* document end, stream end */
		return NULL;
	if (r->event.type != YAML_STREAM_END_EVENT) {
		refuse(r, place(r, r->event.start_mark), STR("a second document (---) in the file"));
		return NULL;
	}
	return y;
}

const struct yaml *
yaml_parse(struct arena *a, struct str file, int first_line, struct str bytes,
    struct complaints *c)
{
	struct reader *r;
	const struct yaml *y;
	size_t bad = 0;

	if (bytes.n > YAML_MAX_BYTES) {
		complain(c, file, 0, STR("larger than 1 MB"));
		return NULL;
	}
	if (!str_utf8_valid(bytes, &bad)) {
		int line = first_line;

		for (size_t i = 0; i < bad; i++)
			line += bytes.p[i] == '\n';
		complain(c, file, line, STR("not UTF-8"));
		return NULL;
	}
	r = arena_new_of(a, struct reader);
	r->a = a;
	r->c = c;
	r->file = str_dup(a, file);
	r->first_line = first_line;
	if (!yaml_parser_initialize(&r->parser))
		check_fail(__FILE__, __LINE__, "yaml_parser_initialize: out of memory");
	r->parser_live = true;
	arena_defer(a, release, r);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)(bytes.p ? bytes.p : ""),
	    bytes.n);
	y = read_document(r);
	release(r);
	return y;
}

/* --- getters --- */

void
yaml_complain(struct complaints *c, const struct yaml *at, struct str text)
{
	if (at != NULL)
		complain(c, at->file, at->line, text);
}

const struct yaml *
yaml_get(const struct yaml *map, const char *key)
{
	if (map == NULL || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_eqz(map->pairs[i].key, key))
			return map->pairs[i].value;
	return NULL;
}

const struct yaml *
yaml_need(struct complaints *c, const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	if (map != NULL && map->kind == YAML_MAP && y == NULL)
		yaml_complain(c, map, str_fmt(c->a, "\"%s\" is missing", key));
	return y;
}

bool
yaml_is(struct complaints *c, const struct yaml *y, enum yaml_kind kind)
{
	static const char *const name[] = { "a text", "a list", "a map of names" };

	if (y == NULL)
		return false;
	if (y->kind == kind)
		return true;
	yaml_complain(c, y, str_fmt(c->a, "expected %s, found %s", name[kind], name[y->kind]));
	return false;
}

bool
yaml_only(struct complaints *c, const struct yaml *map, const char *const keys[])
{
	bool ok = true;

	if (!yaml_is(c, map, YAML_MAP))
		return false;
	for (size_t i = 0; i < map->n; i++) {
		bool known = false;
		struct str list = STR_NONE;

		for (size_t k = 0; keys[k] != NULL; k++)
			known = known || str_eqz(map->pairs[i].key, keys[k]);
		if (known)
			continue;
		for (size_t k = 0; keys[k] != NULL; k++)
			list = str_fmt(c->a, "%S%s%s", list, k == 0 ? "" : " ", keys[k]);
		complain(c, map->file, map->pairs[i].line, str_fmt(c->a,
		    "unknown key \"%S\", expected one of: %S",
		    str_clip_utf8(map->pairs[i].key, 60), list));
		ok = false;
	}
	return ok;
}

struct str
yaml_text(struct complaints *c, const struct yaml *y)
{
	return yaml_is(c, y, YAML_SCALAR) ? y->text : STR_NONE;
}

const struct str *
yaml_texts(struct complaints *c, const struct yaml *list, struct arena *a, size_t *n)
{
	struct str *v;

	*n = 0;
	if (!yaml_is(c, list, YAML_LIST) || list->n == 0)
		return NULL;
	v = arena_array(a, struct str, list->n);
	for (size_t i = 0; i < list->n; i++)
		if (yaml_is(c, list->items[i], YAML_SCALAR))
			v[(*n)++] = list->items[i]->text;
	return v;
}

bool
yaml_bool(struct complaints *c, const struct yaml *y, bool otherwise)
{
	if (!yaml_is(c, y, YAML_SCALAR))
		return otherwise;
	if (str_eqz(y->text, "true") || str_eqz(y->text, "yes"))
		return true;
	if (str_eqz(y->text, "false") || str_eqz(y->text, "no"))
		return false;
	yaml_complain(c, y, str_fmt(c->a, "expected true or false, found \"%S\"",
	    str_clip_utf8(y->text, 60)));
	return otherwise;
}

int64_t
yaml_int(struct complaints *c, const struct yaml *y, int64_t min, int64_t max, int64_t otherwise)
{
	int64_t v;

	if (!yaml_is(c, y, YAML_SCALAR))
		return otherwise;
	if (str_i64(y->text, &v) && v >= min && v <= max)
		return v;
	yaml_complain(c, y, str_fmt(c->a, "expected a whole number from %ld to %ld, found \"%S\"",
	    min, max, str_clip_utf8(y->text, 60)));
	return otherwise;
}
