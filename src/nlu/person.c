/* SPDX-License-Identifier: Apache-2.0 */
/* person.c - does the customer want a person?
 *
 * A verb of contact near a word for a person, a want near a sure word, or a
 * message that is little more than such a word.  A person who is talked about
 * ("the agent who told me") is no wish.  Other languages: whole phrases.
 */
#include "nlu/lexicon.h"
#include "nlu/senses.h"

#define HITS_MAX 96
#define REACH 7		/* words between verb and person */

static bool
is_one_of(struct str w, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(w, list[i]))
			return true;
	return false;
}
#define ONE_OF(w, list) is_one_of((w), (list), sizeof(list) / sizeof((list)[0]))

/* "the person who delivered", "an agent told me", "der Mitarbeiter hat gesagt" */
static bool
is_talked_about(const struct str *w, size_t n, const struct lexicon_hit *h)
{
	static const char *const after[] = { "who", "that", "which", "said", "told", "promised", "did", "didnt",
		"was", "wasnt", "were", "has", "had", "hung", "at", "from", "whose", "cancelled", "sent",
		"gave", "claimed", "claims", "says", "delivered", "stole", "der", "die", "das", "hat", "hatte",
		"sagte", "meinte", "war", "versprach", "vom", "im", "kam", "number", "data", "size", "sizes", "gave", "left",
		"rights", "wrote", "schrieb", "confirmed", "m", "qui", "avait", "dit", "promis", "me", "que", "dijo", "dijeron",
		"disse", "mi", "che", "zei", "heeft", "had", "sa", "sade", "som", "lovade", "powiedział", "powiedziała",
		"który", "która", "mi", "mówił", "dedi", "söyledi", "söz", "сказал", "сказала", "который", "обещал", "قال",
		"قالت", "الذي", "ne", "nie", "napisał", "написал", "escreveu", "escribió", "scritto", "écrit" };
	static const char *const before[] = { "delivery", "last", "previous", "travel", "insurance",
		"other", "another", "third", "wrong", "per", "each", "every", "one", "two", "same", "estate", "first",
		"cleaning", "by", "from", "for", "letzte", "letzter", "andere", "dass",
		"pro", "jede", "which", "size", "user", "von", "für", "vom", "par", "autre", "même", "otro", "otra", "por",
		"outro", "outra", "altro", "altra", "andere", "door", "elke", "annan", "av", "inny", "każdy", "przez", "başka",
		"другой", "другому", "каждый" };
	size_t next = h->at + h->n;

	if (next < n && ONE_OF(w[next], after))
		return true;
	return h->at > 0 && ONE_OF(w[h->at - 1], before);
}

/* "somebody from your team", "jemand aus eurem Laden": one of ours. The index
 * after it, or 0. */
static size_t
end_of_ours(const struct str *w, size_t n, const struct lexicon_hit *h)
{
	static const char *const of[] = { "from", "of", "in", "at", "on", "aus", "von", "vom", "bei", "im" };
	static const char *const us[] = { "team", "staff", "shop", "store", "support", "service", "company", "desk",
		"office", "side", "end", "crew", "laden", "geschäft", "kundenservice", "kundendienst",
		"support", "firma", "büro", "you", "yours", "euch", "ihnen" };
	size_t at = h->at + h->n;

	if (at >= n || !ONE_OF(w[at], of))
		return 0;
	for (size_t i = at + 1; i < n && i <= at + 3; i++)
		if (ONE_OF(w[i], us))
			return i + 1;
	return 0;
}

/* Said of a person of ours who did something: "somebody from your team told me". */
static bool
is_told_of_ours(const struct str *w, size_t n, size_t end)
{
	static const char *const did[] = { "said", "told", "promised", "did", "didnt", "was", "wasnt", "has", "had",
		"called", "rang", "wrote", "sent", "gave", "claimed", "says", "already", "hat", "hatte", "sagte",
		"meinte", "war", "rief", "schrieb", "versprach" };

	return end < n && ONE_OF(w[end], did);
}

