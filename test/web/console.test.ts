/* SPDX-License-Identifier: Apache-2.0 */
/* console.test.ts - agents at work in real browsers, against the built program: what the customer
 * writes is there at once, one of two takes it, the answer arrives, and nothing that is typed runs. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { assert_accessible, launch } from "../support/browser.ts";
import { cannot_serve, start_desk, WAIT_MS, type Desk } from "../support/desk.ts";
import { PAYLOADS } from "./xss-payloads.ts";

const SCHEMES = ["light", "dark"] as const;
const DESK = { width: 1440, height: 900 };
const TABLET = { width: 900, height: 1000 };
const PHONE = { width: 390, height: 844 };

let desk: Desk;
let browser: Browser;

async function open_console(options: BrowserContextOptions = {}, said: string[] = []): Promise<Page> {
	const context = await browser.newContext({ viewport: DESK, locale: "en-GB", ...options });
	context.setDefaultTimeout(WAIT_MS);
	const page = await context.newPage();
	page.on("pageerror", (error) => said.push(String(error)));
	page.on("console", (message) => {
		if (message.type() === "error" && !/status of 40[19]/.test(message.text()))
			said.push(message.text());
	});
	await page.goto(`${desk.url}/console/`);
	await page.locator("#email").waitFor();
	return page;
}

async function sign_in(page: Page, who = 0): Promise<void> {
	const person = desk.people[who];
	assert.ok(person, `the demo has ${who + 1} log-ins`);
	await page.locator("#email").fill(person.email);
	await page.locator("#password").fill(person.password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.locator("#pane-list").waitFor();
}

async function agent(who = 0, options: BrowserContextOptions = {}, said: string[] = []): Promise<Page> {
	const page = await open_console(options, said);
	await sign_in(page, who);
	return page;
}

interface Seen { kind: string; body: { text?: string } }

/* A customer who speaks through the public API, as the widget does. */
class Customer {
	private token = "";
	conversation = "";

