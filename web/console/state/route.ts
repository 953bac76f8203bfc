/* SPDX-License-Identifier: Apache-2.0 */
/* route.ts - where one is: #/VIEW, #/VIEW/CONVERSATION, #/VIEW/CONVERSATION/SEQ.
 *
 * In the hash, so that back, reload and a second tab work without the server knowing the pages.
 */
import { computed, signal } from "@preact/signals";
import { VIEWS, type View } from "./types.ts";

interface Route { view: View; id: string | null; seq: number | null }

function parse(hash: string): Route {
	const [view, id, seq] = hash.replace(/^#\/?/, "").split("/");
	return {
		view: VIEWS.find((v) => v === view) ?? "queue",
		id: id && /^[\w-]{22}$/.test(id) ? id : null,
		seq: seq && /^\d{1,15}$/.test(seq) ? Number(seq) : null,
	};
}

export const route = signal<Route>(parse(location.hash));
export const view = computed(() => route.value.view);
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

/* On a phone one pane shows at a time, on a tablet the details are a drawer. */
export const details = signal(false);
export const menu = signal(false);
