/* SPDX-License-Identifier: Apache-2.0 */
/* conversation.test.ts - who holds the conversation, and what the customer is told of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config, Event, EventKind, Wait } from "../../shared/protocol.ts";
import { apply, bar_note, header_note, new_talk, queue_words, wait_range } from "./conversation.ts";
import { languages, Words, type Key } from "./strings.ts";

const en = new Words("en");

function event(seq: number, kind: EventKind, body: object): Event {
	return {
		seq, at_us: seq, kind, body, audience: "public", cmid: null, turn: null,
		actor: { type: "system", name: null, id: null },
	} as Event;
}

function wait(change: Partial<Wait>): Wait {
	return { place: 1, low_s: 100, high_s: 240, agents_online: 2, open: true, next_us: null, team: "Customer care", ...change };
}

const config = {
	hours: { open: true, until_us: null, next_us: null, zone: "UTC" }, wait: wait({ place: null }),
} as unknown as Config;

test("the baton passes: AI, queue, person, AI", () => {
	const talk = new_talk();
	assert.equal(header_note(talk, config.hours, en), "AI assistant now");
	apply(talk, event(1, "handover.requested", { team: "Customer care", open: true, next_us: null }));
	assert.equal(talk.hand, "queue");
	apply(talk, event(2, "handover.claimed", { name: "Dana Keller" }));
	assert.equal(bar_note(talk, config, en), "Dana is here");
	assert.equal(header_note(talk, config.hours, en), "You're talking to Dana Keller");
	apply(talk, event(3, "handover.returned", {}));
	assert.equal(talk.hand, "ai");
	assert.equal(bar_note(talk, config, en), "about 2–4 min");
});

test("an event that was here does nothing twice", () => {
	const talk = new_talk();
	assert.ok(apply(talk, event(4, "conversation.resolved", {})));
	assert.ok(!apply(talk, event(4, "conversation.resolved", {})));
	assert.ok(!apply(talk, event(2, "handover.claimed", { name: "Dana" })));
	assert.equal(talk.hand, "ai");
	assert.equal(talk.events.length, 1);
});

test("a wait is a range, and honest at its ends", () => {
	assert.equal(wait_range(wait({ low_s: 5, high_s: 50 }), en), "about a minute");
	assert.equal(wait_range(wait({ low_s: 170, high_s: 175 }), en), "about 3 min");
	assert.equal(wait_range(wait({ low_s: 3600, high_s: 9000 }), en), "about 1–3 h");
	assert.equal(wait_range(wait({ high_s: null }), en), null);
	assert.equal(wait_range(null, en), null);
});

test("the card says place, team and time, or when somebody is back", () => {
	const talk = new_talk();
	apply(talk, event(1, "handover.requested", { team: "Customer care", open: true, next_us: null }));
	assert.equal(queue_words(talk, en).title, "You're in line for a person");
	talk.wait = wait({});
	assert.equal(queue_words(talk, en).title, "You're next in line");
	assert.match(queue_words(talk, en).text, /^Customer care \(2 people at the desk\) answers in about 2–4 min\./);
	talk.wait = wait({ place: 3, agents_online: 0 });
	assert.equal(queue_words(talk, en).title, "You're number 3 in line");
	assert.match(queue_words(talk, en).text, /Nobody is at the desk/);
	talk.wait = wait({ open: false, next_us: (Date.now() + 86_400_000) * 1000 });
	assert.match(queue_words(talk, en).title, /^A person answers from \w/);
	assert.ok(queue_words(talk, en).closed);
});

test("each language says everything, fills the same blanks, and knows its plurals", () => {
	const blanks = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
	for (const [lang, table] of Object.entries(languages))
		for (const key of Object.keys(languages["en"]!) as Key[]) {
			const ours = languages["en"]![key], theirs = table[key];
			assert.equal(typeof theirs, typeof ours, `${lang}.${key}`);
			const pair = [ours, theirs].map((entry) => typeof entry === "string" ? entry : entry.other);
			assert.ok(pair[1] !== "", `${lang}.${key} is empty`);
			assert.equal(blanks(pair[1]!), blanks(pair[0]!), `${lang}.${key}`);
		}
	assert.equal(en.get("desk", { n: 1 }), "1 person at the desk");
	assert.equal(new Words("de-AT").get("send"), "Senden");
	assert.equal(new Words("xx").get("send"), "Send");
});
