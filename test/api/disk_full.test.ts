/* SPDX-License-Identifier: Apache-2.0 */
/* disk_full.test.ts - no space: writes are refused with "try later", reads live, and it recovers by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Server, nobody, until, uuid } from "../support/server.ts";

test("disk full: writes refused, reads live, recovery without a restart", async () => {
	const server = await Server.start();
	try {
		const visitor = await server.visitor();
		await server.restart({ BATON_FAIL: "writer_disk_full:error@4" });
		let refused = "";
		let text = "";
		for (let i = 0; i < 30 && refused === ""; i++) {
			const cmid = uuid();
			text = `hello ${i}`;
			const answer = await server.say(visitor, text, cmid);
			if (answer.status === 201)
				continue;
			assert.equal(answer.status, 507);
			const error = (answer.body as unknown as { error: { code: string; message: string; retry_ms?: number } }).error;
			assert.equal(error.code, "full");
			assert.match(error.message, /try/i, `a person can act on it: ${error.message}`);
			refused = cmid;
			const page = await server.call("GET", "/api/v1/visit/events", visitor);
			assert.equal(page.status, 200, "reads live");
			assert.ok(!page.body.events.some((event: { cmid: string | null }) => event.cmid === cmid), "nothing was stored");
		}
		assert.notEqual(refused, "", "the disk was full once");
		const again = await server.say(visitor, text, refused);
		assert.equal(again.status, 201, "there is room again: the same request is taken");
		assert.equal(again.body.replayed, false);
		assert.equal((await server.call("GET", "/health", nobody)).body.store, "ok");
		const events = await server.events("/api/v1/visit/events", visitor);
		assert.equal(events.filter((event) => event.cmid === refused).length, 1);
	} finally {
		await server.stop();
	}
});

test("disk full in the middle of a turn: the answer comes when there is room", async () => {
	const server = await Server.start();
	try {
		const visitor = await server.visitor();
		/* The message, turn.started, the answer: each of them meets the full disk once. */
		for (const at of [2, 3]) {
			await server.restart({ BATON_FAIL: `writer_disk_full:error@${at}` });
			const before = (await server.events("/api/v1/visit/events", visitor)).filter((event) => event.kind === "message.ai").length;
			assert.equal((await server.say(visitor, "hello")).status, 201);
			await until("the AI answers", async () =>
				(await server.events("/api/v1/visit/events", visitor)).filter((event) => event.kind === "message.ai").length === before + 1);
		}
	} finally {
		await server.stop();
	}
});
