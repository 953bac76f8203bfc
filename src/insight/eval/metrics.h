/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h - figures of a classifier on held-out texts, each by its usual definition.
 *
 * A share over nothing is NAN: no answer, not zero.  Pure; functions that sort do so in
 * place.  Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interval {
	double low, high;
};
/* Of a share, 95 % (Wilson 1927). */
struct interval metrics_wilson(size_t right, size_t n);
double metrics_share(size_t part, size_t n);

struct scored {			/* one text: how sure, and whether it was so */
	double score;
	bool yes;
};
/* Chance that a `yes` scores above a `no`; ties count half (Mann and Whitney 1947). Sorts. */
double metrics_auroc(struct scored *v, size_t n);

#define ECE_BINS 15
struct ece_bin {
	size_t n;
	double sure, right;	/* mean score, share of yes; 0 when empty */
};
enum ece_kind { ECE_EQUAL_WIDTH, ECE_EQUAL_MASS };
/* Expected calibration error over ECE_BINS bins (Guo et al. 2017). Sorts for equal mass.
 * bins may be NULL. */
double metrics_ece(struct scored *v, size_t n, enum ece_kind kind, struct ece_bin bins[ECE_BINS]);

struct risk_point {
	double coverage, risk, threshold;	/* accepting score >= threshold */
};
/* By falling score, one point for each distinct score; out has room for n. Sorts. Returns
 * how many. */
size_t metrics_risk_coverage(struct scored *v, size_t n, struct risk_point *out);
/* The largest coverage whose precision is at least that; 0 when none. */
double metrics_coverage_at(const struct risk_point *v, size_t n, double precision);

struct prf {
	size_t support, said, right;
	double precision, recall, f1;	/* NAN where nothing was said, or there is none */
};
/* From counts: fills the three. F1 is 0 where one of the two is, NAN where there is no support. */
void metrics_prf(struct prf *p);

/* Nearest rank: the smallest value with at least that share of all at or below. Sorts. */
double metrics_percentile(double *v, size_t n, double share);
double metrics_mean(const double *v, size_t n);
double metrics_deviation(const double *v, size_t n);	/* of a sample: by n - 1 */

/* Two-sided exact test that two classifiers are equally good (McNemar 1947): how many only
 * the one, and only the other, had right. */
double metrics_mcnemar(size_t only_a, size_t only_b);
