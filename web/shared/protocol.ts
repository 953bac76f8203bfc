/* SPDX-License-Identifier: Apache-2.0 */
/* protocol.ts - the shapes of docs/PROTOCOL.md, for every client written in TypeScript.
 *
 * Times are microseconds since 1970 (UTC), probabilities millionths.  What the
 * server sends is trusted to have these shapes; its texts are not trusted to be
 * anything but text.
 */

export type Lang = string;

export type ErrorCode =
	| "invalid" | "denied" | "notfound" | "conflict" | "toobig" | "limit"
	| "internal" | "upstream" | "retry" | "timeout" | "full";

export interface WireError {
	code: ErrorCode;
	message: string;
	field?: string;
	retry_ms?: number;
}

export interface Hours {
	open: boolean;
	until_us: number | null;
	next_us: number | null;
	zone: string;
}

export interface Wait {
	place: number | null;
	low_s: number | null;
	high_s: number | null;
	agents_online: number;
	open: boolean;
	next_us: number | null;
	team: string;
}

export interface Config {
	inbox: string;
	name: string;
	about: string;
	brand: { color: string; initial: string };
	lang: Lang;
	languages: Lang[];
	dir: "ltr" | "rtl";
	hours: Hours;
	people_online: number;
	welcome: string;
	wait: Wait | null;
}

export type ActorType = "customer" | "ai" | "agent" | "system";

export interface Actor {
	type: ActorType;
	name: string | null;
	id: string | null;
}

export type HolderType = "ai" | "queue" | "agent" | "none";

export interface Holder {
	type: HolderType;
	name: string | null;
	id: string | null;
}

export interface SourcePart {
	type: "source";
	article: string;
	version: number;
	anchor: string;
	title: string;
	date: string;
	url: string;
}

export interface RecordPart {
	type: "record";
	title: string;
	steps: number;
	step: number;
	lines: string[];
	source: string;
	as_of_us: number;
	link: { label: string; url: string } | null;
}

export interface ChoicesPart {
	type: "choices";
	items: string[];
}

export type Part = SourcePart | RecordPart | ChoicesPart;

export interface Why {
	kind: "rule" | "trigger" | "gate" | "threshold" | "workflow" | "article";
	name: string;
	fired: boolean;
	text: string;
	value_ppm: number | null;
	limit_ppm: number | null;
}

export interface Mood {
	anger_ppm: number;
	frustration_ppm: number;
	confusion_ppm: number;
}

export interface Intent {
	id: string;
	name: string;
	p_ppm: number;
}

export interface CardBody {
	reason_code: string;
	reason: string;
	summary: string;
	intents: Intent[];
	entities: { kind: string; text: string; value: string }[];
	facts: { label: string; value: string; source: string; as_of_us: number }[];
	tried: { ok: boolean; text: string }[];
	next_step: string;
	first_sentence: string;
	confidence_ppm: number;
	urgency: number;
	why: Why[];
	language: Lang;
	mood: Mood;
	way_back: string | null;
	policy: string;
}

export interface Card extends CardBody {
	seq: number;
	at_us: number;
}

interface EventBase<K extends string, B> {
	seq: number;
	at_us: number;
	kind: K;
	actor: Actor;
	audience: "public" | "agents";
	cmid: string | null;
	turn: number | null;
	body: B;
}

export type Nothing = Record<string, never>;

export type Event =
	| EventBase<"conversation.opened", { inbox: string; channel: string; language: Lang }>
	| EventBase<"message.customer", { text: string }>
	| EventBase<"message.ai", { text: string; parts: Part[]; lang: Lang }>
	| EventBase<"message.agent", { text: string }>
	| EventBase<"note", { text: string }>
	| EventBase<"handover.requested", { team: string; open: boolean; next_us: number | null }>
	| EventBase<"handover.card", CardBody>
	| EventBase<"handover.claimed", { name: string }>
	| EventBase<"handover.returned", Nothing>
	| EventBase<"contact.way_back", { email: string }>
	| EventBase<"contact.identified", { name: string; email: string; by: string }>
	| EventBase<"conversation.resolved", Nothing>
	| EventBase<"conversation.reopened", Nothing>;

export type EventKind = Event["kind"];
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;

