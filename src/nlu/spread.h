/* SPDX-License-Identifier: Apache-2.0 */
/* spread.h - labels that flow to texts without one, along the nearest neighbours.
 *
 * Label spreading (Zhou et al. 2004) over the cosine graph of the vectors, class
 * mass normalised.  Up to SPREAD_EXACT_MAX points the neighbours are exact.
 * Pure but for the arena, deterministic, thread-safe.
 */
#pragma once

#include "base/arena.h"

#include <stdint.h>

#define SPREAD_NEIGHBOURS 10
#define SPREAD_EXACT_MAX 24000

struct spread_graph {
	size_t n;
	uint32_t *to;		/* n x SPREAD_NEIGHBOURS; itself where there are fewer */
	float *weight;		/* likewise, normalised; symmetric by its reverse edges */
	uint32_t *back_from, *back;	/* reverse edges: of i they are back[back_from[i] .. back_from[i + 1]] */
	float *back_weight;
};
/* x: n unit vectors of `width` floats, a multiple of 16 (pad with zeros). */
void spread_graph_of(struct arena *a, struct arena *scratch, const float *x, size_t n, size_t width,
    struct spread_graph *out);
/* class[i]: -1 = none, else with weight[i]. best and confidence (0..1) get n results; a
 * labelled point keeps its label with confidence 1. */
void spread_labels(const struct spread_graph *g, struct arena *scratch, const int *class,
    const float *weight, size_t classes, int *best, float *confidence);
