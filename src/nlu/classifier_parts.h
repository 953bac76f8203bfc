/* SPDX-License-Identifier: Apache-2.0 */
/* classifier_parts.h - the inside of a classifier: shared by training, files and use.
 *
 * A *mind* is one set of trained members: sparse words, a regression on vectors,
 * class centres.  What its members say of a text is a *view*.  A *judge* turns a
 * view into calibrated numbers; it is fitted on views of texts that the mind had
 * not seen.  The folds of training have minds of their own; a classifier keeps one
 * mind and two judges: with the encoder and without.
 */
#pragma once

#include "nlu/classifier.h"
#include "nlu/dense.h"
#include "nlu/logistic.h"
#include "nlu/slips.h"
#include "nlu/sparse.h"

#define CLASSIFIER_MAGIC 0x434c5352u

/* Pieces of words speak in MEMBER_SPARSE too; what they say once more is for desks whose customers
 * write other words than the examples, or spell them worse. */
enum member { MEMBER_SPARSE, MEMBER_PIECES, MEMBER_DENSE, MEMBER_CENTRE, MEMBER_NEAR, MEMBER_N };
/* In the sum a member may also stand weighed by how much of the words is not known. */
#define TERMS (MEMBER_N + 2)
#define NEAR_MAX 16

struct mind {
	size_t classes, width;		/* width 0: no encoder */
	struct sparse *sparse;
	struct dense dense;
	const float *centre;		/* width x padded, columns of length 1, in the scaled space */
	const bool *has;		/* classes: it has points */
};

struct near_one {
	uint32_t example;		/* index into training.v */
	int class;
	float s;			/* cosine */
};

struct view {
	size_t classes;
	bool encoded;			/* the members beside sparse spoke */
	float *logit[MEMBER_N];		/* classes each */
	float energy[MEMBER_N];		/* of a member that spoke: log of the sum of e^logit; pieces: 0 */
	float top[MEMBER_N];		/* and the highest logit */
	struct sparse_sight sight;
	float whole;			/* share of the words that are whole tokens, 0..1 */
	struct near_one near[NEAR_MAX];
	size_t near_n;
};

#define CUES_MAX LOGISTIC_CUES_MAX
struct judge {
	bool encoder;			/* uses all members */
	float weight[TERMS];
	float temperature;
	struct logistic scope;		/* out of scope, from cues */
};

struct classifier {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;		/* owns all below and the classifier */
	uint64_t seed;
	size_t classes, examples_n, history_n;
	struct str encoder;		/* its source; empty = none */
	struct vocab vocab;
	struct mind mind;
	struct dense_scale scale;
	struct judge judge[2];		/* without, with the encoder */
	float skip_from, skip_unknown;	/* the encoder is not asked where sparse alone is this sure */
	/* known vectors, for what is near: eight bits, a scale each */
	size_t known_n;
	const int8_t *known;
	const float *known_scale;
	const uint32_t *known_example;
	const int32_t *known_class;
	struct out_of_fold *oof;
	size_t oof_n;
};

/* view.c: fills a view's members from words and, with an encoder, the scaled vector and what
 * is near. Memory of the view in a. */
void view_of(const struct mind *m, struct arena *a, const struct str *words, size_t n, const float *z,
    const struct near_one *near, size_t near_n, struct view *out);
/* Keeps the NEAR_MAX nearest, nearest first. */
void near_keep(struct near_one *v, size_t *n, struct near_one one);
/* Class centres in the scaled space. */
void mind_centres(struct mind *m, struct arena *a, const struct dense_point *p, size_t n);

/* judge.c */
struct trial {			/* a view of a text whose class is known */
	struct view view;
	int class;		/* or CLASS_OUT_OF_SCOPE */
	float weight;
	bool everyday;		/* out of scope, and far from every desk */
};
void judge_fit(struct judge *j, struct arena *scratch, const struct trial *v, size_t n, float trust);
/* logit, p: classes. Returns the best class, or -1 if there is none. */
int judge_probabilities(const struct judge *j, const struct view *v, float *logit, double *p);
/* How many cues its scope is a regression on (or 0: none was learned). */
size_t judge_cues_n(const struct judge *j);
/* After the probabilities. */
double judge_unknown(const struct judge *j, const struct view *v, const double *p, int best);
double judge_confidence(const double *p, int best, double unknown);

float judge_encoder_share(const struct judge *j, const struct view *v);

/* The words of a text, mended, and the text for the encoder. */
struct embedder;
struct said {
	const struct str *words;
	size_t n;
	struct str text;
	float whole;
};
struct said classifier_said(const struct classifier *c, struct embedder *m, struct arena *a, struct str text,
    const struct entity *e, size_t e_n);
struct said classifier_said_mended(struct embedder *m, struct arena *a, struct str text,
    const struct slips *mended);

/* Everyday text that no shop's desk is for: English and German. */
extern const char *const oos_texts[];
extern const size_t oos_texts_n;
