/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_body.h - the arithmetic of a kernel, written once for every vector width.
 *
 * Included by one kernel_*.c each, which has defined
 *	LANES			floats in a vector
 *	ACROSS_F32, ACROSS_I8	vectors in a panel
 *	ROWS_F32, ROWS_I8	rows of a tile: as many sums as fit into registers
 *	ITEM			bytes of a quantised activation and of its weight: 1 or 2
 *	Q_MAX			the largest quantised activation
 *	SUM_MOST		the largest sum of one sign that four weights of dot8 may have
 *			(kernel.h: sum_most); 0: any
 *	vf, larger, smaller	a vector of floats; the larger and smaller of two, lane by lane
 *	vi, dot8(sum, a, w, b, x)	the items in the four bytes of `a` times those of `w`, and
 *			those of `b` times those of `x`, added to each lane
 *	put_items(p, v)		stores each lane's low bytes, ITEM of them
 * GNU vectors (gcc and clang agree on them) keep it free of intrinsics.  The compiler
 * may fuse products and sums here, and only here; it may not reorder them.
 */
#pragma once

#include "vec/kernel.h"

#include <string.h>

#define PANEL_F32 ((size_t)LANES * ACROSS_F32)
#define PANEL_I8 ((size_t)LANES * ACROSS_I8)
/* Lines of a panel that one round of a tile's loop reads: of one tile, or of several. */
#define LINES_OF(bytes, tiles) (((tiles) > 1 ? (bytes) + 127 : 2 * (bytes) + 127) / 128)
#define LINES_F32(tiles) LINES_OF((int)(PANEL_F32 * sizeof(float)), tiles)
#define LINES_I8(tiles) LINES_OF((int)(PANEL_I8 * 8), tiles)

/* A tile of each height is code of its own, its sums in registers of their own. */
#define TILE(n, most, fn, ...) case n: if (n <= (most)) fn(__VA_ARGS__, n); break;
#define TILES(...) TILE(1, __VA_ARGS__) TILE(2, __VA_ARGS__) TILE(3, __VA_ARGS__) \
	TILE(4, __VA_ARGS__) TILE(5, __VA_ARGS__) TILE(6, __VA_ARGS__) TILE(7, __VA_ARGS__) \
	TILE(8, __VA_ARGS__) TILE(9, __VA_ARGS__) TILE(10, __VA_ARGS__) TILE(11, __VA_ARGS__) \
	TILE(12, __VA_ARGS__)


INLINE vf
load(const float *p)
{
	vf v;

	memcpy(&v, p, sizeof(v));
	return v;
}

INLINE vi
load_four(const int8_t *p)
{
	vi v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The same four bytes in every lane. */
INLINE vi
four(const uint8_t *p)
{
	int32_t x;

	memcpy(&x, p, sizeof(x));
	return x - (vi){ 0 };
}

INLINE void
store(float *p, vf v)
{
	memcpy(p, &v, sizeof(v));
}

INLINE vf
all(float x)
{
	return x - (vf){ 0 };
}

INLINE float
sum_lanes(vf v)
{
	float s = 0;

	for (int i = 0; i < LANES; i++)
		s += v[i];
	return s;
}

INLINE float
max_lanes(vf v)
{
	float s = v[0];

	for (int i = 1; i < LANES; i++)
		s = v[i] > s ? v[i] : s;
	return s;
}

/* e^x for x <= 88, within 2 units of the last place (Cephes' polynomial). */
INLINE vf
exp_of(vf x)
{
	const float shift = 12582912.0f;	/* 1.5 * 2^23: adding it rounds to a whole number */
	vf c = larger(x, all(-87.0f));
	vf whole = c * 1.44269504f + shift;
	vf n = whole - shift;
	vf r = c - n * 0.693359375f + n * 2.12194440e-4f;
	vf p = all(1.9875691500e-4f);

	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	return (vf)((vi)p + ((vi)whole << 23));
}

/* x * Phi(x), the error function by Abramowitz and Stegun 7.1.26 (1.5e-7). */
INLINE vf
gelu_of(vf x)
{
	vf a = larger(x, -x) * 0.70710678f;
	vf t = 1.0f / (1.0f + a * 0.3275911f);
	vf p = all(1.061405429f);

	p = p * t - 1.453152027f;
	p = p * t + 1.421413741f;
	p = p * t - 0.284496736f;
	p = p * t + 0.254829592f;
	p = p * t * exp_of(-a * a) * 0.5f;	/* half of 1 - erf */
	return larger(x, all(0)) - larger(x, -x) * p;
}

/* What comes after a panel is fetched while it is used, each of its tiles a share: the
 * processor does not guess it, and all at once would keep everything else waiting. */
struct ahead {
	const char *at;
	size_t step;
};

INLINE struct ahead
ahead_of(const void *end, size_t bytes, size_t tile, size_t tiles, size_t rounds, size_t lines)
{
	size_t share = (bytes + tiles - 1) / tiles, steps = rounds * lines;

	return (struct ahead){ (const char *)end + tile * share, (share + steps - 1) / steps };
}

INLINE void
fetch(struct ahead *a, int lines, bool near)
{
	for (int i = 0; i < lines; i++, a->at += a->step) {
		if (near)
			__builtin_prefetch(a->at, 0, 3);
		else
			__builtin_prefetch(a->at, 0, 2);
	}
}

/* ---- dense, float ---- */

/* done[i][j] = row i of x times column vector j of w, over k inputs.  The sums are a
 * variable of their own, only ever indexed by constants: so they stay in registers. */
INLINE void
tile_f32(const float *x, size_t ldx, const float *w, size_t ldw, size_t k, struct ahead next,
    int lines, int rows, int across, vf done[][ACROSS_F32])
{
	vf sum[ROWS_F32][ACROSS_F32];

	for (int i = 0; i < rows; i++)
		for (int j = 0; j < across; j++)
			sum[i][j] = all(0);
	for (size_t c = 0; c < k; c++) {
		vf v[ACROSS_F32];

		for (int j = 0; j < across; j++)
			v[j] = load(w + c * ldw + (size_t)j * LANES);
		fetch(&next, lines, false);	/* a panel alone fills the first cache */
		for (int i = 0; i < rows; i++) {
			vf a = all(x[(size_t)i * ldx + c]);

			for (int j = 0; j < across; j++)
				sum[i][j] += a * v[j];
		}
	}
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < across; j++)
			done[i][j] = sum[i][j];
}

