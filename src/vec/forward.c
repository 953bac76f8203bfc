/* SPDX-License-Identifier: Apache-2.0 */
/* forward.c - the layers, one after the other; what is slow in them is the kernel's. */
#include "vec/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE 64u		/* bytes of a cache line: where every tensor begins */
#define HUGE_PAGE ((size_t)2 << 20)

struct layer {
	struct packed qkv, o, up, down;
	const float *attention_norm, *attention_norm_bias, *output_norm, *output_norm_bias;
};

struct forward {
	struct encoder_weights w;	/* views: see forward.h */
	const struct kernel *k;
	char *memory;
	size_t bytes;
	const float *norm, *norm_bias;
	struct layer layer[ENCODER_LAYERS_MAX];
};

/* ---- packing: the same walk measures first and fills then ---- */

struct packer {
	char *base;		/* NULL: measure */
	size_t used;
};

static void *
take(struct packer *p, size_t bytes)
{
	void *at = p->base == NULL ? NULL : p->base + p->used;

	p->used += (bytes + LINE - 1) & ~(size_t)(LINE - 1);
	return at;
}

static const float *
pad_floats(struct packer *p, const float *from, size_t n)
{
	float *to = take(p, kernel_pad(n) * sizeof(*to));

	if (to == NULL)
		return NULL;
	memset(to, 0, kernel_pad(n) * sizeof(*to));
	memcpy(to, from, n * sizeof(*to));
	return to;
}

static void
pack_f32(float *w, const struct matrix *m, size_t first, size_t cols, size_t panel)
{
	for (size_t r = 0; r < m->rows; r++) {
		size_t row = first + r;
		float *to = w + row / panel * panel * cols + row % panel;

		for (size_t c = 0; c < m->cols; c++)
			to[c * panel] = m->f32[r * m->cols + c];
	}
}

static void
put_weight(const struct kernel *k, int8_t *panel, size_t output, size_t input, int8_t v)
{
	int16_t wide = (int16_t)v;

	if (k->item == sizeof(wide))
		memcpy(panel + (input / 2 * k->panel_i8 + output) * 4 + input % 2 * 2, &wide, sizeof(wide));
	else
		panel[(input / 4 * k->panel_i8 + output) * 4 + input % 4] = v;
}

static void
pack_i8(const struct kernel *k, int8_t *w, float *scale, float *sum, const struct matrix *m,
    size_t first, size_t cols)
{
	for (size_t r = 0; r < m->rows; r++) {
		size_t row = first + r, panel = row / k->panel_i8;
		int8_t *to = w + panel * k->panel_i8 * cols * k->item;
		int32_t total = 0;

		for (size_t c = 0; c < m->cols; c++) {
			int8_t v = m->i8[r * m->cols + c];

			put_weight(k, to, row % k->panel_i8, c, v);
			total += v;
		}
		scale[row] = m->scale[r];
		sum[row] = m->scale[r] * (float)total;
	}
}

/* What a kernel's 16 bits cannot hold: of four weights that are added there, the largest give
 * up what is too much of their sign. */
struct excess_walk {
	const struct kernel *k;
	const struct packed *m;
	int8_t *w;		/* its weights: changed with `out` */
	struct excess *out;	/* NULL: count */
	uint32_t n;
};

static void
put_excess(struct excess_walk *x, size_t output, size_t input, int32_t more, int32_t left)
{
	size_t panel = output / x->k->panel_i8, at = output % x->k->panel_i8;

	if (x->out != NULL) {
		x->out[x->n] = (struct excess){ (uint16_t)input, (uint8_t)at, (int8_t)more };
		put_weight(x->k, x->w + panel * x->k->panel_i8 * x->m->cols, at, input, (int8_t)left);
	}
	x->n++;
}

