/* SPDX-License-Identifier: Apache-2.0 */
/* mood_model.c - the keys of a mood: words, letters, signs. */
#include "nlu/mood_model.h"

#include "nlu/mood_model.inc"	/* mood_table */

size_t
mood_model_keys(const struct str *words, size_t n, struct str raw, uint32_t *keys, size_t max)
{
	static const struct linear_shape shape = { 2, 3, 5 };
	size_t bangs = 0, asks = 0, dots = 0, upper = 0, lower = 0, found;

	for (size_t i = 0; i < raw.n; i++) {
		bangs += raw.p[i] == '!';
		asks += raw.p[i] == '?';
		dots += raw.p[i] == '.' && i > 0 && raw.p[i - 1] == '.';
		upper += raw.p[i] >= 'A' && raw.p[i] <= 'Z';
		lower += raw.p[i] >= 'a' && raw.p[i] <= 'z';
	}
	found = linear_keys(words, n, shape, keys, max - 5);
	if (bangs > 0)
		keys[found++] = linear_key_of(bangs > 2 ? "!!!" : bangs > 1 ? "!!" : "!");
	if (asks > 0)
		keys[found++] = linear_key_of(asks > 1 ? "??" : "?");
	if (dots > 0)
		keys[found++] = linear_key_of("...");
	if (upper > 6 && upper > lower)
		keys[found++] = linear_key_of("CAPITALS");
	else if (upper * 4 > lower && upper > 3)
		keys[found++] = linear_key_of("Capitals");
	return found;
}

void
mood_model_score(const struct str *words, size_t n, struct str raw, float logit[MOOD_MODEL_OUTPUTS])
{
	uint32_t keys[LINEAR_KEYS];
	float all[LINEAR_OUTPUTS] = { 0 };
	size_t found = mood_model_keys(words, n, raw, keys, LINEAR_KEYS);

	linear_score(&mood_table, keys, found, all);
	for (size_t i = 0; i < MOOD_MODEL_OUTPUTS; i++)
		logit[i] = all[i];
}
