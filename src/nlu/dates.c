/* SPDX-License-Identifier: Apache-2.0 */
/* dates.c - "26 Nov", "26.11.", "last tues", "vor drei Tagen" in the inbox's zone.
 *
 * A day without a year is the nearest one.  Day before month, unless the month
 * would be above 12.
 */
#include "nlu/dates.h"

#include "text/zone.h"

#include <string.h>

#define TOKENS_MAX 512

struct token {
	char word[24];		/* lower case, cut */
	size_t from, to;
	int64_t number;		/* -1: none; "26th" and "26" are 26 */
	char after;		/* the byte behind it */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word_byte(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static void
read_number(struct token *t)
{
	static const char *const words[] = { "one", "two", "three", "four", "five", "six", "seven", "eight",
		"nine", "ten" };
	static const char *const worte[] = { "einem", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht",
		"neun", "zehn" };
	struct str w = str_from(t->word), suffix;
	size_t n = 0;

	t->number = -1;
	for (int i = 0; i < 10; i++)
		if (str_eqz(w, words[i]) || str_eqz(w, worte[i]))
			t->number = i + 1;
	if (str_eqz(w, "a") || str_eqz(w, "an"))
		t->number = 1;
	while (n < w.n && is_digit(w.p[n]))
		n++;
	suffix = str_sub(w, n, w.n);
	if (n == 0 || n > 4 || !(suffix.n == 0 || str_eqz(suffix, "st") || str_eqz(suffix, "nd") ||
	    str_eqz(suffix, "rd") || str_eqz(suffix, "th")))
		return;
	(void)!str_i64(str_sub(w, 0, n), &t->number);
}

static size_t
tokenize(struct str text, struct token *v)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n < TOKENS_MAX;) {
		struct token *t = &v[n];
		size_t len = 0;

		if (!is_word_byte(text.p[i])) {
			i++;
			continue;
		}
		t->from = i;
		for (; i < text.n && is_word_byte(text.p[i]); i++) {
			char c = text.p[i];

			if (c >= 'A' && c <= 'Z')
				c = (char)(c + 32);
			else if (i > 0 && text.p[i - 1] == '\xc3' && (unsigned char)c >= 0x80 &&
			    (unsigned char)c <= 0x9e)
				c = (char)((unsigned char)c + 0x20);
			if (len + 1 < sizeof(t->word))
				t->word[len++] = c;
		}
		t->word[len] = '\0';
		t->to = i;
		t->after = i < text.n ? text.p[i] : '\0';
		read_number(t);
		n++;
	}
	return n;
}

static bool
starts(const struct token *t, const char *prefix)
{
	return strncmp(t->word, prefix, strlen(prefix)) == 0;
}

static bool
is(const struct token *t, const char *word)
{
	return strcmp(t->word, word) == 0;
}

static int
month_of(const struct token *t)
{
	static const char *const names[] = { "jan|january|januar|jänner", "feb|february|februar",
		"mar|march|märz|mär|maerz", "apr|april", "may|mai", "jun|june|juni", "jul|july|juli",
		"aug|august", "sep|sept|september", "oct|october|okt|oktober", "nov|november",
		"dec|december|dez|dezember" };

	for (int m = 0; m < 12; m++) {
		struct str rest = str_from(names[m]);

		while (rest.p != NULL)
			if (str_eqz(str_cut(rest, '|', &rest), t->word))
				return m + 1;
	}
	return 0;
}

static int
weekday_of(const struct token *t)
{
	static const char *const names[] = { "mon|monday|mondays|montag", "tue|tues|tuesday|dienstag",
		"wed|weds|wednesday|mittwoch", "thu|thur|thurs|thursday|donnerstag", "fri|friday|freitag",
		"sat|saturday|samstag|sonnabend", "sun|sunday|sonntag" };

	for (int d = 0; d < 7; d++) {
		struct str rest = str_from(names[d]);

		while (rest.p != NULL)
			if (str_eqz(str_cut(rest, '|', &rest), t->word))
				return d;
	}
	return -1;
}

