/* SPDX-License-Identifier: Apache-2.0 */
/* policy_build.c - readers that the files of a policy share. */
#include "engine/policy_build.h"

#include "base/settings.h"
#include "flow/template.h"

#include <string.h>

#define TEXT_MAX 4000

const struct yaml *
build_top(struct build *b, enum policy_file f, const char *key)
{
	return b->file[f] == NULL ? NULL : yaml_get(b->file[f], key);
}

bool
build_is_id(struct str s)
{
	if (s.n == 0 || s.n > POLICY_ID_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		    s.p[i] == '_' || s.p[i] == '-'))
			return false;
	return true;
}

struct str
build_id(struct build *b, const struct yaml *y)
{
	struct str s = yaml_text(b->c, y);

	if (y != NULL && y->kind == YAML_SCALAR && !build_is_id(s))
		build_say(b, y, "expected a name of 1 to 32 characters a-z 0-9 _ -, found \"%S\"",
		    str_clip_utf8(s, 60));
	return s;
}

struct str
build_short(struct build *b, const struct yaml *y, size_t max_bytes)
{
	struct str s = yaml_text(b->c, y);

	if (y == NULL || y->kind != YAML_SCALAR)
		return s;
	if (str_trim(s).n == 0)
		build_say(b, y, "expected a text, found an empty one");
	else if (s.n > max_bytes)
		build_say(b, y, "expected at most %zu bytes, found %zu", max_bytes, s.n);
	return s;
}

static int64_t
parse_as(struct build *b, const struct yaml *y, enum setting_type type, int64_t max,
    int64_t otherwise)
{
	const struct setting s = { "value", type, 0, "0", 0, max, "" };
	struct fault f;
	int64_t v = otherwise;

	if (!yaml_is(b->c, y, YAML_SCALAR))
		return otherwise;
	if (setting_parse(&s, y->text, &v, b->a, &f) != E_OK) {
		build_say(b, y, "%s", f.text);
		return otherwise;
	}
	return v;
}

int64_t
build_ms(struct build *b, const struct yaml *y)
{
	return parse_as(b, y, SET_MS, INT64_C(366) * 86400000, 0);
}

int32_t
build_ppm(struct build *b, const struct yaml *y, int32_t otherwise)
{
	return y == NULL ? otherwise : (int32_t)parse_as(b, y, SET_PPM, PPM, otherwise);
}

static bool
digits_at(struct str s, size_t from, size_t n, int *out)
{
	*out = 0;
	for (size_t i = from; i < from + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

bool
build_is_date(struct str s, int32_t *yyyymmdd)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d, last;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits_at(s, 0, 4, &y) ||
	    !digits_at(s, 5, 2, &m) || !digits_at(s, 8, 2, &d) || y < 1970 || m < 1 || m > 12)
		return false;
	last = days[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
	*yyyymmdd = y * 10000 + m * 100 + d;
	return d >= 1 && d <= last;
}

bool
build_is_language(struct str s)
{
	if (s.n < 2 || s.n > 3)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	return true;
}

static struct str
join_items(struct build *b, const struct yaml *list)
{
	size_t n;
	const struct str *v = yaml_texts(b->c, list, b->a, &n);

	if (n == 0)
		yaml_complain(b->c, list, STR("expected at least one item"));
	for (size_t i = 0; i < n; i++)
		if (v[i].n == 0 || v[i].n > 500 || memchr(v[i].p, '\n', v[i].n) != NULL)
			build_say(b, list, "item %zu: expected one line of 1 to 500 bytes", i + 1);
	return n == 0 ? STR_NONE : str_join(b->a, v, n, STR("\n"));
}

static struct localized
read_localized(struct build *b, const struct yaml *y, bool plain, bool lists)
{
	enum yaml_kind bare = lists ? YAML_LIST : YAML_SCALAR;
	struct localized_text *v;
	struct localized l = { 0 };

	if (y == NULL)
		return l;
	if (plain && y->kind == bare) {
		v = arena_array(b->a, struct localized_text, 1);
		v[0].text = lists ? join_items(b, y) : build_short(b, y, TEXT_MAX);
		return (struct localized){ v, 1 };
	}
	if (y->kind != YAML_MAP) {
		yaml_complain(b->c, y, lists ? STR("expected a list for each language: {en: [...]}")
					     : STR("expected a text for each language: {en: ...}"));
		return l;
	}
	v = arena_array(b->a, struct localized_text, y->n + 1);
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *text = y->pairs[i].value;

		if (!build_is_language(y->pairs[i].key))
			build_say(b, text, "expected a language such as en or de, found \"%S\"",
			    str_clip_utf8(y->pairs[i].key, 40));
		v[i].lang = y->pairs[i].key;
		v[i].text = lists ? join_items(b, text) : build_short(b, text, TEXT_MAX);
	}
	if (y->n == 0)
		yaml_complain(b->c, y, STR("expected at least one language"));
	return (struct localized){ v, y->n };
}

