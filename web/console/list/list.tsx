/* SPDX-License-Identifier: Apache-2.0 */
/* list.tsx - the rows of a view, or what a search found.
 *
 * Rows have one height each kind, so only those on the screen are drawn however many there are.
 * J, K and the arrows move a roving focus; the links work as links.
 */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Bones, Empty, Failed, Hidden, Icon, Kbd } from "../ui/bits.tsx";
import { count } from "../state/clock.ts";
import { counts, listOf, loadView, pages, walk } from "../state/inbox.ts";
import { menu, openId, view } from "../state/route.ts";
import { again, more, query, results } from "../state/search.ts";
import { phone } from "../state/ui.ts";
import { VIEW_WORDS, type Row as RowData, type SearchRow, type View } from "../state/types.ts";
import { Row, type Place } from "./row.tsx";
import "./list.css";
import { focusSoon } from "../ui/focus.ts";

const ROW_PX = 82;
const HEAD_PX = 48;
const OVERSCAN = 4;

type Item = { kind: "row"; row: RowData | SearchRow; n: number; of: number }
	| { kind: "head"; text: string; n: number } | { kind: "note"; text: string };

function itemsOf(v: View): Item[] {
	const asItems = (rows: readonly RowData[]) =>
		rows.map((row, i): Item => ({ kind: "row", row, n: i + 1, of: rows.length }));
	const main = asItems(listOf(v));
	if (v !== "queue")
		return main;
	const ai = asItems(listOf("ai"));
	const none: Item[] = main.length ? [] : [{ kind: "note", text: VIEW_WORDS.queue.empty }];
	return [...none, ...main, ...(ai.length
		? [{ kind: "head" as const, text: "With the AI now", n: counts.value?.ai ?? ai.length }, ...ai]
		: [])];
}

const height = (i: Item) => i.kind === "row" ? ROW_PX : HEAD_PX;

/* Draws the part of the items that is on the screen; asks for more near the end. */
function Window({ items, label, onEnd, children }: {
	items: readonly Item[]; label: string; onEnd: () => void;
	children: (i: Item, at: Place) => JSX.Element;
}) {
	const box = useRef<HTMLDivElement>(null);
	const [span, setSpan] = useState({ top: 0, tall: 900 });

	useLayoutEffect(() => {
		const el = box.current;
		if (!el)
			return undefined;
		const read = () => setSpan({ top: el.scrollTop, tall: el.clientHeight });
		const size = new ResizeObserver(read);
		size.observe(el);
		el.addEventListener("scroll", read, { passive: true });
		return () => {
			size.disconnect();
			el.removeEventListener("scroll", read);
		};
	}, []);

	const tops: number[] = [];
	let total = 0;
	for (const i of items) {
		tops.push(total);
		total += height(i);
	}
	const low = span.top - OVERSCAN * ROW_PX;
	const high = span.top + span.tall + OVERSCAN * ROW_PX;
	const drawn = items.flatMap((i, n) => {
		const top = tops[n] ?? 0;
		return top + height(i) < low || top > high ? []
			: [children(i, { top: `${top}px`, height: `${height(i)}px` })];
	});

	useEffect(() => {
		if (total - high < span.tall)
			onEnd();
	});

	/* What is open stays in sight when J and K walk past the edge. */
	const current = items.findIndex((i) => i.kind === "row" && i.row.id === openId.value);
	useEffect(() => {
		const el = box.current;
		if (!el || current < 0)
			return;
		const top = tops[current] ?? 0;
		if (top < el.scrollTop)
			el.scrollTop = top;
		else if (top + ROW_PX > el.scrollTop + el.clientHeight)
			el.scrollTop = top + ROW_PX - el.clientHeight;
	}, [openId.value, view.value]);

	return <div class="list-scroll" ref={box}>
		<ul class="rows" aria-label={label} style={{ height: `${total}px` }}>{drawn}</ul>
	</div>;
}

function Rows({ items, label, onEnd, search }: {
	items: readonly Item[]; label: string; onEnd: () => void; search?: boolean;
}) {
	/* Exactly one row is in the tab order: the open one, else the first. */
	const inList = items.some((i) => i.kind === "row" && i.row.id === openId.value);
	const first = items.find((i) => i.kind === "row");
	return <Window items={items} label={label} onEnd={onEnd}>
		{(i, at) => i.kind === "row"
			? <Row key={(search ? "s" : "") + i.row.id} row={i.row} n={i.n} of={i.of} at={at}
				tab={inList ? i.row.id === openId.value : i === first} />
			: i.kind === "head"
				? <li key={i.text} class="group" style={at}>{i.text} <span class="count">{count(i.n)}
					<Hidden> conversations</Hidden></span></li>
				: <li key="note" class="group quiet" style={at}>{i.text}</li>}
	</Window>;
}

