/* SPDX-License-Identifier: Apache-2.0 */
/* decision.c - names of decisions and small look-ups in the facts. Pure. */
#include "facts/decision.h"

const char *
decision_name(enum decision_kind k)
{
	static const char *const name[] = {
		[DECISION_UNDERSTAND] = "understand",
		[DECISION_SAY] = "say",
		[DECISION_ASK] = "ask",
		[DECISION_RETRIEVE] = "retrieve",
		[DECISION_LOOK_UP] = "look_up",
		[DECISION_HAND_OVER] = "hand_over",
		[DECISION_WAIT] = "wait",
	};

	CHECK((size_t)k < sizeof(name) / sizeof(name[0]));
	return name[k];
}

const char *
why_name(enum why_kind k)
{
	static const char *const name[] = {
		[WHY_RULE] = "rule",
		[WHY_TRIGGER] = "trigger",
		[WHY_GATE] = "gate",
		[WHY_THRESHOLD] = "threshold",
		[WHY_WORKFLOW] = "workflow",
		[WHY_ARTICLE] = "article",
	};

	CHECK((size_t)k < sizeof(name) / sizeof(name[0]));
	return name[k];
}

const struct entity *
perception_entity(const struct perception *p, struct str kind)
{
	for (size_t i = 0; i < p->entities_n; i++)
		if (str_eq(p->entities[i].kind, kind))
			return &p->entities[i];
	return NULL;
}

const struct slot *
situation_slot(const struct situation *s, struct str name)
{
	for (size_t i = 0; i < s->slots_n; i++)
		if (str_eq(s->slots[i].name, name))
			return &s->slots[i];
	return NULL;
}
