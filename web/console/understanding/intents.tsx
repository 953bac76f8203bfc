/* SPDX-License-Identifier: Apache-2.0 */
/* intents.tsx - the intents with what held-out examples say of them; one of them with its examples. */
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { Bones, Chip, Failed, Hidden, Icon } from "../ui/bits.tsx";
import { count, pct } from "../state/clock.ts";
import { goUnderstanding, route, understandingHref } from "../state/route.ts";
import type { Confusion, Example, Known, Share, Understanding } from "../state/types.ts";
import { admin, changeExample, changing, deleteIntent, examples, examplesFault, known, nameOf, readExamples, undo } from "./state.ts";
import { writing } from "./words.tsx";

const GOOD = 900_000;
const FAIR = 700_000;
const FEW = 5;

export function tone(ppm: number): "person" | "warn" | "danger" {
	return ppm >= GOOD ? "person" : ppm >= FAIR ? "warn" : "danger";
}

function Held({ s, what }: { s: Share | null | undefined; what: string }) {
	if (!s)
		return <span class="muted">–</span>;
	return <span class="held" title={`${what}: ${s.right} of ${s.of}; with 95% confidence between ${pct(s.low_ppm)
		} and ${pct(s.high_ppm)}`}>
		<span class="bar" aria-hidden="true"><span class={`fill ${tone(s.ppm)}`}
			style={{ width: `${s.ppm / 10_000}%` }} /></span>
		<span>{pct(s.ppm)}</span><Hidden> {s.right} of {s.of}</Hidden>
	</span>;
}

const RISKS: Record<Known["risk"], [string, "success" | "warning" | "danger" | "plain"]> = {
	read: ["reads only", "plain"], write: ["changes things", "warning"],
	approve: ["needs approval", "warning"], forbidden: ["never by the AI", "danger"],
};

function Row({ i, mixed, learned }: { i: Known; mixed: readonly Confusion[]; learned: boolean }) {
	const [first, ...rest] = mixed;
	return <tr class={route.value.intent === i.id ? "here" : ""}>
		<th scope="row"><a href={understandingHref(i.id)} dir="auto">{i.name}</a></th>
		<td class="num">{i.examples < FEW && <Chip tone="warning">few</Chip>} {count(i.examples)}</td>
		<td>{learned ? <Held s={i.recall} what="Its held-out examples that were recognised" /> : <span class="bone mid" />}</td>
		<td class="wide-only">{learned && <Held s={i.precision} what="Held-out examples taken for it that were its own" />}</td>
		<td class="mixed">{first ? <a class="muted" href={understandingHref(i.id, first.taken)} dir="auto">
			{nameOf(first.taken)} {pct(first.n * 1e6 / first.of)}<Hidden>: {count(first.n)} of {count(first.of)}</Hidden></a> : <span class="muted">–</span>}
			{rest.length > 0 && <span class="muted wide-only"> +{rest.length}<Hidden> more</Hidden></span>}</td>
		<td class="wide-only"><Chip tone={RISKS[i.risk][1]}>{RISKS[i.risk][0]}</Chip></td>
	</tr>;
}

export function Intents({ u }: { u: Understanding }) {
	const study = u.study;
	const a = study?.accuracy;
	return <section aria-labelledby="intents-title">
		<div class="title-row"><h2 id="intents-title">Intents</h2>
			{admin.value && <button type="button" class="quiet"
				onClick={() => { writing.value = { example: "" }; }}>New intent…</button>}</div>
		<div class="sheet-box scroll-x" tabIndex={0} role="group" aria-label="Table of intents">
			<table class="intents">
				<thead><tr><th scope="col">Intent</th><th scope="col" class="num">Examples</th>
					<th scope="col">Recognised</th><th scope="col" class="wide-only">Right when said</th>
					<th scope="col">Mixed up with</th><th scope="col" class="wide-only">Risk</th></tr></thead>
				<tbody>{u.intents.map((i) => <Row key={i.id} i={i} learned={!!study}
					mixed={study?.confusions.filter((c) => c.truth === i.id) ?? []} />)}</tbody>
			</table>
		</div>
		<p class="muted foot" role="status">{!study ? "The examples are being learned…" : a
			? <>Of {count(a.of)} examples, each held out while the others were learned, {pct(a.ppm)} were recognised
				(with 95% confidence {pct(a.low_ppm)} to {pct(a.high_ppm)}); probabilities are off
				by {pct(study.off_ppm)}.{u.past.n > 0 && ` ${count(u.past.n)} past messages without labels were learned from too.`} Whole report: <code>baton eval --html</code></>
			: "There are no examples to hold out yet."}</p>
	</section>;
}

/* ---- one intent ---- */

function Move({ id, e }: { id: string; e: Example }) {
	const others = known.value?.intents.filter((i) => i.id !== id) ?? [];
	return <select class="move" aria-label={`Move “${e.text}” to another intent`} value=""
		disabled={changing.value}
		onChange={(ev) => { const to = ev.currentTarget.value; if (to) void changeExample("move", id, e.text, to); }}>
		<option value="">Move to…</option>
		{others.map((i) => <option key={i.id} value={i.id}>{i.name}</option>)}
	</select>;
}

