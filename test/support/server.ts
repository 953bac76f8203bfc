/* SPDX-License-Identifier: Apache-2.0 */
/* server.ts - the built program serving a copy of the demo, for tests over its sockets.
 *
 * The copy lies in TMPDIR and goes with the test.  The program runs in a process
 * group of its own, so that a kill takes everything that it started.  Limits are
 * off unless a test says what it wants: most tests ask more often than a visitor.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";
import type { ClientFrame, Conv, Event, EventsPage, ServerFrame, Session, Stored } from "../../web/shared/protocol.ts";

export const tree = process.env["BATON_TREE"] ?? "..";
export const program = process.env["BATON_BIN"] ?? process.env["TEST_PROGRAM"] ?? join(tree, "build/baton");
const demo = process.env["BATON_DEMO"] ?? join(tree, "demo");
export const slow = (process.env["TEST_KIND"] ?? "test") !== "test";
const READY_MS = slow ? 60_000 : 20_000;
const base_env = {
	HOME: tmpdir(), TMPDIR: tmpdir(), PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8",
	...(process.env["ASAN_OPTIONS"] ? { ASAN_OPTIONS: process.env["ASAN_OPTIONS"] } : {}),
	...(process.env["UBSAN_OPTIONS"] ? { UBSAN_OPTIONS: process.env["UBSAN_OPTIONS"] } : {}),
};
const as_root = process.getuid?.() === 0 ? ["--allow-root"] : [];

export type Settings = Record<string, Record<string, string | number | boolean>>;

const no_limits: Settings = {
	limits: {
		messages_per_min: 0, messages_burst: 1000, visits_per_hour: 0, reads_per_min: 0, writes_per_min: 0,
	},
	login: { per_hour: 0 },
	listen: { drain: "5s" },
	demo: { shop_port: 0 },
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const uuid = (): string => randomUUID();

/* Asks again until `check` gives something; says `what` when it never did. */
export async function until<T>(what: string, check: () => T | Promise<T>, ms = 10_000): Promise<NonNullable<T>> {
	const end = Date.now() + (slow ? ms * 4 : ms);
	for (;;) {
		const got = await check();
		if (got)
			return got;
		if (Date.now() > end)
			throw new Error(`this never happened: ${what}`);
		await sleep(15);
	}
}

