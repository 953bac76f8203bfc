/* SPDX-License-Identifier: Apache-2.0 */
/* desk.ts - the built program serving a copy of the demo and its shop, for tests in a browser.
 *
 * The shop is served on a second port: another origin, but the same site, as
 * desk.shop.example is of shop.example.  The copy is open day and night, or closed for
 * days: a test must not depend on the day it runs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baton, free_port, Server } from "./server.ts";

export { tree } from "./server.ts";

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/* How long a page may take for one thing: with sanitizers, longer. */
export const WAIT_MS = (process.env["TEST_KIND"] ?? "test") === "test" ? 10_000 : 40_000;

export interface Desk {
	url: string;
	shop: string;
	/* The same page under another site's name: browsers may deny the frame its storage there. */
	foreign_shop: string;
	/* The demo's log-ins. */
	people: { email: string; password: string }[];
	server: Server;
	stop(): Promise<void>;
}

/* Why the program cannot serve, or false when it can: what `skip` wants. */
export function cannot_serve(): string | false {
	return baton(["help", "serve"]).status === 0 ? false : "this program cannot serve";
}

/* Hours of one weekday, three days from now: closed today and tomorrow in every zone. */
function closed_hours(): string {
	const day = DAYS[(new Date().getUTCDay() + 3) % 7];
	return `${day}: ["09:00-18:00"]`;
}

function prepare(place: string, shop_port: number, hours: string): void {
	const path = join(place, "policy/inboxes.yaml");
	const before = readFileSync(path, "utf8");
	const after = before
		.replace(/^(\s*sites:).*$/m, `$1 ["http://127.0.0.1:${shop_port}", "http://localhost:${shop_port}"]`)
		.replace(/^(\s*hours:)\n(?: {6,}.*\n)+/m, `$1 {${hours}}\n`);
	if (!after.includes(hours))
		throw new Error(`the demo's hours stand otherwise than this expects:\n${before}`);
	writeFileSync(path, after);
}

export async function start_desk(options: { closed?: boolean } = {}): Promise<Desk> {
	const shop_port = await free_port();
	const hours = options.closed ? closed_hours() : 'mon-sun: ["00:00-24:00"]';
	const server = await Server.start({ demo: { shop_port } }, {}, (place) => prepare(place, shop_port, hours));
	return {
		url: server.url,
		shop: `http://127.0.0.1:${shop_port}`,
		foreign_shop: `http://localhost:${shop_port}`,
		people: server.logins(),
		server,
		stop: () => server.stop(),
	};
}
