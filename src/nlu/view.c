/* SPDX-License-Identifier: Apache-2.0 */
/* view.c - what each member of a mind says of a text. */
#include "nlu/classifier_parts.h"

#include "vec/blas.h"

#include <math.h>
#include <string.h>

#define CENTRE_SCALE 12.0f	/* a cosine as a logit */
#define NEAR_SCALE 0.06f	/* how fast a neighbour's voice falls with its distance */
#define NEAR_REST 0.02f		/* shared by the classes that are not near */

void
near_keep(struct near_one *v, size_t *n, struct near_one one)
{
	size_t at;

	if (*n == NEAR_MAX && one.s <= v[NEAR_MAX - 1].s)
		return;
	at = *n < NEAR_MAX ? (*n)++ : NEAR_MAX - 1;
	while (at > 0 && v[at - 1].s < one.s) {
		v[at] = v[at - 1];
		at--;
	}
	v[at] = one;
}

void
mind_centres(struct mind *m, struct arena *a, const struct dense_point *p, size_t n)
{
	size_t k = BLAS_PADDED(m->classes);
	float *v = arena_array(a, float, m->width * k + 1), *square = arena_array(a, float, k);
	float *length = arena_array(a, float, k);

	for (size_t i = 0; i < n; i++) {
		float norm;

		if (!(p[i].weight > 0))
			continue;
		/* every point with the same voice, however far out it lies */
		norm = sqrtf(blas_dot(p[i].x, p[i].x, m->width)) + 1e-6f;
		for (size_t j = 0; j < m->width; j++)
			v[j * k + (size_t)p[i].class] += p[i].weight * p[i].x[j] / norm;
	}
	for (size_t j = 0; j < m->width; j++)
		for (size_t c = 0; c < m->classes; c++)
			square[c] += v[j * k + c] * v[j * k + c];
	for (size_t c = 0; c < m->classes; c++)
		length[c] = square[c] > 0 ? 1 / sqrtf(square[c]) : 0;
	for (size_t j = 0; j < m->width; j++)
		for (size_t c = 0; c < m->classes; c++)
			v[j * k + c] *= length[c];
	m->centre = v;
}

static void
see_centres(const struct mind *m, const float *z, float *logit)
{
	size_t k = BLAS_PADDED(m->classes);
	float norm = sqrtf(blas_dot(z, z, m->width)) + 1e-6f;

	memset(logit, 0, k * sizeof(*logit));
	blas_gemm(1, k, m->width, z, m->width, 1, m->centre, k, logit, k);
	for (size_t c = 0; c < m->classes; c++)
		logit[c] *= CENTRE_SCALE / norm;
}

static void
see_near(const struct mind *m, const struct near_one *near, size_t n, float *logit)
{
	float sum = 0;

	for (size_t c = 0; c < m->classes; c++)
		logit[c] = 0;
	for (size_t i = 0; i < n; i++) {
		float v = expf((near[i].s - near[0].s) / NEAR_SCALE);

		logit[near[i].class] += v;
		sum += v;
	}
	for (size_t c = 0; c < m->classes; c++)
		logit[c] = logf((n > 0 ? logit[c] / sum : 0) + NEAR_REST / (float)m->classes);
}

static float
log_sum(const float *v, size_t n, float *top)
{
	float sum = 0;

	*top = -1e30f;
	for (size_t c = 0; c < n; c++)
		*top = v[c] > *top ? v[c] : *top;
	for (size_t c = 0; c < n; c++)
		sum += expf(v[c] - *top);
	return *top + logf(sum);
}

void
view_of(const struct mind *m, struct arena *a, const struct str *words, size_t n, const float *z,
    const struct near_one *near, size_t near_n, struct view *out)
{
	size_t k = BLAS_PADDED(m->classes);

	*out = (struct view){ .classes = m->classes, .encoded = z != NULL && m->width > 0, .whole = 1 };
	out->logit[MEMBER_SPARSE] = arena_array(a, float, k);
	out->logit[MEMBER_PIECES] = arena_array(a, float, k);
	sparse_score(m->sparse, a, words, n, out->logit[MEMBER_SPARSE], out->logit[MEMBER_PIECES], &out->sight);
	if (out->encoded) {
		for (int i = MEMBER_DENSE; i < MEMBER_N; i++)
			out->logit[i] = arena_alloc(a, k * sizeof(float));
		dense_score(&m->dense, z, out->logit[MEMBER_DENSE]);
		see_centres(m, z, out->logit[MEMBER_CENTRE]);
		see_near(m, near, near_n, out->logit[MEMBER_NEAR]);
		if (near_n > 0)
			memcpy(out->near, near, near_n * sizeof(*near));
		out->near_n = near_n;
	}
	/* Of a class without a word to it nothing is ever guessed. */
	for (int i = 0; i < MEMBER_N; i++) {
		if (out->logit[i] == NULL)
			continue;
		for (size_t c = 0; c < m->classes; c++)
			if (!m->has[c])
				out->logit[i][c] = -20;
		/* In sums it is a constant that cancels: of pieces no cue asks for it. */
		if (i != MEMBER_PIECES)
			out->energy[i] = log_sum(out->logit[i], m->classes, &out->top[i]);
	}
}
