/* SPDX-License-Identifier: Apache-2.0 */
/* rest.test.ts - the routes of docs/PROTOCOL.md, as a customer and an agent use them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, until, uuid, type Agent } from "../support/server.ts";

let server: Server;
let dana: Agent;
let bo: Agent;
let ada: Agent;

before(async () => {
	server = await Server.start();
	[dana, bo, ada] = [await server.dana(), await server.bo(), await server.ada()];
});
after(() => server?.stop());

/* A conversation that waits in the queue. */
async function queued(): Promise<{ visitor: { token: string; headers: Record<string, string> }; id: string }> {
	const made = await server.conversation();
	await until("it is in the queue", async () => (await server.conv(dana, made.id)).holder.type === "queue");
	return made;
}

test("health and the widget's configuration", async () => {
	const health = await server.get("/health");
	assert.equal(health.status, 200);
	assert.deepEqual({ ...health.body, version: "" }, { status: "ok", store: "ok", version: "" });

	const config = await server.get("/api/v1/widget/config?inbox=halden&lang=de-AT");
	assert.equal(config.status, 200, config.text);
	assert.equal(config.body.inbox, "halden");
	assert.equal(config.body.lang, "de");
	assert.equal(config.body.dir, "ltr");
	assert.match(config.body.welcome, /Halden/);
	assert.doesNotMatch(config.body.welcome, /[{}]/);
	assert.equal(typeof config.body.hours.open, "boolean");
	assert.equal((await server.get("/api/v1/widget/config?inbox=halden&lang=xx")).body.lang, "en");
	assert.equal((await server.get("/api/v1/widget/config?inbox=nope")).status, 404);
});

test("a customer begins, writes, and reads what was said", async () => {
	const visitor = await server.visitor();
	assert.deepEqual((await server.get("/api/v1/visit", visitor)).body, { conversation: null });
	assert.deepEqual((await server.get("/api/v1/visit/events", visitor)).body,
		{ events: [], to: 0, resume: null, more: false });

	const cmid = uuid();
	const first = await server.say(visitor, "whats the weather like", cmid);
	assert.equal(first.status, 201, first.text);
	assert.equal(first.body.replayed, false);
	assert.match(first.body.conversation, /^[\w-]{22}$/);

	const again = await server.say(visitor, "whats the weather like", cmid);
	assert.equal(again.status, 200);
	assert.deepEqual(again.body, { ...first.body, replayed: true });

	const said = await until("the AI answers", async () => {
		const events = await server.events("/api/v1/visit/events", visitor);
		return events.some((event) => event.kind === "message.ai") ? events : null;
	});
	assert.equal(said[0]?.kind, "conversation.opened");
	const mine = said.find((event) => event.kind === "message.customer");
	assert.equal(mine?.cmid, cmid);
	assert.equal(mine?.seq, first.body.seq);
	assert.ok(said.every((event) => event.audience === "public"));

	const visit = (await server.get("/api/v1/visit", visitor)).body.conversation;
	assert.equal(visit.id, first.body.conversation);
	assert.equal(visit.holder.type, "ai");
	assert.equal(visit.last_customer_seq, first.body.seq);
});

test("R6: the same cmid with another body is a conflict, and nothing is stored", async () => {
	const visitor = await server.visitor();
	const cmid = uuid();
	await server.say(visitor, "one", cmid);
	const other = await server.say(visitor, "two", cmid);
	assert.equal(other.status, 409);
	assert.equal((other.body as any).error.code, "conflict");
	assert.equal((other.body as any).error.field, "cmid");
	const events = await server.events("/api/v1/visit/events", visitor);
	assert.deepEqual(events.filter((event) => event.kind === "message.customer").map((event: any) => event.body.text), ["one"]);
});

test("R7: a hundred posts of one cmid at once store one message", async () => {
	const visitor = await server.visitor();
	const cmid = uuid();
	const answers = await Promise.all(Array.from({ length: 100 }, () => server.say(visitor, "a hundred times", cmid)));
	assert.deepEqual([...new Set(answers.map((answer) => `${answer.body.conversation} ${answer.body.seq} ${answer.body.at_us}`))].length, 1);
	assert.equal(answers.filter((answer) => answer.status === 201).length, 1);
	assert.equal(answers.filter((answer) => answer.status === 200).length, 99);
	const events = await server.events("/api/v1/visit/events", visitor);
	assert.equal(events.filter((event) => event.kind === "message.customer").length, 1);
});

