/* SPDX-License-Identifier: Apache-2.0 */
/* relative.c - days counted from today: "last tues", "vor drei Tagen", "il y a 3 jours", "overmorgen". */
#include "nlu/calendar.h"

#define DAYS_MAX 4000

static bool
set_civil(struct civil c, struct day *out)
{
	if (c.year < 1900 || c.year > 2200)
		return false;
	out->year = c.year;
	out->month = c.month;
	out->day = c.day;
	return true;
}

static bool
shift_days(const struct dates *d, int64_t days, struct day *out)
{
	struct civil c = d->today;

	if (days > DAYS_MAX || days < -DAYS_MAX)
		return false;
	c.day += (int)days;
	c.hour = 12;
	c.minute = c.second = 0;
	return set_civil(zone_civil(d->zone, zone_instant(d->zone, c)), out);
}

/* The same day of another month, or its last. */
static bool
shift_months(const struct dates *d, int64_t months, struct day *out)
{
	int64_t m = d->today.year * 12 + d->today.month - 1 + months;

	if (months > 1200 || months < -1200)
		return false;
	for (int64_t day = d->today.day; day > 0; day--)
		if (day_set(d, m / 12, m % 12 + 1, day, out))
			return true;
	return false;
}

static bool
shift_minutes(const struct dates *d, int64_t minutes, struct day *out)
{
	struct civil c;

	if (minutes > DAYS_MAX * 1440 || minutes < -DAYS_MAX * 1440)
		return false;
	c = zone_civil(d->zone, d->now_us + minutes * INT64_C(60000000));
	out->minute = c.hour * 60 + c.minute;
	return set_civil(c, out);
}

static bool
shift(const struct dates *d, int unit, int64_t n, struct day *out)
{
	switch (unit) {
	case 1: return shift_minutes(d, n, out);
	case 2: return shift_minutes(d, 60 * n, out);
	case 3: return shift_days(d, n, out);
	case 4: return shift_days(d, 7 * n, out);
	case 5: return shift_days(d, 14 * n, out);
	case 6: return shift_months(d, n, out);
	default: return shift_months(d, 12 * n, out);
	}
}

/* A number with a unit: where it ends, 0: none. */
static size_t
amount_of_time(const struct scan *s, size_t i, unsigned *langs, int64_t *n, int *unit)
{
	const struct reading *u;
	unsigned l;
	size_t k = scan_number(s, i, n, &l);

	if (k == 0 || *n < 1 || *n > DAYS_MAX || (l & *langs) == 0 || !scan_is_near(s, i + k))
		return 0;
	u = scan_role(s, i + k, ROLE_UNIT, l & *langs);
	if (u == NULL)
		return 0;
	*langs &= l & u->langs;
	*unit = u->value;
	return i + k + u->words;
}

/* three days ago, in 2 weeks, vor drei Tagen, hace 3 días, tre giorni fa */
static bool
counted(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct reading *r = scan_role(s, i, ROLE_BEFORE, LANGS_ALL), *ago;
	int64_t n;
	int unit, sign = -1;
	unsigned langs;
	size_t end;

	if (r == NULL && (r = scan_role(s, i, ROLE_AHEAD, LANGS_ALL)) != NULL)
		sign = 1;
	langs = r == NULL ? LANGS_ALL : r->langs;
	end = amount_of_time(s, i + (r == NULL ? 0u : r->words), &langs, &n, &unit);
	if (end == 0)
		return false;
	ago = scan_role(s, end, ROLE_AGO, langs);
	if (ago != NULL) {
		sign = -1;
		end += ago->words;
	} else if (r == NULL && (ago = scan_role(s, end, ROLE_HENCE, langs)) != NULL) {
		sign = 1;
		end += ago->words;
	} else if (r == NULL)
		return false;
	out->to = end;
	out->p_ppm = unit >= 6 ? 850000 : 930000;
	return shift(d, unit, sign * n, out);
}

static int
last_next(const struct scan *s, size_t i, unsigned langs, size_t *words, unsigned *out)
{
	static const struct {
		enum role role;
		int sign;
	} list[] = { { ROLE_LAST, -1 }, { ROLE_NEXT, 1 }, { ROLE_THIS, 2 } };

	for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++) {
		const struct reading *r = scan_role(s, i, list[k].role, langs);

		if (r == NULL)
			continue;
		*words = r->words;
		*out = langs & r->langs;
		return list[k].sign;
	}
	return 0;
}

