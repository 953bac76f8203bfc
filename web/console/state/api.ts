/* SPDX-License-Identifier: Apache-2.0 */
/* api.ts - the REST side of the wire: one function, one kind of error. */

const BASE = "/api/v1";
const TIMEOUT_MS = 20_000;

export class ApiError extends Error {
	constructor(
		readonly status: number,	/* 0: no answer came */
		readonly code: string,
		message: string,
		readonly field: string | null = null,
		readonly retryMs: number | null = null,
	) {
		super(message);
	}
	/* Worth the same request again, with the same cmid. */
	get passing(): boolean {
		return this.status === 0 || this.status === 429 || this.status >= 502;
	}
}

let csrf = "";
let onExpired: () => void = () => undefined;
export function setCsrf(token: string): void {
	csrf = token;
}
export function whenExpired(f: () => void): void {
	onExpired = f;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function once(method: Method, path: string, body?: unknown): Promise<Response> {
	const headers: Record<string, string> = { Accept: "application/json" };
	const init: RequestInit = {
		method, headers, credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS),
	};
	if (body !== undefined) {
		headers["Content-Type"] = "application/json";
		init.body = JSON.stringify(body);
	}
	if (method !== "GET" && csrf)
		headers["X-CSRF-Token"] = csrf;
	try {
		return await fetch(BASE + path, init);
	} catch {
		throw new ApiError(0, "network", "Baton cannot be reached.");
	}
}

async function failure(res: Response): Promise<ApiError> {
	try {
		const e = (await res.json() as { error: Record<string, unknown> }).error;
		return new ApiError(res.status, String(e["code"]), String(e["message"]),
			typeof e["field"] === "string" ? e["field"] : null,
			typeof e["retry_ms"] === "number" ? e["retry_ms"] : null);
	} catch {
		return new ApiError(res.status, "internal",
			`The server answered ${res.status} and gave no reason.`);
	}
}

/* Another tab may have signed in again, which replaces the token: read it once more. */
async function freshCsrf(): Promise<boolean> {
	const res = await once("GET", "/session");
	if (!res.ok)
		return false;
	const token = (await res.json() as { csrf: string }).csrf;
	const changed = token !== csrf;
	csrf = token;
	return changed;
}

export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
	const login = path === "/session" && method === "POST";
	let res = await once(method, path, body);

	if (res.status === 403 && method !== "GET" && !login && await freshCsrf())
		res = await once(method, path, body);
	if (!res.ok) {
		if (res.status === 401 && !login)
			onExpired();
		throw await failure(res);
	}
	if (res.status === 204)
		return undefined as T;
	try {
		return await res.json() as T;
	} catch {
		throw new ApiError(0, "network", "The answer was cut off.");
	}
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/* For requests with a cmid: the same one again is harmless, so a lost answer is asked for again. */
export async function insist<T>(path: string, body: Record<string, unknown>): Promise<T> {
	for (let tries = 0; ; tries++) {
		try {
			return await call<T>("POST", path, body);
		} catch (e) {
			if (!(e instanceof ApiError) || !e.passing || tries === 3)
				throw e;
			await pause(e.retryMs ?? 500 * 2 ** tries * (0.5 + Math.random()));
		}
	}
}

export function said(e: unknown): string {
	return e instanceof Error ? e.message : String(e);
}
