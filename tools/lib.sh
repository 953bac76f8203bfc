# SPDX-License-Identifier: Apache-2.0
# lib.sh - what the scripts of tools/ share.  Sourced by bash, sets ROOT.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# The clone's owner builds, so that nothing in it ever belongs to root unless all of it does.
as_owner() {
	local owner
	owner=$(stat -c %u "$ROOT")
	if is_root && [ "$owner" -ne 0 ]; then
		setpriv --reuid="$owner" --regid="$(stat -c %g "$ROOT")" --clear-groups \
		    env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
	else
		"$@"
	fi
}

# need_user NAME: a system user without log-in and home.
need_user() {
	id -u "$1" > /dev/null 2>&1 && return
	say "creating the system user $1"
	useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1"
}

# as_user NAME HOME COMMAND...: without any right of root and without its environment.
# NAME "" is who we are.
as_user() {
	local name=$1 home=$2
	shift 2
	local -a clean=(env -i HOME="$home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8
	    TERM="${TERM:-dumb}" TMPDIR="${AS_TMPDIR:-/tmp}")
	[ -n "${AS_PATH:-}" ] && clean+=(PATH="$AS_PATH:/usr/local/bin:/usr/bin:/bin")
	if [ -n "$name" ]; then
		setpriv --reuid="$name" --regid="$(id -g "$name")" --init-groups --no-new-privs \
		    "${clean[@]}" "${AS_ENV[@]+"${AS_ENV[@]}"}" "$@"
	else
		"${clean[@]}" "${AS_ENV[@]+"${AS_ENV[@]}"}" "$@"
	fi
}
AS_ENV=()

now_ms() { date +%s%3N; }

# seconds MS: "12.3"
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }
