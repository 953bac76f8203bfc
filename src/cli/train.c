/* SPDX-License-Identifier: Apache-2.0 */
/* train.c - baton train: learns from a workspace's examples, and says how well and what is odd. */
#include "cli/understand.h"

#include "base/buf.h"
#include "base/clock.h"
#include "insight/eval/eval.h"
#include "nlu/embedder.h"
#include "nlu/model.h"
#include "vec/encoder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRAIN_ARENA ((size_t)1 << 30)
#define PROBLEMS_SHOWN 20

struct train_args {
	struct workspace *workspace;
	const char *encoder, *save;
	const char *vectors;	/* the workspace's cache, so that only new texts are read */
	size_t seed;
	bool json;
};

static void
train_problems(const struct health *h)
{
	static const char *const weight[] = { "hint", "warning", "mistake" };

	for (size_t i = 0; i < h->n && i < PROBLEMS_SHOWN; i++)
		printf("%s: %.*s\n    %.*s\n", weight[h->v[i].weight], STR_ARG(h->v[i].what), STR_ARG(h->v[i].fix));
	if (h->n + h->more > PROBLEMS_SHOWN)
		printf("... %zu more (--json)\n", h->n + h->more - PROBLEMS_SHOWN);
}

static size_t
train_right(const struct classifier *c, size_t *n)
{
	const struct out_of_fold *v = classifier_out_of_fold(c, n);
	size_t right = 0;

	for (size_t i = 0; i < *n; i++)
		right += v[i].truth >= 0 && v[i].best == v[i].truth;
	return right;
}

static void
train_print(struct arena *a, const struct train_args *t, const struct desk_to_learn *d, const struct model *m,
    double seconds)
{
	const struct training *set = &d->set;
	const struct classifier *c = model_classifier(m);
	struct str sum;
	size_t past = model_history(m, a, &sum);
	struct str encoder = d->encoder == NULL ? STR("none") : encoder_info_of(d->encoder)->name;
	size_t n, right = train_right(c, &n);
	struct interval in = metrics_wilson(right, n);
	struct health h;

	health_check(a, set, c, &h);
	if (t->json) {
		json_t *o = json_obj(a);

		json_set_i64(o, "intents", (int64_t)set->classes_n);
		json_set_i64(o, "examples", (int64_t)set->n);
		json_set_i64(o, "held_out", (int64_t)n);
		json_set_i64(o, "held_out_right", (int64_t)right);
		json_set_i64(o, "train_ms", (int64_t)(seconds * 1000));
		json_set_i64(o, "seed", (int64_t)set->seed);
		json_set_str(o, "encoder", encoder);
		json_set_i64(o, "past", (int64_t)past);
		json_set(o, "problems", health_to_json(a, set, &h));
		printf("%.*s\n", STR_ARG(json_text(a, o)));
		return;
	}
	printf("trained: %zu intents, %zu examples in %.2f s; encoder: %.*s; seed %llu\n", set->classes_n, set->n, seconds,
	    STR_ARG(encoder), (unsigned long long)set->seed);
	if (d->past.n > 0)
		printf(past > 0 ? "%zu past messages without labels were learned from too\n" :
		    "%zu past messages made it worse and were left out\n", d->past.n);
	if (n > 0)
		printf("held out in five folds: %.1f %% right (%zu of %zu; 95 %%: %.1f - %.1f)\n",
		    100 * (double)right / (double)n, right, n, in.low * 100, in.high * 100);
	train_problems(&h);
}

static enum err
train_keep(const char *path, const struct model *m, struct fault *f)
{
	struct buf b;
	enum err e;

	if (path == NULL)
		return E_OK;
	buf_init(&b, (size_t)1 << 30);
	model_save(m, &b);
	e = b.over ? fault(f, E_TOOBIG, "%s: the model is larger than 1 GB", path) : file_write(path, buf_str(&b), 0600, f);
	buf_free(&b);
	return e;
}

static enum err
train_desk(struct arena *a, void *arg, struct fault *f)
{
	const struct train_args *t = arg;
	struct desk_to_learn d;
	struct model *made = NULL;
	enum err err = understand_open(t->workspace, a, t->encoder, t->vectors, t->seed, &d, f);
	int64_t from = clock_mono_us(clock_real());

	if (err == E_OK)
		err = model_train(d.snap->policy, &(struct model_how){ .embedder = d.embedder, .history = d.past.v,
		    .history_n = d.past.n, .seed = t->seed, .progress = progress_show }, &made, f);
	progress_show(NULL, "", 1);
	if (err == E_OK)
		train_print(a, t, &d, made, (double)(clock_mono_us(clock_real()) - from) / 1e6);
	if (err == E_OK)
		err = train_keep(t->save, made, f);
	model_unref(&made);
	understand_close(&d);
	return err;
}

static int
train_main(int argc, char **argv)
{
	struct train_args t = { .seed = 1 };
	const struct option v[] = {
		{ "--encoder", OPTION_TEXT, &t.encoder },
		{ "--save", OPTION_TEXT, &t.save },
		{ "--seed", OPTION_COUNT, &t.seed },
		{ "--json", OPTION_FLAG, &t.json },
	};
	const char *words[1] = { NULL }, *bad;
	struct fault f = { 0 };
	struct workspace w;
	struct arena *a;
	char wrong[256];
	size_t words_n;
	enum err err;

	bad = options_parse(argc, argv, v, sizeof(v) / sizeof(v[0]), words, &words_n, 1, wrong);
	if (bad != NULL)
		return cli_usage(&cli_train, bad);
	if (workspace_open(words[0], &w, &f) != E_OK)
		return cli_fail(&cli_train, &f);
	t.workspace = &w;
	t.vectors = access(workspace_path(&w, "data"), F_OK) == 0 ? workspace_path(&w, "data/vectors") : NULL;
	a = arena_new(TRAIN_ARENA);
	err = arena_run(a, train_desk, &t, &f);
	arena_free(&a);
	workspace_close(&w);
	return err == E_OK ? CLI_OK : cli_fail(&cli_train, &f);
}

const struct cli_command cli_train = {
	.name = "train",
	.summary = "Learn from the examples: how well, and what is odd about them",
	.usage = "[DIR] [--seed S] [--encoder NAME|PATH|none] [--save FILE] [--json]\n\n"
		 "Trains as `baton publish` does, from the files as they are, and changes nothing:\n"
		 "prints the time, the counts, how many examples its five folds' models had right,\n"
		 "and every problem of the data with what to do about it. The same seed gives the\n"
		 "same model; --save keeps it in a file for `baton perceive --model`.",
	.run = train_main,
};
