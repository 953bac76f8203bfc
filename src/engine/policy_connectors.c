/* SPDX-License-Identifier: Apache-2.0 */
/* policy_connectors.c - connectors.yaml: the systems of record.
 *
 * SQL is checked only for its shape here; whether it is one SELECT that reads
 * nothing else is for the database's authorizer (store/extdb.h).
 */
#include "engine/policy_build.h"

#define CONNECTORS_MAX 20
#define ACTIONS_MAX 50
#define FACTS_MAX 8

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_';
}

static bool
has_param(const struct connector_action *act, struct str name)
{
	for (size_t i = 0; i < act->params_n; i++)
		if (str_eq(act->params[i], name))
			return true;
	return false;
}

/* Walks the query outside of quotes and comments: no ';', each :name declared;
 * used[] tells which parameters it takes. */
static void
scan_query(struct build *b, const struct yaml *at, const struct connector_action *act, bool *used)
{
	struct str q = act->query;
	char quote = 0;

	for (size_t i = 0; i < q.n; i++) {
		size_t from = i + 1;
		struct str name;

		if (quote != 0 || q.p[i] == '\'' || q.p[i] == '"') {
			quote = quote == 0 ? q.p[i] : q.p[i] == quote ? (char)0 : quote;
			continue;
		}
		if (q.p[i] == ';' || str_starts(str_sub(q, i, 2), STR("--")) ||
		    str_starts(str_sub(q, i, 2), STR("/*"))) {
			build_say(b, at, "expected one SELECT, without ; or comments");
			return;
		}
		if (q.p[i] == '?' || q.p[i] == '@' || q.p[i] == '$') {
			build_say(b, at, "expected parameters by name, like :order");
			return;
		}
		if (q.p[i] != ':')
			continue;
		while (i + 1 < q.n && is_word_char(q.p[i + 1]))
			i++;
		name = str_sub(q, from, i + 1 - from);
		if (!has_param(act, name))
			build_say(b, at, "the query takes :%S, which params does not list",
			    str_clip_utf8(name, 60));
		for (size_t k = 0; k < act->params_n; k++)
			used[k] = used[k] || str_eq(act->params[k], name);
	}
	if (quote != 0)
		build_say(b, at, "a quote is not closed");
}

static void
check_query(struct build *b, const struct yaml *at, const struct connector_action *act)
{
	struct str q = str_trim(act->query);
	bool *used = arena_array(b->a, bool, act->params_n + 1);
	size_t n = 0;

	while (n < q.n && is_word_char(q.p[n]))
		n++;
	if (!str_eq_nocase(str_sub(q, 0, n), STR("select")) &&
	    !str_eq_nocase(str_sub(q, 0, n), STR("with")))
		build_say(b, at, "expected a SELECT, found \"%S\"", str_clip_utf8(q, 30));
	scan_query(b, at, act, used);
	for (size_t k = 0; k < act->params_n; k++)
		if (!used[k])
			build_say(b, at, "the query does not take the parameter :%S",
			    act->params[k]);
}

/* Which columns people see on the card. */
static void
read_facts(struct build *b, const struct yaml *y, struct connector_action *act)
{
	if (y == NULL)
		return;
	act->facts = yaml_texts(b->c, y, b->a, &act->facts_n);
	if (act->facts_n > FACTS_MAX) {
		build_say(b, y, "more than %d facts", FACTS_MAX);
		act->facts_n = 0;
	}
	for (size_t i = 0; i < act->facts_n; i++)
		if (!build_is_id(act->facts[i]) || !build_query_gives(act->query, act->facts[i]))
			build_say(b, y->items[i], "the query gives no column \"%S\" (... AS %S)",
			    str_clip_utf8(act->facts[i], 60), str_clip_utf8(act->facts[i], 60));
}

