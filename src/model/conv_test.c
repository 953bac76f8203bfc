/* SPDX-License-Identifier: Apache-2.0 */
/* conv_test.c - transitions, projections, lists, claims, search, waits, rebuild. */
#include "model/model_test.h"

#include "base/buf.h"
#include "model/transition.h"

#include <sqlite3.h>

static enum err
claim(struct world *x, struct id conv, struct actor by, struct fault *f)
{
	struct batch *b = batch_of(conv, EV_HANDOVER_CLAIMED, by, "{\"name\":\"Dana Keller\"}");
	enum err e;

	b->pre = PRE_CLAIMABLE;
	b->agent = by.id;
	e = submit(x, b, f);
	batch_free(&b);
	return e;
}

static void
hand_over(struct world *x, struct id conv, int64_t promise_us)
{
	struct batch *b = batch_new(conv);
	struct fault f = { 0 };
	char body[128];

	snprintf(body, sizeof(body), "{\"hours_class\":1,\"open\":true,\"promise_us\":%lld,\"team\":\"Care\"}",
	    (long long)promise_us);
	batch_add(b, EV_MSG_AI, AI, 1, STR_NONE, STR("{\"text\":\"a person is coming\"}"));
	batch_add(b, EV_HANDOVER_REQUESTED, AI, 1, STR_NONE, str_from(body));
	batch_add(b, EV_HANDOVER_CARD, AI, 1, STR_NONE, STR("{\"intents\":[{\"id\":\"refund\",\"p_ppm\":810000}],"
	    "\"language\":\"de\",\"last_customer\":\"refund or my lawyer calls you\",\"mood\":{\"anger_ppm\":900000,\"confusion_ppm\":0,\"frustration_ppm\":700000},"
	    "\"reason\":\"Mentions a lawyer\",\"reason_code\":\"regulated\",\"urgency\":80}"));
	if (submit(x, b, &f) != E_OK)
		fail_msg("%s", f.text);
	batch_free(&b);
}

