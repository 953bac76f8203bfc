/* SPDX-License-Identifier: Apache-2.0 */
/* eval.test.ts - baton eval, train and perceive on small sets of ours, and everything wrong that they may be given. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { baton } from "../support/server.ts";

const things = ["parcel", "jacket", "pair of shoes", "lamp", "order", "armchair"];
const said: Record<string, string[]> = {
	track: ["where is my {}", "when will the {} arrive", "track the {} please", "is my {} on its way yet", "the {} has not come"],
	give_back: ["how do I return the {}", "I want to send the {} back", "the {} does not fit", "a return label for my {}"],
	pay: ["how can I pay for the {}", "do you take paypal for a {}", "my card was declined for the {}", "an invoice for my {}"],
};
const strange = ["what is the weather like", "sing me a song", "who won the match", "tell me a joke", "how tall is that tower",
	"recommend a film to me", "what is nine times nine", "write a poem about trains"];

interface Row { text: string; label: string }

function rows(from: number, step: number): Row[] {
	const all = Object.entries(said).flatMap(([label, v]) => v.flatMap((s) => things.map((t) => ({ text: s.replace("{}", t), label }))));
	return all.filter((_, i) => i % step === from);
}

const csv = (v: Row[]): string => "text,label\n" + v.map((r) => `"${r.text}",${r.label}\n`).join("");
const oos = (from: number): Row[] => strange.filter((_, i) => i % 2 === from).map((text) => ({ text, label: "oos" }));

function with_folder(run: (folder: string, put: (name: string, bytes: string | Buffer) => string) => void): void {
	const folder = mkdtempSync(join(tmpdir(), "baton-eval-"));
	try {
		run(folder, (name, bytes) => {
			const path = join(folder, name);
			writeFileSync(path, bytes);
			return path;
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const evaluate = (...args: string[]) => baton(["eval", "--encoder", "none", ...args]);

function figures(...args: string[]): Record<string, any> {
	const got = evaluate("--json", ...args);
	assert.equal(got.status, 0, got.stderr);
	return JSON.parse(got.stdout);
}

const promised_keys = ["n", "accuracy", "in_scope_accuracy", "oos_auroc", "oos_recall", "ece", "coverage_at_95", "cpu_us_mean",
	"train_cpu_s", "encoder"];

test("a file is learned and another read: every key is there, and the same seed gives the same figures", () => {
	with_folder((folder, put) => {
		const train = put("train.csv", csv(rows(0, 2))), other = put("test.csv", csv(rows(1, 2)));
		const got = figures("--train", train, "--test", other, "--promise", "0.05", "--splits", "3");
		for (const key of promised_keys)
			assert.ok(key in got, key);
		assert.equal(got["n"], rows(1, 2).length);
		assert.ok(got["accuracy"] > 0.7 && got["accuracy"] <= 1, `accuracy ${got["accuracy"]}`);
		assert.equal(got["oos_auroc"], null, "does not apply without --oos");
		assert.equal(got["encoder"], null);
		assert.equal(got["promise"].splits, 3);
		assert.ok(got["cpu_us_mean"] > 0 && got["train_cpu_s"] > 0);
		const support = got["per_intent"].reduce((n: number, c: { support: number }) => n + c.support, 0);
		assert.equal(support, got["n"]);
		const again = figures("--train", train, "--test", other, "--promise", "0.05", "--splits", "3");
		for (const key of ["accuracy", "ece", "coverage_at_95", "promise", "per_intent", "confusions"])
			assert.deepEqual(again[key], got[key], key);
		/* TSV, JSONL and a folder say the same as CSV. */
		const tsv = put("t.tsv", "label\tmessage\n" + rows(1, 2).map((r) => `${r.label}\t${r.text}\n`).join(""));
		const jsonl = put("t.jsonl", rows(1, 2).map((r) => JSON.stringify({ utterance: r.text, intent: r.label, x: 0.5 }) + "\n").join(""));
		mkdirSync(join(folder, "split"));
		put("split/seq.in", rows(1, 2).map((r) => r.text + "\n").join(""));
		put("split/label", rows(1, 2).map((r) => r.label + "\n").join(""));
		for (const path of [tsv, jsonl, join(folder, "split")])
			assert.equal(figures("--train", train, "--test", path)["accuracy"], got["accuracy"], path);
	});
});

