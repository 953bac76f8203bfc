/* SPDX-License-Identifier: Apache-2.0 */
/* recall_test.c - what is remembered is what the record says, or it is forgotten. */
#include "engine/recall.h"

#include "engine/policy_fixture.h"
#include "engine/published.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TURN_EVENTS 8
#define TURNS 24
#define EVENTS (2 + TURNS * TURN_EVENTS)
#define LONG_TEXT 3000	/* of a passage: what ended turns leave behind is copied away, sometimes */

static const struct id conv = { { 7, 1 } };

struct world {
	struct arena *a;
	struct policy_snapshot *snap;
	struct published pub, other;
	struct recall *recall;
	struct event v[EVENTS];
	struct conv_row row;
};

static struct event *
event_of(struct world *w, size_t i, enum event_kind kind, int64_t turn, struct str body)
{
	w->v[i] = (struct event){ .conv = 1, .conv_id = conv, .seq = (int32_t)i + 1, .gid = (int64_t)i + 9,
		.at_us = 1795000000000000 + (int64_t)i, .kind = kind, .turn = turn, .body = body,
		.policy_hash = STR("abc") };
	return &w->v[i];
}

/* A question, perceived, answered from an article; a slot is filled now and then. */
static void
write_turn(struct world *w, size_t t)
{
	size_t i = 2 + t * TURN_EVENTS;
	int64_t turn = (int64_t)t + 1;
	struct arena *a = w->a;
	char text[LONG_TEXT + 1];
	const char *set = t % 3 == 1 ? ",\"set\":[[\"order_number\",\"HP-2107\"]]" : "";

	memset(text, 'x', LONG_TEXT);
	text[LONG_TEXT] = '\0';
	event_of(w, i, EV_MSG_CUSTOMER, 0, str_fmt(a, "{\"text\":\"How do returns work, %d?\"}", (int)t));
	event_of(w, i + 1, EV_TURN_STARTED, turn, str_fmt(a, "{\"attempt\":1,\"basis\":%d}", (int)i + 1));
	event_of(w, i + 2, EV_PERCEIVED, turn, str_fmt(a, "{\"entities\":[{\"from\":0,\"kind\":\"amount\",\"text\":"
	    "\"%d\",\"to\":1,\"value\":\"%d\"}],\"intents\":[{\"id\":\"returns\",\"p\":900000}],"
	    "\"language\":\"en\",\"language_p\":990000,\"mood\":{\"anger\":%d},\"similar\":[1],"
	    "\"words\":[\"how\",\"returns\"]}", (int)t, (int)t, (int)t));
	event_of(w, i + 3, EV_DECIDED, turn, str_fmt(a, "{\"kind\":\"retrieve\",\"query\":\"returns\","
	    "\"why\":[]%s}", set));
	event_of(w, i + 4, EV_EFFECT_DONE, turn, str_fmt(a, "{\"kind\":\"passages\",\"passages\":[{\"article\":\"returns\","
	    "\"score\":800000,\"text\":\"%s\",\"title\":\"Returns\"}],\"source\":\"articles\"}", text));
	event_of(w, i + 5, EV_DECIDED, turn, STR("{\"helped\":true,\"kind\":\"say\",\"why\":[]}"));
	event_of(w, i + 6, EV_MSG_AI, turn, STR("{\"text\":\"Within 60 days.\"}"));
	event_of(w, i + 7, EV_TURN_ENDED, turn, str_fmt(a, "{\"basis\":%d}", (int)i + 1));
}

static int
setup(void **state)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct world *w = arena_new_of(a, struct world);
	struct complaints c;
	struct fault f = { 0 };

	w->a = a;
	complaints_init(&c, a);
	if (policy_load(policy_fixture, POLICY_FIXTURE_N, &c, &w->snap, &f) != E_OK)
		fail_msg("%s", f.text);
	/* References that nobody gives back: these two are no heap's. */
	w->pub = (struct published){ .magic = 0x9b1a5ed0u, .refs = 1, .policy = w->snap->policy };
	w->other = w->pub;
	w->recall = recall_new();
	event_of(w, 0, EV_CONV_OPENED, 0, STR("{\"inbox\":\"halden\",\"language\":\"de\"}"));
	event_of(w, 1, EV_WAY_BACK, 0, STR("{\"email\":\"ana@example.com\"}"));
	for (size_t t = 0; t < TURNS; t++)
		write_turn(w, t);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	struct arena *a = w->a;

	recall_free(&w->recall);
	assert_int_equal(w->pub.refs, 1);
	assert_int_equal(w->other.refs, 1);
	policy_snapshot_unref(&w->snap);
	arena_free(&a);
	return 0;
}

