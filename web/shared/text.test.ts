/* SPDX-License-Identifier: Apache-2.0 */
/* text.test.ts - links, addresses, times and colours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contrast, parse_colour, readable_brand } from "./brand.ts";
import { char_count, email_valid, initial, safe_url, short_date } from "./text.ts";

const base = "https://desk.example/widget/";

test("a link is https or our own, or it is no link", () => {
	assert.equal(safe_url("/a/returns/3#opened", base), "https://desk.example/a/returns/3#opened");
	assert.equal(safe_url("https://dhl.example/1", base), "https://dhl.example/1");
	assert.equal(safe_url("/a/x", "http://127.0.0.1:8080/widget/"), "http://127.0.0.1:8080/a/x");
	for (const bad of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
	    "data:text/html,x", "http://dhl.example/", "blob:https://desk.example/1", "vbscript:x",
	    "https://desk.example@evil.example/", "https://", "file:///etc/passwd"])
		assert.equal(safe_url(bad, base), null, bad);
	assert.equal(safe_url("//evil.example/x", "http://desk.example/"), null);
});

test("characters are counted as people count them, not as UTF-16", () => {
	assert.equal(char_count("añ🧥"), 3);
});

test("an address has a name, a host and no surprises", () => {
	for (const good of ["ana@example.org", "a.b+c@mail.example.co", "jörg@bücher.example"])
		assert.ok(email_valid(good), good);
	for (const bad of ["", "ana", "ana@", "ana@example", "@example.org", "a b@example.org", "ana@example..org",
	    "ana@example.org,eve@example.org", "<ana@example.org>", `${"a".repeat(65)}@example.org`])
		assert.ok(!email_valid(bad), bad);
});

test("an initial is a letter with its marks", () => {
	assert.equal(initial("halden"), "H");
	assert.equal(initial("  «Été»"), "É");
	assert.equal(initial("…"), "?");
});

test("a date shows its year only when it is another", () => {
	const now = Date.UTC(2026, 10, 22) * 1000;
	assert.equal(short_date("2026-11-03", now, "en"), "3 Nov");
	assert.equal(short_date("2025-11-03", now, "en"), "3 Nov 2025");
	assert.equal(short_date("soon", now, "en"), "soon");
});

test("every brand colour ends readable under white, and a dark one stays itself", () => {
	const white = parse_colour("#fff")!;
	for (const colour of ["#ffffff", "#ffee00", "#00ff00", "#ff9966", "#88aaff", "#777", "nonsense", ""])
		assert.ok(contrast(parse_colour(readable_brand(colour))!, white) >= 4.5, colour);
	assert.equal(readable_brand("#204d3b"), "#204d3b");
	assert.equal(readable_brand("red;}"), readable_brand(""), "what is not a colour never reaches a style");
});
