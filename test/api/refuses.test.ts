/* SPDX-License-Identifier: Apache-2.0 */
/* refuses.test.ts - what the founder does wrong at the command line is said, with its place and an exit code. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Server, baton, nobody, program } from "../support/server.ts";

const env = { HOME: tmpdir(), TMPDIR: tmpdir(), PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8" };
const root = process.getuid?.() === 0 ? ["--allow-root"] : [];

function with_workspace(run: (place: string) => void): void {
	const folder = mkdtempSync(join(tmpdir(), "baton-founder-"));
	try {
		const place = join(folder, "desk");
		const made = baton(["init", place]);
		assert.equal(made.status, 0, made.stderr);
		run(place);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function serve(place: string, more: string[] = [], vars: Record<string, string> = {}): { status: number | null; stderr: string } {
	return spawnSync(program, ["serve", ...root, ...more, place], { env: { ...env, ...vars }, encoding: "utf8", timeout: 10_000 });
}

test("a new workspace checks, talks and publishes; its secret is only the owner's", () => {
	with_workspace((place) => {
		assert.equal(baton(["check", place]).status, 0);
		assert.match(baton(["talk", "--dir", place, join(place, "test/first.talk")]).stdout, /1 passed, 0 failed/);
		assert.equal(baton(["publish", place]).status, 0);
		assert.equal(statSync(join(place, "logins.txt")).mode & 0o777, 0o600);
		const again = baton(["init", place]);
		assert.equal(again.status, 4, "a workspace is never overwritten");
		const other = join(place, "../other");
		assert.equal(baton(["init", other]).status, 0);
		assert.notEqual(readFileSync(join(other, "logins.txt"), "utf8"), readFileSync(join(place, "logins.txt"), "utf8"));
	});
});

test("several mistakes at once, each with its file and line", () => {
	with_workspace((place) => {
		appendFileSync(join(place, "policy/rules.yaml"), "  - id: broken\n    when: words sometimes [\"x\"]\n    then: reply nowhere\n");
		appendFileSync(join(place, "policy/intents.yaml"), "nonsense: 1\n");
		const found = baton(["check", place]);
		assert.equal(found.status, 78);
		assert.match(found.stderr, /^policy\/rules\.yaml:\d+: .*any.*all.*exactly/m);
		assert.match(found.stderr, /^policy\/rules\.yaml:\d+: .*nowhere/m);
		assert.match(found.stderr, /^policy\/intents\.yaml:\d+: .*nonsense/m);
		const published = baton(["publish", place]);
		assert.equal(published.status, 78);
		assert.match(published.stderr, /nothing was published/);
	});
});

test("a script that fails shows what was wanted, what happened and why", () => {
	with_workspace((place) => {
		const file = join(place, "test/wrong.talk");
		writeFileSync(file, 'customer ana says "when r you open"\n  expect says "on Sundays"\n');
		const played = baton(["talk", "--dir", place, file]);
		assert.equal(played.status, 1);
		assert.match(played.stdout, /wrong\.talk:2/);
		assert.match(played.stdout, /- expect says "on Sundays"/);
		assert.match(played.stdout, /\+ the AI said "People are here Monday/);
		assert.match(played.stdout, /why:[\s\S]*intent opening_hours/);
	});
});

test("R4: a store that is not durable is not served, and the setting is named", () => {
	with_workspace((place) => {
		assert.equal(baton(["publish", place]).status, 0);
		const refused = serve(place, ["--listen.port=0"], { BATON_FAIL: "store_pragma:error@1" });
		assert.equal(refused.status, 78, refused.stderr);
		assert.match(refused.stderr, /synchronous|journal_mode|pragma/i);
	});
});

test("what cannot be served safely is refused before it listens", () => {
	with_workspace((place) => {
		const nothing = serve(place, ["--listen.port=0"]);
		assert.equal(nothing.status, 3, "nothing was published yet");
		assert.match(nothing.stderr, /publish/);
		assert.equal(baton(["publish", place]).status, 0);
		const open = serve(place, ["--listen.port=0", "--listen.address=0.0.0.0"]);
		assert.equal(open.status, 78);
		assert.match(open.stderr, /https/);
		for (const url of ["https://desk.example/here", "https://Desk.example", "https://desk.example:443", "https://",
			"http://desk.example:80", "https://a@desk.example"]) {
			const never = serve(place, ["--listen.port=0", `--listen.public_url=${url}`]);
			assert.equal(never.status, 78, `${url} can be no browser's Origin`);
			assert.match(never.stderr, /listen\.public_url/);
		}
		const unknown = serve(place, [], { BATON_LISTEN_PROT: "1" });
		assert.equal(unknown.status, 78);
		assert.match(unknown.stderr, /BATON_LISTEN_PROT/);
		appendFileSync(join(place, "baton.yaml"), "limits: {messages_per_min: many}\n");
		const wrong = serve(place);
		assert.equal(wrong.status, 78);
		assert.match(wrong.stderr, /baton\.yaml:\d+.*messages_per_min/);
	});
});

test("one workspace has one writer, and commands go through it", async () => {
	const server = await Server.start();
	try {
		assert.equal(serve(server.place, ["--listen.port=0"]).status, 4, "a second server");
		const added = baton(["user", "add", "kim@halden.example", "--name", "Kim", "--inbox", "halden", "--dir", server.place]);
		assert.equal(added.status, 0, added.stderr);
		const password = /password (\S+)/.exec(added.stdout)?.[1] ?? "";
		assert.equal((await server.call("POST", "/api/v1/session", nobody, { email: "kim@halden.example", password })).status, 200);
		assert.equal(baton(["user", "add", "kim@halden.example", "--name", "Kim", "--dir", server.place]).status, 4);
		appendFileSync(join(server.place, "policy/rules.yaml"), "  - id: x\n");
		assert.equal(baton(["publish", server.place]).status, 78);
		const visitor = await server.visitor();
		assert.equal((await server.say(visitor, "hello")).status, 201, "what ran before still runs");
	} finally {
		await server.stop();
	}
});
