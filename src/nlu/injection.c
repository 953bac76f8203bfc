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

/* Beginnings of words, the whole word where it is shorter than four letters.  Sorted: they are
 * found by their first two bytes. */
static const struct act_word {
	const char *text;
	size_t n;
	enum act act;
} act_words[] = {
	{ "abandon", 7, ACT_DISMISS }, { "above", 5, ACT_BEFORE }, { "act", 3, ACT_ROLE },
	{ "act\303\272a", 6, ACT_ROLE }, { "adesso", 6, ACT_NOW }, { "agis", 4, ACT_ROLE },
	{ "agora", 5, ACT_NOW }, { "ahora", 5, ACT_NOW }, { "ai", 2, ACT_MACHINE },
	{ "all", 3, ACT_ALL }, { "alle", 4, ACT_ALL }, { "alleen", 6, ACT_ONLY },
	{ "allem", 5, ACT_ALL }, { "alles", 5, ACT_ALL }, { "anterior", 8, ACT_BEFORE },
	{ "antes", 5, ACT_BEFORE }, { "antworte", 8, ACT_SAY },
	{ "anweisung", 9, ACT_INSTRUCTION }, { "any", 3, ACT_ALL },
	{ "assignment", 10, ACT_INSTRUCTION }, { "assistant", 9, ACT_MACHINE },
	{ "assistent", 9, ACT_MACHINE }, { "aufgabe", 7, ACT_INSTRUCTION },
	{ "auftrag", 7, ACT_INSTRUCTION }, { "auftr\303\244ge", 9, ACT_INSTRUCTION },
	{ "ausgeben", 8, ACT_SAY }, { "ausgezeichnet", 13, ACT_PRAISE },
	{ "avant", 5, ACT_BEFORE }, { "before", 6, ACT_BEFORE }, { "beforehand", 10, ACT_BEFORE },
	{ "bisherig", 8, ACT_BEFORE }, { "bot", 3, ACT_MACHINE }, { "bypass", 6, ACT_DISMISS },
	{ "character", 9, ACT_ROLE }, { "chatgpt", 7, ACT_MACHINE },
	{ "command", 7, ACT_INSTRUCTION }, { "comporta", 8, ACT_ROLE },
	{ "consigne", 8, ACT_INSTRUCTION }, { "dan", 3, ACT_ROLE }, { "davor", 5, ACT_BEFORE },
	{ "developer", 9, ACT_ROLE }, { "di", 2, ACT_SAY }, { "dimentic", 8, ACT_DISMISS },
	{ "directive", 9, ACT_INSTRUCTION }, { "direktive", 9, ACT_INSTRUCTION },
	{ "dis", 3, ACT_SAY }, { "display", 7, ACT_SAY }, { "disregard", 9, ACT_DISMISS },
	{ "done", 4, ACT_PRAISE }, { "eerder", 6, ACT_BEFORE }, { "einfach", 7, ACT_ONLY },
	{ "escreva", 7, ACT_SAY }, { "escribe", 7, ACT_SAY }, { "esque", 5, ACT_DISMISS },
	{ "everything", 10, ACT_ALL }, { "exactly", 7, ACT_ONLY }, { "excellent", 9, ACT_PRAISE },
	{ "fais", 4, ACT_ROLE }, { "fantastic", 9, ACT_PRAISE }, { "filter", 6, ACT_MACHINE },
	{ "finge", 5, ACT_ROLE }, { "forget", 6, ACT_DISMISS }, { "formulier", 9, ACT_SAY },
	{ "fungier", 7, ACT_ROLE }, { "gemacht", 7, ACT_PRAISE }, { "generier", 8, ACT_SAY },
	{ "gib", 3, ACT_SAY }, { "gpt", 3, ACT_MACHINE }, { "great", 5, ACT_PRAISE },
	{ "guideline", 9, ACT_INSTRUCTION }, { "gut", 3, ACT_PRAISE }, { "headline", 8, ACT_SAY },
	{ "henceforth", 10, ACT_NOW }, { "ignor", 5, ACT_DISMISS }, { "imagina", 7, ACT_ROLE },
	{ "imagine", 7, ACT_ROLE }, { "impersonat", 10, ACT_ROLE },
	{ "instruccion", 11, ACT_INSTRUCTION }, { "instructie", 10, ACT_INSTRUCTION },
	{ "instruction", 11, ACT_INSTRUCTION }, { "instruktion", 11, ACT_INSTRUCTION },
	{ "instru\303\247", 8, ACT_INSTRUCTION }, { "istruzion", 9, ACT_INSTRUCTION },
	{ "jailbr", 6, ACT_ROLE }, { "jetzt", 5, ACT_NOW }, { "just", 4, ACT_ONLY },
	{ "ki", 2, ACT_MACHINE }, { "lediglich", 9, ACT_ONLY }, { "linux", 5, ACT_ROLE },
	{ "llama", 5, ACT_MACHINE }, { "llm", 3, ACT_MACHINE }, { "maintenant", 10, ACT_NOW },
	{ "missachte", 9, ACT_DISMISS }, { "model", 5, ACT_MACHINE }, { "negeer", 6, ACT_DISMISS },
	{ "nice", 4, ACT_PRAISE }, { "now", 3, ACT_NOW }, { "nu", 2, ACT_NOW },
	{ "nun", 3, ACT_NOW }, { "nur", 3, ACT_ONLY }, { "obig", 4, ACT_BEFORE },
	{ "olvid", 5, ACT_DISMISS }, { "only", 4, ACT_ONLY }, { "opdracht", 8, ACT_INSTRUCTION },
	{ "openai", 6, ACT_MACHINE }, { "oubli", 5, ACT_DISMISS }, { "output", 6, ACT_SAY },
	{ "overlook", 8, ACT_DISMISS }, { "overrid", 7, ACT_DISMISS },
	{ "perfect", 7, ACT_PRAISE }, { "persona", 7, ACT_ROLE }, { "playing", 7, ACT_ROLE },
	{ "policy", 6, ACT_MACHINE }, { "precedent", 9, ACT_BEFORE },
	{ "preceding", 9, ACT_BEFORE }, { "pretend", 7, ACT_ROLE }, { "previous", 8, ACT_BEFORE },
	{ "prima", 5, ACT_BEFORE }, { "print", 5, ACT_SAY }, { "prior", 5, ACT_BEFORE },
	{ "prompt", 6, ACT_INSTRUCTION }, { "pr\303\251c\303\251dent", 11, ACT_BEFORE },
	{ "repeat", 6, ACT_SAY }, { "reply", 5, ACT_SAY }, { "respond", 7, ACT_SAY },
	{ "restriction", 11, ACT_MACHINE }, { "role", 4, ACT_ROLE }, { "roleplay", 8, ACT_ROLE },
	{ "rolle", 5, ACT_ROLE }, { "sag", 3, ACT_SAY }, { "sage", 4, ACT_SAY },
	{ "sagen", 5, ACT_SAY }, { "say", 3, ACT_SAY }, { "schreib", 7, ACT_SAY },
	{ "schrijf", 7, ACT_SAY }, { "scrivi", 6, ACT_SAY }, { "seulement", 9, ACT_ONLY },
	{ "simulat", 7, ACT_ROLE }, { "solamente", 9, ACT_ONLY }, { "solo", 4, ACT_ONLY },
	{ "somente", 7, ACT_ONLY }, { "spell", 5, ACT_SAY }, { "spiele", 6, ACT_ROLE },
	{ "spielst", 7, ACT_ROLE }, { "stell", 5, ACT_ROLE }, { "super", 5, ACT_PRAISE },
	{ "system", 6, ACT_MACHINE }, { "task", 4, ACT_INSTRUCTION }, { "tell", 4, ACT_SAY },
	{ "terminal", 8, ACT_ROLE }, { "thoughts", 8, ACT_ALL }, { "todas", 5, ACT_ALL },
	{ "todo", 4, ACT_ALL }, { "todos", 5, ACT_ALL }, { "toll", 4, ACT_PRAISE },
	{ "tout", 4, ACT_ALL }, { "toutes", 6, ACT_ALL }, { "translat", 8, ACT_SAY },
	{ "tudo", 4, ACT_ALL }, { "tutte", 5, ACT_ALL }, { "tutto", 5, ACT_ALL },
	{ "vergeet", 7, ACT_DISMISS }, { "vergess", 7, ACT_DISMISS },
	{ "vergesst", 8, ACT_DISMISS }, { "vergiss", 7, ACT_DISMISS },
	{ "vorangegangen", 13, ACT_BEFORE }, { "vorgabe", 7, ACT_INSTRUCTION },
	{ "vorher", 6, ACT_BEFORE }, { "vorherig", 8, ACT_BEFORE }, { "vorherige", 9, ACT_BEFORE },
	{ "vorige", 6, ACT_BEFORE }, { "vorstell", 8, ACT_ROLE }, { "well", 4, ACT_PRAISE },
	{ "whole", 5, ACT_ALL }, { "wiederhol", 9, ACT_SAY }, { "write", 5, ACT_SAY },
	{ "wunderbar", 9, ACT_PRAISE }, { "zaborav", 7, ACT_DISMISS }, { "zeg", 3, ACT_SAY },
	{ "zeig", 4, ACT_SAY }, { "zuvor", 5, ACT_BEFORE }, { "\303\251cris", 6, ACT_SAY },
	{ "\320\267\320\260\320\261\321\203\320\264", 10, ACT_DISMISS },
	{ "\320\270\320\275\321\201\321\202\321\200\321\203\320\272\321\206", 16, ACT_INSTRUCTION },
};
#define ACT_WORDS (sizeof(act_words) / sizeof(act_words[0]))
#define BEGINNING 4		/* letters */

