/* SPDX-License-Identifier: Apache-2.0 */
/* security.test.ts - S1, S8, S10, S13: who may do what, and from where. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Server, baton, nobody, sleep, tree, until, uuid, type Agent, type Visitor, type Who } from "../support/server.ts";

let server: Server;
let dana: Agent;
let ada: Agent;
let outside: Agent;
let revoked: Agent;
let mine: { visitor: Visitor; id: string };
let theirs: { visitor: Visitor; id: string };

before(async () => {
	server = await Server.start();
	[dana, ada] = [await server.dana(), await server.ada()];
	outside = await server.outsider(ada);
	revoked = await server.outsider(ada, "gone@halden.example");
	const gone = baton(["user", "revoke", "gone@halden.example", "--dir", server.place]);
	assert.equal(gone.status, 0, gone.stderr);
	mine = await server.conversation();
	theirs = await server.conversation();
	for (const { id } of [mine, theirs])
		await until("it is in the queue", async () => (await server.conv(dana, id)).holder.type === "queue");
});
after(() => server?.stop());

interface Route {
	method: string;
	path: string;
	who: string;
	csrf: boolean;
}

/* The table that the program itself is made from. */
function route_table(): Route[] {
	const text = readFileSync(join(tree, "src/api/routes.def"), "utf8");
	const routes = [...text.matchAll(/^ROUTE\((\w+),\s*"([^"]+)",\s*(\w+),\s*\w+,\s*\w+,\s*([\w |]+),\s*(\w+)\)/gm)]
		.map(([, method = "", path = "", who = "", flags = ""]) => ({ method, path, who, csrf: flags.includes("ROUTE_CSRF") }));
	assert.equal(routes.length, [...text.matchAll(/^ROUTE\(/gm)].length, "every line was read");
	assert.ok(routes.length > 20);
	return routes;
}

/* A body that is right for the route, so that only the caller is wrong. */
function body_for(route: Route): unknown {
	if (route.method === "GET" || route.method === "DELETE")
		return undefined;
	if (route.path === "/api/v1/session")
		return { email: "nobody@example.com", password: "not the password" };
	if (route.path.endsWith("/presence"))
		return { available: true };
	if (route.path === "/api/v1/visits")
		return { inbox: "halden" };
	if (route.path === "/api/v1/users")
		return { email: `u${uuid().slice(0, 8)}@halden.example`, name: "A User", role: "agent", inboxes: ["halden"], password: "a long enough password" };
	if (route.path.endsWith("/email"))
		return { cmid: uuid(), email: "a@example.com" };
	if (/messages$|notes$/.test(route.path))
		return { cmid: uuid(), text: "hello" };
	if (route.path.endsWith("/perceive"))
		return { text: "where is my order" };
	if (route.path.endsWith("/draft/changes"))
		return { kind: "add", intent: "order_status", text: `where is it ${uuid()}` };
	if (route.path.endsWith("/draft/publish"))
		return { version: "an older one" };
	return { cmid: uuid() };
}

const address = (route: Route, id: string): string => route.path
	.replace(":conv", id).replace(":article", "returns").replace(":version", "1")
	.replace(":intent", "order_status").replace(":change", "999999")
	.replace(/^\/api\/v1\/search$/, "/api/v1/search?q=hello")
	.replace(/^\/api\/v1\/widget\/config$/, "/api/v1/widget/config?inbox=halden");

const reached = (status: number): boolean => status < 400 || status === 409 || status === 404;

test("S1: every route against everybody who might ask", async () => {
	const callers: [string, Who][] = [
		["nobody", nobody], ["visitor A", mine.visitor], ["visitor B", theirs.visitor],
		["agent in", dana], ["agent out", outside], ["administrator", ada], ["revoked", revoked],
		["broken token", { headers: { authorization: `Bearer ${"A".repeat(43)}` } }],
		["broken cookie", { headers: { cookie: `baton_session=${"A".repeat(43)}`, "x-csrf-token": "0".repeat(64) } }],
	];
	let checked = 0;
	for (const route of route_table()) {
		if (route.method === "DELETE" && route.path === "/api/v1/session")
			continue;	/* would end the callers themselves; rest.test.ts has it */
		for (const [name, who] of callers) {
			const answer = await server.call(route.method, address(route, mine.id), who, body_for(route));
			const what = `${route.method} ${route.path} as ${name}: ${answer.status} ${answer.text.slice(0, 120)}`;
			const anonymous = !["visitor A", "visitor B", "agent in", "agent out", "administrator"].includes(name);
			const visitor = name.startsWith("visitor");
			checked++;
			assert.ok(answer.status < 500, what);
			switch (route.who) {
			case "AUTHZ_ROUTE_NOBODY":
				assert.notEqual(answer.status, 403, what);
				if (route.path !== "/api/v1/session")
					assert.ok(reached(answer.status), what);
				break;
			case "AUTHZ_METRICS":	/* the test is a loopback peer and no proxy */
				assert.equal(answer.status, 200, what);
				break;
			case "AUTHZ_ROUTE_VISITOR":
				if (visitor)
					assert.ok(reached(answer.status), what);
				else
					assert.equal(answer.status, anonymous ? 401 : 403, what);
				break;
			case "AUTHZ_USERS":
			case "AUTHZ_POLICY":
				if (name === "administrator")
					assert.ok(reached(answer.status), what);
				else
					assert.equal(answer.status, anonymous ? 401 : 403, what);
				break;
			case "AUTHZ_ROUTE_AGENT":
				if (anonymous)
					assert.equal(answer.status, 401, what);
				else if (visitor)
					assert.equal(answer.status, 403, what);
				else if (route.path.includes(":conv") && name === "agent out")
					assert.equal(answer.status, 404, what);
				else
					assert.ok(reached(answer.status), what);
				break;
			default:
				assert.fail(`the test does not know ${route.who}`);
			}
		}
	}
	assert.ok(checked > 200);
});

test("S1: what is not yours looks like what does not exist", async () => {
	const foreign = await server.get(`/api/v1/conversations/${mine.id}`, outside);
	const none = await server.get(`/api/v1/conversations/${"A".repeat(21)}A`, outside);
	assert.equal(foreign.status, 404);
	assert.equal(none.status, 404);
	assert.deepEqual(foreign.body, none.body);
	for (const id of ["x", "..", "%2e%2e", "A".repeat(22) + "B", "1", "conv:1"])
		assert.equal((await server.get(`/api/v1/conversations/${encodeURIComponent(id)}`, dana)).status, 404, id);
	const lists = await server.get("/api/v1/conversations?view=queue", outside);
	assert.deepEqual(lists.body.rows, []);
	assert.deepEqual(lists.body.counts, { queue: 0, mine: 0, ai: 0, waiting: 0, resolved: 0 });
	assert.deepEqual((await server.get("/api/v1/search?q=someone", outside)).body.rows, []);
	const visit = (await server.get("/api/v1/visit", theirs.visitor)).body.conversation;
	assert.equal(visit.id, theirs.id);
	assert.ok(!(await server.get("/api/v1/visit/events", theirs.visitor)).text.includes(mine.id));
});

test("S1: every topic against everybody who might listen or speak", async () => {
	const cases: [string, Who, string, boolean][] = [
		["visitor A", mine.visitor, `conv:${mine.id}`, true], ["visitor B", theirs.visitor, `conv:${mine.id}`, false],
		["visitor", mine.visitor, "inbox:halden", false], ["visitor", mine.visitor, "visit", true],
		["agent in", dana, `conv:${mine.id}`, true], ["agent out", outside, `conv:${mine.id}`, false],
		["agent in", dana, "inbox:halden", true], ["agent out", outside, "inbox:halden", false],
		["agent in", dana, "inbox:nope", false], ["administrator", ada, "inbox:halden", true],
		["administrator", ada, `conv:${mine.id}`, true], ["administrator", ada, "inbox:nope", false],
		["agent in", dana, `conv:${"A".repeat(22)}`, false], ["agent in", dana, "visit", false],
	];
	for (const [name, who, topic, allowed] of cases) {
		const sock = await server.socket(who);
		sock.send({ t: "sub", topic, resume: null });
		const answer = await sock.next(`${name} at ${topic}`, (f) => f.t === "ev" || f.t === "nack");
		assert.equal(answer.t, allowed ? "ev" : "nack", `${name} at ${topic}`);
		if (!allowed && topic !== "visit")
			assert.equal(answer.code, "notfound", `${name} at ${topic}`);
		if (!allowed && topic.startsWith("conv:")) {
			const cmid = uuid();
			sock.send({ t: "send", cmid, topic, body: { text: "let me in" } });
			assert.equal((await sock.next("nack", (f) => f.cmid === cmid)).code, "notfound");
			sock.send({ t: "eph", topic, typing: true });
		}
		await sock.close();
	}
	await assert.rejects(async () => {
		const sock = await server.socket(revoked);
		await sock.close();
	});
	assert.ok(!(await server.events(`/api/v1/conversations/${mine.id}/events`, dana))
		.some((event: any) => event.body.text === "let me in"));
});

test("S1: somebody who is revoked loses the sockets that are open", async () => {
	const leaving = await server.outsider(ada, "leaving@halden.example");
	const sock = await server.socket(leaving);
	assert.equal(baton(["user", "revoke", "leaving@halden.example", "--dir", server.place]).status, 0);
	assert.equal(await Promise.race([sock.closed, sleep(12_000).then(() => 0)]), 4401);
	assert.equal((await server.get("/api/v1/session", leaving)).status, 401);
});

test("S8: a log-in costs the same and says the same, whoever asks", async () => {
	const tries = [
		{ email: "dana@halden.example", password: "not the password" },
		{ email: "nobody@halden.example", password: "not the password" },
		{ email: "gone@halden.example", password: "a long enough password" },
		{ email: "dana@halden.example", password: "x".repeat(200) },
	];
	const said = new Set<string>();
	for (const attempt of tries) {
		const before = await server.metric("password_hashes_total");
		const answer = await server.post("/api/v1/session", nobody, attempt);
		assert.equal(answer.status, 401);
		assert.equal(answer.headers.get("set-cookie"), null);
		said.add(answer.text);
		assert.equal((await server.metric("password_hashes_total")) - before, 1, `one computation for ${attempt.email}`);
	}
	assert.equal(said.size, 1, [...said].join("\n"));
});

test("S8: log-ins are limited by account and address", async () => {
	const limited = await Server.start({ login: { per_hour: 5 } });
	try {
		const statuses: number[] = [];
		/* Only failures count: a team behind one address signs in every morning. */
		for (let i = 0; i < 8; i++)
			await limited.sign_in(limited.logins()[i % 3]?.email ?? "");
		for (let i = 0; i < 8; i++)
			statuses.push((await limited.post("/api/v1/session", nobody, { email: "dana@halden.example", password: "wrong wrong" })).status);
		assert.deepEqual(statuses.slice(0, 5), Array(5).fill(401));
		assert.deepEqual(statuses.slice(5), Array(3).fill(429));
		/* S13: another address cannot be claimed by somebody who is no proxy. */
		const forged = await limited.call("POST", "/api/v1/session", nobody, { email: "bo@halden.example", password: "wrong wrong" },
			{ "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", forwarded: "for=203.0.113.9" });
		assert.equal(forged.status, 429);
	} finally {
		await limited.stop();
	}
});

test("S13: X-Forwarded-For counts only from a trusted proxy; visits are limited by address", async () => {
	for (const [trusted, expected] of [["", 429], ["127.0.0.0/8", 201]] as const) {
		const limited = await Server.start({
			limits: { visits_per_hour: 3 },
			...(trusted === "" ? {} : { listen: { trusted_proxies: trusted } }),
		});
		try {
			const visit = (from: string): Promise<{ status: number }> =>
				limited.call("POST", "/api/v1/visits", nobody, { inbox: "halden" }, { "x-forwarded-for": from });
			for (let i = 0; i < 3; i++)
				assert.equal((await visit("198.51.100.1")).status, 201);
			assert.equal((await visit("198.51.100.1")).status, 429);
			assert.equal((await visit("198.51.100.2")).status, expected, trusted === "" ? "untrusted" : "trusted");
			if (trusted !== "") {
				assert.equal((await visit("2001:db8::1")).status, 201);
				assert.equal((await visit("2001:db8::ffff:2")).status, 201);
				assert.equal((await visit("2001:db8:0:0:9::3")).status, 201);
				assert.equal((await visit("2001:db8::4")).status, 429, "a /64 counts as one");
				/* Behind a proxy a loopback peer is not the machine's own administrator. */
				assert.equal((await limited.get("/metrics")).status, 401);
			}
		} finally {
			await limited.stop();
		}
	}
});

test("S10: a cookie alone changes nothing", async () => {
	const { id } = await server.conversation();
	const bare = { headers: { cookie: dana.cookie } };
	for (const route of route_table().filter((one) => one.who !== "AUTHZ_ROUTE_NOBODY" && one.method !== "GET" && one.who !== "AUTHZ_ROUTE_VISITOR")) {
		assert.ok(route.csrf, `${route.method} ${route.path} asks for the token`);
		for (const headers of [{}, { "x-csrf-token": "0".repeat(64) }, { "x-csrf-token": ada.csrf }, { "x-csrf-token": "" }])
			assert.equal((await server.call(route.method, address(route, id), bare, body_for(route), headers)).status, 403,
				`${route.method} ${route.path} ${JSON.stringify(headers)}`);
		const from = await server.call(route.method, address(route, id), dana, body_for(route), { origin: "https://evil.example" });
		assert.equal(from.status, 403, `${route.method} ${route.path} from another site`);
	}
	assert.equal((await server.conv(dana, id)).holder.type === "agent", false);
	for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
		assert.equal((await server.call("POST", "/api/v1/visits", nobody, '{"inbox":"halden"}', { "content-type": type })).status, 400);
});

test("S10: the session's cookie, and no sharing with other origins", async () => {
	const answer = await server.call("POST", "/api/v1/session", nobody,
		{ email: "dana@halden.example", password: server.logins()[0]?.password ?? "" }, { origin: server.url });
	const cookie = answer.headers.get("set-cookie") ?? "";
	assert.match(cookie, /HttpOnly/i);
	assert.match(cookie, /SameSite=Strict/i);
	assert.match(cookie, /Path=\//i);
	for (const path of ["/api/v1/session", "/api/v1/widget/config?inbox=halden", "/health", "/a/returns/1"])
		for (const method of ["GET", "OPTIONS"]) {
			const got = await server.call(method, path, dana, undefined,
				{ origin: "https://evil.example", "access-control-request-method": "POST" });
			for (const header of ["access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods"])
				assert.equal(got.headers.get(header), null, `${method} ${path} ${header}`);
		}
});

test("S10: a socket from another site is refused", async () => {
	for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1", `http://127.0.0.1:${server.port}.evil.example`]) {
		await assert.rejects(server.socket(dana, origin), (error: any) => error.status === 403, origin);
		await assert.rejects(server.socket(null, origin), (error: any) => error.status === 403, origin);
	}
	await assert.rejects(server.socket(dana, null), (error: any) => error.status === 403, "a cookie without an origin");
	const own = await server.socket(dana);
	await own.close();
});

test("S10: nobody frames the console; scripts come from here only", async () => {
	for (const path of ["/console/", "/a/returns/1"]) {
		const page = await server.get(path);
		if (page.status === 404 && path === "/console/")
			continue;	/* built without the pages */
		const csp = page.headers.get("content-security-policy") ?? "";
		assert.match(csp, /frame-ancestors 'none'/, path);
		assert.doesNotMatch(csp, /unsafe-inline|unsafe-eval|\*/, path);
		assert.match(csp, /default-src/, path);
	}
	for (const path of ["/api/v1/widget/config?inbox=halden", "/a/returns/1", "/health"])
		assert.equal((await server.get(path)).headers.get("x-content-type-options"), "nosniff", path);
});
