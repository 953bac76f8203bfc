/* SPDX-License-Identifier: Apache-2.0 */
/* session.ts - who is signed in, and the end of that. */
import { signal } from "@preact/signals";
import { ApiError, call, said, setCsrf, whenExpired } from "./api.ts";
import { toast } from "./toast.ts";
import type { Session, SessionInbox, User } from "./types.ts";

/* undefined: not known yet; null: nobody. */
export const user = signal<User | null | undefined>(undefined);
export const inboxes = signal<SessionInbox[]>([]);
/* Why one is at the sign-in page, when not by choice. */
export const reason = signal<string | null>(null);
export const startFault = signal<string | null>(null);

async function load(): Promise<void> {
	const s = await call<Session>("GET", "/session");
	setCsrf(s.csrf);
	inboxes.value = s.inboxes;
	reason.value = null;
	user.value = s.user;
}

whenExpired(() => {
	if (user.value)
		reason.value = "Your session ended. Sign in to go on: your drafts are kept.";
	user.value = null;
});

export async function begin(): Promise<void> {
	startFault.value = null;
	try {
		await load();
	} catch (e) {
		if (e instanceof ApiError && (e.status === 401 || e.status === 403))
			user.value = null;
		else
			startFault.value = said(e);
	}
}

export async function signIn(email: string, password: string): Promise<void> {
	const s = await call<{ user: User; csrf: string }>("POST", "/session", { email, password });
	setCsrf(s.csrf);
	await load();
}

export async function signOut(): Promise<void> {
	try {
		await call<void>("DELETE", "/session");
	} catch (e) {
		if (!(e instanceof ApiError) || e.status !== 401) {
			toast(`You are still signed in: ${said(e)}`, "bad");
			return;
		}
	}
	reason.value = null;
	user.value = null;
}

export async function setAvailable(available: boolean): Promise<void> {
	const before = user.value;
	if (!before)
		return;
	user.value = { ...before, available };
	try {
		await call<void>("PUT", "/session/presence", { available });
		toast(available ? "You are available: customers are told that somebody is at the desk"
			: "You are away: the queue no longer counts you");
	} catch (e) {
		if (user.value)
			user.value = { ...user.value, available: before.available };
		toast(`That was not saved: ${said(e)}`, "bad");
	}
}
