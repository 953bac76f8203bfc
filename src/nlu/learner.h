/* SPDX-License-Identifier: Apache-2.0 */
/* learner.h - the inside of classifier_train: its texts, its vectors, its minds. */
#pragma once

#include "nlu/classifier_parts.h"
#include "nlu/spread.h"

#define FOLDS 5

struct point {			/* a text that teaches */
	struct str text;
	const struct str *words;
	size_t n;
	int class;
	float weight;
	uint32_t example;	/* index into training.v; UINT32_MAX: a name or description */
	int fold;		/* -1: in every fold */
};

struct learner {
	const struct training *t;
	struct classifier *c;
	struct arena *a;	/* of the whole training */
	struct arena *tmp;	/* of one mind */
	struct point *p;	/* examples, then names and descriptions */
	size_t own, n;		/* own: examples */
	struct str *history;	/* those that are no example too, at most HISTORY_MAX */
	uint32_t *history_at;	/* index into training.history */
	size_t history_n;
	struct sparse_text *heard;	/* their words, by the same index */
	size_t width;		/* 0: no encoder */
	float *x, *z;		/* (n + history_n) x width: unit vectors; scaled ones */
	float *turned;		/* width x own, padded: unit vectors of the examples as columns */
	size_t turned_n;
	struct spread_graph graph;	/* n 0: no history */
	float l2;
	struct dense begun;	/* the regression of fold 0 as choosing l2 left it; width 0: none */
	bool hasty;		/* many texts: fewer and lighter minds for calibration */
};

#define HISTORY_MAX 20000

/* learner.c */
enum err learner_collect(struct learner *l, struct fault *f) NODISCARD;
/* skip: per point; those do not teach. from: a regression to go on with, of no text that this
 * mind must not have seen; NULL: from nothing. The mind lives in a. */
enum err learner_mind(struct learner *l, struct arena *a, const bool *skip, const struct dense *from,
    struct mind *out, struct fault *f) NODISCARD;
/* The same with one regression only, for choosing; it lives in a. */
void learner_dense(struct learner *l, struct arena *a, const bool *skip, float l2, const struct dense *from,
    struct dense *out);
/* What is near to q rows of vectors, of the examples that are not skipped. near: q x NEAR_MAX. */
void learner_near(const struct learner *l, struct arena *scratch, const float *x, size_t q, const bool *skip,
    struct near_one *near, size_t *near_n);
void learner_say(const struct learner *l, const char *stage, double share);

/* trials.c: views of texts by minds that have not seen them. */
struct trials {
	struct trial *v;
	uint32_t *point;	/* of the learner; UINT32_MAX: none */
	size_t n, room;
};
enum err learner_trials(struct learner *l, struct trials *out, struct fault *f) NODISCARD;
/* The user's own held texts, by the finished mind. */
void learner_held(struct learner *l, struct trials *out);
