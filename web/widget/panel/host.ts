/* SPDX-License-Identifier: Apache-2.0 */
/* host.ts - the few words between the frame and the shop's page.
 *
 * In: shown, hidden, focus.  Out: close, unread.  Nothing of the conversation.  Both
 * sides check origin and source; the shop's origin is the one the browser says
 * (ancestorOrigins) and, where it does not say, the one the loader named: a wrong
 * one only makes the messages go nowhere.
 */
import type { Event } from "../../shared/protocol.ts";

export class Host {
	readonly framed = window.parent !== window;
	on_shown: (focus: boolean) => void = () => undefined;
	private readonly origin: string | null;
	private shown = true;
	private unread = 0;

	constructor(site: string | null, private want_focus: boolean) {
		const ancestor = (location as Location & { ancestorOrigins?: DOMStringList }).ancestorOrigins?.[0];
		this.origin = ancestor !== undefined && ancestor !== "null" ? ancestor : site;
		if (!this.framed)
			return;
		window.addEventListener("message", (event: MessageEvent<{ baton?: 1; type?: string } | null>) => {
			if (event.source !== window.parent || event.origin !== this.origin || event.data?.baton !== 1)
				return;
			const { type } = event.data;
			this.shown = type !== "hidden";
			if (!this.shown)
				return;
			this.tell_unread(0);
			this.want_focus = type === "focus";
			this.on_shown(this.want_focus);
		});
	}

	/* The page is drawn: the focus the visitor asked for can come. */
	ready(): void {
		this.on_shown(this.want_focus);
	}

	close(): void {
		this.post({ type: "close" });
	}

	/* What others said while nobody looked. */
	count(events: Event[], backlog: boolean): void {
		const said = events.filter((event) => event.kind === "message.ai" || event.kind === "message.agent").length;
		if (!this.shown && !backlog && said > 0)
			this.tell_unread(this.unread + said);
	}

	private tell_unread(n: number): void {
		if (n === this.unread)
			return;
		this.unread = n;
		this.post({ type: "unread", n });
	}

	private post(message: { type: string; n?: number }): void {
		if (this.framed && this.origin !== null)
			window.parent.postMessage({ baton: 1, ...message }, this.origin);
	}
}
