/* SPDX-License-Identifier: Apache-2.0 */
/* template.c - filling names in braces. Pure. */
#include "flow/template.h"

#include <string.h>

const char *const template_own_names[] = { "inbox", "team", "about", "name", "hours_next", NULL };

static bool
is_name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (!first && (c == '_' || (c >= '0' && c <= '9')));
}

/* Length of "{name}" at s, 0 if none stands there. */
static size_t
placeholder(struct str s)
{
	size_t i = 1;

	while (i < s.n && is_name_char(s.p[i], i == 1))
		i++;
	return i > 1 && i < s.n && s.p[i] == '}' ? i + 1 : 0;
}

bool
template_next(struct str *rest, struct str *literal, struct str *name)
{
	for (size_t i = 0; i < rest->n; i++) {
		size_t n;

		if (rest->p[i] != '{')
			continue;
		n = placeholder(str_sub(*rest, i, rest->n));
		if (n == 0)
			continue;
		*literal = str_sub(*rest, 0, i);
		*name = str_sub(*rest, i + 1, n - 2);
		*rest = str_sub(*rest, i + n, rest->n);
		return true;
	}
	*literal = *rest;
	*name = STR_NONE;
	*rest = STR_NONE;
	return false;
}

static const struct slot *
find_slot(const struct slot *v, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].name, name))
			return &v[i];
	return NULL;
}

struct str
values_get(const struct values *v, struct str name)
{
	const struct slot *slot;

	for (size_t i = 0; i < v->record_n; i++)
		if (str_eq(v->record[i].name, name))
			return v->record[i].value;
	slot = find_slot(v->set, v->set_n, name);
	if (slot == NULL)
		slot = find_slot(v->slots, v->slots_n, name);
	if (slot != NULL)
		return slot->value;
	for (size_t i = 0; i < v->own_n; i++)
		if (str_eq(v->own[i].name, name))
			return v->own[i].value;
	return STR_NONE;
}

struct str
template_fill(const struct values *v, struct str text, struct arena *a)
{
	struct str rest = text, literal, name;
	size_t n = 0;
	char *out;

	while (template_next(&rest, &literal, &name))
		n += literal.n + values_get(v, name).n;
	n += literal.n;
	out = arena_alloc(a, n + 1);
	n = 0;
	rest = text;
	for (bool more = true; more;) {
		struct str value;

		more = template_next(&rest, &literal, &name);
		value = more ? values_get(v, name) : STR_NONE;
		if (literal.n > 0)
			memcpy(out + n, literal.p, literal.n);
		n += literal.n;
		if (value.n > 0)
			memcpy(out + n, value.p, value.n);
		n += value.n;
	}
	out[n] = '\0';
	return (struct str){ out, n };
}
