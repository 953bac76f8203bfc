/* SPDX-License-Identifier: Apache-2.0 */
/* injection.c - the keys of a text that wants to be obeyed, and their weights. */
#include "nlu/injection.h"

#include "facts/policy.h"
#include "nlu/injection.inc"	/* injection_table */
#include "text/lang.h"

#include <math.h>
#include <string.h>

#define REACH 6			/* words between two of a pair */
#define HAND_MAX 96
#define LETTERS_CODED 24	/* a run of base64 this long is no word */

enum act { ACT_DISMISS, ACT_INSTRUCTION, ACT_BEFORE, ACT_ALL, ACT_ROLE, ACT_SAY, ACT_ONLY, ACT_NOW, ACT_PRAISE, ACT_MACHINE, ACTS };

/* Beginnings of words, with a blank behind where the whole word is meant. */
static const char *const act_words[ACTS] = {
	[ACT_DISMISS] = " ignor disregard forget overlook abandon vergiss vergess vergesst missachte olvid oubli "
	    "dimentic esque negeer vergeet zaborav \320\267\320\260\320\261\321\203\320\264 bypass overrid ",
	[ACT_INSTRUCTION] = " instruction instruktion prompt command anweisung aufgabe auftrag auftr\303\244ge task assignment "
	    "guideline vorgabe instruccion consigne istruzion instru\303\247 instructie opdracht direktive directive "
	    "\320\270\320\275\321\201\321\202\321\200\321\203\320\272\321\206 ",
	[ACT_BEFORE] = " previous preceding prior above before beforehand bisherig vorherig vorherige davor vorher zuvor obig "
	    "vorangegangen anterior pr\303\251c\303\251dent precedent vorige eerder antes avant prima ",
	[ACT_ALL] = " all everything alles alle allem todo todas todos tout toutes tutto tutte tudo any whole thoughts ",
	[ACT_ROLE] = " act pretend roleplay role rolle imagine simulat playing persona spiele spielst fungier vorstell stell "
	    "act\303\272a agis imagina comporta fais finge impersonat character dan jailbr developer linux terminal ",
	[ACT_SAY] = " say print output repeat write tell respond reply display sag sage sagen schreib antworte ausgeben gib "
	    "wiederhol formulier generier zeig spell translat di escribe dis \303\251cris scrivi escreva zeg schrijf headline ",
	[ACT_ONLY] = " only just nur solo seulement solamente alleen exactly einfach lediglich somente ",
	[ACT_NOW] = " now jetzt nun ahora maintenant adesso agora nu henceforth ",
	[ACT_PRAISE] = " great done well fantastic excellent super toll wunderbar ausgezeichnet gut gemacht perfect nice ",
	[ACT_MACHINE] = " gpt chatgpt ai ki bot model assistant assistent system openai llm llama restriction policy filter ",
};

static const char *const act_said[ACTS] = {
	[ACT_DISMISS] = "dismisses what was said before", [ACT_INSTRUCTION] = "speaks of instructions",
	[ACT_ROLE] = "hands out a role", [ACT_MACHINE] = "speaks to a machine",
};

static bool
stands_in(const char *list, struct str w)
{
	for (const char *p = list + 1; *p != '\0';) {
		size_t n = 0;

		/* Most begin otherwise: they are only stepped over. */
		if (*p == w.p[0]) {
			while (n < w.n && p[n] == w.p[n])
				n++;
			if (p[n] == ' ' && (w.n == n || n >= 4))
				return true;
		}
		p += n;
		while (*p++ != ' ')
			;
	}
	return false;
}

static unsigned
acts_of(struct str w)
{
	unsigned mask = 0;

	for (unsigned k = 0; k < ACTS; k++)
		if (w.n > 1 && stands_in(act_words[k], w))
			mask |= 1u << k;
	return mask;
}

struct hand {
	uint32_t keys[HAND_MAX];
	size_t n;
};

static void
put(struct hand *h, const char *what, unsigned number)
{
	char z[24];
	size_t n = 0;

	for (const char *p = what; n < sizeof(z) - 4 && *p != '\0'; p++)
		z[n++] = *p;
	z[n++] = (char)('0' + number / 10 % 10);
	z[n++] = (char)('0' + number % 10);
	z[n] = '\0';
	if (h->n < HAND_MAX)
		h->keys[h->n++] = linear_key_of(z);
}

/* Which acts stand near each other, in this order. */
static void
put_acts(struct hand *h, const struct str *w, size_t n)
{
	bool seen[ACTS][ACTS + 1] = { { false } };
	unsigned recent[REACH] = { 0 };

	for (size_t i = 0; i < n; i++) {
		unsigned mask = acts_of(w[i]);

		for (unsigned k = 0; k < ACTS && mask != 0; k++) {
			if (!(mask >> k & 1))
				continue;
			seen[k][ACTS] = true;
			for (size_t back = 0; back < REACH; back++)
				for (unsigned o = 0; o < ACTS; o++)
					if (recent[back] >> o & 1)
						seen[o][k] = true;
		}
		recent[i % REACH] = mask;
	}
	for (unsigned k = 0; k < ACTS; k++) {
		if (seen[k][ACTS])
			put(h, "act ", k);
		for (unsigned o = 0; o < ACTS; o++)
			if (seen[k][o])
				put(h, "acts ", k * 10 + o);
	}
}

