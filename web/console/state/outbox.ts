/* SPDX-License-Identifier: Apache-2.0 */
/* outbox.ts - what an agent wrote and the server has not confirmed; and drafts.
 *
 * Each item keeps its cmid for life, so sending it again can never make two.  Both are kept in the
 * browser: a reload, a crash or the end of the session loses nothing that was typed.  Each item lies
 * under a key of its own: two tabs do not overwrite each other's.
 */
import { new_cmid } from "../../shared/cmid.ts";
import { effect, signal, untracked } from "@preact/signals";
import { ApiError, call, said } from "./api.ts";
import { recall, recallJson, recallKeys, remember } from "./prefs.ts";
import { user } from "./session.ts";

export type Mode = "reply" | "note";

export interface Item {
	cmid: string;
	conv: string;
	mode: Mode;
	text: string;
	at_us: number;
	basis: number | null;	/* the last customer message its writer had seen */
	state: "sending" | "waiting" | "failed" | "stale";
	error: string;
}

const DRAFT_MAX = 64 * 1024;
const RETRY_MS = 4000;

export const outbox = signal<readonly Item[]>([]);
const draftKey = (conv: string, mode: Mode) => `draft.${user.peek()?.id ?? ""}.${conv}.${mode}`;
const outboxKey = (cmid = "") => `outbox.${user.peek()?.id ?? ""}.${cmid}`;

export function draft(conv: string, mode: Mode): string {
	return recall(draftKey(conv, mode)) ?? "";
}

export function keepDraft(conv: string, mode: Mode, text: string): void {
	remember(draftKey(conv, mode), text.trim() ? text.slice(0, DRAFT_MAX) : null);
}

function save(item: Item): void {
	if (user.peek())
		remember(outboxKey(item.cmid), JSON.stringify(item));
}

function set(cmid: string, change: Partial<Item>): void {
	outbox.value = outbox.value.map((i) => i.cmid === cmid ? { ...i, ...change } : i);
	const item = outbox.value.find((i) => i.cmid === cmid);
	if (item)
		save(item);
}

/* Confirmed, or given up. */
export function settle(cmid: string): void {
	if (outbox.peek().some((i) => i.cmid === cmid)) {
		outbox.value = outbox.value.filter((i) => i.cmid !== cmid);
		remember(outboxKey(cmid), null);
	}
}

const busy = new Set<string>();

async function post(item: Item): Promise<void> {
	const { cmid, text, conv, mode } = item;
	if (busy.has(cmid))
		return;
	busy.add(cmid);
	set(cmid, { state: "sending", error: "" });
	try {
		await call("POST", `/conversations/${conv}/${mode === "note" ? "notes" : "messages"}`,
			mode === "reply" && item.basis !== null
				? { cmid, text, basis: item.basis } : { cmid, text });
		/* The event itself settles it; if the socket is away, the next load does. */
		setTimeout(() => settle(cmid), 3000);
	} catch (e) {
		if (e instanceof ApiError && e.status === 409 && e.field === "stale")
			set(cmid, { state: "stale", error: e.message });
		else if (e instanceof ApiError && e.passing)
			set(cmid, { state: "waiting", error: e.message });
		else
			set(cmid, { state: "failed", error: said(e) });
	} finally {
		busy.delete(cmid);
	}
}

export function send(conv: string, mode: Mode, text: string, basis: number | null, at_us: number): void {
	const item: Item = {
		cmid: new_cmid(), conv, mode, text, at_us, basis, state: "sending", error: "",
	};
	outbox.value = [...outbox.value, item];
	save(item);
	void post(item);
}

export function retry(cmid: string): void {
	const item = outbox.value.find((i) => i.cmid === cmid);
	if (item)
		void post(item);
}

/* Nothing was stored for a stale one, but its cmid named a body with a basis: the one without gets
 * its own. */
export function sendAnyway(cmid: string): void {
	const item = outbox.value.find((i) => i.cmid === cmid);
	if (!item)
		return;
	const fresh: Item = { ...item, cmid: new_cmid(), basis: null, state: "sending" };
	outbox.value = outbox.value.map((i) => i.cmid === cmid ? fresh : i);
	remember(outboxKey(cmid), null);
	save(fresh);
	void post(fresh);
}

/* Back into the composer, to be changed. */
export function takeBack(cmid: string): Item | null {
	const item = outbox.value.find((i) => i.cmid === cmid) ?? null;
	settle(cmid);
	return item;
}

/* When the connection is back, and now and then until it is. */
export function flush(): void {
	for (const item of outbox.value)
		if (item.state === "waiting")
			void post(item);
}
setInterval(flush, RETRY_MS);
addEventListener("online", flush);

effect(() => {
	const me = user.value?.id;
	untracked(() => {
		outbox.value = !me ? [] : recallKeys(outboxKey())
			.flatMap((key) => recallJson<Item | null>(key, null) ?? [])
			.sort((a, b) => a.at_us - b.at_us)
			.map((i) => i.state === "sending" ? { ...i, state: "waiting" as const } : i);
		flush();
	});
});
