/* SPDX-License-Identifier: Apache-2.0 */
/* composer.tsx - a reply or a note.  What is typed is kept for each conversation, whatever happens.
 *
 * The ready first sentence stands in the empty field as a hint; Tab puts it in, once, so that Tab
 * leaves the field as usual afterwards, and Esc refuses it.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Kbd, MOD } from "../ui/bits.tsx";
import { focusPane } from "../ui/focus.ts";
import { can, take, under } from "../state/actions.ts";
import { nowUs } from "../state/clock.ts";
import { typing } from "../state/live.ts";
import { draft, keepDraft, outbox, send, type Mode } from "../state/outbox.ts";
import { holds, type Thread } from "../state/thread.ts";
import { MESSAGE_MAX } from "../../shared/protocol.ts";
import { answered } from "./card.tsx";
import { mode, offered } from "./suggest.ts";
import "./composer.css";

const SAVED_MS = 400;

/* Why one cannot reply, in words; null when one can. */
function hindrance(t: Thread): string | null {
	const c = t.conv;
	if (!c || holds(t))
		return null;
	if (c.status === "resolved")
		return "This conversation is resolved. It opens again when the customer writes.";
	switch (c.holder.type) {
	case "queue": return "Take the conversation to reply.";
	case "ai": return "The AI is answering. Take the conversation to reply yourself.";
	case "agent": return `${c.holder.name ?? "A colleague"} is answering. You can leave a note.`;
	default: return "Nobody holds this conversation.";
	}
}

function useDraft(t: Thread, m: Mode) {
	const [text, setText] = useState(() => draft(t.id, m));
	const [saved, setSaved] = useState(false);
	const timer = useRef(0);
	useEffect(() => {
		setText(draft(t.id, m));
		setSaved(false);
	}, [t.id, m]);
	const change = (to: string) => {
		setText(to);
		setSaved(false);
		keepDraft(t.id, m, to);
		clearTimeout(timer.current);
		if (to.trim())
			timer.current = window.setTimeout(() => setSaved(true), SAVED_MS);
	};
	useEffect(() => () => clearTimeout(timer.current), []);
	return { text, change, saved };
}

function Tabs() {
	const tab = (m: Mode, name: string, key: string) =>
		<button type="button" class={`tab${mode.value === m ? " on" : ""}`}
			aria-pressed={mode.value === m} onClick={() => {
				mode.value = m;
				document.getElementById("compose")?.focus();
			}}>{name} <Kbd k={key} /></button>;
	return <div class="tabs" role="group" aria-label="What to write">
		{tab("reply", "Reply", "R")}{tab("note", "Note", "N")}</div>;
}

function Blocked({ t, why }: { t: Thread; why: string }) {
	return <p class="blocked" id="blocked">{why} {can(t, "take")
		&& <button type="button" class="primary" aria-disabled={under.value !== null}
			onClick={() => void take()}>Take it <Kbd k="I" /></button>}</p>;
}

/* To the list where there is one; on a phone, to what is being answered. */
function leaveField(): void {
	if (!focusPane("pane-list"))
		focusPane("pane-talk");
}

export function Composer({ t }: { t: Thread }) {
	const m = mode.value;
	const { text, change, saved } = useDraft(t, m);
	const field = useRef<HTMLTextAreaElement>(null);
	const [refused, setRefused] = useState<string | null>(null);
	const blocked = m === "reply" ? hindrance(t) : null;
	const left = MESSAGE_MAX - [...text].length;
	const hint = m === "reply" && !blocked && !text && t.card && !answered(t, t.card)
		&& refused !== t.id && !outbox.value.some((i) => i.conv === t.id) ? t.card.first_sentence : "";

	useEffect(() => {
		const o = offered.value;
		if (o?.id === t.id) {
			offered.value = null;
			change(text.trim() && text !== o.text ? `${text.trimEnd()}\n${o.text}` : o.text);
		}
	}, [offered.value, t.id]);
	useLayoutEffect(() => {
		const el = field.current;
		if (el) {
			el.style.height = "auto";
			el.style.height = `${el.scrollHeight}px`;
		}
	}, [text, m, t.id, hint]);

	const submit = () => {
		if (blocked || !text.trim() || left < 0)
			return;
		send(t.id, m, text.trim(), m === "reply" ? t.conv?.last_customer_seq ?? null : null, nowUs());
		change("");
		if (m === "reply")
			typing(t.id, false);
		field.current?.focus();
	};
	const onKey = (e: KeyboardEvent) => {
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
			e.preventDefault();
			submit();
		} else if (e.key === "Tab" && !e.shiftKey && hint) {
			e.preventDefault();
			change(hint);
		} else if (e.key === "Escape") {
			e.preventDefault();
			e.stopPropagation();
			if (hint)
				setRefused(t.id);
			else
				leaveField();
		}
	};

	const label = m === "note" ? "Note for your team" : "Reply to the customer";
	return <form class={`composer ${m}`} aria-label="Composer"
		onSubmit={(e) => { e.preventDefault(); submit(); }}>
		{blocked ? <Blocked t={t} why={blocked} />
			: <textarea ref={field} id="compose" rows={2} dir="auto" aria-label={label} value={text}
				placeholder={hint || (m === "note" ? "Only your team sees this" : "Write a reply")}
				aria-describedby={hint ? "hint" : undefined} onKeyDown={onKey}
				onInput={(e) => {
					change(e.currentTarget.value);
					if (m === "reply" && e.currentTarget.value)
						typing(t.id, true);
				}} />}
		<div class="composer-foot">
			<Tabs />
			<span class="composer-state">
				<span role="status">
					{left < 0 ? <span class="over">{-left} characters too many</span>
						: left < 200 ? `${left} characters left` : saved && text ? "draft saved" : ""}
				</span>
				{hint && <span id="hint"><Kbd k="Tab" always /><span class="hidden">Tab</span> uses the
					ready sentence</span>}
			</span>
			{!blocked && <button type="submit" class={`primary${m === "note" ? " note-send" : ""}`}
				aria-disabled={!text.trim() || left < 0}>
				{m === "note" ? "Save note" : "Send"} <Kbd k={`${MOD} ↵`} always /></button>}
		</div>
	</form>;
}
