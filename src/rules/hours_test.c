/* SPDX-License-Identifier: Apache-2.0 */
/* hours_test.c - open, closed and next over weekends, holidays and changes of the clocks. */
#include "rules/hours.h"

#include "base/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int32_t holidays[] = { 20261224, 20261225, 20261226 };
static const struct hours shop = {
	.day = { { { 540, 1080 } }, { { 540, 1080 } }, { { 540, 1080 } }, { { 540, 1080 } },
	    { { 540, 720 }, { 780, 1080 } }, { { 600, 840 } } },
	.closed = holidays,
	.closed_n = 3,
};
static const struct hours always = {
	.day = { { { 0, 1440 } }, { { 0, 1440 } }, { { 0, 1440 } }, { { 0, 1440 } }, { { 0, 1440 } },
	    { { 0, 1440 } }, { { 0, 1440 } } },
};
/* Over midnight: Friday 20:00 to Saturday 02:00. */
static const struct hours night = { .day = { [4] = { { 1200, 1440 } }, [5] = { { 0, 120 } } } };
static const struct hours never = { 0 };

static const struct zone *oslo;

static int
setup(void **state)
{
	(void)arena_setup(state);
	return zone_load(arena, STR("Europe/Oslo"), &oslo, NULL) == E_OK ? 0 : -1;
}

static int64_t
at(int month, int day, int hour, int minute)
{
	return zone_instant(oslo, (struct civil){ 2026, month, day, hour, minute, 0, 0 });
}

static void
open_and_closed(void **state)
{
	struct hours_verdict v;

	(void)state;
	v = hours_at(&shop, oslo, at(11, 23, 10, 0));	/* a Monday */
	assert_true(v.open);
	assert_int_equal(v.until_us, at(11, 23, 18, 0));
	assert_int_equal(v.next_us, at(11, 24, 9, 0));
	v = hours_at(&shop, oslo, at(11, 23, 9, 0));
	assert_true(v.open);
	v = hours_at(&shop, oslo, at(11, 23, 18, 0));
	assert_false(v.open);
	assert_int_equal(v.next_us, at(11, 24, 9, 0));
	v = hours_at(&shop, oslo, at(11, 27, 12, 30));	/* Friday's lunch */
	assert_false(v.open);
	assert_int_equal(v.next_us, at(11, 27, 13, 0));
	v = hours_at(&shop, oslo, at(11, 28, 15, 0));	/* Saturday: Monday next */
	assert_int_equal(v.next_us, at(11, 30, 9, 0));
	v = hours_at(&shop, oslo, at(12, 23, 19, 0));	/* holidays, then a Sunday */
	assert_int_equal(v.next_us, at(12, 28, 9, 0));
}

static void
edges(void **state)
{
	struct hours_verdict v;

	(void)state;
	v = hours_at(&never, oslo, at(1, 1, 0, 0));
	assert_false(v.open);
	assert_int_equal(v.next_us, 0);
	v = hours_at(&always, oslo, at(5, 5, 0, 0));
	assert_true(v.open);
	v = hours_at(&night, oslo, at(11, 27, 23, 0));
	assert_true(v.open);
	assert_int_equal(v.until_us, at(11, 28, 2, 0));
	v = hours_at(&night, oslo, at(11, 28, 1, 0));
	assert_true(v.open);
	assert_int_equal(v.next_us, at(12, 4, 20, 0));
	/* the clocks went forward in the night to 29 March: 09:00 is an hour earlier in UTC */
	v = hours_at(&shop, oslo, at(3, 28, 16, 0));
	assert_int_equal(v.next_us, at(3, 30, 9, 0));
	assert_int_equal(v.next_us - at(3, 27, 9, 0), (3 * 24 - 1) * INT64_C(3600000000));
}

static void
promises(void **state)
{
	(void)state;
	assert_int_equal(hours_add(&shop, oslo, at(11, 23, 10, 0), 600000), at(11, 23, 10, 10));
	assert_int_equal(hours_add(&shop, oslo, at(11, 23, 17, 55), 600000), at(11, 24, 9, 5));
	assert_int_equal(hours_add(&shop, oslo, at(11, 28, 20, 0), 600000), at(11, 30, 9, 10));
	assert_int_equal(hours_add(&never, oslo, at(11, 28, 20, 0), 600000), 0);
}

static void
words(void **state)
{
	static const struct {
		const char *lang;
		int month, day;
		const char *text;
	} cases[] = {
		{ "en", 11, 23, "today at 09:00" }, { "de", 11, 23, "heute um 09:00 Uhr" },
		{ "en", 11, 24, "tomorrow at 09:00" }, { "de", 11, 24, "morgen um 09:00 Uhr" },
		{ "en", 11, 27, "on Friday at 09:00" }, { "de", 11, 27, "am Freitag um 09:00 Uhr" },
		{ "en", 12, 28, "on 28 December at 09:00" }, { "de", 12, 28, "am 28. Dezember um 09:00 Uhr" },
		{ "fi", 11, 24, "tomorrow at 09:00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str s = hours_text(arena, str_from(cases[i].lang), oslo, at(11, 23, 8, 0),
		    at(cases[i].month, cases[i].day, 9, 0));

		assert_string_equal(s.p, cases[i].text);
	}
	assert_int_equal(hours_text(arena, STR("en"), oslo, at(1, 1, 0, 0), 0).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_and_closed),
		cmocka_unit_test(edges),
		cmocka_unit_test(promises),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, setup, arena_teardown);
}