static const char *const act_said[ACTS] = {
	[ACT_DISMISS] = "dismisses what was said before", [ACT_INSTRUCTION] = "speaks of instructions",
	[ACT_ROLE] = "hands out a role", [ACT_MACHINE] = "speaks to a machine",
};

/* The first two bytes as a number of the same order. */
static unsigned
first_two(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static unsigned
acts_of(struct str w)
{
	size_t lo = 0, hi = ACT_WORDS;
	unsigned mask = 0, two = w.n > 1 ? first_two(w.p) : 0;

	while (w.n > 1 && lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (first_two(act_words[mid].text) < two)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; w.n > 1 && lo < ACT_WORDS && first_two(act_words[lo].text) == two; lo++) {
		const struct act_word *a = &act_words[lo];

		if ((w.n == a->n || (w.n > a->n && a->n >= BEGINNING)) && memcmp(a->text, w.p, a->n) == 0)
			mask |= 1u << a->act;
	}
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
	size_t sentences = 0, quotes = 0, lines = 0, marks = 0, capitals = 0, upper = 0, coded = 0, longest = 0;
	size_t colons = 0, english = 0, german = 0, addressed = 0;
	bool foreign = false;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		bool low = c >= 'a' && c <= 'z', up = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';

		if (low) {	/* most are */
			upper = 0;
			coded++;
			longest = coded > longest ? coded : longest;
			continue;
		}
		sentences += (c == '.' || c == '?' || c == '!') && (i + 1 == raw.n || raw.p[i + 1] == ' ');
		quotes += c == '"';
		lines += c == '\n';
		colons += c == ':';
		marks += c == '<' || c == '{' || c == '[' || c == '`' || c == '#' || c == '|';
		foreign |= (unsigned char)c >= 0xd0;
		upper = up ? upper + 1 : 0;
		capitals += upper == 4;
		coded = up || digit || c == '+' || c == '/' || c == '=' ? coded + 1 : 0;
		longest = coded > longest ? coded : longest;
	}
	for (size_t i = 0; i < n; i++) {
		english += english < 3 && lang_is_stopword(STR("en"), w[i]);
		addressed += i > 0 && is_you_are(w[i - 1], w[i]);
	}
	for (size_t i = 0; english >= 3 && german < 3 && i < n; i++)
		german += lang_is_stopword(STR("de"), w[i]);
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
