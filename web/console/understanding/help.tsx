/* SPDX-License-Identifier: Apache-2.0 */
/* help.tsx - what would help most: problems in the examples, and messages that are worth a label. */
import { useState } from "preact/hooks";
import { Chip } from "../ui/bits.tsx";
import { count, pct } from "../state/clock.ts";
import { understandingHref } from "../state/route.ts";
import type { LabelNext, Problem, Understanding } from "../state/types.ts";
import { admin, changeExample, changing, known, nameOf, names, next } from "./state.ts";
import { writing } from "./words.tsx";

const FIRST = 3;
const NEW = "+";	/* no intent's id */
const TONES = { hint: "plain", warning: "warning", error: "danger" } as const;

/* The checks speak of intents by their ids: people know their names. */
function named(text: string): string {
	return text.replace(/"([a-z0-9_-]{1,32})"/g, (all, id: string) => names.value.has(id) ? `“${nameOf(id)}”` : all);
}

function One({ p }: { p: Problem }) {
	const move = p.kind === "misplaced" && p.examples.length === 1 && p.other && p.intent && admin.value;
	const [first] = p.examples;
	return <li>
		<details><summary><Chip tone={TONES[p.weight]}>{p.weight}</Chip> <span dir="auto">
			{p.kind === "misplaced" && first ? `“${first.text}” reads like ${nameOf(p.other)}` : named(p.what)}</span></summary>
			<p class="muted" dir="auto">{named(p.fix)}</p>
			<ul class="moved">{p.examples.map((e, i) => <li key={i}><span dir="auto">{e.text}</span>
				{e.intent && <a class="muted" href={understandingHref(e.intent)} dir="auto">{nameOf(e.intent)}</a>}</li>)}
				{p.n > p.examples.length && <li class="muted">and {count(p.n - p.examples.length)} more</li>}</ul>
		</details>
		{move && first && <button type="button" aria-disabled={changing.value}
			onClick={() => void changeExample("move", p.intent ?? "", first.text, p.other)}>
			Move<span class="hidden"> “{first.text}” to {nameOf(p.other)}</span></button>}
	</li>;
}

function Label({ n }: { n: LabelNext }) {
	const [m] = n.messages;
	const [at, setAt] = useState("");
	const [skipped, skip] = useState<readonly string[]>([]);
	const left = n.messages.filter((x) => !skipped.includes(x.text)
		&& !known.value?.draft.changes.some((c) => c.text === x.text));
	const now = left[0];
	if (!m || !now)
		return null;
	const give = (id: string) => { setAt(""); void changeExample("add", id, now.text); };
	return <li class="label">
		<p class="muted">A label here would teach most ({count(left.length)} of {count(n.of)} past messages). This is …</p>
		<p class="label-text" dir="auto">{now.text}</p>
		<p class="label-acts">{now.guesses.slice(0, 3).map((g) => <button key={g.id} type="button" dir="auto"
			aria-disabled={changing.value} onClick={() => give(g.id)}>{nameOf(g.id)} <span class="muted">
				{pct(g.p_ppm)}</span></button>)}
			<select aria-label="Another intent" value={at} onChange={(e) => {
				if (e.currentTarget.value === NEW)
					writing.value = { example: now.text };
				else if (e.currentTarget.value)
					give(e.currentTarget.value);
				e.currentTarget.value = "";
			}}>
				<option value="">Another…</option>
				<option value={NEW}>A new intent…</option>
				{known.value?.intents.map((i) => <option key={i.id} value={i.id}>{i.name}</option>)}
			</select>
			<button type="button" class="quiet" onClick={() => skip([...skipped, now.text])}>None of them</button></p>
	</li>;
}

export function Help({ u }: { u: Understanding }) {
	const [all, setAll] = useState(false);
	const problems = u.study?.problems ?? [];
	const more = problems.length + (u.study?.problems_more ?? 0) - FIRST;
	const labels = admin.value && next.value?.messages.length ? next.value : null;
	if (!u.study || (!problems.length && !labels))
		return null;
	return <section aria-labelledby="help-title">
		<h2 id="help-title">What would help most</h2>
		<ul class="sheet-box help">
			{(all ? problems : problems.slice(0, FIRST)).map((p, i) => <One key={`${p.what}${i}`} p={p} />)}
			{!all && more > 0 && <li><button type="button" class="link" onClick={() => setAll(true)}>
				{count(more)} more</button></li>}
			{labels && <Label n={labels} />}
		</ul>
	</section>;
}
