/* SPDX-License-Identifier: Apache-2.0 */
/* signin.tsx - the way in.  Says the same whatever was wrong; paste and password managers work. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Mark } from "../ui/bits.tsx";
import { ApiError, said } from "../state/api.ts";
import { reason, signIn } from "../state/session.ts";
import { spell } from "../state/clock.ts";
import "./signin.css";

function explain(e: unknown): string {
	if (e instanceof ApiError && e.status === 401)
		return "That e-mail and password do not go together. Check both and try again.";
	if (e instanceof ApiError && e.status === 429)
		return "Too many tries from here. Wait"
			+ (e.retryMs ? ` ${spell(e.retryMs * 1000)}` : " a while") + " and try again.";
	return said(e);
}

export function SignIn() {
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const [shown, setShown] = useState(false);
	const email = useRef<HTMLInputElement>(null);
	const password = useRef<HTMLInputElement>(null);

	useEffect(() => email.current?.focus(), []);
	useEffect(() => {
		if (password.current)
			password.current.type = shown ? "text" : "password";
	}, [shown]);

	const submit = async (e: Event) => {
		e.preventDefault();
		if (busy || !email.current || !password.current)
			return;
		setBusy(true);
		setError(null);
		try {
			await signIn(email.current.value.trim(), password.current.value);
		} catch (fault) {
			setError(explain(fault));
			setBusy(false);
			password.current?.select();
		}
	};

	return <main class="signin">
		<form class="signin-card" onSubmit={submit} aria-labelledby="signin-title">
			<p class="brand"><Mark /> Baton</p>
			<h1 id="signin-title">Sign in to the console</h1>
			{reason.value && !error && <p class="note-line">{reason.value}</p>}
			<div role="alert">{error && <p class="error-line" id="signin-error">{error}</p>}</div>
			<label for="email">E-mail</label>
			<input ref={email} id="email" name="email" type="email" autocomplete="username"
				inputMode="email" spellcheck={false} required aria-invalid={!!error}
				aria-describedby={error ? "signin-error" : undefined} />
			<label for="password">Password</label>
			<div class="with-button">
				<input ref={password} id="password" name="password" required aria-invalid={!!error}
					type="password" autocomplete="current-password" />
				<button type="button" class="quiet" aria-pressed={shown} aria-controls="password"
					onClick={() => setShown(!shown)}>
					{shown ? "Hide" : "Show"}<span class="hidden"> password</span>
				</button>
			</div>
			<button type="submit" class="primary" aria-disabled={busy}>
				{busy ? "Signing in…" : "Sign in"}
			</button>
			<p class="hint">No account, or the password is gone? An administrator of your Baton can
				help.</p>
		</form>
	</main>;
}
