/* SPDX-License-Identifier: Apache-2.0 */
/* understanding.test.ts - what is understood of a text, and a draft from its first change to live. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Server, baton, nobody, until, type Agent, type Answer, type Who } from "../support/server.ts";

const AT = "/api/v1/understanding";
let server: Server;
let dana: Agent;
let ada: Agent;

before(async () => {
	server = await Server.start();
	[dana, ada] = [await server.dana(), await server.ada()];
});
after(() => server?.stop());

const perceive = (text: string, who: Who = dana): Promise<Answer> => server.post(`${AT}/perceive`, who, { text });
const change = (body: unknown, who: Who = ada): Promise<Answer> => server.post(`${AT}/draft/changes`, who, body);

async function draft(): Promise<any> {
	return until("the draft is learned", async () => {
		const got = (await server.get(`${AT}/draft`, dana)).body.draft;
		assert.notEqual(got.state, "failed", got.fault);
		return got.state === "ready" ? got : null;
	}, 20_000);
}

async function examples(intent: string): Promise<any[]> {
	return (await server.get(`${AT}/intents/${intent}`, dana)).body.examples;
}

test("the intents come with what held-out examples say of them", async () => {
	await draft();
	const { status, body } = await server.get(AT, dana);
	assert.equal(status, 200);
	assert.equal(body.intents.length, 8);
	assert.equal(body.examples, body.intents.reduce((n: number, i: any) => n + i.examples, 0));
	const { accuracy, confusions } = body.study;
	assert.equal(accuracy.of, body.examples);
	assert.ok(accuracy.low_ppm < accuracy.ppm && accuracy.ppm < accuracy.high_ppm);
	assert.equal(confusions.reduce((n: number, c: any) => n + c.n, 0), accuracy.of - accuracy.right);
	for (const one of confusions) {
		const wrong = (await examples(one.truth)).filter((e) => e.right === false && e.taken === one.taken);
		assert.equal(wrong.length, one.n, `${one.truth} as ${one.taken}`);
	}
	assert.equal((await server.get(`${AT}/intents/nope`, dana)).status, 404);
});

test("a text is read with its places in UTF-16 units, and says why", async () => {
	const text = "😀 wheres my ordr HP-1042, mail ana@example.org";
	await draft();
	const { status, body } = await perceive(text);
	assert.equal(status, 200);
	const { live } = body;
	assert.equal(live.intents[0].id, "order_status");
	const order = live.entities.find((e: any) => e.kind === "order_number");
	assert.equal(text.slice(order.from, order.to), "HP-1042");
	assert.ok(live.why.pulls.length > 0);
	for (const pull of live.why.pulls.filter((p: any) => p.to > 0))
		assert.ok(text.slice(pull.from, pull.to).length > 0, pull.word);
	assert.ok(live.why.nearest.length > 0);
	assert.ok(live.took_us > 0);
	assert.equal(body.draft, null);
});

test("what an earlier message said does not count as missing", async () => {
	const complexity = async (before: string): Promise<number> => {
		const visitor = await server.visitor();
		const answered = async (text: string): Promise<number> => {
			const { body: { seq, conversation: id } } = await server.say(visitor, text);
			return until("an answer", async () => (await server.events(`/api/v1/conversations/${id}/events`, dana))
				.find((event) => event.kind === "message.ai" && event.seq > seq)?.seq);
		};

		await answered(before);
		const seq = await answered("wheres my ordr");
		const { id } = (await server.get("/api/v1/visit", visitor)).body.conversation;
		const why = await server.get(`/api/v1/conversations/${id}/why?seq=${seq}`, dana);
		return why.body.turn.perception.complexity_ppm;
	};
	const [neither, mail] = [await complexity("hello there"), await complexity("hello there, I am ana@example.org")];
	/* A turn less to ask; what came before counts a little besides. */
	assert.ok(Math.abs(neither - mail - 50_000) < 1000, `${neither}, ${mail}`);
});

test("what one types here is stored nowhere", async () => {
	const counts = async () => (await server.get("/api/v1/conversations?view=ai", ada)).body.counts;
	const before = await counts();
	await perceive("nothing of this stays anywhere zzqqx");
	assert.equal((await server.get("/api/v1/search?q=zzqqx", ada)).body.rows.length, 0);
	assert.deepEqual(await counts(), before);
	assert.ok(!readFileSync(join(server.place, "data/baton.db")).includes("zzqqx"));
});