INLINE void
finish(float *out, vf y, enum dense_then then)
{
	if (then == THEN_GELU)
		y = gelu_of(y);
	else if (then == THEN_ADD)
		y += load(out);
	store(out, y);
}

INLINE void
rows_f32(const struct packed *m, const float *w, size_t at, const float *x, float *out,
    enum dense_then then, struct ahead next, int lines, int rows)
{
	vf sum[ROWS_F32][ACROSS_F32];

	tile_f32(x, m->cols, w, PANEL_F32, m->cols, next, lines, rows, ACROSS_F32, sum);
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < ACROSS_F32; j++) {
			size_t o = at + (size_t)j * LANES;

			finish(out + (size_t)i * m->rows + o, sum[i][j] + load(m->bias + o), then);
		}
}

/* Rows are dealt out evenly: 16 as 6, 5, 5 and not as 6, 6, 4. */
INLINE size_t
next_rows(size_t left, size_t most)
{
	size_t tiles = (left + most - 1) / most;

	return (left + tiles - 1) / tiles;
}

static void
panel_f32(const struct packed *m, const float *w, size_t at, const float *x, size_t n, float *out,
    enum dense_then then)
{
	const size_t tiles = (n + ROWS_F32 - 1) / ROWS_F32, floats = PANEL_F32 * m->cols;

	for (size_t i = 0, t = 0, rows; i < n; i += rows, t++) {
		struct ahead next = ahead_of(w + floats, floats * sizeof(*w), t, tiles, m->cols,
		    LINES_F32(tiles));

		rows = next_rows(n - i, ROWS_F32);
		if (tiles == 1) {
			switch (rows) {
			TILES(ROWS_F32, rows_f32, m, w, at, x, out, then, next, LINES_F32(1))
			default: __builtin_unreachable();
			}
		} else {
			const float *from = x + i * m->cols;
			float *to = out + i * m->rows;

			switch (rows) {
			TILES(ROWS_F32, rows_f32, m, w, at, from, to, then, next, LINES_F32(2))
			default: __builtin_unreachable();
			}
		}
	}
}

static void
dense_f32(const struct packed *m, const float *x, size_t n, float *out, enum dense_then then)
{
	const float *w = m->w;

	for (size_t at = 0; at < m->rows; at += PANEL_F32, w += PANEL_F32 * m->cols)
		panel_f32(m, w, at, x, n, out, then);
}

/* ---- dense, int8 ---- */

INLINE void
tile_i8(const uint8_t *q, size_t bytes, const int8_t *w, struct ahead next, int lines, int rows,
    vi done[][ACROSS_I8])
{
	vi sum[ROWS_I8][ACROSS_I8];

	for (int i = 0; i < rows; i++)
		for (int j = 0; j < ACROSS_I8; j++)
			sum[i][j] = (vi){ 0 };
	for (size_t c = 0; c < bytes; c += 8) {
		vi v[ACROSS_I8][2];

		for (int j = 0; j < ACROSS_I8; j++) {
			const int8_t *p = w + c * PANEL_I8 + (size_t)j * LANES * 4;

			v[j][0] = load_four(p);
			v[j][1] = load_four(p + 4 * PANEL_I8);
		}
		fetch(&next, lines, true);
		for (int i = 0; i < rows; i++) {
			vi a = four(q + (size_t)i * bytes + c), b = four(q + (size_t)i * bytes + c + 4);

			for (int j = 0; j < ACROSS_I8; j++)
				sum[i][j] = dot8(sum[i][j], a, v[j][0], b, v[j][1]);
		}
	}
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < ACROSS_I8; j++)
			done[i][j] = sum[i][j];
}

