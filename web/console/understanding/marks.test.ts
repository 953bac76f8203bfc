/* SPDX-License-Identifier: Apache-2.0 */
/* marks.test.ts - pieces say the text again, whatever the marks are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seen } from "../../shared/protocol.ts";
import { marksOf, piecesOf } from "./marks.ts";

const seen = (more: Partial<Seen>): Seen => ({
	entities: [], personal: [], flags: [], corrections: [], clauses: [], why: null, ...more,
} as unknown as Seen);

const again = (text: string, s: Seen) => piecesOf(text, marksOf(text, s)).map((p) => p.text).join("");

test("a text without marks is one piece, an empty one none", () => {
	assert.deepEqual(piecesOf("abc", []), [{ text: "abc", kinds: [] }]);
	assert.deepEqual(piecesOf("", []), []);
});

test("marks that overlap share the piece that both cover", () => {
	const text = "mail ana@example.org now";
	const s = seen({
		entities: [{ kind: "email", value: "x", p_ppm: 1, from: 5, to: 20 }],
		personal: [{ kind: "email", what: "", p_ppm: 1, from: 9, to: 24 }],
	});
	assert.deepEqual(piecesOf(text, marksOf(text, s)).map((p) => p.kinds.length), [0, 1, 2, 1]);
	assert.equal(again(text, s), text);
});

test("what lies outside the text is left out", () => {
	const s = seen({ flags: [{ kind: "legal", reason: "", p_ppm: 1, from: 0, to: 0 },
		{ kind: "legal", reason: "", p_ppm: 1, from: 2, to: 99 }] });
	assert.deepEqual(marksOf("abc", s), []);
});

test("a correction stands at the word, not inside another", () => {
	const text = "reorder my ordr (ordr?)";
	const s = seen({ corrections: [{ from: "ordr", to: "order" }, { from: "a(b", to: "x" }] });
	assert.deepEqual(marksOf(text, s).map((m) => [m.from, m.to]), [[11, 15]]);
	assert.equal(again(text, s), text);
});

test("only words that pulled up are marked", () => {
	const s = seen({ why: { by_meaning: false, nearest: [], pulls: [
		{ word: "a", logit_milli: 900, from: 0, to: 1 }, { word: "b", logit_milli: -900, from: 2, to: 3 },
		{ word: "c", logit_milli: 10, from: 4, to: 5 }, { word: "#0", logit_milli: 900, from: 0, to: 0 }] } });
	assert.deepEqual(marksOf("a b c", s).map((m) => m.label), ["a"]);
});
