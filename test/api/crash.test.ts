/* SPDX-License-Identifier: Apache-2.0 */
/* crash.test.ts - R1, R5: the program is killed at any moment, nothing acknowledged is lost. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Writer, check_record } from "../support/checker.ts";
import { Server, baton, nobody, slow, sleep, uuid } from "../support/server.ts";

const CYCLES = Number(process.env["BATON_TEST_CRASHES"] ?? 20);


test("R1: kill -9 at random times under load", async (t) => {
	const server = await Server.start();
	const writers: Writer[] = [];
	try {
		for (let i = 0; i < 24; i++)
			writers.push(new Writer(server, await server.visitor(), i % 2 === 0, 40));
		const running = Promise.all(writers.map((writer) => writer.run()));
		let slowest = 0;
		let offered = 0;
		let up_ms = 0;
		for (let i = 0; i < CYCLES; i++) {
			const up = 300 + Math.random() * 900;
			const before = writers.reduce((n, writer) => n + writer.offered, 0);
			await sleep(up);
			offered += writers.reduce((n, writer) => n + writer.offered, 0) - before;
			up_ms += up;
			slowest = Math.max(slowest, await server.restart());
		}
		await sleep(500);
		for (const writer of writers)
			writer.done = true;
		await running;
		const agent = await server.dana();
		const { sent, acked, stored } = await check_record(server, agent, writers);
		t.diagnostic(`${CYCLES} kills, ${Math.round(offered * 1000 / up_ms)} messages/s offered, ${sent} sent, ` +
			`${acked} acknowledged, ${stored} stored; slowest restart ${Math.round(slowest)} ms`);
		assert.ok(acked > CYCLES * 20, `there was load: ${acked}`);
		assert.ok(slowest <= (slow ? 10_000 : 2000), `restart within 2 s: ${Math.round(slowest)} ms`);
		assert.equal(await server.drain(), 0);
		const integrity = spawnSync("sqlite3", [join(server.place, "data/baton.db"), "PRAGMA integrity_check"], { encoding: "utf8" });
		if (integrity.error === undefined)
			assert.equal(integrity.stdout.trim(), "ok");
		const rebuilt = baton(["rebuild", server.place]);
		assert.equal(rebuilt.status, 0, rebuilt.stderr);
	} finally {
		for (const writer of writers)
			writer.done = true;
		await server.stop();
	}
});

for (const point of ["writer_before_apply", "writer_before_commit", "writer_after_commit"])
	test(`R5: killed at ${point}, the retry is stored once`, async () => {
		const server = await Server.start();
		try {
			const visitor = await server.visitor();
			await server.restart({ BATON_FAIL: `${point}:kill@3` });
			const cmids: string[] = [];
			let died = false;
			for (let i = 0; i < 40 && !died; i++) {
				const cmid = uuid();
				cmids.push(cmid);
				const answer = await server.say(visitor, `message ${i}`, cmid).catch(() => null);
				died = answer === null;
			}
			assert.ok(died, "the failpoint was crossed");
			await server.kill9();
			await server.launch();
			const last = cmids.length - 1;
			const cmid = cmids[last] ?? "";
			const committed = (await server.events("/api/v1/visit/events", visitor)).some((event) => event.cmid === cmid);
			if (point !== "writer_after_commit" && committed)
				assert.fail("what was not committed is not there");
			const retry = await server.say(visitor, `message ${last}`, cmid);
			assert.equal(retry.body.replayed, committed, "a retry of what is stored is a replay");
			const again = await server.say(visitor, `message ${last}`, cmid);
			assert.deepEqual({ ...again.body, replayed: false }, { ...retry.body, replayed: false });
			const events = await server.events("/api/v1/visit/events", visitor);
			for (const one of cmids)
				assert.equal(events.filter((event) => event.cmid === one).length, 1, "each exactly once");
			assert.equal((await server.get("/health", nobody)).status, 200);
		} finally {
			await server.stop();
		}
	});
