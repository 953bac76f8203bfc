/* SPDX-License-Identifier: Apache-2.0 */
/* socket.ts - the resumable client of docs/PROTOCOL.md section 5.
 *
 * It keeps one socket alive, subscribes again with the last resume token, shows
 * each event once and in order (a frame covers (from, to]), and sends what waits
 * in the outbox until it is acknowledged: one at a time, so that a refusal never
 * lets a later message overtake an earlier one.  It knows no DOM: the page calls
 * wake() and lost() (watch_page does), tests hand in a socket and a clock.
 *
 * Where sockets are blocked (some companies' proxies), a visitor's page asks by plain
 * requests instead, ever less often while nothing is said, and goes on trying the socket.
 */
import { new_cmid } from "./cmid.ts";
import { Outbox, type OutEntry } from "./outbox.ts";
import {
	CLOSE_DENIED, CLOSE_TOO_FAST, SUBPROTOCOL,
	type ClientFrame, type Counts, type CoverFrame, type Event, type NackFrame, type Resume,
	type Row, type ServerFrame, type Snapshot, type Stored, type Typing, type User, type Wait,
} from "./protocol.ts";

const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;
const WELCOME_MS = 8_000;
const ACK_MS = 15_000;
const PROBE_MS = 4_000;
const SILENT_MS = 30_000;
const TYPING_MS = 3_000;
const TOO_FAST_MS = 5_000;
/* Without a socket for so long: ask.  The first pause, and the longest. */
const POLL_AFTER_MS = 4_000;
const POLL_MS = 1_000;
const POLL_MAX_MS = 15_000;

export type SocketState = "stopped" | "connecting" | "ready" | "denied";

export interface WireSocket {
	readonly readyState: number;
	onopen: ((event: never) => void) | null;
	onmessage: ((event: { data: unknown }) => void) | null;
	onclose: ((event: { code: number }) => void) | null;
	onerror: ((event: never) => void) | null;
	send(text: string): void;
	close(code?: number): void;
}

export interface Timers {
	now(): number;
	after(ms: number, run: () => void): unknown;
	cancel(timer: unknown): void;
	random(): number;
}

export interface TopicHandler {
	/* New events in order, each once. */
	events?(events: Event[], topic: string): void;
	/* The record here does not continue what was shown: drop that, show this. */
	reset?(snapshot: Snapshot, topic: string): void;
	/* Rows come from here on; what was read before this may miss what lay between. */
	begun?(gid: number): void;
	rows?(rows: Row[], counts: Counts | undefined): void;
	typing?(typing: Typing): void;
	wait?(wait: Wait): void;
}

/* What a plain request says of the visitor's own conversation after `from`. */
export interface Polled {
	topic: string;
	from: number;
	to: number;
	resume: string;
	events: Event[];
	more: boolean;
	wait: Wait | null;
}

export interface SocketOptions {
	url: string;
	token?: string;
	outbox: Outbox;
	open?(url: string, protocol: string): WireSocket;
	timers?: Timers;
	/* Sends an entry that is not a text.  Rejects when the network failed. */
	rest?(entry: OutEntry): Promise<Stored | NackFrame>;
	/* Asks without a socket, for topic "visit"; `rest` then takes texts too.  null: no
	 * conversation yet.  Rejects when the network failed. */
	poll?(wire: string, cursor: number): Promise<Polled | "denied" | null>;
	on_state?(state: SocketState): void;
	on_welcome?(user: User | null, now_us: number): void;
	/* An entry changed: sending, failed, or (with `stored`) confirmed and gone. */
	on_entry?(entry: OutEntry): void;
}

interface Sub {
	handler: TopicHandler;
	/* What it is called on the wire; "visit" becomes "conv:ID" with its first frame. */
	wire: string;
	resume: Resume;
	cursor: number | null;
	misses: number;
}

export const page_timers: Timers = {
	now: () => Date.now(),
	after: (ms, run) => setTimeout(run, ms),
	cancel: (timer) => clearTimeout(timer as number),
	random: () => Math.random(),
};

