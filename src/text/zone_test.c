/* SPDX-License-Identifier: Apache-2.0 */
/* zone_test.c - local times over the changes of the clocks, against known instants. */
#include "text/zone.h"

#include "text/zone_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S INT64_C(1000000)

static const struct zone *
load(struct arena *a, const char *name)
{
	const struct zone *z = NULL;
	struct fault f = { 0 };

	if (zone_load(a, str_from(name), &z, &f) != E_OK)
		fail_msg("%s", f.text);
	return z;
}

static void
check(const struct zone *z, int64_t utc_s, int y, int mo, int d, int h, int mi, int weekday)
{
	struct civil c = zone_civil(z, utc_s * S + 999999);

	assert_int_equal(c.year, y);
	assert_int_equal(c.month, mo);
	assert_int_equal(c.day, d);
	assert_int_equal(c.hour, h);
	assert_int_equal(c.minute, mi);
	assert_int_equal(c.weekday, weekday);
}

static void
oslo(void **state)
{
	struct arena *a = arena_new(0);
	const struct zone *z = load(a, "Europe/Oslo");

	(void)state;
	/* 2026-03-29 01:00 UTC: 02:00 becomes 03:00; 2026-10-25 01:00 UTC: 03:00 becomes 02:00. */
	check(z, 1774745999, 2026, 3, 29, 1, 59, 6);
	check(z, 1774746000, 2026, 3, 29, 3, 0, 6);
	check(z, 1792889999, 2026, 10, 25, 2, 59, 6);
	check(z, 1792890000, 2026, 10, 25, 2, 0, 6);
	/* far beyond the table: only the footer's rule knows */
	check(z, 4087065600, 2099, 7, 7, 2, 0, 1);
	/* a time that does not exist moves forward, one that exists twice is the first */
	assert_int_equal(zone_instant(z, (struct civil){ 2026, 3, 29, 2, 30, 0, 0 }),
	    (1774746000 + 1800) * S);
	assert_int_equal(zone_instant(z, (struct civil){ 2026, 10, 25, 2, 30, 0, 0 }),
	    (1792890000 - 1800) * S);
	/* fields carry over */
	assert_int_equal(zone_instant(z, (struct civil){ 2026, 12, 32, 0, 0, 0, 0 }),
	    zone_instant(z, (struct civil){ 2027, 1, 1, 0, 0, 0, 0 }));
	arena_free(&a);
}

static void
new_york_and_kolkata(void **state)
{
	struct arena *a = arena_new(0);
	const struct zone *ny = load(a, "America/New_York"), *in = load(a, "Asia/Kolkata");

	(void)state;
	/* 2026-03-08 07:00 UTC and 2026-11-01 06:00 UTC */
	check(ny, 1772953199, 2026, 3, 8, 1, 59, 6);
	check(ny, 1772953200, 2026, 3, 8, 3, 0, 6);
	check(ny, 1793512799, 2026, 11, 1, 1, 59, 6);
	check(ny, 1793512800, 2026, 11, 1, 1, 0, 6);
	check(in, 1774746000, 2026, 3, 29, 6, 30, 6);
	check(in, 1793512800, 2026, 11, 1, 11, 30, 6);
	check(zone_utc(), 0, 1970, 1, 1, 0, 0, 3);
	check(zone_utc(), -1, 1969, 12, 31, 23, 59, 2);
	arena_free(&a);
}

/* Each hour of ten years there and back. */
static void
round_trip(void **state)
{
	struct arena *a = arena_new(0);
	const struct zone *z = load(a, "America/New_York");
	int64_t at = 1767225600;

	(void)state;
	for (int i = 0; i < 24 * 3660; i++, at += 3600) {
		int64_t back = zone_instant(z, zone_civil(z, at * S)) / S;

		assert_true(back == at || back == at - 3600);
	}
	arena_free(&a);
}

static void
wrong_names(void **state)
{
	static const char *const bad[] = { "", "Europe/Atlantis", "../../../etc/passwd", "/etc/passwd",
		"Europe", "a b" };
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct zone *z = NULL;
		struct fault f = { 0 };

		assert_int_equal(zone_load(a, str_from(bad[i]), &z, &f), E_CONFIG);
		assert_true(str_find(str_from(f.text), str_from(bad[i])) >= 0);
	}
	arena_free(&a);
}

static void
posix_rules(void **state)
{
	static const char *const bad[] = { "", "CE-1", "CET", "CET-1CEST", "CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.0,M13.5.0", "CET-1CEST,M3.5.0,M10.5.0x", "<CET-1" };
	struct zone z;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		z = (struct zone){ 0 };
		assert_false(zone_posix_parse(str_from(bad[i]), &z));
	}
	z = (struct zone){ 0 };
	assert_true(zone_posix_parse(STR("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"), &z));
	assert_int_equal(z.std_s, 37800);
	check(&z, 1767225600, 2026, 1, 1, 11, 0, 3);	/* summer in the south */
	check(&z, 1782864000, 2026, 7, 1, 10, 30, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oslo),
		cmocka_unit_test(new_york_and_kolkata),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(wrong_names),
		cmocka_unit_test(posix_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
