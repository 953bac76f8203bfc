/* SPDX-License-Identifier: Apache-2.0 */
/* connector.h - a system of record, as workflows see it.
 *
 * One folder or file a kind; each exports one `const struct connector` and is
 * named in connector.def.  A call never blocks the caller: `done` comes on a
 * thread of the connector's, once, also for a time-out.  Adding one touches
 * nothing else.
 */
#pragma once

#include "facts/outcome.h"

struct extdb;

struct connector_call {
	const struct connector_policy *system;
	const struct connector_action *action;
	const struct slot *params;	/* by the action's names */
	size_t params_n;
	const char *workspace;		/* files are relative to it */
	struct extdb *ext;		/* NULL: on the caller's thread */
	/* RECORD (fields), NO_RECORD, ERROR or TIMEOUT (error). The outcome lives
	 * until done returns; step, source and at_us are the caller's to fill. */
	void (*done)(void *arg, const struct outcome *o);
	void *arg;
};

struct connector {
	const char *kind;	/* of connectors.yaml */
	const char *help;
	/* E_CONFIG says what is wrong: `baton check`. */
	enum err (*check)(const struct connector_policy *system, const char *workspace,
	    struct arena *a, struct fault *f);
	/* Copies what it needs. E_RETRY: too many wait; done is not called. */
	enum err (*call)(const struct connector_call *c, struct fault *f);
};

/* NULL: no such kind. */
const struct connector *connector_find(struct str kind);

#define CONNECTOR(name) extern const struct connector connector_##name;
#include "connector/connector.def"
#undef CONNECTOR