test("asks for a person, waits, leaves an address", async () => {
	const visitor = await server.visitor();
	const asked = await server.post("/api/v1/visit/person", visitor, { cmid: uuid() });
	assert.equal(asked.status, 201, asked.text);
	const conv = await until("it waits for a person", async () => {
		const got = (await server.get("/api/v1/visit", visitor)).body.conversation;
		return got?.holder.type === "queue" ? got : null;
	});
	assert.ok(conv.wait.place >= 1);
	assert.equal(conv.wait.team, "Customer care");
	const left = await server.post("/api/v1/visit/email", visitor, { cmid: uuid(), email: "ana@example.com" });
	assert.equal(left.status, 201, left.text);
	assert.equal((await server.get("/api/v1/visit", visitor)).body.conversation.way_back, "ana@example.com");
	const events = await server.events("/api/v1/visit/events", visitor);
	const requested: any = events.find((event) => event.kind === "handover.requested");
	assert.deepEqual(Object.keys(requested.body).sort(), ["next_us", "open", "team"]);
	assert.ok(!events.some((event) => (event.kind as string) === "person.asked"), "only listed kinds leave");
});

test("a visit's language counts from the first press of a button", async () => {
	const visitor = await server.visitor("halden", "de-AT");
	assert.equal((await server.post("/api/v1/visit/person", visitor, { cmid: uuid() })).status, 201);
	const events = await until("the AI says who comes", async () => {
		const all = await server.events("/api/v1/visit/events", visitor);
		return all.some((event) => event.kind === "message.ai") ? all : null;
	});
	assert.equal((events[0]?.body as any).language, "de");
	const answer: any = events.find((event) => event.kind === "message.ai")?.body;
	assert.equal(answer.lang, "de");
	assert.match(answer.text, /unser Team|unserem Team/);
});

test("who waits is shown by name, in words, with what they said", async () => {
	const visitor = await server.visitor();
	const answers = async (n: number): Promise<any[]> => until(`${n} answers`, async () => {
		const said = (await server.events("/api/v1/visit/events", visitor)).filter((event) => event.kind === "message.ai");
		return said.length >= n ? said : null;
	});

	const id = (await server.say(visitor, "where is my order HP-1042")).body.conversation;
	await answers(1);
	await server.say(visitor, "ana@example.org");
	const record = (await answers(2))[1].body.parts.find((part: any) => part.type === "record");
	assert.equal(record.source, "From our order system");
	await server.say(visitor, "my lawyer will hear of this");
	const row = await until("it waits", async () => {
		const list = await server.get("/api/v1/conversations?view=queue&limit=200", dana);
		return list.body.rows.find((one: any) => one.id === id) ?? null;
	});
	assert.match(row.contact.name, /^Ana /);
	assert.equal(row.contact.verified, true);
	assert.equal(row.reason, 'said "lawyer"');
	assert.match(row.intent, /^[A-Z][a-z ]+$/, "a name, not an id");
	assert.equal(row.preview, "my lawyer will hear of this");
	assert.equal(row.preview_by, "customer");
	const { card } = (await server.get(`/api/v1/conversations/${id}`, dana)).body;
	assert.equal(card.reason, 'said "lawyer"');
	assert.match(card.first_sentence, /^Hello Ana, /);
	assert.deepEqual(card.facts.slice(0, 2).map((fact: any) => fact.label), ["Number", "Status"]);
	assert.ok(card.facts.every((fact: any) => fact.source === "From our order system"));
});

test("bodies are strict", async () => {
	const visitor = await server.visitor();
	const bad: [unknown, RegExp][] = [
		[{ cmid: uuid(), text: "hi", extra: 1 }, /extra/],
		[{ cmid: "not-a-uuid", text: "hi" }, /cmid/],
		[{ text: "hi" }, /cmid/],
		[{ cmid: uuid() }, /text/],
		[{ cmid: uuid(), text: 7 }, /text/],
		[{ cmid: uuid(), text: "" }, /text/],
		[{ cmid: uuid(), text: " \n\t  　" }, /text/],
		[{ cmid: uuid(), text: "x".repeat(4001) }, /text/],
		[`{"cmid":"${uuid()}","text":"a\\u0000b"}`, /./],
		[`{"cmid":"${uuid()}","text":"\\ud800"}`, /./],
		[`{"cmid":"${uuid()}","text":"a","text":"b"}`, /./],
	];
	for (const [body, message] of bad) {
		const answer = await server.post("/api/v1/visit/messages", visitor, body);
		assert.equal(answer.status, 400, `${JSON.stringify(body).slice(0, 80)}: ${answer.text}`);
		assert.equal(answer.body.error.code, "invalid");
		assert.match(answer.body.error.message, message);
	}
	assert.equal((await server.say(visitor, "😀".repeat(4000))).status, 201, "4,000 characters, not bytes");
	for (const email of ["", "a", "a@b", "a b@example.com", "a@example.com\r\nBcc: x@y.z", "a@@b.com", "a@-b.com", ".a@b.com"])
		assert.equal((await server.post("/api/v1/visit/email", visitor, { cmid: uuid(), email })).status, 400, email);
});

