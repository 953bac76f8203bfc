/* SPDX-License-Identifier: Apache-2.0 */
/* hours.c - opening hours over days, holidays and changes of the clocks. */
#include "rules/hours.h"

#define DAYS_AHEAD 60
#define SPANS 4

struct opening {
	int64_t from_us, to_us;
};

static bool
is_closed(const struct hours *h, struct civil c)
{
	int32_t day = c.year * 10000 + c.month * 100 + c.day;

	for (size_t i = 0; i < h->closed_n; i++)
		if (h->closed[i] == day)
			return true;
	return false;
}

static int64_t
at_minute(const struct zone *z, struct civil day, int minute)
{
	day.hour = 0;
	day.minute = minute;
	day.second = 0;
	return zone_instant(z, day);
}

/* The local day `ahead` days after that of now; noon is on that day under any
 * change of the clocks. */
static struct civil
day_after(const struct zone *z, int64_t now_us, int ahead)
{
	struct civil c = zone_civil(z, now_us);

	c.day += ahead;
	c.hour = 12;
	return zone_civil(z, zone_instant(z, c));
}

/* The first opening that ends after at_us, its neighbours (till midnight, from
 * midnight) joined. Spans of a day are in any order. */
static bool
next_opening(const struct hours *h, const struct zone *z, int64_t at_us, struct opening *out)
{
	bool found = false;

	for (int ahead = -1; ahead <= DAYS_AHEAD; ahead++) {
		struct civil day = day_after(z, at_us, ahead);
		bool joined = false;

		for (int again = 0; again < SPANS && !is_closed(h, day); again++)
			for (int i = 0; i < SPANS; i++) {
				const struct span *s = &h->day[day.weekday][i];
				struct opening o = { at_minute(z, day, s->from_min), at_minute(z, day, s->to_min) };

				if (s->to_min <= s->from_min || o.to_us <= at_us)
					continue;
				if (!found || (o.from_us < out->from_us && o.to_us < out->from_us)) {
					*out = o;
					found = joined = true;
				} else if (o.from_us <= out->to_us && o.to_us >= out->from_us) {
					joined |= o.to_us > out->to_us || o.from_us < out->from_us;
					out->to_us = o.to_us > out->to_us ? o.to_us : out->to_us;
					out->from_us = o.from_us < out->from_us ? o.from_us : out->from_us;
				}
			}
		if (found && !joined)
			break;
	}
	return found;
}

struct hours_verdict
hours_at(const struct hours *h, const struct zone *z, int64_t now_us)
{
	struct hours_verdict v = { 0 };
	struct opening o, after;

	if (!next_opening(h, z, now_us, &o))
		return v;
	if (o.from_us > now_us) {
		v.next_us = o.from_us;
		return v;
	}
	v.open = true;
	v.until_us = o.to_us;
	if (next_opening(h, z, o.to_us, &after))
		v.next_us = after.from_us;
	return v;
}

int64_t
hours_add(const struct hours *h, const struct zone *z, int64_t from_us, int64_t open_ms)
{
	int64_t left_us = open_ms * 1000, at_us = from_us;
	struct opening o;

	for (int i = 0; i < DAYS_AHEAD * SPANS && next_opening(h, z, at_us, &o); i++) {
		int64_t start = o.from_us > at_us ? o.from_us : at_us;

		if (start - from_us > DAYS_AHEAD * INT64_C(86400000000))
			break;
		if (o.to_us - start >= left_us)
			return start + left_us;
		left_us -= o.to_us - start;
		at_us = o.to_us;
	}
	return 0;
}

static const char *const weekday_en[7] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday", "Sunday" };
static const char *const weekday_de[7] = { "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag",
	"Samstag", "Sonntag" };
static const char *const month_en[12] = { "January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December" };
static const char *const month_de[12] = { "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
	"August", "September", "Oktober", "November", "Dezember" };

static struct str
clock_text(struct arena *a, struct civil c)
{
	return str_fmt(a, "%s%d:%s%d", c.hour < 10 ? "0" : "", c.hour, c.minute < 10 ? "0" : "", c.minute);
}

struct str
hours_text(struct arena *a, struct str lang, const struct zone *z, int64_t now_us, int64_t at_us)
{
	struct civil at = zone_civil(z, at_us);
	bool de = str_eqz(lang, "de");
	struct str hm = clock_text(a, at);
	const char *month = (de ? month_de : month_en)[(at.month + 11) % 12];
	int ahead = -1;

	if (at_us == 0)
		return STR_NONE;
	for (int d = 0; d < 7; d++) {
		struct civil day = day_after(z, now_us, d);

		if (day.year == at.year && day.month == at.month && day.day == at.day)
			ahead = d;
	}
	if (ahead == 0)
		return str_fmt(a, de ? "heute um %S Uhr" : "today at %S", hm);
	if (ahead == 1)
		return str_fmt(a, de ? "morgen um %S Uhr" : "tomorrow at %S", hm);
	if (ahead > 1)
		return str_fmt(a, de ? "am %s um %S Uhr" : "on %s at %S",
		    (de ? weekday_de : weekday_en)[at.weekday], hm);
	return str_fmt(a, de ? "am %d. %s um %S Uhr" : "on %d %s at %S", at.day,
	    month, hm);
}
