/* SPDX-License-Identifier: Apache-2.0 */
/* loader.ts - the only thing of Baton that runs on a shop's own pages.
 *
 *   <script src="https://desk.example/widget.js" data-inbox="halden" async></script>
 *
 * It draws a button and, when first opened, a frame of Baton's origin; the
 * conversation and the visitor's token live in that frame and never leave it.  It
 * loads nothing else, moves nothing on the page and keeps one bit (open or not)
 * for the tab's session.  Its styles are constructed sheets, so a strict style-src
 * does not stop them; a strict frame-src must name Baton's origin.
 *
 * Optional: data-lang, data-color (#rrggbb), data-side="left".
 * window.Baton: open(), close(), on("open" | "close" | "unread", callback).
 */
import { readable_brand } from "../shared/brand.ts";
import css from "./loader.css.ts";

type Listener = (value: number) => void;

interface BatonApi {
	open(): void;
	close(): void;
	on(event: "open" | "close" | "unread", run: Listener): void;
}

declare global {
	interface Window { Baton?: BatonApi }
}

const WORDS: Record<string, [open: string, close: string, title: string, unread: string]> = {
	en: ["Open chat", "Close chat", "Support chat", "unread"],
	de: ["Chat öffnen", "Chat schließen", "Support-Chat", "ungelesen"],
};
const SVG = "http://www.w3.org/2000/svg";

const script = document.currentScript as HTMLScriptElement | null;

function shape(name: string, attributes: Record<string, string | number>): SVGElement {
	const made = document.createElementNS(SVG, name);
	for (const key in attributes)
		made.setAttribute(key, String(attributes[key]));
	return made;
}

/* The mark: a square and a round hand, and the baton between them. */
function mark(): SVGElement {
	const svg = shape("svg", { viewBox: "0 0 32 32", "aria-hidden": "true", class: "mark" });
	svg.append(
		shape("path", { d: "M11 10.5 21 21.5", class: "b" }),
		shape("rect", { x: 5, y: 5, width: 10, height: 10, rx: 3, class: "a" }),
		shape("circle", { cx: 22, cy: 22, r: 5.2, class: "p" }),
		shape("path", { d: "m8 12 8 8 8-8", class: "x" }));
	return svg;
}

function start(data: DOMStringMap, origin: string, inbox: string): void {
	const lang = (data["lang"] || document.documentElement.lang || navigator.language).slice(0, 35);
	const words = WORDS[lang.slice(0, 2).toLowerCase()] ?? WORDS["en"]!;
	const memory = `baton:${inbox}:open`;
	const listeners: Record<string, Listener[]> = {};
	const host = document.createElement("baton-chat");
	const root = host.attachShadow({ mode: "open" });
	const sheet = new CSSStyleSheet();
	const button = document.createElement("button");
	const badge = document.createElement("span");
	let frame: HTMLIFrameElement | null = null;
	let is_open = false;
	let loaded = false;
	let unread = 0;

	function tell(event: string, value: number): void {
		for (const run of listeners[event] ?? [])
			run(value);
	}

	/* Until it has loaded, the frame is an empty page of the shop's own origin. */
	function post(type: string): void {
		if (loaded)
			frame?.contentWindow?.postMessage({ baton: 1, type }, origin);
	}

	function label(): void {
		button.setAttribute("aria-label", is_open ? words[1]
			: unread ? `${words[0]} (${unread} ${words[3]})` : words[0]);
		button.setAttribute("aria-expanded", String(is_open));
		badge.textContent = unread > 9 ? "9+" : String(unread);
		badge.hidden = is_open || unread === 0;
	}

	function remember(): void {
		try {
			sessionStorage.setItem(memory, is_open ? "1" : "0");
		} catch {
			/* Blocked: the next page starts closed. */
		}
	}

	function open(focus: boolean): void {
		if (!frame) {
			frame = document.createElement("iframe");
			frame.title = words[2];
			frame.src = `${origin}/widget/?inbox=${encodeURIComponent(inbox)}` +
				`&lang=${encodeURIComponent(lang)}&site=${encodeURIComponent(location.origin)}` +
				(focus ? "&focus=1" : "");
			frame.onload = () => {
				loaded = true;
				if (!is_open)
					post("hidden");
			};
			root.insertBefore(frame, button);
		} else if (focus) {
			frame.focus();
		}
		frame.hidden = false;
		is_open = true;
		host.toggleAttribute("open", true);
		fit();
		post(focus ? "focus" : "shown");
		remember();
		label();
		tell("open", 1);
	}

	function close(): void {
		if (!is_open || !frame)
			return;
		is_open = false;
		host.toggleAttribute("open", false);
		frame.hidden = true;
		post("hidden");
		remember();
		label();
		button.focus();
		tell("close", 0);
	}

	/* A phone's keyboard covers the page without resizing it: the sheet ends above it. */
	function fit(): void {
		const seen = window.visualViewport;
		if (!frame || !seen)
			return;
		const sheet_open = is_open && innerWidth < 480;
		frame.style.setProperty("height", sheet_open ? `${seen.height}px` : "");
		frame.style.setProperty("top", sheet_open ? `${seen.offsetTop}px` : "");
	}

	sheet.replaceSync(css + (data["color"] ? `button{background:${readable_brand(data["color"])}}.mark *{--m:#fff}` : ""));
	root.adoptedStyleSheets = [sheet];
	if (data["side"] === "left")
		host.setAttribute("left", "");

	button.type = "button";
	badge.className = "n";
	button.append(mark(), badge);
	button.onclick = () => (is_open ? close() : open(true));
	button.onkeydown = (event) => {
		if (event.key === "Escape")
			close();
	};
	root.append(button);
	label();

	window.addEventListener("message", (event: MessageEvent<{ baton?: 1; type?: string; n?: number } | null>) => {
		if (event.origin !== origin || !frame || event.source !== frame.contentWindow || event.data?.baton !== 1)
			return;
		const { type, n } = event.data;
		if (type === "close") {
			close();
		} else if (type === "unread" && typeof n === "number") {
			unread = Math.max(0, Math.floor(n));
			label();
			tell("unread", unread);
		}
	});

	window.visualViewport?.addEventListener("resize", fit);
	window.visualViewport?.addEventListener("scroll", fit);
	document.body.append(host);
	window.Baton = {
		open: () => open(true),
		close,
		on: (event, run) => {
			(listeners[event] ??= []).push(run);
		},
	};
	try {
		if (sessionStorage.getItem(memory) === "1" && innerWidth >= 480)
			open(false);
	} catch {
		/* Blocked: it starts closed. */
	}
}

const inbox = script?.dataset["inbox"];
if (script && inbox && !window.Baton) {
	const data = script.dataset, origin = new URL(script.src).origin;
	if (document.body)
		start(data, origin, inbox);
	else
		document.addEventListener("DOMContentLoaded", () => start(data, origin, inbox));
}
