/* SPDX-License-Identifier: Apache-2.0 */
/* hours.test.ts - a customer who comes when the desk is closed: is told when a person
 * answers, may leave an address, and the hand-off card shows it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch } from "../support/browser.ts";
import { cannot_serve, start_desk, WAIT_MS, type Desk } from "../support/desk.ts";

let desk: Desk;
let browser: Browser;

describe("out of hours", { skip: cannot_serve() }, () => {
	before(async () => {
		desk = await start_desk({ closed: true });
		browser = await launch();
	});
	after(async () => {
		await browser?.close();
		await desk?.stop();
	});

	test("when, the way back, and the card", async () => {
		const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 } });
		context.setDefaultTimeout(WAIT_MS);
		const shop = await context.newPage();
		await shop.goto(desk.shop);
		await shop.getByRole("button", { name: "Open chat" }).click();
		const frame = shop.frameLocator("baton-chat iframe");
		await frame.locator("header", { hasText: /people back/ }).waitFor();
		await frame.locator("textarea").fill("let me talk to someone");
		await frame.locator("textarea").press("Enter");
		const queue = frame.locator(".queue.closed");
		await queue.waitFor();
		assert.match(await queue.innerText(), /A person answers from \S+.*\d\d:\d\d/);
		assert.match(await queue.innerText(), /is closed now/);
		await frame.getByRole("button", { name: "E-mail me instead" }).click();
		await frame.getByLabel("Your e-mail address").fill("night.owl@example.org");
		await frame.getByRole("button", { name: "Save" }).click();
		await frame.getByText("A person will write to night.owl@example.org.").waitFor();

		const page = await context.newPage();
		await page.goto(`${desk.url}/console/`);
		await page.locator("#email").fill(desk.people[0]?.email ?? "");
		await page.locator("#password").fill(desk.people[0]?.password ?? "");
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.locator("[data-row]", { hasText: "let me talk to someone" }).click();
		await page.locator("#card").waitFor();
		assert.match(await page.locator("#card").innerText(), /night\.owl@example\.org/);
		await context.close();
	});
});
