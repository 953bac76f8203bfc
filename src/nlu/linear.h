/* SPDX-License-Identifier: Apache-2.0 */
/* linear.h - small linear models over words and letters that come with the program.
 *
 * A feature is a run of words, or of letters within a word, as a 32-bit key.  The
 * table has a row of weights for those that matter (tools/train_senses fits it and
 * writes the .bin); any other key says nothing.  Pure, thread-safe.
 */
#pragma once

#include "base/str.h"

#define LINEAR_KEYS 4096	/* of a text; what comes after is not looked at */
#define LINEAR_OUTPUTS 8

struct linear_shape {
	unsigned char words;		/* runs of 1 .. so many words */
	unsigned char from, to;		/* letters: so many at a time; to = 0: none */
};

/* A .bin has a header of `outputs` (scale, bias) in millionths, then 2^bits rows of a 16-bit check
 * (0: empty) and the weights.  Here the checks stand by themselves, so that sixteen are looked
 * at together: three keys of four are none of the table's. */
#define LINEAR_BLOCK 16u
struct linear {
	unsigned bits, outputs;
	const int32_t (*head)[2];	/* scale of a step, bias */
	const uint16_t *checks;		/* 2^bits, then the first LINEAR_BLOCK again */
	const signed char *weights;	/* 2^bits x outputs, then LINEAR_OUTPUTS that are only read */
};

/* Keys of the words (normalised, text/tokens.h), at most max; returns how many. */
size_t linear_keys(const struct str *words, size_t n, struct linear_shape shape, uint32_t *keys, size_t max);
/* Key of something that is no word: "three exclamation marks". */
uint32_t linear_key_of(const char *name);
/* The logit of each output: bias + sum of weights / sqrt(keys). */
void linear_score(const struct linear *m, const uint32_t *keys, size_t n, float *logit);
/* 1 / (1 + e^-logit), in millionths. */
int32_t linear_ppm(float logit);
/* Where a key's row is: the trainer fills by it.  i: 0 .. LINEAR_PROBES - 1. */
#define LINEAR_PROBES 64
static inline uint32_t
linear_slot(uint32_t key, unsigned i, unsigned bits)
{
	return (key + i) & ((UINT32_C(1) << bits) - 1);
}

static inline uint32_t
linear_check(uint32_t key)
{
	return key >> 16 == 0 ? 1 : key >> 16;
}
