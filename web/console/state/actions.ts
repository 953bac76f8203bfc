/* SPDX-License-Identifier: Apache-2.0 */
/* actions.ts - what an agent does with a conversation, by button, key or palette alike. */
import { new_cmid } from "../../shared/cmid.ts";
import { signal } from "@preact/signals";
import { insist, said } from "./api.ts";
import { thread, foresee, holds, type Thread } from "./thread.ts";
import { toast } from "./toast.ts";
import { user } from "./session.ts";

export type Action = "take" | "give" | "resolve";
/* What is under way, so that a second press does nothing. */
export const under = signal<{ id: string; action: Action } | null>(null);

export function can(t: Thread | null, a: Action): boolean {
	const c = t?.conv;
	if (!c || t.state !== "ready" || c.status === "resolved")
		return false;
	switch (a) {
	case "take": return c.holder.type === "queue" || c.holder.type === "ai";
	case "give":
	case "resolve": return holds(t);
	}
}

async function run(action: Action, path: string, ok: (t: Thread) => void): Promise<boolean> {
	const t = thread.value;
	if (!t || under.value || !can(t, action))
		return false;
	under.value = { id: t.id, action };
	try {
		await insist(`/conversations/${t.id}/${path}`, { cmid: new_cmid() });
		ok(t);
		return true;
	} catch (e) {
		toast(said(e), "bad");
		foresee(t.id, (c) => c);	/* reads again who has it */
		return false;
	} finally {
		under.value = null;
	}
}

const NOBODY = { name: null, id: null };

export const take = () => run("take", "claim", (t) => {
	const me = user.value;
	if (me)
		foresee(t.id, (c) => ({ ...c, status: "open",
			holder: { type: "agent", name: me.name, id: me.id } }));
	toast("It is yours now");
});

export const giveBack = () => run("give", "release", (t) => {
	foresee(t.id, (c) => ({ ...c, holder: { type: "ai", ...NOBODY } }));
	toast("Given back to the AI");
});

export const resolve = () => run("resolve", "resolve", (t) => {
	foresee(t.id, (c) => ({ ...c, status: "resolved", holder: { type: "none", ...NOBODY } }));
	toast("Resolved");
});
