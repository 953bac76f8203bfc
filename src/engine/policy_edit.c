/* SPDX-License-Identifier: Apache-2.0 */
/* policy_edit.c - one edit after the other: parse, find the lines, write, parse again.
 *
 * A file has a few hundred lines and a draft a few dozen changes, so each edit may read
 * it anew; then places are never out of date.
 */
#include "engine/policy_edit.h"

#include "base/buf.h"
#include "base/yaml.h"

#include <string.h>

#define FILE_NAME STR("policy/intents.yaml")
#define EDIT_BYTES ((size_t)256 << 20)	/* a file of a megabyte, read three times */

struct lines {
	struct str *v;		/* each with its line end */
	size_t n;
};

static struct lines
lines_of(struct arena *a, struct str s)
{
	struct lines l = { .n = 0 };
	size_t all = 2;

	for (size_t i = 0; i < s.n; i++)
		all += s.p[i] == '\n';
	l.v = arena_array(a, struct str, all);
	while (s.n > 0) {
		const char *end = memchr(s.p, '\n', s.n);
		size_t n = end == NULL ? s.n : (size_t)(end - s.p) + 1;

		l.v[l.n++] = str_sub(s, 0, n);
		s = str_sub(s, n, s.n);
	}
	return l;
}

static size_t
indent_of(struct str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == ' ')
		i++;
	return i;
}

/* The list of intents; line: of its key. */
static const struct yaml *
list_of(struct arena *a, struct str bytes, int *line)
{
	struct complaints *c = arena_zalloc(a, sizeof(*c));
	const struct yaml *top;

	complaints_init(c, a);
	top = yaml_parse(a, FILE_NAME, 1, bytes, c);
	for (size_t i = 0; top != NULL && top->kind == YAML_MAP && i < top->n; i++)
		if (str_eqz(top->pairs[i].key, "intents")) {
			*line = top->pairs[i].line;
			return top->pairs[i].value->kind == YAML_LIST ? top->pairs[i].value : NULL;
		}
	return NULL;
}

static const struct yaml *
intent_of(struct arena *a, struct str bytes, struct str intent)
{
	int line;
	const struct yaml *list = list_of(a, bytes, &line), *id;

	for (size_t i = 0; list != NULL && i < list->n; i++) {
		id = list->items[i]->kind == YAML_MAP ? yaml_get(list->items[i], "id") : NULL;
		if (id != NULL && id->kind == YAML_SCALAR && str_eq(id->text, intent))
			return list->items[i];
	}
	return NULL;
}

/* A value of an intent, and the line of its key. */
static const struct yaml *
value_of(struct arena *a, struct str bytes, struct str intent, const char *key, int *key_line)
{
	const struct yaml *it = intent_of(a, bytes, intent);

	for (size_t k = 0; it != NULL && k < it->n; k++)
		if (str_eqz(it->pairs[k].key, key)) {
			*key_line = it->pairs[k].line;
			return it->pairs[k].value;
		}
	return NULL;
}

static const struct yaml *
examples_of(struct arena *a, struct str bytes, struct str intent, int *key_line)
{
	return value_of(a, bytes, intent, "examples", key_line);
}

static ptrdiff_t
find_text(const struct yaml *list, struct str text)
{
	for (size_t i = 0; list != NULL && list->kind == YAML_LIST && i < list->n; i++)
		if (list->items[i]->kind == YAML_SCALAR && str_eq(list->items[i]->text, text))
			return (ptrdiff_t)i;
	return -1;
}

/* The line after an item that begins in line `at`: its other lines stand deeper than its
 * dash, or are blank with a deeper one after them. */
static size_t
item_end(const struct lines *l, size_t at)
{
	size_t dash = indent_of(l->v[at]), end = at + 1;

	for (size_t i = end; i < l->n; i++) {
		struct str s = str_trim(l->v[i]);

		if (s.n == 0)
			continue;
		if (indent_of(l->v[i]) <= dash || s.p[0] == '#')
			break;
		end = i + 1;
	}
	return end;
}

static bool
is_dash(struct str line)
{
	struct str s = str_trim(line);

	return s.n > 1 && s.p[0] == '-' && s.p[1] == ' ';
}

/* A double-quoted scalar: any text is safe in it. */
static struct str
quoted(struct arena *a, struct str text)
{
	struct buf b;
	struct str out;

	buf_init(&b, text.n * 6 + 16);
	buf_add_c(&b, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '"' || c == '\\')
			buf_fmt(&b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_fmt(&b, "\\x%02x", c);
		else
			buf_add_c(&b, (char)c);
	}
	buf_add_c(&b, '"');
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

/* Words that a YAML reader takes for nothing but words stay as people write them. */
static bool
is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;

		if (!letter && (i == 0 || strchr(" 0123456789.?!'()/+", c) == NULL))
			return false;
	}
	return text.n > 12 && text.p[text.n - 1] != ' ';
}

