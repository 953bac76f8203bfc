/* SPDX-License-Identifier: Apache-2.0 */
/* desk.ts - the built program serving a copy of the demo, for tests in a browser.
 *
 * The copy lies in TMPDIR and goes with the test.  The shop is served on a second
 * port: another origin, but the same site, as desk.shop.example is of shop.example.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_MS = 30_000;

export interface Desk {
	url: string;
	shop: string;
	/* The same page under another site's name: browsers may deny the frame its storage there. */
	foreign_shop: string;
	/* The demo's log-ins, as the program prints them at its start. */
	people: { email: string; password: string }[];
	stop(): Promise<void>;
}

export const tree = process.env["BATON_TREE"] ?? "..";
const program = process.env["TEST_PROGRAM"] ?? join(tree, "build/baton");
const env = { HOME: tmpdir(), TMPDIR: tmpdir(), PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8" };
const as_root = process.getuid?.() === 0 ? ["--allow-root"] : [];

/* Why the program cannot serve, or false when it can: what `skip` wants. */
export function cannot_serve(): string | false {
	return spawnSync(program, ["help", "serve"], { env }).status === 0 ? false : "this program cannot serve";
}

function free_port(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.on("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}

async function until_ready(url: string, child: ChildProcess, said: () => string): Promise<void> {
	const end = Date.now() + READY_MS;
	while (Date.now() < end && child.exitCode === null) {
		const answer = await fetch(`${url}/health`).catch(() => null);
		if (answer?.ok)
			return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`the desk did not get ready:\n${said()}`);
}

export async function start_desk(): Promise<Desk> {
	const place = mkdtempSync(join(tmpdir(), "baton-desk-"));
	const [port, shop_port] = [await free_port(), await free_port()];
	const inboxes = join(place, "policy/inboxes.yaml");
	let said = "";

	cpSync(join(tree, "demo"), place, { recursive: true });
	writeFileSync(inboxes, readFileSync(inboxes, "utf8").replace(/^(\s*sites:).*$/m, `$1 ["http://127.0.0.1:${shop_port}", "http://localhost:${shop_port}"]`));
	writeFileSync(join(place, "baton.yaml"), `listen: {port: ${port}}\ndemo: {shop_port: ${shop_port}}\n`);
	const made = spawnSync(program, ["demo", place], { env, encoding: "utf8" });
	if (made.status !== 0)
		throw new Error(`baton demo ended with ${made.status}: ${made.stderr}`);

	const child = spawn(program, ["serve", ...as_root, place], { env, stdio: ["ignore", "pipe", "pipe"] });
	child.stdout.on("data", (text) => (said += String(text)));
	child.stderr.on("data", (text) => (said += String(text)));
	const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	const stop = async (): Promise<void> => {
		child.kill("SIGTERM");
		const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
		await ended;
		clearTimeout(late);
		rmSync(place, { recursive: true, force: true });
	};
	const url = `http://127.0.0.1:${port}`;
	try {
		await until_ready(url, child, () => said);
	} catch (error) {
		await stop();
		throw error;
	}
	/* One a line: the e-mail address, something between, the password last. */
	const people = [...said.matchAll(/^.*?([\w.+-]+@[\w.-]+).*?(\S{8,})$/gm)]
		.map(([, email = "", password = ""]) => ({ email, password }));
	return { url, shop: `http://127.0.0.1:${shop_port}`, foreign_shop: `http://localhost:${shop_port}`, people, stop };
}