export class SocketClient {
	state: SocketState = "stopped";
	readonly outbox: Outbox;
	private readonly timers: Timers;
	private readonly subs = new Map<string, Sub>();
	private socket: WireSocket | null = null;
	private attempt = 0;
	private floor_ms = 0;
	private heard_ms = 0;
	/* The socket said welcome. */
	private live = false;
	private polling = false;
	private asking = false;
	private poll_ms = POLL_MS;
	private poll_timer: unknown = null;
	private holding = false;
	private in_flight: string | null = null;
	private retry_timer: unknown = null;
	private guard_timer: unknown = null;
	private flush_timer: unknown = null;
	private typed_ms = -TYPING_MS;

	constructor(private readonly options: SocketOptions) {
		this.outbox = options.outbox;
		this.timers = options.timers ?? page_timers;
	}

	start(): void {
		if (this.socket || this.state === "connecting")
			return;
		this.set_state("connecting");
		this.connect();
	}

	stop(): void {
		this.timers.cancel(this.retry_timer);
		this.poll_end();
		this.drop_socket();
		this.set_state("stopped");
	}

	set_token(token: string): void {
		this.options.token = token;
	}

	/* resume: what an earlier subscription (or a REST answer) ended with. */
	subscribe(topic: string, handler: TopicHandler, resume: Resume = null, cursor = 0): void {
		const sub: Sub = {
			handler, wire: topic, resume, misses: 0,
			cursor: resume === null && topic.startsWith("inbox:") ? null : cursor,
		};
		this.subs.set(topic, sub);
		if (this.live)
			this.send_sub(sub);
	}

	unsubscribe(topic: string): void {
		const sub = this.subs.get(topic);
		this.subs.delete(topic);
		if (sub && this.live)
			this.write({ t: "unsub", topic: sub.wire });
	}

	/* Queues a text; it goes now or when the network is back. */
	send(topic: string, text: string, kind: OutEntry["kind"] = "text"): OutEntry {
		const entry = this.outbox.add(new_cmid(), topic, kind, text, this.timers.now());
		this.options.on_entry?.(entry);
		this.flush();
		return entry;
	}

	retry(cmid: string): void {
		const entry = this.outbox.find(cmid);
		if (!entry)
			return;
		entry.state = "queued";
		delete entry.error;
		this.outbox.save(entry);
		this.options.on_entry?.(entry);
		this.flush();
	}

	/* At most one "on" every three seconds. */
	typing(topic: string, on: boolean): void {
		const now = this.timers.now();
		if (!this.live || (on && now - this.typed_ms < TYPING_MS))
			return;
		this.typed_ms = on ? now : -TYPING_MS;
		this.write({ t: "eph", topic: this.subs.get(topic)?.wire ?? topic, typing: on });
	}

	/* The page came back (shown, restored, online): is the socket still there? */
	wake(): void {
		if (this.state === "stopped" || this.state === "denied")
			return;
		if (!this.live) {
			this.attempt = 0;
			if (this.polling)
				this.poll_in(0);
			if (!this.socket && this.floor_ms === 0) {
				this.timers.cancel(this.retry_timer);
				this.connect();
			}
			return;
		}
		if (this.timers.now() - this.heard_ms < SILENT_MS)
			return;
		if (![...this.subs.values()].some((sub) => sub.wire !== "visit")) {
			this.lost();
			return;
		}
		const before = this.heard_ms;
		for (const sub of this.subs.values())
			this.send_sub(sub);
		this.guard(PROBE_MS, () => this.heard_ms === before);
	}

	/* The network is known to be gone: do not wait for the socket to notice. */
	lost(): void {
		if (this.state === "ready" || this.socket)
			this.closed(1006);
	}

	private set_state(state: SocketState): void {
		if (this.state === state)
			return;
		this.state = state;
		this.options.on_state?.(state);
	}

