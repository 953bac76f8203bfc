/* SPDX-License-Identifier: Apache-2.0 */
/* draft.tsx - what would change, before it does: accuracy, examples, and who did what. */
import { signal } from "@preact/signals";
import { Chip, Hidden, Time } from "../ui/bits.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { count, pct } from "../state/clock.ts";
import type { Change, Draft, Moved, Share } from "../state/types.ts";
import { admin, changing, discard, nameOf, publish, undo } from "./state.ts";

type Asking = "publish" | "discard" | null;
export const confirming = signal<Asking>(null);

const fine = new Intl.NumberFormat(navigator.languages as string[], { style: "percent", maximumFractionDigits: 1 });
const CLEAR_PPM = 50_000;	/* McNemar: less chance than this is a difference one may rely on */

function Figure({ name, s }: { name: string; s: Share | null }) {
	return <div class="figure"><dt>{name}</dt><dd><b>{s ? fine.format(s.ppm / 1e6) : "–"}</b>
		{s && <span class="muted"> {pct(s.low_ppm)}–{pct(s.high_ppm)}, {count(s.right)} of {count(s.of)}</span>}</dd></div>;
}

function Examples({ title, list, n, better }: { title: string; list: readonly Moved[]; n: number; better: boolean }) {
	if (!n)
		return null;
	return <details><summary><Chip tone={better ? "success" : "danger"}>{count(n)}</Chip> {title}</summary>
		<ul class="moved">{list.map((m) => <li key={m.text}><span dir="auto">{m.text}</span>
			<span class="muted" dir="auto">{nameOf(m.was)} → {nameOf(m.now)}</span></li>)}</ul></details>;
}

function first(d: Draft): string {
	return d.past_left ? `A first look, without the ${count(d.past_left)} past messages that Live learned from: it is being learned with them, as it would be published.`
		: "A first look: it is being learned as it would be published.";
}

export function Compare({ d }: { d: Draft }) {
	const c = d.compare;
	if (d.state === "failed")
		return <p class="problem-text" role="alert">The draft could not be learned: {d.fault}</p>;
	if (!c)
		return <p class="muted" role="status">Learning the draft…</p>;
	const same = c.better_n === 0 && c.worse_n === 0;
	return <>
		<dl class="figures"><Figure name="Live" s={c.before} /><Figure name="Draft" s={c.after} /></dl>
		<p class="muted">{d.rough ? first(d) : same ? "No held-out example is read otherwise than before."
			: c.chance_ppm < CLEAR_PPM ? "This difference is larger than chance."
				: "So small a difference may be chance: look at the examples."}</p>
		<Examples title={c.better_n === 1 ? "example is recognised that was not" : "examples are recognised that were not"}
			list={c.better} n={c.better_n} better />
		<Examples title={c.worse_n === 1 ? "example is no longer recognised" : "examples are no longer recognised"}
			list={c.worse} n={c.worse_n} better={false} />
	</>;
}

function what(c: Change): string {
	switch (c.kind) {
	case "add": return `added to ${nameOf(c.intent)}`;
	case "remove": return `taken out of ${nameOf(c.intent)}`;
	case "move": return `from ${nameOf(c.intent)} to ${nameOf(c.to)}`;
	case "intent": return "a new intent";
	case "name": return `the new name of ${c.intent}`;
	case "delete": return "deleted, with its examples";
	case "describe": return `the new description of ${nameOf(c.intent)}`;
	}
}

export function DraftBox({ d }: { d: Draft }) {
	if (!d.changes.length)
		return null;
	const n = d.changes.length;
	return <section aria-labelledby="draft-title">
		<h2 id="draft-title">What the draft changes</h2>
		<div class="sheet-box draft">
			<div class="draft-part"><Compare d={d} /></div>
			<details class="draft-part"><summary>{count(n)} {n === 1 ? "change" : "changes"}</summary>
				<ul class="changes">{d.changes.map((c) => <li key={c.id}>
					<span><span dir="auto">{c.kind === "intent" ? c.to : c.text}</span> <span class="muted" dir="auto">{what(c)} · {c.by},{" "}
						<Time us={c.at_us} /></span>
						{!c.applies && <> <Chip tone="warning">no longer applies</Chip></>}</span>
					{admin.value && <button type="button" class="quiet" aria-disabled={changing.value}
						onClick={() => void undo(c.id)}>Undo<Hidden> for “{c.kind === "intent" ? c.to : c.text}”</Hidden></button>}
				</li>)}</ul></details>
		</div>
	</section>;
}

/* Asked once more: both reach customers, or throw work away. */
export function Confirm({ d }: { d: Draft }) {
	const n = d.changes.length;
	const close = () => { confirming.value = null; };
	if (confirming.value === "discard")
		return <Dialog label="Discard the draft" class="confirm" onClose={close}>
			<h2>Discard the draft?</h2>
			<p>{n === 1 ? "Its one change is" : `Its ${count(n)} changes are`} lost. What is live stays as it is.</p>
			<p class="confirm-acts"><button type="button" onClick={close}>Keep it</button>
				<button type="button" class="primary" onClick={() => { close(); void discard(); }}>Discard</button></p>
		</Dialog>;
	if (confirming.value === "publish")
		return <Dialog label="Publish the draft" class="confirm" onClose={close}>
			<h2>Publish {n === 1 ? "one change" : `${count(n)} changes`}?</h2>
			<Compare d={d} />
			<p class="muted">The changes are written into <code>policy/intents.yaml</code>, and every new message is
				read by them at once.</p>
			<p class="confirm-acts"><button type="button" onClick={close}>Not yet</button>
				<button type="button" class="primary" onClick={() => { close(); void publish(); }}>Publish</button></p>
		</Dialog>;
	return null;
}