test("out of scope is refused by a threshold that never saw the test", () => {
	with_folder((_, put) => {
		const train = put("train.csv", csv(rows(0, 2))), valid = put("valid.csv", csv([...rows(0, 7), ...oos(0)]));
		const mixed = put("test.csv", csv([...rows(1, 2), ...oos(1)]));
		const got = figures("--train", train, "--valid", valid, "--test", mixed, "--oos", "oos");
		assert.equal(got["oos_n"], 4);
		assert.ok(got["oos_auroc"] >= 0.5 && got["oos_auroc"] <= 1);
		const right = got["in_scope_accuracy"] * got["in_scope_n"] + got["oos_recall"] * got["oos_n"];
		assert.ok(Math.abs(right / got["n"] - got["accuracy"]) < 1e-4, "a refused out-of-scope text counts as right");
		/* The same threshold on a test of one class only: it cannot have been taken from it. */
		const alone = figures("--train", train, "--valid", valid, "--test", put("in.csv", csv(rows(1, 2))), "--oos", "oos");
		assert.equal(alone["oos_threshold"], got["oos_threshold"]);
		assert.equal(alone["oos_recall"], null);
		/* Without --oos the same rows are a label that nobody taught. */
		const unknown = evaluate("--train", train, "--test", mixed);
		assert.match(unknown.stdout, /the label "oos" is not in training: counted as wrong/);
	});
});

test("shots, runs, noise, names and history", () => {
	with_folder((_, put) => {
		const train = put("train.csv", csv(rows(0, 2))), other = put("test.csv", csv(rows(1, 2)));
		const few = figures("--train", train, "--test", other, "--shots", "2", "--runs", "3");
		assert.equal(few["train_n"], 6);
		assert.equal(few["runs"].length, 3);
		const mean = few["runs"].reduce((n: number, r: { accuracy: number }) => n + r.accuracy, 0) / 3;
		assert.ok(Math.abs(mean - few["accuracy"]) < 1e-5);
		const whole = figures("--train", train, "--test", other)["accuracy"];
		assert.ok(figures("--train", train, "--test", other, "--noise", "typos=3")["accuracy"] <= whole);
		const names = put("names.tsv", "track\tTrack\twhere a parcel or an order is and when it will arrive\n" +
			"give_back\tReturns\tsend something back, return label, does not fit\npay\tPayment\tways to pay, card declined, invoice\n");
		const cold = figures("--names", names, "--test", other);
		assert.equal(cold["train_n"], 0);
		assert.ok(cold["accuracy"] > 0.4, `names alone: ${cold["accuracy"]}`);
		const past = put("past.txt", rows(0, 2).map((r) => r.text + "\n").join(""));
		assert.equal(figures("--train", train, "--test", other, "--shots", "2", "--unlabelled", past)["unlabelled_n"], rows(0, 2).length);
	});
});

test("what changed since is told example by example", () => {
	with_folder((folder, put) => {
		const train = put("train.csv", csv(rows(0, 2))), other = put("test.csv", csv(rows(1, 2))), old = join(folder, "old.json");
		assert.equal(evaluate("--train", train, "--test", other, "--shots", "1", "--save", old).status, 0);
		const got = figures("--train", train, "--test", other, "--compare", old)["compared"];
		assert.equal(got.better + got.worse + got.same, rows(1, 2).length);
		assert.equal(got.changes.length, got.better + got.worse);
		assert.ok(got.better > 0 && got.is_accuracy > got.was_accuracy);
		assert.ok(got.mcnemar_p > 0 && got.mcnemar_p <= 1);
		const wrong = evaluate("--train", train, "--test", other, "--compare", put("no.json", "{\"format\":\"other\"}"));
		assert.equal(wrong.status, 78);
		assert.match(wrong.stderr, /no\.json: not an evaluation that --save wrote/);
	});
});

