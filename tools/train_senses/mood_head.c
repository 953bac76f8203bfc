/* SPDX-License-Identifier: Apache-2.0 */
/* mood_head.c - fits a head of src/nlu/mood_head.c: moods from an encoder's vectors.
 *
 *	train_mood_head GOEMOTIONS_FOLDER FILE.encoder NAME > src/nlu/NAME.inc
 *
 * Reads train.tsv alone.  What the words say is said by tables that had not seen the
 * comment (five folds), so the head learns how far to trust them; it says on standard
 * error what words and both are worth on a fold that the head had not seen either.
 */
#include "mood_set.h"

#include "nlu/dense.h"
#include "nlu/mood_model.h"
#include "vec/encoder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT MOOD_MODEL_OUTPUTS
#define FOLDS 5
#define L2 1000.0f
/* The shares that are below the two points where both logits meet: of a mood its upper end counts, of a
 * sentiment both. */
#define MOOD_POINTS { 0.90, 0.99 }
#define SENTIMENT_POINTS { 0.10, 0.90 }

struct work {
	struct mood_set set;
	struct arena *a;
	size_t width, all;	/* of the vector; with the words' logits */
	float *x, *z;		/* n x all; scaled */
	struct dense_scale scale;
	float weight[OUT][ENCODER_WIDTH_MAX + OUT], bias[OUT];
};

static void
embed_all(struct work *w, const struct encoder *e)
{
	for (size_t i = 0; i < w->set.n; i++) {
		struct arena *a = arena_new((size_t)32 << 20);

		encoder_embed(e, a, w->set.text[i], w->x + i * w->all);
		arena_free(&a);
	}
}

static void
read_words(struct work *w)
{
	for (int k = 0; k < FOLDS; k++) {
		struct fit_options o = mood_set_options;
		struct linear m;

		o.leave_out = k;
		m = fit_linear(w->set.v, w->set.n, &o);
		for (size_t i = 0; i < w->set.n; i++) {
			float logit[LINEAR_OUTPUTS];

			if (w->set.v[i].fold != k)
				continue;
			linear_score(&m, w->set.v[i].keys, w->set.v[i].n, logit);
			memcpy(w->x + i * w->all + w->width, logit, OUT * sizeof(float));
		}
	}
}

/* A regression on what is sure by half is one on two points of half the weight. */
static void
fit_output(struct work *w, size_t output, int leave_out)
{
	const struct dense_options o = { .l2 = 2 * L2, .tolerance = 1e-6f, .steps_max = 200 };
	struct arena *a = arena_new((size_t)2 << 30), *scratch = arena_new((size_t)2 << 30);
	struct dense_point *v = arena_array(a, struct dense_point, 2 * w->set.n);
	struct dense d;

	for (size_t i = 0; i < w->set.n; i++) {
		float target = w->set.v[i].target[output], whole = w->set.v[i].fold != leave_out;

		v[2 * i] = (struct dense_point){ w->z + i * w->all, 0, (1 - target) * whole };
		v[2 * i + 1] = (struct dense_point){ w->z + i * w->all, 1, target * whole };
	}
	dense_train(a, scratch, v, 2 * w->set.n, 2, w->all, &o, &d);
	w->bias[output] = d.bias[1] - d.bias[0];
	for (size_t j = 0; j < w->all; j++) {
		float by = (d.weight[j * d.padded + 1] - d.weight[j * d.padded]) * w->scale.inverse[j];

		w->weight[output][j] = by;
		w->bias[output] -= by * w->scale.mean[j];
	}
	arena_free(&scratch);
	arena_free(&a);
}

static float
score(const struct work *w, size_t i, size_t output)
{
	float sum = w->bias[output];

	for (size_t j = 0; j < w->all; j++)
		sum += w->weight[output][j] * w->x[i * w->all + j];
	return sum;
}

static void
tell(struct work *w)
{
	float *words = malloc(w->set.n * sizeof(float)), *both = malloc(w->set.n * sizeof(float));
	bool *positive = malloc(w->set.n * sizeof(bool));
	double half;
	size_t n = 0;

	fit_output(w, MOOD_MODEL_FAMILY, 0);
	for (size_t i = 0; i < w->set.n; i++) {
		if (w->set.v[i].fold != 0)
			continue;
		words[n] = w->x[i * w->all + w->width + MOOD_MODEL_FAMILY];
		both[n] = score(w, i, MOOD_MODEL_FAMILY);
		positive[n++] = (w->set.labels[i] & FAMILY) != 0;
	}
	fprintf(stderr, "held-out fold, family: words %.4f, both %.4f\n", fit_auroc(words, positive, n, &half),
	    fit_auroc(both, positive, n, &half));
	free(words);
	free(both);
	free(positive);
}

