/* SPDX-License-Identifier: Apache-2.0 */
/* entities.c - what has a value in a text: all finders look, then the surest and the longest keep their spans. */
#include "nlu/entity_parts.h"
#include "nlu/senses.h"
#include "text/zone.h"

#include <stdlib.h>

void
found_add(struct found *f, struct str kind, size_t from, size_t to, struct str value, int32_t p_ppm)
{
	if (f->n >= CANDIDATES_MAX || p_ppm < ENTITY_LEAST_PPM || from >= to)
		return;
	f->v[f->n++] = (struct entity){ kind, STR_NONE, value, (uint32_t)from, (uint32_t)to, p_ppm };
}

/* The surer first, then the longer, then what stands first. */
static int
cmp_strength(const void *a, const void *b)
{
	const struct entity *x = a, *y = b;

	if (x->p_ppm != y->p_ppm)
		return x->p_ppm > y->p_ppm ? -1 : 1;
	if (x->to - x->from != y->to - y->from)
		return x->to - x->from > y->to - y->from ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from ? 1 : str_cmp(x->kind, y->kind);
}

static int
cmp_place(const void *a, const void *b)
{
	const struct entity *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

static bool
is_free(const struct entity *v, size_t n, const struct entity *e)
{
	for (size_t i = 0; i < n; i++)
		if (e->from < v[i].to && e->to > v[i].from)
			return false;
	return true;
}

/* The end of the character that the plain text's byte to - 1 came from. */
static size_t
raw_end(const struct scan *s, size_t to)
{
	size_t last = plain_at(&s->plain, to - 1);

	while (to < s->low.n && plain_at(&s->plain, to) == last)
		to++;
	return plain_at(&s->plain, to);
}

static size_t
choose(struct found *f)
{
	size_t kept = 0;

	qsort(f->v, f->n, sizeof(*f->v), cmp_strength);
	for (size_t i = 0; i < f->n && kept < ENTITIES_MAX; i++)
		if (is_free(f->v, kept, &f->v[i]))
			f->v[kept++] = f->v[i];
	qsort(f->v, kept, sizeof(*f->v), cmp_place);
	for (size_t i = 0; i < kept; i++) {
		struct entity *e = &f->v[i];
		size_t from = plain_at(&f->s->plain, e->from), to = raw_end(f->s, e->to);

		e->from = (uint32_t)from;
		e->to = (uint32_t)to;
		e->text = str_sub(f->s->raw, from, to - from);
	}
	return kept;
}

const struct entity *
entities_find_in(const struct patterns *pat, const struct policy *p, struct str region, struct str text,
    struct str awaiting, int64_t now_us, const struct zone *zone, struct arena *a, size_t *n)
{
	struct scan s;
	struct found f = { .a = a, .s = &s, .region = region };

	scan_text(a, text, &s);
	f.v = arena_alloc(a, CANDIDATES_MAX * sizeof(*f.v));
	if (p != NULL)
		formats_find(&f, pat, p, awaiting);
	products_find(&f, pat);
	emails_find(&f);
	amounts_find(&f);
	dates_find(&f, now_us, zone == NULL ? zone_utc() : zone);
	phones_find(&f);
	postcodes_find(&f);
	*n = choose(&f);
	return f.v;
}

const struct entity *
entities_find(const struct patterns *pat, const struct policy *p, struct str text, struct str awaiting,
    int64_t now_us, const struct zone *zone, struct arena *a, size_t *n)
{
	return entities_find_in(pat, p, p != NULL && p->inboxes_n > 0 ? p->inboxes[0].region : STR_NONE, text,
	    awaiting, now_us, zone, a, n);
}