test("the page stands alone, runs nothing and escapes what it shows", () => {
	with_folder((folder, put) => {
		const nasty = [...rows(0, 2), { text: "<script>alert(1)</script> where is it", label: "tr<b>ack" }];
		const train = put("train.csv", csv(nasty)), page = join(folder, "page.html");
		assert.equal(evaluate("--train", train, "--test", put("test.csv", csv([...rows(1, 2), ...nasty.slice(-1)])), "--html", page).status, 0);
		const html = readFileSync(page, "utf8");
		assert.match(html, /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='/);
		assert.doesNotMatch(html, /<script|<b>|\sstyle=|https?:/);
		assert.equal(html.match(/<svg /g)?.length, 2);
		assert.match(html, /tr&lt;b&gt;ack/);
	});
});

test("what is wrong with a set is said clearly", () => {
	with_folder((_, put) => {
		const train = put("train.csv", csv(rows(0, 2))), other = put("test.csv", csv(rows(1, 2)));
		const says = (what: RegExp, status: number, ...args: string[]) => {
			const got = evaluate(...args);
			assert.match(got.stderr + got.stdout, what);
			assert.equal(got.status, status, got.stderr);
		};
		says(/"only" is the only intent/, 0, "--train", put("one.csv", csv(rows(0, 2).map((r) => ({ ...r, label: "only" })))), "--test", other);
		says(/none\.csv: no text with a label/, 78, "--train", put("none.csv", "text,label\n"), "--test", other);
		says(/empty\.csv: no text with a label/, 78, "--train", put("empty.csv", ""), "--test", other);
		const many = put("many.csv", csv(Array.from({ length: 5000 }, (_v, i) => ({ text: `text ${i}`, label: `label ${i}` }))));
		says(/many\.csv: 5000 different labels; at most 4096/, 78, "--train", many, "--test", other);
		const spelt = put("spelt.csv", csv([...rows(0, 2), { text: "give it back", label: "Give-Back" }]));
		says(/spelt\.csv:\d+: the label "[\w-]+" is also spelt "[\w-]+"/, 0, "--train", spelt, "--test", other);
		says(/bad\.csv:3: not UTF-8/, 0, "--train", put("bad.csv", Buffer.concat([Buffer.from("text,label\na b,track\nc "),
			Buffer.from([0xff, 0xfe]), Buffer.from(" d,pay\n")])), "--test", other);
		says(/open\.csv:2: a quoted field begins here and never ends/, 78, "--train", put("open.csv", "text,label\n\"a,b\n"), "--test", other);
		says(/broken\.jsonl:2: expected one JSON object/, 78, "--train", put("broken.jsonl", '{"text":"a","label":"b"}\n{"text"\n'), "--test", other);
		says(/gone\.csv: No such file/, 3, "--train", "gone.csv", "--test", other);
		says(/leak\.csv: \d+ of \d+ texts stand in training too/, 0, "--train", train, "--test", put("leak.csv", csv([...rows(1, 2), ...rows(0, 13)])));
		says(/The same text is an example of/, 0, "--train", put("both.csv", csv([...rows(0, 2), { ...rows(0, 2)[0]!, label: "pay" }])), "--test", other);
		says(/"spots" is no noise/, 78, "--train", train, "--test", other, "--noise", "spots");
		says(/--promise wants a share between 0 and 1/, 2, "--train", train, "--test", other, "--promise", "2");
		says(/--train and --names want --test/, 2, "--train", train);
		says(/--html wants a value/, 2, "--train", train, "--test", other, "--html", "--json");
		says(/--shots wants a number from 1/, 2, "--train", train, "--test", other, "--shots", "0");
		says(/--splits: at most 10000/, 2, "--train", train, "--test", other, "--promise", "0.05", "--splits", "100000000000");
		says(/--noise is for files/, 2, "--noise", "typos=2");
		says(/--oos is for files/, 2, "--oos", "none of these");
		says(/no encoder "nowhere"/, 3, "--train", train, "--test", other, "--encoder", "nowhere");
	});
});

test("texts of any kind are read in bounded time", () => {
	with_folder((folder, put) => {
		const train = put("train.csv", csv(rows(0, 2)));
		const hostile = ["x".repeat(1_000_000), "😀".repeat(10_000), "Z̸̡̛͚͎̈́͝a̷͙͑l̴͕̄g̷̱̈o̸̪͠".repeat(500), "\u202eorder my is where", "\u0001\u0002\u001b[31m", "%s%n\\",
			"' OR 1=1 --", "word ".repeat(50_000)].map((text) => ({ text, label: "track" }));
		const path = put("hostile.jsonl", hostile.map((r) => JSON.stringify(r) + "\n").join(""));
		assert.equal(figures("--train", train, "--test", path)["n"], hostile.length);
		const shown = evaluate("--train", train, "--test", path).stdout;
		assert.doesNotMatch(shown, /\u001b/, "no control character reaches the terminal");
		/* nor by a label, where two evaluations are compared */
		const before = put("before.json", ""), label = "tra\u001b[2Jck";
		const odd = put("odd.jsonl", rows(0, 2).map((r) => JSON.stringify(r.label === "track" ? { ...r, label } : r) + "\n").join(""));
		assert.equal(evaluate("--train", odd, "--test", odd, "--save", before).status, 0);
		const one_class = put("one.csv", csv(rows(0, 2).map((r) => ({ ...r, label: "pay" }))));
		const compared = evaluate("--train", one_class, "--test", odd, "--compare", before);
		assert.match(compared.stdout, /Since then/);
		assert.doesNotMatch(compared.stdout, /\u001b/);
		const pipe = join(folder, "pipe");
		assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
		assert.match(evaluate("--train", pipe, "--test", path).stderr, /pipe: not a file/);
		assert.match(baton(["eval", "--train", train, "--test", train, "--encoder", pipe]).stderr, /pipe: not a file/);
	});
});

test("baton perceive answers each line with a line, and goes on after a bad one", () => {
	const lines = ["where is my parcel?", '{"text":"still nothing!!","history":[{"by":"customer","text":"where is my parcel?"}],"id":7}',
		'{"text":3}', "{broken", '{"text":"x","history":[{"by":"robot","text":"y"}]}', '{"text":"x","known":["email",1]}', "wo ist mein Paket", "y".repeat(100_000)];
	const got = baton(["perceive", "--languages", "en,de", "--zone", "Europe/Berlin", "--now", "2026-11-22T10:00:00Z"], lines.join("\n") + "\n");
	assert.equal(got.status, 0, got.stderr);
	const out = got.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
	assert.equal(out.length, lines.length);
	assert.equal(out[0].text, lines[0]);
	assert.deepEqual(out[0].intents, [], "without a workspace there are none");
	assert.equal(out[0].language, "en");
	assert.equal(out[1].id, 7);
	assert.equal(out[1].similar.length, 1);
	assert.deepEqual(out[2], { error: "text: expected a string", line: 3 });
	assert.equal(out[3].line, 4);
	assert.match(out[4].error, /history\[0\]\.by/);
	assert.match(out[5].error, /known\[1\]/);
	assert.equal(out[6].language, "de");
	const plain = baton(["perceive", "--plain"], "{not json\n");
	assert.equal(JSON.parse(plain.stdout).text, "{not json");
	for (const bad of [["--languages", "english"], ["--zone", "Atlantis/Deep"], ["--now", "yesterday"]])
		assert.equal(baton(["perceive", ...bad], "x\n").status, 78, bad.join(" "));
});

test("in a workspace: train, eval by folds, perceive with intents", () => {
	with_folder((folder) => {
		const place = join(folder, "desk"), model = join(folder, "model");
		assert.equal(baton(["init", place]).status, 0);
		const trained = baton(["train", place, "--encoder", "none", "--save", model, "--seed", "3"]);
		assert.equal(trained.status, 0, trained.stderr);
		assert.match(trained.stdout, /^trained: \d+ intents, \d+ examples in/);
		const json = JSON.parse(baton(["train", place, "--encoder", "none", "--json"]).stdout);
		assert.ok(Array.isArray(json.problems));
		const own = baton(["eval", place, "--encoder", "none", "--json"]);
		assert.equal(own.status, 0, own.stderr);
		assert.equal(JSON.parse(own.stdout).n, json.held_out);
		assert.match(own.stdout, /trained anew/);
		const twice = ["a", "b"].map((name) => join(folder, name));
		assert.equal(baton(["train", place, "--encoder", "none", "--save", twice[0]!, "--seed", "3"]).status, 0);
		assert.deepEqual(readFileSync(twice[0]!), readFileSync(model), "the same seed, the same model");
		assert.equal(baton(["train", place, "--encoder", "none", "--save", twice[1]!, "--seed", "4"]).status, 0);
		assert.notDeepEqual(readFileSync(twice[1]!), readFileSync(model), "the seed reaches the file");
		assert.equal(baton(["publish", place]).status, 0);
		const kept = baton(["eval", place, "--encoder", "none", "--json"]).stdout;
		assert.match(kept, /as the published model's folds said it/);
		assert.equal(JSON.parse(kept).accuracy, JSON.parse(own.stdout).accuracy, "kept, or trained anew: the same figures");
		const got = baton(["perceive", place, "--model", model], "I want to send something back\n");
		assert.equal(got.status, 0, got.stderr);
		assert.ok(JSON.parse(got.stdout).intents.length > 0);
		writeFileSync(model, readFileSync(model).subarray(0, 100));
		const damaged = baton(["perceive", place, "--model", model], "x\n");
		assert.notEqual(damaged.status, 0);
		assert.match(damaged.stderr, /model: /);
	});
});
