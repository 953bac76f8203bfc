/* SPDX-License-Identifier: Apache-2.0 */
/* bits.tsx - the small things every view is made of: key hints, chips, faces, times, empty states. */
import type { ComponentChildren, JSX } from "preact";
import { clock, fullTime, iso, timeOf } from "../state/clock.ts";
import { letters } from "../state/prefs.ts";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
export const MOD = MAC ? "⌘" : "Ctrl";

/* A hint, not a label: the button's name stays what it does. */
export function Kbd({ k, always }: { k: string; always?: boolean }) {
	if (!always && !letters.value && k.length === 1)
		return null;
	return <kbd aria-hidden="true">{k}</kbd>;
}

export type Tone = "plain" | "danger" | "warning" | "success" | "ai" | "person" | "accent";

export function Chip({ tone = "plain", title, children }: {
	tone?: Tone | undefined; title?: string | undefined; children: ComponentChildren;
}) {
	return <span class={`chip ${tone}`} title={title} dir="auto">{children}</span>;
}

export function initials(name: string): string {
	const words = name.split(/[\s@._-]+/).filter(Boolean);
	const letter = (w: string | undefined) => w ? [...w][0] ?? "" : "";
	return (letter(words[0]) + (words.length > 1 ? letter(words.at(-1)) : "")).toUpperCase() || "?";
}

/* The AI is square and violet, a person round and teal, a customer round and grey. */
export function Face({ who, name, size = "small" }: {
	who: "ai" | "agent" | "customer"; name: string; size?: "small" | "large";
}) {
	return <span class={`face ${who} ${size}`} aria-hidden="true">
		{who === "ai" ? "AI" : initials(name)}
	</span>;
}

export function Time({ us }: { us: number }) {
	return <time dateTime={iso(us)} title={fullTime(us)}>{timeOf(us, clock.value)}</time>;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
	return <div class="empty">
		<Mark size={28} />
		<p class="empty-title">{title}</p>
		{children}
	</div>;
}

export function Failed({ what, error, again }: { what: string; error: string; again: () => void }) {
	return <div class="empty" role="alert">
		<p class="empty-title">{what}</p>
		<p>{error}</p>
		<button type="button" onClick={again}>Try again</button>
	</div>;
}

/* Grey bars where text will be: they say "soon" without moving. */
export function Bones({ lines }: { lines: readonly ("short" | "mid" | "long")[] }) {
	return <div class="bones" aria-hidden="true">
		{lines.map((l, i) => <span key={i} class={`bone ${l}`} />)}
	</div>;
}

export function Hidden({ children }: { children: ComponentChildren }) {
	return <span class="hidden">{children}</span>;
}

export function Mark({ size = 20 }: { size?: number }) {
	return <svg class="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true"
		focusable="false">
		<line class="mark-baton" x1="5.5" y1="16.5" x2="18.5" y2="7.5" />
		<circle class="mark-ai" cx="5.5" cy="16.5" r="2.6" />
		<circle class="mark-person" cx="18.5" cy="7.5" r="2.6" />
	</svg>;
}

const PATHS = {
	menu: "M4 7h16M4 12h16M4 17h16",
	back: "M15 5l-7 7 7 7",
	close: "M6 6l12 12M18 6L6 18",
	info: "M12 11v6M12 7.5v.2M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0",
	down: "M6 9l6 6 6-6",
	check: "M5 12.5l4.5 4.5L19 7.5",
	cross: "M7 7l10 10M17 7L7 17",
	search: "M4.5 10.5a6 6 0 1 0 12 0a6 6 0 1 0-12 0M15 15l5 5",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
	return <svg class="icon" width="16" height="16" viewBox="0 0 24 24" aria-hidden="true"
		focusable="false"><path d={PATHS[name]} /></svg>;
}

/* A sequence of letters that the customer's software may have turned around is shown as it is. */
export function Text({ text, class: name = "text" }: { text: string; class?: string }) {
	return <p class={name} dir="auto">{text}</p>;
}

/* Splits at marks given in UTF-16 units; what lies outside the text or overlaps is left plain. */
export function marked(text: string, marks: readonly (readonly [number, number])[]): JSX.Element[] {
	const out: JSX.Element[] = [];
	let at = 0;
	for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
		if (from < at || to <= from || to > text.length)
			continue;
		if (from > at)
			out.push(<span key={at}>{text.slice(at, from)}</span>);
		out.push(<mark key={from}>{text.slice(from, to)}</mark>);
		at = to;
	}
	if (at < text.length)
		out.push(<span key={at}>{text.slice(at)}</span>);
	return out;
}

/* A link only where the wire allows one: https, or Baton's own origin. */
export function SafeLink({ url, children }: { url: string; children: ComponentChildren }) {
	let safe: URL | null = null;
	try {
		const u = new URL(url, location.origin);
		if (u.protocol === "https:" || u.origin === location.origin)
			safe = u;
	} catch {
		/* not an address: shown as words */
	}
	return safe ? <a href={safe.href} target="_blank" rel="noopener noreferrer">{children}</a>
		: <span>{children}</span>;
}
