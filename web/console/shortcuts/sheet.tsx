/* SPDX-License-Identifier: Apache-2.0 */
/* sheet.tsx - every key, and the switch for those of one letter. */
import { Icon, MOD } from "../ui/bits.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { letters } from "../state/prefs.ts";
import { sheet } from "../state/ui.ts";
import "./sheet.css";

const GROUPS: [string, [string, string][]][] = [
	["Move", [["J", "next conversation"], ["K", "previous conversation"], ["Enter O", "open"],
		["U Esc", "back to the list"], ["F6", "next pane"], ["/", "search"]]],
	["Go to", [["G Q", "Queue"], ["G M", "Mine"], ["G A", "AI is handling"],
		["G W", "Waiting on customer"], ["G R", "Resolved"],
		["G U", "Understanding"]]],
	["Conversation", [["I", "take it"], ["R", "reply"], ["N", "note"], ["B", "give back to the AI"],
		["E", "resolve"], ["H", "hand-over card"], ["Y", "why the AI said its last message"]]],
	["Write", [[`${MOD} ↵`, "send"], ["Tab", "use the ready sentence"], ["Esc", "leave the field"]]],
	["Anywhere", [[`${MOD} K`, "find anything"], ["?", "this list"]]],
];

export function Sheet() {
	if (!sheet.value)
		return null;
	const close = () => { sheet.value = false; };
	return <Dialog label="Shortcuts" class="sheet" onClose={close}>
		<header><h2>Shortcuts</h2>
			<button type="button" class="icon-button" aria-label="Close" onClick={close}>
				<Icon name="close" /></button></header>
		<div class="sheet-groups">{GROUPS.map(([name, keys]) => <section key={name}><h3>{name}</h3>
			<dl>{keys.map(([k, what]) => <div key={k}><dt>{k.split(" ").map((x) =>
				<kbd key={x}>{x}</kbd>)}</dt><dd>{what}</dd></div>)}</dl></section>)}</div>
		<label class="choice"><input type="checkbox" checked={letters.value}
			onChange={(e) => { letters.value = e.currentTarget.checked; }} />
			Single-letter shortcuts <span class="muted">(off: only {MOD} K, F6 and the keys of the
				composer)</span></label>
	</Dialog>;
}
