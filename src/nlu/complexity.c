/* SPDX-License-Identifier: Apache-2.0 */
/* complexity.c - how much is asked at once, how new it is, how it is felt. */
#include "nlu/senses.h"

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

int32_t
complexity_of(const struct str *words, size_t n, struct str raw, size_t entities_n,
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
	ppm += unknown_ppm / 5;
	ppm += mood[MOOD_FRUSTRATION] / 10 + mood[MOOD_CONFUSION] / 10 + mood[MOOD_ANGER] / 20;
	return (int32_t)(ppm > PPM ? PPM : ppm);
}