static bool
is_you_are(struct str a, struct str b)
{
	static const char *const pairs[] = { "you are", "you re", "u are", "du bist", "sie sind", "tu es", "vous \303\252tes",
		"tu eres", "ahora eres", "voc\303\252 \303\251", "je bent", "tu sei", "sei ora", "act as", "you will", "you must",
		"i want", "repeat after", "do not", "must not", "du sollst", "ich m\303\266chte" };

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct str rest, first;

		if (pairs[i][0] != a.p[0])
			continue;
		first = str_cut(str_from(pairs[i]), ' ', &rest);
		if (str_eq(first, a) && str_eq(rest, b))
			return true;
	}
	return false;
}

static unsigned
log_of(size_t n)
{
	unsigned k = 0;

	while (n > 1) {
		n /= 2;
		k++;
	}
	return k;
}

static void
put_form(struct hand *h, const struct str *w, size_t n, struct str raw)
{
	size_t sentences = 0, quotes = 0, lines = 0, marks = 0, capitals = 0, word = 0, upper = 0, coded = 0, longest = 0;
	size_t colons = 0, english = 0, german = 0, addressed = 0;
	bool foreign = false;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		bool low = c >= 'a' && c <= 'z', up = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';

		sentences += (c == '.' || c == '?' || c == '!') && (i + 1 == raw.n || raw.p[i + 1] == ' ');
		quotes += c == '"';
		lines += c == '\n';
		colons += c == ':';
		marks += c == '<' || c == '{' || c == '[' || c == '`' || c == '#' || c == '|';
		foreign |= (unsigned char)c >= 0xd0;
		word = low || up ? word + 1 : 0;
		upper = up ? upper + 1 : 0;
		capitals += upper == 4;
		coded = low || up || digit || c == '+' || c == '/' || c == '=' ? coded + 1 : 0;
		longest = coded > longest ? coded : longest;
	}
	for (size_t i = 0; i < n; i++) {
		english += lang_is_stopword(STR("en"), w[i]);
		german += lang_is_stopword(STR("de"), w[i]);
		addressed += i > 0 && is_you_are(w[i - 1], w[i]);
	}
	put(h, "long ", log_of(n + 1));
	put(h, "sentences ", (unsigned)(sentences > 5 ? 5 : sentences));
	if (sentences > 1 && raw.n > 0 && raw.p[raw.n - 1] != '?')
		put(h, "told, not asked", 0);
	if (quotes > 0)
		put(h, "quotes", 0);
	if (lines > 0)
		put(h, "lines ", (unsigned)(lines > 3 ? 3 : lines));
	if (colons > 0)
		put(h, "colon", 0);
	if (marks > 0)
		put(h, "marks ", (unsigned)(marks > 3 ? 3 : marks));
	if (capitals > 0)
		put(h, "capitals ", (unsigned)(capitals > 3 ? 3 : capitals));
	if (longest >= LETTERS_CODED)
		put(h, "coded", 0);
	if (foreign)
		put(h, "script", 0);
	if (english >= 3 && german >= 3)
		put(h, "switch", 0);
	if (addressed > 0)
		put(h, "addressed ", (unsigned)(addressed > 2 ? 2 : addressed));
}

size_t
injection_keys(const struct str *words, size_t n, struct str raw, uint32_t *keys, size_t max)
{
	static const struct linear_shape shape = { 3, 3, 5 };
	struct hand h = { .n = 0 };
	size_t found, copies;

	found = linear_keys(words, n, shape, keys, max / 2);
	put_acts(&h, words, n);
	put_form(&h, words, n, raw);
	/* They weigh the same in a long text. */
	copies = 1 + (size_t)sqrtf((float)found) / 2;
	for (size_t c = 0; c < copies; c++)
		for (size_t i = 0; i < h.n && found < max; i++)
			keys[found++] = h.keys[i];
	return found;
}

int32_t
injection_ppm(const struct str *words, size_t n, struct str raw)
{
	uint32_t keys[LINEAR_KEYS];
	float logit[LINEAR_OUTPUTS];
	size_t found;

	if (n == 0)
		return 0;
	found = injection_keys(words, n, raw, keys, LINEAR_KEYS);
	linear_score(&injection_table, keys, found, logit);
	return linear_ppm(logit[0]);
}

struct str
injection_reason(const struct str *words, size_t n)
{
	unsigned mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= acts_of(words[i]);
	for (unsigned k = 0; k < ACTS; k++)
		if (mask >> k & 1 && act_said[k] != NULL)
			return str_from(act_said[k]);
	return STR("is worded like an instruction to the machine");
}
