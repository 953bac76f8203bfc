/* SPDX-License-Identifier: Apache-2.0 */
/* composer.ts - where the customer writes: grows with the text, Enter sends.
 * What is half written survives a reload of this tab. */
import { h, svg } from "../../shared/dom.ts";
import { MESSAGE_MAX } from "../../shared/protocol.ts";
import { char_count } from "../../shared/text.ts";
import type { Words } from "./strings.ts";

const COUNT_FROM = MESSAGE_MAX - 200;
const MAX_HEIGHT = 144;

export interface ComposerActions {
	send(text: string): void;
	typing(on: boolean): void;
}

export class Composer {
	readonly node: HTMLElement;
	readonly input: HTMLTextAreaElement;
	private readonly button: HTMLButtonElement;
	private readonly counter: HTMLElement;

	constructor(private readonly words: Words, private readonly draft_key: string, private readonly actions: ComposerActions) {
		this.input = h("textarea", {
			rows: 1, dir: "auto", enterkeyhint: "send", autocomplete: "off", "aria-label": words.get("message"),
			placeholder: words.get("message_hint"), "aria-describedby": "count",
			oninput: () => this.changed(true),
			onkeydown: (event: KeyboardEvent) => {
				if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
					event.preventDefault();
					this.submit();
				}
			},
		});
		this.button = h("button", { class: "send", "aria-label": words.get("send") },
			svg("0 0 20 20", ["path", { d: "M10 16V4m0 0L5 9m5-5 5 5", class: "arrow" }]));
		this.counter = h("p", { id: "count", class: "count", "aria-live": "polite" });
		this.node = h("form", {
			class: "composer",
			onsubmit: (event: SubmitEvent) => {
				event.preventDefault();
				this.submit();
			},
		}, this.input, this.button, this.counter);
		try {
			this.input.value = sessionStorage.getItem(draft_key) ?? "";
		} catch {
			/* Storage is blocked: drafts live as long as the page. */
		}
		this.changed(false);
	}

	hint(text: string): void {
		this.input.placeholder = text;
	}

	focus(): void {
		this.input.focus({ preventScroll: true });
	}

	fit(): void {
		this.input.style.setProperty("height", "auto");
		this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight + 2, MAX_HEIGHT)}px`);
	}

	private changed(typed: boolean): void {
		const text = this.input.value;
		const length = char_count(text.trim());
		const over = length - MESSAGE_MAX;
		this.counter.textContent = over > 0 ? this.words.get("over", { n: over })
			: length > COUNT_FROM ? this.words.get("left", { n: -over }) : "";
		this.counter.classList.toggle("over", over > 0);
		this.button.setAttribute("aria-disabled", String(length === 0 || over > 0));
		if (over > 0)
			this.input.setAttribute("aria-invalid", "true");
		else
			this.input.removeAttribute("aria-invalid");
		this.fit();
		try {
			sessionStorage.setItem(this.draft_key, text);
		} catch {
			/* As above. */
		}
		if (typed)
			this.actions.typing(length > 0);
	}

	private submit(): void {
		const text = this.input.value.trim();
		if (text === "" || char_count(text) > MESSAGE_MAX)
			return;
		this.input.value = "";
		this.changed(false);
		this.actions.send(text);
		this.focus();
	}
}
