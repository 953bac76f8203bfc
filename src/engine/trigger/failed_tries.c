/* SPDX-License-Identifier: Apache-2.0 */
/* failed_tries.c - questions and look-ups that led nowhere. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, failed_tries.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, failed_tries.urgency), "50", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "count", SET_INT, offsetof(struct trigger_policy, failed_tries.count), "3",
	    1, 20, "so many since the last answer that helped" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.failed_tries.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t count = p->trigger.failed_tries.count;

	(void)now;
	return (struct verdict){
		.fired = s->failed_tries >= count,
		.urgency = (int)p->trigger.failed_tries.urgency,
		.value_ppm = -1, .limit_ppm = -1,
		.text = str_fmt(a, "%d failed tries, limit %ld", (int)s->failed_tries, count),
		.reason = s->identity_failures > 0 ? STR("could not be identified")
		    : str_fmt(a, "a try failed %S", trigger_times(s->failed_tries)),
	};
}

const struct trigger trigger_failed_tries = {
	.name = "failed_tries",
	.help = "Too many tries failed",
	.reason = "several tries failed",
	.when = TRIGGER_FAILED_TRY,
	.settings = settings,
	.on = on,
	.check = check,
};
