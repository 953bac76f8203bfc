/* SPDX-License-Identifier: Apache-2.0 */
/* frustrated.c - the customer is angry or losing patience: the stronger of both counts. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, frustrated.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, frustrated.urgency), "80", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "threshold", SET_PPM, offsetof(struct trigger_policy, frustrated.threshold_ppm), "0.60",
	    0, 1000000, "least probability of anger or frustration" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.frustrated.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t limit = p->trigger.frustrated.threshold_ppm;
	int32_t anger = now->mood_ppm[MOOD_ANGER], worn = now->mood_ppm[MOOD_FRUSTRATION];
	int32_t value = anger >= worn ? anger : worn;

	(void)s;
	return (struct verdict){
		.fired = value >= limit,
		.urgency = (int)p->trigger.frustrated.urgency,
		.value_ppm = value,
		.limit_ppm = (int32_t)limit,
		.text = str_fmt(a, "%s %P %s %P", anger >= worn ? "anger" : "frustration",
		    (int64_t)value, value >= limit ? ">=" : "<", limit),
	};
}

const struct trigger trigger_frustrated = {
	.name = "frustrated",
	.help = "The customer is angry or frustrated",
	.reason = "frustrated",
	.when = TRIGGER_UNDERSTOOD,
	.settings = settings,
	.on = on,
	.check = check,
};
