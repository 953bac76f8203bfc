/* SPDX-License-Identifier: Apache-2.0 */
/* clock.ts - the server's time as this page knows it, moving every 15 seconds, and times in words. */
import { signal } from "@preact/signals";

const STEP_MS = 15_000;
let offsetUs = 0;

export const clock = signal(Date.now() * 1000);

export function nowUs(): number {
	return Date.now() * 1000 + offsetUs;
}

/* The agent's computer may be wrong by minutes; promises are the server's. */
export function setServerNow(us: number): void {
	offsetUs = us - Date.now() * 1000;
	clock.value = nowUs();
}

setInterval(() => { clock.value = nowUs(); }, STEP_MS);

const locale = navigator.languages as string[];
const hm = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(locale,
	{ day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const number = new Intl.NumberFormat(locale);

const asDate = (us: number) => new Date(us / 1000);
const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

/* Cut, not rounded, as in the reasons: .599 against a limit of .60 is not .60. */
export const pct = (ppm: number) => percent.format(Math.floor(ppm / 1e4) / 100);
export const count = (n: number) => number.format(n);
export const fullTime = (us: number) => full.format(asDate(us));
export const iso = (us: number) => asDate(us).toISOString();

/* 10:42 today, else with its day. */
export function timeOf(us: number, now = clock.value): string {
	const at = asDate(us);
	return sameDay(at, asDate(now)) ? hm.format(at) : `${dateOf(us, now)}, ${hm.format(at)}`;
}

export function dateOf(us: number, now = clock.value): string {
	const at = asDate(us);
	return at.getFullYear() === asDate(now).getFullYear()
		? dayMonth.format(at) : dayMonthYear.format(at);
}

/* "12 s" is noise to somebody who reads a queue: under a minute is "now". */
export function spell(us: number): string {
	const m = Math.floor(us / 60e6);
	if (m < 1)
		return "under 1 m";
	if (m < 60)
		return `${m} m`;
	if (m < 60 * 24)
		return m % 60 && m < 600 ? `${Math.floor(m / 60)} h ${m % 60} m` : `${Math.floor(m / 60)} h`;
	return `${Math.floor(m / 1440)} d`;
}

export function spellLong(us: number): string {
	const m = Math.floor(us / 60e6);
	const unit = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
	if (m < 1)
		return "under a minute";
	if (m < 60)
		return unit(m, "minute");
	if (m < 1440)
		return unit(Math.floor(m / 60), "hour") + (m % 60 ? " " + unit(m % 60, "minute") : "");
	return unit(Math.floor(m / 1440), "day");
}

export function ago(us: number, now = clock.value): string {
	const gone = now - us;
	if (gone < 60e6)
		return "now";
	if (gone < 86400e6 && sameDay(asDate(us), asDate(now)))
		return spell(gone);
	return gone < 6 * 86400e6 ? weekday.format(asDate(us)) : dateOf(us, now);
}

export interface Promised { text: string; long: string; over: boolean; soon: boolean }

/* "6 m over", "2 m left": the promise is the first reply by a person. */
export function promised(us: number, now = clock.value): Promised {
	const left = us - now;
	const over = left < 0;
	return {
		over, soon: !over && left < 180e6,
		text: `${spell(Math.abs(left))} ${over ? "over" : "left"}`,
		long: over
			? `${spellLong(-left)} past the promised first reply, which was due at ${timeOf(us, now)}`
			: `${spellLong(left)} until the promised first reply, due at ${timeOf(us, now)}`,
	};
}

const names = new Intl.DisplayNames(locale, { type: "language", fallback: "none" });

export function languageName(tag: string | null | undefined): string | null {
	if (!tag || tag === "und")
		return null;
	try {
		return names.of(tag) ?? tag;
	} catch {
		return tag;
	}
}

/* A language is worth a chip only when the agent does not read it anyway. */
export function foreign(tag: string | null | undefined): string | null {
	if (!tag || tag === "und")
		return null;
	const base = (t: string) => t.split("-")[0]?.toLowerCase();
	const mine = locale.some((l) => base(l) === base(tag));
	return mine ? null : languageName(tag);
}
