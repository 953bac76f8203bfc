/* SPDX-License-Identifier: Apache-2.0 */
/* card.tsx - the hand-over: in ten seconds why me, what happened, what is known and from where,
 * what was tried, what next, and a first sentence to send.
 */
import { useEffect } from "preact/hooks";
import { Chip, Face, Icon, Kbd, Time } from "../ui/bits.tsx";
import { can, take, under } from "../state/actions.ts";
import { clock, pct, spell } from "../state/clock.ts";
import { user } from "../state/session.ts";
import { holds, type Thread } from "../state/thread.ts";
import { cardOpen } from "../state/ui.ts";
import type { Card as CardData } from "../state/types.ts";
import { offer } from "./suggest.ts";
import "./card.css";

/* Somebody has answered since: then the card has done its work. */
export function answered(t: Thread, card: CardData): boolean {
	return t.events.some((e) => e.kind === "message.agent" && e.seq > card.seq);
}

function headline(t: Thread): { text: string; name: string } {
	const h = t.conv?.holder;
	if (holds(t))
		return { text: "Handed to you", name: user.value?.name ?? "" };
	if (h?.type === "queue")
		return { text: "Waiting for a person", name: "" };
	if (h?.type === "agent")
		return { text: `Handed to ${h.name ?? "a person"}`, name: h.name ?? "" };
	return { text: "Handed over", name: "" };
}

function waited(t: Thread, card: CardData): string {
	const claimed = t.events.find((e) => e.kind === "handover.claimed" && e.seq > card.seq);
	if (claimed)
		return `waited ${spell(claimed.at_us - card.at_us)}`;
	return t.conv?.holder.type === "queue" ? `waiting ${spell(clock.value - card.at_us)}` : "";
}

const LIKELY = 20_000;	/* below 2 %: noise */
type Fact = CardData["facts"][number];

/* One record's facts name their source once, below the last. */
function same_source(f: Fact, next: Fact | undefined): boolean {
	return next !== undefined && next.source === f.source && next.as_of_us === f.as_of_us;
}

function Cells({ card, back }: { card: CardData; back: string | null }) {
	return <div class="cells">
		<section><h3>Why</h3><p dir="auto">{card.reason}</p></section>
		<section><h3>In short</h3><p dir="auto">{card.summary}</p></section>
		<section><h3>What we know</h3>
			{card.facts.length ? <dl class="facts">{card.facts.map((f, i, all) => <div key={i}>
				<dt dir="auto">{f.label}</dt>
				<dd><span dir="auto">{f.value}</span>
					{!same_source(f, all[i + 1]) && <span class="from">
						{f.source} · <Time us={f.as_of_us} /></span>}</dd>
			</div>)}</dl> : <p class="muted">Nothing was looked up.</p>}
		</section>
		<section><h3>Already tried</h3>
			{card.tried.length ? <ul class="tried">{card.tried.map((x, i) =>
				<li key={i} class={x.ok ? "ok" : "not"}>
					<Icon name={x.ok ? "check" : "cross"} />
					<span><span class="hidden">{x.ok ? "Done: " : "Failed: "}</span>
						<bdi>{x.text}</bdi></span>
				</li>)}</ul> : <p class="muted">Nothing yet.</p>}
		</section>
		<section><h3>What next</h3><p dir="auto">{card.next_step}</p>
			{back && <p class="way-back">Answer by e-mail to <bdi>{back}</bdi></p>}</section>
		<section><h3>Understood</h3>
			<p class="understood">
				{card.intents.filter((x) => x.p_ppm >= LIKELY).slice(0, 3).map((x) => <span key={x.id} class="with-number">
					<Chip tone="ai">{x.name}</Chip> {pct(x.p_ppm)} sure</span>)}
				{!card.intents.some((x) => x.p_ppm >= LIKELY) && <span class="muted">No intent was clear.</span>}
			</p>
			{card.entities.length > 0 && <p class="understood">{card.entities.map((x, i) =>
				<Chip key={i} title={`“${x.text}” in the customer's words`}>
					<span class="muted">{x.kind.replaceAll("_", " ")}</span> {x.value}</Chip>)}</p>}
		</section>
	</div>;
}

function Sentence({ t, card }: { t: Thread; card: CardData }) {
	if (!card.first_sentence)
		return null;
	const mine = holds(t);
	return <div class="sentence">
		<blockquote dir="auto"><span class="hidden">Ready first sentence: </span>
			{card.first_sentence}</blockquote>
		{mine && <button type="button" class="primary" onClick={() => offer(t.id, card.first_sentence)}>
			Use <Kbd k="Tab" always /></button>}
		{!mine && can(t, "take") && <button type="button" aria-disabled={under.value !== null}
			onClick={async () => { if (await take()) offer(t.id, card.first_sentence); }}>
			Take it and use</button>}
	</div>;
}

export function Card({ t, card }: { t: Thread; card: CardData }) {
	const open = cardOpen.value ?? !answered(t, card);
	const head = headline(t);
	const wait = waited(t, card);
	useEffect(() => { cardOpen.value = null; }, [t.id, card.seq]);
	return <section class="card" aria-labelledby="card-title" id="card">
		<header class="card-head">
			<Face who="ai" name="AI" />
			<svg class="pass" width="30" height="12" viewBox="0 0 30 12" aria-hidden="true">
				<path d="M1 6h27M23 1.5L28 6l-5 4.5" /></svg>
			{head.name ? <Face who="agent" name={head.name} />
				: <span class="face agent small open-seat" aria-hidden="true" />}
			<h2 id="card-title" tabIndex={-1}>{head.text}</h2>
			<span class="card-time"><Time us={card.at_us} />{wait && ` · ${wait}`}</span>
			<button type="button" class="icon-button" aria-expanded={open} aria-controls="card-body"
				aria-label="Hand-over card" onClick={() => { cardOpen.value = !open; }}>
				<Icon name="down" /></button>
		</header>
		<div id="card-body" hidden={!open}>
			<Cells card={card} back={t.conv?.way_back ?? card.way_back} />
			{holds(t) || can(t, "take") ? <Sentence t={t} card={card} /> : null}
		</div>
		{!open && <p class="card-short" dir="auto">{card.summary || card.reason}</p>}
	</section>;
}
