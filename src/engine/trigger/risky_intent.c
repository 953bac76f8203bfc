/* SPDX-License-Identifier: Apache-2.0 */
/* risky_intent.c - the customer may want something that only a person may do.
 *
 * All ranked intents count, not only the first, and each wish of several: a refund
 * that is merely possible, or asked for beside something else, is still a refund. */
#include "engine/trigger/trigger.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, risky_intent.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, risky_intent.urgency), "70", 0, 100,
	    "0 = whenever, 100 = now" },
	{ "threshold", SET_PPM, offsetof(struct trigger_policy, risky_intent.threshold_ppm), "0.45",
	    0, 1000000, "least probability of an intent with risk approve or forbidden" },
	{ 0 },
};

static bool
on(const struct policy *p)
{
	return p->trigger.risky_intent.on;
}

/* Is this score the riskiest so far?  Then it is kept. */
static void
weigh(const struct policy *p, int intent, int32_t p_ppm, struct intent_score *top)
{
	enum risk risk = p->intents[intent].risk;

	if ((risk == RISK_APPROVE || risk == RISK_FORBIDDEN) && p_ppm > top->p_ppm)
		*top = (struct intent_score){ intent, p_ppm };
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	int64_t limit = p->trigger.risky_intent.threshold_ppm;
	struct intent_score top = { -1, -1 };
	struct verdict v = {
		.urgency = (int)p->trigger.risky_intent.urgency,
		.value_ppm = 0, .limit_ppm = (int32_t)limit,
		.text = STR("nothing risky asked"),
	};

	(void)s;
	for (size_t i = 0; i < now->p_n; i++)
		weigh(p, now->p[i].intent, now->p[i].p_ppm, &top);
	for (size_t i = 0; i < now->clauses_n; i++)
		weigh(p, now->clauses[i].intent, now->clauses[i].p_ppm, &top);
	if (top.intent < 0)
		return v;
	v.value_ppm = top.p_ppm;
	v.fired = top.p_ppm >= limit && now->unknown_ppm < p->unknown_ppm;
	v.text = str_fmt(a, "%S %P %s %P", p->intents[top.intent].name, (int64_t)top.p_ppm,
	    top.p_ppm >= limit ? ">=" : "<", limit);
	v.reason = str_fmt(a, "%S: a person decides", p->intents[top.intent].name);
	if (top.p_ppm >= limit && !v.fired)
		v.text = str_fmt(a, "%S, but unknown %P", v.text, (int64_t)now->unknown_ppm);
	return v;
}

const struct trigger trigger_risky_intent = {
	.name = "risky_intent",
	.help = "A request that only a person may grant",
	.reason = "only a person may grant it",
	.when = TRIGGER_UNDERSTOOD,
	.settings = settings,
	.on = on,
	.check = check,
};
