/* SPDX-License-Identifier: Apache-2.0 */
/* mood_set.c - reads GoEmotions. */
#include "mood_set.h"

#include "nlu/mood_model.h"
#include "text/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct fit_options mood_set_options = {
	.outputs = MOOD_MODEL_OUTPUTS, .bits = 15, .passes = 10, .rate = 0.1f, .decay = 1.5e-2f, .least = 3,
	.leave_out = -1,
};

static void
aim(float *t, uint32_t labels)
{
	bool pos = (labels & POSITIVE) != 0, neg = (labels & NEGATIVE) != 0;

	t[MOOD_MODEL_ANGER] = (labels & (BIT(ANGER))) != 0;
	t[MOOD_MODEL_ANNOYANCE] = (labels & BIT(ANNOYANCE)) != 0;
	t[MOOD_MODEL_DISAPPOINTMENT] = (labels & BIT(DISAPPOINTMENT)) != 0;
	t[MOOD_MODEL_CONFUSION] = (labels & BIT(CONFUSION)) != 0;
	t[MOOD_MODEL_GRATITUDE] = (labels & BIT(GRATITUDE)) != 0;
	t[MOOD_MODEL_FAMILY] = (labels & FAMILY) != 0;
	t[MOOD_MODEL_SENTIMENT] = pos == neg ? 0.5f : pos ? 1.0f : 0.0f;
}

struct mood_set
mood_set_read(const char *folder, const char *file)
{
	struct mood_set s = { 0 };
	char path[4096], *line = NULL;
	size_t room = 0, space = 0;
	ssize_t len;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "r");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while ((len = getline(&line, &space, f)) > 0) {
		struct arena *a = arena_new(0);
		char *tab = memchr(line, '\t', (size_t)len), *p;
		uint32_t labels = 0, *keys;
		struct str text;

		if (tab == NULL)
			continue;
		for (p = tab; *p == '\t' || *p == ',';) {
			unsigned long l = strtoul(p + 1, &p, 10);

			labels |= l < MOOD_SET_LABELS ? BIT(l) : 0;
			if (*p == '\t')
				break;
		}
		text = (struct str){ line, (size_t)(tab - line) };
		if (s.n == room) {
			room = room == 0 ? 1024 : room * 2;
			s.v = realloc(s.v, room * sizeof(*s.v));
			s.labels = realloc(s.labels, room * sizeof(*s.labels));
			s.text = realloc(s.text, room * sizeof(*s.text));
		}
		keys = malloc(LINEAR_KEYS * sizeof(*keys));
		s.labels[s.n] = labels;
		s.v[s.n] = (struct fit_sample){ .weight = 1, .fold = (int)(s.n % 5) };
		s.text[s.n] = (struct str){ strndup(text.p, text.n), text.n };
		{
			const struct str *words;
			size_t n;

			text_words(a, text, &words, &n);
			s.v[s.n].n = mood_model_keys(words, n, text, keys, LINEAR_KEYS);
		}
		s.v[s.n].keys = realloc(keys, (s.v[s.n].n + 1) * sizeof(*keys));
		aim(s.v[s.n].target, labels);
		s.n++;
		arena_free(&a);
	}
	free(line);
	(void)fclose(f);
	return s;
}
