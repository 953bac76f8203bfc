/* SPDX-License-Identifier: Apache-2.0 */
/* fold.c - what a decision or an outcome changes in the situation. Pure.
 *
 * Apart from decide.c, because the fold also runs over old records.
 */
#include "engine/decide.h"

#include <string.h>

static void
fold_slot(struct slot *v, size_t *n, struct slot set)
{
	size_t i = 0;

	while (i < *n && !str_eq(v[i].name, set.name))
		i++;
	if (set.value.n == 0) { /* an empty value empties the slot */
		if (i < *n) {
			memmove(v + i, v + i + 1, (*n - i - 1) * sizeof(*v));
			(*n)--;
		}
		return;
	}
	v[i] = set;
	if (i == *n)
		(*n)++;
}

struct situation
situation_after(const struct policy *p, const struct situation *s, const struct decision *d,
    struct arena *a)
{
	struct situation out = *s;
	struct slot *v = arena_array(a, struct slot, s->slots_n + d->set_n + 1);

	if (s->slots_n > 0)
		memcpy(v, s->slots, s->slots_n * sizeof(*v));
	for (size_t i = 0; i < d->set_n; i++)
		fold_slot(v, &out.slots_n, d->set[i]);
	out.slots = v;
	out.workflow = d->workflow;
	out.step = d->step;
	if (d->kind == DECISION_ASK)
		out.awaiting = d->slot;
	else if (d->workflow < 0)
		out.awaiting = STR_NONE;
	if (d->helped) {
		out.failed_tries = 0;
		out.unsure_streak = 0;
	}
	out.failed_tries += d->failed_try;
	out.unsure_streak += d->unsure;
	out.identity_failures += d->identity_failure;
	if (d->kind == DECISION_SAY || d->kind == DECISION_ASK || d->kind == DECISION_HAND_OVER)
		out.ai_messages++;
	if (d->kind == DECISION_HAND_OVER) {
		out.holder = HOLDER_QUEUE;
		out.told_coming = false;
		out.person_button = false;
	} else if (d->kind == DECISION_WAIT) {
		out.told_coming = out.told_coming || d->reply == p->own[OWN_PERSON_COMING];
	}
	return out;
}

struct situation
situation_learned(const struct situation *s, const struct outcome *o)
{
	struct situation out = *s;

	if (o->kind == OUTCOME_RECORD) {
		out.record = o->fields;
		out.record_n = o->fields_n;
		out.record_source = o->source;
		out.record_at_us = o->at_us;
	}
	return out;
}