test("hostile texts are read or refused, never more", async () => {
	const texts = ["\u202e\u200b\ufeff", "😀".repeat(4000), "a".repeat(16000), "a\u0301".repeat(3000), "'; DROP TABLE event; --",
		"<script>alert(1)</script>", "\ud83d", "{{constructor}}", "%s%n%x", "\u0001\u0007\u001b[31m", ".".repeat(15999),
		Array.from({ length: 200 }, (_, i) => `unpronounceable${i}establishment`).join(" ")];
	for (const text of texts) {
		const answer = await perceive(text);
		assert.ok([200, 400].includes(answer.status), `${JSON.stringify(text.slice(0, 20))}: ${answer.status}`);
		for (const e of answer.body.live?.entities ?? [])
			assert.ok(e.from <= e.to && e.to <= text.length);
	}
	assert.equal((await perceive("a".repeat(16001))).status, 413);
	assert.equal((await perceive("")).status, 400);
	for (const body of [{}, { text: 1 }, { text: "a", draft: true }, []])
		assert.equal((await server.post(`${AT}/perceive`, dana, body)).status, 400, JSON.stringify(body));
	/* of an inbox that one is no member of nothing is said, not even that it is there */
	const outside = await server.outsider(ada);
	for (const inbox of ["halden", "no such inbox"])
		assert.equal((await server.post(`${AT}/perceive`, outside, { text: "x", inbox })).status, 404, inbox);
	assert.equal((await server.post(`${AT}/perceive`, dana, { text: "x", inbox: "halden" })).status, 200);
	const huge = await server.post(`${AT}/perceive`, dana, { text: "a".repeat(100_000) });
	assert.equal(huge.status, 413);
});

test("an agent reads, an administrator changes, and a page of another site does neither", async () => {
	const one = { kind: "add", intent: "order_status", text: "any sign of my boots yet" };
	assert.equal((await change(one, dana)).status, 403);
	assert.equal((await change(one, nobody)).status, 401);
	assert.equal((await change(one, { headers: { cookie: ada.cookie } })).status, 403, "without the token");
	assert.equal((await server.call("POST", `${AT}/draft/changes`, ada, one, { origin: "https://evil.example" })).status, 403);
	assert.equal((await server.post(`${AT}/perceive`, { headers: { cookie: dana.cookie } }, { text: "x" })).status, 403);
	assert.equal((await server.get(`${AT}/next`, dana)).status, 403);
	assert.equal((await server.call("DELETE", `${AT}/draft`, dana)).status, 403);
	assert.equal((await server.post(`${AT}/draft/publish`, dana, { version: "x" })).status, 403);
	assert.deepEqual((await draft()).changes, []);
});

