/* SPDX-License-Identifier: Apache-2.0 */
/* palette.tsx - Ctrl/Cmd-K: what one can do now, where one can go, and conversations by name. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Kbd } from "../ui/bits.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { can, giveBack, resolve, take } from "../state/actions.ts";
import { listOf, nameOf } from "../state/inbox.ts";
import { theme } from "../state/prefs.ts";
import { go, page, view } from "../state/route.ts";
import { find } from "../state/search.ts";
import { setAvailable, signOut, user } from "../state/session.ts";
import { thread } from "../state/thread.ts";
import { palette, sheet } from "../state/ui.ts";
import { askLast } from "../state/why.ts";
import { VIEWS, VIEW_WORDS, type SearchRow } from "../state/types.ts";
import { toggleCard, toSearch, toUnderstanding, write } from "../shortcuts/keys.ts";
import "./palette.css";

interface Choice { id: string; group: string; name: string; hint: string; key: string; run: () => void }

const DELAY_MS = 120;
const MAX_FOUND = 8;

function actions(): Choice[] {
	const t = thread.value;
	const act = (name: string, key: string, run: () => void): Choice =>
		({ id: name, group: "Do", name, hint: "", key, run });
	return [
		...(can(t, "take") ? [act("Take it", "I", () => void take())] : []),
		...(can(t, "give") ? [act("Give back to the AI", "B", () => void giveBack())] : []),
		...(can(t, "resolve") ? [act("Resolve", "E", () => void resolve())] : []),
		...(t?.state === "ready" ? [act("Reply", "R", () => write("reply")),
			act("Write a note", "N", () => write("note")),
			act("Why the AI said its last message", "Y", askLast)] : []),
		...(t?.card ? [act("Open or close the hand-over card", "H", toggleCard)] : []),
		act(page.value === "understanding" ? "Try a message" : "Search", "/", toSearch),
		act("All shortcuts", "?", () => { sheet.value = true; }),
		act(user.value?.available ? "Set yourself away" : "Set yourself available", "",
			() => void setAvailable(!user.value?.available)),
		act("Appearance: light", "", () => { theme.value = "light"; }),
		act("Appearance: dark", "", () => { theme.value = "dark"; }),
		act("Appearance: as the system", "", () => { theme.value = "system"; }),
		act("Sign out", "", () => void signOut()),
	];
}

function places(): Choice[] {
	return [...VIEWS.map((v) => ({ id: v as string, group: "Go to", name: VIEW_WORDS[v].name, hint: "",
		key: `G ${VIEW_WORDS[v].key}`, run: () => go(v) })),
		{ id: "understanding", group: "Go to", name: "Understanding", hint: "", key: "G U",
			run: toUnderstanding }];
}

function people(found: readonly SearchRow[], q: string): Choice[] {
	const near = q ? [...listOf("queue"), ...listOf("mine"), ...listOf("ai")].filter((r) =>
		`${nameOf(r)} ${r.contact.email}`.toLowerCase().includes(q)) : [];
	const ids = new Set<string>();
	return [...near.map((r) => ({ r, seq: null as number | null, hint: r.preview })),
		...found.map((r) => ({ r, seq: r.hit.seq, hint: r.hit.text }))]
		.filter(({ r }) => !ids.has(r.id) && ids.add(r.id)).slice(0, MAX_FOUND)
		.map(({ r, seq, hint }) => ({ id: r.id, group: "Conversations", name: nameOf(r), hint, key: "",
			run: () => go(view.value, r.id, seq) }));
}

function useFound(q: string): readonly SearchRow[] {
	const [found, setFound] = useState<readonly SearchRow[]>([]);
	useEffect(() => {
		setFound([]);
		if (q.length < 2)
			return undefined;
		let live = true;
		const timer = setTimeout(() => {
			/* Without an answer the actions and places are still here. */
			find(q, null).then((got) => { if (live) setFound(got.rows); }, () => undefined);
		}, DELAY_MS);
		return () => { live = false; clearTimeout(timer); };
	}, [q]);
	return found;
}

function Inner() {
	const [q, setQ] = useState("");
	const [at, setAt] = useState(0);
	const list = useRef<HTMLDivElement>(null);
	const plain = q.trim().toLowerCase();
	const found = useFound(plain);
	const choices = useMemo(() => {
		const fits = (c: Choice) => plain.split(/\s+/).every((w) => c.name.toLowerCase().includes(w));
		return [...actions().filter(fits), ...places().filter(fits), ...people(found, plain)];
	}, [plain, found]);
	const now = Math.min(at, choices.length - 1);

	useEffect(() => {
		list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
	}, [now, choices]);

	const run = (c: Choice | undefined) => {
		if (!c)
			return;
		palette.value = false;
		setTimeout(c.run, 0);	/* after the dialog has given the focus back */
	};
	const onKey = (e: KeyboardEvent) => {
		if (e.key === "ArrowDown" || e.key === "ArrowUp") {
			const by = e.key === "ArrowDown" ? 1 : -1;
			setAt((now + by + choices.length) % Math.max(1, choices.length));
			e.preventDefault();
		} else if (e.key === "Enter") {
			run(choices[now]);
			e.preventDefault();
		}
	};
	const groups = [...new Set(choices.map((c) => c.group))];
	return <>
		<input class="palette-input" role="combobox" aria-expanded="true" aria-controls="palette-list"
			aria-label="What do you want to do or find?" placeholder="Do, go to, or find a customer"
			aria-activedescendant={choices.length ? `choice-${now}` : undefined} autocomplete="off"
			aria-autocomplete="list" dir="auto" value={q} autofocus onKeyDown={onKey}
			onInput={(e) => { setQ(e.currentTarget.value); setAt(0); }} />
		<div class="palette-list" id="palette-list" role="listbox" aria-label="Choices" ref={list}>
			{groups.map((g) => <div key={g} role="group" aria-label={g}>
				<p class="palette-group" aria-hidden="true">{g}</p>
				{choices.map((c, i) => c.group === g && <div key={c.group + c.id} id={`choice-${i}`}
					role="option" class={`palette-choice${i === now ? " on" : ""}`}
					aria-selected={i === now} onClick={() => run(c)} onMouseMove={() => setAt(i)}>
					<bdi class="clip">{c.name}</bdi>
					{c.hint && <span class="palette-hint clip" dir="auto">{c.hint}</span>}
					{c.key && <span class="palette-keys">{c.key.split(" ").map((k) =>
						<Kbd key={k} k={k} />)}</span>}
				</div>)}
			</div>)}
		</div>
		{!choices.length && <p class="palette-none" role="status">Nothing fits “{q}”</p>}
	</>;
}

export function Palette() {
	return palette.value ? <Dialog label="Find anything" class="palette"
		onClose={() => { palette.value = false; }}><Inner /></Dialog> : null;
}