static void
test_a_whole_story(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"refund or my lawyer calls you\"}");
	struct conv_row r = row_of(x, conv);
	struct fault f = { 0 };

	(void)state;
	assert_true(str_eqz(r.language, "en"));	/* the visit's: nothing is understood yet */
	assert_int_equal(post(x, conv, EV_TURN_STARTED, AI, 1, "{\"attempt\":1,\"basis\":2}"), E_OK);
	/* A guess, or what is none of the desk's, is no topic. */
	assert_int_equal(post(x, conv, EV_PERCEIVED, AI, 1, "{\"intents\":[{\"id\":\"sizing\",\"p\":440000}],"
	    "\"unknown\":100000}"), E_OK);
	assert_int_equal(post(x, conv, EV_PERCEIVED, AI, 1, "{\"intents\":[{\"id\":\"sizing\",\"p\":900000}],"
	    "\"unknown\":700000}"), E_OK);
	assert_int_equal(row_of(x, conv).intent.n, 0);
	assert_int_equal(post(x, conv, EV_PERCEIVED, AI, 1, "{\"intents\":[{\"id\":\"order_status\",\"p\":500000}],"
	    "\"language\":\"en\",\"mood\":{\"anger\":10,\"confusion\":600000}}"), E_OK);
	r = row_of(x, conv);
	assert_true(r.turn_open && r.turn == 1 && r.turn_basis == 2);
	assert_true(str_eqz(r.intent, "order_status") && str_eqz(r.mood, "confusion") && str_eqz(r.language, "en"));
	hand_over(x, conv, x->now + 600 * US_PER_S);
	assert_int_equal(post(x, conv, EV_TURN_ENDED, AI, 1, "{}"), E_OK);
	r = row_of(x, conv);
	assert_int_equal(r.holder, HOLDER_QUEUE);
	assert_int_equal(r.status, CONV_OPEN);
	assert_false(r.turn_open);
	assert_true(r.waiting_since_us > 0 && r.promise_us > r.waiting_since_us);
	assert_true(str_eqz(r.reason_code, "regulated") && str_eqz(r.intent, "refund") && r.urgency == 80);
	assert_true(str_eqz(r.mood, "anger"));
	assert_true(str_eqz(r.preview, "refund or my lawyer calls you") && str_eqz(r.preview_by, "customer"));
	assert_int_equal(post(x, conv, EV_MSG_AI, AI, 0, "{\"text\":\"still coming\"}"), E_OK);
	r = row_of(x, conv);
	assert_true(str_eqz(r.preview, "refund or my lawyer calls you") && str_eqz(r.preview_by, "customer"));
	assert_int_equal(claim(x, conv, AGENT(x), &f), E_OK);
	assert_int_equal(claim(x, conv, OTHER(x), &f), E_CONFLICT);
	assert_string_equal(f.text, "This conversation is already with Dana Keller.");
	assert_int_equal(post(x, conv, EV_MSG_AGENT, OTHER(x), 0, "{\"text\":\"me\"}"), E_CONFLICT);
	assert_int_equal(post(x, conv, EV_MSG_AI, AI, 0, "{\"text\":\"me too\"}"), E_CONFLICT);
	assert_int_equal(post(x, conv, EV_MSG_AGENT, AGENT(x), 0, "{\"text\":\"Dana here\"}"), E_OK);
	r = row_of(x, conv);
	assert_int_equal(r.status, CONV_WAITING_CUSTOMER);
	assert_true(r.promise_us == 0 && r.waiting_since_us == 0 && str_eqz(r.agent_name, "Dana Keller"));
	assert_true(str_eqz(r.preview, "Dana here") && str_eqz(r.preview_by, "agent"));
	assert_int_equal(post(x, conv, EV_HANDOVER_RETURNED, AGENT(x), 0, "{}"), E_OK);
	assert_int_equal(row_of(x, conv).holder, HOLDER_AI);
	assert_int_equal(post(x, conv, EV_RESOLVED, AI, 0, "{}"), E_OK);
	assert_int_equal(row_of(x, conv).holder, HOLDER_NONE);
	/* a customer's message opens it again, by itself */
	assert_true(id_eq(say(x, x->contact, "{\"text\":\"one more thing\"}"), conv));
	r = row_of(x, conv);
	assert_int_equal(r.holder, HOLDER_AI);
	assert_int_equal(r.status, CONV_OPEN);
	/* later than REOPEN_DAYS it is another one */
	assert_int_equal(post(x, conv, EV_RESOLVED, AI, 0, "{}"), E_OK);
	x->now += INT64_C(8) * 86400 * US_PER_S;
	assert_false(id_eq(say(x, x->contact, "{\"text\":\"hello again\"}"), conv));
	world_free(x);
}

static void
test_preconditions(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"hi\"}");
	struct fault f = { 0 };
	struct { unsigned pre; int32_t basis; int64_t turn, gen; enum err want; } cases[] = {
		{ PRE_BASIS, 2, 0, 0, E_OK }, { PRE_BASIS, 1, 0, 0, E_CONFLICT },
		{ PRE_HOLDER_AI, 0, 0, 0, E_OK }, { PRE_HELD_BY_ACTOR, 0, 0, 0, E_CONFLICT },
		{ PRE_NOT_RESOLVED, 0, 0, 0, E_OK }, { PRE_TURN_CURRENT, 0, 1, 0, E_OK },
		{ PRE_TURN_CURRENT, 0, 2, 0, E_CONFLICT },
		{ PRE_TIMER_GEN, 0, 0, 3, E_OK }, { PRE_TIMER_GEN, 0, 0, 2, E_CONFLICT },
	};

	(void)state;
	assert_int_equal(post(x, conv, EV_TURN_STARTED, AI, 1, "{\"attempt\":1,\"basis\":2}"), E_OK);
	assert_int_equal(post(x, conv, EV_TIMER_SET, AI, 0, "{\"due_us\":5,\"gen\":3,\"kind\":\"promise\"}"), E_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct batch *b = batch_of(conv, EV_DECIDED, AI, "{}");

		b->pre = cases[i].pre;
		b->basis = cases[i].basis;
		b->turn = cases[i].turn;
		b->timer_kind = STR("promise");
		b->timer_gen = cases[i].gen;
		b->agent = x->agent;
		if (submit(x, b, &f) != cases[i].want)
			fail_msg("case %zu: %s", i, f.text);
		batch_free(&b);
	}
	assert_int_equal(post(x, id_new(rand_real()), EV_DECIDED, AI, 0, "{}"), E_NOTFOUND);
	assert_int_equal(post(x, conv, EV_RESOLVED, AI, 0, "{}"), E_OK);
	assert_int_equal(post(x, conv, EV_MSG_AI, AI, 0, "{\"text\":\"late\"}"), E_CONFLICT);
	world_free(x);
}

