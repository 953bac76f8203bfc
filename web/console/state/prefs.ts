/* SPDX-License-Identifier: Apache-2.0 */
/* prefs.ts - what this browser remembers: theme, shortcuts, drafts, what was read. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

/* Storage can be full, or forbidden by the browser: then things last as long as the page. */
const held = new Map<string, string>();

export function recall(key: string): string | null {
	try {
		return localStorage.getItem("baton." + key);
	} catch {
		return held.get(key) ?? null;
	}
}

export function remember(key: string, value: string | null): void {
	try {
		if (value === null)
			localStorage.removeItem("baton." + key);
		else
			localStorage.setItem("baton." + key, value);
	} catch {
		if (value === null)
			held.delete(key);
		else
			held.set(key, value);
	}
}

/* The keys that begin so. */
export function recallKeys(prefix: string): string[] {
	try {
		return Object.keys(localStorage).filter((key) => key.startsWith("baton." + prefix))
			.map((key) => key.slice("baton.".length));
	} catch {
		return [...held.keys()].filter((key) => key.startsWith(prefix));
	}
}

export function recallJson<T>(key: string, otherwise: T): T {
	try {
		return JSON.parse(recall(key) ?? "") as T;
	} catch {
		return otherwise;
	}
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];
export const theme = signal<Theme>(THEMES.find((t) => t === recall("theme")) ?? "system");
/* WCAG 2.1.4: single letters as shortcuts can be switched off. */
export const letters = signal(recall("letters") !== "off");

effect(() => {
	const root = document.documentElement;
	if (theme.value === "system")
		delete root.dataset["theme"];
	else
		root.dataset["theme"] = theme.value;
	remember("theme", theme.value === "system" ? null : theme.value);
});
effect(() => remember("letters", letters.value ? null : "off"));

/* What each conversation was last seen at, so that the dot goes when one has looked.  Kept short. */
const SEEN_MAX = 500;
export const seen = signal<Record<string, number>>(recallJson("seen", {}));

export function markSeen(id: string, at_us: number): void {
	if ((seen.value[id] ?? 0) >= at_us)
		return;
	const all = Object.entries({ ...seen.value, [id]: at_us });
	all.sort((a, b) => b[1] - a[1]);
	seen.value = Object.fromEntries(all.slice(0, SEEN_MAX));
	remember("seen", JSON.stringify(seen.value));
}