export type Status = "open" | "waiting_customer" | "resolved";

export interface Conv {
	id: string;
	inbox: string;
	status: Status;
	holder: Holder;
	seq: number;
	last_customer_seq: number;
	opened_us: number;
	resume: string;
	subject: string;
	way_back: string | null;
	wait: Wait | null;
}

export interface Row {
	id: string;
	inbox: string;
	contact: { name: string | null; email: string | null; tier: string | null; verified: boolean };
	preview: string;
	preview_by: "customer" | "ai" | "agent";
	status: Status;
	holder: Holder;
	updated_us: number;
	waiting_since_us: number | null;
	promise_us: number | null;
	reason: string | null;
	reason_code: string | null;
	urgency: number;
	intent: string | null;
	language: Lang | null;
	unread: boolean;
	mood: string | null;
	gid: number;
}

export interface SearchRow extends Row {
	hit: { seq: number; text: string; marks: [number, number][] };
}

export interface Counts {
	queue: number;
	mine: number;
	ai: number;
	waiting: number;
	resolved: number;
}

export type View = keyof Counts;

export interface Contact {
	id: string;
	name: string | null;
	email: string | null;
	tier: string | null;
	verified: boolean;
	language: Lang | null;
	since_us: number;
	conversations: number;
	way_back: string | null;
}

export interface User {
	id: string;
	name: string;
	email: string;
	role: "agent" | "administrator";
	available: boolean;
}

export interface SessionInbox {
	id: string;
	name: string;
	team: string;
	languages: Lang[];
	hours_open: boolean;
}

export interface Session {
	user: User;
	csrf: string;
	inboxes: SessionInbox[];
}

export interface Perception {
	language: Lang;
	p: Intent[];
	unknown_ppm: number;
	entities: { kind: string; text: string; value: string; from: number; to: number }[];
	mood: Mood & { urgency_ppm: number; gratitude_ppm: number; annoyance_ppm?: number;
		disappointment_ppm?: number };
	asks_person_ppm: number;
	similar_ppm: number[];
	complexity_ppm: number;
	flags?: { kind: string; reason: string; from: number; to: number; p: number }[];
	sentiment_ppm?: number;
	churn_ppm?: number;
	legal_ppm?: number;
	injection_ppm?: number;
}

export interface Step {
	seq: number;
	step: number;
	decision: "say" | "ask" | "retrieve" | "look_up" | "hand_over" | "wait" | "understand";
	reply: string | null;
	why: Why[];
	outcome: Record<string, unknown> | null;
}

export interface Turn {
	number: number;
	policy: string;
	basis: number;
	/* null: decided before anything was understood, as when a button asks for a person. */
	perception: Perception | null;
	steps: Step[];
}

export interface ConversationPage {
	conversation: Conv;
	card: Card | null;
	contact: Contact;
	earlier: Row[];
}

export interface RowsPage {
	rows: Row[];
	next: string | null;
	counts: Counts;
}

export interface EventsPage {
	events: Event[];
	to: number;
	resume: string;
	more: boolean;
}

export interface Stored {
	conversation: string;
	seq: number;
	at_us: number;
	replayed: boolean;
}

/* Understanding: from, to are UTF-16 units. */

export interface Share {
	right: number;
	of: number;
	ppm: number;
	low_ppm: number;
	high_ppm: number;
}

export interface Span {
	from: number;
	to: number;
}

export interface Promised {
	error_ppm: number;
	threshold_ppm: number;
	coverage_ppm: number;
	evidence: number;
	enough: boolean;
	kept: boolean;
}

export interface Seen {
	took_us: number;
	language: Lang | null;
	language_ppm: number;
	script: string | null;
	intents: Intent[];
	unknown_ppm: number;
	novelty_ppm: number;
	act_ppm: number;
	unknown_limit_ppm: number;
	clauses: (Span & { name: string | null; p_ppm: number })[];
	entities: (Span & { kind: string; value: string; p_ppm: number })[];
	personal: (Span & { kind: string; what: string; p_ppm: number })[];
	flags: (Span & { kind: string; reason: string; p_ppm: number })[];
	corrections: { from: string; to: string }[];
	mood: Record<string, number>;
	sentiment_ppm: number;
	asks_person_ppm: number;
	churn_ppm: number;
	legal_ppm: number;
	injection_ppm: number;
	complexity_ppm: number;
	promised: Promised | null;
	why: {
		pulls: (Span & { word: string; logit_milli: number })[];
		by_meaning: boolean;
		nearest: { text: string; intent: string; name: string; similar_ppm: number }[];
	} | null;
}

