/* SPDX-License-Identifier: Apache-2.0 */
/* complexity.c - how much is asked at once, what is still to be asked, how new it is, how it is felt. */
#include "nlu/senses.h"

#define MISSING_MAX 8

static bool
starts_question(struct str w)
{
	static const char *const list[] = { "how", "what", "when", "where", "why", "which", "who", "can", "could",
		"do", "does", "is", "are", "wie", "was", "wann", "wo", "warum", "welche", "kann", "ist", "gibt", "comment",
		"quand", "où", "pourquoi", "combien", "quel", "quelle", "est", "puis", "cómo", "cuándo", "dónde", "qué", "cuánto",
		"puedo", "como", "quando", "onde", "quanto", "posso", "qual", "come", "dove", "perché", "quale", "hoe", "wanneer",
		"waar", "waarom", "welke", "kan" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(w, list[i]))
			return true;
	return false;
}

static bool
joins_clauses(struct str w)
{
	static const char *const list[] = { "et", "mais", "y", "e", "pero", "también", "mas", "também", "ma", "anche", "en",
		"maar", "ook", "además", "aussi" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(w, list[i]))
			return true;
	return str_eqz(w, "and") || str_eqz(w, "also") || str_eqz(w, "but") || str_eqz(w, "und") ||
	    str_eqz(w, "ausserdem") || str_eqz(w, "aber") || str_eqz(w, "plus");
}

static bool
is_known(const struct perception *now, const struct history *h, struct str slot)
{
	if (perception_entity(now, slot) != NULL)
		return true;
	for (size_t i = 0; h != NULL && i < h->known_n; i++)
		if (str_eq(h->known[i], slot))
			return true;
	return false;
}

/* The slots that the intent's workflow asks for and nobody has said; those in `seen` were counted before. */
static void
count_missing(const struct policy *p, const struct perception *now, const struct history *h, int intent,
    struct str seen[MISSING_MAX], size_t *n)
{
	const struct action *then = &p->intents[intent].then;
	const struct workflow *w;

	if (then->kind != ACTION_WORKFLOW || then->target < 0)
		return;
	w = &p->workflows[then->target];
	for (size_t i = 0; i < w->steps_n && *n < MISSING_MAX; i++) {
		struct str slot = w->steps[i].slot;
		bool counted = w->steps[i].kind != STEP_ASK || is_known(now, h, slot);

		for (size_t k = 0; k < *n && !counted; k++)
			counted = str_eq(seen[k], slot);
		if (!counted)
			seen[(*n)++] = slot;
	}
}

size_t
entities_missing(const struct policy *p, const struct perception *now, const struct history *h)
{
	struct str seen[MISSING_MAX];
	size_t n = 0;

	if (now->p_n == 0 || now->unknown_ppm >= p->unknown_ppm)
		return 0;
	if (now->clauses_n == 0)
		count_missing(p, now, h, now->p[0].intent, seen, &n);
	for (size_t i = 0; i < now->clauses_n; i++)
		count_missing(p, now, h, now->clauses[i].intent, seen, &n);
	return n;
}

int32_t
complexity_of(const struct str *words, size_t n, struct str raw, size_t entities_n, size_t missing_n,
    int32_t unknown_ppm, const int32_t mood[MOOD_N])
{
	int64_t marks = 0, joined = 0, ppm = 0;
	bool run = false;

	for (size_t i = 0; i < raw.n && i < 16000; i++) {
		marks += raw.p[i] == '?' && !run;
		run = raw.p[i] == '?';
	}
	for (size_t i = 1; i + 1 < n; i++)
		joined += joins_clauses(words[i]) && starts_question(words[i + 1]);
	marks = marks + joined > 1 ? marks + joined - 1 : 0;
	ppm += (marks > 3 ? 3 : marks) * 150000;
	ppm += (int64_t)(n > 80 ? 80 : n) * 4000;
	ppm += (int64_t)(entities_n > 4 ? 4 : entities_n) * 25000;
	ppm += (int64_t)(missing_n > 4 ? 4 : missing_n) * 50000;	/* each is a turn more */
	ppm += unknown_ppm / 5;
	ppm += mood[MOOD_FRUSTRATION] / 10 + mood[MOOD_CONFUSION] / 10 + mood[MOOD_ANGER] / 20;
	return (int32_t)(ppm > PPM ? PPM : ppm);
}
