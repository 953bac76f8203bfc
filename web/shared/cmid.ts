/* SPDX-License-Identifier: Apache-2.0 */
/* cmid.ts - a client's own message id: a UUID, version 4 (RFC 9562).
 *
 * crypto.randomUUID() exists only in secure contexts; a desk on a local network
 * may be served over plain HTTP, where getRandomValues() still is.
 */
export function new_cmid(): string {
	const b = crypto.getRandomValues(new Uint8Array(16));
	b[6] = (b[6]! & 0x0f) | 0x40;
	b[8] = (b[8]! & 0x3f) | 0x80;
	const hex = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
