/* SPDX-License-Identifier: Apache-2.0 */
/* route.ts - where one is: #/VIEW, #/VIEW/CONVERSATION, #/VIEW/CONVERSATION/SEQ, and
 * #/understanding, #/understanding/INTENT, #/understanding/INTENT/TAKEN_FOR.
 *
 * In the hash, so that back, reload and a second tab work without the server knowing the pages.
 */
import { computed, signal } from "@preact/signals";
import { VIEWS, type View } from "./types.ts";

type Page = "desk" | "understanding";
interface Route {
	page: Page; view: View; id: string | null; seq: number | null;
	intent: string | null; taken: string | null;
}

const INTENT = /^[a-z0-9_-]{1,32}$/;

function parse(hash: string): Route {
	const [view, id, seq] = hash.replace(/^#\/?/, "").split("/");
	if (view === "understanding")
		return {
			page: "understanding", view: "queue", id: null, seq: null,
			intent: id && INTENT.test(id) ? id : null, taken: seq && INTENT.test(seq) ? seq : null,
		};
	return {
		page: "desk", intent: null, taken: null,
		view: VIEWS.find((v) => v === view) ?? "queue",
		id: id && /^[\w-]{22}$/.test(id) ? id : null,
		seq: seq && /^\d{1,15}$/.test(seq) ? Number(seq) : null,
	};
}

export const route = signal<Route>(parse(location.hash));
export const view = computed(() => route.value.view);
export const page = computed(() => route.value.page);
export const openId = computed(() => route.value.id);
addEventListener("hashchange", () => { route.value = parse(location.hash); });

export function href(v: View, id?: string | null, seq?: number | null): string {
	return `#/${v}` + (id ? `/${id}` : "") + (id && seq ? `/${seq}` : "");
}

export function go(v: View, id?: string | null, seq?: number | null): void {
	const to = href(v, id, seq);
	if (location.hash !== to)
		location.hash = to;
	route.value = parse(to);
}

export function understandingHref(intent?: string | null, taken?: string | null): string {
	return "#/understanding" + (intent ? `/${intent}` : "") + (intent && taken ? `/${taken}` : "");
}

export function goUnderstanding(intent?: string | null, taken?: string | null): void {
	const to = understandingHref(intent, taken);
	if (location.hash !== to)
		location.hash = to;
	route.value = parse(to);
}

/* On a phone one pane shows at a time, on a tablet the details are a drawer. */
export const details = signal(false);
export const menu = signal(false);
