/* SPDX-License-Identifier: Apache-2.0 */
/* row.tsx - one waiting person: who, since when against which promise, what about, why a person. */
import { Chip, Hidden, marked, type Tone } from "../ui/bits.tsx";
import { ago, clock, foreign, fullTime, promised, timeOf } from "../state/clock.ts";
import { nameOf } from "../state/inbox.ts";
import { seen } from "../state/prefs.ts";
import { href, openId, view } from "../state/route.ts";
import { user } from "../state/session.ts";
import type { Row as RowData, SearchRow } from "../state/types.ts";

/* Where the list puts it. */
export type Place = { top: string; height: string };

const HOT = 70;
const WARM = 30;

function tone(urgency: number): Tone {
	return urgency >= HOT ? "danger" : urgency >= WARM ? "warning" : "plain";
}

const CALM = new Set(["calm", "neutral", "happy", "thankful"]);
/* The mood that brought it here is already there as the reason. */
const MOOD_REASON: Record<string, string> = { frustrated: "frustration", confused: "confusion" };

function Chips({ row }: { row: RowData }) {
	const abroad = foreign(row.language);
	const other = row.holder.type === "agent" && row.holder.id !== user.value?.id;
	const asked = row.holder.type !== "ai";
	const mood = row.mood && !CALM.has(row.mood)
		&& !(asked && MOOD_REASON[row.reason_code ?? ""] === row.mood) ? row.mood : null;
	return <span class="chips">
		{row.reason && asked && <Chip tone={tone(row.urgency)}>{row.reason}</Chip>}
		{mood && <Chip tone="danger">{mood}</Chip>}
		{row.intent && <Chip>{row.intent}</Chip>}
		{row.contact.tier && row.contact.tier !== "standard"
			&& <Chip tone="warning">{row.contact.tier}</Chip>}
		{abroad && <Chip>{abroad}</Chip>}
		{other && row.holder.name && <Chip tone="person">{row.holder.name}</Chip>}
	</span>;
}

function When({ row }: { row: RowData }) {
	if (row.holder.type === "queue" && row.promise_us !== null) {
		const p = promised(row.promise_us);
		return <span class={`when${p.over ? " over" : p.soon ? " soon" : ""}`} title={p.long}>
			<span aria-hidden="true">{p.text}</span><Hidden>{p.long}</Hidden>
		</span>;
	}
	if (row.holder.type === "queue" && row.waiting_since_us !== null)
		return <span class="when" title={`waiting since ${fullTime(row.waiting_since_us)}`}>
			{ago(row.waiting_since_us)}<Hidden> waiting for a person</Hidden></span>;
	return <span class="when" title={`last message ${fullTime(row.updated_us)}`}>
		{ago(row.updated_us, clock.value)}<Hidden>: last message {timeOf(row.updated_us)}</Hidden>
	</span>;
}

export function Row({ row, n, of, at, tab }: {
	row: RowData | SearchRow; n: number; of: number; at: Place; tab: boolean;
}) {
	const here = openId.value === row.id;
	const hit = "hit" in row ? row.hit : null;
	const unread = row.unread && !here && (seen.value[row.id] ?? 0) < row.updated_us;
	const by = row.preview_by === "ai" ? "AI: " : row.preview_by === "agent" ? "Reply: " : "";
	return <li class="row-item" style={at} aria-posinset={n} aria-setsize={of}>
		<a class={`row${here ? " here" : ""}${unread ? " unread" : ""}`}
			href={href(view.value, row.id, hit?.seq)} tabIndex={tab ? 0 : -1} data-row={row.id}
			data-focus={tab ? "" : undefined} aria-current={here ? "true" : undefined}>
			<span class="row-top">
				<span class="who"><bdi class="clip">{nameOf(row)}</bdi>
					{unread && <span class="dot"><Hidden>, new</Hidden></span>}</span>
				<When row={row} />
			</span>
			<span class="preview clip" dir="auto">
				{hit ? marked(hit.text, hit.marks) : <>{by}{row.preview}</>}
			</span>
			<Chips row={row} />
		</a>
	</li>;
}