/* What the weights of a panel had too much, times the rows of a tile. */
INLINE void
add_excess(const struct packed *m, size_t panel, const uint8_t *q, int rows,
    int32_t more[][PANEL_I8])
{
	memset(more, 0, (size_t)rows * sizeof(more[0]));
	for (size_t e = m->excess_from[panel]; e < m->excess_from[panel + 1]; e++)
		for (int i = 0; i < rows; i++)
			more[i][m->excess[e].output] +=
			    (int32_t)q[(size_t)i * m->cols + m->excess[e].input] * m->excess[e].weight;
}

INLINE void
finish_i8(const struct packed *m, size_t o, vi sum, float step, float low, float *out,
    enum dense_then then)
{
	vf y = __builtin_convertvector(sum, vf) * step * load(m->scale + o);

	y += low * load(m->sum + o) + load(m->bias + o);
	finish(out + o, y, then);
}

INLINE void
rows_i8(const struct packed *m, const int8_t *w, size_t at, const struct quantised *x, size_t from,
    float *out, enum dense_then then, struct ahead next, int lines, int rows)
{
	const uint8_t *q = x->q + from * m->cols * ITEM;
	size_t panel = at / PANEL_I8;
	bool over = SUM_MOST > 0 && m->excess_from[panel] < m->excess_from[panel + 1];
	int32_t more[ROWS_I8][PANEL_I8];
	vi sum[ROWS_I8][ACROSS_I8];

	if (over)
		add_excess(m, panel, q, rows, more);
	tile_i8(q, m->cols * ITEM, w, next, lines, rows, sum);
	for (int i = 0; i < rows; i++) {
		float step = x->step[from + (size_t)i], low = x->low[from + (size_t)i];

		for (int j = 0; j < ACROSS_I8; j++) {
			vi s = sum[i][j];

			if (over)
				s += load_four((const int8_t *)&more[i][j * LANES]);
			finish_i8(m, at + (size_t)j * LANES, s, step, low, out + (size_t)i * m->rows, then);
		}
	}
}

static void
panel_i8(const struct packed *m, const int8_t *w, size_t at, const struct quantised *x, size_t n,
    float *out, enum dense_then then)
{
	const size_t bytes = PANEL_I8 * m->cols * ITEM, tiles = (n + ROWS_I8 - 1) / ROWS_I8;

	for (size_t i = 0, t = 0, rows; i < n; i += rows, t++) {
		float *to = out + i * m->rows;
		struct ahead next = ahead_of(w + bytes, bytes, t, tiles, m->cols * ITEM / 8,
		    LINES_I8(tiles));

		rows = next_rows(n - i, ROWS_I8);
		if (tiles == 1) {
			switch (rows) {
			TILES(ROWS_I8, rows_i8, m, w, at, x, i, to, then, next, LINES_I8(1))
			default: __builtin_unreachable();
			}
		} else {
			switch (rows) {
			TILES(ROWS_I8, rows_i8, m, w, at, x, i, to, then, next, LINES_I8(2))
			default: __builtin_unreachable();
			}
		}
	}
}

static void
dense_i8(const struct packed *m, const struct quantised *x, size_t n, float *out,
    enum dense_then then)
{
	const int8_t *w = m->w;

	for (size_t at = 0; at < m->rows; at += PANEL_I8, w += PANEL_I8 * m->cols * ITEM)
		panel_i8(m, w, at, x, n, out, then);
}

/* Steps count from whichever end lies nearer to zero: most values are near zero, so
 * most are at most Q_MAX / 2. */
static void
quantise_rows(const float *x, size_t n, size_t cols, const struct quantised *out)
{
	for (size_t i = 0; i < n; i++, x += cols) {
		vf least = load(x), most = least;
		float low, high, from, to, inverse;

		for (size_t c = LANES; c < cols; c += LANES) {
			least = smaller(least, load(x + c));
			most = larger(most, load(x + c));
		}
		low = -max_lanes(-least);
		high = max_lanes(most);
		from = high < -low ? high : low;
		to = high < -low ? low : high;
		inverse = high > low ? Q_MAX / (to - from) : 0;
		out->low[i] = from;
		out->step[i] = (to - from) / Q_MAX;
		for (size_t c = 0; c < cols; c += LANES) {
			vf y = (load(x + c) - from) * inverse + 0.5f;

			put_items(out->q + (i * cols + c) * ITEM, __builtin_convertvector(y, vi));
		}
	}
}

