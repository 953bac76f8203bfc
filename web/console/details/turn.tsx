/* SPDX-License-Identifier: Apache-2.0 */
/* turn.tsx - one turn of the AI: what it read, each step it took, and what weighed how much. */
import { useEffect } from "preact/hooks";
import { Bones, Chip, Failed, Hidden, Icon, Time } from "../ui/bits.tsx";
import { languageName } from "../state/clock.ts";
import type { Thread } from "../state/thread.ts";
import { phone } from "../state/ui.ts";
import { ask, asked as askedNow, type Asked } from "../state/why.ts";
import type { Perception, Step, Turn } from "../state/types.ts";
import { Bar, Box, Reasons } from "./bars.tsx";

const DECISIONS: Record<Step["decision"], string> = {
	say: "Answered", ask: "Asked", retrieve: "Searched the articles", look_up: "Looked it up",
	hand_over: "Handed over", wait: "Waited", understand: "Read again",
};
const LIKELY = 20_000;	/* below 2 %: noise */

/* The limit a value was held against stands in the steps' reasons. */
function limitOf(turn: Turn, name: string): number | null {
	for (const s of turn.steps)
		for (const w of s.why)
			if (w.limit_ppm !== null && w.kind === "threshold" && w.name.includes(name))
				return w.limit_ppm;
	return null;
}

function Read({ turn, p }: { turn: Turn; p: Perception }) {
	const moods: [string, number][] = [["anger", p.mood.anger_ppm],
		["annoyance", p.mood.annoyance_ppm ?? 0],
		["disappointment", p.mood.disappointment_ppm ?? 0],
		["frustration", p.mood.frustration_ppm], ["confusion", p.mood.confusion_ppm],
		["urgency", p.mood.urgency_ppm], ["thanks", p.mood.gratitude_ppm]];
	const language = languageName(p.language);
	const wish = limitOf(turn, "person");
	return <Box title="What it read" aside={language}>
		<div class="bars"><p class="muted">What the message is about</p>
			{p.p.filter((i) => i.p_ppm >= LIKELY).slice(0, 5).map((i) =>
				<Bar key={i.id} name={i.name} ppm={i.p_ppm} limit={limitOf(turn, i.id)
					?? limitOf(turn, "intent")} />)}
			<Bar name="none of these" ppm={p.unknown_ppm} limit={limitOf(turn, "unknown")} tone="plain" />
		</div>
		<div class="bars"><p class="muted">Mood</p>
			{moods.filter(([, v]) => v >= LIKELY).map(([n, v]) =>
				<Bar key={n} name={n} ppm={v} limit={limitOf(turn, n)} tone="danger" />)}
			<Bar name="wants a person" ppm={p.asks_person_ppm} limit={wish} tone="plain" />
		</div>
		{(p.flags ?? []).length > 0 && <p class="understood">{p.flags?.map((f, i) =>
			<Chip key={i} tone="danger">{f.kind}: {f.reason}</Chip>)}</p>}
		{p.entities.length > 0 && <p class="understood">{p.entities.map((e, i) =>
			<Chip key={i} title={`“${e.text}” in the customer's words`}>
				<span class="muted">{e.kind.replaceAll("_", " ")}</span> {e.value}</Chip>)}</p>}
	</Box>;
}

interface Passage { article: string; anchor: string; score: number; title?: string; section?: string }

/* A record's fields as they were read; one that was empty says nothing. */
function Fields({ fields }: { fields: [string, string][] }) {
	return <dl class="pairs">{fields.filter(([, v]) => v !== "").map(([k, v]) =>
		<div key={k}><dt>{k.replaceAll("_", " ")}</dt><dd dir="auto">{v}</dd></div>)}</dl>;
}

function Passages({ found }: { found: Passage[] }) {
	return <div class="bars">{found.map((p) => <Bar key={`${p.article}#${p.anchor}`} tone="plain"
		name={p.section ?? `${p.article} · ${p.anchor}`} ppm={p.score} limit={null} />)}</div>;
}

/* What a step brought back: a record, passages, or that there was nothing. */
function Outcome({ o }: { o: Record<string, unknown> }) {
	const { kind, source, at_us, fields, passages } = o;
	return <div class="outcome">
		<p class="muted">{typeof kind === "string" ? kind.replaceAll("_", " ") : "outcome"}
			{typeof source === "string" && <> from <code>{source}</code></>}
			{typeof at_us === "number" && <> · <Time us={at_us} /></>}</p>
		{Array.isArray(fields) && <Fields fields={fields as [string, string][]} />}
		{Array.isArray(passages) && <Passages found={passages as Passage[]} />}
	</div>;
}

export function WhyTurn({ asked, t }: { asked: Asked; t: Thread }) {
	const { turn, error, seq } = asked;
	const Title = phone.value ? "h1" : "h2";
	const said = t.events.find((e) => e.seq === seq);
	useEffect(() => document.getElementById("why-title")?.focus(), [seq]);
	return <div class="turn">
		<div class="turn-head">
			<button type="button" class="quiet" onClick={() => {
				askedNow.value = null;
				document.querySelector<HTMLElement>(`#e${seq} .why`)?.focus();
			}}>
				<Icon name="back" /> Customer</button>
			<Title id="why-title" tabIndex={-1}>Why the AI {said?.kind === "handover.requested"
				? "handed over" : "said this"}</Title>
			{said?.kind === "message.ai" && <blockquote class="turn-quote" dir="auto">
				{said.body.text}</blockquote>}
		</div>
		{error && <Failed what="The reasons could not be read" error={error} again={() => void ask(seq)} />}
		{!error && !turn && <div role="status"><Hidden>Loading the reasons</Hidden>
			<Bones lines={["mid", "long", "long"]} /><Bones lines={["short", "long"]} /></div>}
		{turn && <>
			{turn.perception && <Read turn={turn} p={turn.perception} />}
			{turn.steps.map((s) => <Box key={s.seq} title={`${s.step + 1}. ${DECISIONS[s.decision]
				?? s.decision}`} aside={s.reply && <code>{s.reply}</code>}>
				<Reasons why={s.why} />
				{s.outcome && <Outcome o={s.outcome} />}
			</Box>)}
			<p class="muted turn-foot">Turn {turn.number}, decided by policy <code>{turn.policy.slice(0, 12)}
			</code></p>
		</>}
	</div>;
}
