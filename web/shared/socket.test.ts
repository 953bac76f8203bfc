/* SPDX-License-Identifier: Apache-2.0 */
/* socket.test.ts - the resumable client against a scripted socket and clock. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore, Outbox, type OutEntry } from "./outbox.ts";
import type { ClientFrame, Event, ServerFrame, Snapshot, Stored } from "./protocol.ts";
import { SocketClient, type Polled, type SocketState, type Timers, type TopicHandler, type WireSocket } from "./socket.ts";

class FakeTimers implements Timers {
	time = 0;
	private waiting: { at: number; run: () => void }[] = [];

	now(): number {
		return this.time;
	}
	after(ms: number, run: () => void): unknown {
		const timer = { at: this.time + ms, run };
		this.waiting.push(timer);
		return timer;
	}
	cancel(timer: unknown): void {
		this.waiting = this.waiting.filter((other) => other !== timer);
	}
	random(): number {
		return 0.5;
	}
	advance(ms: number): void {
		const end = this.time + ms;
		for (;;) {
			const next = this.waiting.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
			if (!next)
				break;
			this.time = next.at;
			this.cancel(next);
			next.run();
		}
		this.time = end;
	}
}

class FakeSocket implements WireSocket {
	readyState = 0;
	onopen: WireSocket["onopen"] = null;
	onmessage: WireSocket["onmessage"] = null;
	onclose: WireSocket["onclose"] = null;
	onerror: WireSocket["onerror"] = null;
	sent: ClientFrame[] = [];

	send(text: string): void {
		this.sent.push(JSON.parse(text) as ClientFrame);
	}
	close(): void {
		this.readyState = 3;
	}
	accept(): void {
		this.readyState = 1;
		this.onopen?.({} as never);
		this.say({ t: "welcome", proto: 1, user: null, now_us: 0 });
	}
	say(frame: ServerFrame): void {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}
	drop(code = 1006): void {
		this.readyState = 3;
		this.onclose?.({ code });
	}
	of<T extends ClientFrame["t"]>(t: T): Extract<ClientFrame, { t: T }>[] {
		return this.sent.filter((frame): frame is Extract<ClientFrame, { t: T }> => frame.t === t);
	}
}

function event(seq: number, text = `m${seq}`, cmid: string | null = null): Event {
	return {
		seq, at_us: seq, kind: "message.customer", audience: "public", cmid, turn: null,
		actor: { type: "customer", name: null, id: null }, body: { text },
	};
}

function bench(store = new MemoryStore(), rest?: (entry: OutEntry) => Promise<Stored>,
	poll?: (wire: string, cursor: number) => Promise<Polled | "denied" | null>) {
	const sockets: FakeSocket[] = [];
	const timers = new FakeTimers();
	const states: SocketState[] = [];
	const entries: [string, string, boolean][] = [];
	const seen: number[] = [];
	const resets: Snapshot[] = [];
	const handler: TopicHandler = {
		events: (events) => seen.push(...events.map(({ seq }) => seq)),
		reset: (snapshot) => resets.push(snapshot),
	};
	const client = new SocketClient({
		url: "ws://desk/api/v1/socket", token: "secret", outbox: new Outbox(store, "out:"), timers,
		open: () => {
			const socket = new FakeSocket();
			sockets.push(socket);
			return socket;
		},
		...(rest ? { rest } : {}),
		...(poll ? { poll } : {}),
		on_state: (state) => states.push(state),
		on_entry: (entry) => entries.push([entry.text, entry.state, entry.stored !== undefined]),
	});
	const last = (): FakeSocket => sockets.at(-1)!;
	return { client, sockets, timers, states, entries, seen, resets, handler, last, store };
}

const ack = (cmid: string, seq = 1): ServerFrame =>
	({ t: "ack", cmid, conversation: "c", seq, at_us: 1, replayed: false });

test("says hello with its token and subscribes with what it has", () => {
	const b = bench();
	b.client.subscribe("conv:c", b.handler);
	b.client.start();
	b.last().accept();
	assert.deepEqual(b.last().sent, [
		{ t: "hello", proto: 1, token: "secret" },
		{ t: "sub", topic: "conv:c", resume: null },
	]);
	assert.deepEqual(b.states, ["connecting", "ready"]);
});

test("shows each event once and in order through overlapping frames", () => {
	const b = bench();
	b.client.subscribe("conv:c", b.handler);
	b.client.start();
	b.last().accept();
	b.last().say({ t: "ev", topic: "conv:c", from: 0, to: 3, resume: "r3", events: [event(1), event(3)] });
	b.last().say({ t: "ev", topic: "conv:c", from: 1, to: 4, resume: "r4", events: [event(3), event(4)] });
	b.last().say({ t: "ev", topic: "conv:c", from: 0, to: 2, resume: "r2", events: [event(1)] });
	assert.deepEqual(b.seen, [1, 3, 4]);
	b.last().drop();
	b.timers.advance(1000);
	b.last().accept();
	assert.deepEqual(b.last().of("sub"), [{ t: "sub", topic: "conv:c", resume: "r4" }],
		"an old frame does not move the resume token back");
});

test("asks again for what is missing, and takes the snapshot of a gap", () => {
	const b = bench();
	b.client.subscribe("conv:c", b.handler);
	b.client.start();
	b.last().accept();
	b.last().say({ t: "ev", topic: "conv:c", from: 0, to: 2, resume: "r2", events: [event(1), event(2)] });
	b.last().say({ t: "ev", topic: "conv:c", from: 4, to: 5, resume: "r5", events: [event(5)] });
	assert.deepEqual(b.seen, [1, 2], "a frame from beyond is not shown");
	assert.deepEqual(b.last().of("sub").at(-1), { t: "sub", topic: "conv:c", resume: "r2" });

	const snapshot = { conversation: { id: "c" }, events: [event(1)], to: 1, resume: "s1" } as unknown as Snapshot;
	b.last().say({ t: "gap", topic: "conv:c", snapshot });
	assert.equal(b.resets.length, 1);
	b.last().say({ t: "ev", topic: "conv:c", from: 1, to: 2, resume: "s2", events: [event(2)] });
	assert.deepEqual(b.seen, [1, 2, 2], "after a gap the positions count from the snapshot");
});

test("does not ask for ever when the answer never joins", () => {
	const b = bench();
	b.client.subscribe("conv:c", b.handler);
	b.client.start();
	b.last().accept();
	for (let i = 0; i < 5; i++)
		b.last().say({ t: "ev", topic: "conv:c", from: 9, to: 10, resume: "x", events: [] });
	assert.equal(b.client.state, "connecting");
	assert.ok(b.last().of("sub").length <= 5);
});

test("sends one at a time, in order, and again with the same cmid after a loss", () => {
	const b = bench();
	b.client.start();
	b.last().accept();
	const one = b.client.send("visit", "one");
	const two = b.client.send("visit", "two");
	assert.deepEqual(b.last().of("send").map(({ cmid }) => cmid), [one.cmid]);
	b.last().drop();
	b.timers.advance(1000);
	b.last().accept();
	assert.deepEqual(b.last().of("send").map(({ cmid }) => cmid), [one.cmid]);
	b.last().say(ack(one.cmid));
	assert.deepEqual(b.last().of("send").map(({ cmid }) => cmid), [one.cmid, two.cmid]);
	b.last().say(ack(two.cmid, 2));
	assert.equal(b.client.outbox.list().length, 0);
	assert.equal(b.store.length, 0, "nothing is left behind in storage");
});

test("a refusal with a time is tried again first; one without waits for a person", () => {
	const b = bench();
	b.client.start();
	b.last().accept();
	const one = b.client.send("visit", "one");
	const two = b.client.send("visit", "two");
	b.last().say({ t: "nack", cmid: one.cmid, code: "limit", message: "slow", retry_ms: 400 });
	assert.equal(b.last().of("send").length, 1, "the second does not overtake");
	b.timers.advance(500);
	assert.deepEqual(b.last().of("send").map(({ cmid }) => cmid), [one.cmid, one.cmid]);
	b.last().say({ t: "nack", cmid: one.cmid, code: "toobig", message: "too long", retry_ms: null });
	assert.equal(one.state, "failed");
	assert.equal(b.last().of("send").at(-1)?.cmid, two.cmid);
	b.last().say(ack(two.cmid));
	b.client.retry(one.cmid);
	assert.equal(b.last().of("send").at(-1)?.cmid, one.cmid);
});

test("what is unsent survives a reload, in order", () => {
	const b = bench();
	b.client.send("visit", "one");
	b.client.send("visit", "two");
	const after = bench(b.store);
	after.client.start();
	after.last().accept();
	const [first] = after.client.outbox.list();
	assert.deepEqual(after.client.outbox.list().map(({ text }) => text), ["one", "two"]);
	assert.equal(after.last().of("send")[0]?.cmid, first?.cmid);
});

test("an entry whose event arrives (from another tab) is not sent again", () => {
	const b = bench();
	b.client.subscribe("visit", b.handler);
	b.client.start();
	b.last().accept();
	const one = b.client.send("visit", "one");
	b.last().say({ t: "ev", topic: "conv:c", from: 0, to: 1, resume: "r1", events: [event(1, "one", one.cmid)] });
	assert.equal(b.client.outbox.list().length, 0);
	assert.deepEqual(b.entries.at(-1), ["one", "sending", true]);
	b.last().drop();
	b.timers.advance(1000);
	b.last().accept();
	assert.equal(b.last().of("send").length, 0);
	assert.deepEqual(b.last().of("sub"), [{ t: "sub", topic: "conv:c", resume: "r1" }],
		"the visit is known by its conversation now");
});

test("a visit that finds a new conversation follows it", () => {
	const b = bench();
	b.client.subscribe("visit", b.handler);
	b.client.start();
	b.last().accept();
	b.last().say({ t: "ev", topic: "conv:old", from: 0, to: 7, resume: "r7", events: [event(7)] });
	const one = b.client.send("visit", "again");
	b.last().say({ t: "ack", cmid: one.cmid, conversation: "new", seq: 2, at_us: 1, replayed: false });
	assert.deepEqual(b.last().of("sub").at(-1), { t: "sub", topic: "conv:new", resume: null });
	b.last().say({ t: "ev", topic: "conv:new", from: 0, to: 2, resume: "n2", events: [event(2)] });
	assert.deepEqual(b.seen, [7, 2]);
});

test("backs off up to 15 s, and forgets it after a welcome", () => {
	const b = bench();
	b.client.start();
	const gaps: number[] = [];
	for (let i = 0; i < 8; i++) {
		const n = b.sockets.length, from = b.timers.time;
		b.last().drop();
		while (b.sockets.length === n)
			b.timers.advance(10);
		gaps.push(b.timers.time - from);
	}
	assert.ok(gaps.every((gap, i) => i === 0 || gap >= gaps[i - 1]!), gaps.join());
	assert.ok(gaps[0]! <= 500 && gaps.at(-1)! <= 15_010, gaps.join());
	b.last().accept();
	b.last().drop();
	const n = b.sockets.length;
	b.timers.advance(500);
	assert.equal(b.sockets.length, n + 1);
});

test("gives up a socket that says nothing to a message", () => {
	const b = bench();
	b.client.start();
	b.last().accept();
	const one = b.client.send("visit", "one");
	b.timers.advance(20_000);
	assert.ok(b.sockets.length > 1);
	b.last().accept();
	assert.equal(b.last().of("send")[0]?.cmid, one.cmid);
});

test("a page that comes back asks whether its socket still lives", () => {
	const b = bench();
	b.client.subscribe("conv:c", b.handler);
	b.client.start();
	b.last().accept();
	b.timers.advance(60_000);
	b.client.wake();
	assert.equal(b.last().of("sub").length, 2);
	b.timers.advance(10_000);
	assert.equal(b.sockets.length, 2, "no answer: a new socket");
	b.last().accept();
	b.timers.advance(60_000);
	b.client.wake();
	b.last().say({ t: "ev", topic: "conv:c", from: 0, to: 0, resume: "r0", events: [] });
	b.timers.advance(10_000);
	assert.equal(b.sockets.length, 2, "an answer: the same one");
});

test("wake connects at once instead of waiting out the backoff", () => {
	const b = bench();
	b.client.start();
	for (let i = 0; i < 6; i++) {
		b.last().drop();
		b.timers.advance(20_000);
	}
	b.last().drop();
	const n = b.sockets.length;
	b.client.wake();
	assert.equal(b.sockets.length, n + 1);
});

test("a drain holds what is new and comes back no earlier than asked", () => {
	const b = bench();
	b.client.start();
	b.last().accept();
	b.last().say({ t: "reconnect", after_ms: 3000 });
	const one = b.client.send("visit", "one");
	b.timers.advance(2900);
	assert.equal(b.sockets.length, 1);
	b.timers.advance(1000);
	assert.equal(b.sockets.length, 2);
	b.last().accept();
	assert.deepEqual(b.last().of("send").map(({ cmid }) => cmid), [one.cmid]);
});

test("a refused token stops; nobody knocks for ever", () => {
	const b = bench();
	b.client.start();
	b.last().drop(4401);
	b.timers.advance(60_000);
	assert.equal(b.client.state, "denied");
	assert.equal(b.sockets.length, 1);
});

test("what is not a text goes by REST, in its turn, and again when the network failed", async () => {
	const calls: string[] = [];
	const b = bench(new MemoryStore(), (entry) => {
		calls.push(entry.cmid);
		return calls.length === 1 ? Promise.reject(new Error("network"))
			: Promise.resolve({ conversation: "c", seq: 2, at_us: 1, replayed: false });
	});
	b.client.start();
	b.last().accept();
	const one = b.client.send("visit", "one");
	const person = b.client.send("visit", "", "person");
	assert.equal(calls.length, 0);
	b.last().say(ack(one.cmid));
	await new Promise(setImmediate);
	b.timers.advance(2000);
	await new Promise(setImmediate);
	assert.deepEqual(calls, [person.cmid, person.cmid]);
	assert.equal(b.client.outbox.list().length, 0);
});

test("rows of an inbox are handed over, and their position resumes", () => {
	const b = bench();
	let rows = 0;
	b.client.subscribe("inbox:halden", { rows: (list) => (rows += list.length) });
	b.client.start();
	b.last().accept();
	b.last().say({ t: "ev", topic: "inbox:halden", from: 40, to: 42, rows: [{ id: "c" } as never] });
	assert.equal(rows, 1);
	b.last().drop();
	b.timers.advance(1000);
	b.last().accept();
	assert.deepEqual(b.last().of("sub"), [{ t: "sub", topic: "inbox:halden", resume: 42 }]);
});

test("a storage that refuses costs the reload, not the message", () => {
	const store = new MemoryStore();
	store.setItem = () => {
		throw new Error("quota");
	};
	const b = bench(store);
	b.client.start();
	b.last().accept();
	b.client.send("visit", "one");
	assert.equal(b.last().of("send").length, 1);
});

test("a frame that is not JSON changes nothing", () => {
	const b = bench();
	b.client.start();
	b.last().accept();
	b.last().onmessage?.({ data: "{" });
	assert.equal(b.client.state, "ready");
});

/* Where sockets are blocked: what the desk has, asked for. */
function polled_desk() {
	const stored: Event[] = [];
	const asked: [string, number][] = [];
	let broken = false;
	const b = bench(new MemoryStore(), async ({ cmid, text, kind }) => {
		assert.equal(kind, "text");
		const seq = stored.length + 1;
		stored.push(event(seq, text, cmid));
		return { conversation: "c", seq, at_us: 1, replayed: false };
	}, async (wire, cursor) => {
		asked.push([wire, cursor]);
		if (broken)
			throw new Error("no network");
		const from = wire === "conv:c" ? cursor : 0;
		return stored.length === 0 ? null : {
			topic: "conv:c", from, to: stored.length, resume: `r${stored.length}`, more: false, wait: null,
			events: stored.filter(({ seq }) => seq > from),
		};
	});
	b.client.subscribe("visit", b.handler);
	return { ...b, stored, asked, fail: (on: boolean) => (broken = on) };
}

