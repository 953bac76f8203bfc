/* SPDX-License-Identifier: Apache-2.0 */
/* search.ts - names, e-mails and words, as one types. */
import { effect, signal } from "@preact/signals";
import { call, said } from "./api.ts";
import { user } from "./session.ts";
import type { SearchRow } from "./types.ts";

export interface Results {
	q: string;
	state: "loading" | "more" | "ready" | "error";
	rows: readonly SearchRow[];
	next: string | null;
	error: string;
}

const DELAY_MS = 120;

export const query = signal("");
export const results = signal<Results | null>(null);

export async function find(q: string, after: string | null,
): Promise<{ rows: SearchRow[]; next: string | null }> {
	return call("GET", `/search?q=${encodeURIComponent(q)}`
		+ (after ? `&after=${encodeURIComponent(after)}` : ""));
}

async function first(q: string): Promise<void> {
	const old = results.peek();
	results.value = { q, state: "loading", rows: old?.rows ?? [], next: null, error: "" };
	try {
		const got = await find(q, null);
		if (query.peek().trim() === q)
			results.value = { q, state: "ready", rows: got.rows, next: got.next, error: "" };
	} catch (e) {
		if (query.peek().trim() === q)
			results.value = { q, state: "error", rows: [], next: null, error: said(e) };
	}
}

export async function more(): Promise<void> {
	const r = results.peek();
	if (!r?.next || r.state !== "ready")
		return;
	results.value = { ...r, state: "more" };
	try {
		const got = await find(r.q, r.next);
		if (results.peek()?.q === r.q)
			results.value = { ...r, state: "ready", rows: [...r.rows, ...got.rows], next: got.next };
	} catch (e) {
		if (results.peek()?.q === r.q)
			results.value = { ...r, state: "error", error: said(e) };
	}
}

export function again(): void {
	const q = query.peek().trim();
	if (q)
		void first(q);
}

let timer = 0;
effect(() => {
	const q = query.value.trim();
	clearTimeout(timer);
	if (q)
		timer = window.setTimeout(() => void first(q), DELAY_MS);
	else
		results.value = null;
});
effect(() => {
	if (!user.value)
		query.value = "";
});
