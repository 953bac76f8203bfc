/* SPDX-License-Identifier: Apache-2.0 */
/* calendar.c - days as they are written: 2026-11-26, 26.11., 3/4/2026, 3. April, 26th of Nov, the 5th. */
#include "nlu/calendar.h"

static int
month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool
day_set(const struct dates *d, int64_t year, int64_t month, int64_t day, struct day *out)
{
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (year >= 0 && year < 100)
		year += year > d->today.year % 100 + 20 ? 1900 : 2000;
	if (year < 0) {
		int64_t apart = (month - d->today.month) * 31 + day - d->today.day;

		year = d->today.year + (apart > 186 ? -1 : apart < -186 ? 1 : 0);
	}
	if (year < 1900 || year > 2200 || day > month_days(year, (int)month))
		return false;
	out->year = (int)year;
	out->month = (int)month;
	out->day = (int)day;
	return true;
}

static size_t
digits_of(const struct scan *s, size_t i)
{
	return i < s->n && s->v[i].digits ? s->v[i].to - s->v[i].from : 0;
}

/* One sign between, a dot with a blank behind it as well. */
static char
sign_between(const struct scan *s, size_t i)
{
	struct str gap = scan_gap(s, i);

	if (gap.n == 1 || (gap.n == 2 && gap.p[0] == '.' && gap.p[1] == ' '))
		return gap.p[0];
	return '\0';
}

static bool
is_date_sign(char c)
{
	return c == '.' || c == '/' || c == '-';
}

/* More of the same before or behind: a version, an address, a phone number. */
static bool
is_part_of_more(const struct scan *s, size_t from, size_t to)
{
	struct str before = from > 0 ? scan_gap(s, from) : STR_NONE;
	struct str after = to < s->n ? scan_gap(s, to) : STR_NONE;

	if (from > 0 && before.n == 1 && is_date_sign(before.p[0]))
		return true;
	if (from > 0 && before.n == 0)
		return true;
	return to < s->n && ((after.n == 1 && is_date_sign(after.p[0]) && s->v[to].digits) ||
	    (after.n == 0 && !str_eqz(scan_word(s, to), "t")));
}

/* Day and month in the order of the place, if both can be. */
static bool
day_and_month(const struct dates *d, int64_t a, int64_t b, char sign, int64_t year, struct day *out)
{
	bool swap = d->month_first && sign != '.';

	if (b > 12 || (swap && a <= 12))
		return day_set(d, year, a, b, out);
	return day_set(d, year, b, a, out);
}

static bool
three_numbers(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct token *t = &s->v[i];
	size_t a = digits_of(s, i), b = digits_of(s, i + 1), c = digits_of(s, i + 2);
	char sign;

	if (a == 0 || b == 0 || b > 2 || c == 0)
		return false;
	sign = sign_between(s, i + 1);
	if (!is_date_sign(sign) || sign_between(s, i + 2) != sign || is_part_of_more(s, i, i + 3))
		return false;
	out->to = i + 3;
	if (a == 4 && c <= 2) {
		out->p_ppm = 990000;
		return day_set(d, t[0].number, t[1].number, t[2].number, out);
	}
	if (a > 2 || (c != 4 && c != 2))
		return false;
	out->p_ppm = c == 4 ? 980000 : sign == '-' ? 700000 : 900000;
	return day_and_month(d, t[0].number, t[1].number, sign, t[2].number, out);
}

/* "26.11.", and "3/4" after a word that asks for a day */
static bool
two_numbers(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	size_t a = digits_of(s, i), b = digits_of(s, i + 1);
	struct str after;
	char sign;

	if (a == 0 || a > 2 || b == 0 || b > 2)
		return false;
	sign = sign_between(s, i + 1);
	if ((sign != '.' && sign != '/') || is_part_of_more(s, i, i + 2))
		return false;
	after = scan_gap(s, i + 2);
	out->to = i + 2;
	if (sign == '.' && after.n > 0 && after.p[0] == '.' && (i + 2 == s->n || after.n > 1)) {
		out->p_ppm = 900000;
		return day_set(d, -1, s->v[i + 1].number, s->v[i].number, out);
	}
	if (i == 0 || sign != '/' || scan_role(s, i - 1, ROLE_ON, LANGS_ALL) == NULL)
		return false;
	out->p_ppm = 750000;
	return day_and_month(d, s->v[i].number, s->v[i + 1].number, sign, -1, out);
}

static bool
is_year(const struct scan *s, size_t i)
{
	return digits_of(s, i) == 4 && s->v[i].number >= 1900 && s->v[i].number <= 2200;
}

static bool
gap_is_light(const struct scan *s, size_t i)
{
	struct str gap = scan_gap(s, i);

	if (i >= s->n || gap.n > 3)
		return false;
	for (size_t k = 0; k < gap.n; k++)
		if (gap.p[k] != ' ' && gap.p[k] != '.' && gap.p[k] != ',' && gap.p[k] != '-' && gap.p[k] != '\'' &&
		    gap.p[k] != '/')
			return false;
	return true;
}

/* The year behind a month or a day: ", 2026", "de 2026". */
static void
take_year(const struct dates *d, int month, int64_t day, struct day *out, bool *ok)
{
	const struct reading *of = scan_role(d->s, out->to, ROLE_OF, LANGS_ALL);
	size_t k = out->to + (of == NULL ? 0u : of->words);

	if (k < d->s->n && is_year(d->s, k) && gap_is_light(d->s, k)) {
		*ok = day_set(d, d->s->v[k].number, month, day, out);
		out->to = k + 1;
		return;
	}
	*ok = day_set(d, -1, month, day, out);
}

