/* SPDX-License-Identifier: Apache-2.0 */
/* eval_private.h - what the files of an evaluation share. */
#pragma once

#include "insight/eval/eval.h"

struct embedder;

#define EVAL_OUT_LEAST 5	/* fewer out-of-scope texts are no evidence for a threshold */

struct eval_score {		/* one held-out prediction, for choosing a threshold */
	double p, unknown;
	bool best_right, out;	/* out: it is out of scope */
};

/* How surely a text is to be refused, from what was read of it; 0..1. */
enum eval_rule { RULE_UNKNOWN, RULE_RIGHT, RULES };
struct eval_threshold {
	enum eval_rule rule;
	double at;		/* refuse at or above */
	const char *why;
};
/* Where out of scope is a possible answer, doubt of the scope is doubt. */
double eval_sure(bool oos, double confidence, double unknown);
double eval_refusal(enum eval_rule rule, double p, double unknown);
/* From held-out predictions of training and validation. share: of out-of-scope texts that is
 * expected, 0 = not known. */
struct eval_threshold eval_choose_threshold(struct arena *a, const struct eval_score *v, size_t n, double share);

/* Figures of items that were read and judged; the times are taken from them too. */
void eval_count(struct arena *a, const struct eval_item *items, size_t n, size_t classes_n, bool oos,
    struct eval_figures *out);
/* Classes, confusions, bins and curve of the first run. */
void eval_detail(struct arena *a, struct eval_result *r, struct eval_class *classes);
/* The promise, made of held-out evidence and tried in its halves. */
void eval_promise_make(struct arena *a, struct evidence *v, size_t n, double error, size_t splits, uint64_t seed,
    struct eval_promise *out);
void eval_promise_check(const struct eval_item *items, size_t n, struct eval_promise *out);
uint64_t eval_next_random(uint64_t *state);

/* "93.4" of a share; "-" of NAN. */
struct str eval_percent(struct arena *a, double share, int digits);
double eval_peak_mb(void);

/* --- eval_sets.c: from rows with labels to classes and numbers ----------------------- */

struct eval_run {		/* one training and one reading */
	const struct eval_spec *spec;
	struct arena *a, *tmp;	/* tmp: of one text */
	struct eval_result *r;
	struct class_def *classes;
	struct labelled *all, *train, *held;	/* all: before shots */
	size_t all_n, train_n, held_n;
	struct str *history;
	struct str *said;	/* test texts as they are read */
	int *truth;		/* of the test */
	struct embedder *embedder;
	struct classifier *c;
	struct training t;
	struct eval_threshold threshold;
	size_t i;		/* which run */
};
/* The classes are training's labels and the names', sorted: the order of rows means nothing. */
void eval_make_classes(struct eval_run *r);
/* all, held, truth and history of the spec's sets; what is odd about them goes to the notes. */
void eval_make_sets(struct eval_run *r);
/* train: K rows of each class (and of out of scope), drawn by the seed, in the file's order. */
void eval_draw_shots(struct eval_run *r, uint64_t seed);
