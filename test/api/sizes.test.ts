/* SPDX-License-Identifier: Apache-2.0 */
/* sizes.test.ts - what is as large as it may be is still answered, in pages. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Reader } from "../support/checker.ts";
import { Server, sleep, until, type Agent } from "../support/server.ts";

const MESSAGES = 210;

let server: Server;
let dana: Agent;

before(async () => {
	server = await Server.start();
	dana = await server.dana();
});
after(() => server?.stop());

/* A control character takes six bytes of JSON: the largest text there is. */
test("the longest conversation that a customer can make is read by everybody", async () => {
	const visitor = await server.visitor();
	let id = "";

	for (let i = 0; i < MESSAGES; i++) {
		const answer = await server.say(visitor, `${i} ${"\u0001".repeat(3990)}`);
		assert.equal(answer.status, 201, answer.text);
		id = answer.body.conversation;
	}
	for (const [path, who] of [["/api/v1/visit/events", visitor], [`/api/v1/conversations/${id}/events`, dana]] as const) {
		const seen: number[] = [];
		for (let after = 0, more = true; more;) {
			const page = await server.get(`${path}?after=${after}&limit=200`, who);
			assert.equal(page.status, 200, `${path} after ${after}: ${server.said.slice(-500)}`);
			assert.ok(page.body.to > after, "a page goes on");
			assert.ok(page.text.length < 4 << 20, "a page is bounded");
			seen.push(...page.body.events.filter((e: { kind: string }) => e.kind === "message.customer")
				.map((e: { body: { text: string } }) => parseInt(e.body.text, 10)));
			({ to: after, more } = page.body);
		}
		assert.deepEqual(seen, Array.from({ length: MESSAGES }, (_, i) => i), path);
	}
	const reader = new Reader(server, dana, `conv:${id}`);
	await until("the socket brings them all", () =>
		reader.shown.filter((e) => e.kind === "message.customer").length === MESSAGES, 20_000);
	reader.stop();
});

test("to subscribe is to read, and is limited like it", async () => {
	const limited = await Server.start({ limits: { reads_per_min: 60 } });	/* 16 at once */
	try {
		const { visitor, id } = await limited.conversation("whats the weather like");
		const sock = await limited.socket(visitor);
		for (let i = 0; i < 40; i++)
			sock.send({ t: "sub", topic: `conv:${id}`, resume: null });
		const nack = await sock.next("the limit", (f) => f.t === "nack");
		assert.equal(nack.code, "limit");
		assert.ok(nack.retry_ms > 0);
		await sleep(300);
		const read = sock.all.filter((f: any) => f.t === "ev" && f.from === 0).length;
		assert.ok(read > 0 && read <= 18, `${read} were answered`);
		await sock.close();
	} finally {
		await limited.stop();
	}
});

test("tokens and cookies that name nobody are bounded by address, and good ones cost nothing", async () => {
	const limited = await Server.start({ limits: { reads_per_min: 60 } });	/* 16 at once */
	const unknown = "B".repeat(43);
	try {
		const visitor = await limited.visitor();
		for (let i = 0; i < 12; i++)
			assert.equal((await limited.get("/api/v1/visit", visitor)).status, 200, "what names somebody is not counted");
		const tries: Record<string, number> = {};
		let limit: any;
		for (let i = 0; i < 40; i++) {
			const headers: Record<string, string> = i % 2 === 0 ? { authorization: `Bearer ${unknown}` } :
				{ cookie: `baton_session=${unknown}` };
			const answer = await limited.get("/api/v1/visit", { headers });
			tries[answer.status] = (tries[answer.status] ?? 0) + 1;
			limit = answer.status === 429 ? answer : limit;
		}
		assert.ok((tries[401] ?? 0) >= 10 && (tries[401] ?? 0) <= 20, JSON.stringify(tries));
		assert.equal((tries[401] ?? 0) + (tries[429] ?? 0), 40, JSON.stringify(tries));
		assert.match(limit.text, /unknown tokens/);
	} finally {
		await limited.stop();
	}
});