struct dates {
	struct found *f;
	const struct zone *zone;
	struct civil today;
	int64_t now_us;
};

static void
add_civil(struct dates *d, size_t from, size_t to, struct civil c)
{
	c.hour = 12;
	c.minute = c.second = 0;
	c = zone_civil(d->zone, zone_instant(d->zone, c));
	if (c.year < 1000 || c.year > 9999)
		return;
	found_add(d->f, STR("date"), from, to, str_fmt(d->f->a, "%d-%s%d-%s%d", c.year,
	    c.month < 10 ? "0" : "", c.month, c.day < 10 ? "0" : "", c.day));
}

static void
add_days(struct dates *d, size_t from, size_t to, int64_t days)
{
	struct civil c = d->today;

	if (days > 4000 || days < -4000)
		return;
	c.day += (int)days;
	add_civil(d, from, to, c);
}

static int
month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* year < 0: the nearest. */
static bool
add_date(struct dates *d, size_t from, size_t to, int64_t year, int64_t month, int64_t day)
{
	struct civil c = { .hour = 12 };

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (year >= 0 && year < 100)
		year += 2000;
	if (year < 0) {
		int64_t apart = (int64_t)(month - d->today.month) * 31 + day - d->today.day;

		year = d->today.year + (apart > 186 ? -1 : apart < -186 ? 1 : 0);
	}
	if (year < 1900 || year > 2200 || day > month_days(year, (int)month))
		return false;
	c.year = (int)year;
	c.month = (int)month;
	c.day = (int)day;
	add_civil(d, from, to, c);
	return true;
}

/* 2026-11-26, 26.11.2026, 26.11., 26/11/26 at token i; how many tokens it took. */
static size_t
numeric(struct dates *d, const struct token *t, size_t n, size_t i)
{
	const struct token *a = &t[i], *b = &t[i + 1], *c = i + 2 < n ? &t[i + 2] : NULL;
	bool third;
	char sep = a->after;

	if (i + 1 >= n || a->number < 0 || b->number < 0 || b->from != a->to + 1 || !is_digit(a->word[0]) ||
	    !is_digit(b->word[0]))
		return 0;
	third = c != NULL && c->number >= 0 && c->from == b->to + 1 && b->after == sep && is_digit(c->word[0]);
	if (sep == '-' && third && a->to - a->from == 4)
		return add_date(d, a->from, c->to, a->number, b->number, c->number) ? 3 : 0;
	if (sep != '.' && sep != '/')
		return 0;
	if (third && (c->to - c->from == 4 || c->to - c->from == 2)) {
		if (b->number > 12)
			return add_date(d, a->from, c->to, c->number, a->number, b->number) ? 3 : 0;
		return add_date(d, a->from, c->to, c->number, b->number, a->number) ? 3 : 0;
	}
	if (sep == '.' && b->after == '.')
		return add_date(d, a->from, b->to + 1, -1, b->number, a->number) ? 2 : 0;
	return 0;
}

/* 26 Nov [2026], 26th of November, November 26. */
static size_t
with_month(struct dates *d, const struct token *t, size_t n, size_t i)
{
	size_t k = i + 1;
	int m;

	if (t[i].number >= 1 && t[i].number <= 31 && is_digit(t[i].word[0])) {
		if (k < n && is(&t[k], "of"))
			k++;
		m = k < n ? month_of(&t[k]) : 0;
		if (m == 0)
			return 0;
		if (k + 1 < n && t[k + 1].number >= 1900 && t[k + 1].from <= t[k].to + 2)
			return add_date(d, t[i].from, t[k + 1].to, t[k + 1].number, m, t[i].number) ? k + 2 - i : 0;
		return add_date(d, t[i].from, t[k].to, -1, m, t[i].number) ? k + 1 - i : 0;
	}
	m = month_of(&t[i]);
	if (m > 0 && k < n && t[k].number >= 1 && t[k].number <= 31 && is_digit(t[k].word[0]))
		return add_date(d, t[i].from, t[k].to, -1, m, t[k].number) ? 2 : 0;
	return 0;
}

