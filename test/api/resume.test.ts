/* SPDX-License-Identifier: Apache-2.0 */
/* resume.test.ts - R8, R9: lines break and clients stay away; what they show is the record.
 *
 * The server keeps nothing for one who is away, so 30 s, an hour and a week differ by what was
 * missed (nothing, less than a frame, several frames, more than is told) and by what ended
 * meanwhile (the line, the session, the program): that is what is tried, not the clock's time.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Reader } from "../support/checker.ts";
import { Server, sleep, until, uuid, type Agent, type Sock } from "../support/server.ts";

const DROPS_MS = Number(process.env["BATON_TEST_DROPS_MS"] ?? 60_000);
let server: Server;
let dana: Agent;

before(async () => {
	server = await Server.start();
	dana = await server.dana();
});
after(() => server?.stop());

async function held(): Promise<{ visitor: { token: string; headers: Record<string, string> }; id: string }> {
	const made = await server.conversation();
	await until("it is in the queue", async () => (await server.conv(dana, made.id)).holder.type === "queue");
	await server.post(`/api/v1/conversations/${made.id}/claim`, dana, { cmid: uuid() });
	return made;
}

test("R8: both lines drop every few seconds, each message is shown once and in order", { timeout: DROPS_MS * 3 + 30_000 }, async (t) => {
	const pairs = await Promise.all(Array.from({ length: 4 }, async () => {
		const { visitor, id } = await held();
		return { visitor, id, customer: new Reader(server, visitor, "visit"), agent: new Reader(server, dana, `conv:${id}`) };
	}));
	const end = Date.now() + DROPS_MS;
	let drops = 0;
	let said = 0;
	const droppers = pairs.flatMap(({ customer, agent }) => [customer, agent]).map(async (reader) => {
		while (Date.now() < end) {
			await sleep(1000 + Math.random() * 4000);
			drops++;
			reader.drop();
		}
	});
	const talkers = pairs.map(async ({ id, customer, agent }) => {
		for (let i = 0; Date.now() < end; i++) {
			customer.client.send("visit", `customer ${i}`);
			agent.client.send(`conv:${id}`, `agent ${i}`);
			said += 2;
			await sleep(150 + Math.random() * 200);
		}
	});
	await Promise.all([...droppers, ...talkers]);
	for (const { visitor, id, customer, agent } of pairs) {
		await until("everything is acknowledged", () =>
			customer.client.outbox.list().length === 0 && agent.client.outbox.list().length === 0, 30_000);
		const [theirs, ours] = [await server.events("/api/v1/visit/events", visitor),
			await server.events(`/api/v1/conversations/${id}/events`, dana)];
		await until("both have caught up", () => customer.seqs.at(-1) === theirs.at(-1)?.seq && agent.seqs.at(-1) === ours.at(-1)?.seq, 20_000);
		assert.deepEqual(customer.seqs, theirs.map((event) => event.seq));
		assert.deepEqual(agent.seqs, ours.map((event) => event.seq));
		const texts = theirs.filter((event) => event.kind === "message.customer").map((event: any) => event.body.text).slice(1);
		assert.deepEqual(texts, texts.map((_, i) => `customer ${i}`), "in the order they were written");
		assert.equal(customer.resets + agent.resets, 0, "no gap: the record is the same");
		customer.stop();
		agent.stop();
	}
	t.diagnostic(`${drops} drops, ${said} messages`);
});

test("R9: back after an absence, by resume token", async () => {
	const { visitor, id } = await held();
	const reader = new Reader(server, visitor, "visit");
	await until("the reader is there", () => reader.shown.some((event) => event.kind === "handover.claimed"));
	for (const [away, messages] of [[0, 0], [100, 3], [500, 450]] as const) {
		reader.offline();
		await sleep(away);
		for (let i = 0; i < messages; i++) {
			const answer = await server.post(`/api/v1/conversations/${id}/${i % 3 === 0 ? "notes" : "messages"}`, dana,
				{ cmid: uuid(), text: `while away ${i}` });
			assert.equal(answer.status, 201, answer.text);
		}
		reader.online();
		const record = await server.events("/api/v1/visit/events", visitor);
		await until("the reader has caught up", () => reader.seqs.at(-1) === record.at(-1)?.seq, 30_000);
		assert.deepEqual(reader.seqs, record.map((event) => event.seq));
		assert.equal(reader.resets, 0);
	}
	reader.stop();
});

const frames = async (sock: Sock, topic: string, resume: string | null): Promise<any> => {
	sock.send({ t: "sub", topic, resume });
	return sock.next("an answer", (f) => (f.t === "ev" || f.t === "gap") && f.topic === topic);
};

test("R9: a token of another history is a gap with a fresh copy", async () => {
	const [one, two] = [await held(), await held()];
	const sock = await server.socket(one.visitor);
	const whole = await frames(sock, `conv:${one.id}`, null);
	const token: string = whole.resume;
	assert.equal((await frames(sock, `conv:${one.id}`, token)).t, "ev", "its own token resumes");
	assert.deepEqual((await frames(sock, `conv:${one.id}`, token)).events, []);

	const other: string = (await server.get(`/api/v1/conversations/${two.id}/events`, dana)).body.resume;
	const [seq = "", hash = ""] = token.split(".");
	const forged = `${seq}.${hash.slice(0, -1)}${hash.endsWith("0") ? "1" : "0"}`;
	const future = `${Number(seq) + 1000}.${hash}`;
	for (const bad of [other, forged, future, "", "x", `${seq}.`, `-1.${hash}`, "9".repeat(60), "z".repeat(200)]) {
		if (bad === "")
			continue;
		const gap = await frames(sock, `conv:${one.id}`, bad);
		assert.equal(gap.t, "gap", bad);
		assert.equal(gap.snapshot.conversation.id, one.id);
		assert.deepEqual(gap.snapshot.events.map((event: any) => event.seq),
			(await server.events("/api/v1/visit/events", one.visitor)).map((event) => event.seq));
		assert.ok(gap.snapshot.to >= Number(seq));
	}
	await sock.close();
});

test("R9: an inbox, after few changes, after the session has ended, and after more than is told", async () => {
	const inbox = "inbox:halden";
	const answered = async (who: Agent, resume: number | null): Promise<any> => {
		const sock = await server.socket(who);
		sock.send({ t: "sub", topic: inbox, resume });
		const frame = await sock.next("an answer", (f) => f.t === "ev" && f.topic === inbox);
		await sock.close();
		return frame;
	};
	const had = (await answered(dana, null)).to;
	const nothing = await answered(dana, had);
	assert.deepEqual(nothing.rows, []);
	assert.ok(nothing.from === had || nothing.from === nothing.to, "nothing was missed");
	const few = [await held(), await held(), await held()].map((one) => one.id);
	const told = await answered(dana, had);
	assert.equal(told.from, had);
	assert.ok(told.to > had);
	for (const id of few)
		assert.ok(told.rows.some((row: any) => row.id === id), "each that changed");

	const bo = await server.sign_in(dana.email);
	assert.equal((await server.call("DELETE", "/api/v1/session", bo)).status, 204);
	await assert.rejects(server.socket(bo));
	const again = await server.sign_in(dana.email);
	assert.deepEqual((await answered(again, had)).rows.map((row: any) => row.id).sort(),
		(await answered(dana, had)).rows.map((row: any) => row.id).sort(), "whoever signs in goes on from there");

	for (let i = 0; i < 31; i++)
		await Promise.all(Array.from({ length: 10 }, async () => server.say(await server.visitor(), "hello")));
	const much = await answered(dana, had);
	assert.deepEqual(much.rows, [], "no more than 300 are told");
	assert.equal(much.from, much.to, "a frame that does not reach back: the client begins anew");
	assert.ok(much.from > told.to);
});

test("R9: resumed after a restart of the program", async () => {
	const { visitor, id } = await held();
	const reader = new Reader(server, visitor, "visit");
	await until("the reader is there", () => reader.shown.some((event) => event.kind === "handover.claimed"));
	await server.restart();
	const answer = await server.post(`/api/v1/conversations/${id}/messages`, dana, { cmid: uuid(), text: "after the restart" });
	assert.equal(answer.status, 201, answer.text);
	const record = await server.events("/api/v1/visit/events", visitor);
	await until("the reader has caught up", () => reader.seqs.at(-1) === record.at(-1)?.seq, 30_000);
	assert.deepEqual(reader.seqs, record.map((event) => event.seq));
	reader.stop();
});
