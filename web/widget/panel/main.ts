/* SPDX-License-Identifier: Apache-2.0 */
/* main.ts - the page inside the widget's frame: starts, and wires its parts together. */
import "./panel.css";
import { readable_brand } from "../../shared/brand.ts";
import { h, svg } from "../../shared/dom.ts";
import { Outbox, type KeyStore, type OutEntry } from "../../shared/outbox.ts";
import type { Config, Event, Snapshot, Typing } from "../../shared/protocol.ts";
import { SocketClient, socket_url, watch_page, type SocketState } from "../../shared/socket.ts";
import { initial } from "../../shared/text.ts";
import { Composer } from "./composer.ts";
import { apply, first_name, header_note, new_talk, take_conv } from "./conversation.ts";
import { Host } from "./host.ts";
import { Log } from "./log.ts";
import { PersonBar, QueueCard } from "./person.ts";
import { Words } from "./strings.ts";
import { CallError, fetch_config, open_store, Visit } from "./visit.ts";

const OFFLINE_MS = 5_000;
const TYPING_MS = 8_000;
const NEAR_END_PX = 80;

class Panel {
	private readonly words: Words;
	private readonly log: Log;
	private readonly bar: PersonBar;
	private readonly card: QueueCard;
	private readonly composer: Composer;
	private readonly client: SocketClient;
	private readonly visit: Visit;
	private readonly note = h("p", { class: "note" });
	private readonly status = h("p", { class: "hidden", role: "status" });
	private readonly banner = h("p", { class: "banner", role: "status", hidden: true });
	private readonly dots = h("div", { class: "dots", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
	private readonly jump: HTMLButtonElement;
	private readonly scroller: HTMLElement;
	private talk = new_talk();
	private starting = false;
	private pinned = true;
	private renewed = false;
	/* The next events are what was said before this page was opened. */
	private first = false;
	private offline_timer = 0;
	private typing_timer = 0;

	constructor(private readonly config: Config, private readonly host: Host, store: KeyStore, inbox: string) {
		const words = this.words = new Words(config.lang);
		this.visit = new Visit(store, inbox, config.lang);
		this.client = new SocketClient({
			url: socket_url(location.href),
			outbox: new Outbox(store, `baton:${inbox}:out:`),
			rest: (entry) => this.visit.deliver(entry),
			poll: (wire, cursor) => this.visit.poll(wire, cursor),
			on_state: (state) => this.connection(state),
			on_entry: (entry) => this.entry(entry),
		});
		this.log = new Log(words, () => this.talk.team || this.talk.wait?.team || words.get("person"), {
			choose: (text) => this.say(text),
			retry: (cmid) => {
				this.client.retry(cmid);
				this.begin();
			},
			online: () => this.client.state === "ready" || (this.client.state === "stopped" && navigator.onLine),
		});
		const actions = {
			ask: () => this.ask_person(),
			email: (address: string) => this.leave_email(address),
		};
		this.bar = new PersonBar(words, actions);
		this.card = new QueueCard(words, actions);
		this.composer = new Composer(words, `baton:${inbox}:draft`, {
			send: (text) => this.say(text),
			typing: (on) => this.client.typing("visit", on),
		});
		this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.scroll(true) }, words.get("jump"));
		this.scroller = h("main", { class: "scroll", tabindex: 0, "aria-label": words.get("log") }, this.log.node, this.dots, this.card.node);
		this.scroller.addEventListener("scroll", () => {
			this.pinned = this.near_end();
			if (this.pinned)
				this.jump.hidden = true;
		}, { passive: true });
		/* Whatever grows or shrinks (a card, the composer, a phone's keyboard): who
		 * was reading the end still sees it. */
		const follow = new ResizeObserver(() => this.scroll(this.pinned));
		for (const part of [this.scroller, this.log.node, this.card.node, this.dots])
			follow.observe(part);
		host.on_shown = (focus) => {
			this.composer.fit();
			this.scroll(true);
			if (focus)
				this.composer.focus();
		};
		this.dress(inbox);
	}

	private dress(inbox: string): void {
		const { config, words } = this;
		const root = document.documentElement;
		const brand = readable_brand(config.brand.color);

		root.lang = config.lang;
		root.dir = config.dir === "rtl" ? "rtl" : "ltr";
		root.style.setProperty("--brand", brand);
		document.title = `${config.name} · ${words.get("title")}`;
		document.body.replaceChildren(
			h("header", {},
				h("span", { class: "initial", "aria-hidden": "true" }, config.brand.initial || initial(config.name)),
				h("div", { class: "title" }, h("h1", {}, h("bdi", {}, config.name)), this.note), close_button(this.host, words)),
			this.banner, this.scroller,
			h("div", { class: "foot", role: "region", "aria-label": words.get("write") }, this.jump, this.bar.node, this.composer.node), this.status);
		this.log.quietly(() => {
			this.log.intro(config.welcome);
			this.log.refresh(this.client.outbox.list());
		});
		document.addEventListener("keydown", (event) => {
			if (event.key === "Escape" && !event.defaultPrevented)
				this.host.close();
		});
		window.addEventListener("storage", (event) => {
			if (event.key === `baton:${inbox}:token` && event.newValue !== null && this.visit.known() === null)
				this.begin();
		});
		this.update();
		this.scroll(true);
	}

