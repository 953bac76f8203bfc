/* SPDX-License-Identifier: Apache-2.0 */
/* regulated.c - a word that the desk must not answer by itself: law, press, safety. */
#include "engine/trigger/trigger.h"
#include "rules/phrase.h"

static const struct setting settings[] = {
	{ "on", SET_BOOL, offsetof(struct trigger_policy, regulated.on), "true", 0, 1,
	    "whether it is asked at all" },
	{ "urgency", SET_INT, offsetof(struct trigger_policy, regulated.urgency), "90", 0, 100,
	    "0 = whenever, 100 = now" },
	{ 0 },
};

static const struct trigger_list list = {
	.key = "words",
	.offset_v = offsetof(struct trigger_policy, regulated.words),
	.offset_n = offsetof(struct trigger_policy, regulated.words_n),
	.help = "words and phrases, matched whole",
};

static bool
on(const struct policy *p)
{
	return p->trigger.regulated.on;
}

static struct verdict
check(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	const struct str *words = p->trigger.regulated.words;
	int hit = phrase_first(words, p->trigger.regulated.words_n, s->words, s->words_n);

	(void)now;
	return (struct verdict){
		.fired = hit >= 0,
		.urgency = (int)p->trigger.regulated.urgency,
		.value_ppm = -1, .limit_ppm = -1,
		.text = hit >= 0 ? str_fmt(a, "says \"%S\"", words[hit]) : STR("no regulated word"),
		.reason = hit >= 0 ? str_fmt(a, "said \"%S\"", words[hit]) : STR_NONE,
	};
}

const struct trigger trigger_regulated = {
	.name = "regulated",
	.help = "A regulated word",
	.reason = "a regulated word",
	.when = TRIGGER_WORDS,
	.settings = settings,
	.list = &list,
	.on = on,
	.check = check,
};
