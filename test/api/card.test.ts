/* SPDX-License-Identifier: Apache-2.0 */
/* card.test.ts - A4, A6: whatever brings in a person, the card is complete and says its own reason. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Card } from "../../web/shared/protocol.ts";
import { Server, baton, until, type Agent, type Visitor } from "../support/server.ts";

let server: Server;
let dana: Agent;

before(async () => {
	server = await Server.start();
	dana = await server.dana();
});
after(() => server?.stop());

async function card_of(visitor: Visitor): Promise<{ id: string; card: Card }> {
	const { id } = (await server.call("GET", "/api/v1/visit", visitor)).body.conversation;
	const card = await until("it is handed over", async () =>
		(await server.call<{ card: Card | null }>("GET", `/api/v1/conversations/${id}`, dana)).body.card);
	return { id, card };
}

/* Every field that docs/PROTOCOL.md lists, of its type and not empty where it must say something. */
function complete(card: Card, where: string): void {
	for (const key of ["reason_code", "reason", "summary", "next_step", "first_sentence", "language", "policy"] as const)
		assert.ok(typeof card[key] === "string" && card[key].length > 0, `${where}: ${key} says something`);
	for (const key of ["intents", "entities", "facts", "tried", "why"] as const)
		assert.ok(Array.isArray(card[key]), `${where}: ${key} is a list`);
	for (const key of ["confidence_ppm", "urgency", "seq", "at_us"] as const)
		assert.ok(Number.isSafeInteger(card[key]), `${where}: ${key} is an integer`);
	for (const key of ["anger_ppm", "frustration_ppm", "confusion_ppm"] as const)
		assert.ok(Number.isSafeInteger(card.mood[key]), `${where}: mood.${key} is an integer`);
	assert.ok(card.urgency >= 0 && card.urgency <= 100, where);
	assert.ok(card.why.some((one) => one.fired), `${where}: something fired`);
	assert.match(card.policy, /^[0-9a-f]{64}$/);
	assert.doesNotMatch(card.reason, /ppm|>=|_|\d\.\d/, `${where}: the reason is in words`);
	for (const fact of card.facts)
		assert.ok(fact.label && fact.value && fact.source && Number.isSafeInteger(fact.as_of_us), `${where}: a fact has its source and time`);
}

const asked: [string, string][] = [
	["my parcel is lost and it's for my daughter's birthday tomorrow", "risky_intent"],
	["this is useless, third time i'm asking", "frustrated"],
	["let me talk to someone", "asked"],
	["refund or my lawyer calls you", "regulated"],
	["I don't understand what you mean, which form??", "confused"],
	["kann ich bitte mit einem menschen sprechen", "asked"],
	["cna i speek to a humen", "asked"],
];

for (const [text, reason] of asked)
	test(`"${text}": ${reason}`, async () => {
		const visitor = await server.visitor();
		await server.say(visitor, text);
		const { id, card } = await card_of(visitor);
		complete(card, text);
		assert.equal(card.reason_code, reason);
		const told = (await server.events("/api/v1/visit/events", visitor)).map((event) => event.kind);
		assert.ok(told.includes("message.ai") && told.includes("handover.requested"), "the customer is told");
		assert.ok(!told.some((kind) => ["handover.card", "note", "perceived", "decided"].includes(kind)), "and nothing of the inside");
		const again = baton(["replay", "--dir", server.place, id]);
		assert.match(again.stdout, /, 0 different/, again.stdout + again.stderr);
	});

test("the button, before a word was written", async () => {
	const visitor = await server.visitor();
	const answer = await server.call("POST", "/api/v1/visit/person", visitor, { cmid: crypto.randomUUID() });
	assert.equal(answer.status, 201);
	const { card } = await card_of(visitor);
	complete(card, "the button");
	assert.equal(card.reason_code, "asked");
});

test("what was looked up is on the card, with its source and time", async () => {
	const visitor = await server.visitor();
	await server.say(visitor, "hii wheres my ordr HP-1042");
	await until("the e-mail is asked for", async () =>
		(await server.events("/api/v1/visit/events", visitor)).some((event) => event.kind === "message.ai"));
	await server.say(visitor, "ana@example.org");
	await until("the order is told", async () =>
		(await server.events("/api/v1/visit/events", visitor)).filter((event) => event.kind === "message.ai").length === 2);
	await server.say(visitor, "let me talk to someone");
	const { card } = await card_of(visitor);
	complete(card, "after a look-up");
	assert.ok(card.facts.some((fact) => fact.value.includes("HP-1042")), JSON.stringify(card.facts));
	assert.ok(card.tried.some((one) => one.ok), "the look-up was tried");
	assert.match(card.first_sentence, /Ana/, "by name");
});

test("three wrong e-mails end with a person, and nothing of the order is said", async () => {
	const visitor = await server.visitor();
	await server.say(visitor, "where is order HP-1042");
	for (const wrong of ["a@example.org", "b@example.org", "c@example.org"]) {
		const before_n = (await server.events("/api/v1/visit/events", visitor)).length;
		await server.say(visitor, wrong);
		await until("an answer", async () => (await server.events("/api/v1/visit/events", visitor)).length > before_n + 1);
	}
	const { card } = await card_of(visitor);
	complete(card, "three wrong e-mails");
	assert.equal(card.reason_code, "failed_tries");
	const said = JSON.stringify(await server.events("/api/v1/visit/events", visitor));
	assert.doesNotMatch(said, /DHL|rain jacket|Horvat|shipped/i);
	assert.doesNotMatch(JSON.stringify(card), /DHL|rain jacket|Horvat/i);
});
