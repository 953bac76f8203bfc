/* SPDX-License-Identifier: Apache-2.0 */
/* widget.test.ts - a customer on the demo shop's page, in a real browser, against the
 * built program: what is asked is answered, nothing is lost or doubled, the AI is
 * always named, and the way to a person never moves. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContextOptions, Frame, Page } from "playwright-core";
import { assert_accessible, launch } from "../support/browser.ts";
import { cannot_serve, start_desk, WAIT_MS, type Desk } from "../support/desk.ts";

let desk: Desk;
let browser: Browser;

async function shop(options: BrowserContextOptions = {}, said: string[] = [], no_sockets = false): Promise<Page> {
	const context = await browser.newContext({ viewport: { width: 1000, height: 860 }, locale: "en-GB", ...options });
	if (no_sockets)
		await context.addInitScript(() => {
			window.WebSocket = class extends EventTarget {
				readyState = 3;
				onclose: ((event: { code: number }) => void) | null = null;

				constructor() {
					super();
					setTimeout(() => this.onclose?.({ code: 1006 }), 5);
				}
				close(): void { /* It never opened. */ }
			} as unknown as typeof WebSocket;
		});
	context.setDefaultTimeout(WAIT_MS);
	const page = await context.newPage();
	page.on("console", (message) => {
		if (message.type() === "error" || /postMessage|target origin/i.test(message.text()))
			said.push(message.text());
	});
	page.on("pageerror", (error) => said.push(String(error)));
	await page.goto(desk.shop);
	return page;
}

async function frame_of(page: Page): Promise<Frame> {
	const element = await page.locator("baton-chat iframe").elementHandle({ timeout: WAIT_MS });
	const frame = await element?.contentFrame();
	assert.ok(frame, "the widget has a frame");
	await frame.locator("textarea").waitFor();
	return frame;
}

async function open(page: Page): Promise<Frame> {
	await page.getByRole("button", { name: "Open chat" }).click();
	return frame_of(page);
}

async function say(frame: Frame, text: string): Promise<void> {
	await frame.locator("textarea").fill(text);
	await frame.locator("textarea").press("Enter");
}

/* Waits for the n-th thing the AI said after its welcome. */
async function answer(frame: Frame, n: number): Promise<string> {
	const message = frame.locator(".message.ai").nth(n);
	await message.waitFor();
	return message.innerText();
}

