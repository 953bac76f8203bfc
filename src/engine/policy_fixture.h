/* SPDX-License-Identifier: Apache-2.0 */
/* policy_fixture.h - a small whole policy, for tests only. */
#pragma once

#include "engine/policy_load.h"

#define FIXTURE_INBOXES \
	"inboxes:\n" \
	"  - id: halden\n" \
	"    name: Halden Outdoor\n" \
	"    team: Customer care\n" \
	"    about: {en: orders and returns, de: Bestellungen}\n" \
	"    languages: [en, de]\n" \
	"    zone: Europe/Oslo\n" \
	"    region: NO\n" \
	"    sites: [\"http://localhost:8081\"]\n" \
	"    hours:\n" \
	"      mon-fri: [\"09:00-18:00\"]\n" \
	"      closed: [\"2026-12-25\"]\n" \
	"    promise: {first_human_reply: 10m}\n" \
	"    mode: ai-first\n"

#define FIXTURE_INTENTS \
	"intents:\n" \
	"  - {id: order_status, name: Order status, description: where an order is, risk: read,\n" \
	"     then: workflow order_status, examples: [where is my order, has it shipped]}\n" \
	"  - {id: refund, name: Refund, description: money back, risk: approve,\n" \
	"     then: person wants money back, examples: [I want a refund, money back please]}\n" \
	"  - {id: returns, name: Returns, description: sending back, risk: read,\n" \
	"     then: article, examples: [can I send it back, how do returns work]}\n" \
	"  - {id: hours, name: Hours, description: opening hours, risk: read,\n" \
	"     then: reply hours_are, examples: [when are you open]}\n" \
	"confidence: {act: 0.55, unknown: 0.60, article: 0.50}\n"

#define FIXTURE_ENTITIES \
	"entities:\n" \
	"  order_number:\n" \
	"    pattern: \"\\\\bHP[- ]?([0-9]{4})\\\\b\"\n" \
	"    normal: \"HP-$1\"\n" \
	"    label: {en: order number}\n"

#define FIXTURE_RULES \
	"rules:\n" \
	"  - {id: greeting, when: 'words exactly [\"hi\", \"good morning\"]', then: reply greeting}\n" \
	"  - {id: pick, when: 'words exactly [\"my order\"]', then: workflow order_status}\n" \
	"  - {id: wholesale, when: 'words any [\"wholesale\"] and hours open',\n" \
	"     then: person wholesale customer}\n" \
	"  - {id: care, when: 'entity amount and not intent in [refund]', then: article}\n"

#define FIXTURE_REPLIES \
	"replies:\n" \
	"  welcome: {en: \"I am the AI of {inbox}.\", de: \"Ich bin die KI von {inbox}.\"}\n" \
	"  out_of_scope: {en: \"I can help with {about}.\"}\n" \
	"  unsure: {en: \"Can you say it in other words?\"}\n" \
	"  no_answer: {en: \"I find no answer.\"}\n" \
	"  handing_over: {en: \"{team} is coming.\"}\n" \
	"  handing_over_busy: {en: \"{team} will come.\"}\n" \
	"  handing_over_closed: {en: \"{team} is back {hours_next}.\"}\n" \
	"  came_back: {en: \"Back with the AI.\"}\n" \
	"  person_coming: {en: \"Noted.\"}\n" \
	"  greeting: {en: \"Hello.\", choices: {en: [\"My order\"]}}\n" \
	"  hours_are: {en: \"From 09:00 to 18:00.\"}\n" \
	"  ask_order_number: {en: \"Which order?\"}\n" \
	"  ask_order_number_again: {en: \"It looks like HP and four digits.\"}\n" \
	"  ask_email: {en: \"Which e-mail is on {order_number}?\"}\n" \
	"  ask_email_again: {en: \"I need the whole e-mail.\"}\n" \
	"  order_no_match: {en: \"I could not find that.\"}\n" \
	"  order_shipped:\n" \
	"    en: \"Your order left on {shipped_on}.\"\n" \
	"    record:\n" \
	"      title: {en: \"Order {number}\", de: \"Bestellung {number}\"}\n" \
	"      steps: 4\n" \
	"      step: \"{step}\"\n" \
	"      lines: [\"{carrier}\"]\n" \
	"      link: {label: {en: Track}, url: \"{tracking_url}\"}\n" \
	"    choices: {en: [\"Thanks\", \"More\"]}\n" \
	"  order_other: {en: \"I found it.\"}\n"

