/* SPDX-License-Identifier: Apache-2.0 */
/* policy_load_test.c - a good policy loads, a bad one names file, line and what was expected. */
#include "engine/policy_load.h"

#include "base/buf.h"
#include "engine/policy_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct complaints complaints;
static struct policy_snapshot *loaded;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(0);
	complaints_init(&complaints, arena);
	loaded = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	policy_snapshot_unref(&loaded);
	arena_free(&arena);
	return 0;
}

static struct str
printed(void)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 20);
	complaints_print(&complaints, &b);
	s = str_dup(arena, buf_str(&b));
	buf_free(&b);
	return s;
}

/* Loads the fixture with one file's text replaced; returns the complaints. */
static struct str
load_with(const char *name, const char *from, const char *to)
{
	struct policy_source v[POLICY_FIXTURE_N];
	struct fault f = { 0 };
	bool found = from == NULL;

	memcpy(v, policy_fixture, sizeof(v));
	for (size_t i = 0; from != NULL && i < POLICY_FIXTURE_N; i++) {
		ptrdiff_t at = str_find(v[i].bytes, str_from(from));

		if (!str_eqz(v[i].name, name) || at < 0)
			continue;
		found = true;
		v[i].bytes = str_fmt(arena, "%S%s%S", str_sub(v[i].bytes, 0, (size_t)at), to,
		    str_sub(v[i].bytes, (size_t)at + strlen(from), v[i].bytes.n));
	}
	assert_true(found);
	complaints_init(&complaints, arena);
	policy_snapshot_unref(&loaded);
	if (policy_load(v, POLICY_FIXTURE_N, &complaints, &loaded, &f) != E_OK)
		assert_true(complaints.n > 0);
	return printed();
}

static void
says(struct str text, const char *part)
{
	if (str_find(text, str_from(part)) < 0)
		fail_msg("expected \"%s\" in:\n%.*s", part, STR_ARG(text));
}

static void
reads_a_whole_policy(void **state)
{
	const struct policy *p;

	(void)state;
	assert_string_equal(load_with(NULL, NULL, NULL).p, "");
	p = loaded->policy;
	assert_int_equal(p->inboxes_n, 1);
	assert_int_equal(p->inboxes[0].hours.day[4][0].to_min, 18 * 60);
	assert_int_equal(p->inboxes[0].hours.day[5][0].to_min, 0);
	assert_int_equal(p->inboxes[0].hours.closed[0], 20261225);
	assert_int_equal(p->inboxes[0].first_human_reply_ms, 600000);
	assert_int_equal(p->intents_n, 4);
	assert_int_equal(p->intents[1].risk, RISK_APPROVE);
	assert_int_equal(p->act_ppm, 550000);
	assert_true(p->rules[0].before);
	assert_true(p->rules[2].before);
	assert_false(p->rules[3].before);
	assert_int_equal(p->trigger.failed_tries.count, 3);
	assert_int_equal(p->trigger.regulated.words_n, 2);
	assert_string_equal(p->trigger.regulated.words[1].p, "small claims");
	assert_int_equal(p->workflows[0].steps_n, 4);
	assert_true(p->connectors[0].actions[0].proves_identity);
	assert_int_equal(p->connectors[0].actions[0].facts_n, 2);
	assert_ptr_equal(policy_source(p, STR("shop.order")), &p->connectors[0].actions[0]);
	assert_null(policy_source(p, STR("shop.orders")));
	assert_null(policy_source(p, STR("shop")));
	assert_int_equal(loaded->articles_n, 1);
	assert_int_equal(loaded->articles[0].body_line, 8);
	assert_non_null(loaded->zones[0]);
	assert_int_equal(p->hash.n, 64);
}

static void
reads_the_demo(void **state)
{
	struct fault f = { 0 };

	(void)state;
	if (policy_load_dir("demo", &complaints, &loaded, &f) != E_OK)
		fail_msg("%s\n%s", f.text, printed().p);
}

