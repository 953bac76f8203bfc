/* SPDX-License-Identifier: Apache-2.0 */
/* details.tsx - who the customer is and what is known; or, when asked, why the AI did what it did. */
import { Chip, Face, Icon, Time } from "../ui/bits.tsx";
import { ago, count, dateOf, languageName, pct } from "../state/clock.ts";
import { nameOf } from "../state/inbox.ts";
import { details, href, view } from "../state/route.ts";
import { thread, type Thread } from "../state/thread.ts";
import { phone, wide } from "../state/ui.ts";
import { asked } from "../state/why.ts";
import type { Card, Contact, Row } from "../state/types.ts";
import { Bar, Box, Reasons } from "./bars.tsx";
import { WhyTurn } from "./turn.tsx";
import "./details.css";

function About({ t, c }: { t: Thread; c: Contact }) {
	const Title = phone.value ? "h1" : "h2";
	const language = languageName(c.language);
	const back = t.conv?.way_back ?? c.way_back;
	const line = [c.tier && c.tier !== "standard" ? c.tier : null,
		`since ${dateOf(c.since_us)}`, c.verified ? "verified" : "not verified"];
	return <>
		<div class="about">
			<Face who="customer" name={nameOf({ id: t.id, contact: c })} size="large" />
			<div class="about-text"><Title class="clip" dir="auto">
				{nameOf({ id: t.id, contact: c })}</Title>
				<p class="muted">{line.filter(Boolean).join(" · ")}</p></div>
		</div>
		{back && <p class="way-back">Answer by e-mail to <bdi>{back}</bdi></p>}
		<dl class="pairs">
			{c.email && <div><dt>E-mail</dt><dd dir="auto">{c.email}</dd></div>}
			{language && <div><dt>Language</dt><dd>{language}</dd></div>}
			<div><dt>Contacts</dt><dd>{c.conversations === 1 ? "first conversation"
				: `${count(c.conversations)} conversations`}</dd></div>
		</dl>
	</>;
}

/* The same source at the same time is one record. */
function Facts({ card }: { card: Card }) {
	const groups = new Map<string, Card["facts"]>();
	for (const f of card.facts) {
		const key = `${f.source}\n${f.as_of_us}`;
		groups.set(key, [...(groups.get(key) ?? []), f]);
	}
	return <>{[...groups.values()].map((facts, i) => {
		const first = facts[0];
		return first && <Box key={i} title={first.source}
			aside={<>as of <Time us={first.as_of_us} /></>}>
			<dl class="pairs">{facts.map((f, n) =>
				<div key={n}><dt dir="auto">{f.label}</dt><dd dir="auto">{f.value}</dd></div>)}</dl>
		</Box>;
	})}</>;
}

const MOODS = [["anger", "anger_ppm"], ["frustration", "frustration_ppm"],
	["confusion", "confusion_ppm"]] as const;
const MOOD_SHOWN = 200_000;

function WhyCard({ card }: { card: Card }) {
	const mood = MOODS.filter(([, k]) => card.mood[k] >= MOOD_SHOWN);
	return <Box title="Why the AI handed over" aside={<>policy <code>{card.policy.slice(0, 8)}</code></>}>
		<Reasons why={card.why} />
		{mood.length > 0 && <div class="bars mood"><p class="muted">Mood in the last message</p>
			{mood.map(([name, k]) => <Bar key={k} name={name} ppm={card.mood[k]} tone="danger" />)}</div>}
		<p class="muted">{card.intents.length > 0
			? `It was ${pct(card.confidence_ppm)} sure of what the customer wanted.`
			: "What the customer wanted was not clear to it."}</p>
	</Box>;
}

function Earlier({ rows }: { rows: readonly Row[] }) {
	return <Box title="Earlier" aside={rows.length === 1 ? "1 conversation"
		: `${rows.length} conversations`}>
		<ul class="earlier">{rows.map((r) => <li key={r.id}>
			<a href={href(view.value, r.id)}><span class="clip" dir="auto">{r.preview}</span></a>
			<span class="muted">{ago(r.updated_us)}{r.intent && <> · <bdi>{r.intent}</bdi></>}</span>
			{" "}{r.status === "resolved" && <Chip tone="success">resolved</Chip>}
		</li>)}</ul>
	</Box>;
}

export function Details() {
	const t = thread.value;
	const why = asked.value?.id === t?.id ? asked.value : null;
	if (!t || (!wide.value && !details.value))
		return null;
	/* On a phone it is all there is, elsewhere it stands beside. */
	const Pane = phone.value ? "main" : "aside";
	return <Pane class="pane details" id="pane-details" tabIndex={-1} aria-label="Details">
		{!wide.value && <button type="button" class="icon-button close" aria-label="Close details"
			onClick={() => { details.value = false; }}><Icon name="close" /></button>}
		<div class="details-scroll" tabIndex={0} role="region"
			aria-label={why ? "Why" : "Customer"}>
			{why ? <WhyTurn asked={why} t={t} />
				: t.state === "ready" && t.contact && <>
					<About t={t} c={t.contact} />
					{t.card && <Facts card={t.card} />}
					{t.card && <WhyCard card={t.card} />}
					{t.earlier.length > 0 && <Earlier rows={t.earlier} />}
				</>}
		</div>
	</Pane>;
}
