/* SPDX-License-Identifier: Apache-2.0 */
/* repeats.c - the customer keeps asking the same thing.
 *
 * Perceive has compared the message with the customer's last ones (in
 * millionths); window, count and threshold come from the policy. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, repeats.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, repeats.urgency), "50", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "similar", SET_PPM, offsetof(struct trigger_policy, repeats.similar_ppm), "0.80",
	    0, 1000000, "from here on two messages are the same" },
	{ "count", SET_INT, offsetof(struct trigger_policy, repeats.count), "2",
	    1, 8, "asked that often, this time included" },
	{ "window", SET_INT, offsetof(struct trigger_policy, repeats.window), "4",
	    1, 8, "among that many earlier messages" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.repeats.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t count = p->trigger.repeats.count, window = p->trigger.repeats.window, same = 1;
	int64_t limit = p->trigger.repeats.similar_ppm;
	int32_t best = 0;

	(void)s;
	for (size_t i = 0; i < now->similar_n && i < SIMILAR_MAX && (int64_t)i < window; i++) {
		if (now->similar_ppm[i] > best)
			best = now->similar_ppm[i];
		if (now->similar_ppm[i] >= limit)
			same++;
	}
	return (struct verdict){
		.fired = same >= count && same > 1,
		.urgency = (int)p->trigger.repeats.urgency,
		.value_ppm = best,
		.limit_ppm = (int32_t)limit,
		.text = same > 1 ? str_fmt(a, "asked the same %ld times, limit %ld", same, count)
				 : STR("asked for the first time"),
	};
}

const struct trigger trigger_repeats = {
	.name = "repeats",
	.help = "The customer repeats the same question",
	.reason = "asked the same again",
	.when = TRIGGER_UNDERSTOOD,
	.settings = settings,
	.on = on,
	.check = check,
};