	private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
		for (;;) {
			const answer = await fetch(`${desk.url}/api/v1${path}`, {
				method,
				headers: {
					"Content-Type": "application/json",
					...(this.token === "" ? {} : { Authorization: `Bearer ${this.token}` }),
				},
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
			});
			if (answer.status === 429) {
				const seconds = Number(answer.headers.get("Retry-After") ?? "1");
				await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
				continue;
			}
			assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
			return await answer.json() as T;
		}
	}

	async begin(text: string): Promise<this> {
		this.token = (await this.call<{ token: string }>("POST", "/visits", { inbox: "halden" })).token;
		await this.say(text);
		return this;
	}

	async say(text: string): Promise<void> {
		this.conversation = (await this.call<{ conversation: string }>("POST", "/visit/messages",
			{ cmid: randomUUID(), text })).conversation;
	}

	async ask_person(): Promise<this> {
		await this.call("POST", "/visit/person", { cmid: randomUUID() });
		return this;
	}

	async sees(): Promise<Seen[]> {
		return (await this.call<{ events: Seen[] }>("GET", "/visit/events?after=0&limit=100")).events;
	}
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + WAIT_MS;
	while (!await holds()) {
		assert.ok(Date.now() < end, `in time: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

const row = (page: Page, c: Customer) => page.locator(`[data-row="${c.conversation}"]`);

/* Opens by address: what a view shows may be far down its list. */
async function read(page: Page, c: Customer): Promise<void> {
	await page.evaluate((id) => { location.hash = `#/queue/${id}`; }, c.conversation);
	await page.locator(".log .said").first().waitFor();
}

async function waiting(text: string): Promise<Customer> {
	return (await new Customer().begin(text)).ask_person();
}

async function heard(c: Customer, text: string): Promise<boolean> {
	return (await c.sees()).some((e) => e.kind === "message.agent" && e.body.text === text);
}

describe("the console", { skip: cannot_serve() }, () => {
	before(async () => {
		desk = await start_desk();
		browser = await launch();
	});
	after(async () => {
		await browser?.close();
		await desk?.stop();
	});

	test("a wrong password and an unknown address are told the same", async () => {
		const page = await open_console();
		const told = [];
		for (const email of [desk.people[0]?.email ?? "", "nobody@example.org"]) {
			await page.locator("#email").fill(email);
			await page.locator("#password").fill("not the password");
			await page.getByRole("button", { name: "Sign in" }).click();
			await page.getByRole("button", { name: "Sign in" }).and(page.locator("[aria-disabled=false]")).waitFor();
			told.push(await page.locator("#signin-error").innerText());
		}
		assert.equal(told[0], told[1]);
		await page.context().close();
	});

	test("whoever asks for a person is in the queue at once, with the card", async () => {
		const said: string[] = [];
		const page = await agent(0, {}, said);
		const c = await waiting("my parcel HP-1042 came with a torn sleeve");
		await row(page, c).waitFor();
		await until("it waits against the promise", async () => /left|over/.test(await row(page, c).innerText()));
		await row(page, c).click();
		const card = page.locator("#card");
		await card.waitFor();
		for (const cell of ["Why", "In short", "What we know", "Already tried", "What next", "Understood"])
			assert.ok(await card.getByRole("heading", { name: cell, exact: true }).isVisible(), cell);
		assert.notEqual((await card.locator(".cells p").first().innerText()).trim(), "");
		assert.match(await card.locator("#card-title").innerText(), /Waiting for a person/);
		assert.deepEqual(said, [], "no error and no refusal of the content policy");
		await page.context().close();
	});

	test("of two who take it one has it, and the other is told who", async () => {
		const [one, two] = [await agent(0), await agent(1)];
		const c = await waiting("can somebody real look at this");
		for (const page of [one, two])
			await read(page, c);
		/* Both at the same moment, even when the one makes the other's button go. */
		await Promise.all([one, two].map((page) =>
			page.locator(".talk-head").getByRole("button", { name: "Take it" })
				.evaluateAll((buttons) => buttons.forEach((b) => (b as HTMLElement).click()))));
		await until("one holds it", async () =>
			await one.locator("#compose").count() + await two.locator("#compose").count() === 1);
		const other = await one.locator("#compose").count() === 1 ? two : one;
		await other.getByText(/is answering/).waitFor();
		assert.equal(await other.getByRole("button", { name: "Take it" }).count(), 0);
		await one.context().close();
		await two.context().close();
	});

	test("a reply reaches the customer, a note does not, and both keys and states follow", async () => {
		const page = await agent();
		const c = await waiting("is anybody there");
		await read(page, c);
		assert.equal(await page.locator("#compose").count(), 0, "who does not hold it cannot reply");
		await page.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		await page.locator("#compose").fill("Good morning, I am here.");
		await page.locator("#compose").press("Control+Enter");
		await until("the customer hears it", () => heard(c, "Good morning, I am here."));
		await page.locator(".tab", { hasText: "Note" }).click();
		await page.locator("#compose").fill("a secret between us");
		await page.locator("#compose").press("Control+Enter");
		await page.locator(".note", { hasText: "a secret between us" }).waitFor();
		assert.ok(!JSON.stringify(await c.sees()).includes("a secret between us"));

		await page.getByRole("button", { name: "Give back to the AI" }).click();
		await page.getByText("Given back to the AI").first().waitFor();
		await page.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		await page.getByRole("button", { name: "Resolve" }).click();
		await page.locator(".line", { hasText: "Resolved" }).waitFor();
		await page.locator(".tab", { hasText: "Reply" }).click();
		await page.getByText(/opens again when the customer writes/).waitFor();
		await c.say("one more thing");
		await page.locator(".line", { hasText: /opened again/i }).waitFor();
		await page.locator(".bubble.customer", { hasText: "one more thing" }).waitFor();
		await page.context().close();
	});

	test("from the shop's page to the desk and back, in two browsers", async () => {
		const page = await agent();
		const shop = await (await browser.newContext({ locale: "en-GB" })).newPage();
		await shop.goto(desk.shop);
		await shop.getByRole("button", { name: "Open chat" }).click();
		const frame = shop.frameLocator("baton-chat iframe");
		const words = `my boots squeak ${randomUUID().slice(0, 8)}`;
		await frame.locator("textarea").fill(words);
		await frame.locator("textarea").press("Enter");
		await frame.locator(".message.customer", { hasText: words }).waitFor();
		await frame.getByRole("button", { name: "Talk to a person" }).click();
		await page.locator("[data-row]", { hasText: words }).click();
		await page.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		await page.locator(".tab", { hasText: "Note" }).click();
		await page.locator("#compose").fill("he has bought three pairs");
		await page.locator("#compose").press("Control+Enter");
		await page.locator(".note", { hasText: "three pairs" }).waitFor();
		await page.locator(".tab", { hasText: "Reply" }).click();
		await page.locator("#compose").fill("Try some wax on the tongue.");
		await page.locator("#compose").press("Control+Enter");
		await frame.getByText("Try some wax on the tongue.").waitFor();
		assert.equal(await frame.getByText("three pairs").count(), 0);
		await shop.context().close();
		await page.context().close();
	});

	test("a newer word of the customer stops the reply until one says so", async () => {
		const page = await agent();
		const c = await waiting("which size do I need");
		await read(page, c);
		await page.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		await page.locator("#compose").fill("Size M.");
		/* The word arrives while the socket of this page is silent. */
		await page.route(/\/messages$/, async (route) => {
			const body = route.request().postDataJSON() as { basis?: number };
			if (body.basis !== undefined)
				await route.continue({ postData: JSON.stringify({ ...body, basis: body.basis - 1 }) });
			else
				await route.continue();
		});
		await page.locator("#compose").press("Control+Enter");
		await page.getByRole("button", { name: "Send anyway" }).click();
		await until("it is sent once", async () =>
			(await c.sees()).filter((e) => e.kind === "message.agent").length === 1);
		await page.context().close();
	});

	test("what is typed survives a reload and the end of the session", async () => {
		const page = await agent();
		const c = await waiting("hello");
		await read(page, c);
		await page.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		await page.locator("#compose").fill("half a sentence");
		await page.reload();
		await page.locator("#compose").waitFor();
		assert.equal(await page.locator("#compose").inputValue(), "half a sentence");
		await page.context().clearCookies();
		/* The page may learn by itself, first, that nobody is signed in: then it was not sent, and is still in the field. */
		await page.locator("#compose").press("Control+Enter", { timeout: 2000 }).catch(() => undefined);
		await page.getByText("Your session ended").waitFor();
		await sign_in(page);
		await until("it goes after signing in, or is there to send", async () =>
			await heard(c, "half a sentence")
			|| await page.getByRole("button", { name: "Try again" }).count() === 1
			|| await page.locator("#compose").inputValue({ timeout: 500 }).catch(() => "") === "half a sentence");
		await page.context().close();
	});

	test("what two tabs wrote and could not send is sent by the one that is opened next", async () => {
		const said: string[] = [];
		const c = await waiting("are there two of you at one desk?");
		const one = await agent();
		await read(one, c);
		await one.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		await one.locator("#compose").waitFor();
		const two = await one.context().newPage();
		await two.goto(one.url());
		await two.locator("#compose").waitFor();
		await one.context().route("**/messages", (route) => route.abort());
		for (const [page, text] of [[one, "from the first tab"], [two, "from the second tab"]] as const) {
			await page.locator("#compose").fill(text);
			await page.keyboard.press("Control+Enter");
			await page.locator(".pending-state", { hasText: "Not sent yet" }).waitFor();
			said.push(text);
		}
		const three = await one.context().newPage();
		await one.close();
		await two.close();
		await three.context().unroute("**/messages");
		await three.goto(`${desk.url}/console/`);
		await until("both were sent", async () =>
			(await Promise.all(said.map((text) => heard(c, text)))).every(Boolean));
		const sent = (await c.sees()).filter((e) => e.kind === "message.agent");
		assert.deepEqual(sent.map((e) => e.body.text).sort(), said);
		await three.context().close();
	});

	test("finds a conversation by a word, marked, and opens at that message", async () => {
		const page = await agent();
		const c = await waiting("the zibeline scarf lost a thread");
		await page.locator("#search").fill("zibeline");
		await row(page, c).waitFor();
		assert.match(await row(page, c).locator("mark").first().innerText(), /zibeline/i);
		await row(page, c).click();
		await page.locator(".said.found", { hasText: "zibeline" }).waitFor();
		await page.context().close();
	});

	test("finds a conversation by the customer's name and e-mail", async () => {
		const page = await agent();
		const c = await new Customer().begin("where is HP-1042, my address is ana@example.org");
		await until("the order is found", async () => JSON.stringify(await c.sees()).includes("rain jacket"));
		for (const words of ["Horvat", "ana@example.org"]) {
			await page.locator("#search").fill(words);
			await row(page, c).waitFor();
			assert.match(await row(page, c).innerText(), /Ana Horvat/);
			await page.locator("#search").fill("");
		}
		await page.context().close();
	});

	test("a row is new until somebody has looked", async () => {
		const page = await agent();
		const c = await waiting("a new thing to read");
		await page.locator(`[data-row="${c.conversation}"].unread`).waitFor();
		await row(page, c).click();
		await page.locator(".log .said").first().waitFor();
		await until("it is read", async () => await page.locator(`[data-row="${c.conversation}"].unread`).count() === 0);
		await page.context().close();
	});

	test("says that there is no connection, and goes on when it is back", async () => {
		const page = await agent();
		await page.context().setOffline(true);
		await page.evaluate(() => window.dispatchEvent(new Event("offline")));
		await page.getByText("No connection to Baton").waitFor();
		const c = await waiting("written while the desk was away");
		await page.context().setOffline(false);
		await row(page, c).waitFor();
		await until("the notice goes", async () => await page.getByText("No connection to Baton").count() === 0);
		await page.context().close();
	});

	test("who goes away is not at the desk for those who wait", async () => {
		const page = await agent();
		const shop = await (await browser.newContext({ locale: "en-GB" })).newPage();
		await shop.goto(desk.shop);
		await shop.getByRole("button", { name: "Open chat" }).click();
		const frame = shop.frameLocator("baton-chat iframe");
		await frame.locator("textarea").fill("let me talk to someone");
		await frame.locator("textarea").press("Enter");
		await frame.locator(".queue", { hasText: "1 person at the desk" }).waitFor();
		const presence = page.getByRole("switch");
		await presence.click();
		await presence.filter({ hasText: "Away" }).waitFor();
		await frame.locator(".queue", { hasText: "Nobody is at the desk" }).waitFor();
		await presence.click();
		await frame.locator(".queue", { hasText: "1 person at the desk" }).waitFor();
		await shop.context().close();
		await page.context().close();
	});

	test("says why the AI said what it said, and why it handed over", async () => {
		const page = await agent();
		const c = await new Customer().begin("can i send it back if its been opened?");
		await until("it is answered", async () => JSON.stringify(await c.sees()).includes("Opened is fine"));
		await c.ask_person();
		await read(page, c);
		const details = page.locator("#pane-details");
		await page.locator(".why").first().click();
		await page.locator(".turn-foot").waitFor();
		assert.match(await details.innerText(), /Why the AI said this/);
		assert.match(await details.innerText(), /Return or exchange/, "an intent by its name");
		assert.match(await details.innerText(), /Opened and tried on/, "the passage that it found");
		assert.match(await details.innerText(), /policy/);
		assert.ok(await details.locator(".reasons li").count() > 0);
		await page.locator(".line .why").click();
		await details.getByText("Why the AI handed over").waitFor();
		await page.locator(".turn-foot").waitFor();
		assert.ok(await details.locator(".reasons .fired").count() > 0, "what made it hand over");
		await page.context().close();
	});

	test("a whole conversation with the keyboard alone", async () => {
		const page = await agent();
		const c = await waiting("nobody needs a mouse");
		const press = (key: string) => page.keyboard.press(key);
		await page.locator("#pane-list").focus();
		await row(page, c).waitFor();
		for (let tries = 0; !page.url().includes(c.conversation); tries++) {
			assert.ok(tries < 100, "J walks to it");
			await press("j");
		}
		await page.locator("#card").waitFor();
		await page.locator("#pane-list [data-focus]").focus();
		await press("i");
		await page.locator(".line", { hasText: "You took it" }).waitFor();
		assert.equal(await page.evaluate(() => document.activeElement?.id), "pane-talk",
			"the row that left the queue did not take the focus along");
		await press("r");
		await until("the composer has the focus", () =>
			page.evaluate(() => document.activeElement?.id === "compose"));
		await press("Tab");
		await until("Tab puts the ready sentence in", async () =>
			await page.locator("#compose").inputValue() !== "");
		const sentence = await page.locator("#compose").inputValue();
		await press("Control+Enter");
		await until("the customer hears it", () => heard(c, sentence));
		await press("Escape");
		await until("Esc leaves the field", () =>
			page.evaluate(() => document.activeElement?.id !== "compose"));
		await press("n");
		await until("a note", () => page.evaluate(() => document.activeElement?.id === "compose"));
		await page.keyboard.type("done by key");
		await press("Control+Enter");
		await page.locator(".note", { hasText: "done by key" }).waitFor();
		await press("Escape");
		await press("y");
		await page.locator(".turn-foot").waitFor();
		await press("?");
		await page.locator("dialog.sheet").waitFor();
		await press("Escape");
		await press("Control+k");
		await page.keyboard.type("resolve");
		await press("Enter");
		await page.locator(".line", { hasText: "Resolved" }).waitFor();
		await press("g");
		await press("r");
		await page.getByRole("heading", { level: 1, name: "Resolved" }).waitFor();
		const in_list = (what: string) => until(what, () => page.evaluate(() =>
			!!document.activeElement?.closest("#pane-list") && document.activeElement.id !== "search"));
		await in_list("G R leaves the focus in the list, where letters are keys, not in the search");
		await press("/");
		await until("the search", () => page.evaluate(() => document.activeElement?.id === "search"));
		await page.keyboard.type("mouse");
		await page.locator(".list-found").waitFor();
		await press("Escape");
		await in_list("Esc leaves the search for the list");
		await press("F6");
		assert.ok(await page.evaluate(() => document.activeElement !== document.body), "F6 lands in a pane");
		await page.context().close();
	});

	test("single letters do nothing once they are switched off", async () => {
		const page = await agent();
		await page.locator(".me-name").click();
		await page.getByLabel("Single-letter shortcuts").uncheck();
		await page.locator(".me-name").click();
		await page.locator("#pane-list").focus();
		await page.keyboard.press("?");
		await page.keyboard.press("j");
		assert.equal(await page.locator("dialog").count(), 0);
		assert.doesNotMatch(page.url(), /#\/\w+\/[\w-]{22}/);
		await page.reload();
		await page.locator(".me-name").click();
		assert.equal(await page.getByLabel("Single-letter shortcuts").isChecked(), false, "it is remembered");
		await page.context().close();
	});

	for (const scheme of SCHEMES)
		for (const [name, viewport] of Object.entries({ desk: DESK, tablet: TABLET, phone: PHONE }))
			test(`is accessible: ${name}, ${scheme}`, async () => {
				const options = { colorScheme: scheme, viewport, bypassCSP: true };
				const page = await open_console(options);
				await assert_accessible(page, "sign-in");
				const c = await waiting("my jacket is torn and I want my money back");
				await sign_in(page);
				await row(page, c).waitFor();
				await assert_accessible(page, "queue");
				await read(page, c);
				await assert_accessible(page, "conversation");
				await page.locator(".why").last().click();
				await page.locator(".turn-foot").waitFor();
				await assert_accessible(page, "why");
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
					"nothing is cut off at the side");
				if (name === "desk") {
					await page.keyboard.press("Control+k");
					await page.locator(".palette-choice").first().waitFor();
					await assert_accessible(page, "palette");
					await page.keyboard.press("Escape");
					await page.locator("#search").fill("nothing has this word in it");
					await page.locator(".empty-title", { hasText: "Nothing found" }).waitFor();
					await assert_accessible(page, "search, empty");
				}
				await page.context().close();
			});

	test(`S3: ${PAYLOADS.length} things typed by a customer run nothing`, async () => {
		assert.equal(PAYLOADS.length, 300);
		assert.equal(new Set(PAYLOADS).size, 300);
		const said: string[] = [];
		const page = await agent(0, {}, said);
		let dialogs = 0;
		page.on("dialog", (dialog) => {
			dialogs++;
			void dialog.dismiss();
		});
		const c = await waiting("a customer with time");
		await read(page, c);
		await page.locator(".talk-head").getByRole("button", { name: "Take it" }).click();
		for (const payload of PAYLOADS)
			await c.say(payload);
		const bubbles = page.locator(".bubble.customer");
		await until("all are shown", async () => await bubbles.count() === PAYLOADS.length + 1);
		const shown = (await bubbles.locator(".text").evaluateAll((all) => all.map((e) => e.textContent)));
		assert.deepEqual(shown.slice(1), PAYLOADS, "as they were typed, letter for letter");
		/* Also where they stand as previews, as search results and as a quotation. */
		for (const word of ["onerror", "javascript", "script", "alert"]) {
			await page.locator("#search").fill(word);
			await page.waitForTimeout(400);
		}
		await page.locator("#search").fill("");
		await page.keyboard.press("Control+k");
		await page.keyboard.type("script");
		await page.waitForTimeout(400);
		assert.equal(await page.evaluate(() => "hit" in window), false, "no script ran");
		assert.equal(dialogs, 0);
		assert.equal(await page.locator("#app :is(script, iframe, object, embed, base, link, style)").count(), 0);
		assert.deepEqual(said.filter((line) => /Content Security Policy|Trusted/i.test(line)), []);
		await page.context().close();
	});
});