/* Time in which promises come to their ends too. */
async function pass(timers: FakeTimers, ms: number): Promise<void> {
	for (let end = timers.time + ms; timers.time < end;) {
		timers.advance(Math.min(100, end - timers.time));
		await new Promise((resolve) => setImmediate(resolve));
	}
}

test("without a socket it asks by plain requests, ever less often, and sends by them", async () => {
	const b = polled_desk();
	b.client.start();
	b.client.send("visit", "hello");
	for (let i = 0; i < 4; i++) {
		b.last().drop();
		await pass(b.timers, 1500);
	}
	assert.equal(b.client.state, "ready");
	assert.deepEqual(b.stored.map(({ body }) => body), [{ text: "hello" }]);
	assert.deepEqual(b.seen, [1]);
	b.stored.push(event(2), event(3));
	await pass(b.timers, 20_000);
	assert.deepEqual(b.seen, [1, 2, 3]);
	const before = b.asked.length;
	await pass(b.timers, 300_000);
	assert.ok(b.asked.length - before <= 300 / 12, `${b.asked.length - before} requests in five idle minutes`);
	assert.ok(b.asked.length - before >= 300 / 18);
});

test("a network that is gone is said, and a socket that opens takes over", async () => {
	const b = polled_desk();
	b.client.start();
	b.stored.push(event(1));
	await pass(b.timers, 5_000);
	assert.equal(b.client.state, "ready", "the first socket hangs, and is not waited for");
	b.fail(true);
	await pass(b.timers, 20_000);
	assert.equal(b.client.state, "connecting");
	b.last().accept();
	assert.equal(b.client.state, "ready");
	assert.deepEqual(b.last().of("sub"), [{ t: "sub", topic: "conv:c", resume: "r1" }]);
	const before = b.asked.length;
	await pass(b.timers, 60_000);
	assert.equal(b.asked.length, before);
	b.client.send("visit", "by the socket");
	assert.equal(b.last().of("send").length, 1);
});
