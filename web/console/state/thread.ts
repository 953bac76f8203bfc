/* SPDX-License-Identifier: Apache-2.0 */
/* thread.ts - the conversation that is open (and the last few that were): events in order, holder,
 * card, and what is typed at the other end.
 *
 * The events are the truth; holder and status are folded from them at once and read again from the
 * server soon after, because a fold here can be behind what the server knows.
 */
import { computed, signal } from "@preact/signals";
import { ApiError, call, said } from "./api.ts";
import { settle } from "./outbox.ts";
import { openId } from "./route.ts";
import { user } from "./session.ts";
import type {
	Card, Contact, ConversationPage, Conv, Entry, EventsPage, Row,
} from "./types.ts";

export interface Thread {
	id: string;
	state: "loading" | "ready" | "missing" | "error";
	error: string;
	conv: Conv | null;
	card: Card | null;
	contact: Contact | null;
	earlier: readonly Row[];
	events: readonly Entry[];
	to: number;
	resume: string | null;
	typing: { who: string; name: string | null; until: number } | null;
}

const KEEP = 20;
const TYPING_MS = 6000;

const threads = signal<ReadonlyMap<string, Thread>>(new Map());
export const thread = computed(() => threads.value.get(openId.value ?? "") ?? null);
export const threadOf = (id: string) => threads.value.get(id) ?? null;

function put(id: string, change: Partial<Thread>): void {
	const old = threads.peek().get(id);
	const all = new Map(threads.peek());
	all.delete(id);
	all.set(id, {
		...(old ?? {
			id, state: "loading", error: "", conv: null, card: null, contact: null, earlier: [],
			events: [], to: 0, resume: null, typing: null,
		} satisfies Thread), ...change,
	});
	for (const key of all.keys()) {
		if (all.size <= KEEP)
			break;
		if (key !== openId.peek())
			all.delete(key);
	}
	threads.value = all;
}

export const holds = (t: Thread | null): boolean =>
	!!t?.conv && t.conv.status !== "resolved" && t.conv.holder.type === "agent"
	&& t.conv.holder.id === user.value?.id;

async function readAbout(id: string): Promise<void> {
	const a = await call<ConversationPage>("GET", `/conversations/${id}`);
	const known = threads.peek().get(id);
	/* An answer from before the last event seen would turn the clock back. */
	if (known && known.to > a.conversation.seq)
		readSoon(id);
	put(id, { conv: a.conversation, card: a.card, contact: a.contact, earlier: a.earlier });
}

const soon = new Map<string, number>();
function readSoon(id: string): void {
	clearTimeout(soon.get(id));
	soon.set(id, window.setTimeout(() => {
		soon.delete(id);
		readAbout(id).catch(() => undefined);	/* what is shown stays; the socket says if it is lost */
	}, 150));
}

async function readEvents(id: string): Promise<void> {
	for (let more = true; more;) {
		const after = threads.peek().get(id)?.to ?? 0;
		const page = await call<EventsPage>("GET",
			`/conversations/${id}/events?after=${after}&limit=200`);
		takeEvents(id, page.events, page.to, page.resume);
		more = page.more && page.to > after;
	}
}

/* Opens a conversation: at once from what is known, then from the server. */
export async function loadThread(id: string): Promise<void> {
	const known = threads.peek().get(id);
	put(id, known?.state === "ready" ? {} : { state: "loading", error: "" });
	try {
		await Promise.all([readAbout(id), readEvents(id)]);
		put(id, { state: "ready" });
	} catch (e) {
		if (e instanceof ApiError && e.status === 404)
			put(id, { state: "missing" });
		else if (threads.peek().get(id)?.state !== "ready")
			put(id, { state: "error", error: said(e) });
	}
}

/* Folds one event into holder and status, as the server's projection does. */
function fold(c: Conv, e: Entry): Conv {
	const seq = Math.max(c.seq, e.seq);
	switch (e.kind) {
	case "message.customer":
		return { ...c, seq, last_customer_seq: e.seq, status: "open" };
	case "message.agent":
		return { ...c, seq, status: "waiting_customer" };
	case "handover.requested":
		return { ...c, seq, holder: { type: "queue", name: null, id: null } };
	case "handover.claimed":
		return { ...c, seq, status: "open",
			holder: { type: "agent", name: e.actor.name, id: e.actor.id } };
	case "handover.returned":
		return { ...c, seq, holder: { type: "ai", name: null, id: null } };
	case "contact.way_back":
		return { ...c, seq, way_back: e.body.email };
	case "conversation.resolved":
		return { ...c, seq, status: "resolved", holder: { type: "none", name: null, id: null } };
	case "conversation.reopened":
		return { ...c, seq, status: "open" };
	default:
		return { ...c, seq };
	}
}

const PLAIN = new Set(["message.customer", "message.ai", "message.agent", "note"]);

/* to, resume: how far the server says this goes; the socket keeps its own account of that. */
export function takeEvents(id: string, fresh: readonly Entry[], to = 0, resume?: string): void {
	const t = threads.peek().get(id);
	if (!t)
		return;
	const have = new Set(t.events.map((e) => e.seq));
	const news = fresh.filter((e) => !have.has(e.seq));
	let { conv, card } = t;
	for (const e of news) {
		if (conv && e.seq > conv.seq)
			conv = fold(conv, e);
		if (e.kind === "handover.card")
			card = { ...e.body, seq: e.seq, at_us: e.at_us };
		if (e.cmid)
			settle(e.cmid);
	}
	if (t.state === "ready" && news.some((e) => !PLAIN.has(e.kind)))
		readSoon(id);
	put(id, {
		conv, card, resume: resume ?? t.resume,
		to: Math.max(t.to, to, news.at(-1)?.seq ?? 0),
		typing: news.some((e) => e.kind === "message.customer") ? null : t.typing,
		events: news.length ? [...t.events, ...news].sort((a, b) => a.seq - b.seq) : t.events,
	});
}

/* The server's history is not ours (a restored backup): what we had is dropped. */
export function replaceThread(id: string, conv: Conv, events: readonly Entry[], to: number,
    resume: string): void {
	if (!threads.peek().has(id))
		return;
	put(id, { conv, events: [...events], to, resume, card: null });
	for (const e of events)
		if (e.cmid)
			settle(e.cmid);
	readSoon(id);
}

export function setTyping(id: string, who: string, name: string | null, on: boolean): void {
	if (!threads.peek().has(id))
		return;
	const until = Date.now() + TYPING_MS;
	put(id, { typing: on ? { who, name, until } : null });
	if (on)
		setTimeout(() => {
			if (threads.peek().get(id)?.typing?.until === until)
				put(id, { typing: null });
		}, TYPING_MS);
}

/* What an action just did, before its event is back. */
export function foresee(id: string, change: (c: Conv) => Conv): void {
	const c = threads.peek().get(id)?.conv;
	if (c)
		put(id, { conv: change(c) });
	readSoon(id);
}

export function resetThreads(): void {
	threads.value = new Map();
}