/* Each of kind x holder x status x who acts, against what ENGINE §3 says. */
static bool
allowed(enum event_kind k, enum holder h, enum conv_status s, struct transition_facts who)
{
	bool live = h != HOLDER_NONE && s != CONV_RESOLVED;

	if (k == EV_CONV_OPENED)
		return who.first && h == HOLDER_AI && s == CONV_OPEN;
	if (who.first)
		return false;
	if (k == EV_REOPENED)
		return h == HOLDER_NONE && s == CONV_RESOLVED;
	if (k == EV_MSG_CUSTOMER || k == EV_PERSON_ASKED || k == EV_RESOLVED)
		return live;
	if (k == EV_MSG_AI || k == EV_HANDOVER_CARD)
		return live && h != HOLDER_AGENT;
	if (k == EV_MSG_AGENT || k == EV_HANDOVER_RETURNED)
		return live && h == HOLDER_AGENT && who.by_holder;
	if (k == EV_HANDOVER_REQUESTED)
		return live && h == HOLDER_AI;
	if (k == EV_HANDOVER_CLAIMED)
		return live && (h == HOLDER_AGENT ? who.by_holder : who.by_agent);
	return true;
}

static void
test_every_transition(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EV_N * 4U * 4U * 4U; i++) {
		enum event_kind k = (enum event_kind)(i / 64);
		enum holder h = (enum holder)(i / 16 % 4);
		enum conv_status s = (enum conv_status)(i / 4 % 4);
		struct transition_facts who = { .first = i % 4 == 1, .by_agent = i % 4 >= 2,
		    .by_holder = i % 4 == 3 && h == HOLDER_AGENT };
		const struct transition *t = transition_find(k, h, s, who);
		int to_h, to_s;

		if ((t != NULL) != allowed(k, h, s, who))
			fail_msg("%s from %s/%s, case %u: %s", event_kind_name(k), holder_name(h),
			    conv_status_name(s), i % 4, t != NULL ? t->reason : "refused");
		/* What exists leads to what exists: no holder if and only if resolved. */
		if (t == NULL || (h == HOLDER_NONE) != (s == CONV_RESOLVED))
			continue;
		to_h = t->holder == TO_SAME ? (int)h : t->holder == TO_ACTOR ? (int)HOLDER_AGENT : t->holder;
		to_s = t->status == TO_SAME ? (int)s : t->status;
		assert_int_equal(to_h == HOLDER_NONE, to_s == CONV_RESOLVED);
	}
}

static void
test_no_two_rows_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < transitions_n; i++)
		for (size_t k = i + 1; k < transitions_n; k++)
			assert_false(transitions[i].kind == transitions[k].kind &&
			    (transitions[i].holders & transitions[k].holders) != 0 &&
			    (transitions[i].statuses & transitions[k].statuses) != 0);
}

static void
test_the_page_says_the_same(void **state)
{
	FILE *file = fopen("docs/EVENTS.md", "r");
	char *page = calloc(1, 1 << 18);
	struct buf table;

	(void)state;
	assert_true(file != NULL && page != NULL);
	assert_true(fread(page, 1, (1 << 18) - 1, file) > 0);
	(void)fclose(file);
	buf_init(&table, 1 << 16);
	transition_markdown(&table);
	if (strstr(page, buf_z(&table)) == NULL) {
		(void)fputs(buf_z(&table), stderr);	/* whole: fail_msg cuts */
		fail_msg("docs/EVENTS.md does not hold the table of transitions; it stands above");
	}
	for (unsigned k = 0; k < EV_N; k++) {
		char row[256];

		snprintf(row, sizeof(row), "| `%s` | %d | %s | %s |", event_kind_name((enum event_kind)k),
		    event_version((enum event_kind)k), audience_name(event_audience((enum event_kind)k)),
		    event_help((enum event_kind)k));
		if (strstr(page, row) == NULL)
			fail_msg("docs/EVENTS.md lacks: %s", row);
	}
	buf_free(&table);
	free(page);
}

/* R12: two agents, ten thousand times, both claims in the queue at once. */
#define RACES 10000

struct racer {
	struct batch *b;
	int *won, *lost;
};