	private connect(): void {
		const open = this.options.open ?? ((url, protocol) =>
			new WebSocket(url, protocol) as unknown as WireSocket);
		const socket = open(this.options.url, SUBPROTOCOL);

		this.socket = socket;
		this.floor_ms = 0;
		this.holding = false;
		socket.onopen = () => {
			this.write(this.options.token === undefined
				? { t: "hello", proto: 1 }
				: { t: "hello", proto: 1, token: this.options.token });
		};
		socket.onmessage = (event) => {
			if (this.socket === socket && typeof event.data === "string")
				this.receive(event.data);
		};
		socket.onclose = (event) => {
			if (this.socket === socket)
				this.closed(event.code);
		};
		socket.onerror = () => undefined;	/* a close follows */
		this.guard(WELCOME_MS, () => !this.live);
		if (this.poll_timer === null && !this.polling)
			this.poll_in(POLL_AFTER_MS);
	}

	/* Gives the socket up after `ms` when `dead` still holds. */
	private guard(ms: number, dead: () => boolean): void {
		this.timers.cancel(this.guard_timer);
		this.guard_timer = this.timers.after(ms, () => {
			if (this.socket && dead())
				this.closed(1006);
		});
	}

	private drop_socket(): void {
		const socket = this.socket;
		this.socket = null;
		this.live = false;
		this.timers.cancel(this.guard_timer);
		this.timers.cancel(this.flush_timer);
		/* A plain request does not end with the socket. */
		if (!this.polling)
			this.in_flight = null;
		if (socket) {
			socket.onopen = socket.onmessage = socket.onclose = null;
			try {
				socket.close();
			} catch {
				/* It was never open. */
			}
		}
	}

	private closed(code: number): void {
		this.drop_socket();
		for (const entry of this.outbox.list())
			if (entry.state === "sending" && entry.cmid !== this.in_flight) {
				entry.state = "queued";
				this.options.on_entry?.(entry);
			}
		if (code === CLOSE_DENIED) {
			this.poll_end();
			this.in_flight = null;
			this.set_state("denied");
			return;
		}
		if (!this.polling)
			this.set_state("connecting");
		if (code === CLOSE_TOO_FAST)
			this.floor_ms = Math.max(this.floor_ms, TOO_FAST_MS);

		const base = Math.min(BACKOFF_MS * 2 ** this.attempt++, BACKOFF_MAX_MS);
		const delay = Math.max(this.floor_ms, base / 2) + this.timers.random() * (base / 2);
		this.timers.cancel(this.retry_timer);
		this.retry_timer = this.timers.after(delay, () => this.connect());
	}

	private write(frame: ClientFrame): void {
		if (this.socket?.readyState === 1)
			this.socket.send(JSON.stringify(frame));
	}

	private send_sub(sub: Sub): void {
		this.write({ t: "sub", topic: sub.wire, resume: sub.resume });
	}

	private receive(data: string): void {
		let frame: ServerFrame;
		try {
			frame = JSON.parse(data) as ServerFrame;
		} catch {
			return;
		}
		this.heard_ms = this.timers.now();
		switch (frame.t) {
		case "welcome":
			this.timers.cancel(this.guard_timer);
			this.poll_end();
			this.attempt = 0;
			this.live = true;
			this.set_state("ready");
			this.options.on_welcome?.(frame.user, frame.now_us);
			for (const sub of this.subs.values())
				this.send_sub(sub);
			this.flush();
			break;
		case "ev":
			this.cover(frame);
			break;
		case "gap":
			this.take_snapshot(frame.topic, frame.snapshot);
			break;
		case "eph": {
			const sub = this.find_sub(frame.topic);
			if (frame.typing)
				sub?.handler.typing?.(frame.typing);
			if (frame.wait)
				sub?.handler.wait?.(frame.wait);
			break;
		}
		case "ack":
			this.acked(frame.cmid, frame);
			break;
		case "nack":
			if (frame.cmid !== null)
				this.refused(frame.cmid, frame);
			break;
		case "reconnect":
			this.drain(frame.after_ms);
			break;
		}
	}

	/* The server is about to go: hold what is new, come back when it asked. */
	private drain(after_ms: number): void {
		this.floor_ms = after_ms;
		this.holding = true;
		if (this.in_flight === null)
			this.closed(1012);
		else
			this.guard(after_ms, () => true);
	}

