/* SPDX-License-Identifier: Apache-2.0 */
/* dense.c - softmax regression on vectors by L-BFGS.
 *
 * The curvature to start from is Boehning's bound: half the covariance of the
 * vectors, the same for every class.  One Cholesky of it makes the few steps that
 * otherwise many would be.
 */
#include "nlu/dense.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "vec/blas.h"

#include <math.h>
#include <string.h>

#define MEMORY 10		/* pairs that L-BFGS keeps */
#define ROWS_BLOCK 512
#define LEAST_PIVOT 1e-9f

struct problem {
	struct arena *a;
	size_t n, width, classes, padded, size;	/* size: of all parameters, (width + 1) x padded */
	float *x;		/* n x (width + 1): the last column is 1 */
	int *class;
	float *weight;
	float l2;
	double total;		/* of all weights */
	float *z;		/* ROWS_BLOCK x padded */
	float *inverse;		/* (width + 1) x its padded: what steps are made with */
	float *solved;		/* size */
};

void
dense_scale_of(struct arena *a, const float *x, size_t n, size_t width, struct dense_scale *out)
{
	*out = (struct dense_scale){ width, arena_array(a, float, width + 1), arena_array(a, float, width + 1) };
	for (size_t j = 0; j < width; j++) {
		double sum = 0, square = 0, mean, var;

		for (size_t i = 0; i < n; i++) {
			sum += (double)x[i * width + j];
			square += (double)x[i * width + j] * (double)x[i * width + j];
		}
		mean = n > 0 ? sum / (double)n : 0;
		var = n > 1 ? square / (double)n - mean * mean : 0;
		out->mean[j] = (float)mean;
		/* where all are alike (one text) nothing is scaled up */
		out->inverse[j] = var > 1e-8 ? (float)(1 / sqrt(var)) : 1.0f;
	}
}

void
dense_scale_apply(const struct dense_scale *s, const float *x, float *out)
{
	for (size_t j = 0; j < s->width; j++)
		out[j] = (x[j] - s->mean[j]) * s->inverse[j];
}

static void
problem_fill(struct problem *p, const struct dense_point *v, size_t n)
{
	size_t d = p->width + 1, k = 0;

	for (size_t i = 0; i < n; i++)
		p->n += v[i].weight > 0;
	p->x = arena_alloc(p->a, (p->n * d + 1) * sizeof(float));
	p->class = arena_array(p->a, int, p->n + 1);
	p->weight = arena_array(p->a, float, p->n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!(v[i].weight > 0))
			continue;
		memcpy(p->x + k * d, v[i].x, p->width * sizeof(float));
		p->x[k * d + p->width] = 1;
		p->class[k] = v[i].class;
		p->weight[k++] = v[i].weight;
		p->total += (double)v[i].weight;
	}
	p->z = arena_array(p->a, float, ROWS_BLOCK * p->padded);
}

/* u, the upper half of a matrix, becomes its Cholesky factor: rows, so that whole lines are added. */
static void
factorise(float *u, size_t d, size_t pad)
{
	for (size_t k = 0; k < d; k++) {
		float *row = u + k * pad, pivot = sqrtf(row[k] > LEAST_PIVOT ? row[k] : LEAST_PIVOT);

		for (size_t j = k; j < d; j++)
			row[j] /= pivot;
		row[k] = pivot;
		for (size_t j = k + 1; j < d; j++)
			blas_axpy(d - j, -row[j], row + j, u + j * pad + j);
	}
}

/* The inverse of what u is the factor of. A line of the first half ends at its diagonal. */
static void
invert(const float *u, size_t d, size_t pad, float *inverse)
{
	for (size_t j = 0; j < d; j++) {
		float *row = inverse + j * pad;

		row[j] = 1;
		for (size_t i = 0; i < j; i++)
			blas_axpy(i + 1, -u[i * pad + j], inverse + i * pad, row);
		for (size_t c = 0; c <= j; c++)
			row[c] /= u[j * pad + j];
	}
	for (size_t j = d; j-- > 0;) {
		float *row = inverse + j * pad;

		for (size_t i = j + 1; i < d; i++)
			blas_axpy(d, -u[j * pad + i], inverse + i * pad, row);
		for (size_t c = 0; c < d; c++)
			row[c] /= u[j * pad + j];
	}
	for (size_t j = 0; j < d; j++)
		for (size_t i = 0; i < j; i++)
			inverse[j * pad + i] = inverse[i * pad + j] =
			    0.5f * (inverse[j * pad + i] + inverse[i * pad + j]);
}

/* The inverse of half the weighted covariance plus the penalty: found once, it makes every step
 * one product of matrices. */