function Line({ id, e }: { id: string; e: Example }) {
	return <li class={e.right === false ? "wrong" : ""}>
		<span class="example">
			<span dir="auto">{e.text}</span>
			{e.change && <> <Chip tone="ai">{e.change}</Chip></>}
			{e.right === false && <span class="muted held-out"> held out, it was taken for <a
				href={understandingHref(e.taken)} dir="auto">{nameOf(e.taken)}</a>
				{e.p_ppm !== undefined && ` (${pct(e.p_ppm)})`}</span>}
		</span>
		{admin.value && (e.change_id
			? <button type="button" class="quiet" aria-disabled={changing.value}
				onClick={() => void undo(e.change_id ?? 0)}>Undo<Hidden> for “{e.text}”</Hidden></button>
			: <span class="example-acts"><Move id={id} e={e} />
				<button type="button" class="icon-button" aria-label={`Take out “${e.text}”`}
					aria-disabled={changing.value} onClick={() => void changeExample("remove", id, e.text)}>
					<Icon name="close" /></button></span>)}
	</li>;
}

function Add({ id }: { id: string }) {
	const [value, setValue] = useState("");
	return <form class="add" onSubmit={(e) => {
		e.preventDefault();
		if (value.trim())
			void changeExample("add", id, value.trim()).then((done) => { if (done) setValue(""); });
	}}>
		<input value={value} maxLength={1000} dir="auto" aria-label="A new example"
			placeholder="Another way to say it" onInput={(e) => setValue(e.currentTarget.value)} />
		<button type="submit" aria-disabled={changing.value || !value.trim()}>Add</button>
	</form>;
}

function Examples({ id, taken }: { id: string; taken: string | null }) {
	const got = examples.value?.id === id ? examples.value.list : null;
	if (examplesFault.value)
		return <Failed what="The examples could not be read" error={examplesFault.value}
			again={() => void readExamples()} />;
	if (!got)
		return <div role="status"><Hidden>Loading</Hidden><Bones lines={["long", "mid", "long"]} /></div>;
	const list = taken ? got.filter((e) => e.right === false && e.taken === taken)
		: [...got].sort((a, b) => Number(b.right === false) - Number(a.right === false));
	return <ul class="examples">
		{list.map((e) => <Line key={e.text} id={id} e={e} />)}
		{!list.length && <li class="muted">{taken ? "None of them is mixed up any more."
			: "No example yet: it is known by its name and description alone."}</li>}
	</ul>;
}

/* Asked once more: its examples go with it. */
function Deletion({ i, onClose }: { i: Known; onClose: () => void }) {
	return <Dialog label={`Delete ${i.name}`} class="confirm" onClose={onClose}>
		<h2 dir="auto">Delete “{i.name}”?</h2>
		<p>{i.examples === 0 ? "It has no examples." : i.examples === 1 ? "Its one example goes with it."
			: `Its ${count(i.examples)} examples go with it; move those that say something else first.`} Customers
			notice nothing until the draft is published; until then it can be taken back.</p>
		<p class="confirm-acts"><button type="button" onClick={onClose}>Keep it</button>
			<button type="button" class="primary" aria-disabled={changing.value} onClick={() => {
				onClose();
				void deleteIntent(i.id).then((done) => { if (done) goUnderstanding(); });
			}}>Delete in the draft</button></p>
	</Dialog>;
}

export function Intent({ u, i }: { u: Understanding; i: Known }) {
	const { taken } = route.value;
	const [deleting, setDeleting] = useState(false);
	const mixed = u.study?.confusions.filter((c) => c.truth === i.id) ?? [];
	useEffect(() => document.getElementById("intent-title")?.focus(), [i.id]);
	return <section aria-labelledby="intent-title">
		<button type="button" class="quiet back" onClick={() => goUnderstanding()}><Icon name="back" /> All intents</button>
		<div class="title-row"><h2 id="intent-title" tabIndex={-1} dir="auto">{i.name}</h2>
			{admin.value && <span class="title-acts">
				<button type="button" class="quiet" onClick={() => { writing.value = i; }}>Reword…<Hidden> {i.name}</Hidden></button>
				{!i.named && u.intents.length > 1 && <button type="button" class="quiet"
					onClick={() => setDeleting(true)}>Delete…<Hidden> {i.name}</Hidden></button>}</span>}</div>
		<p class="muted" dir="auto">{i.description}</p>
		{admin.value && i.named && <p class="muted">It is not deleted here: <code>{i.named}</code> names it.</p>}
		{deleting && <Deletion i={i} onClose={() => setDeleting(false)} />}
		{mixed.length > 0 && <ul class="filters" aria-label="Taken for">
			<li><a href={understandingHref(i.id)} aria-current={taken ? undefined : "true"}>all {count(i.examples)}</a></li>
			{mixed.map((c) => <li key={c.taken}><a href={understandingHref(i.id, c.taken)} dir="auto"
				aria-current={taken === c.taken ? "true" : undefined}>taken for {nameOf(c.taken)} {count(c.n)}</a></li>)}
		</ul>}
		<div class="sheet-box">
			{admin.value && <Add id={i.id} />}
			<Examples id={i.id} taken={taken} />
		</div>
		{!admin.value && <p class="muted foot">Administrators add, move and take out examples.</p>}
	</section>;
}
