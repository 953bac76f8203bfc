/* SPDX-License-Identifier: Apache-2.0 */
/* focus.ts - where the focus goes: between panes (F6), into the list, into the composer. */

const PANES = ["pane-nav", "pane-list", "pane-talk", "pane-details", "pane-try", "pane-intents"];

function shown(el: HTMLElement | null): el is HTMLElement {
	return !!el && el.checkVisibility();
}

/* The pane's current row, its composer, else the pane itself. */
export function focusPane(id: string): boolean {
	const pane = document.getElementById(id);
	if (!shown(pane))
		return false;
	const inner = pane.querySelector<HTMLElement>("[data-focus]");
	(shown(inner) ? inner : pane).focus();
	return true;
}

export function nextPane(step: 1 | -1): void {
	const at = PANES.findIndex((id) =>
		document.getElementById(id)?.contains(document.activeElement));
	for (let i = 1; i <= PANES.length; i++) {
		const id = PANES[(Math.max(at, step < 0 ? 0 : -1) + step * i + PANES.length * 2) % PANES.length];
		if (id && focusPane(id))
			return;
	}
}

/* After the next paint: the element may not be drawn yet.  The first selector that finds
 * one decides, wherever it stands on the page. */
export function focusSoon(...selectors: string[]): void {
	requestAnimationFrame(() => requestAnimationFrame(() => {
		for (const selector of selectors) {
			const found = document.querySelector<HTMLElement>(selector);
			if (found) {
				found.focus();
				return;
			}
		}
	}));
}

export function typingInto(target: EventTarget | null): boolean {
	return target instanceof HTMLElement
		&& (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