	start(): void {
		watch_page(this.client);
		window.addEventListener("offline", () => this.connection(this.client.state));
		window.addEventListener("online", () => this.begin());
		this.subscribe();
		this.first = this.visit.known() !== null;
		if (this.first || this.client.outbox.list().length > 0)
			this.begin();
	}

	private subscribe(): void {
		this.client.subscribe("visit", {
			events: (events, topic) => this.events(events, topic),
			reset: (snapshot) => this.reset(snapshot),
			typing: (typing) => this.typing(typing),
			wait: (wait) => {
				this.talk.wait = wait;
				this.update();
			},
		});
	}

	/* Makes the visit if there is none, then keeps the socket.  Tries until it works. */
	private begin(): void {
		if (this.starting || (this.client.state !== "stopped" && this.client.state !== "denied"))
			return;
		this.starting = true;
		const attempt = async (n: number): Promise<void> => {
			try {
				const token = await this.visit.begin();
				this.client.set_token(token);
				this.starting = false;
				this.client.start();
				void this.load_conversation();
			} catch (error) {
				const wait = error instanceof CallError ? error.wire.retry_ms : undefined;
				this.connection("connecting");
				setTimeout(() => void attempt(n + 1), wait ?? Math.min(500 * 2 ** n, 15_000) * (0.5 + Math.random() / 2));
			}
		};
		void attempt(0);
	}

	/* Place in the queue and way back are not in the events alone. */
	private async load_conversation(): Promise<void> {
		try {
			const conv = await this.visit.conversation();
			if (!conv || conv.seq < (this.talk.events.at(-1)?.seq ?? 0))
				return;
			take_conv(this.talk, conv);
			this.update();
		} catch {
			/* The socket brings the same, and renews a token that is refused. */
		}
	}

	private events(events: Event[], topic: string): void {
		const backlog = this.first || events.length > 20;
		const near = this.pinned;

		if (this.talk.topic !== null && this.talk.topic !== topic)
			this.forget_shown();
		this.talk.topic = topic;
		const show = (): void => {
			for (const event of events)
				if (apply(this.talk, event))
					this.log.add(event);
		};
		if (backlog)
			this.log.quietly(show);
		else
			show();
		this.dots.hidden = true;
		this.host.count(events, this.first);
		this.first = false;
		this.update();
		if (near || backlog)
			this.scroll(true);
		else if (events.some((event) => event.actor.type !== "customer"))
			this.jump.hidden = false;
	}

	private reset(snapshot: Snapshot): void {
		this.forget_shown();
		this.first = true;
		this.events(snapshot.events, `conv:${snapshot.conversation.id}`);
		take_conv(this.talk, snapshot.conversation);
		this.update();
	}

	private forget_shown(): void {
		this.talk = new_talk();
		this.log.clear();
		this.log.refresh(this.client.outbox.list());
	}

	private entry(entry: OutEntry): void {
		this.log.show(entry);
		if (entry.stored && entry.kind === "email")
			this.talk.way_back = entry.text;
		this.update();
	}

	private say(text: string): void {
		this.client.send("visit", text);
		this.client.typing("visit", false);
		this.begin();
		this.scroll(true);
	}

	private ask_person(): void {
		if (this.talk.hand === "agent") {
			this.announce(this.words.get("is_here", { name: this.talk.agent ?? this.words.get("somebody") }));
			this.composer.focus();
		} else {
			if (this.talk.hand !== "queue" && !this.waiting("person")) {
				for (const old of this.client.outbox.list().filter((entry) => entry.kind === "person"))
					this.entry({ ...this.client.outbox.drop(old.cmid)!, state: "queued" });
				this.client.send("visit", "", "person");
				this.begin();
			}
			this.update();
			this.scroll(true);
			this.card.node.focus({ preventScroll: true });
		}
	}

	private leave_email(address: string): void {
		for (const old of this.client.outbox.list().filter((entry) => entry.kind === "email"))
			this.client.outbox.drop(old.cmid);
		this.client.send("visit", address, "email");
		this.begin();
	}

