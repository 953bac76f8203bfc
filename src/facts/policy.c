/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c - looking things up in a policy. Pure. */
#include "facts/policy.h"

const char *const own_reply_name[OWN_N] = {
	[OWN_WELCOME] = "welcome",
	[OWN_OUT_OF_SCOPE] = "out_of_scope",
	[OWN_UNSURE] = "unsure",
	[OWN_NO_ANSWER] = "no_answer",
	[OWN_HANDING_OVER] = "handing_over",
	[OWN_HANDING_OVER_BUSY] = "handing_over_busy",
	[OWN_HANDING_OVER_CLOSED] = "handing_over_closed",
	[OWN_CAME_BACK] = "came_back",
	[OWN_PERSON_COMING] = "person_coming",
};

const char *const mood_name[MOOD_N] = {
	[MOOD_ANGER] = "anger",
	[MOOD_FRUSTRATION] = "frustration",
	[MOOD_CONFUSION] = "confusion",
	[MOOD_URGENCY] = "urgency",
	[MOOD_GRATITUDE] = "gratitude",
	[MOOD_ANNOYANCE] = "annoyance",
	[MOOD_DISAPPOINTMENT] = "disappointment",
};

struct str
localized_get(const struct localized *l, struct str lang)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].lang, lang))
			return l->v[i].text;
	return l->n > 0 ? l->v[0].text : STR_NONE;
}

int
policy_inbox(const struct policy *p, struct str id)
{
	for (size_t i = 0; i < p->inboxes_n; i++)
		if (str_eq(p->inboxes[i].id, id))
			return (int)i;
	return -1;
}

int
policy_intent(const struct policy *p, struct str id)
{
	for (size_t i = 0; i < p->intents_n; i++)
		if (str_eq(p->intents[i].id, id))
			return (int)i;
	return -1;
}

int
policy_reply(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->replies_n; i++)
		if (str_eq(p->replies[i].name, name))
			return (int)i;
	return -1;
}

int
policy_workflow(const struct policy *p, struct str id)
{
	for (size_t i = 0; i < p->workflows_n; i++)
		if (str_eq(p->workflows[i].id, id))
			return (int)i;
	return -1;
}

const struct connector_action *
policy_source(const struct policy *p, struct str source)
{
	struct str action, id = str_cut(source, '.', &action);

	for (size_t i = 0; i < p->connectors_n; i++) {
		const struct connector_policy *c = &p->connectors[i];

		for (size_t k = 0; k < c->actions_n && str_eq(c->id, id); k++)
			if (str_eq(c->actions[k].id, action))
				return &c->actions[k];
	}
	return NULL;
}
