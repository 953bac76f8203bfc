/* SPDX-License-Identifier: Apache-2.0 */
/* tool_failed.c - a look-up or a search failed: an error, a time-out, a limit. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, tool_failed.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, tool_failed.urgency), "60", 0, 100,
	    "0 = whenever, 100 = now" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.tool_failed.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	(void)now;
	return (struct verdict){
		.fired = s->tool_error.n > 0,
		.urgency = (int)p->trigger.tool_failed.urgency,
		.value_ppm = -1, .limit_ppm = -1,
		.text = s->tool_error.n > 0 ? str_dup(a, str_clip_utf8(s->tool_error, 200))
					    : STR("no tool failed"),
	};
}

const struct trigger trigger_tool_failed = {
	.name = "tool_failed",
	.help = "Another system failed",
	.reason = "a system did not answer",
	.when = TRIGGER_TOOL,
	.settings = settings,
	.on = on,
	.check = check,
};
