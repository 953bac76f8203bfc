/* SPDX-License-Identifier: Apache-2.0 */
/* spread.c - a nearest-neighbour graph by blocks of a matrix product, and thirty rounds on it. */
#include "nlu/spread.h"

#include "vec/blas.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define BLOCK 240		/* rows of the product at a time */
#define COLS 512
#define SHARPNESS 0.1f
#define ALPHA 0.95f
#define ROUNDS 30

struct near_list {
	float s[SPREAD_NEIGHBOURS];
	uint32_t i[SPREAD_NEIGHBOURS];
	size_t n;
};

static void
near_add(struct near_list *l, uint32_t i, float s)
{
	size_t at = l->n < SPREAD_NEIGHBOURS ? l->n++ : SPREAD_NEIGHBOURS - 1;

	while (at > 0 && l->s[at - 1] < s) {
		l->s[at] = l->s[at - 1];
		l->i[at] = l->i[at - 1];
		at--;
	}
	l->s[at] = s;
	l->i[at] = i;
}

static void
find_neighbours(struct arena *scratch, const float *x, size_t n, size_t width, struct near_list *near)
{
	float *turned = arena_array(scratch, float, width * COLS), *c = arena_array(scratch, float, BLOCK * COLS);

	for (size_t j = 0; j < n; j += COLS) {
		size_t jn = n - j < COLS ? n - j : COLS;

		memset(turned, 0, width * COLS * sizeof(*turned));
		for (size_t r = 0; r < jn; r++)
			for (size_t k = 0; k < width; k++)
				turned[k * COLS + r] = x[(j + r) * width + k];
		for (size_t i = 0; i < n; i += BLOCK) {
			size_t in = n - i < BLOCK ? n - i : BLOCK;

			memset(c, 0, in * COLS * sizeof(*c));
			blas_gemm(in, COLS, width, x + i * width, width, 1, turned, COLS, c, COLS);
			for (size_t r = 0; r < in; r++) {
				struct near_list *l = &near[i + r];
				const float *row = c + r * COLS;

				for (size_t k = 0; k < jn; k++)
					if ((l->n < SPREAD_NEIGHBOURS || row[k] > l->s[SPREAD_NEIGHBOURS - 1]) &&
					    j + k != i + r)
						near_add(l, (uint32_t)(j + k), row[k]);
			}
		}
	}
}

void
spread_graph_of(struct arena *a, struct arena *scratch, const float *x, size_t n, size_t width,
    struct spread_graph *out)
{
	struct near_list *near = arena_array(scratch, struct near_list, n + 1);
	float *degree = arena_array(scratch, float, n + 1);
	uint32_t *at;

	find_neighbours(scratch, x, n, width, near);
	*out = (struct spread_graph){ n, arena_array(a, uint32_t, n * SPREAD_NEIGHBOURS + 1),
		arena_array(a, float, n * SPREAD_NEIGHBOURS + 1), arena_array(a, uint32_t, n + 2),
		arena_array(a, uint32_t, n * SPREAD_NEIGHBOURS + 1),
		arena_array(a, float, n * SPREAD_NEIGHBOURS + 1) };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < SPREAD_NEIGHBOURS; k++) {
			size_t e = i * SPREAD_NEIGHBOURS + k;
			bool have = k < near[i].n;

			/* half an edge each way: two that name each other are tied twice */
			out->to[e] = have ? near[i].i[k] : (uint32_t)i;
			out->weight[e] = have ? 0.5f * expf((near[i].s[k] - 1) / SHARPNESS) : 0;
			degree[i] += out->weight[e];
			degree[out->to[e]] += out->weight[e];
			out->back_from[out->to[e] + 1]++;
		}
	for (size_t i = 0; i < n; i++)
		out->back_from[i + 1] += out->back_from[i];
	at = arena_array(scratch, uint32_t, n + 1);
	memcpy(at, out->back_from, n * sizeof(*at));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < SPREAD_NEIGHBOURS; k++) {
			size_t e = i * SPREAD_NEIGHBOURS + k;
			float both = degree[i] * degree[out->to[e]];
			uint32_t b = at[out->to[e]]++;

			out->weight[e] = both > 0 ? out->weight[e] / sqrtf(both) : 0;
			out->back[b] = (uint32_t)i;
			out->back_weight[b] = out->weight[e];
		}
}

static void
one_round(const struct spread_graph *g, const float *from, float *to, size_t k)
{
	for (size_t i = 0; i < g->n; i++) {
		float *row = to + i * k;

		memset(row, 0, k * sizeof(*row));
		for (size_t e = i * SPREAD_NEIGHBOURS; e < (i + 1) * SPREAD_NEIGHBOURS; e++)
			if (g->weight[e] > 0)
				blas_axpy(k, ALPHA * g->weight[e], from + g->to[e] * k, row);
		for (uint32_t e = g->back_from[i]; e < g->back_from[i + 1]; e++)
			if (g->back_weight[e] > 0)
				blas_axpy(k, ALPHA * g->back_weight[e], from + g->back[e] * k, row);
	}
}

void
spread_labels(const struct spread_graph *g, struct arena *scratch, const int *class, const float *weight,
    size_t classes, int *best, float *confidence)
{
	size_t k = BLAS_PADDED(classes);
	float *now = arena_array(scratch, float, g->n * k + 1), *next = arena_array(scratch, float, g->n * k + 1);
	double *mass = arena_array(scratch, double, classes + 1);

	for (size_t i = 0; i < g->n; i++)
		if (class[i] >= 0)
			now[i * k + (size_t)class[i]] = weight[i];
	for (int round = 0; round < ROUNDS; round++) {
		float *swap = now;

		one_round(g, now, next, k);
		for (size_t i = 0; i < g->n; i++)
			if (class[i] >= 0)
				next[i * k + (size_t)class[i]] += (1 - ALPHA) * weight[i];
		now = next;
		next = swap;
	}
	for (size_t i = 0; i < g->n; i++)
		for (size_t c = 0; c < classes; c++)
			mass[c] += (double)now[i * k + c];
	for (size_t i = 0; i < g->n; i++) {
		double top = -1, sum = 0;

		best[i] = class[i];
		for (size_t c = 0; c < classes; c++) {
			double v = mass[c] > 0 ? (double)now[i * k + c] / mass[c] : 0;

			sum += v;
			if (v > top) {
				top = v;
				best[i] = class[i] >= 0 ? class[i] : v > 0 ? (int)c : -1;
			}
		}
		confidence[i] = class[i] >= 0 ? 1 : sum > 0 ? (float)(top / sum) : 0;
	}
}
