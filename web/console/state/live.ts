/* SPDX-License-Identifier: Apache-2.0 */
/* live.ts - the one socket of the console: every inbox one may see, and the open conversation.
 *
 * Replies do not go through it: they carry a basis, which only the REST route takes.
 */
import { computed, effect, signal, untracked } from "@preact/signals";
import { MemoryStore, Outbox } from "../../shared/outbox.ts";
import { socket_url, SocketClient, watch_page, type SocketState } from "../../shared/socket.ts";
import { applyInbox, reloadViews, recount, resetInbox } from "./inbox.ts";
import { setServerNow } from "./clock.ts";
import { flush } from "./outbox.ts";
import { openId } from "./route.ts";
import { begin, inboxes, user } from "./session.ts";
import { loadThread, replaceThread, resetThreads, setTyping, takeEvents,
	threadOf } from "./thread.ts";

/* Shorter losses are nobody's business: what is typed waits, what was missed comes. */
const BANNER_MS = 5000;

export const socketState = signal<SocketState>("stopped");
export const offline = signal(false);

let client: SocketClient | null = null;
let bannerTimer = 0;

function stateIs(s: SocketState): void {
	socketState.value = s;
	clearTimeout(bannerTimer);
	if (s === "connecting")
		bannerTimer = window.setTimeout(() => { offline.value = true; }, BANNER_MS);
	else
		offline.value = false;
	if (s === "ready") {
		flush();
		recount();
	}
	if (s === "denied")	/* the cookie is gone: asking for the session says so, and signs out */
		void begin();
}

export async function open(id: string): Promise<void> {
	await loadThread(id);
	const t = threadOf(id);
	if (openId.peek() !== id || t?.state !== "ready" || !client)
		return;
	client.subscribe(`conv:${id}`, {
		events: (events) => takeEvents(id, events),
		reset: (s) => replaceThread(id, s.conversation, s.events, s.to, s.resume),
		typing: (typing) => {
			if (typing.who !== "agent" || typing.name !== user.peek()?.name)
				setTyping(id, typing.who, typing.name, typing.on);
		},
	}, t.resume, t.to);
}

export function typing(id: string, on: boolean): void {
	client?.typing(`conv:${id}`, on);
}

/* Who, not how they are: going away must not connect anew. */
const me_id = computed(() => user.value?.id);

/* Signed in: connect.  Signed out: forget everything that was read. */
effect(() => {
	if (me_id.value === undefined)
		return undefined;
	client = new SocketClient({
		url: socket_url(location.href),
		outbox: new Outbox(new MemoryStore(), "console."),
		on_state: stateIs,
		on_welcome: (_who, at_us) => setServerNow(at_us),
	});
	const unwatch = watch_page(client);
	const mine = client;
	untracked(() => {
		for (const i of inboxes.value)
			mine.subscribe(`inbox:${i.id}`,
				{
					begun: (gid) => void reloadViews(gid),
					rows: (rows, counts) => applyInbox(rows, counts ?? null),
				});
	});
	mine.start();
	return () => {
		unwatch();
		mine.stop();
		client = null;
		clearTimeout(bannerTimer);
		offline.value = false;
		resetInbox();
		resetThreads();
	};
});

/* The open conversation, and only it, is listened to. */
let listening: string | null = null;
effect(() => {
	const id = me_id.value === undefined ? null : openId.value;
	if (id === listening)
		return;
	const was = listening;
	listening = id;
	untracked(() => {
		if (was)
			client?.unsubscribe(`conv:${was}`);
		if (id)
			void open(id);
	});
});
