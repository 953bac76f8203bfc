/* SPDX-License-Identifier: Apache-2.0 */
/* text.ts - small pure helpers for text, links and times, shared by both clients. */

/* A link is shown only when it is https, or of Baton's own origin. */
export function safe_url(url: string, base: string): string | null {
	try {
		const origin = new URL(base).origin;
		const link = new URL(url, base);
		const own = link.origin === origin && /^https?:$/.test(link.protocol);
		return (own || link.protocol === "https:") && link.username === "" && link.password === ""
			? link.href : null;
	} catch {
		return null;
	}
}

/* As the server counts: characters, not UTF-16 units. */
export function char_count(text: string): number {
	let n = 0;
	for (const _ of text)
		n++;
	return n;
}

export function email_valid(text: string): boolean {
	return text.length <= 254 && /^[^\s@<>"(),:;\\[\]]{1,64}@[^\s@.<>"(),:;\\[\]]+(\.[^\s@.<>"(),:;\\[\]]+)+$/.test(text);
}

/* The first letter (with its marks) of a name, for a badge. */
export function initial(name: string): string {
	const first = /[\p{L}\p{N}]\p{M}*/u.exec(name);
	return first ? first[0].toLocaleUpperCase() : "?";
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(lang: string, style: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${lang} ${style}`;
	let made = formats.get(key);
	if (!made) {
		try {
			/* Plain "en" would mean the American order of day and month. */
			made = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options);
		} catch {
			made = new Intl.DateTimeFormat("en", options);
		}
		formats.set(key, made);
	}
	return made;
}

/* 10:48 in the reader's zone. */
export function clock_time(at_us: number, lang: string): string {
	return format(lang, "time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
		.format(at_us / 1000);
}

/* 10:48 today, "Mon 09:00" within a week, else with the date. */
export function day_time(at_us: number, now_us: number, lang: string): string {
	const at = new Date(at_us / 1000), now = new Date(now_us / 1000);
	const time = clock_time(at_us, lang);
	if (at.toDateString() === now.toDateString())
		return time;
	const week = Math.abs(at.getTime() - now.getTime()) < 6 * 86_400_000;
	return `${format(lang, week ? "day" : "date", week ? { weekday: "short" }
		: { day: "numeric", month: "short" }).format(at)} ${time}`;
}

/* "2026-11-03" as "3 Nov", with the year unless it is this one. */
export function short_date(iso: string, now_us: number, lang: string): string {
	const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
	if (!match)
		return iso;
	const at = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
	const same = at.getFullYear() === new Date(now_us / 1000).getFullYear();
	return format(lang, same ? "date" : "year", same ? { day: "numeric", month: "short" }
		: { day: "numeric", month: "short", year: "numeric" }).format(at);
}
