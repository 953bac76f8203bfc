/* SPDX-License-Identifier: Apache-2.0 */
/* entities.c - what has a value in a text: all finders look, then the surest and the longest keep their spans. */
#include "nlu/entity_parts.h"
#include "nlu/senses.h"
#include "nlu/spans.h"
#include "text/zone.h"

void
found_add(struct found *f, struct str kind, size_t from, size_t to, struct str value, int32_t p_ppm)
{
	if (f->n >= CANDIDATES_MAX || p_ppm < ENTITY_LEAST_PPM || from >= to)
		return;
	f->v[f->n++] = (struct entity){ kind, STR_NONE, value, (uint32_t)from, (uint32_t)to, p_ppm };
}

/* The candidates that stand, in the order of the text. */
static const struct entity *
choose(const struct found *f, size_t *n)
{
	struct text_span *v = arena_array(f->a, struct text_span, f->n + 1);
	struct entity *out;

	for (size_t i = 0; i < f->n; i++)
		v[i] = (struct text_span){ f->v[i].kind, f->v[i].from, f->v[i].to, f->v[i].p_ppm, (uint32_t)i };
	*n = spans_choose(f->s, v, f->n, ENTITIES_MAX);
	out = arena_array(f->a, struct entity, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		out[i] = f->v[v[i].at];
		out[i].from = v[i].from;
		out[i].to = v[i].to;
		out[i].text = str_sub(f->s->raw, v[i].from, v[i].to - v[i].from);
	}
	return out;
}

const struct entity *
entities_find_scanned(const struct patterns *pat, const struct policy *p, struct str region,
    const struct scan *s, struct str awaiting, int64_t now_us, const struct zone *zone, struct arena *a, size_t *n)
{
	struct found f = { .a = a, .s = s, .region = region };

	f.v = arena_alloc(a, CANDIDATES_MAX * sizeof(*f.v));
	if (p != NULL)
		formats_find(&f, pat, p, awaiting);
	products_find(&f, pat);
	emails_find(&f);
	amounts_find(&f);
	dates_find(&f, now_us, zone == NULL ? zone_utc() : zone);
	phones_find(&f);
	postcodes_find(&f);
	return choose(&f, n);
}

const struct entity *
entities_find_in(const struct patterns *pat, const struct policy *p, struct str region, struct str text,
    struct str awaiting, int64_t now_us, const struct zone *zone, struct arena *a, size_t *n)
{
	struct scan s;

	scan_text(a, text, &s);
	return entities_find_scanned(pat, p, region, &s, awaiting, now_us, zone, a, n);
}

const struct entity *
entities_find(const struct patterns *pat, const struct policy *p, struct str text, struct str awaiting,
    int64_t now_us, const struct zone *zone, struct arena *a, size_t *n)
{
	return entities_find_in(pat, p, p != NULL && p->inboxes_n > 0 ? p->inboxes[0].region : STR_NONE, text,
	    awaiting, now_us, zone, a, n);
}