/* A number with what makes it the n-th: "26th", "1er", "3." */
static size_t
nth(const struct scan *s, size_t i, int64_t *day, unsigned *langs)
{
	const struct reading *r = scan_role(s, i, ROLE_FIRST, LANGS_ALL);
	size_t n;

	if (r != NULL) {
		*day = r->value;
		*langs = r->langs;
		return r->words;
	}
	n = scan_number(s, i, day, langs);
	if (n == 0 || *day < 1 || *day > 31)
		return 0;
	if (s->v[i].digits && i + 1 < s->n && scan_gap(s, i + 1).n == 0 &&
	    (r = scan_role(s, i + 1, ROLE_ORDINAL, LANGS_ALL)) != NULL) {
		*langs &= r->langs;
		return n + r->words;
	}
	return n;
}

#define WEAK_MONTH 20	/* above: a short form that is a word elsewhere */

/* "order 3 may be late" */
static bool
is_verb(const struct scan *s, size_t i)
{
	static const char *const list[] = { "be", "have", "not", "need", "get", "come", "take", "help" };

	if (!str_eqz(scan_word(s, i), "may") || i + 1 >= s->n)
		return false;
	for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
		if (str_eqz(scan_word(s, i + 1), list[k]))
			return true;
	return false;
}

static bool
with_month(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct reading *of, *m;
	unsigned langs;
	int64_t day;
	size_t n = nth(s, i, &day, &langs), k = i + n;
	bool ok = false;

	if (n > 0) {
		of = scan_role(s, k, ROLE_OF, langs);
		k += of == NULL ? 0u : of->words;
		m = k < s->n && gap_is_light(s, k) ? scan_role(s, k, ROLE_MONTH, langs) : NULL;
		if (m == NULL || is_verb(s, k))
			return false;
		out->to = k + m->words;
		out->p_ppm = 970000;
		take_year(d, m->value % WEAK_MONTH, day, out, &ok);
		return ok && (m->value < WEAK_MONTH || of != NULL || out->to > k + m->words ||
		    (scan_gap(s, k).n > 0 && scan_gap(s, k).p[0] != ' '));
	}
	m = scan_role(s, i, ROLE_MONTH, LANG_EN);
	if (m == NULL || digits_of(s, i + 1) == 0 || digits_of(s, i + 1) > 2 || !gap_is_light(s, i + 1))
		return false;
	n = nth(s, i + 1, &day, &langs);
	if (n == 0)
		return false;
	out->to = i + 1 + n;
	out->p_ppm = 950000;
	take_year(d, m->value, day, out, &ok);
	return ok;
}

/* The nearest such day of a month. */
static bool
day_of_month(const struct dates *d, int64_t day, struct day *out)
{
	int best = 0, year = d->today.year, month = d->today.month - 1;

	for (int m = month; m < month + 3; m++) {
		int mm = (m + 11) % 12 + 1, yy = year + (m < 1 ? -1 : m > 12 ? 1 : 0);
		int apart = (m - d->today.month) * 30 + (int)day - d->today.day;

		if (day > month_days(yy, mm))
			continue;
		apart = apart < 0 ? -apart : apart;
		if (best != 0 && apart >= best)
			continue;
		best = apart + 1;
		if (!day_set(d, yy, mm, day, out))
			return false;
	}
	return best != 0;
}

/* "the 5th", "am 5.", "el día 5", "le 5" at the end of what is said */
static bool
alone(const struct dates *d, size_t i, struct day *out)
{
	const struct scan *s = d->s;
	const struct reading *on = scan_role(s, i, ROLE_ON, LANGS_ALL), *the, *ordinal;
	unsigned langs = on == NULL ? LANG_EN : on->langs, number_langs;
	size_t k = i + (on == NULL ? 0u : on->words);
	int64_t day;
	struct str after;

	the = scan_role(s, k, ROLE_THE, langs);
	k += the == NULL ? 0u : the->words;
	if (k == i || digits_of(s, k) == 0 || digits_of(s, k) > 2 || !scan_is_near(s, k) ||
	    scan_role(s, k + 1, ROLE_MONTH, LANGS_ALL) != NULL)
		return false;
	(void)scan_number(s, k, &day, &number_langs);
	out->to = k + 1;
	after = scan_gap(s, k + 1);
	ordinal = after.n == 0 ? scan_role(s, k + 1, ROLE_ORDINAL, langs) : NULL;
	if (ordinal != NULL) {
		out->to += ordinal->words;
		out->p_ppm = 750000;
	} else if (on != NULL && (langs & LANG_DE) != 0 && after.n > 0 && after.p[0] == '.')
		out->p_ppm = 700000;
	else if (on != NULL && (langs & (LANG_ES | LANG_PT)) != 0 && on->value == 0 &&
	    str_eqz(scan_word(s, k - 1), "dia"))
		out->p_ppm = 800000;
	else if (on != NULL && (langs & (LANG_FR | LANG_ES | LANG_IT)) != 0 && (langs & LANG_EN) == 0 &&
	    on->words == 1 && (k + 1 == s->n || (after.n > 0 && after.p[0] != ' ' && after.p[0] != '%' &&
	    after.p[0] != PLAIN_EURO && !(s->v[k + 1].digits && after.n == 1))))
		out->p_ppm = 550000;
	else
		return false;
	return day_of_month(d, day, out);
}

bool
day_written(const struct dates *d, size_t i, struct day *out)
{
	out->minute = -1;
	out->from = i;
	if (d->s->v[i].digits && (three_numbers(d, i, out) || two_numbers(d, i, out)))
		return true;
	return with_month(d, i, out) || alone(d, i, out);
}
