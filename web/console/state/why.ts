/* SPDX-License-Identifier: Apache-2.0 */
/* why.ts - the turn behind one AI message or hand-over, read when somebody asks. */
import { signal } from "@preact/signals";
import { call, said } from "./api.ts";
import { details, openId } from "./route.ts";
import { thread } from "./thread.ts";
import type { Turn } from "./types.ts";

export interface Asked { id: string; seq: number; turn: Turn | null; error: string }
export const asked = signal<Asked | null>(null);

export async function ask(seq: number): Promise<void> {
	const id = openId.value;
	if (!id)
		return;
	details.value = true;
	asked.value = { id, seq, turn: null, error: "" };
	const mine = () => asked.value?.id === id && asked.value.seq === seq;
	try {
		const { turn } = await call<{ turn: Turn }>("GET", `/conversations/${id}/why?seq=${seq}`);
		if (mine())
			asked.value = { id, seq, turn, error: "" };
	} catch (e) {
		if (mine())
			asked.value = { id, seq, turn: null, error: said(e) };
	}
}

export function askLast(): void {
	const last = thread.value?.events.filter((e) =>
		e.kind === "message.ai" || e.kind === "handover.requested").at(-1);
	if (last)
		void ask(last.seq);
}
