/* SPDX-License-Identifier: Apache-2.0 */
/* admin.h - commands that write: through the running server, or under the lock.
 *
 * Each is a control command (api/control.h): a JSON object in, one out.  The
 * server registers admin_commands with its own writer; when none runs,
 * admin_call opens the store itself and runs the same function.
 */
#pragma once

#include "api/control.h"
#include "base/clock.h"
#include "base/rand.h"
#include "cli/workspace.h"

struct embedder;
struct engine;
struct password;
struct writer;

struct admin {
	const char *dir;
	struct writer *writer;
	struct db_readers *readers;
	struct engine *engine;		/* NULL: no server runs */
	struct embedder *embedder;	/* NULL: words alone */
	size_t past_max;		/* nlu.history_messages */
	struct password *password;
	struct clock *clock;
	struct rand *rand;
};
/* user_add publish; ctx is a struct admin. */
extern const struct control_command admin_commands[];

enum err admin_call(struct workspace *w, json_t *request, struct arena *a, json_t **out,
    struct fault *f) NODISCARD;
