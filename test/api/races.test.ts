/* SPDX-License-Identifier: Apache-2.0 */
/* races.test.ts - R12: two agents take the same conversation; one has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Server, until, uuid } from "../support/server.ts";

const RACES = Number(process.env["BATON_TEST_RACES"] ?? 300);

test(`R12: ${RACES} claims by two agents at once`, async (t) => {
	const server = await Server.start();
	try {
		const [dana, bo] = [await server.dana(), await server.bo()];
		const ids: string[] = [];
		for (let i = 0; i < RACES; i += 20)
			ids.push(...(await Promise.all(Array.from({ length: 20 }, () => server.conversation()))).map((made) => made.id));
		await until("all are in the queue", async () =>
			(await server.get("/api/v1/conversations?view=queue&limit=1", dana)).body.counts.queue === ids.length, 30_000);
		let danas = 0;
		for (let i = 0; i < ids.length; i += 10)
			await Promise.all(ids.slice(i, i + 10).map(async (id) => {
				const path = `/api/v1/conversations/${id}/claim`;
				const [first, second] = Math.random() < 0.5 ? [dana, bo] : [bo, dana];
				const answers = await Promise.all([server.post(path, first, { cmid: uuid() }), server.post(path, second, { cmid: uuid() })]);
				const statuses = answers.map((answer) => answer.status).sort();
				assert.deepEqual(statuses, [200, 409], "one winner, one loser");
				const winner = answers[0]?.status === 200 ? first : second;
				danas += winner === dana ? 1 : 0;
				const loser = answers.find((answer) => answer.status === 409);
				assert.match(loser?.body.error.message, new RegExp(winner.name), "the loser is told who has it");
				const conv = await server.conv(dana, id);
				assert.equal(conv.holder.id, winner.id);
				const claims = (await server.events(`/api/v1/conversations/${id}/events`, bo)).filter((event) => event.kind === "handover.claimed");
				assert.equal(claims.length, 1);
				assert.equal(claims[0]?.actor.id, winner.id);
			}));
		t.diagnostic(`${danas} of ${ids.length} went to the first agent`);
		const counts = (await server.get("/api/v1/conversations?view=mine&limit=1", dana)).body.counts;
		assert.equal(counts.mine, danas);
		assert.equal(counts.queue, 0);
	} finally {
		await server.stop();
	}
});
