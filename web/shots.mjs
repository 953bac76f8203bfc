/* SPDX-License-Identifier: Apache-2.0 */
/* shots.mjs - the README's pictures: the built program, the demo, real browsers.
 *
 * Plays a few customers against a copy of the demo that is always open, then
 * photographs the shop, the widget and the console.
 *   node shots.mjs PROGRAM OUT
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const tree = dirname(dirname(fileURLToPath(import.meta.url)));
const [program, out] = [resolve(process.argv[2] ?? "build/baton"), resolve(process.argv[3] ?? "docs/pictures")];
const env = { HOME: tmpdir(), PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };
const root = process.getuid() === 0 ? ["--allow-root"] : [];

const free = () => new Promise((done) => {
	const s = createServer().listen(0, "127.0.0.1", () => {
		const { port } = s.address();
		s.close(() => done(port));
	});
});
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const place = mkdtempSync(join(tmpdir(), "baton-shots-"));
const [port, shop_port] = [await free(), await free()];
cpSync(join(tree, "demo"), place, { recursive: true });
const inboxes = join(place, "policy/inboxes.yaml");
writeFileSync(inboxes, readFileSync(inboxes, "utf8")
	.replace(/^(\s*sites:).*$/m, `$1 ["http://127.0.0.1:${shop_port}"]`)
	.replace(/^(\s*)mon-fri:.*\n\s*sat:.*$/m, '$1mon-sun: ["00:00-24:00"]'));
/* The pictures' hours are not the demo's: waits of closed days would mislead. */
const waits = join(place, "handoffs.csv");
writeFileSync(waits, readFileSync(waits, "utf8").split("\n")
	.filter((line) => !(Number(line.split(",")[3]) > 3600)).join("\n"));
writeFileSync(join(place, "baton.yaml"), `listen: {port: ${port}}\ndemo: {shop_port: ${shop_port}}\n`);
const made = spawnSync(program, ["demo", place], { env, encoding: "utf8" });
if (made.status !== 0)
	throw new Error(made.stderr);
const server = spawn(program, ["serve", ...root, place], { env, stdio: ["ignore", "pipe", "inherit"] });
await new Promise((done) => server.stdout.on("data", (t) => String(t).includes("READY") && done()));
const url = `http://127.0.0.1:${port}`;
const people = readFileSync(join(place, "logins.txt"), "utf8").trim().split("\n").map((l) => l.split(/\s+/));

const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function console_page(who, options) {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
	const page = await context.newPage();
	await page.goto(`${url}/console/`);
	await page.getByLabel(/e-mail/i).fill(people[who][0]);
	await page.getByLabel(/password/i).fill(people[who].at(-1));
	await page.keyboard.press("Enter");
	await page.locator("#pane-list").waitFor();
	return page;
}

async function customer(lines, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
	const page = await context.newPage();
	await page.goto(`http://127.0.0.1:${shop_port}/`);
	await page.getByRole("button", { name: /chat/i }).click();
	const frame = await (await page.locator("baton-chat iframe").elementHandle()).contentFrame();
	await frame.locator("textarea").waitFor();
	for (const line of lines) {
		await frame.locator("textarea").fill(line);
		await frame.locator("textarea").press("Enter");
		await sleep(900);
	}
	return { page, frame };
}

try {
	mkdirSync(out, { recursive: true });
	const dana = await console_page(0, { colorScheme: "light" });
	const ana = await customer(["hii wheres my ordr HP-1042", "ana@example.org"]);
	await ana.page.screenshot({ path: join(out, "widget-order.png") });
	await customer(["can i send it back if its been opened?"]);
	await customer(["wo ist denn meine bestellung HP-1047", "selma.yilmaz@example.org", "kann ich bitte mit einem menschen reden"]);
	await customer(["I don't understand what you mean, which form??"]);
	await customer(["my parcel is lost and it's for my daughter's birthday tomorrow"]);
	const marta = await customer(["hii wheres my ordr HP-1042", "ana@example.org", "this is useless, third time i'm asking"]);
	await marta.page.screenshot({ path: join(out, "widget-waiting.png") });
	await sleep(600);
	await dana.screenshot({ path: join(out, "console-list.png") });
	await dana.locator("#pane-list").getByText("third time").first().click({ timeout: 5000 });
	await sleep(700);
	await dana.screenshot({ path: join(out, "console-queue.png") });
	await dana.keyboard.press("i");
	await sleep(900);
	await dana.screenshot({ path: join(out, "console-light.png") });
	await marta.page.screenshot({ path: join(out, "widget-person.png") });
	const why = dana.getByRole("button", { name: /why/i }).last();
	await why.click();
	await sleep(700);
	await dana.screenshot({ path: join(out, "console-why.png") });
	const bo = await console_page(1, { colorScheme: "dark" });
	await sleep(500);
	await bo.locator("#pane-list [role=option], #pane-list .row").first().click();
	await sleep(700);
	await bo.screenshot({ path: join(out, "console-dark.png") });
	const phone = await customer(["where is my order HP-1042", "ana@example.org"],
		{ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
	await phone.page.screenshot({ path: join(out, "widget-phone.png") });
	const pocket = await console_page(1, { viewport: { width: 390, height: 844 }, colorScheme: "light" });
	await sleep(500);
	await pocket.screenshot({ path: join(out, "console-phone.png") });
} finally {
	await browser.close();
	server.kill("SIGTERM");
	await new Promise((done) => server.once("exit", done));
	rmSync(place, { recursive: true, force: true });
}
