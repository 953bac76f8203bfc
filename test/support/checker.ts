/* SPDX-License-Identifier: Apache-2.0 */
/* checker.ts - clients that keep a log of what they sent, and the count of what was lost.
 *
 * lost: acknowledged and not there.  dup: there twice.  phantom: there and never
 * sent.  Each client writes one message after the other and repeats it, with the
 * same cmid, until it is acknowledged; so its own order is kept.
 */
import assert from "node:assert/strict";
import WebSocket from "ws";
import { MemoryStore, Outbox } from "../../web/shared/outbox.ts";
import type { Event } from "../../web/shared/protocol.ts";
import { SocketClient, type WireSocket } from "../../web/shared/socket.ts";
import { sleep, uuid, type Agent, type Server, type Visitor } from "./server.ts";

export interface Sent {
	cmid: string;
	text: string;
	acked: boolean;
	seq: number;
}

/* A visitor that writes over HTTP or a socket as fast as it is answered. */
export class Writer {
	readonly log: Sent[] = [];
	conversation = "";
	done = false;
	offered = 0;

	constructor(readonly server: Server, readonly visitor: Visitor, readonly socket: boolean, readonly pause_ms: number) {}

	async run(): Promise<void> {
		for (let i = 0; !this.done; i++) {
			const sent: Sent = { cmid: uuid(), text: `message ${i} of ${this.visitor.token.slice(0, 6)}`, acked: false, seq: 0 };
			this.log.push(sent);
			while (!sent.acked && !this.done) {
				this.offered++;
				if (this.socket)
					await this.by_socket(sent);
				else
					await this.by_http(sent);
				if (!sent.acked)
					await sleep(20);
			}
			await sleep(this.pause_ms);
		}
		this.ws?.terminate();
	}

	private stored(sent: Sent, conversation: string, seq: number): void {
		sent.acked = true;
		sent.seq = seq;
		this.conversation = conversation;
	}

	private async by_http(sent: Sent): Promise<void> {
		const answer = await this.server.say(this.visitor, sent.text, sent.cmid).catch(() => null);
		if (answer && (answer.status === 200 || answer.status === 201))
			this.stored(sent, answer.body.conversation, answer.body.seq);
		else if (answer)
			assert.ok(answer.status >= 500, `a valid message is not refused: ${answer.status} ${answer.text}`);
	}

	private ws: WebSocket | null = null;

	private open(): Promise<WebSocket | null> {
		if (this.ws?.readyState === WebSocket.OPEN)
			return Promise.resolve(this.ws);
		const ws = new WebSocket(this.server.socket_url, "baton.1", { origin: this.server.url });
		this.ws = ws;
		return new Promise((resolve) => {
			ws.on("error", () => resolve(null));
			ws.on("close", () => resolve(null));
			ws.on("open", () => ws.send(JSON.stringify({ t: "hello", proto: 1, token: this.visitor.token })));
			ws.on("message", (data) => {
				if (JSON.parse(String(data)).t === "welcome")
					resolve(ws);
			});
		});
	}

	private async by_socket(sent: Sent): Promise<void> {
		const ws = await this.open();
		if (!ws)
			return;
		await new Promise<void>((resolve) => {
			const end = (): void => {
				ws.off("message", hear);
				ws.off("close", end);
				resolve();
			};
			const hear = (data: unknown): void => {
				const frame = JSON.parse(String(data));
				if (frame.cmid !== sent.cmid)
					return;
				if (frame.t === "ack")
					this.stored(sent, frame.conversation, frame.seq);
				end();
			};
			ws.on("message", hear);
			ws.on("close", end);
			if (ws.readyState !== WebSocket.OPEN)
				end();
			else
				ws.send(JSON.stringify({ t: "send", cmid: sent.cmid, topic: "visit", body: { text: sent.text } }));
		});
	}
}

/* What is stored against what was sent. */
export async function check_record(server: Server, agent: Agent, writers: Writer[]): Promise<{ sent: number; acked: number; stored: number }> {
	let sent = 0;
	let acked = 0;
	let stored = 0;
	const wrong: string[] = [];

	for (const writer of writers) {
		const mine = new Map(writer.log.map((one) => [one.cmid, one]));
		const events = await server.events("/api/v1/visit/events", writer.visitor);
		const all = writer.conversation === "" ? [] :
			await server.events(`/api/v1/conversations/${writer.conversation}/events`, agent);
		const there = events.filter((event) => event.kind === "message.customer");
		const counts = new Map<string, number>();
		for (const event of there)
			counts.set(event.cmid ?? "", (counts.get(event.cmid ?? "") ?? 0) + 1);
		sent += mine.size;
		stored += there.length;
		for (const one of mine.values()) {
			acked += one.acked ? 1 : 0;
			if (one.acked && !counts.has(one.cmid))
				wrong.push(`lost: ${one.text}`);
			if ((counts.get(one.cmid) ?? 0) > 1)
				wrong.push(`twice: ${one.text}`);
		}
		for (const event of there) {
			const one = mine.get(event.cmid ?? "");
			if (!one || (event.body as { text: string }).text !== one.text)
				wrong.push(`phantom: ${JSON.stringify(event.body)}`);
			else if (one.acked && one.seq !== event.seq)
				wrong.push(`another seq: ${one.text}: ${one.seq}, ${event.seq}`);
		}
		const order = there.map((event) => [...mine.keys()].indexOf(event.cmid ?? ""));
		if (order.some((at, i) => i > 0 && at <= (order[i - 1] ?? -1)))
			wrong.push(`out of order: ${order.join(" ")}`);
		for (const list of [events, all])
			if (list.some((event, i) => i > 0 && event.seq <= (list[i - 1]?.seq ?? 0)))
				wrong.push(`seqs do not rise in ${writer.conversation}`);
	}
	assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} faults`);
	return { sent, acked, stored };
}

/* The pages' own client over the `ws` package; `drop` cuts its line. */
export class Reader {
	readonly shown: Event[] = [];
	resets = 0;
	client: SocketClient;
	private ws: WebSocket | null = null;
	blocked = false;

	constructor(readonly server: Server, who: Visitor | Agent, readonly topic: string) {
		const token = "token" in who ? who.token : undefined;
		const cookie = "cookie" in who ? { cookie: who.cookie } : {};
		this.client = new SocketClient({
			url: server.socket_url,
			...(token === undefined ? {} : { token }),
			outbox: new Outbox(new MemoryStore(), "test:"),
			open: (url, protocol) => {
				const ws = new WebSocket(this.blocked ? "ws://127.0.0.1:1/" : url, protocol,
					{ origin: server.url, headers: cookie });
				ws.on("error", () => undefined);
				this.ws = ws;
				return ws as unknown as WireSocket;
			},
		});
		this.client.subscribe(topic, {
			events: (events) => this.shown.push(...events),
			reset: (snapshot) => {
				this.resets++;
				this.shown.length = 0;
				this.shown.push(...snapshot.events);
			},
		});
		this.client.start();
	}

	drop(): void {
		this.ws?.terminate();
	}

	/* The network is away until `online`. */
	offline(): void {
		this.blocked = true;
		this.drop();
	}

	online(): void {
		this.blocked = false;
		this.client.wake();
	}

	stop(): void {
		this.client.stop();
		this.ws?.terminate();
	}

	get seqs(): number[] {
		return this.shown.map((event) => event.seq);
	}
}
