/* SPDX-License-Identifier: Apache-2.0 */
/* confused.c - the customer does not understand what we say. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, confused.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, confused.urgency), "40", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "threshold", SET_PPM, offsetof(struct trigger_policy, confused.threshold_ppm), "0.60",
	    0, 1000000, "least probability" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.confused.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t limit = p->trigger.confused.threshold_ppm;
	int64_t value = now->mood_ppm[MOOD_CONFUSION];

	(void)s;
	return (struct verdict){
		.fired = value >= limit,
		.urgency = (int)p->trigger.confused.urgency,
		.value_ppm = (int32_t)value,
		.limit_ppm = (int32_t)limit,
		.text = str_fmt(a, "confusion %P %s %P", value, value >= limit ? ">=" : "<", limit),
	};
}

const struct trigger trigger_confused = {
	.name = "confused",
	.help = "The customer is confused",
	.reason = "does not know what we mean",
	.when = TRIGGER_UNDERSTOOD,
	.settings = settings,
	.on = on,
	.check = check,
};