/* A negation or a past close before the verb: "i dont want to talk to", "i did talk". */
static bool
is_refused(const struct str *w, size_t n, size_t at)
{
	static const char *const no[] = { "dont", "not", "no", "never", "didnt", "wont", "did", "nicht", "kein", "keinen",
		"without", "nie", "ohne", "neither", "doesnt", "pas", "niet", "inte", "не", "لا", "مو", "مش", "fick",
		"fått" };
	static const char *const question[] = { "why", "warum", "wieso", "cant", "kann" };

	static const char *const no_more[] = { "istemiyorum", "istemiyoruz", "istemem" };
	static const char *const anew[] = { "let", "can", "could", "please", "i", "just", "so", "ich", "bitte", "kann",
		"je", "quiero", "quero", "voglio", "vorrei", "ik" };
	static const char *const want[] = { "chcę", "chce", "chciałbym", "chciałabym", "vill", "хочу", "أريد", "اريد" };

	if (ONE_OF(w[at], want))
		return at > 0 && ONE_OF(w[at - 1], no);
	/* Turkish says it last. */
	for (size_t i = at + 1; i < n && i <= at + 2; i++)
		if (ONE_OF(w[i], no_more))
			return true;
	for (size_t back = 1; back <= 4 && back <= at; back++) {
		/* "not working, i want to": only what stands right before the want denies it. */
		if (ONE_OF(w[at - back], want))
			return at > back && ONE_OF(w[at - back - 1], no);
		/* "this is not working, let me talk to": another clause began. */
		if (ONE_OF(w[at - back], anew) && !(at > back && ONE_OF(w[at - back - 1], question)))
			return false;
		if (ONE_OF(w[at - back], no)) {
			for (size_t more = back + 1; more <= back + 2 && more <= at; more++)
				if (ONE_OF(w[at - more], question))
					return false;
			return true;
		}
	}
	return false;
}

/* "get me somebody", "hol mir jemanden": fetching words right before, and not
 * "get somebody else", "get someone to collect it". */
static bool
is_fetched(const struct str *w, size_t n, const struct lexicon_hit *h)
{
	static const char *const fetch[] = { "get", "fetch", "bring", "find", "gimme", "give", "hol", "holt", "holen",
		"gib", "gebt", "geben" };
	static const char *const between[] = { "me", "us", "in", "mir", "uns", "sie", "bitte", "please", "over", "mal",
		"a", "einen", "eine" };
	static const char *const help[] = { "help", "look", "talk", "speak", "call", "ring", "phone", "answer",
		"explain", "sort", "contact", "chat" };
	size_t at = h->at, next = h->at + h->n;

	if (next < n && (str_eqz(w[next], "else") || str_eqz(w[next], "anders") || str_eqz(w[next], "anderen")))
		return false;
	if (next + 1 < n && str_eqz(w[next], "to") && !ONE_OF(w[next + 1], help))
		return false;
	while (at > 0 && ONE_OF(w[at - 1], between) && h->at - at < 3)
		at--;
	return at > 0 && ONE_OF(w[at - 1], fetch) && !is_refused(w, n, at - 1);
}

/* "your agent", "min chef": somebody's, not one to be fetched. */
static bool
is_theirs(const struct str *w, size_t at)
{
	static const char *const list[] = { "my", "min", "mein", "meinem", "meinen", "meine", "mijn", "мой", "моему",
		"моего", "mojego", "mój", "your", "ihr", "euer", "eure", "ihre", "the", "der", "die", "votre", "vos", "le", "l", "el", "su", "o", "il", "lo",
		"de", "jullie", "uw" };

	return at > 0 && ONE_OF(w[at - 1], list);
}

/* "i dont want to talk to a bot", "sick of this chatbot", "robot değil" */
static bool
is_unwanted_bot(const struct str *w, size_t n, size_t at)
{
	static const char *const behind[] = { "istemiyorum", "istemiyoruz", "istemem", "değil" };
	static const char *const list[] = { "dont", "not", "no", "hate", "sick", "tired", "stop", "instead",
		"without", "nicht", "kein", "keinen", "keine", "keinem", "keiner", "hasse", "statt", "ohne", "enough",
		"rather", "inte", "ingen", "inga", "istället", "nie", "żadnych", "zamiast", "не", "без", "вместо", "хватит",
		"لا", "مو", "مش", "ليس", "بدون", "مابي", "مابغى" };

	for (size_t i = at + 1; i < n && i <= at + 2; i++)
		if (ONE_OF(w[i], behind))
			return true;
	for (size_t back = 1; back <= 7 && back <= at; back++)
		if (ONE_OF(w[at - back], list))
			return true;
	return false;
}

/* "rozmawiałem z konsultantem": it was done, and is told. */
static bool
was_done(const struct str *w, size_t n, const struct lexicon_hit *h)
{
	static const char *const with[] = { "med", "z", "ze", "с", "со", "مع" };
	static const char *const did[] = { "pratade", "pratat", "talade", "talat", "snackade", "snackat", "rozmawiałem",
		"rozmawiałam", "rozmawialiśmy", "gadałem", "gadałam", "говорил", "говорила", "разговаривал",
		"разговаривала", "общался", "общалась", "تحدثت", "تكلمت", "حكيت" };
	static const char *const done[] = { "konuştum", "görüştüm", "yazdım", "konuştuk", "görüştük" };
	size_t next = h->at + h->n;

	if (next < n && ONE_OF(w[next], done))
		return true;
	if (!ONE_OF(w[h->at], with) && (h->at == 0 || !ONE_OF(w[h->at - 1], with)))
		return false;
	for (size_t back = 1; back <= 3 && back <= h->at; back++)
		if (ONE_OF(w[h->at - back], did))
			return true;
	return false;
}