static void
excess_of_four(struct excess_walk *x, const int8_t *row, size_t input, size_t output, int sign)
{
	static const size_t four[] = { 0, 1, 4, 5 };
	int32_t v[4], sum = 0;

	for (size_t i = 0; i < 4; i++) {
		v[i] = row[four[i]] * sign;
		v[i] = v[i] > 0 ? v[i] : 0;
		sum += v[i];
	}
	while (sum > x->k->sum_most) {
		size_t top = 0;
		int32_t more = sum - x->k->sum_most;

		for (size_t i = 1; i < 4; i++)
			top = v[i] > v[top] ? i : top;
		more = more < v[top] ? more : v[top];
		v[top] -= more;
		sum -= more;
		put_excess(x, output, input + four[top], more * sign, v[top] * sign);
	}
}

/* Most eights need no look at their fours: all of one sign together are few enough. */
static void
excess_of_row(struct excess_walk *x, const struct matrix *m, size_t r, size_t output)
{
	for (size_t c = 0; c < m->cols; c += 8) {
		size_t n = m->cols - c < 8 ? m->cols - c : 8;
		int32_t plain = 0, sizes = 0;
		int8_t row[8] = { 0 };

		memcpy(row, m->i8 + r * m->cols + c, n);
		for (size_t i = 0; i < 8; i++) {
			plain += row[i];
			sizes += row[i] < 0 ? -row[i] : row[i];
		}
		/* (sizes + plain) / 2 are the positive ones */
		if (sizes + (plain < 0 ? -plain : plain) <= 2 * x->k->sum_most)
			continue;
		for (size_t half = 0; half < 4; half += 2)
			for (int sign = -1; sign <= 1; sign += 2)
				excess_of_four(x, row + half, c + half, output, sign);
	}
}

static void
excess_walk(struct excess_walk *x, const struct matrix *m[], size_t n, uint32_t *from)
{
	size_t panels = x->m->rows / x->k->panel_i8, next = 0, output = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < m[i]->rows; r++, output++) {
			if (from != NULL && output == next * x->k->panel_i8)
				from[next++] = x->n;
			excess_of_row(x, m[i], r, output);
		}
	while (from != NULL && next <= panels)
		from[next++] = x->n;
}

static void
excess_pack(struct packer *p, const struct kernel *k, const struct matrix *m[], size_t n,
    int8_t *w, struct packed *to)
{
	struct excess_walk x = { .k = k, .m = to, .w = w };
	uint32_t *from = take(p, (to->rows / k->panel_i8 + 1) * sizeof(*from));

	excess_walk(&x, m, n, NULL);
	x.out = take(p, x.n * sizeof(*x.out));
	x.n = 0;
	if (from != NULL)
		excess_walk(&x, m, n, from);
	to->excess = x.out;
	to->excess_from = from;
}

/* One packed matrix of several that share their input, one below the other. */
static struct packed
pack(struct packer *p, const struct kernel *k, const struct matrix *m[], const float *bias[],
    size_t n)
{
	size_t rows = 0, cols = kernel_pad(m[0]->cols), each = m[0]->i8 != NULL ? k->item : sizeof(float);
	size_t first = 0, bytes;
	float *b, *scale = NULL, *sum = NULL;
	bool i8 = m[0]->i8 != NULL;
	struct packed got;
	void *w;

	for (size_t i = 0; i < n; i++)
		rows += m[i]->rows;
	rows = kernel_pad(rows);
	bytes = rows * cols * each;
	w = take(p, bytes);
	b = take(p, rows * sizeof(*b));
	if (i8) {
		scale = take(p, rows * sizeof(*scale));
		sum = take(p, rows * sizeof(*sum));
	}
	if (w != NULL) {
		memset(w, 0, p->used - (size_t)((char *)w - p->base));
		for (size_t i = 0; i < n; first += m[i++]->rows) {
			if (i8)
				pack_i8(k, w, scale, sum, m[i], first, cols);
			else
				pack_f32(w, m[i], first, cols, k->panel_f32);
			memcpy(b + first, bias[i], m[i]->rows * sizeof(*b));
		}
	}
	got = (struct packed){ (uint32_t)rows, (uint32_t)cols, i8, w, b, scale, sum, NULL, NULL };
	if (i8 && k->sum_most > 0)
		excess_pack(p, k, m, n, w, &got);
	return got;
}

