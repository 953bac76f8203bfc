/* SPDX-License-Identifier: Apache-2.0 */
/* mood.c - fits src/nlu/mood.bin.
 *
 *	train_mood GOEMOTIONS_FOLDER OUT.bin
 *
 * Reads train.tsv (text, labels, id) and says on dev.tsv how well it does.
 */
#include "mood_set.h"

#include "nlu/mood_model.h"

#include <stdio.h>
#include <stdlib.h>

static void
tell(const struct linear *m, const struct mood_set *dev)
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
	struct mood_set train, dev;
	struct linear m;

	if (argc < 3) {
		fprintf(stderr, "usage: train_mood GOEMOTIONS_FOLDER OUT.bin\n");
		return 2;
	}
	train = mood_set_read(argv[1], "train.tsv");
	dev = mood_set_read(argv[1], "dev.tsv");
	m = fit_linear(train.v, train.n, &mood_set_options);
	tell(&m, &dev);
	if (!fit_write(&m, argv[2])) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
