/* SPDX-License-Identifier: Apache-2.0 */
/* classifier.h - texts to classes: what `model.h` (a policy's intents) and `baton eval`
 * (anybody's labelled file) both stand on.
 *
 * Sparse n-grams (nlu/sparse.h) and a sentence encoder (nlu/embedder.h) each give
 * log-probabilities; they are added with a weight learned on held-out folds and
 * lowered where the words are unknown.  Texts without labels spread the labels of
 * their neighbours (Zhou et al. 2004).  Names and descriptions of the classes are
 * examples of little weight, so that a desk without any example starts.  Temperature, the
 * out-of-scope score and the promises are fitted on 5-fold out-of-fold predictions,
 * never on what a model has seen.
 *
 * Deterministic from the seed (for one kernel of the encoder).  A classifier is immutable,
 * shared by reference count, thread-safe.  Probabilities are 0..1 doubles here and
 * millionths where they are recorded.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

struct buf;
struct classifier;
struct embedder;
struct entity;
struct policy;
struct slips;
struct patterns;

#define CLASSIFIER_CLASSES_MAX 4096
#define CLASS_OUT_OF_SCOPE (-1)
#define NEAREST_MAX 5

struct class_def {
	struct str id, name, description;	/* name, description: may be empty */
};
struct labelled {
	struct str text;
	int class;		/* or CLASS_OUT_OF_SCOPE: a known out-of-scope text */
};
/* All views must live while classifier_train runs, not longer. */
struct training {
	const struct class_def *classes;
	size_t classes_n;
	const struct labelled *v;
	size_t n;
	const struct labelled *held;	/* the user's own validation texts: only calibrate on; may be none */
	size_t held_n;
	/* Texts without labels; may be none. Used with an encoder only. What is kept of them is weights:
	 * words that neither an example nor three of these texts have are not learned. */
	const struct str *history;
	size_t history_n;
	struct embedder *embedder;	/* NULL: sparse only */
	const struct policy *policy;	/* its entity formats become placeholders; may be NULL */
	const struct patterns *patterns;/* likewise, compiled */
	uint64_t seed;
	/* Of each of v, in which fold it is held out, -1: drawn; NULL: all are drawn.  So two
	 * sets that differ in a few examples are compared, not two draws. */
	const int *fold;
	bool hurry;		/* a first look: several times faster, up to a point worse */
	/* Called now and then with what is being done and how far, 0..1; may be NULL. */
	void (*progress)(void *arg, const char *stage, double share);
	void *arg;
};

struct class_score {
	int class;
	double p;		/* calibrated; all classes' sum to 1 */
	float logit;		/* fused, before the temperature */
};
struct nearest {		/* a training example near the text */
	int example;		/* index into training.v as it was */
	int class;
	float similarity;	/* cosine, 0..1 */
};
struct classified {
	struct class_score top[5];
	size_t top_n;
	double unknown;		/* 0..1 calibrated: out of scope, from energy and distance */
	double confidence;	/* p * sqrt(1 - unknown): what the promises are thresholds on */
	float known;		/* share of the words' features that training has seen, 0..1 */
	float encoder_share;	/* weight of the encoder in the sum, 0..1; 0: it was not asked */
	struct nearest nearest[NEAREST_MAX];
	size_t nearest_n;	/* 0 when not wanted */
	double *p;		/* of all classes, in the arena */
	const float *vector;	/* of the text, as the encoder gave it, in the arena; NULL: it was not asked */
};

/* E_INVALID names what is wrong with the training set: no class, more than
 * CLASSIFIER_CLASSES_MAX, a class number out of range. One class, or classes without
 * examples, are no errors. */
enum err classifier_train(const struct training *t, struct classifier **out, struct fault *f) NODISCARD;
struct classifier *classifier_ref(struct classifier *c);
void classifier_unref(struct classifier **c);

/* m: the embedder it was trained with, or NULL: then the sparse part answers alone,
 * calibrated for that. `want_nearest`: fill nearest too. */
void classifier_read(const struct classifier *c, struct embedder *m, struct str text, bool want_nearest,
    struct arena *a, struct classified *out);
/* The same with the entities that were found already (nlu/senses.h): they become placeholders. */
void classifier_read_entities(const struct classifier *c, struct embedder *m, struct str text,
    const struct entity *e, size_t e_n, bool want_nearest, struct arena *a, struct classified *out);
/* And with its words mended already (nlu/words.h, nlu/slips.h). */
void classifier_read_mended(const struct classifier *c, struct embedder *m, struct str text,
    const struct slips *mended, bool want_nearest, struct arena *a, struct classified *out);
/* Is it sure of one class: with `p` (above 1/2) at least, and less than `unknown`?  As the one
 * above says it, but no more is reckoned than that takes.  *out is filled if it is. */
bool classifier_is_sure(const struct classifier *c, struct embedder *m, struct str text,
    const struct slips *mended, double p, double unknown, struct arena *a, struct class_score *out);
/* How much each word of the text pulled towards the class (sparse part), in logits. */
struct pull { struct str word; uint32_t from, to; float logit; };
const struct pull *classifier_pulls(const struct classifier *c, struct str text, int class, struct arena *a,
    size_t *n);

/* Out-of-fold predictions of the training examples, kept for calibration, health
 * and promises, in no order; of very large sets (many classes, or 3,000 examples without an
 * encoder) of a part only. `example` is the index into training.v. */
struct out_of_fold {
	int example, truth, best;
	double p_best, p_truth, unknown, confidence;
	int fold;	/* in which it was held out */
};
const struct out_of_fold *classifier_out_of_fold(const struct classifier *c, size_t *n);
/* Examples whose label would teach most: indexes into training.history, best first; at most max. */
size_t classifier_label_next(const struct classifier *c, const struct training *t, uint32_t *out, size_t max);

/* format version, checksum and provenance (seed, counts, encoder) inside. */
void classifier_save(const struct classifier *c, struct buf *out);
enum err classifier_load(struct str bytes, struct classifier **out, struct fault *f) NODISCARD;
