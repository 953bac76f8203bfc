/* SPDX-License-Identifier: Apache-2.0 */
/* page.tsx - Understanding: a message to try on the left, the intents and their draft on the right. */
import { Bones, Chip, Empty, Failed, Hidden, Icon } from "../ui/bits.tsx";
import { count } from "../state/clock.ts";
import { menu, route } from "../state/route.ts";
import { phone, wide } from "../state/ui.ts";
import type { Understanding as Known } from "../state/types.ts";
import { Confirm, confirming, DraftBox } from "./draft.tsx";
import { Help } from "./help.tsx";
import { Intent, Intents } from "./intents.tsx";
import { admin, changing, fault, known, load } from "./state.ts";
import { Try } from "./try.tsx";
import { Words, writing } from "./words.tsx";
import "./understanding.css";

function Head({ u }: { u: Known | null }) {
	const n = u?.draft.changes.length ?? 0;
	return <header class="page-head">
		{!wide.value && <button type="button" class="icon-button" aria-label="Menu"
			onClick={() => { menu.value = true; }}><Icon name="menu" /></button>}
		<h1>Understanding</h1>
		{n > 0 && <Chip tone="ai">draft, {count(n)} {n === 1 ? "change" : "changes"}</Chip>}
		{u && !phone.value && <span class="page-sum muted">{count(u.intents.length)} intents,
			{" "}{count(u.examples)} examples</span>}
		{u && n > 0 && admin.value && <span class="page-acts">
			<button type="button" aria-disabled={changing.value}
				onClick={() => { confirming.value = "discard"; }}>Discard…</button>
			<button type="button" class="primary" aria-disabled={changing.value || u.draft.state !== "ready"}
				onClick={() => { if (u.draft.state === "ready") confirming.value = "publish"; }}>Publish…</button>
		</span>}
	</header>;
}

function Right({ u }: { u: Known }) {
	const { intent } = route.value;
	const one = u.intents.find((i) => i.id === intent);
	if (!u.intents.length)
		return <Empty title="This policy has no intents yet"><p>Write them into <code>policy/intents.yaml</code>: a
			name, a description, what is to be done, and five ways customers say it. Then <code>baton publish</code>.</p>
			{admin.value && <button type="button" onClick={() => { writing.value = { example: "" }; }}>New intent…</button>}</Empty>;
	return <>
		<DraftBox d={u.draft} />
		{one ? <Intent key={one.id} u={u} i={one} /> : <>
			{intent && <p class="problem-text" role="alert">There is no intent “{intent}” (any more).</p>}
			<Help u={u} /><Intents u={u} /></>}
	</>;
}

export function Understanding() {
	const u = known.value;
	return <main class="pane understanding" tabIndex={-1}>
		<Head u={u} />
		<div class="page-scroll">
			<div class="columns">
				<Try />
				<div class="side" id="pane-intents" tabIndex={-1}>
					{u ? <Right u={u} /> : fault.value
						? <Failed what="The intents could not be read" error={fault.value} again={() => void load()} />
						: <div role="status"><Hidden>Loading the intents</Hidden>
							<Bones lines={["short", "long", "long"]} /><Bones lines={["short", "long"]} /></div>}
				</div>
			</div>
		</div>
		{u && <Confirm d={u.draft} />}
		{admin.value && <Words />}
	</main>;
}
