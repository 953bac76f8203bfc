/* SPDX-License-Identifier: Apache-2.0 */
/* demo_policy.c - reads the plain lines of demo/policy/intents.yaml: no YAML but what stands there. */
#include "nlu/demo_policy.h"

#include <stdio.h>
#include <string.h>

#define INTENTS_MAX 64
#define EXAMPLES_MAX 64

static struct str
value_of(struct arena *a, struct str line, size_t skip)
{
	struct str v = str_trim(str_sub(line, skip, line.n));

	if (v.n >= 2 && v.p[0] == '"')
		v = str_sub(v, 1, v.n - 2);
	return str_dup(a, v);
}

static void
read_intents(struct arena *a, FILE *f, struct intent *v, size_t *n)
{
	char line[1024];
	struct str *examples = NULL;

	while (fgets(line, sizeof(line), f) != NULL) {
		struct str s = str_from(line);
		struct intent *in = *n > 0 ? &v[*n - 1] : NULL;

		if (str_starts(s, STR("  - id: ")) && *n < INTENTS_MAX) {
			examples = arena_array(a, struct str, EXAMPLES_MAX);
			v[*n].id = value_of(a, s, 8);
			v[(*n)++].examples = examples;
		} else if (in != NULL && str_starts(s, STR("    name: "))) {
			in->name = value_of(a, s, 10);
		} else if (in != NULL && str_starts(s, STR("    description: "))) {
			in->description = value_of(a, s, 17);
		} else if (in != NULL && str_starts(s, STR("      - ")) && in->examples_n < EXAMPLES_MAX) {
			examples[in->examples_n++] = value_of(a, s, 8);
		}
	}
}

const struct policy *
demo_policy(struct arena *a, const char *intents_yaml)
{
	static const struct str languages[] = { { "en", 2 }, { "de", 2 } };
	static const struct entity_format formats[] = { {
		.id = { "order_number", 12 },
		.pattern = { "\\bHP[- ]?([0-9]{4})\\b", sizeof("\\bHP[- ]?([0-9]{4})\\b") - 1 },
		.normal = { "HP-$1", 5 },
	} };
	struct policy *p = arena_new_of(a, struct policy);
	struct inbox_policy *box = arena_new_of(a, struct inbox_policy);
	struct intent *v = arena_array(a, struct intent, INTENTS_MAX);
	FILE *f = fopen(intents_yaml, "re");

	if (f == NULL)
		return NULL;
	read_intents(a, f, v, &p->intents_n);
	fclose(f);
	box->id = STR("halden");
	box->region = STR("NO");
	box->languages = languages;
	box->languages_n = 2;
	p->hash = STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	p->inboxes = box;
	p->inboxes_n = 1;
	p->intents = v;
	p->entities = formats;
	p->entities_n = 1;
	return p;
}
