/* SPDX-License-Identifier: Apache-2.0 */
/* words.tsx - an intent's words: a new one with its first examples, or another name and description. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { goUnderstanding } from "../state/route.ts";
import type { Known } from "../state/types.ts";
import { changing, makeIntent, rewordIntent } from "./state.ts";

/* What is being written: a new intent with an example to begin with, or one that there is. */
export const writing = signal<{ example: string } | Known | null>(null);

const FIVE = 5;
const lines = (text: string) => [...new Set(text.split("\n").map((l) => l.trim()).filter(Boolean))];

export function Words() {
	const w = writing.value;
	return w && <Form key={"id" in w ? w.id : ""} i={"id" in w ? w : null} example={"id" in w ? "" : w.example} />;
}

function Form({ i, example }: { i: Known | null; example: string }) {
	const [name, setName] = useState(i?.name ?? "");
	const [about, setAbout] = useState(i?.description ?? "");
	const [said, setSaid] = useState(example ? `${example}\n` : "");
	const close = () => { writing.value = null; };
	const ready = !!name.trim() && !!about.trim();
	const n = lines(said).length;
	const send = async () => {
		if (!ready || changing.value)
			return;
		if (i) {
			if (await rewordIntent(i, name.trim(), about.trim()))
				close();
			return;
		}
		const id = await makeIntent(name.trim(), about.trim(), lines(said));
		if (id) {
			close();
			goUnderstanding(id);
		}
	};
	const title = i ? "Name and description" : "A new intent";
	return <Dialog label={title} class="confirm words" onClose={close}>
		<form onSubmit={(e) => { e.preventDefault(); void send(); }}>
			<h2>{title}</h2>
			<label>Name<input value={name} maxLength={100} required dir="auto" autoFocus placeholder="Gift wrapping"
				onInput={(e) => setName(e.currentTarget.value)} /></label>
			<label>Description<textarea value={about} maxLength={500} rows={2} required dir="auto"
				placeholder="wants an order wrapped as a gift, or asks what that costs"
				aria-describedby="words-about" onInput={(e) => setAbout(e.currentTarget.value)} /></label>
			<p class="muted" id="words-about">What a customer wants who means this, in about ten words: it is learned
				from, like an example.</p>
			{!i && <>
				<label>Examples, one a line<textarea value={said} rows={5} dir="auto"
					placeholder={"can you wrap it as a present\ndo you do gift wrapping"} aria-describedby="words-said"
					onInput={(e) => setSaid(e.currentTarget.value)} /></label>
				<p class="muted" id="words-said">{n < FIVE ? `Five different ways to say it are a beginning${n ? `: ${n} so far` : ""}.`
					: `${n} ways to say it.`} A person answers it, until <code>then:</code> in <code>policy/intents.yaml</code>
					{" "}says what else is to be done.</p>
			</>}
			<p class="confirm-acts"><button type="button" onClick={close}>Cancel</button>
				<button type="submit" class="primary" aria-disabled={!ready || changing.value}>
					{i ? "Change in the draft" : "Add to the draft"}</button></p>
		</form>
	</Dialog>;
}