	/* A frame for a conversation nobody asked for by id is the visitor's own. */
	private find_sub(topic: string): Sub | undefined {
		const known = this.subs.get(topic);
		if (known)
			return known;
		const visit = topic.startsWith("conv:") ? this.subs.get("visit") : undefined;
		if (visit)
			this.bind_visit(visit, topic);
		return visit;
	}

	/* A visitor who writes after the end may find a new conversation opened. */
	private bind_visit(visit: Sub, topic: string): boolean {
		if (visit.wire === topic)
			return false;
		if (visit.wire !== "visit") {
			visit.cursor = 0;
			visit.resume = null;
		}
		visit.wire = topic;
		return true;
	}

	private cover(frame: CoverFrame): void {
		const sub = this.find_sub(frame.topic);
		if (!sub)
			return;
		const cursor = sub.cursor ?? frame.from;
		if (frame.from > cursor) {
			this.missed(sub);
			return;
		}
		sub.misses = 0;
		if (sub.cursor === null)
			sub.handler.begun?.(frame.to);
		if (frame.rows || frame.counts)
			sub.handler.rows?.(frame.rows ?? [], frame.counts);
		sub.cursor = Math.max(cursor, frame.to);
		if (frame.to >= cursor)
			sub.resume = frame.resume ?? (frame.rows || frame.counts ? frame.to : sub.resume);

		const fresh = (frame.events ?? []).filter((event) => event.seq > cursor);
		for (const event of fresh)
			if (event.cmid !== null)
				this.seen(event.cmid, event, frame.topic);
		if (fresh.length > 0)
			sub.handler.events?.(fresh, frame.topic);
	}

	/* Something is missing: ask again; if even that does not join, start afresh. */
	private missed(sub: Sub): void {
		sub.misses++;
		if (sub.misses > 4) {
			sub.misses = 0;
			this.lost();
			return;
		}
		if (sub.misses > 2) {
			sub.resume = null;
			if (sub.wire.startsWith("inbox:"))
				sub.cursor = null;
		}
		this.send_sub(sub);
	}

	private take_snapshot(topic: string, snapshot: Snapshot): void {
		const sub = this.find_sub(topic);
		if (!sub)
			return;
		sub.misses = 0;
		sub.cursor = snapshot.to;
		sub.resume = snapshot.resume;
		for (const event of snapshot.events)
			if (event.cmid !== null)
				this.seen(event.cmid, event, topic);
		sub.handler.reset?.(snapshot, topic);
	}

	/* Its event is here (perhaps another tab sent it): no need to wait for the ack. */
	private seen(cmid: string, event: Event, topic: string): void {
		if (this.outbox.find(cmid) && event.actor.type !== "system")
			this.acked(cmid, {
				conversation: topic.slice("conv:".length),
				seq: event.seq, at_us: event.at_us, replayed: true,
			});
	}

	private acked(cmid: string, stored: Stored): void {
		const entry = this.outbox.drop(cmid);
		if (entry) {
			const { conversation, seq, at_us, replayed } = stored;
			entry.stored = { conversation, seq, at_us, replayed };
			this.options.on_entry?.(entry);
			const visit = this.subs.get("visit");
			if (visit && entry.topic === "visit" && visit.wire !== "visit" &&
			    this.bind_visit(visit, `conv:${conversation}`))
				this.send_sub(visit);
		}
		this.landed(cmid);
	}

	private refused(cmid: string, nack: NackFrame): void {
		const entry = this.outbox.find(cmid);
		const wait = nack.retry_ms ?? null;
		if (entry) {
			entry.state = wait === null ? "failed" : "queued";
			if (wait === null)
				entry.error = { code: nack.code, message: nack.message };
			this.outbox.save(entry);
			this.options.on_entry?.(entry);
		}
		this.landed(cmid, wait ?? 0);
	}

