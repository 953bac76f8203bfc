/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c - the engine's own settings. */
#include "engine/settings.h"

#include <stddef.h>

static const struct setting table[] = {
	{ "turn.join_ms", SET_INT, offsetof(struct engine_settings, join_ms), "150", 0, 3000,
	    "how long to wait for another message before answering, in milliseconds" },
	{ "turn.threads", SET_INT, offsetof(struct engine_settings, threads), "2", 1, 64,
	    "threads that understand and decide (polite: nice 5)" },
	{ "turn.readers", SET_INT, offsetof(struct engine_settings, readers), "8", 4, 64,
	    "connections that read the store" },
	{ .key = NULL },
};

struct setting_module
engine_settings_module(struct engine_settings *values)
{
	return (struct setting_module){ "turn", table, values };
}
