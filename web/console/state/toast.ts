/* SPDX-License-Identifier: Apache-2.0 */
/* toast.ts - one short line about what just happened, also for screen readers. */
import { signal } from "@preact/signals";

export interface Toast { id: number; text: string; tone: "plain" | "bad" }

const SHOW_MS = 6000;
let last = 0;
export const current = signal<Toast | null>(null);
/* Spoken, not shown. */
export const spoken = signal("");

export function toast(text: string, tone: Toast["tone"] = "plain"): void {
	const id = ++last;
	current.value = { id, text, tone };
	setTimeout(() => {
		if (current.value?.id === id)
			current.value = null;
	}, tone === "bad" ? SHOW_MS * 2 : SHOW_MS);
}

export function speak(text: string): void {
	spoken.value = text;
}