static void
names_every_mistake(void **state)
{
	static const struct {
		const char *file, *from, *to, *expected;
	} cases[] = {
		{ "policy/inboxes.yaml", "Europe/Oslo", "Europe/Olso", "policy/inboxes.yaml:7: " },
		{ "policy/inboxes.yaml", "[\"09:00-18:00\"]", "[\"09:00-18:00\", \"17:00-19:00\"]",
		    "overlap" },
		{ "policy/inboxes.yaml", "18:00\"", "08:00\"", "the end after the begin" },
		{ "policy/inboxes.yaml", "2026-12-25", "2026-02-30", "expected a day like" },
		{ "policy/inboxes.yaml", "id: halden", "id: Halden", "expected a name of 1 to 32" },
		{ "policy/inboxes.yaml", "    team: Customer care\n", "", "\"team\" is missing" },
		{ "policy/inboxes.yaml", "region", "regoin", "unknown key \"regoin\"" },
		{ "policy/inboxes.yaml", "8081\"", "8081/\"", "expected an origin" },
		{ "policy/inboxes.yaml", "10m", "ten", "not a time such as" },
		{ "policy/inboxes.yaml", "name: Halden", "name: !x Halden", "anchors" },
		{ "policy/inboxes.yaml", "    region: NO\n", "    region: NO\n    region: NO\n",
		    "policy/inboxes.yaml:9: key \"region\" stands here twice" },
		{ "policy/intents.yaml", "reply hours_are", "reply hours_ar",
		    "no reply \"hours_ar\" in replies.yaml" },
		{ "policy/intents.yaml", "risk: approve", "risk: high", "read, write, approve" },
		{ "policy/intents.yaml", "then: article", "then: articles", "expected \"reply NAME\"" },
		{ "policy/intents.yaml", "workflow order_status,", "workflow none,",
		    "no workflow \"none\"" },
		{ "policy/intents.yaml", "act: 0.55", "act: 1.5", "policy/intents.yaml:10: value: " },
		{ "policy/intents.yaml", "id: refund", "id: returns", "two intents \"returns\"" },
		{ "policy/entities.yaml", "([0-9]{4})", "[0-9]{4}", "one capture" },
		{ "policy/entities.yaml", "[- ]?", "[- ?", "not a PCRE2 pattern" },
		{ "policy/entities.yaml", "HP-$1", "HP-", "expected $1" },
		{ "policy/entities.yaml", "    normal:", "    check: crc\n    normal:", "expected luhn, mod97" },
		{ "policy/entities.yaml", "entities:", "products:\n  - {nam: Boot}\nentities:", "unknown key \"nam\"" },
		{ "policy/rules.yaml", "hours open", "hours opne",
		    "policy/rules.yaml:4: when, column 35: expected open or closed, found \"opne\"" },
		{ "policy/rules.yaml", "[refund]", "[refnd]", "no intent \"refnd\"" },
		{ "policy/rules.yaml", "entity amount", "entity amuont", "no entity \"amuont\"" },
		{ "policy/replies.yaml", "  unsure: {en: \"Can you say it in other words?\"}\n", "",
		    "the reply \"unsure\" is missing" },
		{ "policy/replies.yaml", "no_answer: {en", "no_answer: {de",
		    "missing in \"en\", the default language of inbox \"halden\"" },
		{ "policy/replies.yaml", "{shipped_on}", "{sent_on}", "nothing fills {sent_on}" },
		{ "policy/workflows.yaml", "ask: email, reply", "ask: mail, reply",
		    "no entity \"mail\"" },
		{ "policy/workflows.yaml", "shop.order", "shop.orders", "expected connector.action" },
		{ "policy/workflows.yaml", ", email: \"{email}\"", "",
		    "the parameter \"email\" of order is missing" },
		{ "policy/workflows.yaml", ", otherwise: order_other", "", "\"otherwise\" is missing" },
		{ "policy/workflows.yaml", "order_no_match, ask: email", "order_no_match, ask: phone",
		    "a slot that an earlier step asks for" },
		{ "policy/escalation.yaml", "regulated", "regulatd", "no trigger \"regulatd\"" },
		{ "policy/escalation.yaml", "urgency: 90", "urgency: 900", "policy/escalation.yaml:2: " },
		{ "policy/escalation.yaml", "urgency: 90", "urgencies: 90",
		    "unknown key \"urgencies\" of regulated, expected one of: on urgency words" },
		{ "policy/connectors.yaml", "SELECT number", "DELETE number", "expected a SELECT" },
		{ "policy/connectors.yaml", "lower(:email)", "lower(:email); DROP TABLE x",
		    "one SELECT, without ;" },
		{ "policy/connectors.yaml", "[number, status]", "[number, colour]",
		    "the query gives no column \"colour\"" },
		{ "policy/connectors.yaml", "[number, status]", "[number, status, step, carrier, shipped_on, "
		    "tracking_url, number, number, number]", "more than 8 facts" },
		{ "policy/connectors.yaml", "{en: From our orders, de: Aus unseren Bestellungen}", "[orders]",
		    "expected a text for each language" },
		{ "policy/connectors.yaml", "lower(:email)", "lower(:mail)", "takes :mail" },
		{ "policy/connectors.yaml", "lower(:email)", "'x'", "does not take the parameter :email" },
		{ "policy/connectors.yaml", "file: shop.db", "file: ../shop.db",
		    "a file inside the workspace" },
		{ "articles/returns.md", "2026-11-03", "yesterday",
		    "articles/returns.md:5: expected a day" },
		{ "articles/returns.md", "language: en", "language: fr", "no inbox speaks \"fr\"" },
		{ "articles/returns.md", "---\nid", "id", "expected front matter" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = load_with(cases[i].file, cases[i].from, cases[i].to);

		assert_null(loaded);
		says(text, cases[i].expected);
	}
}

static void
names_several_at_once(void **state)
{
	struct str text;

	(void)state;
	text = load_with("policy/workflows.yaml", "workflows:\n  order_status:\n",
	    "workflows:\n  order_status:\n    - {ask: shoe, reply: nothing}\n    - {tell: me}\n");
	says(text, "policy/workflows.yaml:3: there is no entity \"shoe\"");
	says(text, "policy/workflows.yaml:3: there is no reply \"nothing\"");
	says(text, "policy/workflows.yaml:4: expected a step");
}

static void
hash_depends_on_names_and_bytes_not_on_order(void **state)
{
	struct policy_source v[2] = { { STR("a"), STR("bc") }, { STR("d"), STR("") } };
	struct policy_source swapped[2] = { v[1], v[0] };
	struct policy_source moved[2] = { { STR("ab"), STR("c") }, { STR("d"), STR("") } };
	struct str h = policy_hash(v, 2, arena);

	(void)state;
	assert_string_equal(h.p, policy_hash(swapped, 2, arena).p);
	assert_string_not_equal(h.p, policy_hash(moved, 2, arena).p);
}

static void
shares_a_snapshot(void **state)
{
	struct policy_snapshot *second;

	(void)state;
	load_with(NULL, NULL, NULL);
	second = policy_snapshot_ref(loaded);
	policy_snapshot_unref(&loaded);
	assert_null(loaded);
	assert_int_equal(second->policy->inboxes_n, 1);
	policy_snapshot_unref(&second);
	assert_null(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_a_whole_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_the_demo, setup, teardown),
		cmocka_unit_test_setup_teardown(names_every_mistake, setup, teardown),
		cmocka_unit_test_setup_teardown(names_several_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(hash_depends_on_names_and_bytes_not_on_order, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(shares_a_snapshot, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