describe("a draft", () => {
	test("refuses what makes no sense, with a word about it", async () => {
		const has = (await examples("order_status"))[0].text as string;
		const cases: [unknown, number][] = [
			[{ kind: "add", intent: "nope", text: "x" }, 404], [{ kind: "add", intent: "order_status", text: has }, 409],
			[{ kind: "add", intent: "payment", text: has }, 409], [{ kind: "add", intent: "payment", text: "   " }, 400],
			[{ kind: "add", intent: "payment", text: "a".repeat(1001) }, 400], [{ kind: "copy", intent: "payment", text: "x" }, 400],
			[{ kind: "remove", intent: "payment", text: has }, 404], [{ kind: "move", intent: "order_status", text: has }, 400],
			[{ kind: "move", intent: "order_status", to: "order_status", text: has }, 400],
			[{ kind: "add", intent: "payment", to: "sizing", text: "x" }, 400],
		];
		for (const [body, status] of cases) {
			const answer = await change(body);
			assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
			assert.ok(answer.body.error.message.length > 5);
		}
		assert.equal((await server.call("DELETE", `${AT}/draft/changes/77`, ada)).status, 404);
		assert.equal((await server.call("DELETE", `${AT}/draft/changes/x`, ada)).status, 404);
	});

	test("is learned in the background, compared, and read beside the live one", async () => {
		const began = performance.now();
		for (const text of ["zorbl my fnord", "zorbl the fnord please", "can you zorbl a fnord"])
			assert.equal((await change({ kind: "add", intent: "payment", text })).status, 201);
		const now = await draft();
		assert.ok(performance.now() - began < 20_000);
		assert.equal(now.changes.length, 3);
		assert.equal(now.changes[0].by, "Ada Moen");
		assert.equal(now.compare.after.of, now.compare.before.of + 3);
		const { live, draft: drafted } = (await perceive("please zorbl this fnord")).body;
		assert.equal(drafted.intents[0].id, "payment");
		assert.ok(drafted.intents[0].p_ppm > (live.intents.find((i: any) => i.id === "payment")?.p_ppm ?? 0));
		const mine = (await examples("payment")).filter((e) => e.change === "added");
		assert.equal(mine.length, 3);
	});

	test("one change is taken back, and the whole thrown away", async () => {
		const [first] = (await draft()).changes;
		assert.equal((await server.call("DELETE", `${AT}/draft/changes/${first.id}`, ada)).status, 200);
		assert.equal((await server.call("DELETE", `${AT}/draft/changes/${first.id}`, ada)).status, 404);
		assert.equal((await draft()).changes.length, 2);
		assert.equal((await server.call("DELETE", `${AT}/draft`, ada)).status, 200);
		assert.deepEqual((await draft()).changes, []);
		assert.equal((await draft()).version, "");
	});

	test("is published into the file, which stays its author's", async () => {
		const path = join(server.place, "policy/intents.yaml");
		const before = readFileSync(path, "utf8");
		const has = (await examples("order_status"))[1].text as string;
		await change({ kind: "add", intent: "payment", text: "- \"odd\": [text] # 'here'" });
		await change({ kind: "move", intent: "order_status", to: "delivery", text: has });
		const { version } = await draft();
		assert.equal((await server.post(`${AT}/draft/publish`, ada, { version: "0123" })).status, 409);
		await change({ kind: "add", intent: "payment", text: "one more that nobody saw" });
		assert.equal((await server.post(`${AT}/draft/publish`, ada, { version })).status, 409, "looked at an older one");
		const answer = await server.post(`${AT}/draft/publish`, ada, { version: (await draft()).version });
		assert.equal(answer.status, 200, answer.text);
		const lines = readFileSync(path, "utf8").split("\n");
		const was = before.split("\n");
		assert.deepEqual(was.filter((line) => !lines.includes(line)), []);
		assert.equal(lines.length, was.length + 2);
		assert.deepEqual((await draft()).changes, []);
		assert.equal((await server.get(AT, dana)).body.policy, answer.body.policy);
		assert.ok((await examples("delivery")).some((e) => e.text === has));
		const checked = baton(["check", server.place]);
		assert.equal(checked.status, 0, checked.stderr);
		await server.restart();
		assert.equal((await server.get(AT, dana)).body.policy, answer.body.policy);
	});

	test("does not go over what somebody changed in the folder", async () => {
		const path = join(server.place, "policy/intents.yaml");
		const before = readFileSync(path, "utf8");
		await change({ kind: "add", intent: "payment", text: "do you take cheques still" });
		appendFileSync(path, "# a thought of somebody\n");
		const { version } = await draft();
		const answer = await server.post(`${AT}/draft/publish`, ada, { version });
		assert.equal(answer.status, 409);
		assert.match(answer.body.error.message, /changed since they were published/);
		assert.equal(readFileSync(path, "utf8"), `${before}# a thought of somebody\n`);
		assert.equal((await draft()).changes.length, 1, "the draft is still there");
		writeFileSync(path, before);
		assert.equal((await server.post(`${AT}/draft/publish`, ada, { version })).status, 200);
	});

	test("makes an intent with its words and examples, renames another, and both stand in the file", async () => {
		const path = join(server.place, "policy/intents.yaml");
		const was = readFileSync(path, "utf8").split("\n");
		const made = await change({ kind: "intent", name: "  Größe & \"Schnitt\"", description: "asks how a thing is cut: slim or wide" });
		assert.equal(made.status, 201, made.text);
		assert.match(made.body.intent, /^[a-z0-9_-]{1,32}$/);
		const id = made.body.intent as string;
		for (const text of ["is the quilted vest cut slim", "how wide does the vest fall", "slim fit or regular"])
			assert.equal((await change({ kind: "add", intent: id, text })).status, 201);
		assert.equal((await change({ kind: "name", intent: "payment", name: "Ways to pay" })).status, 201);
		assert.equal((await change({ kind: "describe", intent: "payment", description: "which ways to pay there are" })).status, 201);
		const now = await draft();
		assert.ok(now.changes.every((c: any) => c.applies));
		const { intents } = (await server.get(AT, dana)).body;
		assert.deepEqual(intents.at(-1).examples, 3);
		assert.equal(intents.at(-1).risk, "read");
		assert.equal(intents.find((i: any) => i.id === "payment").name, "Ways to pay");
		const { draft: drafted } = (await perceive("does the vest fall wide or slim")).body;
		assert.equal(drafted.intents[0].id, id);
		const answer = await server.post(`${AT}/draft/publish`, ada, { version: now.version });
		assert.equal(answer.status, 200, answer.text);
		const lines = readFileSync(path, "utf8").split("\n");
		assert.equal(was.filter((line) => !lines.includes(line)).length, 2, "a name and a description");
		assert.ok(lines.includes(`    name: "Größe & \\"Schnitt\\""`), lines.slice(-15).join("\n"));
		assert.ok(lines.includes("    then: person"));
		assert.equal((await perceive("does the vest fall wide or slim")).body.live.intents[0].id, id);
		assert.equal(baton(["check", server.place]).status, 0);
	});

	test("an intent goes with its examples, unless a rule names it", async () => {
		const path = join(server.place, "policy/intents.yaml");
		const rules = readFileSync(join(server.place, "policy/rules.yaml"), "utf8").split("\n");
		const at = rules.findIndex((line) => /when:.*refund_request/.test(line)) + 1;
		const kept = await change({ kind: "delete", intent: "refund_request" });
		assert.equal(kept.status, 409);
		assert.match(kept.text, new RegExp(`policy/rules.yaml:${at} names this intent`));
		assert.equal((await change({ kind: "delete", intent: "nope" })).status, 404);
		assert.equal((await change({ kind: "delete", intent: "sizing", text: "x" })).status, 400);
		assert.equal((await change({ kind: "delete", intent: "sizing" }, dana)).status, 403);
		const before = (await server.get(AT, dana)).body.intents;
		assert.equal(before.find((i: any) => i.id === "refund_request").named, `policy/rules.yaml:${at}`);
		assert.equal(before.find((i: any) => i.id === "sizing").named, null);
		const examples_of = (id: string): number => before.find((i: any) => i.id === id).examples;
		assert.equal((await change({ kind: "add", intent: "sizing", text: "is it a snug fit in the arms" })).status, 201);
		const gone = await change({ kind: "delete", intent: "sizing" });
		assert.equal(gone.status, 201, gone.text);
		assert.equal((await change({ kind: "delete", intent: "sizing" })).status, 404, "once");
		assert.equal((await change({ kind: "add", intent: "sizing", text: "one for nobody" })).status, 404);
		const now = await draft();
		assert.deepEqual(now.changes.map((c: any) => [c.kind, c.text, c.applies]).at(-1),
			["delete", before.find((i: any) => i.id === "sizing").name, true]);
		const during = (await server.get(AT, dana)).body;
		assert.deepEqual(during.intents.map((i: any) => i.id), before.map((i: any) => i.id).filter((id: string) => id !== "sizing"));
		for (const i of during.intents)
			assert.equal(i.examples, examples_of(i.id), i.id);
		for (const moved of [...now.compare.better, ...now.compare.worse])
			assert.ok(moved.now !== "sizing" && moved.intent !== "sizing", "what is gone is not said any more");
		const both = (await perceive("does the vest fall wide or slim")).body;
		assert.ok(!both.draft.intents.some((i: any) => i.id === "sizing"));
		/* Back, and away again: the file loses these lines and no other. */
		assert.equal((await server.call("DELETE", `${AT}/draft/changes/${gone.body.id}`, ada)).status, 200);
		assert.equal((await server.get(AT, dana)).body.intents.length, before.length);
		assert.equal((await change({ kind: "delete", intent: "sizing" })).status, 201);
		const was = readFileSync(path, "utf8");
		const { version } = await draft();
		const answer = await server.post(`${AT}/draft/publish`, ada, { version });
		assert.equal(answer.status, 200, answer.text);
		const block = new RegExp("  - id: sizing\\n(?:    .*\\n)+").exec(was)?.[0] ?? "";
		assert.ok(block.split("\n").length > 5, "the block was found");
		assert.equal(readFileSync(path, "utf8"), was.replace(block, ""));
		assert.equal(baton(["check", server.place]).status, 0);
		assert.ok(!(await server.get(AT, dana)).body.intents.some((i: any) => i.id === "sizing"));
	});

	test("an intent that nobody could mean is refused", async () => {
		const cases: [unknown, number][] = [
			[{ kind: "intent", name: "ways TO pay", description: "x" }, 409], [{ kind: "intent", name: " ", description: "x" }, 400],
			[{ kind: "intent", name: "New", description: "" }, 400], [{ kind: "intent", name: "New" }, 400],
			[{ kind: "intent", name: "a".repeat(101), description: "x" }, 400],
			[{ kind: "intent", name: "New", description: "a".repeat(501) }, 400],
			[{ kind: "intent", id: "mine", name: "New", description: "x" }, 400],
			[{ kind: "name", intent: "nope", name: "New" }, 404], [{ kind: "name", intent: "payment", name: "Ways to pay" }, 409],
			[{ kind: "name", intent: "payment", text: "New" }, 400],
			[{ kind: "describe", intent: "payment", description: "which ways to pay there are" }, 400],
		];
		for (const [body, status] of cases) {
			const answer = await change(body);
			assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
		}
		assert.equal((await change({ kind: "intent", name: "New", description: "x" }, dana)).status, 403);
		const made = [await change({ kind: "intent", name: "日本語", description: "in a script without an id" }),
			await change({ kind: "intent", name: "中文", description: "likewise" })];
		assert.deepEqual(made.map((m) => m.body.intent), ["intent", "intent_2"]);
		await change({ kind: "add", intent: "intent", text: "one example of the first of them" });
		assert.equal((await server.call("DELETE", `${AT}/draft/changes/${made[0]?.body.id}`, ada)).status, 200);
		const { changes } = (await server.get(`${AT}/draft`, dana)).body.draft;
		assert.deepEqual(changes.map((c: any) => c.applies), [true, false], "its example has no intent any more");
		assert.equal((await server.call("DELETE", `${AT}/draft`, ada)).status, 200);
	});

	test("two who add the same: one has it, the other is told", async () => {
		const one = { kind: "add", intent: "payment", text: "is paypal an option for me" };
		const answers = await Promise.all([change(one), change(one)]);
		assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409]);
		assert.equal((await server.call("DELETE", `${AT}/draft`, ada)).status, 200);
	});
});

