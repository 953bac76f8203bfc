/* SPDX-License-Identifier: Apache-2.0 */
/* whole.c - everything that a desk understands of a message: processor time and memory.
 *
 *	nlu_whole train ENCODER MODEL TRAIN TEST	trains and writes the file MODEL
 *	nlu_whole read  ENCODER MODEL TRAIN TEST	loads it, perceives each text of TEST
 *
 * Two processes, so that the memory is that of a desk that serves and not of one that
 * trained.  `read` prints one line of JSON.  ENCODER is a path, a name or none.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "insight/eval/eval_private.h"
#include "insight/eval/stream.h"
#include "nlu/embedder.h"
#include "nlu/model.h"
#include "nlu/perceive.h"
#include "text/zone.h"
#include "vec/encoder_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW_US INT64_C(1795341600000000)	/* 2026-11-22 10:00 UTC */

struct whole {
	const char *encoder, *model, *train, *test;
	struct arena *a;
	struct policy policy;
	struct embedder *embedder;
	size_t memory;		/* vectors that it keeps */
	struct model *m;
};

static int
cmp_row(const void *a, const void *b)
{
	return str_cmp(((const struct dataset_row *)a)->label, ((const struct dataset_row *)b)->label);
}

/* The labels as intents; with their examples only where these are learned from. */
static enum err
whole_policy(struct whole *w, bool examples, struct fault *f)
{
	struct arena *scratch = examples ? w->a : arena_new(DATASET_ARENA_MAX);
	const struct policy *bare;
	struct intent *v;
	struct str *text;
	struct dataset d;

	TRY(dataset_read(scratch, w->train, DATASET_LABELLED, &d, f));
	TRY(stream_policy(w->a, STR("en,de,fr,es,pt,it,nl"), STR("UTC"), &bare, f));
	w->policy = *bare;
	qsort(d.v, d.n, sizeof(*d.v), cmp_row);
	v = arena_array(w->a, struct intent, d.n + 1);
	text = arena_array(w->a, struct str, examples ? d.n + 1 : 1);
	for (size_t i = 0, k; i < d.n; i += k) {
		struct intent *in = &v[w->policy.intents_n++];

		in->id = str_dup(w->a, d.v[i].label);
		in->name = eval_name_of_label(w->a, in->id);
		in->examples = text + i;
		for (k = 0; i + k < d.n && str_eq(d.v[i + k].label, d.v[i].label); k++)
			if (examples)
				text[i + k] = d.v[i + k].text;
		in->examples_n = examples ? k : 0;
	}
	w->policy.intents = v;
	if (!examples)
		arena_free(&scratch);
	return E_OK;
}

static enum err
whole_train(struct whole *w, struct fault *f)
{
	FILE *to = fopen(w->model, "we");
	struct buf b;
	bool good;

	if (to == NULL)
		return fault(f, E_INVALID, "%s: cannot be written", w->model);
	TRY(whole_policy(w, true, f));
	TRY(model_train(&w->policy, &(struct model_how){ .embedder = w->embedder }, &w->m, f));
	buf_init(&b, (size_t)1 << 30);
	model_save(w->m, &b);
	good = fwrite(b.p, 1, b.n, to) == b.n;
	good = fclose(to) == 0 && good;
	buf_free(&b);
	return good ? E_OK : fault(f, E_INVALID, "%s: cannot be written", w->model);
}

static double
resident_mb(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[256];
	struct str rest;
	int64_t n = 0;

	if (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		(void)str_cut(str_from(line), ' ', &rest);
		(void)str_i64(str_cut(rest, ' ', &rest), &n);
	}
	if (f != NULL)
		fclose(f);
	return (double)n * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static enum err
whole_load(struct whole *w, struct fault *f)
{
	struct arena *scratch = arena_new((size_t)1 << 30);
	struct str bytes;
	enum err e = dataset_slurp(scratch, w->model, (size_t)1 << 30, &bytes, f);

	if (e == E_OK)
		e = model_load(&w->policy, w->embedder, bytes, &w->m, f);
	arena_free(&scratch);
	return e;
}

static enum err
whole_read(struct whole *w, struct fault *f)
{
	struct arena *tmp = arena_new((size_t)64 << 20);
	struct dataset d;
	double *us, rss;

	TRY(whole_policy(w, false, f));
	TRY(whole_load(w, f));
	TRY(dataset_read(w->a, w->test, DATASET_LABELLED, &d, f));
	us = arena_array(w->a, double, d.n + 1);
	for (size_t i = 0; i < d.n; i++) {
		int64_t from = clock_cpu_ns();
		struct history none = { 0 };

		(void)perceive(w->m, &w->policy, 0, &none, d.v[i].text, NOW_US, zone_utc(), tmp);
		us[i] = (double)(clock_cpu_ns() - from) / 1e3;
		arena_reset(tmp);
	}
	rss = resident_mb();
	printf("{\"n\": %zu, \"cpu_us_mean\": %.2f, \"rss_mb\": %.1f, \"peak_mb\": %.1f, ", d.n, metrics_mean(us, d.n), rss,
	    eval_peak_mb());
	printf("\"cpu_us_p50\": %.2f, ", metrics_percentile(us, d.n, .5));
	printf("\"cpu_us_p99\": %.2f}\n", metrics_percentile(us, d.n, .99));
	arena_free(&tmp);
	return E_OK;
}

static enum err
whole_embedder(struct whole *w, struct fault *f)
{
	char path[ENCODER_PATH_MAX];
	struct encoder *e = NULL;

	TRY(encoder_find(NULL, str_from(w->encoder), path, f));
	if (path[0] == '\0')
		return E_OK;
	TRY(encoder_open(path, KERNEL_BEST, &e, f));
	w->embedder = embedder_new(e, NULL, w->memory);
	encoder_unref(&e);
	return E_OK;
}

int
main(int argc, char **argv)
{
	struct whole w = { .a = arena_new(DATASET_ARENA_MAX) };
	struct fault f = { 0 };
	enum err e;

	if (argc != 6 || (strcmp(argv[1], "train") != 0 && strcmp(argv[1], "read") != 0)) {
		fprintf(stderr, "usage: nlu_whole train|read ENCODER MODEL TRAIN TEST\n");
		return 64;
	}
	w.encoder = argv[2];
	w.model = argv[3];
	w.train = argv[4];
	w.test = argv[5];
	w.memory = strcmp(argv[1], "train") == 0 ? 50000 : 1;	/* read: each message pays for its vector */
	e = whole_embedder(&w, &f);
	if (e == E_OK)
		e = strcmp(argv[1], "train") == 0 ? whole_train(&w, &f) : whole_read(&w, &f);
	if (e != E_OK)
		fprintf(stderr, "nlu_whole: %s\n", f.text);
	model_unref(&w.m);
	embedder_free(&w.embedder);
	arena_free(&w.a);
	return e == E_OK ? 0 : 1;
}
