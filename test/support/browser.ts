/* SPDX-License-Identifier: Apache-2.0 */
/* browser.ts - Debian's chromium, without a word to anybody but the desk; axe on a page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type Frame, type Page } from "playwright-core";
import { tree } from "./desk.ts";

export function launch(): Promise<Browser> {
	return chromium.launch({
		executablePath: process.env["TEST_CHROMIUM"] ?? "/usr/bin/chromium",
		args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
}

interface Violation {
	id: string;
	nodes: { html: string; failureSummary: string }[];
}

/* No violation of WCAG 2.2 A and AA, nor of axe's best practices.  The context
 * needs bypassCSP: axe is a script of ours, not of the page. */
export async function assert_accessible(page: Page | Frame, where: string): Promise<void> {
	const source = readFileSync(join(tree, "web/node_modules/axe-core/axe.min.js"), "utf8");
	await page.evaluate(source);
	const found = await page.evaluate(async () => {
		const { axe } = window as unknown as { axe: { run(on: Document): Promise<{ violations: Violation[] }> } };
		return (await axe.run(document)).violations.map(({ id, nodes }) => ({
			id, nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => ({ html, failureSummary })),
		}));
	});
	assert.deepEqual(found, [], `axe, ${where}`);
}
