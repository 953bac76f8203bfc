/* SPDX-License-Identifier: Apache-2.0 */
/* try.tsx - a message, and all that is understood of it, live and by the draft. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Chip, Hidden, Kbd, type Tone } from "../ui/bits.tsx";
import { count, languageName, pct } from "../state/clock.ts";
import { goUnderstanding } from "../state/route.ts";
import { inboxes } from "../state/session.ts";
import { speak } from "../state/toast.ts";
import type { Perceived, Seen } from "../state/types.ts";
import { marksOf, piecesOf, plain, pullsShown, type Mark, type MarkKind } from "./marks.ts";
import { admin, asking, changeExample, changing, chooseInbox, inbox, known, nameOf, perceived, perceiveFault, text, type } from "./state.ts";

const SHOWN_PPM = 200_000;
const LIKELY_PPM = 10_000;
const EXAMPLE_BYTES = 1000;
const EXAMPLES = ["where is my order HP-1042 and can i send one jacket back?",
	"this is the third time i ask. let me talk to a person", "do you sell gift cards"];

const LEGEND: Record<MarkKind, string> = {
	entity: "found", personal: "personal data", flag: "flagged", correction: "read as something else",
	pull: "pulled towards the first intent",
};

/* The text itself, marked: what the field shows stands on these pieces, letter on letter. */
function Paper({ marks, of }: { marks: readonly Mark[]; of: string }) {
	return <div class="paper" aria-hidden="true" dir="auto">
		{piecesOf(of, marks).map((p, i) => <span key={i} class={p.kinds.map((k) => `m-${k}`).join(" ")}>
			{p.text}</span>)}
		{"\u200b"}
	</div>;
}

function Field() {
	const now = perceived.value;
	/* Marks of an older text would stand under the wrong letters: only what both begin with. */
	let same = 0;
	if (now)
		while (same < now.text.length && now.text[same] === text.value[same])
			same++;
	const marks = now ? marksOf(now.text, now.got.live).filter((m) => m.to <= same) : [];
	const kinds = [...new Set(marks.map((m) => m.kind))];
	return <div class="try-field">
		<div class="try-text">
			<Paper marks={marks} of={text.value} />
			<textarea id="try" data-focus="" dir="auto" spellcheck={false} rows={2} maxLength={16000}
				aria-label="A message, as a customer would write it" aria-describedby="try-hint"
				placeholder="Type what a customer would write" value={text.value}
				onInput={(e) => type(e.currentTarget.value)} />
		</div>
		<div class="try-foot">
			{kinds.length > 0 && <ul class="legend">{kinds.map((k) => <li key={k}>
				<span class={`swatch m-${k}`} aria-hidden="true">ab</span> {LEGEND[k]}</li>)}</ul>}
			{inboxes.value.length > 1 && <label class="try-inbox">as in <select value={inbox.value}
				onChange={(e) => chooseInbox(e.currentTarget.value)}>
				{inboxes.value.map((i) => <option key={i.id} value={i.id}>{i.name}</option>)}</select></label>}
			{!text.value && <Kbd k="/" />}
		</div>
	</div>;
}

/* ---- intents ---- */

interface Line { id: string; name: string; live: number; draft: number | null; limit: number | null; none: boolean }

function linesOf(got: Perceived): Line[] {
	const { live, draft } = got;
	const ids = [...new Set([...live.intents, ...(draft?.intents ?? [])].map((i) => i.id))];
	const of = (s: Seen | null, id: string) => s ? s.intents.find((i) => i.id === id)?.p_ppm ?? 0 : null;
	const lines = ids.map((id): Line => ({
		id, name: [...live.intents, ...(draft?.intents ?? [])].find((i) => i.id === id)?.name ?? id,
		live: of(live, id) ?? 0, draft: of(draft, id), limit: live.act_ppm, none: false,
	})).sort((a, b) => (b.draft ?? b.live) - (a.draft ?? a.live)).slice(0, 5)
		.filter((l, i) => i < 2 || Math.max(l.live, l.draft ?? 0) >= LIKELY_PPM);
	return [...lines, {
		id: "", name: "none of these", live: live.unknown_ppm, draft: draft?.unknown_ppm ?? null,
		limit: live.unknown_limit_ppm, none: true,
	}];
}

const share = (ppm: number) => (Math.floor(ppm / 1e4) / 100).toFixed(2).replace(/^0/, "");
const width = (ppm: number) => `${Math.max(0, Math.min(100, ppm / 10_000))}%`;

function Strength({ ppm, limit, none, by }: { ppm: number; limit: number | null; none: boolean; by: string }) {
	const over = limit !== null && ppm >= limit;
	return <span class="strength">
		<span class="bar" aria-hidden="true">
			<span class={`fill ${over ? none ? "danger" : "ai" : "plain"}`} style={{ width: width(ppm) }} />
			{limit !== null && <span class="limit" style={{ insetInlineStart: width(limit) }} />}
		</span>
		<span class="bar-value"><Hidden>{by} </Hidden>{share(ppm)}</span>
	</span>;
}

