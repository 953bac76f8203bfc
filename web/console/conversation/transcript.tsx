/* SPDX-License-Identifier: Apache-2.0 */
/* transcript.tsx - everything that was said and done, in order, and what is on its way. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Face, Text, Time } from "../ui/bits.tsx";
import { languageName } from "../state/clock.ts";
import { outbox, retry, sendAnyway, takeBack, type Item } from "../state/outbox.ts";
import { route } from "../state/route.ts";
import { user } from "../state/session.ts";
import type { Thread } from "../state/thread.ts";
import { ask, asked } from "../state/why.ts";
import type { Entry } from "../state/types.ts";
import { Parts } from "./parts.tsx";
import { offer } from "./suggest.ts";
import { cardOpen } from "../state/ui.ts";
import "./transcript.css";

const NEAR_END_PX = 80;

function Why({ seq }: { seq: number }) {
	const on = asked.value?.seq === seq;
	return <button type="button" class="why" aria-pressed={on} onClick={() => void ask(seq)}>
		Why?<span class="hidden"> Show why the AI did this</span></button>;
}

function Said({ e, who, name, side, foot, children }: {
	e: { seq?: number; at_us: number }; who: "customer" | "ai" | "agent"; name: string;
	side: "start" | "end"; foot?: ComponentChildren; children: ComponentChildren;
}) {
	const found = e.seq !== undefined && route.value.seq === e.seq;
	return <li class={`said ${side}${found ? " found" : ""}`} id={e.seq ? `e${e.seq}` : undefined}>
		<Face who={who} name={name} />
		<div class="said-body">
			<div class={`bubble ${who}`}>{children}</div>
			<p class="said-foot">{foot}<span><bdi>{name}</bdi> · <Time us={e.at_us} /></span></p>
		</div>
	</li>;
}

function Line({ e, why, children }: { e: Entry; why?: boolean; children: ComponentChildren }) {
	return <li class="line" id={`e${e.seq}`}>
		<span class="line-text">{children} · <Time us={e.at_us} />{why && <> <Why seq={e.seq} /></>}</span>
	</li>;
}

function Note({ text, name, children }: { text: string; name: string; children: ComponentChildren }) {
	return <div class="note">
		<p class="note-head">Note · only your team sees this</p>
		<Text text={text} />
		<p class="said-foot"><span><bdi>{name}</bdi> · {children}</span></p>
	</div>;
}

function reasonAt(t: Thread, seq: number): string {
	for (const e of t.events)
		if (e.kind === "handover.card" && Math.abs(e.seq - seq) <= 3)
			return e.body.reason;
	return t.card?.reason ?? "";
}

function Happened({ t, e }: { t: Thread; e: Entry }) {
	const customer = t.contact?.name || "Customer";
	switch (e.kind) {
	case "message.customer":
		return <Said e={e} who="customer" name={customer} side="start"><Text text={e.body.text} /></Said>;
	case "message.ai":
		return <Said e={e} who="ai" name="AI assistant" side="end" foot={<Why seq={e.seq} />}>
			<Text text={e.body.text} /><Parts parts={e.body.parts ?? []} /></Said>;
	case "message.agent":
		return <Said e={e} who="agent" name={e.actor.name ?? "A colleague"} side="end">
			<Text text={e.body.text} /></Said>;
	case "note":
		return <li class="said note-item" id={`e${e.seq}`}>
			<Note text={e.body.text} name={e.actor.name ?? ""}><Time us={e.at_us} /></Note></li>;
	case "conversation.opened": {
		const language = languageName(e.body.language);
		return <Line e={e}>Began on the {e.body.channel === "web" ? "website" : e.body.channel}
			{language && `, in ${language}`}</Line>;
	}
	case "handover.requested": {
		const reason = reasonAt(t, e.seq);
		return <Line e={e} why><bdi>AI handed over{reason && ` · ${reason}`}</bdi></Line>;
	}
	case "handover.claimed":
		return <Line e={e}><bdi>{e.actor.id === user.value?.id ? "You" : e.actor.name}</bdi> took it</Line>;
	case "handover.returned":
		return <Line e={e}>Given back to the AI{e.actor.name && <> by <bdi>{e.actor.name}</bdi></>}</Line>;
	case "contact.way_back":
		return <Line e={e}>Wants the answer by e-mail: <bdi>{e.body.email}</bdi></Line>;
	case "contact.identified":
		return <Line e={e}>Identified as <bdi>{e.body.name}</bdi>, <bdi>{e.body.email}</bdi></Line>;
	case "conversation.resolved":
		return <Line e={e}>Resolved{e.actor.name && <> by <bdi>{e.actor.name}</bdi></>}</Line>;
	case "conversation.reopened":
		return <Line e={e}>Opened again: the customer wrote</Line>;
	case "handover.card":	/* stands above the transcript */
	default:		/* a kind from a newer server says nothing here */
		return null;
	}
}