#define FIXTURE_WORKFLOWS \
	"workflows:\n" \
	"  order_status:\n" \
	"    - {ask: order_number, reply: ask_order_number, again: ask_order_number_again}\n" \
	"    - {ask: email, reply: ask_email, again: ask_email_again}\n" \
	"    - look_up: shop.order\n" \
	"      with: {order: \"{order_number}\", email: \"{email}\"}\n" \
	"      missing: {reply: order_no_match, ask: email}\n" \
	"    - {answer: \"order_{status}\", otherwise: order_other}\n"

#define FIXTURE_ESCALATION \
	"escalation:\n" \
	"  regulated: {urgency: 90, words: [lawyer, small claims]}\n" \
	"gate:\n" \
	"  prohibited: [guaranteed]\n"

#define FIXTURE_CONNECTORS \
	"connectors:\n" \
	"  shop:\n" \
	"    kind: sql\n" \
	"    file: shop.db\n" \
	"    actions:\n" \
	"      order:\n" \
	"        proves_identity: true\n" \
	"        timeout: 2s\n" \
	"        params: [order, email]\n" \
	"        facts: [number, status]\n" \
	"        label: {en: From our orders, de: Aus unseren Bestellungen}\n" \
	"        query: SELECT number AS number, status AS status, step AS step, carrier AS carrier,\n" \
	"          shipped_on AS shipped_on, url AS tracking_url FROM orders\n" \
	"          WHERE number = :order AND email = lower(:email)\n"

#define FIXTURE_ARTICLE \
	"---\n" \
	"id: returns\n" \
	"title: Returns\n" \
	"language: en\n" \
	"updated: 2026-11-03\n" \
	"questions: [can I send it back]\n" \
	"---\n" \
	"## Opened {#opened}\n" \
	"Opened is fine within 30 days.\n"

static const struct policy_source policy_fixture[] = {
	{ { "policy/inboxes.yaml", 19 }, { FIXTURE_INBOXES, sizeof(FIXTURE_INBOXES) - 1 } },
	{ { "policy/intents.yaml", 19 }, { FIXTURE_INTENTS, sizeof(FIXTURE_INTENTS) - 1 } },
	{ { "policy/entities.yaml", 20 }, { FIXTURE_ENTITIES, sizeof(FIXTURE_ENTITIES) - 1 } },
	{ { "policy/rules.yaml", 17 }, { FIXTURE_RULES, sizeof(FIXTURE_RULES) - 1 } },
	{ { "policy/replies.yaml", 19 }, { FIXTURE_REPLIES, sizeof(FIXTURE_REPLIES) - 1 } },
	{ { "policy/workflows.yaml", 21 }, { FIXTURE_WORKFLOWS, sizeof(FIXTURE_WORKFLOWS) - 1 } },
	{ { "policy/escalation.yaml", 22 }, { FIXTURE_ESCALATION, sizeof(FIXTURE_ESCALATION) - 1 } },
	{ { "policy/connectors.yaml", 22 }, { FIXTURE_CONNECTORS, sizeof(FIXTURE_CONNECTORS) - 1 } },
	{ { "articles/returns.md", 19 }, { FIXTURE_ARTICLE, sizeof(FIXTURE_ARTICLE) - 1 } },
};
#define POLICY_FIXTURE_N (sizeof(policy_fixture) / sizeof(policy_fixture[0]))
