/* SPDX-License-Identifier: Apache-2.0 */
/* template.h - filling names in braces. Pure.
 *
 * A placeholder is {name}, a name [a-z][a-z0-9_]*; any other brace is a brace.
 * Values are text: nothing in them is read as a placeholder again.
 */
#pragma once

#include "facts/outcome.h"

/* Looked up in this order: record, `set` (this turn's slots), slots, own. */
struct values {
	const struct field *record;
	size_t record_n;
	const struct slot *set, *slots;
	size_t set_n, slots_n;
	struct field own[5];	/* inbox team about name hours_next */
	size_t own_n;
};
/* Names of values.own, NULL-terminated. */
extern const char *const template_own_names[];

struct str values_get(const struct values *v, struct str name);	/* empty if there is none */
struct str template_fill(const struct values *v, struct str text, struct arena *a);

/* Takes the next placeholder off *rest: *literal is what stands before it.
 * False at the end, *literal is then the rest. */
bool template_next(struct str *rest, struct str *literal, struct str *name);