test("past messages are offered for a label, best first", async () => {
	for (const text of ["my card 4111 1111 1111 1111 was charged for a grommit", "ana@example.org", "yes",
		"the zip of the grommet keeps jamming on me", "do the flanges come in teal as well"])
		await server.say(await server.visitor(), text);
	await draft();
	const { body } = await server.get(`${AT}/next`, ada);
	assert.equal(body.ready, true);
	assert.ok(body.messages.some((m: any) => m.text.includes("grommet")), JSON.stringify(body));
	assert.ok(body.messages.every((m: any) => m.guesses.length > 0));
	for (const never of ["4111", "ana@", "yes"])
		assert.ok(!body.messages.some((m: any) => m.text.startsWith(never) || m.text.includes("4111")), never);
});

test("a stored model that is damaged is refused by name, serves all the same, and is made again once", async () => {
	const own = await Server.start();
	try {
		assert.doesNotMatch(own.said, /model\.refused/);
		assert.equal(await own.drain(), 0);
		const place = join(own.place, "data/baton.db");
		const sql = spawnSync("sqlite3", [place,
			"UPDATE policy SET model = CAST(substr(model, 1, length(model) - 1) || x'00' AS BLOB); SELECT changes();"],
			{ encoding: "utf8" });
		assert.equal(sql.status, 0, sql.stderr);
		assert.ok(Number(sql.stdout) > 0, "no model is stored");
		assert.match(baton(["doctor", own.place]).stdout, /^warning +model +.*checksum.*trains and stores it anew$/m);
		const read = async (): Promise<any> =>
			(await own.post(`${AT}/perceive`, await own.dana(), { text: "wheres my ordr HP-1042" })).body.live;
		await own.launch();
		assert.match(own.said, /model\.refused.*checksum/);
		const first = await read();
		assert.equal(first.intents[0].id, "order_status");
		await until("the model is stored", () => /"event":"model\.renewed"/.test(own.said));
		assert.equal(await own.drain(), 0);
		assert.match(baton(["doctor", own.place]).stdout, /^ok +model +trained on/m);
		const audit = spawnSync("sqlite3", [place, "SELECT detail FROM audit WHERE what = 'policy.model'"],
			{ encoding: "utf8" }).stdout;
		assert.match(audit, /^made again by baton [0-9.]+: .*checksum.*\n$/);
		await own.launch();
		assert.doesNotMatch(own.said, /model\.(refused|renewed)/);
		assert.deepEqual((await read()).intents, first.intents);
	} finally {
		await own.stop();
	}
});
