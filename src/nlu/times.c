/* SPDX-License-Identifier: Apache-2.0 */
/* times.c - "5pm", "17:30", "17 Uhr", "half past five", "a las 5 de la tarde" as minutes of the day. */
#include "nlu/entity_parts.h"

#define MINUTES_DAY 1440

static bool
is_gap(const struct scan *s, size_t i, char c)
{
	struct str gap = scan_gap(s, i);

	return i < s->n && gap.n == 1 && gap.p[0] == c;
}

static size_t
digits_of(const struct scan *s, size_t i)
{
	return s->v[i].to - s->v[i].from;
}

static int
with_half_of_day(int hour, int add)
{
	return add == 12 ? (hour % 12) + 12 : hour % 12;
}

/* Hours and minutes at token i, "17:30", "17.30", "17h30", "17"; tokens taken.
 * *sure: the form alone says that it is a time. */
static size_t
read_hour(const struct scan *s, size_t i, int *hour, int *minute, bool *sure, bool *dotted)
{
	int64_t h;
	unsigned langs;
	size_t n = scan_number(s, i, &h, &langs);

	*minute = 0;
	*sure = *dotted = false;
	if (n == 0 || h < 0 || h > 24 || (s->v[i].digits && digits_of(s, i) > 2))
		return 0;
	*hour = (int)h;
	if (!s->v[i].digits)
		return n;
	if (i + 2 < s->n && s->v[i + 2].digits && digits_of(s, i + 2) == 2 && s->v[i + 2].number < 60 &&
	    str_eqz(scan_word(s, i + 1), "h") && scan_gap(s, i + 1).n == 0 && scan_gap(s, i + 2).n == 0) {
		*minute = (int)s->v[i + 2].number;
		*sure = true;
		return 3;
	}
	if (i + 1 >= s->n || !s->v[i + 1].digits || digits_of(s, i + 1) != 2 || s->v[i + 1].number > 59)
		return 1;
	if (is_gap(s, i + 1, ':')) {
		*minute = (int)s->v[i + 1].number;
		*sure = true;
		/* seconds are not kept */
		return i + 2 < s->n && is_gap(s, i + 2, ':') && s->v[i + 2].digits ? 3 : 2;
	}
	if (is_gap(s, i + 1, '.')) {
		*minute = (int)s->v[i + 1].number;
		*dotted = true;
		return 2;
	}
	return 1;
}

/* "half past five", "halb sechs", "noon" */
static size_t
in_words(const struct scan *s, size_t i, struct day_time *out)
{
	const struct reading *r = scan_role(s, i, ROLE_NOON, LANGS_ALL);
	int64_t h;
	unsigned langs;
	size_t n;

	if (r != NULL) {
		*out = (struct day_time){ r->value, 800000, false };
		return r->words;
	}
	r = scan_role(s, i, ROLE_HALF, LANGS_ALL);
	if (r == NULL || (n = scan_number(s, i + r->words, &h, &langs)) == 0 || (langs & r->langs) == 0 ||
	    h < 1 || h > 12 || scan_role(s, i + r->words + n, ROLE_UNIT, langs) != NULL)
		return 0;
	/* In the hours of business. */
	h = h < 8 ? h + 12 : h;
	*out = (struct day_time){ (int)h * 60 + r->value, 650000, false };
	return r->words + n;
}

static bool
is_followed_by_thing(const struct scan *s, size_t i, unsigned langs)
{
	return scan_role(s, i, ROLE_UNIT, langs) != NULL || scan_role(s, i, ROLE_CURRENCY, langs) != NULL ||
	    scan_role(s, i, ROLE_COUNT, langs) != NULL || scan_role(s, i, ROLE_MONTH, langs) != NULL ||
	    scan_role(s, i, ROLE_ORDINAL, langs) != NULL;
}

/* The words after the hour: am, Uhr, heures, de la tarde. */
static size_t
read_suffix(const struct scan *s, size_t i, int *hour, int *minute, int *clock)
{
	const struct reading *r = scan_role(s, i, ROLE_AMPM, LANGS_ALL);
	size_t n = 0;

	*clock = 0;
	if (r == NULL && (r = scan_role(s, i, ROLE_CLOCK, LANGS_ALL)) != NULL) {
		*clock = r->value;
		n = r->words;
		if (*clock == 2 && *minute == 0 && i + n < s->n && s->v[i + n].digits && digits_of(s, i + n) == 2 &&
		    scan_is_near(s, i + n) && s->v[i + n].number < 60)
			*minute = (int)s->v[i + n++].number;
		r = scan_role(s, i + n, ROLE_AMPM, LANGS_ALL);
	}
	if (r != NULL && *hour >= 1 && *hour <= 12) {
		*hour = with_half_of_day(*hour, r->value);
		*clock = 3;
		n += r->words;
	}
	return n;
}

size_t
time_at(const struct scan *s, size_t i, struct day_time *out)
{
	const struct reading *at = scan_role(s, i, ROLE_AT, LANGS_ALL);
	size_t k = i + (at == NULL ? 0u : at->words), n;
	int hour, minute, clock;
	bool sure, dotted;

	if (k >= s->n)
		return 0;
	if ((n = in_words(s, k, out)) > 0)
		return k + n - i;
	if ((n = read_hour(s, k, &hour, &minute, &sure, &dotted)) == 0)
		return 0;
	k += n;
	k += read_suffix(s, k, &hour, &minute, &clock);
	out->bare = false;
	if (clock >= 2 || sure)
		out->p_ppm = clock == 3 || clock == 2 || at != NULL ? 950000 : 850000;
	else if (at != NULL && (clock == 1 || dotted || at->value == 1))
		out->p_ppm = 800000;
	else if (at != NULL && !dotted && !is_followed_by_thing(s, k, LANGS_ALL)) {
		out->p_ppm = 600000;
		out->bare = true;
	} else
		return 0;
	/* "at 5" is an hour when somebody is awake */
	if (clock < 2 && !sure && !dotted && hour >= 1 && hour < 8 && clock != 1)
		hour += 12;
	out->minute = hour * 60 + minute;
	return out->minute <= MINUTES_DAY ? k - i : 0;
}