struct localized
build_localized(struct build *b, const struct yaml *y, bool plain)
{
	return read_localized(b, y, plain, false);
}

struct localized
build_localized_lists(struct build *b, const struct yaml *y, bool plain)
{
	return read_localized(b, y, plain, true);
}

static int
find_reply(struct build *b, const struct yaml *at, struct str name)
{
	int i = policy_reply(b->p, name);

	if (i < 0 && !b->broken[FILE_REPLIES])
		build_say(b, at, "there is no reply \"%S\" in replies.yaml",
		    str_clip_utf8(name, 60));
	return i;
}

int
build_reply_name(struct build *b, const struct yaml *y)
{
	return yaml_is(b->c, y, YAML_SCALAR) ? find_reply(b, y, y->text) : -1;
}

struct action
build_action(struct build *b, const struct yaml *y)
{
	struct action act = { .kind = ACTION_PERSON, .target = -1 };
	struct str rest, word;

	if (!yaml_is(b->c, y, YAML_SCALAR))
		return act;
	word = str_cut(str_trim(y->text), ' ', &rest);
	rest = str_trim(rest);
	if (str_eqz(word, "reply") && rest.n > 0) {
		act.kind = ACTION_REPLY;
		act.target = find_reply(b, y, rest);
	} else if (str_eqz(word, "workflow") && rest.n > 0) {
		act.kind = ACTION_WORKFLOW;
		act.target = policy_workflow(b->p, rest);
		if (act.target < 0 && !b->broken[FILE_WORKFLOWS])
			build_say(b, y, "there is no workflow \"%S\" in workflows.yaml",
			    str_clip_utf8(rest, 60));
	} else if (str_eqz(word, "article") && rest.n == 0) {
		act.kind = ACTION_ARTICLE;
	} else if (str_eqz(word, "person")) {
		act.reason = rest.n > 0 ? str_dup(b->a, rest) : STR_NONE;
	} else {
		build_say(b, y, "expected \"reply NAME\", \"workflow NAME\", \"article\" or "
		    "\"person [reason]\", found \"%S\"", str_clip_utf8(y->text, 60));
	}
	return act;
}

bool
build_is_entity(const struct build *b, struct str kind)
{
	static const char *const own[] = { "email", "phone", "amount", "date", "time", "duration",
		"quantity", "product", "postcode" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eqz(kind, own[i]))
			return true;
	for (size_t i = 0; i < b->p->entities_n; i++)
		if (str_eq(b->p->entities[i].id, kind))
			return true;
	return false;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_';
}

bool
build_query_gives(struct str query, struct str name)
{
	for (size_t i = 0; i + 3 + name.n <= query.n; i++) {
		size_t k = i + 2;

		if (!str_eq_nocase(str_sub(query, i, 2), STR("as")) ||
		    (i > 0 && is_word_char(query.p[i - 1])) || is_word_char(query.p[k]))
			continue;
		while (k < query.n && (query.p[k] == ' ' || query.p[k] == '\n' ||
		    query.p[k] == '"'))
			k++;
		if (str_eq(str_sub(query, k, name.n), name) &&
		    (k + name.n >= query.n || !is_word_char(query.p[k + name.n])))
			return true;
	}
	return false;
}

static bool
can_be_filled(const struct build *b, struct str name)
{
	for (size_t i = 0; template_own_names[i] != NULL; i++)
		if (str_eqz(name, template_own_names[i]))
			return true;
	for (size_t i = 0; i < b->p->connectors_n; i++)
		for (size_t k = 0; k < b->p->connectors[i].actions_n; k++)
			if (build_query_gives(b->p->connectors[i].actions[k].query, name))
				return true;
	return build_is_entity(b, name);
}

void
build_placeholders(struct build *b, const struct yaml *at, struct str text)
{
	struct str rest = text, literal, name;

	if (b->broken[FILE_CONNECTORS] || b->broken[FILE_ENTITIES])
		return;
	while (template_next(&rest, &literal, &name))
		if (!can_be_filled(b, name))
			build_say(b, at, "nothing fills {%S}: expected a column of a query "
			    "(\"AS %S\"), an entity, or inbox team about name hours_next",
			    name, name);
}
