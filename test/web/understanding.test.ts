/* SPDX-License-Identifier: Apache-2.0 */
/* understanding.test.ts - the page Understanding in a real browser: what one types is read at once,
 * an example is moved, seen to change things, and published, with the mouse and without. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { assert_accessible, launch } from "../support/browser.ts";
import { cannot_serve, start_desk, WAIT_MS, type Desk } from "../support/desk.ts";
import { PAYLOADS } from "./xss-payloads.ts";

const SCHEMES = ["light", "dark"] as const;
const DESK = { width: 1440, height: 900 };
const TABLET = { width: 900, height: 1000 };
const PHONE = { width: 390, height: 844 };
const ORDER = "hii wheres my ordr HP-1042 and how do i send back the other jacket";

let desk: Desk;
let browser: Browser;

async function open(who: string, options: BrowserContextOptions = {}, hash = "#/understanding"): Promise<Page> {
	const person = desk.people.find((one) => one.email.startsWith(who));
	assert.ok(person);
	const context = await browser.newContext({ viewport: DESK, locale: "en-GB", ...options });
	context.setDefaultTimeout(WAIT_MS);
	const page = await context.newPage();
	page.on("pageerror", (error) => assert.fail(String(error)));
	await page.goto(`${desk.url}/console/${hash}`);
	await page.locator("#email").fill(person.email);
	await page.locator("#password").fill(person.password);
	await page.getByRole("button", { name: "Sign in" }).click();
	return page;
}

/* Typed, answered, and why it was so. */
async function read(page: Page, text: string): Promise<void> {
	await page.locator("#try").fill(text);
	await page.locator(".ranked li").first().waitFor();
	await page.locator(".nearest li, .try-part > .muted").first().waitFor();
}

const learned = (page: Page) => page.locator(".foot", { hasText: "were recognised" }).waitFor();
const paper = (page: Page) => page.locator(".paper").innerText();

