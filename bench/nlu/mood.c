/* SPDX-License-Identifier: Apache-2.0 */
/* mood.c - how well moods are told apart, on GoEmotions' dev split.
 *
 *	nlu_mood DATA [ENCODER]	of DATA/goemotions: area under the ROC curve, with its 95 % interval
 *	nlu_mood - [ENCODER]	moods and logits of the lines of standard input
 *
 * ENCODER: a name or a path, as `baton encoder list` has them; none: words alone.
 * Standard output has one line of JSON for bench/nlu/run, standard error every mood.  Always the dev split.
 * Of the moods as perceive records them for a message by itself; the model was learned on train.tsv.
 * The anger family is anger, annoyance and disappointment: the moods that this desk has.
 */
#include "fit.h"

#include "nlu/mood_model.h"
#include "nlu/senses.h"
#include "text/tokens.h"
#include "vec/encoder.h"
#include "vec/encoder_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANGER = 2, ANNOYANCE = 3, CONFUSION = 6, DISAPPOINTMENT = 9, DISAPPROVAL = 10, DISGUST = 11, GRATITUDE = 15 };
#define BIT(l) (UINT32_C(1) << (l))
#define FAMILY (BIT(ANGER) | BIT(ANNOYANCE) | BIT(DISAPPOINTMENT))
#define DISPLEASED MOOD_N

struct case_ {
	struct mood_reading mood;
	uint32_t labels;
};

static float
score_of(const struct mood_reading *m, int mood)
{
	float left = 1;

	if (mood != DISPLEASED)
		return (float)m->ppm[mood];
	left *= 1 - (float)m->ppm[MOOD_ANGER] / PPM;
	left *= 1 - (float)m->ppm[MOOD_ANNOYANCE] / PPM;
	left *= 1 - (float)m->ppm[MOOD_DISAPPOINTMENT] / PPM;
	return 1 - left;
}

static void
tell(const struct case_ *v, size_t n, const char *name, int mood, uint32_t labels)
{
	float *score = calloc(n, sizeof(*score));
	bool *positive = calloc(n, sizeof(*positive));
	double auroc, half;

	if (score == NULL || positive == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		score[i] = score_of(&v[i].mood, mood);
		positive[i] = (v[i].labels & labels) != 0;
	}
	auroc = fit_auroc(score, positive, n, &half);
	fprintf(stderr, "%-52s %.3f +- %.3f\n", name, auroc, half);
	if (labels == FAMILY)
		printf("{\"row\": \"mood\", \"value\": %.5f, \"low\": %.5f, \"high\": %.5f, \"n\": %zu, "
		    "\"note\": \"anger, annoyance, disappointment\"}\n", auroc, auroc - half, auroc + half, n);
	free(score);
	free(positive);
}

static void
read_line(const struct encoder *e, struct str text, bool loud, struct arena *a, struct mood_reading *out)
{
	const struct str *words;
	struct sentence sentence = { 0 };
	float v[ENCODER_WIDTH_MAX];
	size_t n;

	text_words(a, text, &words, &n);
	if (e != NULL) {
		encoder_embed(e, a, text, v);
		sentence = (struct sentence){ v, encoder_info_of(e)->width, encoder_info_of(e)->source };
	}
	mood_of(words, n, text, &sentence, out);
	if (loud) {
		float logit[MOOD_MODEL_OUTPUTS];

		mood_model_score(words, n, text, logit);
		for (int i = 0; i < MOOD_N; i++)
			printf("%.4s %3d ", mood_name[i], out->ppm[i] / 10000);
		printf("%+4d |", out->sentiment_ppm / 10000);
		for (int i = 0; i < MOOD_MODEL_OUTPUTS; i++)
			printf(" %5.1f", (double)logit[i]);
		printf(" | %.*s\n", STR_ARG(text));
	}
}

static struct encoder *
open_encoder(const char *name)
{
	char path[ENCODER_PATH_MAX];
	struct encoder *e = NULL;
	struct fault f = { 0 };

	if (encoder_find(NULL, str_from(name), path, &f) != E_OK || encoder_open(path, KERNEL_BEST, &e, &f) != E_OK) {
		fprintf(stderr, "%s\n", f.text);
		exit(1);
	}
	return e;
}

int
main(int argc, char **argv)
{
	struct encoder *e = argc > 2 ? open_encoder(argv[2]) : NULL;
	char path[4096], *line = NULL;
	size_t space = 0, n = 0;
	ssize_t len;
	bool loud = argc > 1 && strcmp(argv[1], "-") == 0;
	struct case_ *v = calloc(100000, sizeof(*v));
	FILE *f;

	if (argc < 2 || v == NULL) {
		fprintf(stderr, "usage: nlu_mood DATA|- [ENCODER]\n");
		return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/goemotions/dev.tsv", argv[1]);
	f = loud ? stdin : fopen(path, "r");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	while ((len = getline(&line, &space, f)) > 0 && n < 100000) {
		struct arena *a = arena_new((size_t)32 << 20);
		char *p = memchr(line, loud ? '\n' : '\t', (size_t)len);

		if (p != NULL) {
			read_line(e, (struct str){ line, (size_t)(p - line) }, loud, a, &v[n].mood);
			while (!loud && (*p == '\t' || *p == ',')) {
				unsigned long l = strtoul(p + 1, &p, 10);

				v[n].labels |= l < 32 ? BIT(l) : 0;
				if (*p == '\t')
					break;
			}
			n++;
		}
		arena_free(&a);
	}
	encoder_unref(&e);
	if (loud)
		return 0;
	tell(v, n, "anger family: anger, annoyance, disappointment", DISPLEASED, FAMILY);
	tell(v, n, "anger, annoyance", DISPLEASED, BIT(ANGER) | BIT(ANNOYANCE));
	tell(v, n, "anger, annoyance, disapproval (Ekman's anger)", DISPLEASED, BIT(ANGER) | BIT(ANNOYANCE) | BIT(DISAPPROVAL));
	tell(v, n, "anger", MOOD_ANGER, BIT(ANGER));
	tell(v, n, "annoyance", MOOD_ANNOYANCE, BIT(ANNOYANCE));
	tell(v, n, "disappointment", MOOD_DISAPPOINTMENT, BIT(DISAPPOINTMENT));
	tell(v, n, "confusion", MOOD_CONFUSION, BIT(CONFUSION));
	tell(v, n, "gratitude", MOOD_GRATITUDE, BIT(GRATITUDE));
	return 0;
}
