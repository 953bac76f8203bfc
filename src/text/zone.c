/* SPDX-License-Identifier: Apache-2.0 */
/* zone.c - reckoning with a zone: pure; zone_load.c reads the file. */
#include "text/zone.h"

#include "text/zone_parts.h"

#define DAY_S INT64_C(86400)

static const struct zone utc = { 0 };

const struct zone *
zone_utc(void)
{
	return &utc;
}

static int64_t
div_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* Days since 1970-01-01 of a proleptic Gregorian date; month 1..12. */
static int64_t
days_of(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = div_floor(y, 400);
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
date_of(int64_t days, int *y, int *m, int *d)
{
	int64_t z = days + 719468, era = div_floor(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

static bool
is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* Local seconds since 1970 at which a rule strikes in year y. */
static int64_t
rule_local(const struct zone_rule *r, int64_t y)
{
	int64_t first, day;
	int weekday, next;

	switch (r->kind) {
	case RULE_JULIAN:	/* 1..365, 29 February is never counted */
		day = days_of(y, 1, 1) + r->day - 1 + (is_leap(y) && r->day >= 60 ? 1 : 0);
		break;
	case RULE_DAY:
		day = days_of(y, 1, 1) + r->day;
		break;
	case RULE_MONTH:
	default:
		first = days_of(y, r->month, 1);
		weekday = (int)(((first + 4) % 7 + 7) % 7);	/* 0 = Sunday */
		day = first + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
		next = r->month % 12 + 1;
		while (day >= days_of(r->month == 12 ? y + 1 : y, next, 1))
			day -= 7;
		break;
	}
	return day * DAY_S + r->at_s;
}

static int32_t
offset_by_rule(const struct zone *z, int64_t at_s)
{
	int y, m, d;
	int64_t on, off;

	if (!z->dst)
		return z->std_s;
	date_of(div_floor(at_s + z->std_s, DAY_S), &y, &m, &d);
	on = rule_local(&z->start, y) - z->std_s;
	off = rule_local(&z->end, y) - z->dst_s;
	if (on < off)
		return at_s >= on && at_s < off ? z->dst_s : z->std_s;
	return at_s >= off && at_s < on ? z->std_s : z->dst_s;
}

static int32_t
offset_at(const struct zone *z, int64_t at_s)
{
	size_t lo = 0, hi = z->n;

	if (z->n == 0)
		return z->rule ? offset_by_rule(z, at_s) : z->first_s;
	if (at_s < z->at_s[0])
		return z->first_s;
	if (at_s >= z->at_s[z->n - 1] && z->rule)
		return offset_by_rule(z, at_s);
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (at_s < z->at_s[mid])
			hi = mid;
		else
			lo = mid;
	}
	return z->off_s[lo];
}

struct civil
zone_civil(const struct zone *z, int64_t at_us)
{
	int64_t s = div_floor(at_us, 1000000), local = s + offset_at(z, s);
	int64_t days = div_floor(local, DAY_S), in_day = local - days * DAY_S;
	struct civil c;

	date_of(days, &c.year, &c.month, &c.day);
	c.hour = (int)(in_day / 3600);
	c.minute = (int)(in_day / 60 % 60);
	c.second = (int)(in_day % 60);
	c.weekday = (int)(((days + 3) % 7 + 7) % 7);
	return c;
}

int64_t
zone_instant(const struct zone *z, struct civil c)
{
	int64_t months = (int64_t)c.year * 12 + c.month - 1;
	int64_t local = (days_of(div_floor(months, 12), (int)(months - div_floor(months, 12) * 12) + 1,
	    1) + c.day - 1) * DAY_S + (int64_t)c.hour * 3600 + (int64_t)c.minute * 60 + c.second;
	/* No zone changes twice within a day: the offsets a day before and
	 * after are the two candidates. */
	int32_t before = offset_at(z, local - DAY_S), after = offset_at(z, local + DAY_S);
	int64_t early = local - before, late = local - after;

	/* With the offset before a change: right before it, moved forward by
	 * the gap inside it, and the first of two in an overlap. */
	if (offset_at(z, early) == before)
		return early * 1000000;
	if (offset_at(z, late) == after)
		return late * 1000000;
	return early * 1000000;
}

/* --- the POSIX rule ------------------------------------------------------- */

static bool
take_number(struct str *s, int64_t max, int64_t *out)
{
	size_t n = 0;
	int64_t v = 0;

	while (n < s->n && n < 6 && s->p[n] >= '0' && s->p[n] <= '9')
		v = v * 10 + (s->p[n++] - '0');
	if (n == 0 || v > max)
		return false;
	*s = str_sub(*s, n, s->n);
	*out = v;
	return true;
}

static bool
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

static bool
take_name(struct str *s)
{
	size_t n = 0;

	if (take_char(s, '<')) {
		while (n < s->n && s->p[n] != '>')
			n++;
		if (n == s->n)
			return false;
		*s = str_sub(*s, n + 1, s->n);
		return true;
	}
	while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
		n++;
	*s = str_sub(*s, n, s->n);
	return n >= 3;
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool
take_time(struct str *s, int32_t *out)
{
	int64_t h, m = 0, sec = 0;
	bool minus = take_char(s, '-');

	if (!minus)
		(void)take_char(s, '+');
	if (!take_number(s, 167, &h))
		return false;
	if (take_char(s, ':') && !take_number(s, 59, &m))
		return false;
	if (take_char(s, ':') && !take_number(s, 59, &sec))
		return false;
	*out = (int32_t)(h * 3600 + m * 60 + sec);
	if (minus)
		*out = -*out;
	return true;
}

static bool
take_rule(struct str *s, struct zone_rule *r)
{
	int64_t a, b, c;

	r->at_s = 7200;
	if (take_char(s, 'M')) {
		if (!take_number(s, 12, &a) || a == 0 || !take_char(s, '.') ||
		    !take_number(s, 5, &b) || b == 0 || !take_char(s, '.') || !take_number(s, 6, &c))
			return false;
		*r = (struct zone_rule){ RULE_MONTH, (int)c, (int)b, (int)a, r->at_s };
	} else {
		bool julian = take_char(s, 'J');

		if (!take_number(s, 365, &a) || (julian && a == 0))
			return false;
		*r = (struct zone_rule){ julian ? RULE_JULIAN : RULE_DAY, (int)a, 0, 1, r->at_s };
	}
	return !take_char(s, '/') || take_time(s, &r->at_s);
}

bool
zone_posix_parse(struct str s, struct zone *z)
{
	int32_t west;

	if (!take_name(&s) || !take_time(&s, &west))
		return false;
	z->std_s = -west;
	z->rule = true;
	if (s.n == 0)
		return true;
	if (!take_name(&s))
		return false;
	z->dst_s = z->std_s + 3600;
	if (s.n > 0 && s.p[0] != ',') {
		if (!take_time(&s, &west))
			return false;
		z->dst_s = -west;
	}
	z->dst = true;
	return take_char(&s, ',') && take_rule(&s, &z->start) && take_char(&s, ',') &&
	    take_rule(&s, &z->end) && s.n == 0;
}
