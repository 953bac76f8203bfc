/* SPDX-License-Identifier: Apache-2.0 */
/* shots.mjs - the README's pictures: the built program, the demo, real browsers.
 *
 * Plays a few customers against a copy of the demo that is always open, then
 * photographs the shop, the widget and the console.
 *   node shots.mjs [--all] PROGRAM OUT
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const tree = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2).filter((word) => word !== "--all");
const all = process.argv.includes("--all");
const [program, out] = [resolve(words[0] ?? "build/baton"), resolve(words[1] ?? "docs/pictures")];
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

/* A picture that the README shows, or with --all also one for looking only. */
async function shot(page, name, shown = true) {
	await page.mouse.move(0, 0);
	await sleep(450);
	if (shown || all)
		await page.screenshot({ path: join(out, `${name}.png`) });
}

async function console_page(who, options) {
	const context = await browser.newContext({ viewport: { width: 1400, height: 875 }, locale: "en-GB", ...options });
	const page = await context.newPage();
	await page.goto(`${url}/console/`);
	await page.locator("#email").fill(people[who][0]);
	await shot(page, "console-sign-in", false);
	await page.locator("#password").fill(people[who].at(-1));
	await page.keyboard.press("Enter");
	await page.locator("#pane-list [data-row]").first().waitFor();
	return page;
}

async function say(frame, lines) {
	for (const line of lines) {
		const had = await frame.locator(".message.ai").count();
		await frame.locator("textarea").fill(line);
		await frame.locator("textarea").press("Enter");
		await frame.locator(".message.ai").nth(had).waitFor();
	}
}

async function customer(lines, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", ...options });
	const page = await context.newPage();
	await page.goto(`http://127.0.0.1:${shop_port}/`);
	await page.locator("baton-chat button").click();
	const frame = await (await page.locator("baton-chat iframe").elementHandle()).contentFrame();
	await frame.locator("textarea").waitFor();
	await say(frame, lines);
	return { page, frame };
}

/* The conversation whose customer wrote this, opened from the list. */
async function read(page, words) {
	await page.locator("#search").fill(words);
	await page.locator(".row mark").first().waitFor();
	await shot(page, "console-search", false);
	await page.locator("#pane-list [data-row]").first().click();
	await page.locator(".log .said").first().waitFor();
	/* On a phone the list has gone. */
	if (await page.locator("#search").isVisible())
		await page.locator("#search").fill("");
	await page.keyboard.press("Escape");
}

const ORDER = ["hii wheres my ordr HP-1042", "ana@example.org"];

try {
	mkdirSync(out, { recursive: true });
	const ana = await customer(ORDER);
	await shot(ana.page, "widget-order");
	const dana = await console_page(0, { colorScheme: "light" });
	const quote = await customer(["can i send it back if its been opened?"]);
	await shot(quote.page, "widget-quote", false);
	await quote.page.goto(`${url}/a/returns/1`);
	await shot(quote.page, "article", false);
	await customer(["wo ist denn meine bestellung HP-1047", "selma.yilmaz@example.org", "kann ich bitte mit einem menschen reden"]);
	await customer(["I don't understand what you mean, which form??"]);
	await customer(["my parcel is lost and it's for my daughter's birthday tomorrow"]);
	const marta = await customer([...ORDER, "this is useless, third time i'm asking"]);
	await marta.frame.locator(".queue").waitFor();
	await shot(marta.page, "widget-waiting");
	await shot(dana, "console-list", false);
	await dana.locator("#pane-list [data-row]", { hasText: "useless" }).click();
	await dana.locator("#card").waitFor();
	await shot(dana, "console-light");
	const ada = await console_page(2, { colorScheme: "light", viewport: { width: 1440, height: 900 } });
	await ada.goto(`${url}/console/#/understanding`);
	await ada.locator("#try").fill("hii wheres my ordr HP-1042 and how do i send back the other jacket, its for saturday!!");
	await ada.locator(".intents .held").first().waitFor();
	await ada.locator(".nearest li").first().waitFor();
	await shot(ada, "understanding-live", false);
	await ada.goto(`${url}/console/#/understanding/order_status`);
	for (const words of ["hii wheres my ordr", "any news of my jacket"]) {
		const had = await ada.locator(".examples .chip").count();
		await ada.locator(".add input").fill(words);
		await ada.keyboard.press("Enter");
		await ada.locator(".examples .chip").nth(had).waitFor();
	}
	await ada.locator(".figures").waitFor();
	await shot(ada, "understanding-intent", false);
	await ada.goto(`${url}/console/#/understanding`);
	await ada.locator(".strength-head").waitFor();
	await ada.locator(".intents .held").first().waitFor();
	await ada.locator(".toast").waitFor({ state: "hidden" });
	await ada.locator("#try").blur();
	await ada.getByText("A first look").waitFor({ state: "detached" });
	await shot(ada, "understanding");
	const bo = await console_page(1, { colorScheme: "dark" });
	await read(bo, "useless");
	await shot(bo, "console-found", false);
	await bo.locator("#pane-list [data-row]", { hasText: "parcel is lost" }).click();
	await bo.locator("#card").waitFor();
	await shot(bo, "console-dark");
	await dana.keyboard.press("i");
	await dana.locator("#compose").waitFor();
	await dana.locator("#compose").fill("Hi Ana, I'm sorry this took three tries. Your parcel is with DHL and due on Tuesday; I'll watch it until it is with you.");
	await dana.keyboard.press("Control+Enter");
	await dana.locator(".bubble.agent").first().waitFor();
	await dana.locator(".toast").waitFor({ state: "hidden" });
	await shot(dana, "console-reply", false);
	await shot(marta.page, "widget-person");
	await dana.locator(".why").nth(1).click();
	await dana.locator(".turn-foot").waitFor();
	await shot(dana, "console-why");
	const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 };
	const small = await customer(ORDER, { ...phone, colorScheme: "dark" });
	await shot(small.page, "widget-phone");
	const pocket = await console_page(1, { ...phone, colorScheme: "light" });
	await shot(pocket, "console-phone");
	await read(pocket, "useless");
	await shot(pocket, "console-phone-read", false);
	const hebrew = await customer(["שלום, איפה ההזמנה שלי?"]);
	await hebrew.frame.evaluate(() => { document.documentElement.dir = "rtl"; });
	await shot(hebrew.page, "widget-rtl", false);
} finally {
	await browser.close();
	server.kill("SIGTERM");
	await new Promise((done) => server.once("exit", done));
	rmSync(place, { recursive: true, force: true });
}