test("an agent takes a conversation, answers it, and gives it back", async () => {
	const { visitor, id } = await queued();
	const path = `/api/v1/conversations/${id}`;

	const page = await server.get(path, dana);
	assert.equal(page.status, 200, page.text);
	assert.equal(page.body.card.reason_code, "asked");
	assert.ok(page.body.card.first_sentence.length > 0);
	assert.equal(page.body.contact.conversations, 1);
	assert.deepEqual(page.body.earlier, []);

	assert.equal((await server.post(`${path}/messages`, dana, { cmid: uuid(), text: "Hello" })).status, 409);
	const cmid = uuid();
	const claimed = await server.post(`${path}/claim`, dana, { cmid });
	assert.equal(claimed.status, 200, claimed.text);
	assert.equal((await server.post(`${path}/claim`, dana, { cmid })).body.replayed, true);
	const lost = await server.post(`${path}/claim`, bo, { cmid: uuid() });
	assert.equal(lost.status, 409);
	assert.match(lost.body.error.message, /Dana Keller/);

	const seen = (await server.conv(dana, id)).last_customer_seq;
	const newer = await server.say(visitor, "one more thing");
	const stale = await server.post(`${path}/messages`, dana, { cmid: uuid(), text: "Hello", basis: seen });
	assert.equal(stale.status, 409, stale.text);
	assert.equal(stale.body.error.field, "stale");
	assert.equal((await server.post(`${path}/messages`, dana,
		{ cmid: uuid(), text: "Hello", basis: newer.body.seq })).status, 201);
	assert.equal((await server.post(`${path}/messages`, dana, { cmid: uuid(), text: "Anyway" })).status, 201);
	assert.equal((await server.post(`${path}/notes`, bo, { cmid: uuid(), text: "between us" })).status, 201);

	const theirs = await server.events("/api/v1/visit/events", visitor);
	assert.deepEqual(theirs.filter((event) => event.kind === "message.agent").map((event: any) => [event.actor.name, event.body.text]),
		[["Dana Keller", "Hello"], ["Dana Keller", "Anyway"]]);
	assert.ok(!theirs.some((event) => event.kind === "note" || event.kind === "handover.card"));
	const ours = await server.events(`${path}/events`, bo);
	assert.equal(ours.find((event) => event.kind === "note")?.actor.name, "Bo Lind");
	assert.ok(ours.some((event) => event.kind === "handover.card"));

	assert.equal((await server.post(`${path}/release`, bo, { cmid: uuid() })).status, 409);
	assert.equal((await server.post(`${path}/release`, dana, { cmid: uuid() })).status, 200);
	assert.equal((await server.conv(dana, id)).holder.type, "ai");
	assert.equal((await server.post(`${path}/resolve`, dana, { cmid: uuid() })).status, 200);
	assert.equal((await server.conv(dana, id)).status, "resolved");
});

test("lists, their counts and their pages", async () => {
	for (let i = 0; i < 5; i++)
		await queued();
	const list = await server.get("/api/v1/conversations?view=queue&limit=2", dana);
	assert.equal(list.status, 200, list.text);
	assert.equal(list.body.rows.length, 2);
	assert.ok(list.body.counts.queue >= 5);
	const seen = new Set<string>();
	for (let next = ""; ;) {
		const page = await server.get(`/api/v1/conversations?view=queue&limit=2${next}`, dana);
		for (const row of page.body.rows) {
			assert.ok(!seen.has(row.id), "each row once");
			seen.add(row.id);
			assert.equal(row.holder.type, "queue");
			assert.ok(row.waiting_since_us > 0);
		}
		if (page.body.next === null)
			break;
		next = `&after=${encodeURIComponent(page.body.next)}`;
	}
	assert.equal(seen.size, list.body.counts.queue);
	assert.equal((await server.get("/api/v1/conversations?view=nope", dana)).status, 400);
	assert.equal((await server.get("/api/v1/conversations?limit=0", dana)).status, 400);
	for (const view of ["mine", "ai", "waiting", "resolved"])
		assert.equal((await server.get(`/api/v1/conversations?view=${view}`, dana)).status, 200);
});

