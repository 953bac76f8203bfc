/* SPDX-License-Identifier: Apache-2.0 */
/* runs.h - the hashes of the runs of letters in a word, eight at a time.
 *
 * A message's words fall into some hundreds of overlapping runs; one after the other
 * they were a tenth of all that is done for a message.  Each is FNV-1a from a basis,
 * to the bit; what finishes a hash is its user's.
 */
#pragma once

#include "nlu/wide.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RUNS_FROM 3u		/* bytes a run */
#define RUNS_TO 5u
#define RUNS_SIZES (RUNS_TO - RUNS_FROM + 1)
#define RUNS_WORD 40u		/* bytes of a word, at most */
#define RUNS_LANES 8u
#define RUNS_PRIME 16777619u	/* as in str_hash_byte */

/* A word between two borders; what comes after it is 0. */
struct runs_word {
	char z[RUNS_WORD + 16];
	uint64_t low;		/* the first eight bytes, where all of it fits: read without going by memory */
	size_t n;
	bool fits;
};
struct runs_keys {		/* [i]: of the runs of RUNS_FROM + i bytes, by where they begin */
	uint32_t key[RUNS_SIZES][RUNS_WORD] __attribute__((aligned(32)));
};

typedef uint32_t runs_lanes __attribute__((vector_size(32)));
/* At any address, without a call: the fortified memcpy is one. */
typedef unsigned char runs_bytes __attribute__((vector_size(8), aligned(1), may_alias));
typedef uint64_t runs_u64 __attribute__((aligned(1), may_alias));
typedef uint32_t runs_u32 __attribute__((aligned(1), may_alias));

FORCE_INLINE uint64_t
runs_byte(char c, size_t at)
{
	return (uint64_t)(unsigned char)c << 8 * at;
}

/* At most RUNS_WORD - 2 bytes of w, between two borders. */
FORCE_INLINE void
runs_word(struct runs_word *out, char before, const char *w, size_t n, char after)
{
	char *z = out->z + 1;

	out->n = n + 2;
	out->fits = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && n <= 6;
	if (out->fits) {
		uint64_t v = 0;

		if (n >= 4)
			v = *(const runs_u32 *)w | (uint64_t)*(const runs_u32 *)(w + n - 4) << 8 * (n - 4);
		else if (n > 0)
			v = runs_byte(w[0], 0) | runs_byte(w[n / 2], n / 2) | runs_byte(w[n - 1], n - 1);
		out->low = runs_byte(before, 0) | v << 8 | runs_byte(after, n + 1);
		*(runs_u64 *)out->z = out->low;
		return;
	}
	*out = (struct runs_word){ .n = n + 2 };
	out->z[0] = before;
	for (size_t i = 0; i < n; i++)
		z[i] = w[i];
	z[n] = after;
}

FORCE_INLINE bool
runs_is_ascii(const struct runs_word *w)
{
	uint64_t any = w->low;

	for (size_t i = 0; !w->fits && i < w->n; i += 8)
		any |= *(const runs_u64 *)(w->z + i);
	return (any & UINT64_C(0x8080808080808080)) == 0;
}

/* The eight bytes from `at` on. */
FORCE_INLINE void
runs_add(runs_lanes *h, const struct runs_word *w, size_t at)
{
	runs_bytes b = w->fits ? (runs_bytes)(w->low >> 8 * at) : *(const runs_bytes *)(w->z + at);

	*h = (*h ^ __builtin_convertvector(b, runs_lanes)) * RUNS_PRIME;
}

FORCE_INLINE void
runs_block(const struct runs_word *w, size_t from, uint32_t basis, void (*finish)(runs_lanes *), struct runs_keys *out)
{
	runs_lanes three = { 0 }, four, five;

	three += basis + 3;
	four = three + 1;
	five = three + 2;
	for (size_t k = 0; k < 3; k++) {
		runs_add(&three, w, from + k);
		runs_add(&four, w, from + k);
		runs_add(&five, w, from + k);
	}
	runs_add(&four, w, from + 3);
	runs_add(&five, w, from + 3);
	runs_add(&five, w, from + 4);
	finish(&three);
	finish(&four);
	finish(&five);
	*(runs_lanes *)(void *)(out->key[0] + from) = three;
	*(runs_lanes *)(void *)(out->key[1] + from) = four;
	*(runs_lanes *)(void *)(out->key[2] + from) = five;
}

/* All runs of a word of ASCII, each from basis + its size.  What stands in out after a size's
 * last run is of no use. */
FORCE_INLINE void
runs_hash(const struct runs_word *w, uint32_t basis, void (*finish)(runs_lanes *), struct runs_keys *out)
{
	if (w->fits)
		runs_block(w, 0, basis, finish, out);
	for (size_t i = 0; !w->fits && i + RUNS_FROM <= w->n; i += RUNS_LANES)
		runs_block(w, i, basis, finish, out);
}