function Ranked({ got }: { got: Perceived }) {
	const lines = linesOf(got);
	const [was, is] = [got.live.intents[0], got.draft?.intents[0]];
	return <div class="try-part">
		{got.draft && <p class="strength-head"><span /><span>live</span><span>draft</span></p>}
		<ul class="ranked">{lines.map((l) => <li key={l.id} class={got.draft ? "two" : ""}>
			{l.none ? <span class="ranked-name muted">None of these</span>
				: <a class="ranked-name clip" dir="auto" href={`#/understanding/${l.id}`} title={l.name}>{l.name}</a>}
			<Strength ppm={l.live} limit={l.limit} none={l.none} by={got.draft ? "live" : ""} />
			{l.draft !== null && <Strength ppm={l.draft} limit={l.limit} none={l.none} by="draft" />}
		</li>)}</ul>
		{is && was && is.id !== was.id && <p class="changes-note"><Chip tone="warning">changes</Chip>
			{" "}The draft reads <b dir="auto">{is.name}</b> where customers get <b dir="auto">{was.name}</b> now.</p>}
	</div>;
}

/* ---- the rest ---- */

const FEELS: Record<string, string> = {
	anger_ppm: "angry", frustration_ppm: "frustrated", confusion_ppm: "confused", urgency_ppm: "hurried",
	gratitude_ppm: "thankful", annoyance_ppm: "annoyed", disappointment_ppm: "disappointed",
};

function Strong({ name, ppm, tone }: { name: string; ppm: number; tone?: Tone }) {
	return <Chip tone={tone}>{name} {share(ppm)}</Chip>;
}

function mood(s: Seen): ComponentChildren {
	const felt = Object.entries(s.mood).filter(([, v]) => v >= SHOWN_PPM).sort((a, b) => b[1] - a[1]);
	return <>{felt.length ? felt.map(([k, v]) => <Strong key={k} name={FEELS[k] ?? plain(k.replace("_ppm", ""))}
		ppm={v} tone={/anger|frust|annoy|disapp/.test(k) ? "danger" : "plain"} />) : "calm"}
		{Math.abs(s.sentiment_ppm) >= SHOWN_PPM && <span class="muted">
			{s.sentiment_ppm > 0 ? "well disposed" : "ill disposed"} {share(Math.abs(s.sentiment_ppm))}</span>}</>;
}

function ground(s: Seen): ComponentChildren {
	const p = s.promised;
	if (!p)
		return null;
	if (!p.enough)
		return <span><Chip>not enough evidence</Chip> the held-out examples are too few, or too often wrong, to
			promise at most {pct(p.error_ppm)} wrong with 95% confidence</span>;
	return <span><Chip tone={p.kept ? "success" : "warning"}>{p.kept ? "promise kept" : "promise not kept"}</Chip>
		{" "}{p.kept ? "at most" : "not sure enough for: at most"} {pct(p.error_ppm)} wrong with 95% confidence.
		{" "}<span class="muted">From {count(p.evidence)} held-out cases; covers {pct(p.coverage_ppm)} of them</span></span>;
}

const WISHES: [string, keyof Seen][] = [["wants a person", "asks_person_ppm"], ["may leave", "churn_ppm"],
	["legal words", "legal_ppm"], ["tries to instruct the AI", "injection_ppm"]];