static void
pack_layer(struct packer *p, const struct kernel *k, const struct encoder_layer *from,
    size_t width, struct layer *to)
{
	to->qkv = pack(p, k, (const struct matrix *[]){ &from->q, &from->k, &from->v },
	    (const float *[]){ from->q_bias, from->k_bias, from->v_bias }, 3);
	to->o = pack(p, k, (const struct matrix *[]){ &from->o }, &(const float *){ from->o_bias }, 1);
	to->up = pack(p, k, (const struct matrix *[]){ &from->up },
	    &(const float *){ from->up_bias }, 1);
	to->down = pack(p, k, (const struct matrix *[]){ &from->down },
	    &(const float *){ from->down_bias }, 1);
	to->attention_norm = pad_floats(p, from->attention_norm, width);
	to->attention_norm_bias = pad_floats(p, from->attention_norm_bias, width);
	to->output_norm = pad_floats(p, from->output_norm, width);
	to->output_norm_bias = pad_floats(p, from->output_norm_bias, width);
}

static void
pack_all(struct forward *f, struct packer *p)
{
	const struct encoder_weights *w = &f->w;

	f->norm = pad_floats(p, w->norm, w->info.width);
	f->norm_bias = pad_floats(p, w->norm_bias, w->info.width);
	for (size_t i = 0; i < w->info.layers; i++)
		pack_layer(p, f->k, &w->layer[i], w->info.width, &f->layer[i]);
}

struct forward *
forward_new(const struct encoder_weights *w, const struct kernel *k)
{
	struct forward *f = calloc(1, sizeof(*f));
	struct packer p = { NULL, 0 };
	size_t align;

	CHECK(f != NULL);
	f->w = *w;
	f->k = k;
	pack_all(f, &p);
	/* Read from end to end for every text: large pages spare the address cache. */
	align = p.used >= HUGE_PAGE ? HUGE_PAGE : LINE;
	f->bytes = (p.used + align - 1) & ~(align - 1);
	f->memory = aligned_alloc(align, f->bytes);
	CHECK(f->memory != NULL);
	if (align == HUGE_PAGE)
		(void)madvise(f->memory, f->bytes, MADV_HUGEPAGE);
	p = (struct packer){ f->memory, 0 };
	pack_all(f, &p);
	return f;
}

void
forward_free(struct forward **fp)
{
	if (*fp == NULL)
		return;
	free((*fp)->memory);
	free(*fp);
	*fp = NULL;
}

size_t
forward_bytes(const struct forward *f)
{
	return f->bytes;
}

const struct kernel *
forward_kernel(const struct forward *f)
{
	return f->k;
}

/* ---- running ---- */

struct scratch {
	float *x, *mixed, *wide;	/* hidden rows, attention's rows, the widest rows */
	float *attention;
	struct quantised q;
};

static void *
align_alloc(struct arena *a, size_t bytes)
{
	uintptr_t at = (uintptr_t)arena_alloc(a, bytes + LINE);

	return (void *)((at + LINE - 1) & ~(uintptr_t)(LINE - 1));
}

static struct scratch
scratch_new(const struct forward *f, struct arena *a, size_t n)
{
	const struct encoder_info *info = &f->w.info;
	size_t width = kernel_pad(info->width), inner = kernel_pad(info->inner);
	size_t wide = kernel_pad(3 * (size_t)info->width);
	struct scratch s = { 0 };

	if (inner > wide)
		wide = inner;
	s.x = align_alloc(a, n * width * sizeof(float));
	s.mixed = align_alloc(a, n * width * sizeof(float));
	s.wide = align_alloc(a, n * wide * sizeof(float));
	s.attention = align_alloc(a,
	    kernel_attention_scratch(n, info->width / info->heads) * sizeof(float));
	if (info->precision == ENCODER_I8) {
		s.q.q = align_alloc(a, n * (inner > width ? inner : width) * f->k->item);
		s.q.low = align_alloc(a, n * sizeof(float));
		s.q.step = align_alloc(a, n * sizeof(float));
	}
	/* Attention writes the width alone. */
	memset(s.mixed, 0, n * width * sizeof(float));
	return s;
}

