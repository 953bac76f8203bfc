/* SPDX-License-Identifier: Apache-2.0 */
/* durations.c - "2 weeks" as P2W, "two pairs" as 2 pair, "3x" as 3. */
#include "nlu/entity_parts.h"

#define NUMBER_MAX 100000

static const char *const iso[] = { "", "PT%ldM", "PT%ldH", "P%ldD", "P%ldW", "P%ldW", "P%ldM", "P%ldY" };

static struct str
iso_of(struct arena *a, int unit, int64_t n)
{
	return str_fmt(a, iso[unit], unit == 5 ? 2 * n : n);
}

static struct hit
span(const struct scan *s, size_t i, size_t tokens, int32_t p_ppm, struct str value)
{
	return (struct hit){ s->v[i].from, s->v[i + tokens - 1].to, p_ppm, value };
}

/* "half an hour", "eine halbe Stunde", "media hora" */
static size_t
halves(const struct scan *s, size_t i, struct hit *out)
{
	const struct reading *h = scan_role(s, i, ROLE_HALVES, LANGS_ALL), *u;

	if (h == NULL)
		return 0;
	u = scan_role(s, i + h->words, ROLE_UNIT, h->langs);
	if (u == NULL || !scan_is_near(s, i + h->words))
		return 0;
	if (u->value == 2)
		*out = span(s, i, (size_t)h->words + u->words, 900000, str_dup(s->a, STR("PT30M")));
	else if (u->value == 7)
		*out = span(s, i, (size_t)h->words + u->words, 900000, str_dup(s->a, STR("P6M")));
	else
		return 0;
	return (size_t)h->words + u->words;
}

/* "2.5 weeks", "1,5 Stunden": in the next smaller unit where that is exact. */
static size_t
decimal(const struct scan *s, size_t i, struct hit *out)
{
	const struct reading *u;
	struct str gap;
	int64_t whole, tenth;

	if (i + 2 >= s->n || !s->v[i].digits || !s->v[i + 1].digits || s->v[i + 1].to - s->v[i + 1].from != 1)
		return 0;
	gap = scan_gap(s, i + 1);
	u = scan_role(s, i + 2, ROLE_UNIT, LANGS_ALL);
	whole = s->v[i].number;
	tenth = s->v[i + 1].number;
	if (gap.n != 1 || (gap.p[0] != '.' && gap.p[0] != ',') || u == NULL || whole < 0 || whole > NUMBER_MAX)
		return 0;
	if (u->value == 2)
		*out = span(s, i, 2u + u->words, 900000, str_fmt(s->a, "PT%ldM", whole * 60 + tenth * 6));
	else if (u->value == 7 && tenth == 5)
		*out = span(s, i, 2u + u->words, 900000, str_fmt(s->a, "P%ldM", whole * 12 + 6));
	else if (u->value == 3)
		*out = span(s, i, 2u + u->words, 900000, str_fmt(s->a, "PT%ldM", whole * 1440 + tenth * 144));
	else if (u->value == 4)
		*out = span(s, i, 2u + u->words, 900000,
		    str_fmt(s->a, "PT%ldM", whole * 10080 + tenth * 1008));
	else
		return 0;
	return 2u + u->words;
}

size_t
duration_at(const struct scan *s, size_t i, struct hit *out)
{
	const struct reading *u;
	unsigned langs;
	int64_t value;
	size_t n = halves(s, i, out), last;
	struct str gap;

	if (n > 0 || (n = decimal(s, i, out)) > 0)
		return n;
	n = scan_number(s, i, &value, &langs);
	if (n == 0 || value < 1 || value > NUMBER_MAX || i + n >= s->n)
		return 0;
	gap = scan_gap(s, i + n);
	if (gap.n > 3 || (gap.n > 0 && gap.p[0] != ' ' && gap.p[0] != '-'))
		return 0;
	u = scan_role(s, i + n, ROLE_UNIT, langs);
	if (u == NULL && s->v[i].digits && str_eqz(scan_word(s, i + n), "h") && gap.n <= 1 &&
	    !(i + n + 1 < s->n && s->v[i + n + 1].digits && scan_gap(s, i + n + 1).n == 0)) {
		*out = span(s, i, n + 1, 800000, iso_of(s->a, 2, value));
		return n + 1;
	}
	if (u == NULL)
		return 0;
	last = n + u->words;
	/* "one day I ...": an article is hardly a number */
	*out = span(s, i, last, value == 1 && !s->v[i].digits ? 600000 : 950000, iso_of(s->a, u->value, value));
	return last;
}

static struct str
counted(struct arena *a, int64_t n, int what)
{
	static const char *const name[] = { "", "pair", "piece", "item", "box", "pack", "bottle", "parcel", "set",
		"ticket", "kg", "litre" };

	return str_fmt(a, "%ld %s", n, name[what]);
}

size_t
quantity_at(const struct scan *s, size_t i, struct hit *out)
{
	const struct reading *c;
	int64_t value;
	unsigned langs;
	size_t n;

	/* x3, x 3 */
	if (str_eqz(scan_word(s, i), "x") && i + 1 < s->n && s->v[i + 1].digits && s->v[i + 1].number > 0 &&
	    s->v[i + 1].number < 1000 && scan_gap(s, i + 1).n <= 1 && !(i > 0 && s->v[i - 1].digits)) {
		*out = span(s, i, 2, 800000, str_fmt(s->a, "%ld", s->v[i + 1].number));
		return 2;
	}
	n = scan_number(s, i, &value, &langs);
	if (n == 0 || value < 1 || value > NUMBER_MAX || i + n >= s->n || !scan_is_near(s, i + n))
		if (n == 0 || i + n >= s->n || scan_gap(s, i + n).n != 0 || value < 1 || value > NUMBER_MAX)
			return 0;
	/* 3x, but not 3 x 4 */
	if (s->v[i].digits && value < 1000 && str_eqz(scan_word(s, i + 1), "x") &&
	    !(i + 2 < s->n && s->v[i + 2].digits)) {
		*out = span(s, i, 2, 850000, str_fmt(s->a, "%ld", value));
		return 2;
	}
	c = scan_role(s, i + n, ROLE_COUNT, langs);
	if (c == NULL || (value == 1 && !s->v[i].digits && c->value != 1))
		return 0;
	*out = span(s, i, n + c->words, 900000, counted(s->a, value, c->value));
	return n + c->words;
}
