/* SPDX-License-Identifier: Apache-2.0 */
/* desk.c - from a policy to what a classifier is trained on. */
#include "insight/eval/desk.h"

#include "nlu/senses.h"

enum err
desk_training(struct arena *a, const struct policy *p, struct training *out, struct fault *f)
{
	struct class_def *classes = arena_array(a, struct class_def, p->intents_n + 1);
	struct labelled *v;
	size_t n = 0;

	*out = (struct training){ .classes = classes, .classes_n = p->intents_n, .policy = p };
	TRY(patterns_compile(a, p, &out->patterns, f));
	for (size_t i = 0; i < p->intents_n; i++)
		n += p->intents[i].examples_n;
	v = arena_array(a, struct labelled, n + 1);
	n = 0;
	for (size_t i = 0; i < p->intents_n; i++) {
		const struct intent *in = &p->intents[i];

		classes[i] = (struct class_def){ in->id, in->name, in->description };
		for (size_t k = 0; k < in->examples_n; k++)
			v[n++] = (struct labelled){ in->examples[k], (int)i };
	}
	out->v = v;
	out->n = n;
	return E_OK;
}