static enum err
race_apply(struct db *db, void *arg, struct fault *f)
{
	struct racer *r = arg;

	return batch_apply(db, r->b, f);
}

static void
race_done(void *arg, enum err e, const struct fault *f)
{
	struct racer *r = arg;

	if (e == E_OK)
		++*r->won;
	else if (e == E_CONFLICT && strstr(f->text, "This conversation is already with ") != NULL)
		++*r->lost;
	batch_free(&r->b);
}

static void
race(struct world *x, struct id conv, struct racer *r, struct actor by)
{
	r->b = batch_of(conv, EV_HANDOVER_CLAIMED, by, "{}");
	r->b->pre = PRE_CLAIMABLE;
	r->b->agent = by.id;
	r->b->at_us = x->now;
	assert_int_equal(writer_submit(x->w, &(struct write_item){ race_apply, race_done, r, NULL }), E_OK);
}

static void
test_claim_races(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"hi\"}");

	(void)state;
	for (int i = 0; i < RACES; i++) {
		struct actor first = i % 2 == 0 ? AGENT(x) : OTHER(x), second = i % 2 == 0 ? OTHER(x) : AGENT(x);
		struct batch *back = batch_of(conv, EV_HANDOVER_RETURNED, first, "{}");
		int won = 0, lost = 0, returned = 0;
		struct racer r[3] = { { NULL, &won, &lost }, { NULL, &won, &lost }, { back, &returned, &lost } };

		race(x, conv, &r[0], first);
		race(x, conv, &r[1], second);
		back->at_us = x->now;
		assert_int_equal(writer_submit(x->w, &(struct write_item){ race_apply, race_done, &r[2], NULL }), E_OK);
		while (writer_step(x->w) > 0)
			continue;
		assert_int_equal(won, 1);
		assert_int_equal(lost, 1);
		assert_int_equal(returned, 1);
	}
	assert_int_equal(row_of(x, conv).last_seq, 2 + 2 * RACES);
	world_free(x);
}

static void
test_lists_and_counts(void **state)
{
	struct world *x = world_new(false);
	struct str inbox = INBOX, next = STR_NONE;
	struct id conv[7];
	struct conv_counts counts;
	int64_t queued;
	struct conv_row *v;
	struct fault f = { 0 };
	struct db *db;
	size_t n, seen = 0;
	int32_t place;

	(void)state;
	for (int i = 0; i < 7; i++)
		conv[i] = say(x, id_new(rand_real()), "{\"text\":\"hi\"}");
	for (int i = 0; i < 5; i++)	/* the later, the earlier promised; the last without */
		hand_over(x, conv[i], i == 4 ? 0 : T0 + (1000 - i) * US_PER_S);
	assert_int_equal(claim(x, conv[0], AGENT(x), &f), E_OK);
	assert_int_equal(post(x, conv[5], EV_RESOLVED, AI, 0, "{}"), E_OK);
	db = db_borrow(x->r);
	assert_int_equal(conv_counts(db, &inbox, 1, x->agent, &counts, &f), E_OK);
	assert_int_equal(conv_queued(db, inbox, &queued, &f), E_OK);
	assert_int_equal(queued, counts.n[VIEW_QUEUE]);
	assert_int_equal(counts.n[VIEW_QUEUE], 4);
	assert_int_equal(counts.n[VIEW_MINE], 1);
	assert_int_equal(counts.n[VIEW_AI], 1);
	assert_int_equal(counts.n[VIEW_RESOLVED], 1);
	assert_int_equal(conv_counts(db, &inbox, 1, x->other, &counts, &f), E_OK);
	assert_int_equal(counts.n[VIEW_MINE], 0);
	do {
		static const int order[] = { 3, 2, 1, 4 };

		assert_int_equal(conv_list(db, VIEW_QUEUE, &inbox, 1, x->agent, next, 3, x->a, &v, &n, &next, &f), E_OK);
		for (size_t i = 0; i < n; i++, seen++) {
			assert_true(id_eq(v[i].id, conv[order[seen]]));
			assert_int_equal(conv_queue_place(db, &v[i], &place, &f), E_OK);
			assert_int_equal(place, seen + 1);
		}
	} while (next.n > 0);
	assert_int_equal(seen, 4);
	assert_int_equal(conv_list(db, VIEW_MINE, &inbox, 1, x->agent, STR_NONE, 9, x->a, &v, &n, &next, &f), E_OK);
	assert_true(n == 1 && id_eq(v[0].id, conv[0]));
	assert_int_equal(conv_list(db, VIEW_AI, &inbox, 0, x->agent, STR_NONE, 9, x->a, &v, &n, &next, &f), E_OK);
	assert_int_equal(n, 0);
	assert_int_equal(conv_list(db, VIEW_AI, &inbox, 1, x->agent, STR("x"), 9, x->a, &v, &n, &next, &f), E_INVALID);
	assert_int_equal(conv_unfinished(db, x->a, &v, &n, &f), E_OK);
	assert_true(n == 1 && id_eq(v[0].id, conv[6]));
	db_return(x->r, &db);
	world_free(x);
}

