/* SPDX-License-Identifier: Apache-2.0 */
/* inbox.ts - the rows of all views, their order and their counts, kept live by the socket.
 *
 * One map of rows; a view is a filter and an order over it.  A row that changes hands moves by
 * itself, and what one view has loaded serves the others.
 */
import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import { call, said } from "./api.ts";
import { view } from "./route.ts";
import { inboxes, user } from "./session.ts";
import { speak } from "./toast.ts";
import { VIEWS, type Counts, type Row, type RowsPage,
	type View } from "./types.ts";

interface Page { state: "idle" | "loading" | "more" | "ready" | "error"; next: string | null;
	error: string }

export const rows = signal<ReadonlyMap<string, Row>>(new Map());
export const counts = signal<Counts | null>(null);
const IDLE: Page = { state: "idle", next: null, error: "" };
export const pages = signal<Record<View, Page>>(
	{ queue: IDLE, mine: IDLE, ai: IDLE, waiting: IDLE, resolved: IDLE });

function belongs(r: Row, v: View, me: string | undefined): boolean {
	switch (v) {
	case "queue": return r.status !== "resolved" && r.holder.type === "queue";
	case "mine": return r.status !== "resolved" && r.holder.type === "agent" && r.holder.id === me;
	case "ai": return r.status !== "resolved" && r.holder.type === "ai";
	case "waiting": return r.status === "waiting_customer" && r.holder.type === "agent";
	case "resolved": return r.status === "resolved";
	}
}

const FAR = Number.MAX_SAFE_INTEGER;
const byPromise = (a: Row, b: Row) =>
	(a.promise_us ?? FAR) - (b.promise_us ?? FAR)
	|| (a.waiting_since_us ?? FAR) - (b.waiting_since_us ?? FAR) || (a.id < b.id ? -1 : 1);
const byLatest = (a: Row, b: Row) => b.updated_us - a.updated_us || (a.id < b.id ? -1 : 1);

const lists = Object.fromEntries(VIEWS.map((v) => [v, computed(() => {
	const me = user.value?.id;
	return [...rows.value.values()].filter((r) => belongs(r, v, me))
		.sort(v === "queue" ? byPromise : byLatest);
})])) as Record<View, ReadonlySignal<Row[]>>;

export const listOf = (v: View): readonly Row[] => lists[v].value;
/* In the order of the screen: what J and K walk through. */
export const walk = computed<readonly Row[]>(() =>
	view.value === "queue" ? [...listOf("queue"), ...listOf("ai")] : listOf(view.value));

export function mergeRows(fresh: readonly Row[]): void {
	if (!fresh.length)
		return;
	const all = new Map(rows.value);
	for (const r of fresh)
		if ((all.get(r.id)?.gid ?? -1) <= r.gid)
			all.set(r.id, r);
	rows.value = all;
}

function setPage(v: View, p: Partial<Page>): void {
	pages.value = { ...pages.value, [v]: { ...pages.value[v], ...p } };
}

/* Loads the first page of a view, or the next one. */
export async function loadView(v: View): Promise<void> {
	const p = pages.value[v];
	if (p.state === "loading" || p.state === "more" || (p.state === "ready" && !p.next))
		return;
	const after = p.next;
	setPage(v, { state: after ? "more" : "loading", error: "" });
	try {
		const got = await call<RowsPage>("GET",
			`/conversations?view=${v}&limit=50`
			+ (after ? `&after=${encodeURIComponent(after)}` : ""));
		mergeRows(got.rows);
		counts.value = got.counts;
		setPage(v, { state: "ready", next: got.next });
	} catch (e) {
		setPage(v, { state: "error", error: said(e) });
	}
}

/* The live rows begin after this position: what was read before it is read again, and
 * what is not there any more goes.  Rows that came live since then stay. */
export async function reloadViews(gid: number): Promise<void> {
	const loaded = VIEWS.filter((v) => pages.value[v].state !== "idle");
	try {
		const got = await Promise.all(loaded.map((v) =>
			call<RowsPage>("GET", `/conversations?view=${v}&limit=50`)));
		batch(() => {
			rows.value = new Map([...rows.value].filter(([, r]) => r.gid > gid));
			got.forEach((page, i) => {
				mergeRows(page.rows);
				counts.value = page.counts;
				setPage(loaded[i]!, { state: "ready", next: page.next, error: "" });
			});
		});
	} catch {
		/* Not reached: the socket comes again, or the list says it and offers another try. */
	}
}

let counting = 0;
/* What several inboxes add up to, the server knows. */
export function recount(): void {
	clearTimeout(counting);
	counting = window.setTimeout(async () => {
		try {
			counts.value = (await call<{ counts: Counts }>("GET",
				"/conversations?view=queue&limit=1")).counts;
		} catch {
			/* The next frame brings the next chance; the old counts stay. */
		}
	}, 300);
}

/* A frame of an inbox topic: rows that changed, and that inbox's counts. */
export function applyInbox(fresh: readonly Row[], frameCounts: Counts | null): void {
	const before = new Set(listOf("queue").map((r) => r.id));
	mergeRows(fresh);
	if (frameCounts && inboxes.value.length === 1)
		counts.value = frameCounts;
	else if (fresh.length)
		recount();
	const came = listOf("queue").filter((r) => !before.has(r.id));
	if (came.length === 1 && came[0])
		speak(`New in the queue: ${nameOf(came[0])}${came[0].reason ? ", " + came[0].reason : ""}`);
	else if (came.length > 1)
		speak(`${came.length} new in the queue`);
}

export function resetInbox(): void {
	rows.value = new Map();
	counts.value = null;
	pages.value = { queue: IDLE, mine: IDLE, ai: IDLE, waiting: IDLE, resolved: IDLE };
}

/* Nobody has said who they are: then the end of the id tells two visitors apart. */
export function nameOf(r: { id: string; contact: Row["contact"] }): string {
	return r.contact.name || r.contact.email || `visitor ${r.id.replace(/[-_]/g, "").slice(-3).toLowerCase()}`;
}
