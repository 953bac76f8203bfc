/* SPDX-License-Identifier: Apache-2.0 */
/* socket.test.ts - the frames of docs/PROTOCOL.md section 5. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, sleep, until, uuid, type Agent, type Sock } from "../support/server.ts";

let server: Server;
let dana: Agent;
let bo: Agent;

before(async () => {
	server = await Server.start();
	[dana, bo] = [await server.dana(), await server.bo()];
});
after(() => server?.stop());

const sub = (sock: Sock, topic: string, resume: string | number | null = null): void =>
	sock.send({ t: "sub", topic, resume });
const ev = (topic: string) => (f: any): boolean => f.t === "ev" && f.topic === topic;

test("a visitor says hello, writes, and hears the answer", async () => {
	const visitor = await server.visitor();
	const sock = await server.socket(visitor);
	sub(sock, "visit");
	sock.send({ t: "send", cmid: uuid(), topic: "visit", body: { text: "whats the weather like" } });
	const ack = await sock.next("ack", (f) => f.t === "ack");
	assert.equal(ack.replayed, false);
	const topic = `conv:${ack.conversation}`;
	let cursor = 0;
	let said = "";
	while (said === "") {
		const frame = await sock.next("events", ev(topic));
		assert.ok(frame.from <= cursor, `a frame joins: from ${frame.from}, cursor ${cursor}`);
		for (const event of frame.events) {
			assert.equal(event.audience, "public");
			if (event.seq > cursor && event.kind === "message.ai")
				said = event.body.text;
		}
		cursor = Math.max(cursor, frame.to);
		assert.match(frame.resume, /./);
	}
	assert.match(said, /Halden|outside|person/i);
	assert.ok(sock.all.some((f: any) => f.t === "eph" && f.typing?.who === "ai" && f.typing.on), "the AI types");
	await sock.close();
});

test("an ack comes after its event, and a repeated send is replayed", async () => {
	const { visitor, id } = await server.conversation("whats the weather like");
	const sock = await server.socket(visitor);
	sub(sock, `conv:${id}`);
	await sock.next("backlog", ev(`conv:${id}`));
	const cmid = uuid();
	sock.send({ t: "send", cmid, topic: `conv:${id}`, body: { text: "again" } });
	const first = await sock.next("ack", (f) => f.t === "ack" && f.cmid === cmid);
	sock.send({ t: "send", cmid, topic: `conv:${id}`, body: { text: "again" } });
	const second = await sock.next("second ack", (f) => f.t === "ack" && f.cmid === cmid);
	assert.deepEqual(second, { ...first, replayed: true });
	sock.send({ t: "send", cmid, topic: `conv:${id}`, body: { text: "other" } });
	const nack = await sock.next("nack", (f) => f.t === "nack" && f.cmid === cmid);
	assert.equal(nack.code, "conflict");
	await sock.close();
});

test("frames that are not understood", async () => {
	const visitor = await server.visitor();
	const sock = await server.socket(visitor);
	const bad = [
		"{", "[]", "null", "{}", '{"t":"nope"}', '{"t":"hello","proto":1}', '{"t":"sub"}', '{"t":"sub","topic":"conv:x"}',
		'{"t":"sub","topic":"visit","resume":7}', '{"t":"sub","topic":"visit","more":1}', '{"t":"eph","topic":"visit","typing":1}',
		'{"t":"unsub","topic":5}', '{"t":"send","topic":"visit","cmid":"x","body":{"text":"a"}}',
		`{"t":"send","topic":"inbox:halden","cmid":"x","body":{"text":"a"}}`, '{"t":"hello","proto":2}',
	];
	for (const text of bad) {
		sock.ws.send(text);
		const nack = await sock.next(`a nack for ${text}`, (f) => f.t === "nack");
		assert.equal(nack.code, "invalid", text);
		assert.equal(nack.cmid, null);
	}
	const cmid = uuid();
	for (const body of [{}, { text: "" }, { text: "a", more: 1 }, { text: "x".repeat(4001) }, "a"]) {
		sock.send({ t: "send", topic: "visit", cmid, body });
		assert.equal((await sock.next("a nack", (f) => f.t === "nack" && f.cmid === cmid)).code, "invalid");
	}
	assert.equal(sock.close_code, 0, "the socket lives on");
	await sock.close();
});

test("without a hello within five seconds, or with a wrong token: 4401", async () => {
	const mute = await server.socket(null);
	const wrong = await server.socket(null);
	wrong.send({ t: "hello", proto: 1, token: "A".repeat(43) });
	assert.equal(await wrong.closed, 4401);
	const early = await server.socket(null);
	early.send({ t: "sub", topic: "visit", resume: null });
	assert.equal((await early.next("nack", (f) => f.t === "nack")).code, "invalid");
	const began = Date.now();
	assert.equal(await mute.closed, 4401);
	assert.ok(Date.now() - began < 8000);
	await early.close();
});

test("an agent hears of rows and counts, and what is said in a conversation", async () => {
	const desk = await server.socket(dana);
	sub(desk, "inbox:halden");
	const start = await desk.next("the inbox", ev("inbox:halden"));
	assert.equal(start.from, start.to);
	assert.deepEqual(start.rows, []);
	assert.equal(typeof start.counts.queue, "number");

	const { visitor, id } = await server.conversation();
	const row = await desk.next("its row in the queue",
		(f) => ev("inbox:halden")(f) && f.rows.some((r: any) => r.id === id && r.holder.type === "queue"));
	assert.ok(row.from <= row.to && row.to > start.to);
	await desk.next("counts", (f) => ev("inbox:halden")(f) && f.counts?.queue >= start.counts.queue + 1);

	sub(desk, `conv:${id}`);
	const backlog = await desk.next("the backlog", ev(`conv:${id}`));
	assert.equal(backlog.from, 0);
	assert.ok(backlog.events.some((event: any) => event.kind === "handover.card"));

	const customer = await server.socket(visitor);
	sub(customer, "visit");
	await customer.next("the customer's backlog", ev(`conv:${id}`));
	await server.post(`/api/v1/conversations/${id}/claim`, dana, { cmid: uuid() });
	const claimed = await customer.next("claimed", (f) => ev(`conv:${id}`)(f) && f.events.some((e: any) => e.kind === "handover.claimed"));
	assert.equal(claimed.events[0].body.name, "Dana Keller");
	desk.send({ t: "send", cmid: uuid(), topic: `conv:${id}`, body: { text: "Hello there" } });
	await desk.next("the agent's ack", (f) => f.t === "ack");
	const heard = await customer.next("the agent's words", (f) => ev(`conv:${id}`)(f) && f.events.some((e: any) => e.kind === "message.agent"));
	assert.equal(heard.events[0].actor.name, "Dana Keller");

	/* A note is covered, not sent. */
	await server.post(`/api/v1/conversations/${id}/notes`, dana, { cmid: uuid(), text: "a secret" });
	desk.send({ t: "send", cmid: uuid(), topic: `conv:${id}`, body: { text: "And more" } });
	const next = await customer.next("more words", (f) => ev(`conv:${id}`)(f) && f.events.some((e: any) => e.body.text === "And more"));
	assert.ok(next.from <= heard.to && next.to >= heard.to + 2, "the frame covers the note");
	assert.ok(!JSON.stringify(customer.all).includes("a secret"));

	/* Another agent cannot speak in it. */
	const other = await server.socket(bo);
	const cmid = uuid();
	other.send({ t: "send", cmid, topic: `conv:${id}`, body: { text: "me too" } });
	assert.equal((await other.next("nack", (f) => f.t === "nack" && f.cmid === cmid)).code, "conflict");
	await Promise.all([desk.close(), customer.close(), other.close()]);
});