static struct str
joined(struct arena *a, const struct lines *l, size_t cut_from, size_t cut_to, struct str put)
{
	struct str *parts = arena_array(a, struct str, l->n + 2);
	size_t n = 0;

	for (size_t i = 0; i < cut_from; i++)
		parts[n++] = l->v[i];
	if (put.n > 0 && n > 0 && !str_ends(parts[n - 1], STR("\n")))
		put = str_fmt(a, "\n%S", put);
	parts[n++] = put;
	for (size_t i = cut_to; i < l->n; i++)
		parts[n++] = l->v[i];
	return str_join(a, parts, n, STR_NONE);
}

static enum err
cannot(struct fault *f, struct str intent)
{
	return fault(f, E_CONFLICT, "\"%.*s\" is written in a way that is not edited line by line: change "
	    "policy/intents.yaml by hand, then `baton publish`.", STR_ARG(intent));
}

static enum err
take_away(struct arena *a, struct str bytes, const struct policy_edit *e, struct str *out, struct fault *f)
{
	struct lines l = lines_of(a, bytes);
	int key_line = 0;
	const struct yaml *list = examples_of(a, bytes, e->intent, &key_line);
	ptrdiff_t at = find_text(list, e->text);
	size_t line;

	if (at < 0)
		return fault(f, E_CONFLICT, "policy/intents.yaml no longer has \"%.*s\" in \"%.*s\".",
		    STR_ARG(str_clip_utf8(e->text, 60)), STR_ARG(e->intent));
	line = (size_t)list->items[at]->line - 1;
	if (line >= l.n || !is_dash(l.v[line]))
		return cannot(f, e->intent);
	/* A list without items would be no list: it says that it is empty. */
	if (list->n == 1) {
		struct str key = l.v[(size_t)key_line - 1];

		if (!str_ends(str_trim(key), STR("examples:")))
			return cannot(f, e->intent);
		*out = joined(a, &l, line, item_end(&l, line), STR_NONE);
		l = lines_of(a, *out);
		*out = joined(a, &l, (size_t)key_line - 1, (size_t)key_line,
		    str_fmt(a, "%S []\n", str_sub(key, 0, (size_t)(str_find(key, STR("examples:")) + 9))));
		return E_OK;
	}
	*out = joined(a, &l, line, item_end(&l, line), STR_NONE);
	return E_OK;
}

static enum err
put_in(struct arena *a, struct str bytes, const struct policy_edit *e, struct str *out, struct fault *f)
{
	struct lines l = lines_of(a, bytes);
	int key_line = 0;
	const struct yaml *list = examples_of(a, bytes, e->intent, &key_line);
	struct str text = is_plain(e->text) ? e->text : quoted(a, e->text), key;
	size_t line, pad;

	if (list == NULL || list->kind != YAML_LIST || key_line < 1 || (size_t)key_line > l.n)
		return cannot(f, e->intent);
	if (list->n > 0) {
		line = (size_t)list->items[list->n - 1]->line - 1;
		if (line >= l.n || !is_dash(l.v[line]))
			return cannot(f, e->intent);
		pad = indent_of(l.v[line]);
		line = item_end(&l, line);
		*out = joined(a, &l, line, line, str_fmt(a, "%S- %S\n",
		    (struct str){ "                                ", pad > 32 ? 32 : pad }, text));
		return E_OK;
	}
	key = l.v[(size_t)key_line - 1];
	if (!str_ends(str_trim(key), STR("examples: []")))
		return cannot(f, e->intent);
	pad = indent_of(key) + 2;
	*out = joined(a, &l, (size_t)key_line - 1, (size_t)key_line, str_fmt(a, "%S\n%S- %S\n",
	    str_sub(key, 0, (size_t)(str_find(key, STR("examples:")) + 9)),
	    (struct str){ "                                ", pad > 32 ? 32 : pad }, text));
	return E_OK;
}

/* --- intents --------------------------------------------------------------- */

/* The line after an intent that begins in line `at`: blank lines and comments behind it are
 * not its own. */
static size_t
intent_end(const struct lines *l, size_t at)
{
	size_t dash = indent_of(l->v[at]), end = at + 1;

	for (size_t i = end; i < l->n; i++) {
		struct str s = str_trim(l->v[i]);

		if (s.n == 0 || s.p[0] == '#')
			continue;
		if (indent_of(l->v[i]) <= dash)
			break;
		end = i + 1;
	}
	return end;
}

