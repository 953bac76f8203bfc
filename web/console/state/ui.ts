/* SPDX-License-Identifier: Apache-2.0 */
/* ui.ts - what is open on top of the panes, and which width we have. */
import { signal } from "@preact/signals";

export const palette = signal(false);
export const sheet = signal(false);
/* H: the card open or closed by hand; null: as the conversation stands. */
export const cardOpen = signal<boolean | null>(null);

function media(query: string) {
	const m = matchMedia(query);
	const s = signal(m.matches);
	m.addEventListener("change", () => { s.value = m.matches; });
	return s;
}

export const phone = media("(width < 700px)");
export const wide = media("(width >= 1100px)");