function newest(t: Thread): string {
	const last = t.events.filter((e) => e.kind === "message.customer").at(-1);
	return last?.kind === "message.customer" ? last.body.text : "";
}

/* Written here and not confirmed: what it is waiting for, and what one can do. */
function Pending({ t, item }: { t: Thread; item: Item }) {
	const edit = () => {
		const back = takeBack(item.cmid);
		if (back)
			offer(t.id, back.text, back.mode);
	};
	const state = {
		sending: "Sending…",
		waiting: "Not sent yet: it goes as soon as Baton can be reached",
		failed: item.error, stale: "",
	}[item.state];
	const tools = <>
		{item.state === "stale" && <div class="stale" role="alert">
			<p>The customer wrote in the meantime:</p>
			<blockquote dir="auto">{newest(t)}</blockquote>
			<button type="button" class="primary" onClick={() => sendAnyway(item.cmid)}>
				Send anyway</button>
			<button type="button" onClick={edit}>Change it first</button>
		</div>}
		{item.state === "failed" && <div class="stale" role="alert">
			<p>Not sent. {state}</p>
			<button type="button" onClick={() => retry(item.cmid)}>Try again</button>
			<button type="button" onClick={edit}>Back to the composer</button>
		</div>}
	</>;
	const me = user.value?.name ?? "";
	const soft = item.state === "sending" || item.state === "waiting";
	if (item.mode === "note")
		return <li class="said note-item pending">
			<Note text={item.text} name={me}>{soft ? state : "not saved"}</Note>{tools}</li>;
	return <Said e={{ at_us: item.at_us }} who="agent" name={me} side="end"
		foot={soft ? <span class="pending-state">{state}</span> : undefined}>
		<Text text={item.text} />{tools}</Said>;
}

function Typing({ t }: { t: Thread }) {
	if (!t.typing)
		return null;
	const who = t.typing.who === "ai" ? "The AI" : t.typing.name || t.contact?.name || "The customer";
	return <li class="typing"><bdi>{who}</bdi> is typing…</li>;
}

/* Puts one at what a search found, at the end otherwise; then stays at the end if one is there. */
function useScroll(t: Thread, pending: number) {
	const end = useRef(true);
	const box = useRef<HTMLDivElement>(null);
	const seq = route.value.seq;

	useLayoutEffect(() => {
		const found = seq === null ? null : document.getElementById(`e${seq}`);
		if (found) {
			found.scrollIntoView({ block: "center" });
			end.current = false;
		} else if (box.current) {
			/* With a card that still matters, the top is what one needs to see. */
			const fresh = t.card && !t.events.some((e) =>
				e.kind === "message.agent" && e.seq > (t.card?.seq ?? 0));
			box.current.scrollTop = fresh ? 0 : box.current.scrollHeight;
			end.current = !fresh;
		}
	}, [t.id, t.state, seq]);
	/* One's own words are followed to the end, others' only by who is there already. */
	const last = t.events.at(-1);
	const own = pending > 0
		|| (last?.actor.id === user.value?.id && (last?.kind === "message.agent" || last?.kind === "note"));
	const before = useRef(last?.seq);
	useLayoutEffect(() => {
		const news = pending > 0 || before.current !== last?.seq;
		before.current = last?.seq;
		if (!box.current || !(end.current || (own && news)))
			return;
		box.current.scrollTop = box.current.scrollHeight;
		end.current = true;
	}, [last?.seq, pending, t.typing !== null]);
	useEffect(() => {
		const el = box.current;
		const read = () => {
			if (el)
				end.current = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END_PX;
		};
		el?.addEventListener("scroll", read, { passive: true });
		return () => el?.removeEventListener("scroll", read);
	}, []);
	useEffect(() => {
		if (cardOpen.value && box.current) {
			box.current.scrollTop = 0;
			end.current = false;
		}
	}, [cardOpen.value]);
	return box;
}

export function Transcript({ t, top }: { t: Thread; top: ComponentChildren }) {
	const mine = outbox.value.filter((i) => i.conv === t.id
		&& !t.events.some((e) => e.cmid === i.cmid));
	const box = useScroll(t, mine.length);
	return <div class="transcript" ref={box} tabIndex={0} role="region" aria-label="Transcript">
		{top}
		<div role="log" aria-label="Messages"><ol class="log">
			{t.events.map((e) => <Happened key={e.seq} t={t} e={e} />)}
			{mine.map((i) => <Pending key={i.cmid} t={t} item={i} />)}
			<Typing t={t} />
		</ol></div>
	</div>;
}