static struct connector_action
read_action(struct build *b, struct str id, const struct yaml *y)
{
	static const char *const keys[] = { "proves_identity", "timeout", "params", "facts",
		"label", "query", NULL };
	struct connector_action act = { .id = id, .timeout_ms = 2000 };
	const struct yaml *params, *query;

	if (!build_is_id(id))
		build_say(b, y, "expected a name of 1 to 32 characters a-z 0-9 _ -, found \"%S\"",
		    str_clip_utf8(id, 60));
	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return act;
	if (yaml_get(y, "proves_identity") != NULL)
		act.proves_identity = yaml_bool(b->c, yaml_get(y, "proves_identity"), false);
	if (yaml_get(y, "timeout") != NULL)
		act.timeout_ms = build_ms(b, yaml_get(y, "timeout"));
	if (act.timeout_ms < 10 || act.timeout_ms > 30000)
		build_say(b, yaml_get(y, "timeout"), "expected 10ms to 30s");
	params = yaml_need(b->c, y, "params");
	act.params = yaml_texts(b->c, params, b->a, &act.params_n);
	for (size_t i = 0; i < act.params_n; i++)
		if (!build_is_id(act.params[i]))
			build_say(b, params->items[i], "expected a name a-z 0-9 _");
	query = yaml_need(b->c, y, "query");
	act.query = build_short(b, query, 16000);
	if (act.query.n > 0)
		check_query(b, query, &act);
	read_facts(b, yaml_get(y, "facts"), &act);
	act.label = build_localized(b, yaml_get(y, "label"), true);
	return act;
}

static bool
is_inside_workspace(struct str file)
{
	struct str rest = file;

	if (file.n == 0 || file.p[0] == '/')
		return false;
	do {
		if (str_eqz(str_cut(rest, '/', &rest), ".."))
			return false;
	} while (rest.p != NULL);
	return true;
}

static struct connector_policy
read_connector(struct build *b, struct str id, const struct yaml *y)
{
	static const char *const keys[] = { "kind", "file", "actions", NULL };
	struct connector_policy c = { .id = id };
	const struct yaml *kind, *file, *map;
	struct connector_action *v;

	if (!build_is_id(id))
		build_say(b, y, "expected a name of 1 to 32 characters a-z 0-9 _ -, found \"%S\"",
		    str_clip_utf8(id, 60));
	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return c;
	kind = yaml_need(b->c, y, "kind");
	c.kind = yaml_text(b->c, kind);
	if (c.kind.n > 0 && !str_eqz(c.kind, "sql"))
		build_say(b, kind, "expected sql, found \"%S\"", str_clip_utf8(c.kind, 40));
	file = yaml_need(b->c, y, "file");
	c.file = build_short(b, file, 500);
	if (c.file.n > 0 && !is_inside_workspace(c.file))
		build_say(b, file, "expected a file inside the workspace, found \"%S\"",
		    str_clip_utf8(c.file, 100));
	map = yaml_need(b->c, y, "actions");
	if (!yaml_is(b->c, map, YAML_MAP))
		return c;
	if (map->n == 0 || map->n > ACTIONS_MAX) {
		build_say(b, map, "expected 1 to %d actions", ACTIONS_MAX);
		return c;
	}
	v = arena_array(b->a, struct connector_action, map->n);
	for (size_t i = 0; i < map->n; i++)
		v[i] = read_action(b, map->pairs[i].key, map->pairs[i].value);
	c.actions = v;
	c.actions_n = map->n;
	return c;
}

void
build_connectors(struct build *b)
{
	static const char *const keys[] = { "connectors", NULL };
	const struct yaml *map = build_top(b, FILE_CONNECTORS, "connectors");
	struct connector_policy *v;

	if (b->file[FILE_CONNECTORS] != NULL)
		yaml_only(b->c, b->file[FILE_CONNECTORS], keys);
	if (map == NULL || !yaml_is(b->c, map, YAML_MAP))
		return;
	if (map->n > CONNECTORS_MAX) {
		build_say(b, map, "more than %d connectors", CONNECTORS_MAX);
		return;
	}
	v = arena_array(b->a, struct connector_policy, map->n + 1);
	b->p->connectors = v;
	for (size_t i = 0; i < map->n; i++) {
		v[i] = read_connector(b, map->pairs[i].key, map->pairs[i].value);
		b->p->connectors_n++;
	}
}
