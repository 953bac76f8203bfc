/* SPDX-License-Identifier: Apache-2.0 */
/* dialog.tsx - the browser's own modal dialog: it traps the focus, closes on Esc, and gives back. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export function Dialog({ label, class: name, onClose, children }: {
	label: string; class?: string; onClose: () => void; children: ComponentChildren;
}) {
	const ref = useRef<HTMLDialogElement>(null);
	/* Before the next key is heard: what is typed at once is for the dialog, not a shortcut. */
	useLayoutEffect(() => {
		const d = ref.current;
		const before = document.activeElement;
		d?.showModal();
		return () => {
			d?.close();
			if (before instanceof HTMLElement && before.isConnected)
				before.focus();
		};
	}, []);
	return <dialog ref={ref} class={name} aria-label={label} onClose={onClose}
		onClick={(e) => { if (e.target === ref.current) onClose(); }}>
		{children}
	</dialog>;
}