/* ---- the rest of a layer ---- */

static void
norm_rows(float *x, size_t n, size_t width, const float *gain, const float *bias, float epsilon)
{
	size_t ld = kernel_pad(width);

	for (size_t i = 0; i < n; i++, x += ld) {
		vf sum = all(0), square = all(0);
		float mean, inverse;

		for (size_t c = 0; c < ld; c += LANES)
			sum += load(x + c);
		mean = sum_lanes(sum) / (float)width;
		for (size_t c = 0; c < ld; c += LANES) {
			vf d = load(x + c) - mean;

			square += d * d;
		}
		/* The zeros behind the row's end were counted as far from the mean. */
		inverse = (sum_lanes(square) - mean * mean * (float)(ld - width)) / (float)width;
		inverse = 1.0f / __builtin_sqrtf((inverse > 0 ? inverse : 0) + epsilon);
		for (size_t c = 0; c < ld; c += LANES)
			store(x + c, (load(x + c) - mean) * inverse * load(gain + c) + load(bias + c));
	}
}

/* Scores of one query become weights that sum to one, the tail to nothing. */
INLINE void
soften(float *s, size_t n, size_t padded, float scale)
{
	vf top = all(-3e38f), sum = all(0);
	float most;

	for (size_t j = n; j < padded; j++)
		s[j] = -3e38f;
	for (size_t j = 0; j < padded; j += LANES)
		top = larger(top, load(s + j));
	most = max_lanes(top);
	for (size_t j = 0; j < padded; j += LANES) {
		vf e = exp_of((load(s + j) - most) * scale);

		sum += e;
		store(s + j, e);
	}
	top = all(1.0f / sum_lanes(sum));
	for (size_t j = 0; j < padded; j += LANES)
		store(s + j, load(s + j) * top);
}

/* out (rows of ldo) = x (rows of ldx) * w (k rows of ldw), `cols` of them. */
INLINE void
product(const float *x, size_t ldx, const float *w, size_t ldw, size_t k, size_t cols, float *out,
    size_t ldo, int rows)
{
	for (size_t c = 0; c < cols;) {
		vf sum[ROWS_F32][ACROSS_F32];
		int across = 2;

		if (c + 2 * LANES <= cols) {
			tile_f32(x, ldx, w + c, ldw, k, (struct ahead){ 0 }, 0, rows, 2, sum);
		} else {
			tile_f32(x, ldx, w + c, ldw, k, (struct ahead){ 0 }, 0, rows, 1, sum);
			across = 1;
		}
		for (int i = 0; i < rows; i++)
			for (int j = 0; j < across; j++)
				store(out + (size_t)i * ldo + c + (size_t)j * LANES, sum[i][j]);
		c += (size_t)across * LANES;
	}
}

INLINE void
attend_rows(const struct attention *t, size_t h, size_t from, const float *keys,
    const float *values, float *scores, float *mixed, int rows)
{
	size_t across = (t->n + LANES - 1) / LANES * LANES;
	size_t deep = (t->head + LANES - 1) / LANES * LANES;

	product(t->qkv + from * t->ld + h * t->head, t->ld, keys, across, t->head, across, scores,
	    across, rows);
	for (int i = 0; i < rows; i++)
		soften(scores + (size_t)i * across, t->n, across,
		    1.0f / __builtin_sqrtf((float)t->head));
	product(scores, across, values, deep, t->n, deep, mixed, deep, rows);
	for (int i = 0; i < rows; i++)
		memcpy(t->out + (from + (size_t)i) * t->ld_out + h * t->head,
		    mixed + (size_t)i * deep, t->head * sizeof(float));
}

static void
attend_all(const struct attention *t)
{
	size_t across = (t->n + LANES - 1) / LANES * LANES;
	size_t deep = (t->head + LANES - 1) / LANES * LANES;
	float *keys = t->scratch, *values = keys + t->head * across;
	float *scores = values + t->n * deep, *mixed = scores + ROWS_F32 * across;

	memset(t->scratch, 0, kernel_attention_scratch(t->n, t->head) * sizeof(float));
	for (size_t h = 0; h < t->heads; h++) {
		for (size_t j = 0; j < t->n; j++) {
			const float *k = t->qkv + j * t->ld + t->width + h * t->head;

			for (size_t c = 0; c < t->head; c++)
				keys[c * across + j] = k[c];
			memcpy(values + j * deep, k + t->width, t->head * sizeof(float));
		}
		for (size_t i = 0, rows; i < t->n; i += rows) {
			rows = next_rows(t->n - i, ROWS_F32);
			switch (rows) {
			TILES(ROWS_F32, attend_rows, t, h, i, keys, values, scores, mixed)
			default: __builtin_unreachable();
			}
		}
	}
}
