/* SPDX-License-Identifier: Apache-2.0 */
/* parts.tsx - what stands below the words of an AI message: its source, a record, choices given. */
import { SafeLink, Time } from "../ui/bits.tsx";
import type { Part } from "../state/types.ts";

function Steps({ step, of }: { step: number; of: number }) {
	return <span class="steps" role="img" aria-label={`step ${step} of ${of}`}>
		{Array.from({ length: Math.min(of, 12) }, (_, i) =>
			<span key={i} class={i < step ? "step done" : "step"} />)}
	</span>;
}

export function Parts({ parts }: { parts: readonly Part[] }) {
	return <>{parts.map((p, i) => {
		switch (p.type) {
		case "source":
			return <p key={i} class="part-source">Source: <SafeLink url={p.url}>{p.title}</SafeLink>
				, version {p.version}, {p.date}</p>;
		case "record":
			return <div key={i} class="part-record">
				<p class="record-title" dir="auto">{p.title}</p>
				{p.steps > 0 && <Steps step={p.step} of={p.steps} />}
				{p.lines.map((l, n) => <p key={n} dir="auto">{l}</p>)}
				<p class="record-foot">{p.source} · as of <Time us={p.as_of_us} />
					{p.link && <> · <SafeLink url={p.link.url}>{p.link.label}</SafeLink></>}</p>
			</div>;
		case "choices":
			return <p key={i} class="part-choices"><span class="muted">Offered: </span>
				{p.items.map((c, n) => <span key={n} class="chip plain" dir="auto">{c}</span>)}</p>;
		}
	})}</>;
}