describe("understanding", { skip: cannot_serve() }, () => {
	before(async () => {
		desk = await start_desk();
		browser = await launch();
	});
	after(async () => {
		await browser?.close();
		await desk?.stop();
	});

	test("shows what is understood while one types, and keeps its address", async () => {
		const page = await open("dana");
		await learned(page);
		const asked: string[] = [];
		page.on("request", (r) => { if (r.url().endsWith("/perceive")) asked.push(r.postData() ?? ""); });
		await page.locator("#try").pressSequentially(ORDER, { delay: 12 });
		await page.locator(".read-as", { hasText: "HP-1042" }).waitFor();
		await page.waitForFunction((t) => document.querySelector(".paper")?.textContent?.startsWith(t), ORDER);
		assert.ok(asked.length < ORDER.length / 4, `${asked.length} requests for ${ORDER.length} keys`);
		assert.equal(await page.locator(".paper .m-entity").first().innerText(), "HP-1042");
		assert.match(await page.locator(".legend").innerText(), /found/);
		assert.match(await page.locator(".ranked").innerText(), /Order status/);
		assert.match(await page.locator(".nearest li").first().innerText(), /\.\d\d/);
		assert.equal(await page.title(), "Understanding · Baton");
		await page.locator("#try").fill("");
		await page.locator(".try-empty").waitFor();
		await page.reload();
		await learned(page);
		assert.match(page.url(), /#\/understanding$/);
		assert.equal(await page.locator(".nav .here").innerText(), "Understanding");
		await page.context().close();
	});

	test("an agent reads the examples and what they are mixed up with, and changes nothing", async () => {
		const page = await open("dana");
		await learned(page);
		const mixed = page.locator(".mixed a").first();
		await mixed.click();
		await page.locator(".examples li.wrong").first().waitFor();
		assert.equal(await page.locator(".examples li:not(.wrong)").count(), 0);
		assert.match(page.url(), /#\/understanding\/\w+\/\w+$/);
		await page.getByRole("link", { name: /^all/ }).click();
		await page.locator(".examples li:not(.wrong)").first().waitFor();
		for (const name of ["Add", "Publish…", "Discard…", "Move"])
			assert.equal(await page.getByRole("button", { name }).count(), 0, name);
		assert.equal(await page.locator(".examples select").count(), 0);
		await page.goBack();
		await page.goBack();
		await page.locator(".intents").waitFor();
		await page.context().close();
	});

	test("an administrator adds, moves and takes out, sees what changes, and publishes", async () => {
		const page = await open("ada");
		await learned(page);
		await read(page, "zorbl the fnord for me");
		await page.locator(".intents tbody th a", { hasText: "Payment" }).click();
		await page.locator(".add input").fill("please zorbl my fnord");
		await page.keyboard.press("Enter");
		await page.locator(".examples li", { hasText: "zorbl" }).getByText("added").waitFor();
		await page.locator(".figures").waitFor();
		await page.locator(".strength-head").waitFor();
		const two = await page.locator(".ranked li", { hasText: "Payment" }).locator(".bar-value").allInnerTexts();
		assert.equal(two.length, 2);
		assert.ok(Number(two[1]?.replace(/\D*/, "")) > Number(two[0]?.replace(/\D*/, "")), two.join(" "));
		const other = page.locator(".examples li:not(:has-text('zorbl'))").first();
		const text = (await other.locator(".example > span").first().innerText()).trim();
		await other.locator("select").selectOption({ label: "Delivery" });
		await page.locator(".page-head .chip", { hasText: "2 changes" }).waitFor();
		await page.getByRole("button", { name: "Publish…" }).and(page.locator(":not([aria-disabled=true])")).click();
		await page.locator("dialog.confirm .figures").waitFor();
		await page.locator("dialog.confirm").getByRole("button", { name: "Publish" }).click();
		await page.locator(".toast", { hasText: "Published" }).waitFor();
		await page.locator(".page-head .chip").waitFor({ state: "detached" });
		const file = readFileSync(join(desk.server.place, "policy/intents.yaml"), "utf8");
		assert.ok(file.includes("please zorbl my fnord"));
		assert.ok(file.indexOf(text) > file.indexOf("id: delivery"), "moved below its new intent");
		await page.context().close();
	});

	test("a draft is thrown away only after one more question", async () => {
		const page = await open("ada", {}, "#/understanding/sizing");
		await page.locator(".add input").fill("is this true to size or what");
		await page.locator(".add button").click();
		await page.getByRole("button", { name: "Discard…" }).click();
		await page.getByRole("button", { name: "Keep it" }).click();
		assert.equal(await page.locator(".page-head .chip").count(), 1);
		await page.getByRole("button", { name: "Discard…" }).click();
		await page.locator("dialog").getByRole("button", { name: "Discard" }).click();
		await page.locator(".page-head .chip").waitFor({ state: "detached" });
		await page.context().close();
	});

	test("an intent is made and reworded with the keyboard, and a past message begins another", async () => {
		await desk.server.say(await desk.server.visitor(), "could somebody engrave the flask with a name for me");
		const page = await open("ada");
		await learned(page);
		await page.getByRole("button", { name: "New intent…" }).focus();
		await page.keyboard.press("Enter");
		await page.waitForFunction(() => document.activeElement?.matches("dialog.words input"));
		await page.keyboard.type("Gift wrapping");
		/* Too early: what is missing gets the focus. */
		await page.keyboard.press("Enter");
		await page.keyboard.type("wants an order wrapped as a present");
		await page.keyboard.press("Tab");
		await page.keyboard.type("can you wrap it up as a gift\nis gift paper possible\nis gift paper possible");
		assert.match(await page.locator("#words-said").innerText(), /: 2 so far/);
		await page.keyboard.press("Tab");
		await page.keyboard.press("Tab");
		await page.keyboard.press("Enter");
		await page.locator("#intent-title", { hasText: "Gift wrapping" }).waitFor();
		assert.match(page.url(), /#\/understanding\/gift_wrapping$/);
		await page.locator(".examples li").nth(1).waitFor();
		assert.equal(await page.locator(".examples li").count(), 2);
		await page.locator(".page-head .chip", { hasText: "3 changes" }).waitFor();
		await page.getByRole("button", { name: /^Reword/ }).click();
		await page.locator("dialog.words input").fill("Gifts");
		await page.locator("dialog.words").getByRole("button", { name: "Change in the draft" }).click();
		await page.locator("#intent-title", { hasText: "Gifts" }).waitFor();
		await page.locator("dialog.words").waitFor({ state: "detached" });
		await page.getByRole("button", { name: "New intent…" }).waitFor({ state: "detached" });
		await page.locator(".back").click();
		await page.getByText(/^4 changes$/).click();
		await page.locator(".changes li", { hasText: "a new intent" }).waitFor();
		const label = page.locator(".label", { hasText: "A label here" });
		await label.waitFor();
		const text = await label.locator(".label-text").innerText();
		await label.locator("select").selectOption({ label: "A new intent…" });
		assert.equal((await page.locator("dialog.words textarea").nth(1).inputValue()).trim(), text.trim());
		await page.keyboard.press("Escape");
		await page.locator("dialog.words").waitFor({ state: "detached" });
		await page.getByRole("button", { name: "Discard…" }).click();
		await page.locator("dialog").getByRole("button", { name: "Discard" }).click();
		await page.locator(".page-head .chip").waitFor({ state: "detached" });
		await page.context().close();
	});

	test("an intent is deleted after one more question, unless a rule names it", async () => {
		const page = await open("ada", {}, "#/understanding/refund_request");
		await page.getByText(/names it/).waitFor();
		assert.match(await page.getByText(/names it/).innerText(), /policy\/rules\.yaml:\d+ names it/);
		assert.equal(await page.getByRole("button", { name: /^Delete/ }).count(), 0);
		await page.locator(".back").click();
		await page.locator(".intents tbody th a", { hasText: "Sizes and fit" }).click();
		await page.getByRole("button", { name: /^Delete/ }).click();
		assert.match(await page.locator("dialog.confirm").innerText(), /Its \d+ examples go with it/);
		await page.getByRole("button", { name: "Keep it" }).click();
		await page.locator("#intent-title", { hasText: "Sizes and fit" }).waitFor();
		await page.getByRole("button", { name: /^Delete/ }).focus();
		await page.keyboard.press("Enter");
		await page.locator("dialog.confirm").waitFor();
		await page.keyboard.press("Tab");
		await page.keyboard.press("Enter");
		await page.locator(".intents").waitFor();
		assert.match(page.url(), /#\/understanding$/);
		assert.equal(await page.locator(".intents tbody th a", { hasText: "Sizes and fit" }).count(), 0);
		await page.getByText(/^1 change$/).click();
		const change = page.locator(".changes li", { hasText: "deleted, with its examples" });
		await change.getByRole("button", { name: /^Undo/ }).click();
		await page.locator(".intents tbody th a", { hasText: "Sizes and fit" }).waitFor();
		await page.locator(".page-head .chip").waitFor({ state: "detached" });
		await page.context().close();
	});

	test("with the keyboard alone: there, a message, an intent, back, and away", async () => {
		const page = await open("ada", {}, "");
		await page.locator("#pane-list").waitFor();
		await page.locator("#pane-list").focus();
		await page.keyboard.press("g");
		await page.keyboard.press("u");
		await page.waitForFunction(() => document.activeElement?.id === "try");
		await page.keyboard.type("do you ship to norway, J K E");
		await page.locator(".ranked li").first().waitFor();
		await learned(page);
		await page.locator(".intents a").first().focus();
		await page.keyboard.press("Enter");
		await page.waitForFunction(() => document.activeElement?.id === "intent-title");
		await page.keyboard.press("Escape");
		await page.locator(".intents").waitFor();
		await page.keyboard.press("/");
		await page.waitForFunction(() => document.activeElement?.id === "try");
		await page.keyboard.press("F6");
		await page.keyboard.press("Control+k");
		await page.locator(".palette input").fill("underst");
		assert.match(await page.locator(".palette-choice").first().innerText(), /Understanding/);
		await page.keyboard.press("Escape");
		await page.locator("h1").evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
		await page.keyboard.press("g");
		await page.keyboard.press("q");
		await page.locator("#pane-list").waitFor();
		await page.context().close();
	});

	for (const scheme of SCHEMES)
		for (const [name, viewport] of Object.entries({ desk: DESK, tablet: TABLET, phone: PHONE }))
			test(`is accessible: ${name}, ${scheme}`, async () => {
				const page = await open("ada", { colorScheme: scheme, viewport, bypassCSP: true });
				await learned(page);
				await assert_accessible(page, "empty");
				await read(page, `${ORDER}, write to ana@example.org you idiots`);
				await assert_accessible(page, "read");
				await page.getByRole("button", { name: "New intent…" }).click();
				await assert_accessible(page, "new intent");
				await page.keyboard.press("Escape");
				await page.locator(".intents a").first().click();
				await page.locator(".examples li").first().waitFor();
				await assert_accessible(page, "an intent that a rule names");
				await page.locator(".back").click();
				await page.locator(".intents tbody th a", { hasText: "Payment" }).click();
				await page.locator(".examples li").first().waitFor();
				await assert_accessible(page, "intent");
				await page.getByRole("button", { name: /^Delete/ }).click();
				await assert_accessible(page, "deletion");
				await page.keyboard.press("Escape");
				await page.locator(".add input").fill(`one more for ${name} in ${scheme}`);
				await page.locator(".add button").click();
				await page.locator(".figures").waitFor();
				await page.locator(".strength-head").waitFor();
				await page.locator(".toast").waitFor({ state: "hidden", timeout: WAIT_MS * 2 });
				await assert_accessible(page, "draft");
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
					"nothing is cut off at the side");
				await page.getByRole("button", { name: "Publish…" }).click();
				await page.locator("dialog.confirm").waitFor();
				await assert_accessible(page, "publish");
				await page.keyboard.press("Escape");
				await page.getByRole("button", { name: "Discard…" }).click();
				await page.locator("dialog").getByRole("button", { name: "Discard" }).click();
				await page.locator(".page-head .chip").waitFor({ state: "detached" });
				await page.context().close();
			});

	test(`S3: ${PAYLOADS.length} things typed here run nothing`, async () => {
		const page = await open("dana");
		let ran = 0;
		await page.exposeFunction("hit", () => { ran++; });
		page.on("dialog", (d) => { ran++; void d.dismiss(); });
		for (const payload of PAYLOADS) {
			await page.locator("#try").fill(payload);
			await page.waitForFunction(() => !document.querySelector(".sheet-box.busy"));
		}
		await page.locator("#try").fill(PAYLOADS.join("\n").slice(0, 8000));
		await page.locator(".ranked li").first().waitFor();
		assert.ok((await paper(page)).length > 0);
		assert.equal(ran, 0);
		assert.equal(await page.locator(".understanding script, .understanding img, .understanding iframe").count(), 0);
		await page.context().close();
	});
});