test("an inbox is resumed by its position", async () => {
	const first = await server.socket(dana);
	sub(first, "inbox:halden");
	const at = (await first.next("the inbox", ev("inbox:halden"))).to;
	await first.close();
	const { id } = await server.conversation();
	const second = await server.socket(dana);
	sub(second, "inbox:halden", at);
	const frame = await second.next("what was missed", ev("inbox:halden"));
	assert.equal(frame.from, at);
	assert.ok(frame.rows.some((row: any) => row.id === id));
	await second.close();
});

test("typing is relayed, at most once in two seconds", async () => {
	const { visitor, id } = await server.conversation();
	await until("it is in the queue", async () => (await server.conv(dana, id)).holder.type === "queue");
	await server.post(`/api/v1/conversations/${id}/claim`, dana, { cmid: uuid() });
	const [desk, customer] = [await server.socket(dana), await server.socket(visitor)];
	for (const sock of [desk, customer]) {
		sub(sock, `conv:${id}`);
		await sock.next("backlog", ev(`conv:${id}`));
	}
	for (let i = 0; i < 10; i++)
		customer.send({ t: "eph", topic: `conv:${id}`, typing: true });
	const typing = await desk.next("typing", (f) => f.t === "eph" && f.typing?.who === "customer");
	assert.equal(typing.typing.on, true);
	desk.send({ t: "eph", topic: `conv:${id}`, typing: true });
	const back = await customer.next("the agent types", (f) => f.t === "eph" && f.typing?.who === "agent");
	assert.equal(back.typing.name, "Dana Keller");
	await sleep(300);
	assert.equal(desk.all.filter((f: any) => f.t === "eph" && f.typing?.who === "customer").length, 1);
	customer.send({ t: "eph", topic: `conv:${id}`, typing: false });
	await desk.next("not typing", (f) => f.t === "eph" && f.typing?.who === "customer" && !f.typing.on);
	await Promise.all([desk.close(), customer.close()]);
});

