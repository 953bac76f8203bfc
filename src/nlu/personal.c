/* SPDX-License-Identifier: Apache-2.0 */
/* personal.c - all finders look; the surest and the longest keep their spans. */
#include "nlu/personal_parts.h"

#include "nlu/entity_parts.h"
#include "nlu/spans.h"
#include "text/zone.h"

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

	if (!scan_has_role(s, ROLE_BORN) || !s->has_digit)
		return;
	f.v = arena_alloc(s->a, CANDIDATES_MAX * sizeof(*f.v));
	dates_find(&f, BORN_NOW, zone_utc());
	for (size_t i = 0; i < f.n; i++)
		if (str_eqz(f.v[i].kind, "date") && has_digit(s, f.v[i].from, f.v[i].to) && scan_before(s, scan_token_at(s, f.v[i].from), BORN_BACK, ROLE_BORN,
		    NULL))
			sighting_add(x, STR("birth_date"), STR_NONE, f.v[i].from, f.v[i].to, 950000);
}

/* The sightings that stand, in the order of the text. */
static const struct personal *
choose(const struct sightings *x, struct arena *a, size_t *n)
{
	struct text_span *v = arena_array(a, struct text_span, x->n + 1);
	struct personal *out;

	for (size_t i = 0; i < x->n; i++)
		v[i] = (struct text_span){ x->v[i].kind, x->v[i].from, x->v[i].to, x->v[i].p_ppm, (uint32_t)i };
	*n = spans_choose(x->s, v, x->n, PERSONAL_MAX);
	out = arena_array(a, struct personal, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		out[i] = x->v[v[i].at];
		out[i].from = v[i].from;
		out[i].to = v[i].to;
	}
	return out;
}

const struct personal *
personal_find_scanned(const struct scan *s, struct arena *a, size_t *n)
{
	struct sightings x = { .s = s };

	x.v = arena_alloc(a, PERSONAL_CANDIDATES * sizeof(*x.v));
	if (s->has_digit) {
		accounts_find(&x);
		national_ids_find(&x);
		places_find(&x);
	}
	contacts_find(&x);
	secrets_find(&x);
	births_find(&x);
	return choose(&x, a, n);
}

const struct personal *
personal_find(struct str text, struct arena *a, size_t *n)
{
	struct scan s;

	scan_text(a, text, &s);
	return personal_find_scanned(&s, a, n);
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