static void
precondition(struct problem *p)
{
	size_t d = p->width + 1, pad = BLAS_PADDED(d);
	float *rows = arena_array(p->a, float, ROWS_BLOCK * pad), *gram = arena_array(p->a, float, d * pad);
	float by = (float)(1 / ((double)p->classes * p->total));

	for (size_t i = 0; i < p->n; i += ROWS_BLOCK) {
		size_t n = p->n - i < ROWS_BLOCK ? p->n - i : ROWS_BLOCK;

		for (size_t r = 0; r < n; r++)
			for (size_t j = 0; j < d; j++)
				rows[r * pad + j] = p->x[(i + r) * d + j] * p->weight[i + r];
		blas_gemm(d, pad, n, p->x + i * d, 1, d, rows, pad, gram, pad);
	}
	for (size_t j = 0; j < d; j++) {
		for (size_t k = j; k < d; k++)
			gram[j * pad + k] *= by;
		gram[j * pad + j] += (float)((double)p->l2 / p->total + 1e-6);
	}
	factorise(gram, d, pad);
	p->inverse = arena_array(p->a, float, d * pad);
	p->solved = arena_alloc(p->a, p->size * sizeof(float));
	invert(gram, d, pad, p->inverse);
}

/* g becomes its solution, every class at once. */
static void
solve(const struct problem *p, float *g)
{
	size_t d = p->width + 1, k = p->padded;

	memset(p->solved, 0, p->size * sizeof(float));
	blas_gemm(d, k, d, p->inverse, BLAS_PADDED(d), 1, g, k, p->solved, k);
	memcpy(g, p->solved, p->size * sizeof(float));
}

/* Mean loss and its gradient. The bias, too, is held a little: classes without points. */
static double
loss_of(const struct problem *p, const float *w, float *g)
{
	size_t d = p->width + 1, k = p->padded;
	double loss = 0, penalty = 0, inverse = 1 / p->total;

	memset(g, 0, p->size * sizeof(*g));
	for (size_t i = 0; i < p->n; i += ROWS_BLOCK) {
		size_t n = p->n - i < ROWS_BLOCK ? p->n - i : ROWS_BLOCK;

		memset(p->z, 0, n * k * sizeof(float));
		blas_gemm(n, k, d, p->x + i * d, d, 1, w, k, p->z, k);
		for (size_t r = 0; r < n; r++) {
			float *z = p->z + r * k, top = z[0], truth = z[p->class[i + r]], sum, scale;

			for (size_t c = 1; c < p->classes; c++)
				top = z[c] > top ? z[c] : top;
			sum = blas_exp_sum(z, p->classes, top);
			loss += (double)p->weight[i + r] * (log((double)sum) + (double)(top - truth));
			scale = (float)((double)p->weight[i + r] * inverse);
			for (size_t c = 0; c < p->classes; c++)
				z[c] *= scale / sum;
			z[p->class[i + r]] -= scale;
			memset(z + p->classes, 0, (k - p->classes) * sizeof(*z));
		}
		blas_gemm(d, k, n, p->x + i * d, 1, d, p->z, k, g, k);
	}
	for (size_t j = 0; j < d; j++) {
		float l2 = (float)((double)p->l2 * inverse) * (j < p->width ? 1.0f : 0.01f);

		penalty += 0.5 * (double)(l2 * blas_dot(w + j * k, w + j * k, k));
		blas_axpy(k, l2, w + j * k, g + j * k);
	}
	return loss * inverse + penalty;
}

struct history_pair {
	float *s, *y;
	double rho;
};

struct search {
	struct history_pair pair[MEMORY];
	size_t pairs;
	float gamma;		/* how far the first curvature is off, by the last pair */
	float *w, *g, *w_next, *g_next, *dir;
};

static void
direction(const struct problem *p, struct search *s)
{
	double alpha[MEMORY];
	size_t n = s->pairs < MEMORY ? s->pairs : MEMORY;

	memcpy(s->dir, s->g, p->size * sizeof(float));
	for (size_t i = 0; i < n; i++) {
		struct history_pair *h = &s->pair[(s->pairs - 1 - i) % MEMORY];

		alpha[i] = h->rho * (double)blas_dot(h->s, s->dir, p->size);
		blas_axpy(p->size, (float)-alpha[i], h->y, s->dir);
	}
	solve(p, s->dir);
	for (size_t i = 0; i < p->size; i++)
		s->dir[i] *= s->gamma;
	for (size_t i = n; i-- > 0;) {
		struct history_pair *h = &s->pair[(s->pairs - 1 - i) % MEMORY];
		double beta = h->rho * (double)blas_dot(h->y, s->dir, p->size);

		blas_axpy(p->size, (float)(alpha[i] - beta), h->s, s->dir);
	}
	for (size_t i = 0; i < p->size; i++)
		s->dir[i] = -s->dir[i];
}

