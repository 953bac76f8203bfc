/* SPDX-License-Identifier: Apache-2.0 */
/* card_words.c - sentences proposed to the person who takes over. */
#include "engine/card_words.h"

static const struct {
	const char *lang;
	const char *hello, *hello_name;	/* %S = first name */
	const char *have_record;	/* %S = what */
	const char *read;		/* nothing in hand */
	const char *upset;
} words[] = {
	{ "en", "Hello,", "Hello %S,", "I have %S in front of me and have read everything you wrote.",
	    "I have read everything you wrote, so you need not repeat anything.",
	    "I'm sorry this has taken so long." },
	/* Neither du nor Sie: shops differ. */
	{ "de", "Hallo,", "Hallo %S,", "ich habe %S vor mir und alles gelesen; nichts muss noch einmal geschrieben werden.",
	    "ich habe alles gelesen; nichts muss noch einmal geschrieben werden.",
	    "Es tut mir leid, dass das so lange dauert." },
};

static size_t
words_of(struct str lang)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(lang, words[i].lang))
			return i;
	return 0;
}

static struct str
thing_in_hand(const struct policy *p, const struct folded *o, struct str lang, struct arena *a)
{
	for (size_t i = 0; i < p->entities_n; i++) {
		const struct entity_format *e = &p->entities[i];
		const struct slot *s = situation_slot(&o->s, e->id);
		struct str value = s != NULL ? s->value : STR_NONE;

		if (value.n == 0 && o->understood_ever && perception_entity(&o->last, e->id) != NULL)
			value = perception_entity(&o->last, e->id)->value;
		if (value.n > 0)
			return str_fmt(a, "%S %S", localized_get(&e->label, lang), value);
	}
	return STR_NONE;
}

struct str
card_first_sentence(const struct policy *p, struct str name, const struct folded *o,
    const struct decision *d, struct arena *a)
{
	size_t w = words_of(o->s.language);
	struct str rest, first = str_cut(name, ' ', &rest);
	struct str thing = thing_in_hand(p, o, o->s.language, a);
	struct str hello = first.n > 0 ? str_fmt(a, words[w].hello_name, first) : str_from(words[w].hello);
	struct str body = thing.n > 0 ? str_fmt(a, words[w].have_record, thing) : str_from(words[w].read);
	bool upset = str_eqz(d->reason_code, "frustrated") || str_eqz(d->reason_code, "repeats");

	if (upset)
		return str_fmt(a, "%S %S %s", hello, body, words[w].upset);
	return str_fmt(a, "%S %S", hello, body);
}

struct str
card_next_step(const struct policy *p, const struct folded *o, const struct decision *d, struct arena *a)
{
	static const struct {
		const char *code, *text;
	} by_reason[] = {
		{ "asked", "Ask what they would like you to settle; they want a person, not more questions." },
		{ "frustrated", "Start with what went wrong, then say what you will do and by when." },
		{ "confused", "Say in one sentence which form or step is meant, and offer to do it for them." },
		{ "repeats", "Answer the question they asked before; the AI's answer did not help." },
		{ "unsure", "Find out what they want; the AI did not understand it." },
		{ "regulated", "Follow the desk's procedure for legal and regulated matters before promising anything." },
		{ "failed_tries", "Identify the customer another way; what they gave does not match a record." },
		{ "tool_failed", "Look it up by hand; the shop's system did not answer the AI." },
		{ "poison", "Read the last message with care; the program failed on it twice." },
	};

	if (str_eqz(d->reason_code, "risky_intent") && o->understood_ever && o->last.p_n > 0) {
		const struct intent *in = &p->intents[o->last.p[0].intent];

		return str_fmt(a, "Decide on \"%S\": the policy leaves this to people.", in->name);
	}
	for (size_t i = 0; i < sizeof(by_reason) / sizeof(by_reason[0]); i++)
		if (str_eqz(d->reason_code, by_reason[i].code))
			return str_from(by_reason[i].text);
	return STR("Read the last message and answer it.");
}