/* The last or the next such day of the week. */
static bool
weekday(const struct dates *d, int day, int sign, int32_t p_ppm, struct day *out)
{
	int ahead = (day % 10 - d->today.weekday + 7) % 7;

	out->p_ppm = p_ppm;
	if (sign < 0)
		return shift_days(d, ahead == 0 ? -7 : ahead - 7, out);
	if (sign == 2)
		return shift_days(d, ahead, out);
	return shift_days(d, ahead == 0 ? 7 : ahead, out);
}

static bool
unit_step(const struct dates *d, int unit, int sign, struct day *out)
{
	if (unit < 4 || sign == 2)
		return false;
	out->p_ppm = 600000;
	return shift(d, unit, sign, out);
}

/* last tues, next week, nächsten Freitag */
static bool
adjective_first(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct reading *r;
	size_t words = 0;
	unsigned langs = LANGS_ALL;
	int sign = last_next(s, i, LANGS_ALL, &words, &langs);

	if (sign == 0 || !scan_is_near(s, i + words))
		return false;
	if ((r = scan_role(s, i + words, ROLE_WEEKDAY, langs)) != NULL) {
		out->to = i + words + r->words;
		return weekday(d, r->value, sign, 950000, out);
	}
	if ((r = scan_role(s, i + words, ROLE_UNIT, langs)) == NULL)
		return false;
	out->to = i + words + r->words;
	return unit_step(d, r->value, sign, out);
}

/* every Monday, tous les lundis: no day of the calendar */
static bool
is_every(const struct scan *s, size_t i)
{
	return (i > 0 && scan_role(s, i - 1, ROLE_EVERY, LANGS_ALL) != NULL) ||
	    (i > 1 && scan_role(s, i - 2, ROLE_EVERY, LANGS_ALL) != NULL);
}

/* mardi dernier, la semana que viene, on Monday, Montag */
static bool
day_first(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct reading *on = scan_role(s, i, ROLE_ON, LANGS_ALL), *r;
	size_t k = i + (on == NULL ? 0u : on->words), words = 0;
	unsigned langs = on == NULL ? LANGS_ALL : on->langs, l = 0;
	int sign;

	r = scan_role(s, k, ROLE_WEEKDAY, langs);
	if (r == NULL && on == NULL) {
		r = scan_role(s, k, ROLE_UNIT, langs);
		sign = r == NULL ? 0 : last_next(s, k + r->words, r->langs & ~(LANG_EN | LANG_DE | LANG_NL), &words, &l);
		if (r == NULL || sign == 0 || sign == 2 || !scan_is_near(s, k + r->words))
			return false;
		out->to = k + r->words + words;
		return unit_step(d, r->value, sign, out);
	}
	if (r == NULL || is_every(s, k))
		return false;
	out->to = k + r->words;
	sign = scan_is_near(s, out->to) ?
	    last_next(s, out->to, r->langs & ~(LANG_EN | LANG_DE | LANG_NL), &words, &l) : 0;
	if (sign != 0 && sign != 2) {
		out->to += words;
		return weekday(d, r->value, sign, 950000, out);
	}
	if (on == NULL && r->value >= 10)
		return false;
	/* since Friday: the last one */
	return weekday(d, r->value, on != NULL && on->value == 1 ? -1 : 1, on == NULL ? 600000 : 800000, out);
}

#define BESIDE_FRENCH (-100)	/* below: what is another word in German and Dutch */

static bool
speaks_french(const struct scan *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (scan_role(s, i, ROLE_FRENCH, LANG_FR) != NULL)
			return true;
	return false;
}

/* today, gestern, anteayer */
static bool
named(const struct dates *d, size_t i, struct day *out)
{
	const struct reading *r = scan_role(d->s, i, ROLE_DAY, LANGS_ALL);
	int days;

	if (r == NULL || (r->value < BESIDE_FRENCH && !speaks_french(d->s)))
		return false;
	days = r->value < BESIDE_FRENCH ? r->value - BESIDE_FRENCH : r->value;
	out->to = i + r->words;
	out->p_ppm = 950000;
	return shift_days(d, days, out);
}

/* In pt "há 3 dias atrás" and "morgen" of "guten Morgen" the longer reading wins. */
bool
day_relative(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct reading *r = scan_role(s, i, ROLE_NONE, LANGS_ALL);

	out->minute = -1;
	out->from = i;
	if (r != NULL) {	/* nothing, so long */
		out->to = i + r->words;
		out->p_ppm = 0;
		return true;
	}
	return named(d, i, out) || counted(d, i, out) || adjective_first(d, i, out) || day_first(d, i, out);
}