function factsOf(of: string, s: Seen): [string, ComponentChildren][] {
	const language = languageName(s.language);
	const wishes = WISHES.filter(([, k]) => (s[k] as number) >= SHOWN_PPM);
	const pulls = pullsShown(s);
	const all: [string, ComponentChildren][] = [
		[`${s.clauses.length} wishes`, s.clauses.length > 1 && <ol class="clauses">{s.clauses.map((c, i) =>
			<li key={i}><q dir="auto">{of.slice(c.from, c.to).trim()}</q> <span class="muted">{c.name}
				{" "}{share(c.p_ppm)}</span></li>)}</ol>],
		["Found", s.entities.length > 0 && s.entities.map((e, i) => <Chip key={i}
			title={`“${of.slice(e.from, e.to)}”`}><span class="muted">{plain(e.kind)}</span> {e.value}</Chip>)],
		["Personal data", s.personal.length > 0 && s.personal.map((p, i) => <Chip key={i} tone="warning">
			{plain(p.what || p.kind)}: {of.slice(p.from, p.to)}</Chip>)],
		["Flags", s.flags.length > 0 && s.flags.map((f, i) => <Chip key={i} tone="danger" title={plain(f.kind)}>
			{f.reason || plain(f.kind)}</Chip>)],
		["Read as", s.corrections.length > 0 && <span dir="auto">{s.corrections.map((c) =>
			`${c.from} → ${c.to}`).join(" · ")}</span>],
		["Pulled by", pulls.length > 0 && <span dir="auto">{pulls.map((p, i) => <span key={i}>
			{i > 0 && " · "}{p.word.startsWith("#") ? `a ${plain(p.word.slice(1))}` : p.word}{" "}
			<span class="muted">+{(p.logit_milli / 1000).toFixed(1)}</span></span>)}</span>],
		["Mood", mood(s)],
		["Wish", wishes.length > 0 && wishes.map(([name, k]) => <Strong key={k} name={name} ppm={s[k] as number}
			tone="warning" />)],
		["Language", language ? <>{language} <span class="muted">{share(s.language_ppm)}
			{s.script && s.script !== "Latn" && ` · ${s.script}`}</span></> : "cannot tell"],
		["Known ground", ground(s)],
		["New to us", s.novelty_ppm >= SHOWN_PPM && <span>{pct(s.novelty_ppm)} away from the nearest example</span>],
		["Complexity", <>{s.complexity_ppm < 300_000 ? "simple" : s.complexity_ppm < 600_000 ? "some parts" : "many parts"}
			{" "}<span class="muted">{share(s.complexity_ppm)}</span></>],
	];
	return all.filter(([, what]) => what);
}

function Nearest({ s }: { s: Seen }) {
	const why = s.why;
	if (!why)
		return <div class="try-part"><h3>Nearest examples</h3>
			<p class="muted">They are there when the examples have been learned.</p></div>;
	return <div class="try-part"><h3>Nearest examples <span class="muted">by {why.by_meaning ? "meaning"
		: "words"}</span></h3>
		{why.nearest.length ? <ol class="nearest">{why.nearest.map((n, i) => <li key={i}>
			<span class="muted">{share(n.similar_ppm)}</span> <span dir="auto">{n.text}</span>
			<button type="button" class="link" onClick={() => goUnderstanding(n.intent)} dir="auto">
				{nameOf(n.intent)}</button></li>)}</ol>
			: <p class="muted">No example has a word in common with it.</p>}
	</div>;
}

/* What one types is often what was read wrongly: it becomes an example here. */
function Teach({ said }: { said: string }) {
	const example = said.trim();
	if (!admin.value || !known.value || new TextEncoder().encode(example).length > EXAMPLE_BYTES)
		return null;
	return <div class="try-part teach"><label>Read wrongly? Make it an example of <select value=""
		disabled={changing.value} onChange={(e) => { const to = e.currentTarget.value;
			if (to) void changeExample("add", to, example); }}>
		<option value="">choose…</option>
		{known.value.intents.map((i) => <option key={i.id} value={i.id}>{i.name}</option>)}
	</select></label></div>;
}

function Answer({ now }: { now: { text: string; got: Perceived } }) {
	const s = now.got.live;
	const best = s.intents[0];
	const said = best && best.p_ppm >= s.act_ppm && s.unknown_ppm < s.unknown_limit_ppm
		? `${best.name}, ${pct(best.p_ppm)}` : "not sure, or none of the intents";
	useEffect(() => {
		const timer = setTimeout(() => speak(`Read as: ${said}`), 700);
		return () => clearTimeout(timer);
	}, [said]);
	return <>
		<Ranked got={now.got} />
		<dl class="try-part read-as">{factsOf(now.text, s).map(([name, what]) =>
			<div key={name}><dt>{name}</dt><dd>{what}</dd></div>)}</dl>
		<Nearest s={now.got.draft ?? s} />
		<Teach said={now.text} />
	</>;
}

export function Try() {
	const now = perceived.value;
	const took = now ? now.got.live.took_us / 1000 : 0;
	return <section class="try" id="pane-try" tabIndex={-1} aria-labelledby="try-title">
		<h2 id="try-title">Try a message</h2>
		<div class={`sheet-box${asking.value ? " busy" : ""}`}>
			<Field />
			{perceiveFault.value && <p class="try-part problem-text" role="alert">{perceiveFault.value}</p>}
			{now ? <Answer now={now} /> : <div class="try-part try-empty">
				<p class="muted">Everything that is understood of it appears here while you type. For example:</p>
				<ul>{EXAMPLES.map((e) => <li key={e}><button type="button" class="link"
					onClick={() => type(e)}>{e}</button></li>)}</ul></div>}
		</div>
		<p class="muted foot" id="try-hint">{now && <>{took < 10 ? took.toFixed(1) : Math.round(took)} ms on this
			machine, {known.value?.encoder ? "with the sentence encoder" : "by words alone"}. </>}Nothing typed here is stored.
			{known.value?.draft.changes.length ? " Customers are read by what is live." : ""}</p>
	</section>;
}
