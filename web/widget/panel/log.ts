/* SPDX-License-Identifier: Apache-2.0 */
/* log.ts - the conversation as it is read: bubbles, cards, lines.
 *
 * Each event becomes one node, added once.  What waits in the outbox stands below,
 * under its cmid, and becomes its event's node when that arrives: nothing jumps.
 */
import { h, svg } from "../../shared/dom.ts";
import type { OutEntry } from "../../shared/outbox.ts";
import type { Event, Part, RecordPart, SourcePart } from "../../shared/protocol.ts";
import { clock_time, day_time, safe_url, short_date } from "../../shared/text.ts";
import { first_name, now_us } from "./conversation.ts";
import type { Words } from "./strings.ts";

export interface LogActions {
	choose(text: string): void;
	retry(cmid: string): void;
	online(): boolean;
}

export class Log {
	readonly node: HTMLElement;
	private readonly pending = new Map<string, HTMLElement>();

	constructor(private readonly words: Words, private readonly team: () => string,
	    private readonly actions: LogActions) {
		this.node = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.get("log"), tabindex: -1 });
	}

	/* The first thing said, before anybody speaks: who this is. */
	intro(welcome: string): void {
		const { words } = this;
		this.node.append(
			h("p", { class: "line disclosure" }, words.get("disclosure")),
			this.message("ai", welcome, words.get("assistant"), null, []));
	}

	clear(): void {
		const intro = [...this.node.children].slice(0, 2);
		this.pending.clear();
		this.node.replaceChildren(...intro);
	}

	/* Reading a backlog aloud would bury the reader. */
	quietly(run: () => void): void {
		this.node.setAttribute("aria-busy", "true");
		run();
		setTimeout(() => this.node.removeAttribute("aria-busy"), 300);
	}

	add(event: Event): void {
		const waiting = event.cmid === null ? undefined : this.pending.get(event.cmid);
		let node: HTMLElement | null;

		if (event.kind === "message.customer" && waiting) {
			node = waiting;
			this.mark_sent(node);
		} else {
			waiting?.remove();
			node = this.render(event);
		}
		if (event.cmid !== null)
			this.pending.delete(event.cmid);
		if (!node)
			return;
		if (/^(message|handover)\./.test(event.kind))
			this.drop_choices();
		node.dataset["seq"] = String(event.seq);
		const first = this.pending.values().next().value as HTMLElement | undefined;
		if (first && node !== waiting)
			this.node.insertBefore(node, first);
		else if (node.parentNode !== this.node)
			this.node.append(node);
	}

	/* An entry of the outbox, in whatever state it is. */
	show(entry: OutEntry): void {
		if (entry.kind !== "text") {
			this.show_request(entry);
			return;
		}
		let node = this.pending.get(entry.cmid);
		if (!node) {
			if (entry.stored)
				return;
			node = this.message("customer", entry.text, "", entry.at_ms * 1000, []);
			this.pending.set(entry.cmid, node);
			this.drop_choices();
			this.node.append(node);
		}
		if (entry.stored) {
			this.mark_sent(node);
			return;
		}
		const failed = entry.state === "failed";
		const text = failed ? `${this.words.get("failed")} ${entry.error?.message ?? ""} `
			: this.words.get(this.actions.online() ? "sending" : "waiting");
		this.set_state(node, failed ? "failed" : "sending", text, failed ? entry.cmid : null);
	}

	/* The network went or came: what waits says so. */
	refresh(entries: readonly OutEntry[]): void {
		for (const entry of entries)
			this.show(entry);
	}

	private show_request(entry: OutEntry): void {
		this.pending.get(entry.cmid)?.remove();
		this.pending.delete(entry.cmid);
		if (entry.stored || entry.state !== "failed" || entry.kind === "email")
			return;
		const node = h("p", { class: "line" }, `${entry.error?.message ?? this.words.get("failed")} `, this.again(entry.cmid));
		this.pending.set(entry.cmid, node);
		this.node.append(node);
	}

	private again(cmid: string): HTMLElement {
		return h("button", { type: "button", class: "link", onclick: () => this.actions.retry(cmid) }, this.words.get("retry"));
	}

	private mark_sent(node: HTMLElement): void {
		this.set_state(node, "sent", `${this.words.get("sent")} ✓`, null);
	}

	private set_state(node: HTMLElement, state: string, text: string, retry: string | null): void {
		const line = node.querySelector<HTMLElement>(".state");
		if (!line || (line.dataset["state"] === state && line.firstChild?.textContent === text))
			return;
		line.dataset["state"] = state;
		line.setAttribute("aria-live", state === "failed" ? "assertive" : "off");
		line.replaceChildren(text, ...(retry === null ? [] : [this.again(retry)]));
	}

	private drop_choices(): void {
		for (const node of this.node.querySelectorAll(".choices"))
			node.remove();
	}

	private render(event: Event): HTMLElement | null {
		const { words } = this;
		const time = clock_time(event.at_us, words.lang);
		switch (event.kind) {
		case "message.customer": {
			const node = this.message("customer", event.body.text, "", event.at_us, []);
			this.mark_sent(node);
			return node;
		}
		case "message.ai":
			return this.message("ai", event.body.text, words.get("assistant"), event.at_us, event.body.parts);
		case "message.agent":
			return this.message("agent", event.body.text, event.actor.name ?? words.get("person"), event.at_us, []);
		case "handover.requested":
			return this.line(`${words.get("passed", { team: event.body.team })} · ${time}`);
		case "handover.claimed":
			return this.line(`${words.get("joined", { name: event.body.name })} · ${time}`, "joined");
		case "handover.returned":
			return this.line(`${words.get("returned")} · ${time}`);
		case "contact.way_back":
			return this.line(`${words.get("email_line", { email: event.body.email })} · ${time}`);
		case "conversation.resolved":
			return this.line(`${words.get("resolved")} · ${time}`, "", words.get("resolved_hint"));
		case "conversation.reopened":
			return this.line(`${words.get("reopened")} · ${time}`);
		default:
			return null;
		}
	}

	private line(text: string, style = "", hint = ""): HTMLElement {
		return h("p", { class: `line ${style}`, dir: "auto" }, text, hint && h("span", {}, hint));
	}

	private message(by: "customer" | "ai" | "agent", text: string, name: string, at_us: number | null, parts: Part[]): HTMLElement {
		const { words } = this;
		const speaker = by === "customer" ? words.get("you") : by === "ai" ? words.get("ai_message")
			: `${name}, ${words.get("role_person")}`;
		const label = at_us === null ? speaker : `${speaker}, ${day_time(at_us, now_us(), words.lang)}`;
		const bubble = h("div", { class: "bubble", dir: "auto" }, h("p", { class: "text" }, text));
		const node = h("div", { class: `message ${by}`, role: "article", "aria-label": label, title: at_us === null ? null : day_time(at_us, now_us(), words.lang) });

		if (by === "customer") {
			node.append(h("span", { class: "hidden" }, `${words.get("you")}: `), bubble, h("p", { class: "state", "aria-live": "off" }));
			return node;
		}
		node.append(h("p", { class: "who" },
			h("span", { class: "badge", dir: "auto" }, by === "ai" ? words.get("ai") : first_name(name)),
			h("span", {}, by === "ai" ? name : this.team())), bubble);
		for (const part of parts) {
			const made = this.part(part);
			if (made)
				(part.type === "choices" ? node : bubble).append(made);
		}
		return node;
	}

	private part(part: Part): HTMLElement | null {
		switch (part.type) {
		case "source":
			return this.source(part);
		case "record":
			return this.record(part);
		case "choices":
			return h("div", { class: "choices", role: "group", "aria-label": this.words.get("choices") },
				...part.items.map((item) => h("button", {
					type: "button", class: "chip", dir: "auto", onclick: () => this.actions.choose(item),
				}, item)));
		default:
			return null;	/* a newer server's part: its text was said anyway */
		}
	}

	private link(label: string, url: string): HTMLElement {
		const href = safe_url(url, location.href);
		if (href === null)
			return h("bdi", {}, label);
		return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, h("bdi", {}, label),
			h("span", { class: "hidden" }, ` (${this.words.get("new_tab")})`));
	}

	private source(part: SourcePart): HTMLElement {
		return h("p", { class: "cite" }, `${this.words.get("source")} `, this.link(part.title, part.url),
			`, ${short_date(part.date, now_us(), this.words.lang)}`);
	}

	private record(part: RecordPart): HTMLElement {
		const { words } = this;
		const steps = Math.min(Math.max(0, Math.floor(part.steps)), 12);
		const done = Math.min(Math.max(0, Math.floor(part.step)), steps);
		const fresh = Math.abs(now_us() - part.as_of_us) < 120e6;
		const box = h("div", { class: "record" }, h("p", { class: "record-title", dir: "auto" }, part.title));

		if (steps > 0) {
			const bar = h("div", { class: "steps", role: "img", "aria-label": words.get("step", { n: done, of: steps }) });
			for (let i = 0; i < steps; i++)
				bar.append(h("i", { class: i < done ? "done" : null }));
			box.append(bar);
		}
		for (const line of part.lines)
			box.append(h("p", { dir: "auto" }, line));
		const cite = h("p", { class: "cite" }, words.get("from_source", {
			source: part.source,
			time: fresh ? words.get("just_now") : day_time(part.as_of_us, now_us(), words.lang),
		}));
		if (part.link)
			cite.append(" · ", this.link(part.link.label, part.link.url));
		return h("div", {}, box, cite);
	}
}

/* The mark of the passing: a square hand, a round one, the baton between. */
export function baton_mark(): SVGSVGElement {
	const mark = svg("0 0 32 32",
		["path", { d: "M10 9 22 23", class: "mark-baton" }],
		["rect", { x: 4, y: 3, width: 10, height: 10, rx: 3, class: "mark-ai" }],
		["circle", { cx: 23, cy: 24, r: 5.5, class: "mark-person" }]);
	mark.setAttribute("class", "mark");
	return mark;
}
