/* SPDX-License-Identifier: Apache-2.0 */
/* eval.c - baton eval: how good is the understanding, on the desk's examples or anybody's file. */
#include "cli/understand.h"

#include "base/buf.h"
#include "insight/eval/eval.h"
#include "model/library.h"
#include "nlu/embedder.h"
#include "nlu/model.h"
#include "vec/encoder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REPORT_MAX ((size_t)1 << 30)
#define DESK_ARENA ((size_t)1 << 30)
#define DESK_SEED 1		/* of what is published */
#define SPLITS_MAX 10000

struct eval_args {
	const char *train, *test, *valid, *unlabelled, *oos, *noise, *encoder, *names, *html, *save, *compare, *vectors;
	bool json;
	size_t runs, shots, seed, splits;
	double promise;
	const char *dir;	/* of a workspace */
	struct workspace *workspace;	/* likewise, open */
	bool kept;		/* what the published model kept is evaluated */
};

/* What files alone have is not passed over in silence where there is none. */
static const char *
eval_of_files(const struct eval_args *e, char wrong[256])
{
	const struct {
		const char *name;
		bool given;
	} v[] = {
		{ "--unlabelled", e->unlabelled != NULL }, { "--oos", e->oos != NULL },
		{ "--noise", e->noise != NULL }, { "--names", e->names != NULL }, { "--runs", e->runs != 1 },
		{ "--shots", e->shots != EVAL_ALL_SHOTS },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		if (v[i].given) {
			(void)snprintf(wrong, 256, "%s is for files: give --train and --test", v[i].name);
			return wrong;
		}
	return NULL;
}

static const char *
eval_check(const struct eval_args *e, char wrong[256])
{
	bool named = e->names != NULL && strcmp(e->names, "none") != 0;

	if (e->test == NULL && (e->train != NULL || e->valid != NULL || named))
		return "--train and --names want --test: what is to be read";
	if (e->test != NULL && e->train == NULL && !named)
		return "--test wants --train, or --names to start from names alone";
	if (e->test != NULL && e->dir != NULL)
		return "a folder is read without --train and --test only";
	if (e->shots == 0)
		return "--shots wants a number from 1";
	if (e->splits > SPLITS_MAX) {
		(void)snprintf(wrong, 256, "--splits: at most %d", SPLITS_MAX);
		return wrong;
	}
	return e->test == NULL ? eval_of_files(e, wrong) : NULL;
}

static const char *
eval_parse(int argc, char **argv, struct eval_args *e, char wrong[256])
{
	const struct option v[] = {
		{ "--train", OPTION_TEXT, &e->train },
		{ "--test", OPTION_TEXT, &e->test },
		{ "--valid", OPTION_TEXT, &e->valid },
		{ "--unlabelled", OPTION_TEXT, &e->unlabelled },
		{ "--oos", OPTION_TEXT, &e->oos },
		{ "--noise", OPTION_TEXT, &e->noise },
		{ "--encoder", OPTION_TEXT, &e->encoder },
		{ "--names", OPTION_TEXT, &e->names },
		{ "--html", OPTION_TEXT, &e->html },
		{ "--save", OPTION_TEXT, &e->save },
		{ "--compare", OPTION_TEXT, &e->compare },
		{ "--vectors", OPTION_TEXT, &e->vectors },
		{ "--json", OPTION_FLAG, &e->json },
		{ "--runs", OPTION_COUNT, &e->runs },
		{ "--shots", OPTION_COUNT, &e->shots },
		{ "--seed", OPTION_COUNT, &e->seed },
		{ "--splits", OPTION_COUNT, &e->splits },
		{ "--promise", OPTION_SHARE, &e->promise },
	};
	const char *words[1] = { NULL }, *bad;
	size_t words_n;

	*e = (struct eval_args){ .runs = 1, .shots = EVAL_ALL_SHOTS, .seed = 1 };
	bad = options_parse(argc, argv, v, sizeof(v) / sizeof(v[0]), words, &words_n, 1, wrong);
	if (bad != NULL)
		return bad;
	e->dir = words[0];
	return eval_check(e, wrong);
}

/* --- the reports ---------------------------------------------------------- */

static enum err
eval_file(const char *path, const struct eval_result *r, const struct eval_comparison *c, bool html, struct fault *f)
{
	struct buf b;
	enum err e = E_OK;

	if (path == NULL)
		return E_OK;
	buf_init(&b, REPORT_MAX);
	if (html)
		eval_html(r, c, &b);
	else
		eval_save(r, &b);
	e = b.over ? fault(f, E_TOOBIG, "%s: the report is larger than %zu MB", path, REPORT_MAX >> 20) :
		     file_write(path, buf_str(&b), 0644, f);
	buf_free(&b);
	return e;
}

static enum err
eval_show(struct arena *a, const struct eval_args *e, const struct eval_result *r, struct fault *f)
{
	struct eval_look look = { understand_width(), understand_color() };
	struct eval_comparison *c = NULL;
	struct buf b;
	bool whole;

	if (e->compare != NULL) {
		c = arena_new_of(a, struct eval_comparison);
		TRY(eval_compare(a, e->compare, r, c, f));
	}
	buf_init(&b, REPORT_MAX);
	if (e->json)
		eval_json(r, c, &b);
	else
		eval_print(r, c, look, &b);
	whole = !b.over && fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0;
	buf_free(&b);
	if (!whole)
		return fault(f, E_UPSTREAM, "the report could not be written whole to the output");
	TRY(eval_file(e->html, r, c, true, f));
	return eval_file(e->save, r, c, false, f);
}

/* --- anybody's file ------------------------------------------------------- */

struct eval_sets {
	struct dataset train, test, valid, history;
};

static enum err
eval_read(struct arena *a, const struct eval_args *e, struct eval_sets *sets, struct eval_spec *spec, struct fault *f)
{
	struct dataset_name *names;

	if (e->train != NULL) {
		TRY(dataset_read(a, e->train, DATASET_LABELLED, &sets->train, f));
		spec->train = &sets->train;
	}
	TRY(dataset_read(a, e->test, DATASET_LABELLED, &sets->test, f));
	spec->test = &sets->test;
	if (e->valid != NULL) {
		TRY(dataset_read(a, e->valid, DATASET_LABELLED, &sets->valid, f));
		spec->valid = &sets->valid;
	}
	if (e->unlabelled != NULL) {
		TRY(dataset_read(a, e->unlabelled, DATASET_TEXTS, &sets->history, f));
		spec->history = &sets->history;
	}
	spec->bare_labels = e->names != NULL && strcmp(e->names, "none") == 0;
	if (e->names != NULL && !spec->bare_labels) {
		TRY(dataset_names(a, e->names, &names, &spec->names_n, f));
		spec->names = names;
	}
	return E_OK;
}

static enum err
eval_files(struct arena *a, void *arg, struct fault *f)
{
	const struct eval_args *e = arg;
	struct eval_sets *sets = arena_new_of(a, struct eval_sets);
	struct eval_result *r = arena_new_of(a, struct eval_result);
	struct eval_spec spec = {
		.oos = str_from(e->oos), .noise = e->noise, .promise = e->promise, .splits = e->splits, .shots = e->shots,
		.runs = e->runs, .seed = e->seed, .vectors = e->vectors, .progress = progress_show,
	};
	enum err err;

	TRY(eval_read(a, e, sets, &spec, f));
	TRY(understand_encoder(e->encoder, &spec.encoder, f));
	err = eval_run(a, &spec, r, f);
	encoder_unref(&spec.encoder);
	progress_show(NULL, "", 1);
	TRY(err);
	return eval_show(a, e, r, f);
}

/* --- the desk's own examples ---------------------------------------------- */

/* The published model, where it is of these very files, this encoder and this seed: what its folds
 * said was kept. *out NULL: it has to be trained. */
static enum err
eval_published(struct arena *a, struct eval_args *e, const struct policy *p, struct embedder *embedder,
    struct model **out, struct fault *f)
{
	struct db_spec spec = workspace_db(e->workspace, false);
	struct str hash, bytes, source = embedder == NULL ? STR_NONE : embedder_info(embedder)->source;
	struct db_readers *readers;
	struct source_file *files;
	struct db *db;
	size_t n;
	enum err err;

	*out = NULL;
	if (e->seed != DESK_SEED || access(workspace_path(e->workspace, "data/baton.db"), F_OK) != 0)
		return E_OK;
	TRY(db_readers_open(&spec, 1, &readers, f));
	db = db_borrow(readers);
	err = policy_read(db, STR_NONE, a, &hash, &files, &n, &bytes, NULL, f);
	db_return(readers, &db);
	db_readers_close(&readers);
	/* Nothing published yet, another policy, a model of another version: train. */
	if (err == E_OK && str_eq(hash, p->hash) && model_load(p, embedder, bytes, out, NULL) == E_OK &&
	    !str_eq(model_encoder(*out), source))
		model_unref(out);
	return err == E_NOTFOUND ? E_OK : err;
}

static enum err
eval_model(struct arena *a, struct eval_args *e, const struct desk_to_learn *d, struct model **out, struct fault *f)
{
	const struct policy *p = d->snap->policy;

	TRY(eval_published(a, e, p, d->embedder, out, f));
	e->kept = *out != NULL;
	return e->kept ? E_OK : model_train(p, &(struct model_how){ .embedder = d->embedder, .history = d->past.v,
	    .history_n = d->past.n, .seed = e->seed, .progress = progress_show }, out, f);
}

static enum err
eval_desk(struct arena *a, void *arg, struct fault *f)
{
	struct eval_args *e = arg;
	struct eval_result *r = arena_new_of(a, struct eval_result);
	struct desk_to_learn d;
	struct model *made = NULL;
	struct str sum;
	enum err err = understand_open(e->workspace, a, e->encoder, e->vectors, e->seed, &d, f);

	if (err == E_OK)
		err = eval_model(a, e, &d, &made, f);
	if (err == E_OK)
		err = eval_out_of_fold(a, &d.set, model_classifier(made), e->promise, e->splits, r, f);
	progress_show(NULL, "", 1);
	if (err == E_OK) {
		r->encoder = d.encoder == NULL ? STR_NONE : encoder_info_of(d.encoder)->name;
		r->history_n = model_history(made, a, &sum);
		eval_note(a, r, e->kept ? STR("as the published model's folds said it") :
		    STR("trained anew: these files, encoder and seed are not those that are published"));
		err = eval_show(a, e, r, f);
	}
	model_unref(&made);
	understand_close(&d);
	return err;
}

static int
eval_main(int argc, char **argv)
{
	struct eval_args e;
	struct workspace w;
	struct fault f = { 0 };
	struct arena *a;
	char wrong[256];
	const char *bad = eval_parse(argc, argv, &e, wrong);
	bool desk;
	enum err err;

	if (bad != NULL)
		return cli_usage(&cli_eval, bad);
	desk = e.test == NULL;
	if (desk && workspace_open(e.dir, &w, &f) != E_OK)
		return cli_fail(&cli_eval, &f);
	if (desk) {
		e.dir = w.dir;
		e.workspace = &w;
	}
	a = arena_new(desk ? DESK_ARENA : DATASET_ARENA_MAX);
	err = arena_run(a, desk ? eval_desk : eval_files, &e, &f);
	arena_free(&a);
	if (desk)
		workspace_close(&w);
	return err == E_OK ? CLI_OK : cli_fail(&cli_eval, &f);
}

const struct cli_command cli_eval = {
	.name = "eval",
	.summary = "How well messages are understood: yours, or any labelled file",
	.usage = "--train A --test B [OPTION...]     on files of text and label\n"
		 "       baton eval [DIR] [OPTION...]                  on a desk's own examples, by folds\n\n"
		 "A file is CSV, TSV or JSONL of text and label, or a folder with seq.in and label.\n\n"
		 "  --valid C          labelled texts to calibrate on, besides training's own folds\n"
		 "  --unlabelled H     past texts without labels, to learn from\n"
		 "  --oos LABEL        rows with this label are out of scope: they are to be refused\n"
		 "  --names FILE       class, name, description; alone, or beside --train; \"none\":\n"
		 "                     labels are no names\n"
		 "  --shots K          only K examples a class, drawn by the seed\n"
		 "  --runs N           N draws, or seeds: their mean\n"
		 "  --seed S           default 1\n"
		 "  --noise typos=2    spoil the test texts: typos=N, slang, upper, lower, joined=N,\n"
		 "                     split=N, joined by +\n"
		 "  --promise 0.05     promise an error, and see whether it is kept; --splits N also\n"
		 "                     tries it on N random halves of the held-out predictions\n"
		 "  --encoder E        a name, a path or none (`baton help encoder`)\n"
		 "  --vectors FILE     keep vectors between runs; times are then taken apart\n"
		 "  --json             for a program\n"
		 "  --html FILE        with plots\n"
		 "  --save FILE        with every text; --compare FILE says what changed since\n\n"
		 "docs/EVAL.md says what each figure means.",
	.run = eval_main,
};
