/* SPDX-License-Identifier: Apache-2.0 */
/* past.test.ts - publishing learns from what customers wrote before, and keeps nothing of theirs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { published, write_folder } from "../support/encoder.ts";
import { Server, baton, program, until, type Agent } from "../support/server.ts";

const AT = "/api/v1/understanding";
const place = mkdtempSync(join(tmpdir(), "baton-past-"));
const encoder = join(place, "home/encoders/tiny.encoder");
let server: Server;
let ada: Agent;

before(async () => {
	const made = spawnSync(program, ["encoder", "add", write_folder(join(place, "tiny"), published())],
		{ env: { PATH: "/usr/bin:/bin", BATON_HOME: join(place, "home") }, encoding: "utf8" });
	assert.equal(made.status, 0, made.stderr);
	server = await Server.start({ nlu: { encoder, history_messages: 40 } });
	ada = await server.ada();
});
after(async () => {
	await server?.stop();
	rmSync(place, { recursive: true, force: true });
});

interface Row { hash: string; past_to: number; past_max: number; past_n: number; past_sum: string; model: string }

const store = (): string => join(server.place, "data/baton.db");

/* The row of what is live; the model in hex. */
function row(): Row {
	const got = spawnSync("sqlite3", ["-readonly", "-json", store(), "SELECT hash, past_to, past_max, past_n, past_sum, "
		+ "hex(model) AS model FROM policy JOIN setting ON value = hash WHERE name = 'policy.live'"],
	{ encoding: "utf8", maxBuffer: 1 << 26 });
	assert.equal(got.status, 0, got.stderr);
	return JSON.parse(got.stdout)[0];
}

function publish(): string {
	const answer = baton(["publish", server.place]);
	assert.equal(answer.status, 0, answer.stderr);
	return answer.stdout;
}

test("a desk without past messages learns from its examples", () => {
	assert.doesNotMatch(publish(), /past messages/);
	const now = row();
	assert.equal(now.past_n, 0);
	assert.equal(now.past_sum, "");
});

test("a fresh message is learned from, masked and once; an answer is not", async () => {
	for (let i = 0; i < 6; i++) {
		const visitor = await server.visitor();
		await server.say(visitor, `has the quxel parcel HP-10${i}7 left yet, I am qzana${i}@example.org`);
		await server.say(visitor, "no it was another one that I meant before");
	}
	await server.say(await server.visitor(), "where might the quxel I asked for be");
	await server.say(await server.visitor(), "yes");
	const before = row();
	assert.match(publish(), /learned from 2 past messages too; live now/);
	const now = row();
	assert.equal(now.hash, before.hash, "the same policy");
	assert.equal(now.past_n, 2);
	assert.equal(now.past_max, 40);
	assert.ok(now.past_to > before.past_to);
	assert.match(now.past_sum, /^[0-9a-f]{64}$/);
	const bytes = Buffer.from(now.model, "hex");
	for (const never of ["qzana", "quxel", "HP-10"])
		assert.equal(bytes.indexOf(never), -1, never);
	publish();
	assert.equal(row().past_sum, now.past_sum, "the same again");
	assert.equal(row().model, now.model);
	assert.deepEqual((await server.get(AT, ada)).body.past, { n: 2, sum: now.past_sum });
});

test("a draft is learned and published as it would be by hand", async () => {
	const added = await server.post(`${AT}/draft/changes`, ada, { kind: "add", intent: "payment", text: "can I pay the quxel off" });
	assert.equal(added.status, 201, added.text);
	const look = (rough: boolean): Promise<any> => until(`a look, rough: ${rough}`, async () => {
		const { draft } = (await server.get(`${AT}/draft`, ada)).body;
		return draft.state === "ready" && draft.rough === rough ? draft : null;
	});
	const first = await look(true);
	assert.deepEqual([first.past, first.past_left], [2, 0], "what the live one knows, the first look knows");
	const { version, past } = await look(false);
	assert.equal(past, 2);
	const answer = await server.post(`${AT}/draft/publish`, ada, { version });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.body.past, 2);
	assert.equal(row().past_n, 2);
});

test("a model that cannot be read is made again from the same messages, and the log says so", async () => {
	const was = row();
	await server.say(await server.visitor(), "the newest message does not count here");
	await server.kill9();
	const spoilt = spawnSync("sqlite3", [store(), `UPDATE policy SET model = x'00' WHERE hash = '${was.hash}'`], { encoding: "utf8" });
	assert.equal(spoilt.status, 0, spoilt.stderr);
	await server.launch();
	assert.match(server.said, /"event":"model.refused".*does not begin as one.*"from":"the same past messages"/);
	assert.deepEqual((await server.get(AT, ada)).body.past, { n: 2, sum: was.past_sum });
	await until("the model is stored", () => /"event":"model.renewed"/.test(server.said));
	assert.deepEqual(row(), was);
});

test("one that learned from past messages is not replaced by one without an encoder", async () => {
	const was = row();
	await server.drain();
	const spoil = `UPDATE policy SET model = x'00' WHERE hash = '${was.hash}'`;
	assert.equal(spawnSync("sqlite3", [store(), spoil]).status, 0);
	await server.launch({ BATON_NLU_ENCODER: "none" });
	assert.match(server.said, /"event":"model.refused".*there is no encoder/);
	await server.drain();
	assert.doesNotMatch(server.said, /model\.renewed/);
	assert.equal(row().model, "00");
	await server.launch();
	await until("the model is stored", () => /"event":"model.renewed"/.test(server.said));
	assert.deepEqual(row(), was);
});

test("a first look at much leaves the past messages out, and says so", async () => {
	const file = join(server.place, "policy/intents.yaml");
	let n = 0;
	writeFileSync(file, readFileSync(file, "utf8").replace(/^ +examples:\n( +- )/gm, (head, item: string) =>
		head + Array.from({ length: 150 }, () => `lot ${++n} w${n}, kind ${n * 31 % 97}\n${item}`).join("")));
	assert.ok(n >= 1000, `${n}`);
	publish();
	const now = row();
	const added = await server.post(`${AT}/draft/changes`, ada, { kind: "add", intent: "payment", text: "may I pay twice" });
	assert.equal(added.status, 201, added.text);
	const first = await until("a first look", async () => {
		const { draft } = (await server.get(`${AT}/draft`, ada)).body;
		assert.ok(draft.state !== "ready" || draft.rough, "a first look comes first");
		return draft.state === "ready" ? draft : null;
	}, 60_000);
	assert.ok(now.past_n > 0);
	assert.deepEqual([first.past, first.past_left], [0, now.past_n]);
});
