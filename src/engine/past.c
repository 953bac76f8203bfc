/* SPDX-License-Identifier: Apache-2.0 */
/* past.c - the desk's past messages, as publishing learns from them: masked, each once. */
#include "engine/past.h"

#include "model/openings.h"
#include "nlu/mask.h"
#include "nlu/senses.h"

#include <string.h>

#define ROWS_PER_TEXT 4		/* that are read at most for one that is new and says something */
#define ONE_ARENA ((size_t)8 << 20)

struct reading_past {
	const struct policy *policy;
	const struct patterns *patterns;
	struct arena *a, *one;
	struct str *v;
	size_t n, max, bytes;
	uint32_t *slot;		/* index + 1 of what is known already; 0 = free */
	size_t slots;		/* a power of two */
};

static uint64_t
hash_of(struct str s)
{
	uint64_t h = str_hash64(s);

	return h ^ h >> 32;
}

/* Where the text stands, or the free place for it. */
static uint32_t *
place_of(const struct reading_past *r, struct str text)
{
	size_t at = (size_t)hash_of(text) & (r->slots - 1);

	while (r->slot[at] != 0 && !str_eq(r->v[r->slot[at] - 1], text))
		at = (at + 1) & (r->slots - 1);
	return &r->slot[at];
}

static bool
take_one(void *arg, struct str text)
{
	struct reading_past *r = arg;
	struct str s;
	uint32_t *place;

	arena_reset(r->one);
	s = mask_message(text, r->policy, r->patterns, r->one);
	if (s.n == 0)
		return true;
	place = place_of(r, s);
	if (*place != 0)
		return true;
	if (r->bytes + s.n > PAST_BYTES_MAX)
		return false;
	r->bytes += s.n;
	r->v[r->n++] = str_dup(r->a, s);
	*place = (uint32_t)r->n;
	return r->n < r->max;
}

enum err
past_read(struct db *db, const struct policy *p, int64_t to, size_t max, struct arena *a, struct past *out,
    struct fault *f)
{
	struct reading_past r = { .policy = p, .a = a, .max = max, .slots = 64 };
	enum err e;

	*out = (struct past){ .to = to, .max = max };
	if (max == 0)
		return E_OK;
	TRY(patterns_compile(a, p, &r.patterns, f));
	while (r.slots < 2 * max)
		r.slots *= 2;
	r.slot = arena_array(a, uint32_t, r.slots);
	r.v = arena_array(a, struct str, max + 1);
	r.one = arena_new(ONE_ARENA);
	e = openings_read(db, &out->to, max * ROWS_PER_TEXT, take_one, &r, f);
	arena_free(&r.one);
	out->v = r.v;
	out->n = r.n;
	return e;
}