static int
by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static float
below(float *v, size_t n, double share)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[(size_t)(share * (double)n)];
}

/* Into the words' units. */
static void
match(struct work *w, size_t output)
{
	static const double mood[2] = MOOD_POINTS, sentiment[2] = SENTIMENT_POINTS;
	const double *points = output == MOOD_MODEL_SENTIMENT ? sentiment : mood;
	size_t n = w->set.n;
	float *words = malloc(n * sizeof(float)), *both = malloc(n * sizeof(float)), by, from, to;

	for (size_t i = 0; i < n; i++) {
		words[i] = w->x[i * w->all + w->width + output];
		both[i] = score(w, i, output);
	}
	from = below(both, n, points[0]);
	to = below(words, n, points[0]);
	by = (below(words, n, points[1]) - to) / (below(both, n, points[1]) - from);
	w->bias[output] = (w->bias[output] - from) * by + to;
	for (size_t j = 0; j < w->all; j++)
		w->weight[output][j] *= by;
	free(words);
	free(both);
}

static void
print_head(const struct work *w, const char *name, struct str source)
{
	float step[OUT] = { 0 };

	for (size_t o = 0; o < OUT; o++)
		for (size_t j = 0; j < w->width; j++)
			step[o] = fmaxf(step[o], fabsf(w->weight[o][j]) / 127);
	printf("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/train_senses/mood_head.c. */\n"
	    "static const signed char %s_weight[] = {\n", name);
	for (size_t o = 0; o < OUT; o++)
		for (size_t j = 0; j < w->width; j++)
			printf("%ld,%s", lroundf(w->weight[o][j] / step[o]), j % 24 == 23 ? "\n" : "");
	printf("};\nstatic const struct mood_head %s = {\n\t.encoder = \"%.*s\",\n\t.width = %zu,\n\t.weight = %s_weight,\n",
	    name, STR_ARG(source), w->width, name);
	printf("\t.bias = { ");
	for (size_t o = 0; o < OUT; o++)
		printf("%.7ef, ", (double)w->bias[o]);
	printf("},\n\t.step = { ");
	for (size_t o = 0; o < OUT; o++)
		printf("%.7ef, ", (double)step[o]);
	printf("},\n\t.words = {\n");
	for (size_t o = 0; o < OUT; o++) {
		printf("\t\t{ ");
		for (size_t k = 0; k < OUT; k++)
			printf("%.4ff, ", (double)w->weight[o][w->width + k]);
		printf("},\n");
	}
	printf("\t},\n};\n");
}

int
main(int argc, char **argv)
{
	struct work w = { 0 };
	struct encoder *e;
	struct fault f = { 0 };

	if (argc < 4) {
		fprintf(stderr, "usage: train_mood_head GOEMOTIONS_FOLDER FILE.encoder NAME\n");
		return 2;
	}
	if (encoder_open(argv[2], KERNEL_BEST, &e, &f) != E_OK) {
		fprintf(stderr, "%s\n", f.text);
		return 1;
	}
	w.set = mood_set_read(argv[1], "train.tsv");
	w.a = arena_new((size_t)2 << 30);
	w.width = encoder_info_of(e)->width;
	w.all = w.width + OUT;
	w.x = arena_array(w.a, float, w.set.n * w.all);
	w.z = arena_array(w.a, float, w.set.n * w.all);
	embed_all(&w, e);
	read_words(&w);
	dense_scale_of(w.a, w.x, w.set.n, w.all, &w.scale);
	for (size_t i = 0; i < w.set.n; i++)
		dense_scale_apply(&w.scale, w.x + i * w.all, w.z + i * w.all);
	tell(&w);
	for (size_t o = 0; o < OUT; o++) {
		fit_output(&w, o, -1);
		match(&w, o);
	}
	print_head(&w, argv[3], encoder_info_of(e)->source);
	encoder_unref(&e);
	arena_free(&w.a);
	return 0;
}
