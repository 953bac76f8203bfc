/* SPDX-License-Identifier: Apache-2.0 */
/* visit.ts - the visitor's token and the REST calls of the widget.
 *
 * The token is made when the visitor first says something, lies in the frame's own
 * storage under the inbox, and never leaves the frame.  Two tabs that begin at
 * once share one visit: the first to hold the lock makes it.
 */
import { MemoryStore, type KeyStore, type OutEntry } from "../../shared/outbox.ts";
import type { Config, Conv, EventsPage, NackFrame, Stored, WireError } from "../../shared/protocol.ts";
import type { Polled } from "../../shared/socket.ts";

const CALL_MS = 15_000;
const RETRY_MS = 2_000;

export class CallError extends Error {
	constructor(readonly status: number, readonly wire: WireError) {
		super(wire.message);
	}
}

/* localStorage where the browser lets us, else memory (a reload then forgets). */
export function open_store(): KeyStore {
	try {
		const store = window.localStorage;
		store.setItem("baton:probe", "1");
		store.removeItem("baton:probe");
		return store;
	} catch {
		return new MemoryStore();
	}
}

async function call<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
	const headers: Record<string, string> = {};
	if (body !== undefined)
		headers["content-type"] = "application/json";
	if (token !== undefined)
		headers["authorization"] = `Bearer ${token}`;
	const response = await fetch(path, {
		method, headers, credentials: "omit", cache: "no-store",
		signal: AbortSignal.timeout(CALL_MS),
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const answer: unknown = await response.json().catch(() => null);
	if (!response.ok) {
		const wire = (answer as { error?: WireError } | null)?.error;
		throw new CallError(response.status, wire ?? { code: "internal", message: response.statusText });
	}
	return answer as T;
}

export function fetch_config(inbox: string, lang: string): Promise<Config> {
	return call("GET", `/api/v1/widget/config?inbox=${encodeURIComponent(inbox)}&lang=${encodeURIComponent(lang)}`);
}

export class Visit {
	private readonly key: string;
	private token: string | null;

	constructor(private readonly store: KeyStore, private readonly inbox: string, private readonly lang: string) {
		this.key = `baton:${inbox}:token`;
		this.token = store.getItem(this.key);
	}

	known(): string | null {
		return this.token;
	}

	/* Another tab may have begun; its token is ours too. */
	adopt(): string | null {
		return this.token ??= this.store.getItem(this.key);
	}

	forget(): void {
		if (this.store.getItem(this.key) === this.token)
			this.store.removeItem(this.key);
		this.token = null;
	}

	async begin(): Promise<string> {
		const make = async (): Promise<string> => {
			const token = this.adopt() ??
				(await call<{ token: string }>("POST", "/api/v1/visits", { inbox: this.inbox, lang: this.lang })).token;
			this.token = token;
			try {
				this.store.setItem(this.key, token);
			} catch {
				/* Full: this page keeps it in memory. */
			}
			return token;
		};
		/* Where a browser denies storage to frames of another site, it denies locks too. */
		if (!navigator.locks || this.store instanceof MemoryStore)
			return make();
		return navigator.locks.request(this.key, make);
	}

	async conversation(): Promise<Conv | null> {
		return (await call<{ conversation: Conv | null }>("GET", "/api/v1/visit", undefined, this.token ?? "")).conversation;
	}

	/* What a socket would have told since `cursor` of the conversation `wire`. */
	async poll(wire: string, cursor: number): Promise<Polled | "denied" | null> {
		try {
			const conv = await this.conversation();
			if (!conv)
				return null;
			const topic = `conv:${conv.id}`;
			const from = topic === wire ? cursor : 0;
			const page = conv.seq <= from ? { events: [], to: from, resume: conv.resume, more: false }
				: await call<EventsPage>("GET", `/api/v1/visit/events?after=${from}`, undefined, this.token ?? "");
			return { ...page, topic, from, wait: conv.wait };
		} catch (error) {
			if (error instanceof CallError && error.status === 401)
				return "denied";
			throw error;
		}
	}

	/* Sends an entry.  A refusal worth another try says when. */
	async deliver(entry: OutEntry): Promise<Stored | NackFrame> {
		const { cmid, kind, text } = entry;
		const body = kind === "email" ? { cmid, email: text } : kind === "text" ? { cmid, text } : { cmid };
		try {
			return await call<Stored>("POST", `/api/v1/visit/${kind === "text" ? "messages" : kind}`, body, this.token ?? "");
		} catch (error) {
			if (!(error instanceof CallError))
				throw error;
			const again = error.status === 429 || error.status >= 500;
			return {
				t: "nack", cmid, code: error.wire.code, message: error.wire.message,
				retry_ms: again ? error.wire.retry_ms ?? RETRY_MS : null,
			};
		}
	}
}