test("who waits is told the place, when the queue moves and when somebody comes", async () => {
	const { visitor, id } = await server.conversation();
	const customer = await server.socket(visitor);
	sub(customer, "visit");
	const waits = (f: any): boolean => f.t === "eph" && f.topic === `conv:${id}` && f.wait !== undefined;
	const first = await customer.next("the place", waits, 15_000);
	assert.ok(first.wait.place >= 1);
	const desk = await server.socket(dana);
	await customer.next("somebody is there", (f) => waits(f) && f.wait.agents_online >= 1, 15_000);
	await desk.close();
	await customer.next("nobody is there", (f) => waits(f) && f.wait.agents_online === 0, 15_000);
	await customer.close();
});

test("a visitor who subscribed before writing gets the conversation when it opens", async () => {
	const visitor = await server.visitor();
	const tab = await server.socket(visitor);
	sub(tab, "visit");
	await sleep(100);
	const stored = await server.say(visitor, "hello from the other tab");
	const frame = await tab.next("its first frame", ev(`conv:${stored.body.conversation}`));
	assert.equal(frame.from, 0);
	await tab.close();
});

test("too many frames a second: 4429", async () => {
	const sock = await server.socket(await server.visitor());
	for (let i = 0; i < 200; i++)
		sock.send({ t: "unsub", topic: "visit" });
	assert.equal(await sock.closed, 4429);
});

test("a session that ends takes its sockets along", async () => {
	const agent = await server.bo();
	const sock = await server.socket(agent);
	assert.equal((await server.call("DELETE", "/api/v1/session", agent)).status, 204);
	assert.equal(await Promise.race([sock.closed, sleep(12_000).then(() => 0)]), 4401);
});

test("the row that is told with an identification has the customer's name", async () => {
	const sock = await server.socket(dana);
	const visitor = await server.visitor();
	const id = (await server.say(visitor, "hii wheres my ordr HP-1042")).body.conversation;
	sub(sock, `conv:${id}`);
	sub(sock, "inbox:halden");
	await sock.next("the inbox", ev("inbox:halden"));
	await until("the e-mail is asked for", async () =>
		(await server.events("/api/v1/visit/events", visitor)).some((e) => e.kind === "message.ai"));
	await server.say(visitor, "ana@example.org");
	await sock.next("who it is", (f) => ev(`conv:${id}`)(f) &&
		f.events.some((e: any) => e.kind === "contact.identified"));
	const at = sock.all.findIndex((f: any) => f.t === "ev" && f.events?.some((e: any) => e.kind === "contact.identified"));
	const row = await until("its row", () => sock.all.slice(at)
		.flatMap((f: any) => f.rows ?? []).find((one: any) => one.id === id)) as any;
	assert.equal(row.contact.email, "ana@example.org");
	assert.equal(row.contact.verified, true);
	assert.match(row.contact.name, /Ana/);
	await sock.close();
});
