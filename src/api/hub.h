/* SPDX-License-Identifier: Apache-2.0 */
/* hub.h - who hears what: the sockets, their topics, and the live record.
 *
 * `publish` runs on the writer thread and copies what somebody may be waiting
 * for into a delivery; everything else here belongs to the loop.  Backlogs,
 * counts and waits are read by jobs and come back to the loop as tasks.
 */
#pragma once

#include "api/api.h"

struct names;

/* engine's `publish` ends here; serve passes it in api_spec.sockets. */
extern const struct socket_hooks socket_hooks;

/* Who is at the desk has changed: those who wait are told. Thread-safe. */
void hub_desk_changed(struct api *api);

/* NULL when the program runs without sockets. */
struct names *hub_names(struct api *api);