/* Events [from, to) as one committed batch. */
static void
note(struct world *w, size_t from, size_t to, enum holder holder, bool beside)
{
	struct batch *b = batch_new(conv);

	b->stored = arena_array(b->arena, struct event, to - from + 1);
	for (size_t i = from; i < to; i++) {
		b->stored[i - from] = w->v[i];
		b->stored[i - from].body = str_dup(b->arena, w->v[i].body);
	}
	b->stored_n = to - from;
	b->after = arena_new_of(b->arena, struct conv_row);
	*b->after = (struct conv_row){ .id = conv, .inbox = str_dup(b->arena, STR("halden")), .holder = holder,
		.last_seq = (int32_t)to, .preview = str_fmt(b->arena, "at %d", (int)to) };
	recall_note(w->recall, b, beside);
	batch_free(&b);
}

static void
same_as_record(struct world *w, struct recalled *c, size_t n)
{
	struct folded whole, kept;
	struct conv_row row;
	const char *d;

	assert_int_equal(recall_fold(c, w->a, &row, &kept, NULL), E_OK);
	assert_int_equal(row.last_seq, n);
	assert_true(str_eq(row.inbox, STR("halden")));
	assert_int_equal(fold_events(w->pub.policy, 0, w->v, n, w->a, &whole, NULL), E_OK);
	d = folded_difference(&whole, &kept);
	if (d != NULL)
		fail_msg("after %zu events: %s", n, d);
}

/* Whatever the batches are, and whenever a turn looks. */
static void
goes_on(void **state)
{
	struct world *w = *state;

	for (size_t step = 1; step < 2 * TURN_EVENTS; step += 3) {
		for (size_t at = 0; at < EVENTS;) {
			size_t to = at + step < EVENTS ? at + step : EVENTS;
			struct recalled *c;

			note(w, at, to, HOLDER_AI, false);
			at = to;
			if (at % 5 == 0)
				continue;	/* nobody looks */
			c = recall_take(w->recall, conv, &w->pub);
			assert_non_null(c);
			if (!recall_knows(c))
				fail_msg("step %zu: forgotten after %zu events", step, at);
			same_as_record(w, c, at);
			recall_release(&c);
		}
		recall_clear(w->recall);
	}
}

/* Not from its beginning: read first; and what is committed meanwhile is not lost. */
static void
is_told(void **state)
{
	struct world *w = *state;
	struct conv_row row = { .id = conv, .inbox = STR("halden"), .last_seq = 20, .preview = STR("old") };
	struct recalled *c = recall_take(w->recall, conv, &w->pub);

	assert_non_null(c);
	assert_false(recall_knows(c));
	assert_null(recall_take(w->recall, conv, &w->pub));
	note(w, 18, 20, HOLDER_AI, false);
	note(w, 20, 25, HOLDER_AI, false);
	recall_tell(c, &row, 0, w->v, 20);
	same_as_record(w, c, 25);
	note(w, 25, 30, HOLDER_AI, false);
	recall_release(&c);
	c = recall_take(w->recall, conv, &w->pub);
	same_as_record(w, c, 30);
	recall_release(&c);
	assert_true(recall_row(w->recall, conv, &row));
	assert_int_equal(row.last_seq, 30);
}

static bool
known_after(struct world *w)
{
	struct recalled *c = recall_take(w->recall, conv, &w->pub);
	bool known = recall_knows(c);

	recall_release(&c);
	return known;
}

static void
is_forgotten(void **state)
{
	struct world *w = *state;
	struct conv_row row;

	note(w, 0, 9, HOLDER_AI, false);
	assert_true(recall_row(w->recall, conv, &row));
	note(w, 10, 12, HOLDER_AI, false);	/* a gap */
	assert_false(recall_row(w->recall, conv, &row));
	assert_false(known_after(w));
	note(w, 0, 9, HOLDER_AI, false);
	note(w, 9, 12, HOLDER_AGENT, false);
	assert_false(known_after(w));
	note(w, 0, 9, HOLDER_QUEUE, false);
	assert_true(recall_row(w->recall, conv, &row));
	note(w, 9, 12, HOLDER_AI, true);	/* and a contact, say */
	assert_false(known_after(w));
}

static void
forgotten_while_taken(void **state)
{
	struct world *w = *state;
	struct recalled *c;
	struct folded o;
	struct conv_row row;

	note(w, 0, 9, HOLDER_AI, false);
	c = recall_take(w->recall, conv, &w->pub);
	same_as_record(w, c, 9);
	note(w, 9, 12, HOLDER_AGENT, false);
	assert_int_equal(recall_fold(c, w->a, &row, &o, NULL), E_NOTFOUND);
	recall_release(&c);
	assert_false(recall_row(w->recall, conv, &row));
}

static void
another_policy(void **state)
{
	struct world *w = *state;
	struct recalled *c;

	note(w, 0, 9, HOLDER_AI, false);
	c = recall_take(w->recall, conv, &w->pub);
	same_as_record(w, c, 9);
	recall_release(&c);
	c = recall_take(w->recall, conv, &w->other);
	assert_false(recall_knows(c));
	recall_release(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(is_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(forgotten_while_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(another_policy, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
