/* SPDX-License-Identifier: Apache-2.0 */
/* main.tsx - the agent's console: sign-in, or rail, list, conversation and details. */
import { effect } from "@preact/signals";
import { render } from "preact";
import "../shared/tokens.css";
import "./ui/base.css";
import "./ui/panes.css";
import { Conversation } from "./conversation/conversation.tsx";
import { Details } from "./details/details.tsx";
import { List } from "./list/list.tsx";
import { Nav, NavDrawer } from "./nav/nav.tsx";
import { Palette } from "./palette/palette.tsx";
import { Sheet } from "./shortcuts/sheet.tsx";
import { Understanding } from "./understanding/page.tsx";
import { SignIn } from "./signin/signin.tsx";
import "./shortcuts/keys.ts";
import { counts } from "./state/inbox.ts";
import { offline } from "./state/live.ts";
import { details, openId, page, view } from "./state/route.ts";
import { begin, startFault, user } from "./state/session.ts";
import { current, spoken } from "./state/toast.ts";
import { phone, wide } from "./state/ui.ts";
import { asked } from "./state/why.ts";
import { VIEW_WORDS } from "./state/types.ts";
import { Failed } from "./ui/bits.tsx";

function Desk() {
	if (page.value === "understanding")
		return <div class="desk" data-page="understanding">
			{wide.value && <Nav />}
			<Understanding />
			<NavDrawer />
			<Palette />
			<Sheet />
		</div>;
	const on = phone.value ? (!openId.value ? "list" : details.value ? "details" : "talk") : "all";
	return <div class="desk" data-on={on}>
		{wide.value && <Nav />}
		<List />
		<Conversation />
		<Details />
		<NavDrawer />
		<Palette />
		<Sheet />
	</div>;
}

function Notices() {
	return <>
		<div role="status" class="hidden">{spoken.value}</div>
		<div role="status" class="toast-place">{current.value
			&& <p key={current.value.id} class={`toast ${current.value.tone}`} dir="auto">
				{current.value.text}</p>}</div>
	</>;
}

/* Takes its own line, so that it covers nothing one wants to press. */
function Offline() {
	return <div role="status">{offline.value && <p class="offline">
		No connection to Baton. You can go on writing: it is sent when the connection is back.</p>}
	</div>;
}

function App() {
	if (startFault.value)
		return <main class="signin"><Failed what="The console could not start"
			error={startFault.value} again={() => void begin()} /></main>;
	if (user.value === undefined)
		return null;
	return <><Offline />{user.value ? <Desk /> : <SignIn />}<Notices /></>;
}

function title(): string {
	if (!user.value)
		return "Sign in";
	return page.value === "understanding" ? "Understanding" : VIEW_WORDS[view.value].name;
}

/* What the tab of the browser says: how many wait. */
effect(() => {
	const n = user.value ? counts.value?.queue ?? 0 : 0;
	document.title = `${n ? `(${n}) ` : ""}${title()}`
		+ " · Baton";
});

/* Another conversation: its own details, not the last one's reasons. */
let shown: string | null = null;
effect(() => {
	if (openId.value === shown)
		return;
	shown = openId.value;
	asked.value = null;
	details.value = false;
});

const root = document.getElementById("app");
if (root)
	render(<App />, root);
void begin();