static void
test_effects_and_timers(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"hi\"}");
	struct effect *v;
	struct timer *t;
	struct fault f;
	struct db *db;
	size_t n;

	(void)state;
	assert_int_equal(post(x, conv, EV_EFFECT_REQUESTED, AI, 1, "{\"step\":1,\"write\":true}"), E_OK);
	assert_int_equal(post(x, conv, EV_EFFECT_REQUESTED, AI, 1, "{\"step\":2}"), E_OK);
	assert_int_equal(post(x, conv, EV_EFFECT_REQUESTED, AI, 1, "{\"step\":2}"), E_CONFLICT);
	assert_int_equal(post(x, conv, EV_EFFECT_DONE, AI, 1, "{\"step\":2}"), E_OK);
	assert_int_equal(post(x, conv, EV_EFFECT_DONE, AI, 1, "{\"step\":2}"), E_CONFLICT);
	assert_int_equal(post(x, conv, EV_TIMER_SET, AI, 0, "{\"due_us\":50,\"gen\":1,\"kind\":\"a\"}"), E_OK);
	assert_int_equal(post(x, conv, EV_TIMER_SET, AI, 0, "{\"due_us\":70,\"gen\":2,\"kind\":\"a\"}"), E_OK);
	db = db_borrow(x->r);
	assert_int_equal(effect_pending(db, 10, x->a, &v, &n, &f), E_OK);
	assert_true(n == 1 && v[0].step == 1 && v[0].writes && id_eq(v[0].conv_id, conv));
	assert_int_equal(timer_due(db, 60, 10, x->a, &t, &n, &f), E_OK);
	assert_int_equal(n, 0);
	assert_int_equal(timer_due(db, 70, 10, x->a, &t, &n, &f), E_OK);
	assert_true(n == 1 && t[0].gen == 2 && str_eqz(t[0].kind, "a"));
	db_return(x->r, &db);
	assert_int_equal(post(x, conv, EV_TIMER_FIRED, AI, 0, "{\"gen\":2,\"kind\":\"a\"}"), E_OK);
	db = db_borrow(x->r);
	assert_int_equal(timer_due(db, 99, 10, x->a, &t, &n, &f), E_OK);
	assert_int_equal(n, 0);
	db_return(x->r, &db);
	world_free(x);
}

static enum err
record_waits(struct db *db, void *arg, struct fault *f)
{
	const int *n = arg;

	for (int i = 1; i <= *n; i++)
		TRY(wait_record(db, INBOX, 7, T0 + i, i * 10, f));
	return E_OK;
}

static void
test_waits(void **state)
{
	static const struct { int n; size_t want_n; int64_t p50, p80; } cases[] = {
		{ 9, 9, 0, 0 },		/* too few: no range */
		{ 10, 10, 50, 80 },
		{ 60, 50, 350, 500 },	/* the last fifty: 110..600 */
	};
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct world *x = world_new(false);
		struct wait_range r;
		struct fault f;
		struct db *db;
		int n = cases[i].n;

		assert_int_equal(writer_call(x->w, record_waits, &n, &f), E_OK);
		db = db_borrow(x->r);
		assert_int_equal(wait_range_read(db, INBOX, 7, &r, &f), E_OK);
		db_return(x->r, &db);
		assert_int_equal(r.n, cases[i].want_n);
		assert_int_equal(r.p50_s, cases[i].p50);
		assert_int_equal(r.p80_s, cases[i].p80);
		world_free(x);
	}
}

static enum err
identify(struct db *db, void *arg, struct fault *f)
{
	struct world *x = arg;

	return contact_identify(db, x->contact, STR("J\xc3\xb6rg M\xc3\xbcller"), STR("joerg@example.org"), x->now, f);
}

