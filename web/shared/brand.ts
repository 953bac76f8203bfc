/* SPDX-License-Identifier: Apache-2.0 */
/* brand.ts - makes a shop's colour readable.
 *
 * White text lies on it, so it is darkened (in steps of lightness, hue kept) until
 * the contrast is 4.5:1.  What is not a colour becomes the neutral ink.
 */

export type Rgb = [number, number, number];

const INK: Rgb = [0x1d, 0x1b, 0x18];
const WHITE: Rgb = [255, 255, 255];

export function parse_colour(text: string): Rgb | null {
	const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
	if (!match?.[1])
		return null;
	const hex = match[1].length === 3 ? match[1].replace(/./g, "$&$&") : match[1];
	const n = parseInt(hex, 16);
	return [n >> 16, (n >> 8) & 255, n & 255];
}

function luminance([r, g, b]: Rgb): number {
	const part = (value: number): number => {
		const v = value / 255;
		return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	};
	return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}

/* WCAG 2 contrast, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
	const la = luminance(a), lb = luminance(b);
	return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

export function readable_brand(text: string): string {
	let colour: Rgb = parse_colour(text) ?? INK;
	while (contrast(colour, WHITE) < 4.5)
		colour = colour.map((part) => Math.floor(part * 0.96)) as Rgb;
	return `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
