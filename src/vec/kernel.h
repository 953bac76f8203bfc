/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.h - what the forward pass needs of a processor, one struct an instruction set.
 *
 * Each kernel_*.c is compiled with the flags of its own instruction set, so nothing in
 * it may run before kernel_choose() said that the processor has it.  All include
 * kernel_body.h, which is the same arithmetic at another vector width; only the int8
 * products are their own.
 *
 * Widths are padded: every row of floats is a multiple of KERNEL_PAD long and its tail
 * is zero, so no loop has a remainder.  Pure, thread-safe.
 */
#pragma once

#include "vec/encoder.h"

#define KERNEL_PAD 64u		/* floats; every panel's width divides it */

/* A matrix as a kernel reads it: panels of kernel.panel_... outputs side by side.
 *	float:	panel, input, output
 *	int8:	panel, input / 4, output, input % 4; where a kernel's item has two bytes
 *		panel, input / 2, output, input % 2
 * Some kernels add four products in 16 bits, and would overflow where four neighbours are
 * large: what is too much of such a weight stands apart, as its excess. */
struct excess {
	uint16_t input;
	uint8_t output;		/* in its panel */
	int8_t weight;
};

struct packed {
	uint32_t rows, cols;	/* outputs and inputs, padded to KERNEL_PAD */
	bool i8;
	const void *w;
	const float *bias;	/* rows */
	const float *scale;	/* rows; int8 only */
	const float *sum;	/* rows; int8 only: scale * the sum of the row */
	const struct excess *excess;
	const uint32_t *excess_from;	/* panels + 1; NULL: of a kernel that needs none */
};

/* Rows of activations in whole steps: x = low + step * q; a step may be negative. */
struct quantised {
	uint8_t *q;		/* rows of `cols` items of the kernel's bytes */
	float *low, *step;	/* a row */
};

enum dense_then { THEN_STORE, THEN_GELU, THEN_ADD };

struct attention {
	const float *qkv;	/* n rows: queries, keys, values, one after the other */
	size_t ld;		/* floats from row to row */
	size_t n, heads, head, width;
	float *out;		/* n rows of `ld_out` */
	size_t ld_out;
	float *scratch;		/* kernel_attention_scratch() floats */
};

struct kernel {
	enum encoder_kernel id;
	const char *name;
	size_t panel_f32, panel_i8;	/* outputs side by side */
	size_t item;		/* bytes of a quantised activation and of its packed weight: 1, 2 */
	/* Of each eight inputs four weights (0 1 4 5 or 2 3 6 7) may have at most this sum of one
	 * sign; 0: any. */
	int32_t sum_most;
	/* out (n rows of m->rows) = m * x + bias, then what `then` says. */
	void (*dense)(const struct packed *m, const float *x, size_t n, float *out,
	    enum dense_then then);
	void (*dense_i8)(const struct packed *m, const struct quantised *x, size_t n, float *out,
	    enum dense_then then);
	void (*quantise)(const float *x, size_t n, size_t cols, const struct quantised *out);
	/* LayerNorm of each row of `width` floats (rows stand padded), in place. */
	void (*norm)(float *x, size_t n, size_t width, const float *gain, const float *bias,
	    float epsilon);
	void (*attend)(const struct attention *t);
};

extern const struct kernel kernel_portable, kernel_avx2, kernel_avx512, kernel_vnni;

/* NULL: this processor (or this build) has not that one. */
const struct kernel *kernel_choose(enum encoder_kernel k);

static inline size_t
kernel_pad(size_t n)
{
	return (n + (KERNEL_PAD - 1)) & ~(size_t)(KERNEL_PAD - 1);
}

/* For n tokens: keys across, values, and a block of scores. */
static inline size_t
kernel_attention_scratch(size_t n, size_t head)
{
	return 2 * kernel_pad(n) * kernel_pad(head) + 8 * kernel_pad(n) + 8 * kernel_pad(head);
}