static size_t
search(struct world *x, const char *q, struct search_hit **v)
{
	struct str inbox = INBOX, next;
	struct db *db = db_borrow(x->r);
	struct fault f = { 0 };
	size_t n;

	if (conv_search(db, str_from(q), &inbox, 1, STR_NONE, 20, x->a, v, &n, &next, &f) != E_OK)
		fail_msg("%s: %s", q, f.text);
	db_return(x->r, &db);
	return n;
}

static void
test_search(void **state)
{
	static const char *const nasty[] = { "\"", "a\"b OR c*", "NEAR(", "text:x", "-", "^", "(((", "*", "AND", "\xff\xfe" };
	struct world *x = world_new(false);
	struct id one = say(x, x->contact, "{\"text\":\"my parcel \xf0\x9f\x93\xa6 was returned, returns and returning\"}");
	struct id two = say(x, id_new(rand_real()), "{\"text\":\"can I return the jacket that I bought a week ago\"}");
	struct id three = say(x, id_new(rand_real()), "{\"text\":\"can I return the jacket that I bought a week ago\"}");
	struct search_hit *v;
	struct fault f;

	(void)state;
	assert_int_equal(search(x, "return", &v), 3);
	assert_true(id_eq(v[0].row.id, one));		/* three times: ranked first */
	assert_true(id_eq(v[1].row.id, three));		/* equal: the newest first */
	assert_true(id_eq(v[2].row.id, two));
	assert_int_equal(v[0].seq, 2);
	assert_int_equal(v[0].marks_n, 6);
	assert_int_equal(v[0].marks[0], 17);		/* behind "my parcel XX was ", XX one pair */
	assert_int_equal(v[0].marks[1], 25);
	assert_int_equal(search(x, "jacket week", &v), 2);
	assert_int_equal(search(x, "jack", &v), 2);	/* the last word is a prefix */
	assert_int_equal(search(x, "jack week", &v), 0);
	assert_int_equal(search(x, "muller", &v), 0);
	assert_int_equal(writer_call(x->w, identify, x, &f), E_OK);
	assert_int_equal(search(x, "muller", &v), 1);	/* without its dots */
	assert_true(id_eq(v[0].row.id, one) && v[0].seq == 0 && v[0].row.contact_verified);
	assert_int_equal(search(x, "joerg@ex", &v), 1);
	for (size_t i = 0; i < sizeof(nasty) / sizeof(nasty[0]); i++)
		(void)search(x, nasty[i], &v);
	world_free(x);
}

static size_t
search_in(struct world *x, const char *inbox, const char *what, struct search_hit **v)
{
	struct str list = str_from(inbox), next;
	struct db *db = db_borrow(x->r);
	struct fault f = { 0 };
	size_t n;

	if (conv_search(db, str_from(what), &list, 1, STR_NONE, 100, x->a, v, &n, &next, &f) != E_OK)
		fail_msg("%s", f.text);
	db_return(x->r, &db);
	return n;
}

/* What others may see of a common word must not hide what I may see. */
static void
test_search_beside_a_large_inbox(void **state)
{
	struct world *x = world_new(false);
	struct batch *b = batch_of((struct id){ { 0 } }, EV_MSG_CUSTOMER,
	    (struct actor){ ACTOR_CUSTOMER, id_new(rand_real()) }, "{\"text\":\"where is it, my parcel, I wait\"}");
	struct id mine, large = say(x, x->contact, "{\"text\":\"parcel parcel parcel\"}");
	struct search_hit *v;
	struct fault f = { 0 };

	(void)state;
	b->open = true;
	b->contact = b->events[0].actor.id;
	b->inbox = STR("small");
	assert_int_equal(submit(x, b, &f), E_OK);
	mine = b->conv;
	batch_free(&b);
	for (size_t i = 0; i < 20; i++) {
		b = batch_new(large);
		for (size_t k = 0; k < 60; k++)
			batch_add(b, EV_MSG_CUSTOMER, CUSTOMER(x), 0, STR_NONE, STR("{\"text\":\"parcel\"}"));
		assert_int_equal(submit(x, b, &f), E_OK);
		batch_free(&b);
	}
	assert_int_equal(search_in(x, "small", "parcel", &v), 1);
	assert_true(id_eq(v[0].row.id, mine));
	assert_int_equal(v[0].marks_n, 2);
	assert_int_equal(search_in(x, "halden", "parcel", &v), 1);
	assert_true(id_eq(v[0].row.id, large));
	/* Of 1,201 the newest 1,000 are ranked: not the very first, which is best. */
	assert_true(v[0].seq > 200);
	world_free(x);
}

