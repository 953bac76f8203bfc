/* SPDX-License-Identifier: Apache-2.0 */
/* asked.c - the customer wants a person: by the button, in words, or by a "yes" to the offer.
 *
 * Button and "yes" need no understanding, so they work in the pre-pass and with every
 * model missing.  What was not understood is answered with the offer of a person
 * (docs/POLICY.md), so a bare "yes" right after it is one to that. */
#include "engine/trigger/trigger.h"

#include "rules/phrase.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, asked.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, asked.urgency), "60", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "threshold", SET_PPM, offsetof(struct trigger_policy, asked.threshold_ppm), "0.60",
	    0, 1000000, "least probability that the words ask for a person" },
	{ 0 },
};

static const struct trigger_list list = {
	.key = "yes",
	.offset_v = offsetof(struct trigger_policy, asked.yes),
	.offset_n = offsetof(struct trigger_policy, asked.yes_n),
	.help = "whole messages that take up the offer of a person",
};

static bool
takes_up_offer(const struct policy *p, const struct situation *s)
{
	if (s->unsure_streak == 0 || s->awaiting.n > 0)
		return false;
	for (size_t i = 0; i < p->trigger.asked.yes_n; i++)
		if (phrase_is(p->trigger.asked.yes[i], s->words, s->words_n))
			return true;
	return false;
}

static bool
on(const struct policy *p)
{
	return p->trigger.asked.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t limit = p->trigger.asked.threshold_ppm;
	struct verdict v = {
		.urgency = (int)p->trigger.asked.urgency,
		.value_ppm = -1, .limit_ppm = -1,
	};

	if (s->person_button) {
		v.fired = true;
		v.text = STR("pressed \"Talk to a person\"");
	} else if (takes_up_offer(p, s)) {
		v.fired = true;
		v.text = STR("said yes to the offer of a person");
	} else if (now == NULL) {
		v.text = STR("the button was not pressed");
	} else {
		v.value_ppm = now->asks_person_ppm;
		v.limit_ppm = (int32_t)limit;
		v.fired = v.value_ppm >= limit;
		v.text = str_fmt(a, "asks for a person %P %s %P", (int64_t)v.value_ppm,
		    v.fired ? ">=" : "<", limit);
	}
	return v;
}

const struct trigger trigger_asked = {
	.name = "asked",
	.help = "The customer asks for a person",
	.reason = "asked for a person",
	.when = TRIGGER_WORDS,
	.settings = settings,
	.list = &list,
	.on = on,
	.check = check,
};
