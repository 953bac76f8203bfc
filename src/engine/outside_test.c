/* SPDX-License-Identifier: Apache-2.0 */
/* outside_test.c - what is remembered of hours and queues is what the clock and the store say. */
#include "engine/outside.h"

#include "model/model_test.h"

#include <string.h>

/* Monday to Friday, 9:00 to 18:00. */
static const struct hours shop = {
	.day = { { { 540, 1080 } }, { { 540, 1080 } }, { { 540, 1080 } }, { { 540, 1080 } }, { { 540, 1080 } } },
};
static const struct hours never = { 0 };

static void
test_hours_through_a_fortnight(void **state)
{
	struct arena *a = arena_new(0);
	struct outside *o = outside_new();
	const struct zone *zone;
	int64_t start, opened = 0;

	(void)state;
	assert_int_equal(zone_load(a, STR("Europe/Oslo"), &zone, NULL), E_OK);
	/* The clocks change in between. */
	start = zone_instant(zone, (struct civil){ 2026, 10, 20, 0, 0, 0, 0 });
	for (int64_t t = start; t < start + 14 * 86400 * US_PER_S; t += 419 * US_PER_S) {
		struct hours_verdict v = outside_hours(o, STR("a policy"), 0, &shop, zone, t), is = hours_at(&shop, zone, t);

		assert_int_equal(v.open, is.open);
		assert_int_equal(v.until_us, is.until_us);
		assert_int_equal(v.next_us, is.next_us);
		opened += v.open;
		assert_false(outside_hours(o, STR("a policy"), 1, &never, zone, t).open);
	}
	assert_true(opened > 100);
	/* Another policy's are not these; nor is the past. */
	assert_false(outside_hours(o, STR("another"), 0, &never, zone, start + 11 * 3600 * US_PER_S).open);
	assert_true(outside_hours(o, STR("a policy"), 0, &shop, zone, start + 11 * 3600 * US_PER_S).open);
	assert_false(outside_hours(o, STR("a policy"), 0, &shop, zone, start).open);
	outside_free(&o);
	arena_free(&a);
}

static int32_t
queued(struct world *x, struct outside *o)
{
	struct fault f = { 0 };
	int32_t n = -1;

	if (!outside_queued(o, INBOX, &n)) {
		uint64_t changes = outside_changes(o);
		struct db *db = db_borrow(x->r);

		assert_int_equal(outside_count(o, db, changes, INBOX, &n, &f), E_OK);
		db_return(x->r, &db);
	}
	return n;
}

static void
commit(struct world *x, struct outside *o, struct id conv, enum event_kind k, struct actor by, const char *body)
{
	struct batch *b = batch_of(conv, k, by, body);
	struct fault f = { 0 };

	if (k == EV_RESOLVED || k == EV_HANDOVER_CLAIMED)
		b->agent = x->agent;
	if (submit(x, b, &f) != E_OK)
		fail_msg("%s", f.text);
	outside_note(o, b);
	batch_free(&b);
}

static void
test_the_queue(void **state)
{
	struct world *x = world_new(false);
	struct outside *o = outside_new();
	struct id one = say(x, id_new(rand_real()), "{\"text\":\"hi\"}"), two = say(x, id_new(rand_real()), "{\"text\":\"hi\"}");
	int32_t n;

	(void)state;
	assert_false(outside_queued(o, INBOX, &n));
	assert_int_equal(queued(x, o), 0);
	/* Talk changes nothing, and is not asked about. */
	commit(x, o, one, EV_MSG_CUSTOMER, CUSTOMER(x), "{\"text\":\"are you there\"}");
	assert_true(outside_queued(o, INBOX, &n));
	assert_false(outside_queued(o, STR("another"), &n));
	commit(x, o, one, EV_HANDOVER_REQUESTED, AI, "{\"hours_class\":1,\"open\":true,\"promise_us\":0,\"team\":\"Care\"}");
	assert_false(outside_queued(o, INBOX, &n));
	assert_int_equal(queued(x, o), 1);
	commit(x, o, two, EV_HANDOVER_REQUESTED, AI, "{\"hours_class\":1,\"open\":true,\"promise_us\":0,\"team\":\"Care\"}");
	assert_int_equal(queued(x, o), 2);
	commit(x, o, one, EV_HANDOVER_CLAIMED, AGENT(x), "{}");
	assert_int_equal(queued(x, o), 1);
	outside_free(&o);
	world_free(x);
}

/* A length counted in a state of before a change is not taken for one of after. */
static void
test_an_old_state(void **state)
{
	struct world *x = world_new(false);
	struct outside *o = outside_new();
	struct id one = say(x, id_new(rand_real()), "{\"text\":\"hi\"}");
	uint64_t changes = outside_changes(o);
	struct db *db = db_borrow(x->r);
	struct fault f = { 0 };
	int64_t before;
	int32_t n = -1;

	(void)state;
	assert_int_equal(conv_queued(db, INBOX, &before, &f), E_OK);
	commit(x, o, one, EV_HANDOVER_REQUESTED, AI, "{\"hours_class\":1,\"open\":true,\"promise_us\":0,\"team\":\"Care\"}");
	assert_int_equal(outside_count(o, db, changes, INBOX, &n, &f), E_OK);
	assert_int_equal(n, before);
	db_return(x->r, &db);
	assert_int_equal(queued(x, o), 1);
	outside_free(&o);
	world_free(x);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hours_through_a_fortnight),
		cmocka_unit_test(test_the_queue),
		cmocka_unit_test(test_an_old_state),
	};

	return cmocka_run_group_tests_name("outside", tests, NULL, NULL);
}
