/* SPDX-License-Identifier: Apache-2.0 */
/* conversation.tsx - the middle: who it is and what one can do, card, transcript, composer. */
import { useEffect } from "preact/hooks";
import { Bones, Chip, Empty, Failed, Hidden, Icon, Kbd, MOD } from "../ui/bits.tsx";
import { can, giveBack, resolve, take, under, type Action } from "../state/actions.ts";
import { nameOf, rows } from "../state/inbox.ts";
import { open as openThread } from "../state/live.ts";
import { letters, markSeen } from "../state/prefs.ts";
import { details, go, openId, view } from "../state/route.ts";
import { thread, type Thread } from "../state/thread.ts";
import { phone, wide } from "../state/ui.ts";
import { Card } from "./card.tsx";
import { Composer } from "./composer.tsx";
import { Transcript } from "./transcript.tsx";
import "./conversation.css";

const BUTTONS: [Action, string, string, () => Promise<boolean>, boolean][] = [
	["take", "Take it", "I", take, true],
	["give", "Give back to the AI", "B", giveBack, false],
	["resolve", "Resolve", "E", resolve, true],
];

function Actions({ t }: { t: Thread }) {
	return <div class="actions">
		{BUTTONS.filter(([a]) => can(t, a)).map(([a, name, key, run, primary]) =>
			<button key={a} type="button" class={primary ? "primary" : ""} onClick={() => void run()}
				aria-disabled={under.value !== null}>
				{a === "give" ? <span>Give back<span class="long"> to the AI</span></span> : name} <Kbd k={key} />
			</button>)}
		{!wide.value && <button type="button" class="icon-button" aria-label="Details"
			aria-expanded={details.value} onClick={() => { details.value = !details.value; }}>
			<Icon name="info" /></button>}
	</div>;
}

function Head({ t }: { t: Thread }) {
	const row = rows.value.get(t.id);
	const name = t.contact ? nameOf({ id: t.id, contact: t.contact }) : row ? nameOf(row) : "";
	const Title = phone.value ? "h1" : "h2";	/* alone on the screen, it is its first heading */
	const intent = t.card?.intents[0]?.name ?? row?.intent;
	return <header class="talk-head">
		{phone.value && <button type="button" class="icon-button" aria-label="Back to the list"
			onClick={() => go(view.value)}><Icon name="back" /></button>}
		<Title class="clip" dir="auto">{name || <Hidden>Loading</Hidden>}</Title>
		{intent && <Chip>{intent}</Chip>}
		{t.conv?.status === "resolved" && <Chip tone="success">Resolved</Chip>}
		<Actions t={t} />
	</header>;
}

function Body({ t }: { t: Thread }) {
	switch (t.state) {
	case "missing":
		return <Empty title="This conversation does not exist, or is not yours to see">
			<button type="button" onClick={() => go(view.value)}>Back to the list</button></Empty>;
	case "error":
		return <Failed what="The conversation could not be read" error={t.error}
			again={() => void openThread(t.id)} />;
	case "loading":
		return <div class="transcript" role="status"><Hidden>Loading the conversation</Hidden>
			<Bones lines={["short", "long", "mid"]} /><Bones lines={["mid", "long"]} />
			<Bones lines={["short", "mid"]} /></div>;
	case "ready":
		return <>
			<Transcript key={t.id} t={t} top={t.card ? <Card t={t} card={t.card} /> : null} />
			<Composer t={t} />
		</>;
	}
}

export function Conversation() {
	const t = thread.value;
	const last = rows.value.get(t?.id ?? "")?.updated_us ?? t?.events.at(-1)?.at_us;
	useEffect(() => {
		if (t?.state === "ready" && last)
			markSeen(t.id, last);
	}, [t?.id, t?.state, last]);

	return <main class="pane talk" id="pane-talk" tabIndex={-1} aria-label="Conversation">
		{!openId.value && <Empty title="No conversation is open">
			<p>Choose one from the list{letters.value && <>, or press <kbd>J</kbd></>}.
				<br /><kbd>{MOD} K</kbd> finds anything{letters.value
					&& <>, <kbd>?</kbd> shows every key</>}.</p></Empty>}
		{openId.value && t && <><Head t={t} /><Body t={t} /></>}
	</main>;
}