static void
dense(const struct forward *f, const struct packed *m, struct scratch *s, const float *x, size_t n,
    float *out, enum dense_then then)
{
	if (m->i8) {
		f->k->quantise(x, n, m->cols, &s->q);
		f->k->dense_i8(m, &s->q, n, out, then);
	} else {
		f->k->dense(m, x, n, out, then);
	}
}

static void
run_layer(const struct forward *f, const struct layer *l, struct scratch *s, size_t n)
{
	const struct encoder_info *info = &f->w.info;
	struct attention t = { .qkv = s->wide, .ld = l->qkv.rows, .n = n, .heads = info->heads,
		.head = info->width / info->heads, .width = info->width, .out = s->mixed,
		.ld_out = kernel_pad(info->width), .scratch = s->attention };

	dense(f, &l->qkv, s, s->x, n, s->wide, THEN_STORE);
	f->k->attend(&t);
	dense(f, &l->o, s, s->mixed, n, s->x, THEN_ADD);
	f->k->norm(s->x, n, info->width, l->attention_norm, l->attention_norm_bias, info->epsilon);
	dense(f, &l->up, s, s->x, n, s->wide, THEN_GELU);
	dense(f, &l->down, s, s->wide, n, s->x, THEN_ADD);
	f->k->norm(s->x, n, info->width, l->output_norm, l->output_norm_bias, info->epsilon);
}

static void
embed_words(const struct forward *f, const uint32_t *ids, size_t n, float *x)
{
	const struct matrix *words = &f->w.words;
	size_t width = f->w.info.width, ld = kernel_pad(width);

	memset(x, 0, n * ld * sizeof(*x));
	for (size_t i = 0; i < n; i++, x += ld) {
		const float *position = f->w.positions + i * width;
		size_t at = (size_t)ids[i] * width;

		for (size_t c = 0; c < width; c++) {
			float word = words->i8 != NULL ?
			    (float)words->i8[at + c] * words->scale[ids[i]] : words->f32[at + c];

			x[c] = word + position[c] + f->w.types[c];
		}
	}
}

static void
pool(const struct encoder_info *info, const float *x, size_t n, float *out)
{
	size_t ld = kernel_pad(info->width), rows = info->pooling == POOL_MEAN ? n : 1;
	double square = 0;
	float by;

	memset(out, 0, info->width * sizeof(*out));
	for (size_t i = 0; i < rows; i++)
		for (size_t c = 0; c < info->width; c++)
			out[c] += x[i * ld + c];
	for (size_t c = 0; c < info->width; c++)
		square += (double)out[c] * (double)out[c];
	if (!isfinite(square) || square <= 0) {
		memset(out, 0, info->width * sizeof(*out));
		return;
	}
	by = (float)(1 / sqrt(square));
	for (size_t c = 0; c < info->width; c++)
		out[c] *= by;
}

void
forward_run(const struct forward *f, struct arena *a, const uint32_t *ids, size_t n, float *out)
{
	const struct encoder_info *info = &f->w.info;
	struct scratch s;

	CHECK(n > 0 && n <= ENCODER_TOKENS_MAX && n <= info->positions);
	s = scratch_new(f, a, n);
	embed_words(f, ids, n, s.x);
	f->k->norm(s.x, n, info->width, f->norm, f->norm_bias, info->epsilon);
	for (size_t i = 0; i < info->layers; i++)
		run_layer(f, &f->layer[i], &s, n);
	pool(info, s.x, n, out);
}
