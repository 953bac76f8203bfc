/* SPDX-License-Identifier: Apache-2.0 */
/* bars.tsx - a probability as a bar with the limit it was held against, and the reasons behind. */
import type { ComponentChildren } from "preact";
import { Chip, Icon } from "../ui/bits.tsx";
import { phone } from "../state/ui.ts";
import { pct } from "../state/clock.ts";
import type { Why } from "../state/types.ts";

/* On a phone the pane stands alone, and its headings begin one level higher. */
export function Box({ title, aside, children }: {
	title: string; aside?: ComponentChildren; children: ComponentChildren;
}) {
	const Title = phone.value ? "h2" : "h3";
	return <section class="box"><header><Title>{title}</Title>{aside && <span>{aside}</span>}</header>
		{children}</section>;
}

const clamp = (ppm: number) => `${Math.max(0, Math.min(100, ppm / 10_000))}%`;

export function Bar({ name, ppm, limit = null, tone = "ai" }: {
	name: string; ppm: number; limit?: number | null; tone?: "ai" | "danger" | "plain";
}) {
	return <div class="bar-row">
		<span class="bar-name clip" title={name} dir="auto">{name}</span>
		<span class="bar" aria-hidden="true">
			<span class={`fill ${tone}`} style={{ width: clamp(ppm) }} />
			{limit !== null && <span class="limit" style={{ insetInlineStart: clamp(limit) }} />}
		</span>
		<span class="bar-value">{pct(ppm)}</span>
		{limit !== null && <span class="hidden">, limit {pct(limit)}</span>}
	</div>;
}

const KINDS: Record<Why["kind"], string> = {
	rule: "rule", trigger: "trigger", gate: "check before sending", threshold: "threshold",
	workflow: "workflow", article: "article",
};

/* What fired first, with the text; what was looked at and did not fire after it. */
export function Reasons({ why }: { why: readonly Why[] }) {
	if (!why.length)
		return <p class="muted">Nothing was recorded for this step.</p>;
	const sorted = [...why].sort((a, b) => Number(b.fired) - Number(a.fired));
	return <ul class="reasons">{sorted.map((w, i) => <li key={i} class={w.fired ? "fired" : "rested"}>
		<p class="reason-head">
			<Icon name={w.fired ? "check" : "cross"} />
			<span class="hidden">{w.fired ? "Applied: " : "Did not apply: "}</span>
			<span class="reason-name" dir="auto">{w.name.replaceAll("_", " ")}</span>
			<Chip>{KINDS[w.kind] ?? w.kind}</Chip>
		</p>
		<p class="reason-text" dir="auto">{w.text}</p>
		{w.value_ppm !== null && <Bar name={w.limit_ppm === null ? "value" : `limit ${pct(w.limit_ppm)}`}
			ppm={w.value_ppm} limit={w.limit_ppm} tone={w.fired ? "ai" : "plain"} />}
	</li>)}</ul>;
}