	private landed(cmid: string, wait_ms = 0): void {
		if (this.in_flight !== cmid)
			return;
		this.in_flight = null;
		this.timers.cancel(this.guard_timer);
		if (this.holding)
			this.closed(1012);
		else if (wait_ms > 0)
			this.flush_later(wait_ms);
		else
			this.flush();
	}

	private flush_later(ms: number): void {
		this.timers.cancel(this.flush_timer);
		this.flush_timer = this.timers.after(ms, () => this.flush());
	}

	private flush(): void {
		const entry = this.outbox.next();
		if (!entry || this.state !== "ready" || this.holding || this.in_flight !== null)
			return;
		this.in_flight = entry.cmid;
		entry.state = "sending";
		this.options.on_entry?.(entry);
		if (entry.kind !== "text" || !this.live) {
			this.flush_rest(entry);
			return;
		}
		this.write({
			t: "send", cmid: entry.cmid, body: { text: entry.text },
			topic: this.subs.get(entry.topic)?.wire ?? entry.topic,
		});
		this.guard(ACK_MS, () => this.in_flight === entry.cmid);
	}

	private flush_rest(entry: OutEntry): void {
		const { cmid } = entry;
		const again = (): void => {
			if (this.in_flight !== cmid)
				return;
			entry.state = "queued";
			this.options.on_entry?.(entry);
			this.landed(cmid, BACKOFF_MS * (1 + this.timers.random()));
		};
		if (!this.options.rest) {
			this.refused(cmid, { t: "nack", cmid, code: "invalid", message: entry.kind });
			return;
		}
		this.options.rest(entry).then((answer) => {
			if ("t" in answer)
				this.refused(cmid, answer);
			else
				this.acked(cmid, answer);
			if (this.polling) {
				this.poll_ms = POLL_MS;
				this.poll_in(POLL_MS);
			}
		}, again);
	}

	private poll_in(ms: number): void {
		this.timers.cancel(this.poll_timer);
		if (this.options.poll)
			this.poll_timer = this.timers.after(ms, () => void this.poll(this.options.poll!));
	}

	private poll_end(): void {
		this.timers.cancel(this.poll_timer);
		this.poll_timer = null;
		this.polling = false;
	}

	private async poll(ask: NonNullable<SocketOptions["poll"]>): Promise<void> {
		const sub = this.subs.get("visit");
		this.poll_timer = null;
		if (!sub || this.asking) {
			this.poll_in(POLL_MS);
			return;
		}
		this.polling = this.asking = true;
		let page: Awaited<ReturnType<typeof ask>> | undefined;
		try {
			page = await ask(sub.wire, sub.cursor ?? 0);
		} catch {
			/* The network: undefined says so. */
		}
		this.asking = false;
		if (!this.polling)
			return;
		if (page === "denied") {
			this.closed(CLOSE_DENIED);
			return;
		}
		this.set_state(page === undefined ? "connecting" : "ready");
		this.poll_ms = page?.events.length ? POLL_MS : Math.min(this.poll_ms * 1.5, POLL_MAX_MS);
		this.poll_in(page?.more ? 0 : this.poll_ms * (0.8 + this.timers.random() * 0.4));
		if (page) {
			this.cover({ t: "ev", ...page });
			if (page.wait)
				sub.handler.wait?.(page.wait);
		}
		this.flush();
	}
}

/* Tells the client what the page learns about being seen and being online. */
export function watch_page(client: SocketClient, page: Window = window): () => void {
	const shown = (): void => {
		if (page.document.visibilityState === "visible")
			client.wake();
	};
	const wake = (): void => client.wake();
	const lost = (): void => client.lost();

	page.document.addEventListener("visibilitychange", shown);
	page.addEventListener("pageshow", wake);
	page.addEventListener("online", wake);
	page.addEventListener("offline", lost);
	return () => {
		page.document.removeEventListener("visibilitychange", shown);
		page.removeEventListener("pageshow", wake);
		page.removeEventListener("online", wake);
		page.removeEventListener("offline", lost);
	};
}

/* The address of the socket beside a page of this origin. */
export function socket_url(base: string): string {
	const url = new URL("/api/v1/socket", base);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	return url.href;
}
