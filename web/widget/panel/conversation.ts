/* SPDX-License-Identifier: Apache-2.0 */
/* conversation.ts - what the widget knows of its conversation, as a pure fold of events. */
import type { Config, Conv, Event, Hours, Wait } from "../../shared/protocol.ts";
import { day_time, clock_time } from "../../shared/text.ts";
import type { Words } from "./strings.ts";

export type Hand = "ai" | "queue" | "agent";

export interface Talk {
	/* "conv:ID", or null before the first message. */
	topic: string | null;
	events: Event[];
	hand: Hand;
	agent: string | null;
	team: string | null;
	/* Of the last hand-over: were people there, and if not, when. */
	desk: { open: boolean; next_us: number | null } | null;
	wait: Wait | null;
	way_back: string | null;
	resolved: boolean;
}

export function new_talk(): Talk {
	return {
		topic: null, events: [], hand: "ai", agent: null, team: null, desk: null,
		wait: null, way_back: null, resolved: false,
	};
}

/* What GET /visit or a snapshot says; events that follow are newer. */
export function take_conv(talk: Talk, conv: Conv): void {
	talk.topic = `conv:${conv.id}`;
	talk.wait = conv.wait;
	talk.way_back = conv.way_back;
	talk.resolved = conv.status === "resolved";
	talk.hand = conv.holder.type === "none" ? "ai" : conv.holder.type;
	talk.agent = conv.holder.type === "agent" ? conv.holder.name : null;
	if (conv.wait)
		talk.team = conv.wait.team;
}

/* Applies one event; false when it was here already. */
export function apply(talk: Talk, event: Event): boolean {
	const last = talk.events.at(-1)?.seq ?? 0;
	if (event.seq <= last)
		return false;
	talk.events.push(event);

	switch (event.kind) {
	case "handover.requested":
		talk.hand = "queue";
		talk.agent = null;
		talk.team = event.body.team;
		talk.desk = { open: event.body.open, next_us: event.body.next_us };
		break;
	case "handover.claimed":
		talk.hand = "agent";
		talk.agent = event.body.name;
		talk.wait = null;
		break;
	case "handover.returned":
		talk.hand = "ai";
		talk.agent = null;
		talk.wait = null;
		break;
	case "contact.way_back":
		talk.way_back = event.body.email;
		break;
	case "conversation.resolved":
		talk.resolved = true;
		talk.hand = "ai";
		talk.agent = null;
		talk.wait = null;
		break;
	case "conversation.reopened":
	case "message.customer":
		talk.resolved = false;
		break;
	}
	return true;
}

export function now_us(): number {
	return Date.now() * 1000;
}

/* "about 2–4 min" from seconds; null when nobody can honestly say. */
export function wait_range(wait: Wait | null, words: Words): string | null {
	if (!wait || wait.high_s === null)
		return null;
	const high = Math.max(1, Math.ceil(wait.high_s / 60));
	const low = Math.min(high, Math.max(1, Math.round((wait.low_s ?? 0) / 60)));
	if (high === 1)
		return words.get("about_minute");
	if (high > 90) {
		const h_high = Math.ceil(high / 60), h_low = Math.max(1, Math.round(low / 60));
		return words.get(h_low < h_high ? "about_hours" : "about_hour", { low: h_low, high: h_high });
	}
	return words.get(low < high ? "about_range" : "about_one", { low, high });
}

/* The right side of the "Talk to a person" bar. */
export function bar_note(talk: Talk, config: Config, words: Words): string {
	if (talk.hand === "agent")
		return words.get("is_here", { name: first_name(talk.agent) ?? words.get("somebody") });
	const wait = talk.wait ?? config.wait;
	const open = wait?.open ?? config.hours.open;
	const next = wait?.next_us ?? config.hours.next_us;
	if (!open)
		return next === null ? "" : words.get("back_at", { time: day_time(next, now_us(), words.lang) });
	return wait_range(wait, words) ?? "";
}

export function header_note(talk: Talk, hours: Hours, words: Words): string {
	if (talk.hand === "agent")
		return words.get("talking_to", { name: talk.agent ?? words.get("somebody") });
	if (talk.hand === "queue")
		return words.get("person_coming");
	const now = words.get("now_ai");
	if (hours.open && hours.until_us !== null)
		return `${now} · ${words.get("people_until", { time: clock_time(hours.until_us, words.lang) })}`;
	if (!hours.open && hours.next_us !== null)
		return `${now} · ${words.get("people_back", { time: day_time(hours.next_us, now_us(), words.lang) })}`;
	return now;
}

/* The card while a person is waited for: its title and its sentences. */
export function queue_words(talk: Talk, words: Words): { title: string; text: string; closed: boolean } {
	const team = talk.wait?.team || talk.team || words.get("team");
	const open = talk.wait?.open ?? talk.desk?.open ?? true;
	const next = talk.wait?.next_us ?? talk.desk?.next_us ?? null;
	if (!open)
		return {
			closed: true,
			title: next === null ? words.get("closed_title_plain")
				: words.get("closed_title", { time: day_time(next, now_us(), words.lang) }),
			text: words.get("closed_text", { team }),
		};

	const place = talk.wait?.place ?? null;
	const range = wait_range(talk.wait, words);
	const title = place === 1 ? words.get("next_in_line")
		: place !== null && place > 1 ? words.get("place", { n: place }) : words.get("in_line");
	if (talk.wait?.agents_online === 0)
		return { closed: false, title, text: `${words.get("desk_empty")} ${words.get("keep")}` };
	const desk = talk.wait ? ` (${words.get("desk", { n: talk.wait.agents_online })})` : "";
	const answer = range ? words.get("take", { team: team + desk, range }) : words.get("take_plain", { team: team + desk });
	return { closed: false, title, text: `${answer} ${words.get("keep")}` };
}

export function first_name(name: string | null): string | null {
	return name?.trim().split(/\s+/)[0] || null;
}
