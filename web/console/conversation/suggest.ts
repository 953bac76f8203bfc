/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.ts - text that something outside the composer puts into it. */
import { signal } from "@preact/signals";
import type { Mode } from "../state/outbox.ts";
import { focusSoon } from "../ui/focus.ts";

export const mode = signal<Mode>("reply");
export const offered = signal<{ id: string; text: string } | null>(null);

export function offer(id: string, text: string, as: Mode = "reply"): void {
	mode.value = as;
	offered.value = { id, text };
	focusSoon("#compose");
}
