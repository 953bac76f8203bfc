/* SPDX-License-Identifier: Apache-2.0 */
/* state.ts - the intents and their draft as the server knows them, and what it reads of a text.
 *
 * A text is asked about when typing rests, one request at a time; an answer to an older
 * text is shown until the newer one comes, never after it.
 */
import { computed, effect, signal } from "@preact/signals";
import { ApiError, call, said } from "../state/api.ts";
import { page, route } from "../state/route.ts";
import { inboxes, user } from "../state/session.ts";
import { toast } from "../state/toast.ts";
import type { Example, ExampleChange, LabelNext, Perceived, Understanding } from "../state/types.ts";

const AT = "/understanding";
const REST_MS = 140;
const POLL_MS = 350;
const POLL_MAX_MS = 3000;

export const known = signal<Understanding | null>(null);
export const fault = signal("");
export const admin = computed(() => user.value?.role === "administrator");
export const names = computed(() => new Map(known.value?.intents.map((i) => [i.id, i.name])));
export const nameOf = (id: string | null | undefined) => id ? names.value.get(id) ?? id : "";

/* ---- the intents and the draft ---- */

let poll: ReturnType<typeof setTimeout> | undefined;
let wait = POLL_MS;

/* Asked again while it is learned; then everything that rests on it is read anew. */
export async function load(): Promise<void> {
	clearTimeout(poll);
	try {
		const was = known.value;
		const now = await call<Understanding>("GET", AT);
		known.value = now;
		fault.value = "";
		if (now.draft.state === "training" || now.draft.rough) {
			poll = setTimeout(() => void load(), wait);
			wait = Math.min(wait * 1.4, POLL_MAX_MS);
		} else {
			wait = POLL_MS;
		}
		if (now.draft.state === "training")
			return;
		if (!was?.study || was.draft.version !== now.draft.version || was.policy !== now.policy
			|| was.draft.state !== now.draft.state || was.draft.rough !== now.draft.rough) {
			void readExamples();
			again();
			if (was && admin.value)
				void readNext();
		}
	} catch (e) {
		fault.value = said(e);
	}
}

export const examples = signal<{ id: string; list: Example[] } | null>(null);
export const examplesFault = signal("");

export async function readExamples(): Promise<void> {
	const id = route.value.intent;
	examplesFault.value = "";
	if (!id)
		return;
	try {
		const got = await call<{ id: string; examples: Example[] }>("GET", `${AT}/intents/${id}`);
		if (route.value.intent === id)
			examples.value = { id, list: got.examples };
	} catch (e) {
		if (route.value.intent === id)
			examplesFault.value = said(e);
	}
}

export const next = signal<LabelNext | null>(null);

export async function readNext(): Promise<void> {
	try {
		next.value = await call<LabelNext>("GET", `${AT}/next`);
	} catch {
		next.value = null;	/* an offer: without it the page is whole */
	}
}

/* ---- changes ---- */

export const changing = signal(false);

async function change(what: () => Promise<unknown>, done: string): Promise<boolean> {
	if (changing.value)
		return false;
	changing.value = true;
	try {
		await what();
		toast(done);
		return true;
	} catch (e) {
		toast(said(e), "bad");
		return false;
	} finally {
		changing.value = false;
		await load();
		void readExamples();
	}
}

const DONE: Record<ExampleChange, string> = {
	add: "Added to the draft", remove: "Taken out in the draft", move: "Moved in the draft",
};
const post = <T,>(body: object) => call<T>("POST", `${AT}/draft/changes`, body);

export function changeExample(kind: ExampleChange, intent: string, text: string, to?: string): Promise<boolean> {
	return change(() => post({ kind, intent, text, ...(to ? { to } : {}) }), DONE[kind]);
}

/* The new intent with its first examples; its id, or null where nothing came of it. */
export async function makeIntent(name: string, description: string, list: readonly string[]): Promise<string | null> {
	let id: string | null = null;
	await change(async () => {
		id = (await post<{ intent: string }>({ kind: "intent", name, description })).intent;
		for (const one of list)
			await post({ kind: "add", intent: id, text: one });
	}, "A new intent in the draft");
	return id;
}

export function rewordIntent(i: { id: string; name: string; description: string }, name: string,
	description: string): Promise<boolean> {
	return change(async () => {
		if (name !== i.name)
			await post({ kind: "name", intent: i.id, name });
		if (description !== i.description)
			await post({ kind: "describe", intent: i.id, description });
	}, "Changed in the draft");
}

export const deleteIntent = (id: string) =>
	change(() => post({ kind: "delete", intent: id }), "Deleted in the draft");
export const undo = (id: number) =>
	change(() => call("DELETE", `${AT}/draft/changes/${id}`), "Taken back");
export const discard = () => change(() => call("DELETE", `${AT}/draft`), "The draft is gone");
export const publish = () => change(() => call("POST", `${AT}/draft/publish`,
	{ version: known.value?.draft.version ?? "" }), "Published: customers are read by it from now on");

/* ---- one text ---- */

export const text = signal("");
export const inbox = signal("");
export const perceived = signal<{ text: string; got: Perceived } | null>(null);
export const perceiveFault = signal("");
export const asking = signal(false);
let rest: ReturnType<typeof setTimeout> | undefined;
let dirty = false;

async function ask(): Promise<void> {
	if (asking.value) {
		dirty = true;
		return;
	}
	const mine = text.value;
	if (!mine.trim()) {
		perceived.value = null;
		perceiveFault.value = "";
		return;
	}
	asking.value = true;
	dirty = false;
	try {
		const got = await call<Perceived>("POST", `${AT}/perceive`,
			{ text: mine, ...(inbox.value ? { inbox: inbox.value } : {}) });
		if (text.value.trim())
			perceived.value = { text: mine, got };
		perceiveFault.value = "";
	} catch (e) {
		perceiveFault.value = e instanceof ApiError && e.status === 413
			? "This is longer than 16,000 bytes: a message of that size is not read whole." : said(e);
	} finally {
		asking.value = false;
		if (dirty || (text.value !== mine && !rest))
			void ask();
	}
}

function again(): void {
	clearTimeout(rest);
	rest = undefined;
	void ask();
}

export function type(value: string): void {
	text.value = value;
	clearTimeout(rest);
	rest = setTimeout(again, REST_MS);
}

export function chooseInbox(id: string): void {
	inbox.value = id;
	again();
}

/* Comes to the page, or to another intent of it. */
let shown = "";
effect(() => {
	const at = user.value && page.value === "understanding" ? `${user.value.id} ${route.value.intent ?? ""}` : "";
	if (at === shown)
		return;
	const came = !shown && at;
	shown = at;
	if (!at) {
		clearTimeout(poll);
		if (!user.peek()) {
			/* The next one who signs in is somebody else. */
			known.value = examples.value = next.value = perceived.value = null;
			text.value = "";
		}
		return;
	}
	queueMicrotask(() => {
		inbox.value ||= inboxes.value[0]?.id ?? "";
		if (came) {
			void load();
			if (admin.value)
				void readNext();
		}
		void readExamples();
	});
});
