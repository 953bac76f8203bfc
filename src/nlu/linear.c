/* SPDX-License-Identifier: Apache-2.0 */
/* linear.c - keys of a text and the sum of their weights. */
#include "nlu/linear.h"

#include "nlu/runs.h"

#include <endian.h>
#include <math.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define AHEAD 16		/* keys: the checks are more than the nearest cache holds */
#define WORD_BYTES 32		/* a longer word is cut */
#define LETTERS_BASIS 77u	/* and how many */
_Static_assert(WORD_BYTES + 2 <= RUNS_WORD, "a word with its borders");

/* FNV-1a, then the finaliser of MurmurHash3. */
static uint32_t
finish(uint32_t h)
{
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	h *= 0xc2b2ae35u;
	return h ^ h >> 16;
}

/* The same of eight. */
FORCE_INLINE void
finish_lanes(runs_lanes *h)
{
	runs_lanes v = *h;

	v ^= v >> 16;
	v *= 0x85ebca6bu;
	v ^= v >> 13;
	v *= 0xc2b2ae35u;
	*h = v ^ v >> 16;
}

/* A character may be more than a byte. */
static size_t
letter_keys_any(const struct runs_word *w, struct linear_shape shape, uint32_t *keys, size_t max)
{
	size_t at[RUNS_WORD + 1] = { 0 }, n = 0, found = 0;

	for (size_t i = 0; i < w->n; i++)
		/* runs_word wrote it, eight bytes at once, which the analyser does not see. */
		if (((unsigned char)w->z[i] & 0xc0) != 0x80) // NOLINT(clang-analyzer-core.UndefinedBinaryOperatorResult)
			at[n++] = i;
	at[n] = w->n;
	for (size_t size = shape.from; size <= shape.to && size <= n; size++) {
		size_t runs = n + 1 - size < max - found ? n + 1 - size : max - found;

		for (size_t i = 0; i < runs; i++)
			keys[found + i] = finish(str_hash_more(LETTERS_BASIS + (uint32_t)size,
			    (struct str){ w->z + at[i], at[i + size] - at[i] }));
		found += runs;
	}
	return found;
}

/* The letters of a word with its borders. Bytes, cut where a character begins. */
FORCE_INLINE size_t
letter_keys(struct str s, struct linear_shape shape, uint32_t *keys, size_t max)
{
	struct runs_word w;
	struct runs_keys all;
	size_t found = 0;

	if (s.n > WORD_BYTES)
		s = str_clip_utf8(s, WORD_BYTES);
	runs_word(&w, '<', s.p, s.n, '>');
	if (shape.from != RUNS_FROM || shape.to != RUNS_TO || max < RUNS_SIZES * RUNS_WORD || !runs_is_ascii(&w))
		return letter_keys_any(&w, shape, keys, max);
	runs_hash(&w, LETTERS_BASIS, finish_lanes, &all);
	for (size_t size = RUNS_FROM; size <= RUNS_TO && size <= w.n; size++) {
		size_t runs = w.n + 1 - size;

		/* eight at a time: the next size is written over what was too much */
		for (size_t i = 0; i < runs; i += RUNS_LANES)
			memcpy(keys + found + i, all.key[size - RUNS_FROM] + i, RUNS_LANES * sizeof(*keys));
		found += runs;
	}
	return found;
}

FORCE_INLINE size_t
all_keys(const struct str *words, size_t n, struct linear_shape shape, uint32_t *keys, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t h = STR_HASH;

		for (size_t k = i; k < n && k < i + shape.words && found < max; k++) {
			h = str_hash_more(h, words[k]);
			keys[found++] = finish(h);
			h = str_hash_byte(h, ' ');
		}
		if (shape.to > 0)
			found += letter_keys(words[i], shape, keys + found, max - found);
	}
	return found;
}

WIDE static size_t
all_keys_wide(const struct str *words, size_t n, struct linear_shape shape, uint32_t *keys, size_t max)
{
	return all_keys(words, n, shape, keys, max);
}

