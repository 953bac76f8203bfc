/* SPDX-License-Identifier: Apache-2.0 */
/* dates.c - days and times of a text, in the order they stand; what is left: durations and quantities.
 *
 * A day without a year is the nearest one.  Numbers are day before month but
 * where the inbox's region writes the month first.  A time beside a day is one
 * entity with it; alone it is a "time".
 */
#include "nlu/calendar.h"

static bool
is_month_first(struct str region)
{
	static const char *const list[] = { "US", "PH", "PR", "GU", "FM", "MH", "PW", "AS" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eq_nocase(region, str_from(list[i])))
			return true;
	return false;
}

static struct str
two(struct arena *a, int v)
{
	return str_fmt(a, "%s%d", v < 10 ? "0" : "", v);
}

static void
add_day(struct found *f, const struct day *x)
{
	const struct scan *s = f->s;
	struct str value = str_fmt(f->a, "%d-%S-%S", x->year, two(f->a, x->month), two(f->a, x->day));
	size_t to = s->v[x->to - 1].to;

	if (x->minute >= 0 && x->minute < 1440)
		value = str_fmt(f->a, "%ST%S:%S", value, two(f->a, x->minute / 60), two(f->a, x->minute % 60));
	/* the dot of "26.11." belongs to it */
	if (to < s->low.n && s->low.p[to] == '.' && x->to - x->from == 2 && x->minute < 0 &&
	    s->v[x->from].digits && s->v[x->to - 1].digits)
		to++;
	found_add(f, STR("date"), s->v[x->from].from, to, value, x->p_ppm);
}

/* Between a day and its time: nothing but a comma, "T", "in the". */
static size_t
skip_light(const struct scan *s, size_t i)
{
	struct str gap;

	if (i >= s->n)
		return i;
	if (str_eqz(scan_word(s, i), "t") && scan_gap(s, i).n == 0)
		return i + 1;
	gap = scan_gap(s, i);
	for (size_t k = 0; k < gap.n; k++)
		if (gap.p[k] != ' ' && gap.p[k] != ',' && gap.p[k] != '.' && gap.p[k] != '-')
			return s->n;
	return gap.n <= 3 ? i : s->n;
}

static bool
day_at(const struct dates *d, size_t i, struct day *out)
{
	return day_written(d, i, out) || day_relative(d, i, out);
}

/* The time behind the day. */
static void
take_time(const struct dates *d, struct day *x)
{
	struct day_time t;
	size_t k = skip_light(d->s, x->to), n;

	if (x->minute >= 0 || k >= d->s->n || (n = time_at(d->s, k, &t)) == 0)
		return;
	x->minute = t.minute;
	x->p_ppm = x->p_ppm < t.p_ppm ? x->p_ppm : t.p_ppm;
	x->to = k + n;
}

/* "at 5pm next friday": tokens taken. */
static size_t
time_first(struct found *f, const struct dates *d, size_t i)
{
	struct day_time t;
	struct day x;
	size_t n = time_at(d->s, i, &t), k;

	if (n == 0)
		return 0;
	k = skip_light(d->s, i + n);
	if (k < d->s->n && day_at(d, k, &x) && x.p_ppm > 0 && x.minute < 0) {
		x.from = i;
		x.minute = t.minute;
		x.p_ppm = x.p_ppm < t.p_ppm ? x.p_ppm : t.p_ppm;
		add_day(f, &x);
		return x.to - i;
	}
	if (t.bare)
		return 0;
	found_add(f, STR("time"), d->s->v[i].from, d->s->v[i + n - 1].to, str_fmt(f->a, "%S:%S",
	    two(f->a, t.minute / 60 % 24), two(f->a, t.minute % 60)), t.p_ppm);
	return n;
}

static size_t
length_or_count(struct found *f, size_t i)
{
	struct hit h;
	size_t n = duration_at(f->s, i, &h);

	if (n > 0) {
		found_add(f, STR("duration"), h.from, h.to, h.value, h.p_ppm);
		return n;
	}
	n = quantity_at(f->s, i, &h);
	if (n > 0)
		found_add(f, STR("quantity"), h.from, h.to, h.value, h.p_ppm);
	return n;
}

void
dates_find(struct found *f, int64_t now_us, const struct zone *zone)
{
	struct dates d = { f->s, zone, zone_civil(zone, now_us), now_us, is_month_first(f->region) };

	for (size_t i = 0; i < f->s->n;) {
		struct day x;
		size_t n;

		if (f->s->v[i].readings_n == 0 && !f->s->v[i].digits && !str_eqz(scan_word(f->s, i), "x")) {
			i++;
			continue;
		}
		if (day_at(&d, i, &x)) {
			take_time(&d, &x);
			if (x.p_ppm > 0)
				add_day(f, &x);
			i = x.to;
			continue;
		}
		n = length_or_count(f, i);
		if (n == 0)
			n = time_first(f, &d, i);
		i += n > 0 ? n : 1;
	}
}
