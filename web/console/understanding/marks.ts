/* SPDX-License-Identifier: Apache-2.0 */
/* marks.ts - which parts of the typed text mean something, as pieces that do not overlap. */
import type { Seen, Span } from "../state/types.ts";

export type MarkKind = "entity" | "personal" | "flag" | "correction" | "pull";

export interface Mark extends Span { kind: MarkKind; label: string }
export interface Piece { text: string; kinds: readonly MarkKind[] }

const PULLED = 200;	/* thousandths of a logit: less is noise */
const PULLS_SHOWN = 4;

export const plain = (name: string) => name.replaceAll("_", " ");

/* A correction says which word, not where: its first place as a word of its own. */
function placeOf(text: string, word: string): Span | null {
	const at = new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`,
		"iu").exec(text);
	return at ? { from: at.index, to: at.index + at[0].length } : null;
}

export function pullsShown(s: Seen): { word: string; logit_milli: number; from: number; to: number }[] {
	return (s.why?.pulls ?? []).filter((p) => p.logit_milli >= PULLED).slice(0, PULLS_SHOWN);
}

export function marksOf(text: string, s: Seen): Mark[] {
	const out: Mark[] = [
		...s.entities.map((e): Mark => ({ ...e, kind: "entity", label: `${plain(e.kind)}: ${e.value}` })),
		...s.personal.map((p): Mark => ({ ...p, kind: "personal", label: plain(p.what || p.kind) })),
		...s.flags.map((f): Mark => ({ ...f, kind: "flag", label: f.reason || plain(f.kind) })),
		...pullsShown(s).map((p): Mark => ({ ...p, kind: "pull", label: p.word })),
	];
	for (const c of s.corrections) {
		const at = placeOf(text, c.from);
		if (at)
			out.push({ ...at, kind: "correction", label: `${c.from} → ${c.to}` });
	}
	return out.filter((m) => m.from >= 0 && m.to > m.from && m.to <= text.length);
}

export function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
	const cuts = new Set([0, text.length]);
	for (const m of marks)
		cuts.add(m.from).add(m.to);
	const at = [...cuts].sort((a, b) => a - b);
	const out: Piece[] = [];
	for (let i = 0; i + 1 < at.length; i++) {
		const from = at[i] ?? 0;
		const to = at[i + 1] ?? 0;
		const kinds = new Set(marks.filter((m) => m.from <= from && m.to >= to).map((m) => m.kind));
		out.push({ text: text.slice(from, to), kinds: [...kinds] });
	}
	return out;
}