static enum err
put_intent(struct arena *a, struct str bytes, const struct policy_edit *e, struct str *out, struct fault *f)
{
	static const char spaces[] = "                                ";
	struct lines l = lines_of(a, bytes);
	int key_line = 0;
	const struct yaml *list = list_of(a, bytes, &key_line);
	size_t at, cut, pad = 2;
	struct str p, key = STR_NONE;

	if (list == NULL || key_line < 1 || (size_t)key_line > l.n)
		return cannot(f, e->intent);
	at = cut = (size_t)key_line;
	if (list->n > 0) {
		at = (size_t)list->items[list->n - 1]->line - 1;
		if (at >= l.n || !is_dash(l.v[at]))
			return cannot(f, e->intent);
		pad = indent_of(l.v[at]);
		cut = at = intent_end(&l, at);
	} else {
		if (!str_ends(str_trim(l.v[at - 1]), STR("intents: []")))
			return cannot(f, e->intent);
		key = STR("intents:\n");
		at--;
	}
	p = (struct str){ spaces, pad < sizeof(spaces) - 1 ? pad : sizeof(spaces) - 1 };
	*out = joined(a, &l, at, cut, str_fmt(a, "%S%S- id: %S\n%S  name: %S\n%S  description: %S\n%S  risk: read\n"
	    "%S  then: person\n%S  examples: []\n", key, p, e->intent, p, quoted(a, e->name), p,
	    quoted(a, e->text), p, p, p));
	return E_OK;
}

static enum err
delete_intent(struct arena *a, struct str bytes, const struct policy_edit *e, struct str *out, struct fault *f)
{
	struct lines l = lines_of(a, bytes);
	const struct yaml *it = intent_of(a, bytes, e->intent);
	int line = 0;
	const struct yaml *list = list_of(a, bytes, &line);
	size_t at;

	if (it == NULL)
		return fault(f, E_CONFLICT, "policy/intents.yaml no longer has \"%.*s\".", STR_ARG(e->intent));
	at = (size_t)it->line - 1;
	if (list == NULL || list->n < 2 || at >= l.n || !is_dash(l.v[at]))
		return cannot(f, e->intent);
	*out = joined(a, &l, at, intent_end(&l, at), STR_NONE);
	return E_OK;
}

/* What stands behind a value on its line: a comment, or only the line's end. */
static struct str
behind_value(struct str s)
{
	size_t i = 0;
	char q;

	while (i < s.n && s.p[i] == ' ')
		i++;
	q = i < s.n ? s.p[i] : '\0';
	if (q != '"' && q != '\'') {
		ptrdiff_t at = str_find(s, STR(" #"));

		while (at > 0 && s.p[at - 1] == ' ')
			at--;
		return at < 0 ? STR("\n") : str_sub(s, (size_t)at, s.n);
	}
	for (i++; i < s.n && (s.p[i] != q || (q == '\'' && i + 1 < s.n && s.p[i + 1] == q)); i++)
		i += s.p[i] == q || (q == '"' && s.p[i] == '\\');
	return i + 1 >= s.n ? STR("\n") : str_sub(s, i + 1, s.n);
}

static enum err
put_words(struct arena *a, struct str bytes, const struct policy_edit *e, struct str *out, struct fault *f)
{
	const char *key = e->kind == EDIT_NAME ? "name" : "description";
	struct str mark = str_fmt(a, "%s:", key), line;
	struct lines l = lines_of(a, bytes);
	int key_line = 0;
	const struct yaml *value = value_of(a, bytes, e->intent, key, &key_line);
	ptrdiff_t at;

	if (value == NULL || value->kind != YAML_SCALAR || key_line < 1 || (size_t)key_line > l.n ||
	    value->line != key_line)
		return cannot(f, e->intent);
	line = l.v[(size_t)key_line - 1];
	at = str_find(line, mark);
	if (at < 0)
		return cannot(f, e->intent);
	*out = joined(a, &l, (size_t)key_line - 1, (size_t)key_line, str_fmt(a, "%S %S%S",
	    str_sub(line, 0, (size_t)at + mark.n), is_plain(e->text) ? e->text : quoted(a, e->text),
	    behind_value(str_sub(line, (size_t)at + mark.n, line.n))));
	return E_OK;
}

/* --- and read again -------------------------------------------------------- */

static bool
is_same(const struct yaml *x, const struct yaml *y)
{
	if (x->kind != y->kind || (x->kind == YAML_SCALAR ? !str_eq(x->text, y->text) : x->n != y->n))
		return false;
	for (size_t i = 0; x->kind != YAML_SCALAR && i < x->n; i++)
		if (x->kind == YAML_LIST ? !is_same(x->items[i], y->items[i]) :
		    !str_eq(x->pairs[i].key, y->pairs[i].key) || !is_same(x->pairs[i].value, y->pairs[i].value))
			return false;
	return true;
}