export interface Perceived {
	live: Seen;
	draft: Seen | null;
	training: boolean;
}

export interface Known {
	id: string;
	name: string;
	description: string;
	risk: "read" | "write" | "approve" | "forbidden";
	examples: number;
	named: string | null;	/* by a rule, in this line: it is not deleted */
	recall?: Share | null;
	precision?: Share | null;
}

export interface Confusion {
	truth: string;
	taken: string;
	n: number;
	of: number;
}

export interface Problem {
	kind: string;
	weight: "hint" | "warning" | "error";
	intent?: string;
	other?: string;
	what: string;
	fix: string;
	n: number;
	examples: { text: string; intent?: string }[];
}

export type ExampleChange = "add" | "remove" | "move";
export type ChangeKind = ExampleChange | "intent" | "name" | "describe" | "delete";

export interface Change {
	id: number;
	kind: ChangeKind;
	intent: string;
	to: string | null;	/* move: an intent; intent: the new one's name */
	text: string;		/* an example; intent, describe: the description; name: the name; delete: it had */
	by: string;
	at_us: number;
	applies: boolean;
}

export interface Moved {
	text: string;
	intent: string;
	was: string;
	now: string;
}

export interface Draft {
	version: string;
	state: "ready" | "training" | "failed";
	fault: string | null;
	rough: boolean;
	past: number;
	past_left: number;
	changes: Change[];
	compare: {
		before: Share | null;
		after: Share | null;
		took_us: number;
		better_n: number;
		worse_n: number;
		chance_ppm: number;
		better: Moved[];
		worse: Moved[];
	} | null;
}

export interface Understanding {
	policy: string;
	encoder: boolean;
	past: { n: number; sum: string | null };
	examples: number;
	intents: Known[];
	study: {
		accuracy: Share | null;
		off_ppm: number;
		took_us: number;
		confusions: Confusion[];
		problems: Problem[];
		problems_more: number;
	} | null;
	draft: Draft;
}

export interface Example {
	text: string;
	change: "added" | "moved" | null;
	change_id: number | null;
	right?: boolean;
	taken?: string;
	p_ppm?: number;
}

export interface LabelNext {
	messages: { text: string; guesses: { id: string; p_ppm: number }[] }[];
	of: number;
	ready: boolean;
}

/* The socket. */

export const SUBPROTOCOL = "baton.1";
export const MESSAGE_MAX = 4000;

export const CLOSE_DENIED = 4401;
export const CLOSE_TOO_FAST = 4429;

export interface Typing {
	who: "customer" | "ai" | "agent";
	name: string | null;
	on: boolean;
}

export type Resume = string | number | null;

export type ClientFrame =
	| { t: "hello"; proto: 1; token?: string }
	| { t: "sub"; topic: string; resume: Resume }
	| { t: "unsub"; topic: string }
	| { t: "send"; cmid: string; topic: string; body: { text: string } }
	| { t: "eph"; topic: string; typing: boolean };

export interface Snapshot {
	conversation: Conv;
	events: Event[];
	to: number;
	resume: string;
}

export interface AckFrame {
	t: "ack";
	cmid: string;
	conversation: string;
	seq: number;
	at_us: number;
	replayed: boolean;
}

export interface NackFrame {
	t: "nack";
	cmid: string | null;
	code: ErrorCode;
	message: string;
	retry_ms?: number | null;
}

export interface CoverFrame {
	t: "ev";
	topic: string;
	from: number;
	to: number;
	resume?: string;
	events?: Event[];
	rows?: Row[];
	counts?: Counts;
}

export type ServerFrame =
	| { t: "welcome"; proto: 1; user: User | null; now_us: number }
	| CoverFrame
	| { t: "gap"; topic: string; snapshot: Snapshot }
	| AckFrame
	| NackFrame
	| { t: "eph"; topic: string; typing?: Typing; wait?: Wait }
	| { t: "reconnect"; after_ms: number };
