/* SPDX-License-Identifier: Apache-2.0 */
/* mood.c - fits src/nlu/mood.bin.
 *
 *	train_mood GOEMOTIONS_FOLDER OUT.bin
 *
 * Reads train.tsv (text, labels, id) and says on dev.tsv how well it does.
 */
#include "fit.h"

#include "nlu/mood_model.h"
#include "text/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS 28

enum {
	ADMIRATION, AMUSEMENT, ANGER, ANNOYANCE, APPROVAL, CARING, CONFUSION, CURIOSITY, DESIRE, DISAPPOINTMENT,
	DISAPPROVAL, DISGUST, EMBARRASSMENT, EXCITEMENT, FEAR, GRATITUDE, GRIEF, JOY, LOVE, NERVOUSNESS, OPTIMISM,
	PRIDE, REALIZATION, RELIEF, REMORSE, SADNESS, SURPRISE, NEUTRAL
};
#define BIT(l) (UINT32_C(1) << (l))
#define FAMILY (BIT(ANGER) | BIT(ANNOYANCE) | BIT(DISAPPOINTMENT))
#define POSITIVE (BIT(ADMIRATION) | BIT(AMUSEMENT) | BIT(APPROVAL) | BIT(CARING) | BIT(DESIRE) | BIT(EXCITEMENT) | \
    BIT(GRATITUDE) | BIT(JOY) | BIT(LOVE) | BIT(OPTIMISM) | BIT(PRIDE) | BIT(RELIEF))
#define NEGATIVE (FAMILY | BIT(DISAPPROVAL) | BIT(DISGUST) | BIT(EMBARRASSMENT) | BIT(FEAR) | BIT(GRIEF) | \
    BIT(NERVOUSNESS) | BIT(REMORSE) | BIT(SADNESS))

struct set {
	struct fit_sample *v;
	uint32_t *labels;
	size_t n;
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

static struct set
read_set(const char *folder, const char *file)
{
	struct set s = { 0 };
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

			labels |= l < LABELS ? BIT(l) : 0;
			if (*p == '\t')
				break;
		}
		text = (struct str){ line, (size_t)(tab - line) };
		if (s.n == room) {
			room = room == 0 ? 1024 : room * 2;
			s.v = realloc(s.v, room * sizeof(*s.v));
			s.labels = realloc(s.labels, room * sizeof(*s.labels));
		}
		keys = malloc(LINEAR_KEYS * sizeof(*keys));
		s.labels[s.n] = labels;
		s.v[s.n] = (struct fit_sample){ .weight = 1, .fold = 0 };
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

static void
tell(const struct linear *m, const struct set *dev)
{
	static const struct {
		const char *name;
		unsigned output;
		uint32_t labels;
	} asked[] = {
		{ "anger", MOOD_MODEL_ANGER, BIT(ANGER) },
		{ "annoyance", MOOD_MODEL_ANNOYANCE, BIT(ANNOYANCE) },
		{ "disappointment", MOOD_MODEL_DISAPPOINTMENT, BIT(DISAPPOINTMENT) },
		{ "confusion", MOOD_MODEL_CONFUSION, BIT(CONFUSION) },
		{ "gratitude", MOOD_MODEL_GRATITUDE, BIT(GRATITUDE) },
		{ "anger + annoyance + disappointment", MOOD_MODEL_FAMILY, FAMILY },
		{ "anger + annoyance", MOOD_MODEL_FAMILY, BIT(ANGER) | BIT(ANNOYANCE) },
		{ "anger + annoyance + disgust", MOOD_MODEL_FAMILY, BIT(ANGER) | BIT(ANNOYANCE) | BIT(DISGUST) },
		{ "+ disappointment + disapproval + disgust", MOOD_MODEL_FAMILY, FAMILY | BIT(DISAPPROVAL) | BIT(DISGUST) },
		{ "positive", MOOD_MODEL_SENTIMENT, POSITIVE },
	};
	float *score = malloc(dev->n * sizeof(*score));
	bool *positive = malloc(dev->n * sizeof(*positive));

	for (size_t k = 0; k < sizeof(asked) / sizeof(asked[0]); k++) {
		double auroc, half;

		for (size_t i = 0; i < dev->n; i++) {
			float logit[LINEAR_OUTPUTS];

			linear_score(m, dev->v[i].keys, dev->v[i].n, logit);
			score[i] = logit[asked[k].output];
			positive[i] = (dev->labels[i] & asked[k].labels) != 0;
		}
		auroc = fit_auroc(score, positive, dev->n, &half);
		printf("%-42s %.4f +- %.4f\n", asked[k].name, auroc, half);
	}
}

int
main(int argc, char **argv)
{
	struct fit_options o = {
		.outputs = MOOD_MODEL_OUTPUTS, .bits = 15, .passes = 10, .rate = 0.1f, .decay = 1.5e-2f, .least = 3,
		.leave_out = -1,
	};
	struct set train, dev;
	struct linear m;

	if (argc < 3) {
		fprintf(stderr, "usage: train_mood GOEMOTIONS_FOLDER OUT.bin\n");
		return 2;
	}
	train = read_set(argv[1], "train.tsv");
	dev = read_set(argv[1], "dev.tsv");
	m = fit_linear(train.v, train.n, &o);
	tell(&m, &dev);
	if (!fit_write(&m, argv[2])) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
