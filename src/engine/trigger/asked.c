/* SPDX-License-Identifier: Apache-2.0 */
/* asked.c - the customer wants a person: by the button or in words.
 *
 * The button needs no understanding, so it works in the pre-pass and with every
 * model missing. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, asked.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, asked.urgency), "60", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "threshold", SET_PPM, offsetof(struct trigger_policy, asked.threshold_ppm), "0.60",
	    0, 1000000, "least probability that the words ask for a person" },
	{ 0 },
};

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
	.on = on,
	.check = check,
};