/* One example more or less than before, and nothing else in that list. */
static bool
is_example_as_wanted(const struct yaml *was, const struct yaml *is, const struct policy_edit *e)
{
	bool add = e->kind == EDIT_PUT_IN;
	size_t k = 0;

	if (was->kind != YAML_LIST || is->kind != YAML_LIST || is->n != (add ? was->n + 1 : was->n - 1))
		return false;
	if (add && find_text(was, e->text) < 0 && find_text(is, e->text) != (ptrdiff_t)was->n)
		return false;
	for (size_t i = 0; i < was->n; i++) {
		if (!add && k == i && (ptrdiff_t)i == find_text(was, e->text))
			continue;
		if (k >= is->n || !str_eq(was->items[i]->text, is->items[k++]->text))
			return false;
	}
	return true;
}

static bool
is_text(const struct yaml *map, const char *key, struct str text)
{
	const struct yaml *y = yaml_get(map, key);

	return y != NULL && y->kind == YAML_SCALAR && str_eq(y->text, text);
}

/* The intent that was meant differs in what was meant, and in nothing else. */
static bool
is_intent_as_wanted(const struct yaml *was, const struct yaml *is, const struct policy_edit *e)
{
	const char *key = e->kind == EDIT_NAME ? "name" : e->kind == EDIT_DESCRIPTION ? "description" : "examples";

	if (was->kind != YAML_MAP || is->kind != YAML_MAP || was->n != is->n)
		return false;
	for (size_t i = 0; i < was->n; i++) {
		const struct yaml *x = was->pairs[i].value, *y = is->pairs[i].value;

		if (!str_eq(was->pairs[i].key, is->pairs[i].key))
			return false;
		if (!str_eqz(was->pairs[i].key, key) ? !is_same(x, y) : e->kind <= EDIT_PUT_IN ?
		    !is_example_as_wanted(x, y, e) : !is_text(is, key, e->text))
			return false;
	}
	return true;
}

static bool
is_as_wanted(struct arena *a, struct str before, struct str after, const struct policy_edit *e)
{
	int line;
	const struct yaml *was = list_of(a, before, &line), *is = list_of(a, after, &line);
	bool more = e->kind == EDIT_INTENT, less = e->kind == EDIT_DELETE;
	size_t k = 0;

	if (was == NULL || is == NULL || is->n + less != was->n + more)
		return false;
	for (size_t i = 0; i < was->n; i++) {
		const struct yaml *x = was->items[i], *y;

		if (less && k == i && x->kind == YAML_MAP && is_text(x, "id", e->intent))
			continue;
		if (k >= is->n)
			return false;
		y = is->items[k++];
		if (!more && x->kind == YAML_MAP && is_text(x, "id", e->intent) ? !is_intent_as_wanted(x, y, e) :
		    !is_same(x, y))
			return false;
	}
	return !more || (is_text(is->items[was->n], "id", e->intent) && is_text(is->items[was->n], "name", e->name) &&
	    is_text(is->items[was->n], "description", e->text));
}

/* One edit, in an arena of its own: hundreds of them read the file a thousand times. */
struct editing {
	const struct policy_edit *edit;
	struct str file;
	struct buf *next;
};

static enum err
edit_once(struct arena *a, void *arg, struct fault *f)
{
	static enum err (*const edit[])(struct arena *, struct str, const struct policy_edit *, struct str *,
	    struct fault *) = {
		[EDIT_TAKE_OUT] = take_away, [EDIT_PUT_IN] = put_in, [EDIT_INTENT] = put_intent,
		[EDIT_NAME] = put_words, [EDIT_DESCRIPTION] = put_words, [EDIT_DELETE] = delete_intent,
	};
	struct editing *x = arg;
	struct str next;

	TRY(edit[x->edit->kind](a, x->file, x->edit, &next, f));
	if (!is_as_wanted(a, x->file, next, x->edit))
		return cannot(f, x->edit->intent);
	buf_reset(x->next);
	buf_add_str(x->next, next);
	return x->next->over ? fault(f, E_TOOBIG, "policy/intents.yaml would be larger than %zu MB",
	    YAML_MAX_BYTES >> 20) : E_OK;
}

enum err
policy_edit(struct arena *a, struct str file, const struct policy_edit *v, size_t n, struct str *out,
    struct fault *f)
{
	struct arena *own = arena_new(EDIT_BYTES);
	struct editing x = { .file = file };
	struct buf text[2];
	enum err e = E_OK;

	buf_init(&text[0], YAML_MAX_BYTES);
	buf_init(&text[1], YAML_MAX_BYTES);
	for (size_t i = 0; i < n && e == E_OK; i++) {
		x.edit = &v[i];
		x.next = &text[i % 2];
		e = arena_run(own, edit_once, &x, f);
		if (e == E_OK)
			x.file = buf_str(x.next);
		arena_reset(own);
	}
	arena_free(&own);
	if (e == E_OK)
		*out = str_dup(a, x.file);
	buf_free(&text[0]);
	buf_free(&text[1]);
	return e;
}
