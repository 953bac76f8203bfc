/* SPDX-License-Identifier: Apache-2.0 */
/* dom.ts - builds elements without a library and without markup in strings.
 * Everything said by anybody becomes a text node; nothing here parses HTML. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/* h("button", {class: "chip", onclick: f}, "text"); null and false leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {},
    ...children: Child[]): HTMLElementTagNameMap[K] {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === "function")
			made.addEventListener(name.slice(2), value as EventListener);
		else if (value !== null && value !== undefined && value !== false)
			made.setAttribute(name, value === true ? "" : String(value));
	}
	for (const child of children)
		if (child)
			made.append(child);
	return made;
}

export function svg(view_box: string, ...shapes: [tag: string, attributes: Record<string, string | number>][]): SVGSVGElement {
	const space = "http://www.w3.org/2000/svg";
	const made = document.createElementNS(space, "svg");
	made.setAttribute("viewBox", view_box);
	made.setAttribute("aria-hidden", "true");
	for (const [tag, attributes] of shapes) {
		const shape = document.createElementNS(space, tag);
		for (const [name, value] of Object.entries(attributes))
			shape.setAttribute(name, String(value));
		made.append(shape);
	}
	return made;
}