size_t
linear_keys(const struct str *words, size_t n, struct linear_shape shape, uint32_t *keys, size_t max)
{
	return HAVE_WIDE ? all_keys_wide(words, n, shape, keys, max) : all_keys(words, n, shape, keys, max);
}

uint32_t
linear_key_of(const char *name)
{
	struct str s = str_from(name);

	return finish(str_hash_more(4711u, s));
}

/* Which of the LINEAR_BLOCK checks from c on are v: a bit each. */
FORCE_INLINE uint32_t
equal_checks(const uint16_t *c, uint16_t v)
{
#if defined(__SSE2__)
	__m128i one = _mm_set1_epi16((short)v);
	__m128i a = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(const void *)c), one);
	__m128i b = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(const void *)(c + 8)), one);

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, b));
#else
	uint32_t mask = 0;

	for (unsigned i = 0; i < LINEAR_BLOCK; i++)
		mask |= (uint32_t)(c[i] == v) << i;
	return mask;
#endif
}

/* Where the key's probes end: at its check (*hit), or at the first row that is empty. */
FORCE_INLINE uint32_t
find_row(const struct linear *m, uint32_t key, uint32_t *hit)
{
	uint16_t check = (uint16_t)linear_check(key);

	for (unsigned k = 0; k < LINEAR_PROBES; k += LINEAR_BLOCK) {
		uint32_t slot = linear_slot(key, k, m->bits), same = equal_checks(m->checks + slot, check);
		uint32_t ends = same | equal_checks(m->checks + slot, 0);
		uint32_t at = (uint32_t)__builtin_ctz(ends | 1u << LINEAR_BLOCK);

		if (ends != 0) {
			*hit = same >> at & 1;
			return linear_slot(slot, at, m->bits);
		}
	}
	*hit = 0;
	return 0;
}

#define CHUNK 256u	/* rows: sums of bytes fit 16 bits */
#define EVEN UINT64_C(0x00ff00ff00ff00ff)

/* sum += the rows.  Their bytes are taken as 0 .. 255, eight outputs at a time in two words. */
static void
add_rows(const struct linear *m, const uint32_t *row, size_t n, int32_t *sum)
{
	uint64_t even = 0, odd = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t v;

		memcpy(&v, m->weights + (size_t)row[i] * m->outputs, sizeof(v));
		v = le64toh(v) ^ UINT64_C(0x8080808080808080);
		even += v & EVEN;
		odd += v >> 8 & EVEN;
	}
	for (unsigned o = 0; o < m->outputs; o++)
		sum[o] += (int32_t)((o % 2 == 0 ? even : odd) >> 8 * (o / 2 * 2) & 0xffff) - 128 * (int32_t)n;
}

void
linear_score(const struct linear *m, const uint32_t *keys, size_t n, float *logit)
{
	int32_t sum[LINEAR_OUTPUTS] = { 0 };

	for (size_t from = 0; from < n; from += CHUNK) {
		size_t to = n - from < CHUNK ? n : from + CHUNK, found = 0;
		uint32_t row[CHUNK], hit;

		/* Whether a key is known nobody can foresee: no branch asks. */
		for (size_t i = from; i < to; i++) {
			if (i + AHEAD < to)
				__builtin_prefetch(m->checks + linear_slot(keys[i + AHEAD], 0, m->bits));
			row[found] = find_row(m, keys[i], &hit);
			__builtin_prefetch(m->weights + (size_t)row[found] * m->outputs);
			found += hit;
		}
		add_rows(m, row, found, sum);
	}
	for (unsigned o = 0; o < m->outputs; o++)
		logit[o] = ((float)sum[o] * (float)m->head[o][0] / sqrtf((float)(n > 0 ? n : 1)) +
		    (float)m->head[o][1]) / 1e6f;
}

int32_t
linear_ppm(float logit)
{
	return (int32_t)(1e6f / (1.0f + expf(-logit)));
}
