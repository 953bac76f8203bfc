/* SPDX-License-Identifier: Apache-2.0 */
/* person.ts - the way to a person: the bar that is always there, the card while one
 * is waited for, and "E-mail me instead". */
import { h } from "../../shared/dom.ts";
import type { OutEntry } from "../../shared/outbox.ts";
import type { Config } from "../../shared/protocol.ts";
import { email_valid } from "../../shared/text.ts";
import { bar_note, queue_words, type Talk } from "./conversation.ts";
import { baton_mark } from "./log.ts";
import type { Words } from "./strings.ts";

export interface PersonActions {
	ask(): void;
	email(address: string): void;
}

export class PersonBar {
	readonly node: HTMLElement;
	private readonly note: HTMLElement;

	constructor(private readonly words: Words, actions: PersonActions) {
		this.note = h("span", { class: "bar-note" });
		this.node = h("div", { class: "bar" },
			h("button", { type: "button", class: "talk", onclick: () => actions.ask() }, words.get("talk")), this.note);
	}

	update(talk: Talk, config: Config): void {
		const note = bar_note(talk, config, this.words);
		this.node.classList.toggle("here", talk.hand === "agent");
		if (this.note.textContent !== note)
			this.note.textContent = note;
	}
}

export class QueueCard {
	readonly node: HTMLElement;
	private readonly title = h("h2", { id: "queue-title" });
	private readonly text = h("p", {});
	private readonly form: EmailForm;

	constructor(private readonly words: Words, actions: PersonActions) {
		this.form = new EmailForm(words, actions);
		this.node = h("section", { class: "queue", "aria-labelledby": "queue-title", tabindex: -1, hidden: true },
			baton_mark(), h("div", {}, h("div", { role: "status" }, this.title, this.text), this.form.node));
	}

	update(talk: Talk, asking: OutEntry | undefined, email: OutEntry | undefined): void {
		const waiting = talk.hand === "queue";
		this.node.hidden = !waiting && !asking;
		if (this.node.hidden)
			return;
		const said = waiting ? queue_words(talk, this.words)
			: { title: this.words.get("asking"), text: this.words.get("asking_text"), closed: false };
		this.node.classList.toggle("closed", said.closed);
		if (this.title.textContent !== said.title)
			this.title.textContent = said.title;
		if (this.text.textContent !== said.text)
			this.text.textContent = said.text;
		this.form.update(waiting, talk.way_back, email);
	}
}

/* Closed it is one button; open, one field.  An address once given is never asked for again. */
class EmailForm {
	readonly node: HTMLElement;
	private readonly offer: HTMLButtonElement;
	private readonly form: HTMLFormElement;
	private readonly input: HTMLInputElement;
	private readonly error: HTMLElement;
	private readonly stored: HTMLElement;
	private open = false;
	private address: string | null = null;
	private shown = "";

	constructor(private readonly words: Words, private readonly actions: PersonActions) {
		this.offer = h("button", { type: "button", class: "button", onclick: () => this.toggle(true) }, words.get("email_instead"));
		this.stored = h("p", { class: "stored", role: "status" });
		this.input = h("input", {
			id: "email", type: "email", name: "email", autocomplete: "email", inputmode: "email", required: true,
			maxlength: 254, dir: "ltr", "aria-describedby": "email-why email-error",
		});
		this.error = h("p", { id: "email-error", class: "error", role: "alert" });
		this.form = h("form", { novalidate: true, hidden: true, onsubmit: (event: SubmitEvent) => this.submit(event) },
			h("label", { for: "email" }, words.get("email_label")),
			h("p", { id: "email-why", class: "hint" }, words.get("email_why")),
			h("div", { class: "row" }, this.input, h("button", { class: "button strong" }, words.get("email_save")),
				h("button", { type: "button", class: "button", onclick: () => this.toggle(false) }, words.get("email_cancel"))),
			this.error);
		this.node = h("div", { class: "email" }, this.stored, this.form, this.offer);
	}

	update(possible: boolean, way_back: string | null, pending: OutEntry | undefined): void {
		const failed = pending?.state === "failed";
		const key = [possible, way_back, this.open, pending?.cmid, pending?.state === "failed"].join("\n");
		if (key === this.shown)
			return;
		this.shown = key;
		this.address = way_back;
		if (failed && pending) {
			this.open = true;
			this.input.value ||= pending.text;
			this.complain(pending.error?.message ?? this.words.get("email_invalid"));
		}
		this.form.hidden = !possible || !this.open;
		this.offer.hidden = !possible || this.open || (pending !== undefined && !failed);
		this.offer.textContent = this.words.get(way_back === null ? "email_instead" : "email_change");
		this.offer.classList.toggle("link", way_back !== null);
		const text = pending && !failed ? this.words.get("email_saving")
			: way_back === null ? "" : this.words.get("email_stored", { email: way_back });
		this.stored.hidden = text === "" || this.open;
		if (this.stored.textContent !== text)
			this.stored.textContent = text;
	}

	private toggle(open: boolean): void {
		this.open = open;
		this.complain("");
		this.form.hidden = !open;
		this.offer.hidden = open;
		this.stored.hidden = open || this.stored.textContent === "";
		if (open) {
			this.input.value ||= this.address ?? "";
			this.input.focus();
		} else {
			this.offer.focus();
		}
	}

	private complain(text: string): void {
		this.error.textContent = text;
		if (text === "")
			this.input.removeAttribute("aria-invalid");
		else
			this.input.setAttribute("aria-invalid", "true");
	}

	private submit(event: SubmitEvent): void {
		event.preventDefault();
		const address = this.input.value.trim();
		if (!email_valid(address)) {
			this.complain(this.words.get("email_invalid"));
			this.input.focus();
			return;
		}
		this.open = false;
		this.complain("");
		this.actions.email(address);
	}
}