static int64_t
unit_days(const struct token *t)
{
	if (starts(t, "day") || starts(t, "tag"))
		return 1;
	if (starts(t, "week") || starts(t, "woche") || is(t, "wks"))
		return 7;
	return 0;
}

/* three days ago, in 2 weeks, vor drei Tagen, in zwei Wochen */
static size_t
counted(struct dates *d, const struct token *t, size_t n, size_t i)
{
	int64_t unit;

	if (i + 2 < n && t[i].number > 0 && (unit = unit_days(&t[i + 1])) > 0 && is(&t[i + 2], "ago")) {
		add_days(d, t[i].from, t[i + 2].to, -t[i].number * unit);
		return 3;
	}
	if (i + 2 < n && (is(&t[i], "in") || is(&t[i], "vor")) && t[i + 1].number > 0 &&
	    (unit = unit_days(&t[i + 2])) > 0) {
		add_days(d, t[i].from, t[i + 2].to, (is(&t[i], "vor") ? -1 : 1) * t[i + 1].number * unit);
		return 3;
	}
	return 0;
}

/* today, gestern, last tues, next friday, am Montag */
static size_t
named(struct dates *d, const struct token *t, size_t n, size_t i)
{
	static const struct {
		const char *word;
		int days;
	} list[] = {
		{ "today", 0 }, { "tonight", 0 }, { "tomorrow", 1 }, { "tmrw", 1 }, { "yesterday", -1 },
		{ "heute", 0 }, { "morgen", 1 }, { "gestern", -1 }, { "vorgestern", -2 }, { "übermorgen", 2 },
	};
	bool past;
	int day, ahead;

	if (i + 3 < n && is(&t[i], "day") && is(&t[i + 1], "after") && is(&t[i + 2], "tomorrow")) {
		add_days(d, t[i].from, t[i + 2].to, 2);
		return 3;
	}
	for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
		if (is(&t[i], list[k].word) && !(i > 0 && (starts(&t[i - 1], "gute") || is(&t[i - 1], "am")))) {
			add_days(d, t[i].from, t[i].to, list[k].days);
			return 1;
		}
	past = starts(&t[i], "last") || starts(&t[i], "letzte") || starts(&t[i], "vorige");
	if (!(past || starts(&t[i], "next") || starts(&t[i], "nächste") || is(&t[i], "on") || is(&t[i], "am") ||
	    is(&t[i], "this") || is(&t[i], "by") || starts(&t[i], "diese") || is(&t[i], "bis")) || i + 1 >= n)
		return 0;
	day = weekday_of(&t[i + 1]);
	if (day < 0)
		return 0;
	ahead = (day - d->today.weekday + 7) % 7;
	if (past)
		ahead = ahead == 0 ? -7 : ahead - 7;
	else if (ahead == 0)
		ahead = 7;
	add_days(d, t[i].from, t[i + 1].to, ahead);
	return 2;
}

void
dates_find(struct found *f, int64_t now_us, const struct zone *zone)
{
	struct dates d = { f, zone, zone_civil(zone, now_us), now_us };
	struct token *t = arena_alloc(f->a, TOKENS_MAX * sizeof(*t));
	size_t n = tokenize(f->text, t);

	for (size_t i = 0; i < n;) {
		size_t k = i + 1 < n ? numeric(&d, t, n, i) : 0;

		if (k == 0)
			k = with_month(&d, t, n, i);
		if (k == 0)
			k = counted(&d, t, n, i);
		if (k == 0)
			k = named(&d, t, n, i);
		i += k > 0 ? k : 1;
	}
}