test("search finds words in messages, stemmed, with marks", async () => {
	const word = `zanzibar${Date.now()}`;
	const { id } = await server.conversation(`my parcels to ${word} went missing`);
	const found = await until("the message is found", async () => {
		const answer = await server.get(`/api/v1/search?q=${word}%20parcel`, dana);
		assert.equal(answer.status, 200, answer.text);
		return answer.body.rows.length > 0 ? answer.body.rows : null;
	});
	assert.equal(found[0].id, id);
	const { text, marks } = found[0].hit;
	assert.deepEqual(marks.map(([from, to]: [number, number]) => text.slice(from, to)).includes(word), true);
	assert.equal((await server.get("/api/v1/search?q=", dana)).status, 400);
	assert.equal((await server.get(`/api/v1/search?q=${encodeURIComponent("\"a OR (b* NEAR ' -- \\")}`, dana)).status, 200);
});

test("why the AI said it", async () => {
	const { visitor, id } = await server.conversation("whats the weather like");
	const said: any = await until("the AI answers", async () =>
		(await server.events("/api/v1/visit/events", visitor)).find((event) => event.kind === "message.ai"));
	const why = await server.get(`/api/v1/conversations/${id}/why?seq=${said.seq}`, dana);
	assert.equal(why.status, 200, why.text);
	assert.ok(why.body.turn.steps.length > 0);
	assert.match(why.body.turn.policy, /^[0-9a-f]{64}$/);
	assert.ok(why.body.turn.steps[0].why.length > 0);
	assert.equal((await server.get(`/api/v1/conversations/${id}/why?seq=999999`, dana)).status, 404);
});

test("users are the administrator's", async () => {
	const user = { email: "New@halden.example", name: "Nia New", role: "agent", inboxes: ["halden"], password: "correct horse battery" };
	assert.equal((await server.post("/api/v1/users", dana, user)).status, 403);
	const made = await server.post("/api/v1/users", ada, user);
	assert.equal(made.status, 201, made.text);
	assert.equal(made.body.user.email, "new@halden.example");
	assert.equal((await server.post("/api/v1/users", ada, user)).status, 409);
	for (const wrong of [{ ...user, role: "king" }, { ...user, inboxes: ["nope"] }, { ...user, password: "short" }, { ...user, email: "x" }, { ...user, more: 1 }])
		assert.equal((await server.post("/api/v1/users", ada, { ...wrong, email: wrong.email === "x" ? "x" : "b@halden.example" })).status, 400);
	const list = await server.get("/api/v1/users", ada);
	assert.ok(list.body.users.some((one: any) => one.name === "Nia New"));
	assert.doesNotMatch(list.text, /argon|password/i);
	assert.equal((await server.sign_in("new@halden.example", user.password)).name, "Nia New");
});

test("the page of an article", async () => {
	const page = await server.get("/a/returns/1");
	assert.equal(page.status, 200, page.text);
	assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
	assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
	assert.doesNotMatch(page.headers.get("content-security-policy") ?? "", /unsafe/);
	assert.match(page.text, /<h1>/);
	assert.match(page.text, /id="opened"/);
	assert.doesNotMatch(page.text, /<script|style=/);
	for (const path of ["/a/returns/99", "/a/nope/1", "/a/returns/x", "/a/returns/0", "/a/%3Cscript%3E/1"])
		assert.equal((await server.get(path)).status, 404, path);
});

test("the session and presence", async () => {
	const session = await server.get("/api/v1/session", dana);
	assert.equal(session.body.user.name, "Dana Keller");
	assert.deepEqual(session.body.inboxes.map((inbox: any) => inbox.id), ["halden"]);
	assert.equal((await server.call("PUT", "/api/v1/session/presence", dana, { available: false })).status, 200);
	assert.equal((await server.get("/api/v1/session", dana)).body.user.available, false);
	assert.equal((await server.call("PUT", "/api/v1/session/presence", dana, { available: true })).status, 200);
	const short = await server.bo();
	assert.equal((await server.call("DELETE", "/api/v1/session", short)).status, 204);
	assert.equal((await server.get("/api/v1/session", short)).status, 401);
});
