/* SPDX-License-Identifier: Apache-2.0 */
/* eval.h - trains on one labelled set, reads another, and says how good that was.
 *
 * What `baton eval` and the benchmarks stand on.  All that decides (folds, temperature,
 * the threshold of "I don't know", the promise) comes from the training and validation
 * sets; the test set is only read and counted.  Deterministic from the seed but for the
 * times.  Everything lives in the arena given; not thread-safe for one arena.
 */
#pragma once

#include "insight/eval/dataset.h"
#include "insight/eval/health.h"
#include "insight/eval/metrics.h"
#include "nlu/classifier.h"
#include "nlu/promise.h"

struct buf;
struct encoder;
struct eval_saved;

#define EVAL_RUNS_MAX 1000
#define EVAL_ALL_SHOTS SIZE_MAX
#define EVAL_UNSEEN (-2)	/* a test label that training does not have */

struct eval_spec {
	const struct dataset *train;	/* NULL: names only */
	const struct dataset *test, *valid, *history;	/* valid, history: may be NULL */
	const struct dataset_name *names;
	size_t names_n;
	bool bare_labels;	/* false: a label that reads like a name is one */
	struct str oos;		/* the label of what is out of scope; empty: none */
	const char *noise;	/* nlu/noise.h, done to the test texts; NULL: none */
	double promise;		/* error that is promised; 0: none */
	size_t splits;		/* random halves of held-out predictions to try the promise in */
	size_t shots;		/* examples a class, or EVAL_ALL_SHOTS */
	size_t runs;		/* from 1; run i has seed + i */
	uint64_t seed;
	struct encoder *encoder;/* NULL: sparse only */
	const char *vectors;	/* file that keeps vectors, of test texts too; NULL: none */
	void (*progress)(void *arg, const char *stage, double share);	/* may be NULL */
	void *arg;
};

struct eval_item {		/* one test text of the first run */
	struct str text, label;
	struct str read;	/* the text as it was read, noise and all */
	int truth;		/* class, CLASS_OUT_OF_SCOPE or EVAL_UNSEEN */
	int best;		/* what it was taken for; -1: there is no class */
	double p, unknown, confidence;
	double sure;		/* what coverage and promises go by: confidence, with --oos times 1 - unknown */
	double cpu_us;
	bool refused, right;	/* right: as `accuracy` counts it */
	bool best_right;	/* the best class is the true one, refused or not */
};

struct eval_class {
	struct str id;
	size_t trained;		/* examples in training, of the first run */
	struct prf prf;
};
struct eval_confusion {
	int truth, said;	/* said: a class, or CLASS_OUT_OF_SCOPE for refused */
	size_t n;
	size_t example;		/* the first such item */
};

struct eval_promise {
	struct promise made;	/* from training and validation */
	size_t accepted, wrong;	/* of the test */
	double coverage, error;	/* realised; error NAN when nothing was accepted, both NAN without a test */
	size_t splits, above, unkept;	/* tried; with a larger error than promised; not enough evidence */
	double split_coverage, split_error, split_worst;	/* means; the largest error */
};

struct eval_figures {		/* of one run; NAN: does not apply */
	uint64_t seed;
	size_t right, in_scope_n, in_scope_right, best_right, oos_n, oos_refused, refused;
	double accuracy, in_scope_accuracy, unrefused_accuracy, macro_f1;
	double oos_auroc, oos_recall, oos_precision, oos_threshold;
	double ece, ece_mass;
	double coverage[3];	/* at eval_precisions */
	double cpu_us_mean, cpu_us_p50, cpu_us_p99, encoder_share;
	double train_cpu_s, train_s;
	double held_out_accuracy;	/* of the training examples, out of fold */
};
extern const double eval_precisions[3];	/* .95 .98 .99 */

struct eval_result {
	struct str train_path, test_path, encoder, noise;	/* encoder: empty = none */
	size_t n, train_n, valid_n, history_n, classes_n;
	size_t leaked;		/* test texts that stand in training as well */
	size_t unseen, unseen_labels;	/* test rows, and labels, that training does not have */
	struct str oos;
	size_t shots, runs_n;
	const char *oos_rule;	/* how the threshold came to be; NULL without --oos */
	struct eval_figures mean, deviation;	/* over the runs; counts are the first run's */
	const struct eval_figures *runs;
	struct interval accuracy, in_scope, oos_recall;	/* 95 %, of the mean over n texts */
	const struct eval_item *items;	/* n */
	const struct eval_class *classes;
	const struct eval_confusion *confusions;	/* most frequent first */
	size_t confusions_n;
	struct ece_bin bins[ECE_BINS];
	const struct risk_point *curve;
	size_t curve_n;
	struct eval_promise promise;
	bool promised;
	struct health health;
	const struct str *notes;	/* whole sentences */
	size_t notes_n;
	double peak_mb;
};

enum err eval_run(struct arena *a, const struct eval_spec *spec, struct eval_result *out,
    struct fault *f) NODISCARD;

/* The desk's own examples by what their folds' models made of them: n and items are the
 * training examples. */
enum err eval_out_of_fold(struct arena *a, const struct training *t, const struct classifier *c, double promise,
    size_t splits, struct eval_result *out, struct fault *f) NODISCARD;

/* One more whole sentence for the notes. */
void eval_note(struct arena *a, struct eval_result *r, struct str text);
struct str eval_class_name(const struct eval_result *r, int class);
/* "card_arrival" -> "card arrival"; empty where a label says nothing to a reader ("c12"). */
struct str eval_name_of_label(struct arena *a, struct str label);

/* --- reports ------------------------------------------------------------------------ */

struct eval_look {
	unsigned width;		/* columns */
	bool color;
};
struct eval_change {		/* a text that two evaluations judge differently */
	struct str text, label, was, is;
	bool better;
};
struct eval_comparison {
	struct str path;
	const struct eval_change *v;	/* worse first */
	size_t n, better, worse, same, gone, added;
	double p;		/* McNemar */
	double was_accuracy, is_accuracy;	/* on the texts that both have */
};

void eval_print(const struct eval_result *r, const struct eval_comparison *c, struct eval_look look,
    struct buf *out);
void eval_json(const struct eval_result *r, const struct eval_comparison *c, struct buf *out);
void eval_html(const struct eval_result *r, const struct eval_comparison *c, struct buf *out);
/* With every text and what was made of it; whole numbers only (millionths). */
void eval_save(const struct eval_result *r, struct buf *out);
/* E_INVALID: not what eval_save wrote. */
enum err eval_compare(struct arena *a, const char *path, const struct eval_result *now,
    struct eval_comparison *out, struct fault *f) NODISCARD;
