/* SPDX-License-Identifier: Apache-2.0 */
/* personal.c - all finders look; the surest and the longest keep their spans. */
#include "nlu/personal_parts.h"

#include "nlu/entity_parts.h"
#include "text/zone.h"

#include <stdlib.h>

#define BORN_BACK 5	/* words between "born" and the day */
#define BORN_NOW INT64_C(1767225600000000)	/* any fixed day: only the span is used */

void
sighting_add(struct sightings *x, struct str kind, struct str what, size_t from, size_t to, int32_t p_ppm)
{
	if (x->n >= PERSONAL_CANDIDATES || p_ppm < ENTITY_LEAST_PPM || from >= to)
		return;
	x->v[x->n++] = (struct personal){ kind, what, (uint32_t)from, (uint32_t)to, p_ppm };
}

bool
code_read(const struct scan *s, size_t i, size_t n, struct code *out)
{
	*out = (struct code){ .from = s->v[i].from, .digits = true };
	if (n >= sizeof(out->c) || (i > 0 && scan_gap(s, i).n == 0))
		return false;
	for (size_t k = i; k < s->n; k++) {
		struct str w = scan_word(s, k), gap = scan_gap(s, k);

		if (out->n == n)
			break;
		if (k > i && gap.n > 0) {
			if (gap.n > 1 || (gap.p[0] != ' ' && gap.p[0] != '-' && gap.p[0] != '.' && gap.p[0] != '+' &&
			    gap.p[0] != '/'))
				return false;
			if (out->sign == '\0')
				out->sign = gap.p[0];
		}
		if (out->n + w.n > n)
			return false;
		if (k == i || gap.n > 0) {
			if (out->groups == sizeof(out->group) / sizeof(out->group[0]))
				return false;
			out->group[out->groups++] = 0;
		}
		out->group[out->groups - 1] += w.n;
		for (size_t j = 0; j < w.n; j++)
			out->c[out->n++] = w.p[j] >= 'a' && w.p[j] <= 'z' ? (char)(w.p[j] - ('a' - 'A')) : w.p[j];
		out->digits &= s->v[k].digits;
		out->end = k + 1;
		out->to = s->v[k].to;
	}
	if (out->n != n)
		return false;
	/* the same run goes on: another, longer number */
	if (out->end < s->n) {
		struct str gap = scan_gap(s, out->end);

		if (gap.n == 0 || (gap.n == 1 && (gap.p[0] == '-' || (gap.p[0] == '.' && out->sign == '.')) &&
		    s->v[out->end].digits))
			return false;
	}
	if (i > 0) {
		struct str gap = scan_gap(s, i);

		if (gap.n == 1 && (gap.p[0] == '-' || gap.p[0] == '.') && s->v[i - 1].digits)
			return false;
	}
	return true;
}

static void
contacts_find(struct sightings *x)
{
	struct hit h;

	for (size_t at = 0; email_next(x->s, at, &h); at = h.to)
		sighting_add(x, STR("email"), STR_NONE, h.from, h.to, h.p_ppm);
	for (size_t i = 0; email_spoken(x->s, &i, &h);)
		sighting_add(x, STR("email"), STR("spoken"), h.from, h.to, h.p_ppm);
	for (size_t at = 0; phone_next(x->s, STR_NONE, at, &h); at = h.to)
		sighting_add(x, STR("phone"), STR_NONE, h.from, h.to, h.p_ppm);
}

/* "my birthday is today" says little. */
static bool
has_digit(const struct scan *s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (scan_is_digit(s->low.p[i]))
			return true;
	return false;
}

static void
births_find(struct sightings *x)
{
	const struct scan *s = x->s;
	struct found f = { .a = s->a, .s = s };
	bool any = false;

	for (size_t i = 0; i < s->n && !any; i++)
		any = scan_role(s, i, ROLE_BORN, LANGS_ALL) != NULL;
	if (!any || !s->has_digit)
		return;
	f.v = arena_alloc(s->a, CANDIDATES_MAX * sizeof(*f.v));
	dates_find(&f, BORN_NOW, zone_utc());
	for (size_t i = 0; i < f.n; i++)
		if (str_eqz(f.v[i].kind, "date") && has_digit(s, f.v[i].from, f.v[i].to) && scan_before(s, scan_token_at(s, f.v[i].from), BORN_BACK, ROLE_BORN,
		    NULL))
			sighting_add(x, STR("birth_date"), STR_NONE, f.v[i].from, f.v[i].to, 950000);
}

static int
cmp_strength(const void *a, const void *b)
{
	const struct personal *x = a, *y = b;

	if (x->p_ppm != y->p_ppm)
		return x->p_ppm > y->p_ppm ? -1 : 1;
	if (x->to - x->from != y->to - y->from)
		return x->to - x->from > y->to - y->from ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from ? 1 : str_cmp(x->kind, y->kind);
}

static int
cmp_place(const void *a, const void *b)
{
	const struct personal *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

static bool
is_free(const struct personal *v, size_t n, const struct personal *e)
{
	for (size_t i = 0; i < n; i++)
		if (e->from < v[i].to && e->to > v[i].from)
			return false;
	return true;
}

static size_t
choose(struct sightings *x)
{
	const struct plain *p = &x->s->plain;
	size_t kept = 0;

	qsort(x->v, x->n, sizeof(*x->v), cmp_strength);
	for (size_t i = 0; i < x->n && kept < PERSONAL_MAX; i++)
		if (is_free(x->v, kept, &x->v[i]))
			x->v[kept++] = x->v[i];
	qsort(x->v, kept, sizeof(*x->v), cmp_place);
	for (size_t i = 0; i < kept; i++) {
		size_t to = x->v[i].to, last = plain_at(p, to - 1);

		while (to < x->s->low.n && plain_at(p, to) == last)
			to++;
		x->v[i].from = (uint32_t)plain_at(p, x->v[i].from);
		x->v[i].to = (uint32_t)plain_at(p, to);
	}
	return kept;
}

const struct personal *
personal_find(struct str text, struct arena *a, size_t *n)
{
	struct scan s;
	struct sightings x = { .s = &s };

	scan_text(a, text, &s);
	x.v = arena_alloc(a, PERSONAL_CANDIDATES * sizeof(*x.v));
	if (s.has_digit) {
		accounts_find(&x);
		national_ids_find(&x);
		places_find(&x);
	}
	contacts_find(&x);
	secrets_find(&x);
	births_find(&x);
	*n = choose(&x);
	return x.v;
}

struct str
personal_mask(struct str text, const struct personal *v, size_t n, struct arena *a)
{
	size_t room = text.n + 1, at = 0, out_n = 0;
	char *out;

	for (size_t i = 0; i < n; i++)
		room += v[i].kind.n + 2;
	out = arena_alloc(a, room);
	for (size_t i = 0; i <= n; i++) {
		size_t to = i < n ? v[i].from : text.n;

		for (; at < to && at < text.n; at++)
			out[out_n++] = text.p[at];
		if (i == n)
			break;
		out[out_n++] = '[';
		for (size_t k = 0; k < v[i].kind.n; k++)
			out[out_n++] = v[i].kind.p[k];
		out[out_n++] = ']';
		at = v[i].to;
	}
	out[out_n] = '\0';
	return (struct str){ out, out_n };
}
