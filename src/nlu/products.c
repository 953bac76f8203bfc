/* SPDX-License-Identifier: Apache-2.0 */
/* products.c - names of the catalogue, with a slip, or joined and split otherwise than they are written.
 *
 * A name is its letters and digits in one run ("Halden Trail 2" is haldentrail2).
 * Names and what they are with one letter left out stand in one table by hash: what is typed is looked up the same
 * way, so the time does not grow with the catalogue.  Digits are never mended.
 */
#include "nlu/entity_parts.h"
#include "nlu/slips.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 48
#define NAME_TOKENS 6
#define SLIP_LEAST 6		/* shorter names are taken as they are */

struct key {
	uint32_t hash, name;
};

struct name {
	struct str run, shown;
};

struct products {
	struct key *key;
	size_t keys_n;
	struct name *name;
	size_t names_n;
	size_t longest;
};

/* FNV-1a, without the byte at `skip`. */
static uint32_t
hash_of(struct str s, size_t skip)
{
	uint32_t h = STR_HASH;

	for (size_t i = 0; i < s.n; i++)
		if (i != skip)
			h = str_hash_byte(h, s.p[i]);
	return h;
}

static int
cmp_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static struct str
run_of(struct arena *a, struct str text)
{
	struct scan s;
	char *p;
	size_t n = 0;

	scan_text(a, text, &s);
	p = arena_alloc(a, s.low.n + 1);
	for (size_t i = 0; i < s.low.n; i++)
		if (scan_is_word(s.low.p[i]))
			p[n++] = s.low.p[i];
	return (struct str){ p, n };
}

static void
add_name(struct products *x, struct arena *a, struct str written, struct str shown)
{
	struct str run = run_of(a, written);

	if (run.n < 2 || run.n > NAME_MAX_BYTES)
		return;
	x->name[x->names_n] = (struct name){ run, shown };
	x->key[x->keys_n++] = (struct key){ hash_of(run, run.n), (uint32_t)x->names_n };
	for (size_t i = 0; run.n >= SLIP_LEAST && i < run.n; i++)
		x->key[x->keys_n++] = (struct key){ hash_of(run, i), (uint32_t)x->names_n };
	x->names_n++;
	x->longest = run.n > x->longest ? run.n : x->longest;
}

const struct products *
products_index(struct arena *a, const struct policy *p)
{
	struct products *x;
	size_t names = 0;

	for (size_t i = 0; i < p->products_n; i++)
		names += 1 + p->products[i].aliases_n;
	if (names == 0)
		return NULL;
	x = arena_new_of(a, struct products);
	x->name = arena_array(a, struct name, names);
	x->key = arena_array(a, struct key, names * (NAME_MAX_BYTES + 1));
	for (size_t i = 0; i < p->products_n; i++) {
		add_name(x, a, p->products[i].name, p->products[i].name);
		for (size_t k = 0; k < p->products[i].aliases_n; k++)
			add_name(x, a, p->products[i].aliases[k], p->products[i].name);
	}
	qsort(x->key, x->keys_n, sizeof(*x->key), cmp_keys);
	return x;
}

/* The same digits in the same order: "Trail 2" is not "Trail 3". */
static bool
same_digits(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.n && !scan_is_digit(a.p[i]))
			i++;
		while (k < b.n && !scan_is_digit(b.p[k]))
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n;
		if (a.p[i++] != b.p[k++])
			return false;
	}
}

/* One slip apart; longer ones than slips.h measures by their differing middle. */
static bool
is_one_slip(struct str a, struct str b)
{
	size_t head = 0, tail = 0, least = a.n < b.n ? a.n : b.n;

	while (head < least && a.p[head] == b.p[head])
		head++;
	while (tail < least - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
		tail++;
	if (head + tail == least)	/* one of them has letters more, the other none */
		return a.n - least + b.n - least <= 1;
	return slip_distance(str_sub(a, head, a.n - head - tail), str_sub(b, head, b.n - head - tail), 1) <= 1;
}

static const struct name *
look_up(const struct products *x, struct str run, uint32_t hash, bool slip)
{
	size_t lo = 0, hi = x->keys_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (x->key[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < x->keys_n && x->key[lo].hash == hash; lo++) {
		const struct name *n = &x->name[x->key[lo].name];

		if (slip ? n->run.n >= SLIP_LEAST && same_digits(run, n->run) && is_one_slip(run, n->run) :
		    str_eq(run, n->run))
			return n;
	}
	return NULL;
}

static const struct name *
nearest(const struct products *x, struct str run, bool *slip)
{
	const struct name *n = look_up(x, run, hash_of(run, run.n), false);

	*slip = n == NULL;
	if (n != NULL || run.n + 1 < SLIP_LEAST)
		return n;
	/* a letter too few */
	n = look_up(x, run, hash_of(run, run.n), true);
	/* a letter too many, another letter, two exchanged */
	for (size_t i = 0; n == NULL && i < run.n; i++)
		n = look_up(x, run, hash_of(run, i), true);
	return n;
}

void
products_find(struct found *f, const struct patterns *pat)
{
	const struct products *x = patterns_products(pat);
	const struct scan *s = f->s;

	for (size_t i = 0; x != NULL && i < s->n; i++) {
		char run[NAME_MAX_BYTES + 2];
		const struct name *best = NULL;
		size_t n = 0, best_to = 0;
		bool best_slip = false;

		for (size_t k = i; k < s->n && k - i < NAME_TOKENS; k++) {
			struct str w = scan_word(s, k);
			const struct name *hit;
			bool slip;

			if (n + w.n > x->longest + 1 || n + w.n > sizeof(run) || (k > i && scan_gap(s, k).n > 2))
				break;
			memcpy(run + n, w.p, w.n);
			n += w.n;
			hit = nearest(x, (struct str){ run, n }, &slip);
			if (hit != NULL && (best == NULL || !slip || best_slip)) {
				best = hit;
				best_slip = slip;
				best_to = k;
			}
		}
		if (best == NULL)
			continue;
		found_add(f, STR("product"), s->v[i].from, s->v[best_to].to, best->shown,
		    best_slip ? 800000 : 960000);
		i = best_to;
	}
}