function ViewBody({ v }: { v: View }) {
	const p = pages.value[v];
	const items = itemsOf(v);
	useEffect(() => {
		if (p.state === "idle")
			void loadView(v);
		if (v === "queue" && pages.value.ai.state === "idle")
			void loadView("ai");
	}, [v, p.state]);

	if (!items.some((i) => i.kind === "row")) {
		if (p.state === "error")
			return <Failed what="The list could not be read" error={p.error}
				again={() => void loadView(v)} />;
		if (p.state === "ready" && (v !== "queue" || pages.value.ai.state !== "loading"))
			return <Empty title={VIEW_WORDS[v].empty}><p>{VIEW_WORDS[v].hint}</p></Empty>;
		return <div role="status"><Hidden>Loading</Hidden>
			{[0, 1, 2, 3, 4].map((n) => <Bones key={n} lines={["short", "long", "mid"]} />)}
		</div>;
	}
	return <Rows items={items} label={VIEW_WORDS[v].name} onEnd={() => {
		if (pages.value[v].state === "ready")
			void loadView(v);
		if (v === "queue" && !pages.value[v].next && pages.value.ai.state === "ready")
			void loadView("ai");
	}} />;
}

function Found() {
	const r = results.value;
	if (!r)
		return null;
	if (r.state === "error" && !r.rows.length)
		return <Failed what="The search did not work" error={r.error} again={again} />;
	if (!r.rows.length)
		return r.state === "loading"
			? <div role="status"><Hidden>Searching</Hidden><Bones lines={["short", "long", "mid"]} /></div>
			: <Empty title={`Nothing found for “${r.q}”`}>
				<p>Search looks at names, e-mail addresses and the words of messages.</p>
			</Empty>;
	const items = r.rows.map((row, i): Item =>
		({ kind: "row", row, n: i + 1, of: r.next ? -1 : r.rows.length }));
	return <>
		<p class="list-found" role="status">{count(r.rows.length)}{r.next ? " and more" : ""}
			{r.rows.length === 1 ? " conversation" : " conversations"}, best match first</p>
		<Rows items={items} label="Search results" search onEnd={() => void more()} />
	</>;
}

function SearchBox() {
	return <div class="search" role="search">
		<Icon name="search" />
		<input id="search" type="search" value={query.value} dir="auto" autocomplete="off"
			placeholder="Search names, e-mails, words" aria-label="Search names, e-mails and words"
			onInput={(e) => { query.value = e.currentTarget.value; }}
			onKeyDown={(e) => {
				if (e.key === "Escape") {
					query.value = "";
					focusSoon("#pane-list [data-focus]", "#pane-list");
					e.stopPropagation();
				} else if (e.key === "ArrowDown" || e.key === "Enter") {
					document.querySelector<HTMLElement>("#pane-list [data-focus]")?.focus();
					if (e.key === "Enter")
						document.querySelector<HTMLElement>("#pane-list [data-focus]")?.click();
					e.preventDefault();
				}
			}} />
		{!query.value && <Kbd k="/" />}
	</div>;
}

export function List() {
	const v = view.value;
	const words = VIEW_WORDS[v];
	const searching = query.value.trim() !== "";
	return <section class="pane list" id="pane-list" aria-label={searching ? "Search" : words.name}
		tabIndex={-1} role={phone.value ? "main" : undefined}>
		<header class="list-head">
			<div class="list-title">
				<button type="button" class="icon-button only-narrow" aria-label="Menu"
					onClick={() => { menu.value = true; }}><Icon name="menu" /></button>
				<h1>{searching ? "Search" : words.name}</h1>
				{!searching && <span class="sub">{words.sub}</span>}
			</div>
			<SearchBox />
		</header>
		{searching ? <Found /> : <ViewBody key={v} v={v} />}
		{!searching && pages.value[v].state === "error" && walk.value.length > 0
			&& <p class="list-foot" role="alert">{pages.value[v].error} <button type="button"
				class="quiet" onClick={() => void loadView(v)}>Try again</button></p>}
	</section>;
}
