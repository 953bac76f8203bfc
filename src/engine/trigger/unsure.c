/* SPDX-License-Identifier: Apache-2.0 */
/* unsure.c - the AI did not understand, several times in a row. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, unsure.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, unsure.urgency), "30", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "tries", SET_INT, offsetof(struct trigger_policy, unsure.tries), "2",
	    1, 20, "unsure, out of scope or no answer this often in a row" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.unsure.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t tries = p->trigger.unsure.tries;

	(void)now;
	return (struct verdict){
		.fired = s->unsure_streak >= tries,
		.urgency = (int)p->trigger.unsure.urgency,
		.value_ppm = -1, .limit_ppm = -1,
		.text = str_fmt(a, "not understood %d in a row, limit %ld", (int)s->unsure_streak,
		    tries),
		.reason = str_fmt(a, "not understood %S", trigger_times(s->unsure_streak)),
	};
}

const struct trigger trigger_unsure = {
	.name = "unsure",
	.help = "The AI is unsure too often in a row",
	.reason = "was not understood",
	.when = TRIGGER_UNSURE,
	.settings = settings,
	.on = on,
	.check = check,
};
