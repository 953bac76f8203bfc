/* SPDX-License-Identifier: Apache-2.0 */
/* keys.ts - the keyboard.  Letters act only when nobody is typing, and can be switched off. */
import { mode } from "../conversation/suggest.ts";
import { giveBack, resolve, take } from "../state/actions.ts";
import { walk } from "../state/inbox.ts";
import { letters } from "../state/prefs.ts";
import { details, go, goUnderstanding, openId, page, route, view } from "../state/route.ts";
import { query, results } from "../state/search.ts";
import { user } from "../state/session.ts";
import { thread } from "../state/thread.ts";
import { cardOpen, palette, sheet } from "../state/ui.ts";
import { askLast } from "../state/why.ts";
import type { View } from "../state/types.ts";
import { answered } from "../conversation/card.tsx";
import { focusPane, focusSoon, nextPane, typingInto } from "../ui/focus.ts";

const CHORD_MS = 1500;
const VIEWS: Record<string, View> = { q: "queue", m: "mine", a: "ai", w: "waiting", r: "resolved" };
let chordUntil = 0;

export function step(by: 1 | -1): void {
	const found = query.value.trim() ? results.value?.rows : null;
	const rows = found ?? walk.value;
	const at = rows.findIndex((r) => r.id === openId.value);
	const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
	if (next)
		go(view.value, next.id, found?.find((r) => r.id === next.id)?.hit.seq);
}

export function write(as: "reply" | "note"): void {
	if (!openId.value)
		return;
	mode.value = as;
	focusSoon("#compose, #blocked button");
}

export function toList(): void {
	if (page.value === "understanding") {
		if (route.value.intent)
			goUnderstanding();
		return;
	}
	if (details.value)
		details.value = false;
	else if (matchMedia("(width < 700px)").matches && openId.value)
		go(view.value);
	focusSoon("#pane-list [data-focus]", "#pane-list");
}

export function toggleCard(): void {
	const t = thread.value;
	if (!t?.card)
		return;
	const open = cardOpen.value ?? !answered(t, t.card);
	cardOpen.value = !open;
	focusSoon("#card-title");
}

export function toSearch(): void {
	if (page.value === "understanding")
		focusSoon("#try");
	else
		focusSoon("#search");
}

/* Enter opens the row with the focus: it must be the one that was walked to. */
function walkOn(by: 1 | -1): void {
	const inList = !!document.activeElement?.closest("[data-row]");
	step(by);
	if (inList)
		focusSoon("#pane-list [data-focus]", "#pane-list");
}

/* The row leaves the list it stands in, and would take the focus along. */
function onOpen(act: () => Promise<unknown>): void {
	if (openId.value)
		document.getElementById("pane-talk")?.focus();
	void act();
}

const LETTERS: Record<string, () => void> = {
	j: () => walkOn(1), k: () => walkOn(-1),
	o: () => focusPane("pane-talk"),
	u: toList,
	i: () => onOpen(take), b: () => onOpen(giveBack), e: () => onOpen(resolve),
	r: () => write("reply"), n: () => write("note"),
	h: toggleCard, y: askLast,
	"/": toSearch,
	"?": () => { sheet.value = true; },
	g: () => { chordUntil = Date.now() + CHORD_MS; },
};

/* What makes sense without conversations on the screen. */
const ANYWHERE = new Set(["/", "?", "g", "u"]);

export function toUnderstanding(): void {
	goUnderstanding();
	focusSoon("#try");
}

function onRow(e: KeyboardEvent): boolean {
	const row = e.target instanceof Element ? e.target.closest("[data-row]") : null;
	if (!row || (e.key !== "ArrowDown" && e.key !== "ArrowUp"))
		return false;
	step(e.key === "ArrowDown" ? 1 : -1);
	focusSoon("#pane-list [data-focus]");
	return true;
}

/* Enter opens the row under the focus by itself (it is a link); here the focus follows. */
function single(e: KeyboardEvent): boolean {
	if (!letters.value || e.ctrlKey || e.metaKey || e.altKey || typingInto(e.target))
		return false;
	const key = e.key.toLowerCase();
	if (chordUntil > Date.now()) {
		chordUntil = 0;
		const v = VIEWS[key];
		if (key === "u") {
			toUnderstanding();
			return true;
		}
		if (v) {
			query.value = "";
			go(v);
			focusSoon("#pane-list [data-focus]", "#pane-list");
			return true;
		}
	}
	const known = page.value === "desk" || ANYWHERE.has(key);
	const act = known && Object.hasOwn(LETTERS, key) ? LETTERS[key] : undefined;
	act?.();
	return !!act;
}

function press(e: KeyboardEvent): void {
	if (!user.value || e.isComposing || e.defaultPrevented)
		return;
	let done = true;
	if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k")
		palette.value = !palette.value;
	else if (document.querySelector("dialog[open]"))
		return;
	else if (e.key === "F6")
		nextPane(e.shiftKey ? -1 : 1);
	else if (e.key === "Escape")
		toList();
	else if (e.key === "Enter" && e.target instanceof Element && e.target.closest("[data-row].here"))
		focusPane("pane-talk");
	else
		done = onRow(e) || single(e);
	if (done)
		e.preventDefault();
}

addEventListener("keydown", press);
