/* SPDX-License-Identifier: Apache-2.0 */
/* outbox.ts - what a client wants to say and the server has not confirmed.
 *
 * Each entry lies under its own key, so two tabs never overwrite each other's; an
 * entry goes away only when it is acknowledged or its event has been seen.  A
 * storage that refuses (blocked, full) is replaced by memory: the page then still
 * works, but a reload forgets.
 */
import type { ErrorCode, Stored } from "./protocol.ts";

export type OutState = "queued" | "sending" | "failed";

export interface OutEntry {
	readonly cmid: string;
	/* "conv:ID" or "visit" for a text; what else an application sends goes by REST. */
	readonly topic: string;
	readonly kind: "text" | "person" | "email";
	readonly text: string;
	readonly at_ms: number;
	state: OutState;
	error?: { code: ErrorCode; message: string };
	stored?: Stored;
}

export interface KeyStore {
	readonly length: number;
	key(index: number): string | null;
	getItem(key: string): string | null;
	setItem(key: string, value: string): void;
	removeItem(key: string): void;
}

export class MemoryStore implements KeyStore {
	private readonly map = new Map<string, string>();

	get length(): number {
		return this.map.size;
	}
	key(index: number): string | null {
		return [...this.map.keys()][index] ?? null;
	}
	getItem(key: string): string | null {
		return this.map.get(key) ?? null;
	}
	setItem(key: string, value: string): void {
		this.map.set(key, value);
	}
	removeItem(key: string): void {
		this.map.delete(key);
	}
}

export class Outbox {
	private entries: OutEntry[] = [];

	constructor(private readonly store: KeyStore, private readonly prefix: string) {
		for (let i = 0; i < store.length; i++) {
			const key = store.key(i);
			const entry = key?.startsWith(prefix) ? read_entry(store.getItem(key)) : null;
			if (entry)
				this.entries.push(entry);
		}
		this.entries.sort((a, b) => a.at_ms - b.at_ms);
	}

	list(): readonly OutEntry[] {
		return this.entries;
	}

	find(cmid: string): OutEntry | undefined {
		return this.entries.find((entry) => entry.cmid === cmid);
	}

	/* The oldest that still wants to go.  Failed ones wait for a person's "try again". */
	next(): OutEntry | undefined {
		return this.entries.find((entry) => entry.state !== "failed");
	}

	add(cmid: string, topic: string, kind: OutEntry["kind"], text: string, now_ms: number): OutEntry {
		const last = this.entries.at(-1)?.at_ms ?? 0;
		const entry: OutEntry = {
			cmid, topic, kind, text, state: "queued",
			/* Two in the same millisecond keep their order through a reload. */
			at_ms: Math.max(now_ms, last + 1),
		};
		this.entries.push(entry);
		this.save(entry);
		return entry;
	}

	save(entry: OutEntry): void {
		const { cmid, topic, kind, text, at_ms, state, error } = entry;
		try {
			this.store.setItem(this.prefix + cmid, JSON.stringify({
				cmid, topic, kind, text, at_ms, error,
				state: state === "failed" ? state : "queued",
			}));
		} catch {
			/* Full or blocked: the entry lives as long as this page does. */
		}
	}

	drop(cmid: string): OutEntry | undefined {
		const entry = this.find(cmid);
		this.entries = this.entries.filter((other) => other.cmid !== cmid);
		this.store.removeItem(this.prefix + cmid);
		return entry;
	}
}

function read_entry(json: string | null): OutEntry | null {
	try {
		const entry = JSON.parse(json ?? "null") as OutEntry | null;
		return typeof entry?.cmid === "string" && typeof entry.text === "string" &&
			typeof entry.topic === "string" && typeof entry.at_ms === "number" ? entry : null;
	} catch {
		return null;
	}
}