static float
largest(const float *v, size_t n)
{
	float top = 0;

	for (size_t i = 0; i < n; i++)
		top = fabsf(v[i]) > top ? fabsf(v[i]) : top;
	return top;
}

static void
remember(const struct problem *p, struct search *s)
{
	struct history_pair *h = &s->pair[s->pairs % MEMORY];
	double sy, yhy;

	if (h->s == NULL) {
		h->s = arena_alloc(p->a, p->size * sizeof(float));
		h->y = arena_alloc(p->a, p->size * sizeof(float));
	}
	for (size_t i = 0; i < p->size; i++) {
		h->s[i] = s->w_next[i] - s->w[i];
		h->y[i] = s->g_next[i] - s->g[i];
	}
	sy = (double)blas_dot(h->s, h->y, p->size);
	if (sy <= 1e-14)
		return;
	h->rho = 1 / sy;
	s->pairs++;
	memcpy(s->dir, h->y, p->size * sizeof(float));
	solve(p, s->dir);
	yhy = (double)blas_dot(h->y, s->dir, p->size);
	s->gamma = yhy > 0 ? (float)(sy / yhy) : 1;
}

static void
minimise(const struct problem *p, struct search *s, const struct dense_options *o)
{
	double loss = loss_of(p, s->w, s->g), next, slope, step;

	for (unsigned it = 0; it < o->steps_max && largest(s->g, p->size) > o->tolerance; it++) {
		float *swap;
		int tries = 0;

		direction(p, s);
		slope = (double)blas_dot(s->dir, s->g, p->size);
		if (slope >= 0)
			return;
		step = 1;
		for (;;) {
			memcpy(s->w_next, s->w, p->size * sizeof(float));
			blas_axpy(p->size, (float)step, s->dir, s->w_next);
			next = loss_of(p, s->w_next, s->g_next);
			if (next <= loss + 1e-4 * step * slope)
				break;
			if (++tries == 12)
				return;		/* the rounding of floats is reached */
			step *= 0.4;
		}
		remember(p, s);
		swap = s->w;
		s->w = s->w_next;
		s->w_next = swap;
		swap = s->g;
		s->g = s->g_next;
		s->g_next = swap;
		loss = next;
	}
}

void
dense_train(struct arena *a, struct arena *scratch, const struct dense_point *v, size_t n, size_t classes,
    size_t width, const struct dense_options *o, struct dense *out)
{
	struct problem p = { .a = scratch, .width = width, .classes = classes, .padded = BLAS_PADDED(classes),
		.l2 = o->l2 };
	struct search s = { .gamma = 1 };
	float *w;

	p.size = (width + 1) * p.padded;
	w = arena_array(a, float, p.size + 1);
	*out = (struct dense){ classes, p.padded, width, w, w + width * p.padded };
	problem_fill(&p, v, n);
	if (p.n == 0)
		return;
	precondition(&p);
	s.w = arena_array(scratch, float, p.size);
	s.g = arena_alloc(scratch, p.size * sizeof(float));
	s.w_next = arena_alloc(scratch, p.size * sizeof(float));
	s.g_next = arena_alloc(scratch, p.size * sizeof(float));
	s.dir = arena_alloc(scratch, p.size * sizeof(float));
	if (o->from != NULL && o->from->classes == classes && o->from->width == width)
		memcpy(s.w, o->from->weight, p.size * sizeof(float));
	minimise(&p, &s, o);
	memcpy(w, s.w, p.size * sizeof(float));
}

void
dense_score(const struct dense *d, const float *x, float *logit)
{
	memcpy(logit, d->bias, d->padded * sizeof(*logit));
	blas_gemm(1, d->padded, d->width, x, d->width, 1, d->weight, d->padded, logit, d->padded);
}

void
dense_save(const struct dense *d, struct buf *out)
{
	for (size_t j = 0; j <= d->width; j++)
		bytes_put_floats(out, d->weight + j * d->padded, d->classes);
}

void
dense_load(struct arena *a, struct bytes_reader *r, size_t classes, size_t width, struct dense *out)
{
	size_t padded = BLAS_PADDED(classes);
	float *w;

	if (r->bad || classes * (width + 1) > (r->s.n - r->at) / sizeof(float)) {
		r->bad = true;
		return;
	}
	w = arena_array(a, float, (width + 1) * padded + 1);
	for (size_t j = 0; j <= width; j++)
		for (size_t c = 0; c < classes; c++)
			w[j * padded + c] = bytes_take_f32(r);
	*out = (struct dense){ classes, padded, width, w, w + width * padded };
}
