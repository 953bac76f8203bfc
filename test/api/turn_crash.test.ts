/* SPDX-License-Identifier: Apache-2.0 */
/* turn_crash.test.ts - the program dies in the middle of a turn: the customer is answered once all the same. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Server, baton, until, type Visitor } from "../support/server.ts";

const ASKED = "hii wheres my ordr HP-1042";

async function said(server: Server, visitor: Visitor): Promise<string[]> {
	const events = await server.events("/api/v1/visit/events", visitor);
	return events.filter((event) => event.kind === "message.ai")
		.map((event) => String((event.body as { text: string }).text));
}

/* Writes until the failpoint has killed the program, then starts it again. */
async function die_at(server: Server, point: string, visitor: Visitor, text: string): Promise<void> {
	await server.restart({ BATON_FAIL: `${point}:kill@1` });
	await server.say(visitor, text).catch(() => null);
	await server.exited();
}

async function order_is_told_once(server: Server, visitor: Visitor): Promise<void> {
	await until("the order is told", async () => (await said(server, visitor)).some((text) => text.includes("left our warehouse")), 15_000);
	assert.equal((await said(server, visitor)).filter((text) => text.includes("left our warehouse")).length, 1);
}

for (const point of ["effect_before_call", "effect_after_call", "turn_after_start"]) {
	test(`killed at ${point}, the turn goes on after the start`, async () => {
		const server = await Server.start();
		try {
			const visitor = await server.visitor();
			await server.say(visitor, ASKED);
			await until("the e-mail is asked for", async () => (await said(server, visitor)).length === 1);
			await die_at(server, point, visitor, "ana@example.org");
			await server.launch();
			await order_is_told_once(server, visitor);
			const { id } = (await server.call("GET", "/api/v1/visit", visitor)).body.conversation;
			const again = baton(["replay", "--dir", server.place, id]);
			assert.equal(again.status, 0, again.stdout + again.stderr);
			assert.match(again.stdout, /, 0 different/);
		} finally {
			await server.stop();
		}
	});
}

test("a message on which the program dies twice goes to people", async () => {
	const server = await Server.start();
	try {
		const visitor = await server.visitor();
		await die_at(server, "turn_after_start", visitor, ASKED);
		/* The second attempt begins with the start, and dies as well. */
		await server.launch({ BATON_FAIL: "turn_after_start:kill@1" }).catch(() => 0);
		await server.exited();
		await server.launch();
		const dana = await server.dana();
		const { id } = (await server.call("GET", "/api/v1/visit", visitor)).body.conversation;
		await until("it is in the queue", async () => (await server.conv(dana, id)).holder.type === "queue", 15_000);
		const card = (await server.call("GET", `/api/v1/conversations/${id}`, dana)).body.card;
		assert.equal(card.reason_code, "poison");
		assert.ok((await said(server, visitor)).length >= 1, "the customer is told");
	} finally {
		await server.stop();
	}
});

test("the shop's database is gone: a person, and no raw error", async () => {
	const server = await Server.start();
	try {
		spawnSync("rm", [`${server.place}/shop.db`]);
		const visitor = await server.visitor();
		await server.say(visitor, `${ASKED} ana@example.org`);
		const dana = await server.dana();
		const { id } = (await server.call("GET", "/api/v1/visit", visitor)).body.conversation;
		await until("it is in the queue", async () => (await server.conv(dana, id)).holder.type === "queue", 15_000);
		assert.equal((await server.call("GET", `/api/v1/conversations/${id}`, dana)).body.card.reason_code, "tool_failed");
		for (const text of await said(server, visitor))
			assert.doesNotMatch(text, /sqlite|error|\/|database/i);
	} finally {
		await server.stop();
	}
});