function customers(frame: Frame): Promise<string[]> {
	return frame.locator(".message.customer .text").allInnerTexts();
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + WAIT_MS;
	while (!await holds()) {
		assert.ok(Date.now() < end, `in time: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

describe("the widget", { skip: cannot_serve() }, () => {
	before(async () => {
		desk = await start_desk();
		browser = await launch();
	});
	after(async () => {
		await browser?.close();
		await desk?.stop();
	});

	test("answers from the order's record, once the e-mail is known", async () => {
		const said: string[] = [];
		const page = await shop({}, said);
		const frame = await open(page);
		await until("the composer has the focus", () =>
			frame.evaluate(() => document.activeElement?.tagName === "TEXTAREA"));
		await say(frame, "hii wheres my ordr HP-1042");
		assert.match(await answer(frame, 1), /e-mail/i);
		await say(frame, "ana@example.org");
		await frame.locator(".record").waitFor();
		assert.match(await frame.locator(".record").innerText(), /HP-1042/);
		assert.deepEqual(await customers(frame), ["hii wheres my ordr HP-1042", "ana@example.org"]);
		assert.match(await frame.locator(".message.customer .state").last().innerText(), /^Sent/);
		assert.deepEqual(said, [], "no error and no refusal of the content policy, on both pages");
		await page.context().close();
	});

	test("quotes an article, with a link to that version at that passage", async () => {
		const page = await shop();
		const frame = await open(page);
		await say(frame, "can i send it back if its been opened?");
		const link = frame.locator(".cite a");
		await link.waitFor();
		assert.equal(await link.getAttribute("target"), "_blank");
		assert.match(await link.getAttribute("rel") ?? "", /noopener/);
		const url = new URL(await link.getAttribute("href") ?? "", desk.url);
		assert.match(url.pathname + url.hash, /^\/a\/returns\/\d+#\w+$/);
		const [article] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
		await article.waitForLoadState();
		assert.equal(await article.locator(url.hash).count(), 1, "the passage is there");
		await page.context().close();
	});

	test("the way to a person is at the same place in every state, and leads there", async () => {
		const page = await shop();
		const frame = await open(page);
		const talk = frame.locator(".bar .talk");
		const place = await talk.boundingBox();
		await say(frame, "whats the weather like");
		await answer(frame, 1);
		assert.deepEqual(await talk.boundingBox(), place);
		await talk.click();
		await frame.locator(".queue").waitFor();
		assert.deepEqual(await talk.boundingBox(), place);
		assert.match(await frame.locator(".queue").innerText(), /in line|answers from/);
		await talk.click();
		await frame.waitForTimeout(500);
		assert.equal(await frame.locator(".line", { hasText: "Passed to" }).count(), 1, "asking twice is asking once");

		await frame.getByRole("button", { name: "E-mail me instead" }).click();
		await frame.getByLabel("Your e-mail address").fill("ana@");
		await frame.getByRole("button", { name: "Save" }).click();
		assert.equal(await frame.locator("#email").getAttribute("aria-invalid"), "true");
		await frame.getByLabel("Your e-mail address").fill("ana@example.org");
		await frame.getByRole("button", { name: "Save" }).click();
		await frame.getByText("A person will write to ana@example.org.").waitFor();
		await page.reload();
		const again = await frame_of(page);
		await again.getByText("A person will write to ana@example.org.").waitFor();
		await page.context().close();
	});

	test("a reload, a second tab and a lost network: the same conversation, once, in order", async () => {
		const page = await shop();
		let frame = await open(page);
		await say(frame, "hello");
		await answer(frame, 1);

		await page.context().setOffline(true);
		await frame.evaluate(() => window.dispatchEvent(new Event("offline")));
		await say(frame, "first while offline");
		await say(frame, "second while offline");
		await frame.locator(".banner").waitFor();
		await until("both wait", async () => await frame.getByText("Waiting for the network").count() === 2);
		await page.context().setOffline(false);
		const three = ["hello", "first while offline", "second while offline"];
		await until("nothing waits", async () => await frame.getByText("Waiting for the network").count() === 0 &&
			await frame.locator(".state[data-state=sending]").count() === 0);
		assert.deepEqual(await customers(frame), three);

		await page.reload();
		frame = await frame_of(page);
		await until("the conversation is back", async () => (await customers(frame)).length === 3);
		assert.deepEqual(await customers(frame), three);

		const tab = await page.context().newPage();
		await tab.goto(desk.shop);
		const other = await open(tab);
		await until("the second tab has it", async () => (await customers(other)).length === 3);
		await say(other, "from the second tab");
		await until("the first tab sees it", async () => (await customers(frame)).length === 4);
		assert.deepEqual(await customers(frame), await customers(other));
		await page.context().close();
	});

	test("what was typed and not sent is sent after a reload", async () => {
		const page = await shop();
		let cut_off = false;
		/* The socket and REST are cut, the pages are not: as when only the desk is away. */
		await page.context().route(/\/api\/v1\/visit/, (route) => cut_off ? route.abort() : route.continue());
		await page.context().routeWebSocket(/\/api\/v1\/socket/, (socket) => {
			if (cut_off)
				void socket.close();
			else
				socket.connectToServer();
		});
		await page.reload();
		const frame = await open(page);
		await say(frame, "hello");
		await answer(frame, 1);
		cut_off = true;
		await frame.evaluate(() => window.dispatchEvent(new Event("offline")));
		await say(frame, "written before the reload");
		await page.reload();
		const cut = await frame_of(page);
		assert.deepEqual(await customers(cut), ["written before the reload"], "it is shown from the outbox");
		cut_off = false;
		const fresh = await page.context().newPage();
		await fresh.goto(desk.shop);
		const frame2 = await open(fresh);
		await until("it arrived once", async () => (await customers(frame2)).length === 2 &&
			await frame2.locator(".state[data-state=sending]").count() === 0);
		assert.deepEqual(await customers(frame2), ["hello", "written before the reload"]);
		await page.context().close();
	});

	test("where sockets are blocked: the same conversation, by plain requests", async () => {
		const page = await shop({}, [], true);
		const frame = await open(page);
		await say(frame, "let me talk to someone");
		await frame.locator(".message.customer .state", { hasText: "Sent" }).waitFor();
		await until("the place in the queue is told", async () => /line/i.test(await frame.locator("main").innerText()));
		const dana = await desk.server.dana();
		const rows = (await desk.server.get("/api/v1/conversations?view=queue", dana)).body.rows as { id: string; gid: number }[];
		const id = rows.sort((a, b) => b.gid - a.gid)[0]!.id;
		for (const [what, body] of [["claim", {}], ["messages", { text: "Dana here, by a plain request" }]] as const) {
			const done = await desk.server.post(`/api/v1/conversations/${id}/${what}`, dana, { cmid: crypto.randomUUID(), ...body });
			assert.ok(done.status < 300, done.text);
		}
		await frame.locator(".message.agent", { hasText: "by a plain request" }).waitFor();
		assert.equal(await frame.locator(".banner").isVisible(), false, "nothing says that the line is gone");
		await say(frame, "thank you");
		await until("both of mine, once", async () =>
			(await customers(frame)).join() === "let me talk to someone,thank you");
		await page.context().close();
	});

	test("every message of the AI says so, in sight and by name", async () => {
		const page = await shop();
		const frame = await open(page);
		await say(frame, "hello");
		await answer(frame, 1);
		await say(frame, "can i send it back if its been opened?");
		await answer(frame, 2);
		const messages = await frame.locator(".message.ai").evaluateAll((nodes) => nodes.map((node) => ({
			name: node.getAttribute("aria-label") ?? "", badge: node.querySelector(".badge")?.textContent ?? "",
		})));
		assert.ok(messages.length >= 3);
		for (const { name, badge } of messages) {
			assert.match(name, /\bAI\b/);
			assert.equal(badge, "AI");
		}
		assert.match(await frame.locator(".disclosure").innerText(), /AI assistant/);
		await page.context().close();
	});

	test("is worked by keyboard: Escape closes, the focus goes back, and nothing moves the page", async () => {
		const page = await shop();
		await page.evaluate(() => {
			const seen = window as unknown as { shift: number };
			seen.shift = 0;
			new PerformanceObserver((list) => {
				for (const entry of list.getEntries())
					seen.shift += (entry as PerformanceEntry & { value: number }).value;
			}).observe({ type: "layout-shift", buffered: true });
		});
		await page.locator("baton-chat button").focus();
		await page.keyboard.press("Enter");
		const frame = await frame_of(page);
		await until("the composer has the focus", () =>
			frame.evaluate(() => document.activeElement?.tagName === "TEXTAREA"));
		await page.keyboard.press("Escape");
		await page.locator("baton-chat iframe").waitFor({ state: "hidden" });
		assert.equal(await page.evaluate(() => document.activeElement?.localName), "baton-chat");
		assert.equal(await page.evaluate(() => (window as unknown as { shift: number }).shift), 0);
		await page.context().close();
	});

	test("a stranger's message to the frame, or to the shop, is not heard", async () => {
		const page = await shop();
		const frame = await open(page);
		await page.evaluate(() => window.postMessage({ baton: 1, type: "close" }, "*"));
		await page.waitForTimeout(200);
		assert.ok(await page.locator("baton-chat iframe").isVisible());
		assert.equal(await frame.evaluate(() => {
			for (const key of Object.keys(localStorage))
				if (key.endsWith(":token"))
					return "begun";
			return "no visit yet";
		}), "no visit yet", "a visit begins with the first word, not with a look");
		await page.context().close();
	});

	test("speaks to nobody but the desk", async () => {
		const page = await shop();
		const hosts = new Set<string>();
		page.on("request", (request) => hosts.add(new URL(request.url()).origin));
		const frame = await open(page);
		await say(frame, "hello");
		await answer(frame, 1);
		hosts.delete(desk.shop);
		assert.deepEqual([...hosts], [desk.url]);
		await page.context().close();
	});

	test("the AI is called AI in German too", async () => {
		const page = await shop();
		const frame = await (async () => {
			await page.evaluate(() => document.documentElement.setAttribute("lang", "de"));
			await page.goto(`${desk.url}/widget/?inbox=halden&lang=de`);
			await page.locator("textarea").waitFor();
			return page.mainFrame();
		})();
		await say(frame, "kann ich es zurückschicken, wenn es offen war?");
		await answer(frame, 1);
		for (const message of await frame.locator(".message.ai").all()) {
			assert.match(await message.getAttribute("aria-label") ?? "", /\bKI/);
			assert.equal(await message.locator(".badge").innerText(), "KI");
		}
		await page.context().close();
	});

	test("closed before it has loaded, opened again: one frame, and it is heard", async () => {
		const said: string[] = [];
		const page = await shop({}, said);
		const button = page.locator("baton-chat button");
		await button.click();
		await button.click();
		await page.locator("baton-chat iframe").waitFor({ state: "hidden" });
		await button.click();
		const frame = await frame_of(page);
		await say(frame, "hello");
		await answer(frame, 1);
		await page.keyboard.press("Escape");
		await page.locator("baton-chat iframe").waitFor({ state: "hidden" });
		assert.deepEqual(said, []);
		await page.context().close();
	});

	for (const [name, denied] of [["has its storage of that site", false], ["is denied any storage", true]] as const)
		test(`on another site's page, where the frame ${name}`, async () => {
			const said: string[] = [];
			const page = await shop({}, said);
			if (denied)
				await page.addInitScript(() => {
					for (const store of ["localStorage", "sessionStorage", "indexedDB"])
						Object.defineProperty(window, store, {
							get() {
								throw new DOMException("denied", "SecurityError");
							},
						});
				});
			await page.goto(desk.foreign_shop);
			assert.notEqual(new URL(desk.foreign_shop).hostname, new URL(desk.url).hostname);
			const frame = await open(page);
			await say(frame, "hii wheres my ordr HP-1042");
			assert.match(await answer(frame, 1), /e-mail/i);
			await page.keyboard.press("Escape");
			await page.getByRole("button", { name: /^Open chat/ }).click();
			await say(frame, "ana@example.org");
			await frame.locator(".record").waitFor();
			await frame.getByRole("button", { name: "Talk to a person" }).click();
			await frame.locator(".queue").waitFor();
			assert.deepEqual(await customers(frame), ["hii wheres my ordr HP-1042", "ana@example.org"]);
			assert.deepEqual(said, []);
			await page.context().close();
		});

	for (const [name, options] of Object.entries<BrowserContextOptions>({
		light: { colorScheme: "light" },
		dark: { colorScheme: "dark" },
		phone: { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true },
		narrow: { viewport: { width: 320, height: 560 } },
	})) {
		test(`is accessible: ${name}`, async () => {
			const page = await shop({ ...options, bypassCSP: true, reducedMotion: "reduce" });
			const frame = await open(page);
			await assert_accessible(frame, `${name}, empty`);
			await say(frame, "hii wheres my ordr HP-1042");
			await answer(frame, 1);
			await say(frame, "ana@example.org");
			await frame.locator(".record").waitFor();
			await frame.getByRole("button", { name: "Talk to a person" }).click();
			await frame.locator(".queue").waitFor();
			await assert_accessible(frame, `${name}, waiting`);
			assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off sideways");
			await page.context().close();
		});
	}

	test("is accessible and whole from right to left", async () => {
		const page = await shop({ bypassCSP: true, reducedMotion: "reduce" });
		const frame = await open(page);
		await say(frame, "שלום");
		await answer(frame, 1);
		await frame.evaluate(() => (document.documentElement.dir = "rtl"));
		await assert_accessible(frame, "rtl");
		const [mine, page_width] = await frame.locator(".message.customer").first()
			.evaluate((node) => [node.getBoundingClientRect().left, innerWidth] as const);
		assert.ok(mine < page_width / 3, "the customer's side is the left one");
		await page.context().close();
	});
});
