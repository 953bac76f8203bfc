/* SPDX-License-Identifier: Apache-2.0 */
/* nav.tsx - the rail: views with their counts, and at its foot who one is. */
import { signal } from "@preact/signals";
import { Face, Hidden, Kbd, Mark, MOD } from "../ui/bits.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { count } from "../state/clock.ts";
import { counts } from "../state/inbox.ts";
import { letters, theme, type Theme } from "../state/prefs.ts";
import { href, menu, page, understandingHref, view } from "../state/route.ts";
import { setAvailable, signOut, user } from "../state/session.ts";
import { palette, sheet } from "../state/ui.ts";
import { VIEWS, VIEW_WORDS, type View } from "../state/types.ts";
import "./nav.css";

const open = signal(false);

function ViewLink({ v }: { v: View }) {
	const n = counts.value?.[v];
	const here = page.value === "desk" && view.value === v;
	return <li><a class={`view-link${here ? " here" : ""}`} href={href(v)}
		aria-current={here ? "page" : undefined} data-focus={here ? "" : undefined}
		onClick={() => { menu.value = false; }}>
		<span>{VIEW_WORDS[v].name}</span>
		{n !== undefined && v !== "resolved" && <span class={`count${v === "queue" && n ? " hot" : ""}`}>
			{count(n)}<Hidden> {n === 1 ? "conversation" : "conversations"}</Hidden>
		</span>}
	</a></li>;
}

function Improve() {
	const here = page.value === "understanding";
	return <div class="nav-group">
		<h2>Improve</h2>
		<ul class="views"><li><a class={`view-link${here ? " here" : ""}`} href={understandingHref()}
			aria-current={here ? "page" : undefined} data-focus={here ? "" : undefined}
			onClick={() => { menu.value = false; }}><span>Understanding</span></a></li></ul>
	</div>;
}

const THEMES: [Theme, string][] = [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]];

/* Opens above the name: appearance, shortcuts, the way out. */
function Settings() {
	return <div class="settings" id="settings">
		<fieldset>
			<legend>Appearance</legend>
			{THEMES.map(([t, name]) => <label key={t} class="choice">
				<input type="radio" name="theme" checked={theme.value === t}
					onChange={() => { theme.value = t; }} />{name}
			</label>)}
		</fieldset>
		<fieldset>
			<legend>Keyboard</legend>
			<label class="choice">
				<input type="checkbox" checked={letters.value}
					onChange={(e) => { letters.value = e.currentTarget.checked; }} />
				Single-letter shortcuts
			</label>
			<button type="button" class="menu-line" onClick={() => { open.value = false; sheet.value = true; }}>
				All shortcuts <Kbd k="?" />
			</button>
			<button type="button" class="menu-line" onClick={() => { open.value = false; palette.value = true; }}>
				Find anything <Kbd k={`${MOD} K`} always />
			</button>
		</fieldset>
		<button type="button" class="menu-line" onClick={() => { open.value = false; void signOut(); }}>
			Sign out
		</button>
	</div>;
}

function Me() {
	const u = user.value;
	if (!u)
		return null;
	return <div class="me" onKeyDown={(e) => {
		if (e.key === "Escape" && open.value) {
			open.value = false;
			e.stopPropagation();
			e.currentTarget.querySelector<HTMLElement>(".me-name")?.focus();
		}
	}}>
		{open.value && <Settings />}
		<button type="button" class="me-name" aria-expanded={open.value} aria-controls="settings"
			onClick={() => { open.value = !open.value; }}>
			<Face who="agent" name={u.name} /><span class="clip" dir="auto">{u.name}</span>
			<Hidden>, settings</Hidden>
		</button>
		<button type="button" role="switch" class="presence" aria-checked={u.available}
			onClick={() => void setAvailable(!u.available)}>
			<span class="knob" aria-hidden="true" />
			{u.available ? "Available" : "Away"}
		</button>
	</div>;
}

function Rail() {
	return <>
		<p class="brand"><Mark /> Baton</p>
		<ul class="views">{VIEWS.map((v) => <ViewLink key={v} v={v} />)}</ul>
		<Improve />
		<Me />
	</>;
}

export function Nav() {
	return <nav class="pane nav" id="pane-nav" aria-label="Views" tabIndex={-1}><Rail /></nav>;
}

/* Below 1100 px the rail is behind a button. */
export function NavDrawer() {
	if (!menu.value)
		return null;
	return <Dialog label="Menu" class="drawer" onClose={() => { menu.value = false; }}>
		<nav class="nav" aria-label="Views"><Rail /></nav>
	</Dialog>;
}