	private waiting(kind: OutEntry["kind"]): OutEntry | undefined {
		return this.client.outbox.list().find((entry) => entry.kind === kind && entry.state !== "failed");
	}

	private connection(state: SocketState): void {
		clearTimeout(this.offline_timer);
		if (state === "denied") {
			void this.renew();
			return;
		}
		if (state === "ready" || (state === "stopped" && navigator.onLine)) {
			if (!this.banner.hidden)
				this.announce(this.words.get("online"));
			this.banner.hidden = true;
		} else {
			this.offline_timer = window.setTimeout(() => {
				this.banner.textContent = this.words.get("offline");
				this.banner.hidden = false;
			}, OFFLINE_MS);
		}
		this.log.refresh(this.client.outbox.list());
	}

	/* The socket was refused.  Only a token the server does not know (restored,
	 * expired) is given up, once a page; else this was a slow hello: go on. */
	private async renew(): Promise<void> {
		try {
			await this.visit.conversation();
		} catch (error) {
			if (error instanceof CallError && (error.status === 401 || error.status === 403)) {
				if (this.renewed) {
					this.banner.textContent = this.words.get("error_title");
					this.banner.hidden = false;
					return;
				}
				this.renewed = true;
				this.visit.forget();
				this.forget_shown();
				this.subscribe();
			}
		}
		this.begin();
	}

	private typing({ who, name, on }: Typing): void {
		clearTimeout(this.typing_timer);
		if (who === "customer")
			return;
		this.dots.hidden = !on;
		this.dots.className = `dots ${who}`;
		if (on) {
			this.typing_timer = window.setTimeout(() => (this.dots.hidden = true), TYPING_MS);
			this.announce(who === "ai" ? this.words.get("typing_ai")
				: this.words.get("typing", { name: name ?? this.words.get("somebody") }));
		}
	}

	private update(): void {
		const { talk, words } = this;
		this.note.textContent = header_note(talk, this.config.hours, words);
		this.bar.update(talk, this.config);
		this.card.update(talk, this.waiting("person"), 
			this.client.outbox.list().find((entry) => entry.kind === "email"));
		this.composer.hint(words.get(talk.hand === "queue" ? "message_add" : "message_hint"));
		document.body.dataset["hand"] = talk.hand;
		if (talk.agent !== null)
			document.body.dataset["agent"] = first_name(talk.agent) ?? "";
	}

	private announce(text: string): void {
		this.status.textContent = text;
	}

	private near_end(): boolean {
		const { scrollHeight, scrollTop, clientHeight } = this.scroller;
		return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
	}

	private scroll(to_end: boolean): void {
		if (!to_end)
			return;
		this.pinned = true;
		this.scroller.scrollTop = this.scroller.scrollHeight;
		this.jump.hidden = true;
	}
}

/* On a phone the frame covers the launcher: every state has its own way out. */
function close_button(host: Host, words: Words): HTMLElement | null {
	return host.framed ? h("button", {
		type: "button", class: "close", "aria-label": words.get("close"), onclick: () => host.close(),
	}, svg("0 0 20 20", ["path", { d: "m5 8 5 5 5-5", class: "arrow" }])) : null;
}

function show_state(host: Host, words: Words, title: string, text: string, retry?: () => void): void {
	document.body.replaceChildren(h("header", { class: "bare" }, close_button(host, words)),
		h("main", { class: "empty" }, h("h1", {}, title), text && h("p", {}, text),
			retry && h("button", { type: "button", class: "button", onclick: retry }, words.get("retry"))));
}

async function boot(): Promise<void> {
	const query = new URLSearchParams(location.search);
	const inbox = query.get("inbox") ?? "";
	const lang = query.get("lang") || navigator.language;
	const words = new Words(lang);
	const host = new Host(query.get("site"), query.get("focus") === "1");
	let wake = (): void => undefined;

	document.documentElement.lang = words.lang;
	document.title = words.get("title");
	const slow = setTimeout(() => show_state(host, words, words.get("loading"), ""), 400);
	for (let n = 0; ; n++) {
		try {
			const config = await fetch_config(inbox, lang);
			clearTimeout(slow);
			new Panel(config, host, open_store(), inbox).start();
			host.ready();
			return;
		} catch (error) {
			clearTimeout(slow);
			if (error instanceof CallError && error.status < 500 && error.status !== 429) {
				show_state(host, words, words.get("missing_title"), words.get("missing_text"));
				return;
			}
			show_state(host, words, words.get("error_title"), words.get("error_text"), () => wake());
			await new Promise<void>((resume) => {
				wake = resume;
				setTimeout(resume, Math.min(1000 * 2 ** n, 15_000));
			});
		}
	}
}

void boot();