static size_t
gap(const struct lexicon_hit *a, const struct lexicon_hit *b)
{
	size_t a_end = a->at + a->n, b_end = b->at + b->n;

	if (a_end <= b->at)
		return b->at - a_end;
	return b_end <= a->at ? a->at - b_end : 0;
}

static bool
asks_who_this_is(const struct str *w, size_t n, size_t at)
{
	static const char *const who[] = { "are", "r", "is", "am", "bist", "ist", "sind", "är", "er", "ben" };
	static const char *const you[] = { "you", "u", "this", "i", "du", "sie", "das", "ni", "je" };
	static const char *const you_are[] = { "jesteś", "jestes", "jesteście", "ты", "вы", "أنت", "انت", "إنت" };
	static const char *const are_you[] = { "mısın", "misin", "mısınız", "misiniz" };

	for (size_t back = 1; back <= 2 && back <= at; back++)
		if (ONE_OF(w[at - back], you_are))
			return true;
	if (at + 1 < n && ONE_OF(w[at + 1], are_you))
		return true;
	for (size_t i = at > 6 ? at - 6 : 0; i + 1 < at; i++)
		if (ONE_OF(w[i], who) && ONE_OF(w[i + 1], you))
			return true;
	return false;
}

/* "can someone tell me where": somebody is not asked for, an answer is. */
static bool
is_contact_weak(struct str verb)
{
	static const char *const list[] = { "reach", "contact", "phone", "call", "escalate", "anrufen", "transfer",
		"ring", "melden", "zurückrufen" };

	return ONE_OF(verb, list);
}

static int32_t
wish_of_noun(const struct str *w, size_t n, const struct lexicon_hit *hits, size_t found,
    const struct lexicon_hit *noun)
{
	size_t ours = end_of_ours(w, n, noun);
	bool sure = noun->phrase->kind == LEX_NOUN || ours > 0, refused = false;
	int32_t best = 0;

	if (asks_who_this_is(w, n, noun->at) || was_done(w, n, noun))
		return 0;
	if (!sure && is_fetched(w, n, noun))
		return 850000;
	if (ours > 0 ? is_told_of_ours(w, n, ours) : is_talked_about(w, n, noun))
		return 0;
	for (size_t i = 0; i < found; i++)
		refused |= hits[i].phrase->kind == LEX_CONTACT && gap(&hits[i], noun) <= REACH &&
		    is_refused(w, n, hits[i].at);
	for (size_t i = 0; i < found; i++) {
		const struct lexicon_hit *v = &hits[i];
		int32_t p = 0;

		if (gap(v, noun) > REACH || (v->at == noun->at && v->n <= noun->n))
			continue;
		/* "no agent to talk to, i want the number": the want is of something else. */
		if (refused && v->at > noun->at)
			continue;
		if (v->phrase->kind == LEX_CONTACT && (sure || !is_contact_weak(w[v->at])))
			p = sure ? 950000 : 900000;
		else if (v->phrase->kind == LEX_CONTACT)
			p = 650000;
		else if (v->phrase->kind == LEX_WANT && sure && gap(v, noun) <= 5 &&
		    !is_theirs(w, noun->at))
			p = 850000;
		else if (v->phrase->kind == LEX_WANT && gap(v, noun) <= 2 &&
		    str_eqz(w[noun->at], "person"))
			p = 750000;
		if (p > best && !is_refused(w, n, v->at))
			best = p;
	}
	if (n <= noun->n + 2 && best < 850000 && !is_theirs(w, noun->at) && (sure || str_eqz(w[noun->at], "person")) &&
	    !is_refused(w, n, noun->at))
		best = 850000;
	return best;
}

int32_t
person_wish(const struct str *words, size_t n)
{
	struct lexicon_hit hits[HITS_MAX];
	size_t found = lexicon_find(words, n, hits, HITS_MAX);
	int32_t best = 0;

	for (size_t i = 0; i < found; i++) {
		enum lexicon_kind k = hits[i].phrase->kind;
		int32_t p = 0;

		if (k == LEX_PERSON && !is_refused(words, n, hits[i].at) && !was_done(words, n, &hits[i]))
			p = hits[i].phrase->ppm;
		else if (k == LEX_BOT && is_unwanted_bot(words, n, hits[i].at))
			p = 850000;
		else if (k == LEX_NOUN || k == LEX_WEAK)
			p = wish_of_noun(words, n, hits, found, &hits[i]);
		if (p > best)
			best = p;
	}
	return best;
}
