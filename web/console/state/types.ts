/* SPDX-License-Identifier: Apache-2.0 */
/* types.ts - what the console calls the things on the wire, and its own few types. */
import type { SearchRow, View } from "../../shared/protocol.ts";

export type {
	Card, Change, Confusion, Contact, ConversationPage, Conv, Counts, Draft, Event as Entry,
	EventsPage, Example, ExampleChange, Known, LabelNext, Moved, Part, Perceived, Perception, Problem, Row, RowsPage,
	SearchRow, Seen, Session, SessionInbox, Share, Span, Step, Turn, Understanding, User, View, Why,
} from "../../shared/protocol.ts";

export type Hit = SearchRow["hit"];

export const VIEWS: readonly View[] = ["queue", "mine", "ai", "waiting", "resolved"];

/* Words for the views: heading, the line beside it, and what its emptiness means. */
export const VIEW_WORDS: Record<View, { name: string; sub: string; key: string;
	empty: string; hint: string }> = {
	queue: {
		name: "Queue", sub: "oldest promise first", key: "Q",
		empty: "Nobody is waiting for a person",
		hint: "When the AI hands a conversation over, it appears here at once.",
	},
	mine: {
		name: "Mine", sub: "held by you", key: "M",
		empty: "You hold no conversation",
		hint: "Take one from the queue: it stays with you until you resolve it or give it back.",
	},
	ai: {
		name: "AI is handling", sub: "latest first", key: "A",
		empty: "The AI has no open conversation",
		hint: "Conversations that need nobody yet are listed here. You can read along, and take one.",
	},
	waiting: {
		name: "Waiting on customer", sub: "a person replied last", key: "W",
		empty: "No conversation waits for a customer",
		hint: "After a person replies, the conversation waits here until the customer writes again.",
	},
	resolved: {
		name: "Resolved", sub: "latest first", key: "R",
		empty: "Nothing is resolved yet",
		hint: "Resolved conversations stay here, and search finds them.",
	},
};