/* Everything that is projected, as text. */
static char *
dump(struct world *x)
{
	static const char *const sql[] = {
		"SELECT * FROM conversation ORDER BY conv", "SELECT * FROM conv_tally WHERE n <> 0 ORDER BY 1, 2, 3",
		"SELECT * FROM effect ORDER BY 1, 2, 3", "SELECT * FROM timer ORDER BY 1, 2", "SELECT * FROM progress",
		"SELECT conv, inbox, hours_class, requested_us, waited_s FROM handoff_wait ORDER BY requested_us",
		"SELECT rowid, text FROM message_fts WHERE message_fts MATCH 'return OR hi OR dana' ORDER BY rowid",
	};
	struct buf b;
	sqlite3 *h = NULL;

	buf_init(&b, 1 << 20);
	assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		sqlite3_stmt *p = NULL;

		assert_int_equal(sqlite3_prepare_v2(h, sql[i], -1, &p, NULL), SQLITE_OK);
		while (sqlite3_step(p) == SQLITE_ROW) {
			for (int c = 0; c < sqlite3_column_count(p); c++) {
				const unsigned char *v = sqlite3_column_blob(p, c);

				buf_add_z(&b, "|");
				for (int k = 0; k < sqlite3_column_bytes(p, c); k++)
					buf_fmt(&b, "%02x", v[k]);
			}
			buf_add_z(&b, "\n");
		}
		(void)sqlite3_finalize(p);
	}
	(void)sqlite3_close(h);
	(void)buf_z(&b);
	assert_false(b.over);
	return b.p;	/* the caller frees it */
}

static enum err
rebuild(struct db *db, void *arg, struct fault *f)
{
	return conv_rebuild(db, arg, f);
}

static void
test_rebuild_gives_the_same(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"I want to return it\"}");
	int64_t events = 0;
	char *before, *after;
	struct fault f = { 0 };
	int one = 1;

	(void)state;
	for (int i = 0; i < 300; i++)
		(void)say(x, x->contact, "{\"text\":\"hi\"}");
	assert_int_equal(post(x, conv, EV_TURN_STARTED, AI, 1, "{\"attempt\":2,\"basis\":2}"), E_OK);
	assert_int_equal(post(x, conv, EV_EFFECT_REQUESTED, AI, 1, "{\"step\":1,\"write\":true}"), E_OK);
	assert_int_equal(post(x, conv, EV_TIMER_SET, AI, 0, "{\"due_us\":50,\"gen\":1,\"kind\":\"a\"}"), E_OK);
	hand_over(x, conv, x->now);
	assert_int_equal(claim(x, conv, AGENT(x), &f), E_OK);
	assert_int_equal(post(x, conv, EV_MSG_AGENT, AGENT(x), 0, "{\"text\":\"Dana\"}"), E_OK);
	assert_int_equal(post(x, conv, EV_WAY_BACK, CUSTOMER(x), 0, "{\"email\":\"a@b.example\"}"), E_OK);
	hand_over(x, say(x, id_new(rand_real()), "{\"text\":\"hi\"}"), 0);
	assert_int_equal(writer_call(x->w, record_waits, &one, &f), E_OK);
	before = dump(x);
	assert_true(strlen(before) > 1000);
	if (writer_call(x->w, rebuild, &events, &f) != E_OK)
		fail_msg("%s", f.text);
	after = dump(x);
	assert_int_equal(events, 316);
	assert_string_equal(before, after);
	free(before);
	free(after);
	world_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_story),
		cmocka_unit_test(test_preconditions),
		cmocka_unit_test(test_every_transition),
		cmocka_unit_test(test_no_two_rows_match),
		cmocka_unit_test(test_the_page_says_the_same),
		cmocka_unit_test(test_claim_races),
		cmocka_unit_test(test_lists_and_counts),
		cmocka_unit_test(test_effects_and_timers),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_search_beside_a_large_inbox),
		cmocka_unit_test(test_rebuild_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