export function free_port(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.on("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}

/* Runs one command of the program to its end. */
export function baton(args: string[], input = ""): { status: number | null; stdout: string; stderr: string } {
	return spawnSync(program, args, { env: base_env, encoding: "utf8", input });
}

export interface Answer<T = any> {
	status: number;
	body: T;
	headers: Headers;
	text: string;
}

export interface Who {
	headers: Record<string, string>;
}
export interface Visitor extends Who {
	token: string;
}
export interface Agent extends Who {
	cookie: string;
	csrf: string;
	id: string;
	name: string;
	email: string;
}
export const nobody: Who = { headers: {} };

export class Server {
	child: ChildProcess | null = null;
	said = "";
	private ended: Promise<number | null> = Promise.resolve(null);

	private constructor(readonly place: string, readonly port: number) {}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/* `prepare` may change the copy before anything has read it. */
	static async start(settings: Settings = {}, env: Record<string, string> = {},
	    prepare: (place: string) => void = () => undefined): Promise<Server> {
		const server = new Server(mkdtempSync(join(tmpdir(), "baton-api-")), await free_port());
		cpSync(demo, server.place, { recursive: true });
		prepare(server.place);
		server.configure(settings);
		const made = baton(["demo", server.place]);
		if (made.status !== 0) {
			rmSync(server.place, { recursive: true, force: true });
			throw new Error(`baton demo ended with ${made.status}: ${made.stderr}`);
		}
		await server.launch(env);
		return server;
	}

	configure(settings: Settings): void {
		const all: Settings = { ...no_limits };
		for (const [section, values] of Object.entries(settings))
			all[section] = { ...all[section], ...values };
		all["listen"] = { ...all["listen"], port: this.port };
		writeFileSync(join(this.place, "baton.yaml"), Object.entries(all).map(([section, values]) =>
			`${section}: {${Object.entries(values).map(([k, v]) =>
				`${k}: ${typeof v === "string" ? JSON.stringify(v) : v}`).join(", ")}}\n`).join(""));
	}

	/* Starts the program; milliseconds until it served. */
	async launch(env: Record<string, string> = {}): Promise<number> {
		const began = performance.now();
		const child = spawn(program, ["serve", ...as_root, this.place],
			{ env: { ...base_env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
		this.child = child;
		this.said = "";
		child.stdout.on("data", (text) => (this.said += String(text)));
		child.stderr.on("data", (text) => (this.said = (this.said + String(text)).slice(-20_000)));
		this.ended = new Promise((resolve) => child.once("exit", (code, signal) => {
			this.said += signal === null ? "" : `\nended by ${signal}`;
			resolve(code);
		}));
		while (performance.now() - began < READY_MS && child.exitCode === null && child.signalCode === null) {
			const answer = await fetch(`${this.url}/health`).catch(() => null);
			if (answer?.ok)
				return performance.now() - began;
			await sleep(10);
		}
		await this.kill9();
		throw new Error(`the program did not get ready:\n${this.said}`);
	}

	/* Resolves with the exit status when the program has ended. */
	exited(): Promise<number | null> {
		return this.ended;
	}

	private signal(name: NodeJS.Signals): void {
		const pid = this.child?.pid;
		if (pid === undefined)
			return;
		try {
			process.kill(-pid, name);
		} catch {
			/* It is gone already. */
		}
	}

	async kill9(): Promise<void> {
		this.signal("SIGKILL");
		await this.ended;
	}

	async restart(env: Record<string, string> = {}): Promise<number> {
		await this.kill9();
		return this.launch(env);
	}

	/* SIGTERM; the exit status. */
	async drain(): Promise<number | null> {
		this.child?.kill("SIGTERM");
		const late = setTimeout(() => this.signal("SIGKILL"), slow ? 60_000 : 20_000);
		const code = await this.ended;
		clearTimeout(late);
		return code;
	}

	async stop(): Promise<void> {
		if (this.child?.exitCode === null && this.child.signalCode === null)
			await this.drain();
		rmSync(this.place, { recursive: true, force: true });
	}

	/* ---- REST ---- */

	async call<T = any>(method: string, path: string, who: Who = nobody, body?: unknown,
	    headers: Record<string, string> = {}): Promise<Answer<T>> {
		const raw = typeof body === "string" || body instanceof Uint8Array;
		const answer = await fetch(this.url + path, {
			method,
			headers: {
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...who.headers, ...headers,
			},
			...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as BodyInit }),
			redirect: "manual",
		});
		const text = await answer.text();
		let parsed: unknown = null;
		try {
			parsed = text === "" ? null : JSON.parse(text);
		} catch {
			/* A page. */
		}
		return { status: answer.status, body: parsed as T, headers: answer.headers, text };
	}

	get<T = any>(path: string, who: Who = nobody): Promise<Answer<T>> {
		return this.call("GET", path, who);
	}

	post<T = any>(path: string, who: Who, body: unknown): Promise<Answer<T>> {
		return this.call("POST", path, who, body);
	}

	async visitor(inbox = "halden", lang?: string): Promise<Visitor> {
		const answer = await this.post("/api/v1/visits", nobody, lang === undefined ? { inbox } : { inbox, lang });
		assert.equal(answer.status, 201, `a visit begins: ${answer.text}`);
		const token = String(answer.body.token);
		return { token, headers: { authorization: `Bearer ${token}` } };
	}

	say(who: Who, text: string, cmid = uuid()): Promise<Answer<Stored>> {
		return this.post("/api/v1/visit/messages", who, { cmid, text });
	}

	logins(): { email: string; password: string }[] {
		return readFileSync(join(this.place, "logins.txt"), "utf8").split("\n").filter((line) => line !== "")
			.map((line) => line.trim().split(/\s+/)).map((words) => ({ email: words[0] ?? "", password: words.at(-1) ?? "" }));
	}

	async sign_in(email: string, password?: string): Promise<Agent> {
		const secret = password ?? this.logins().find((one) => one.email === email)?.password ?? "";
		const answer = await this.post<Session>("/api/v1/session", nobody, { email, password: secret });
		assert.equal(answer.status, 200, `${email} signs in: ${answer.text}`);
		const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
		return {
			cookie, csrf: answer.body.csrf, id: answer.body.user.id, name: answer.body.user.name, email,
			headers: { cookie, "x-csrf-token": answer.body.csrf },
		};
	}

	dana(): Promise<Agent> {
		return this.sign_in("dana@halden.example");
	}
	bo(): Promise<Agent> {
		return this.sign_in("bo@halden.example");
	}
	ada(): Promise<Agent> {
		return this.sign_in("ada@halden.example");
	}

	/* An agent who is a member of nothing. */
	async outsider(admin: Agent, email = "out@halden.example"): Promise<Agent> {
		const password = "a long enough password";
		const made = await this.post("/api/v1/users", admin,
			{ email, name: "Out Sider", role: "agent", inboxes: [], password });
		assert.equal(made.status, 201, made.text);
		return this.sign_in(email, password);
	}

	/* All events of a conversation that this reader may see, page by page. */
	async events(path: string, who: Who): Promise<Event[]> {
		const all: Event[] = [];
		for (let after = 0; ;) {
			const page = await this.get<EventsPage>(`${path}?after=${after}&limit=200`, who);
			assert.equal(page.status, 200, page.text);
			all.push(...page.body.events);
			if (!page.body.more)
				return all;
			assert.ok(page.body.to > after, "a page goes on");
			after = page.body.to;
		}
	}

	/* Writes as a new visitor; the conversation that it opened. */
	async conversation(text = "let me talk to someone"): Promise<{ visitor: Visitor; id: string; seq: number }> {
		const visitor = await this.visitor();
		const stored = await this.say(visitor, text);
		assert.equal(stored.status, 201, stored.text);
		return { visitor, id: stored.body.conversation, seq: stored.body.seq };
	}

	async conv(agent: Agent, id: string): Promise<Conv> {
		const answer = await this.get(`/api/v1/conversations/${id}`, agent);
		assert.equal(answer.status, 200, answer.text);
		return answer.body.conversation;
	}

	async metric(name: string): Promise<number> {
		const text = (await this.get("/metrics")).text;
		const found = new RegExp(`^\\w*${name}(?:\\{[^}]*\\})? (\\d+)$`, "m").exec(text);
		assert.ok(found, `/metrics has ${name}:\n${text}`);
		return Number(found[1]);
	}

	/* ---- sockets ---- */

	get socket_url(): string {
		return `ws://127.0.0.1:${this.port}/api/v1/socket`;
	}

	async socket(who: Who | null, origin: string | null = this.url): Promise<Sock> {
		const cookie = who && "cookie" in who ? { cookie: String(who.cookie) } : {};
		const sock = new Sock(new WebSocket(this.socket_url, "baton.1",
			{ headers: { ...cookie, ...(origin === null ? {} : { origin }) } }));
		await sock.opened;
		if (who) {
			sock.send("token" in who ? { t: "hello", proto: 1, token: String(who.token) } : { t: "hello", proto: 1 });
			await sock.next("welcome", (f) => f.t === "welcome");
		}
		return sock;
	}
}

/* A socket whose frames can be waited for, each once, in the order they came. */
export class Sock {
	readonly frames: ServerFrame[] = [];
	readonly all: ServerFrame[] = [];
	readonly opened: Promise<void>;
	readonly closed: Promise<number>;
	close_code = 0;

	constructor(readonly ws: WebSocket) {
		ws.on("message", (data) => {
			const frame = JSON.parse(String(data)) as ServerFrame;
			this.frames.push(frame);
			this.all.push(frame);
		});
		ws.on("error", () => undefined);
		this.closed = new Promise((resolve) => ws.on("close", (code) => {
			this.close_code = code;
			resolve(code);
		}));
		this.opened = new Promise((resolve, reject) => {
			ws.on("open", () => resolve());
			ws.on("unexpected-response", (_request, response) => {
				reject(Object.assign(new Error(`HTTP ${response.statusCode}`), { status: response.statusCode }));
				ws.terminate();
			});
			ws.on("close", (code) => reject(new Error(`closed ${code}`)));
		});
		this.opened.catch(() => undefined);
	}

	send(frame: ClientFrame | Record<string, unknown>): void {
		this.ws.send(JSON.stringify(frame));
	}

	/* The first frame not yet taken that fits. */
	next(what: string, fits: (frame: any) => boolean, ms = 10_000): Promise<any> {
		return until(`${what}; got ${JSON.stringify(this.all).slice(-1500)}`, () => {
			const at = this.frames.findIndex(fits);
			return at < 0 ? undefined : this.frames.splice(at, 1)[0];
		}, ms);
	}

	async close(): Promise<void> {
		this.ws.close();
		const late = setTimeout(() => this.ws.terminate(), 2000);
		await this.closed;
		clearTimeout(late);
	}
}

/* A sequence with nothing missing and nothing twice. */
export function gapless(events: { seq: number }[]): boolean {
	return events.every((event, i) => i === 0 || event.seq > (events[i - 1]?.seq ?? 0));
}

export function exists(path: string): boolean {
	return existsSync(path);
}
