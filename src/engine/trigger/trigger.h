/* SPDX-License-Identifier: Apache-2.0 */
/* trigger.h - decides when a conversation needs a human.
 *
 * One file per trigger in this folder; each exports one `const struct trigger`
 * and is named in trigger.def.  Triggers are pure: they read recorded inputs
 * and return a verdict; only engine/decide.c acts on it.  docs/HOWTO-trigger.md
 * walks through adding one.
 */
#pragma once

#include "base/settings.h"
#include "facts/perception.h"
#include "facts/situation.h"

/* When decide asks it. The counters in the situation then include the event
 * that is being counted. */
enum trigger_when {
	TRIGGER_WORDS,		/* in both passes; in the pre-pass perception is NULL */
	TRIGGER_UNDERSTOOD,	/* when perceive has spoken */
	TRIGGER_UNSURE,		/* before an unsure, out-of-scope or no-answer reply */
	TRIGGER_FAILED_TRY,	/* before asking again */
	TRIGGER_TOOL,		/* after an effect that failed; situation.tool_error says how */
};

struct verdict {
	bool fired;
	int urgency;		/* 0 = whenever ... 100 = now */
	struct str text;	/* what was compared with what, in *Why?*; lives in the arena */
	struct str reason;	/* of one that fired, when it can name something: instead of trigger.reason */
	int32_t value_ppm, limit_ppm;	/* -1 = does not apply */
};

/* A setting that is a list of words; kept normalised. */
struct trigger_list {
	const char *key;
	size_t offset_v, offset_n;	/* const struct str * and size_t in struct trigger_policy */
	const char *help;
};

struct trigger {
	const char *name;	/* key in the policy and in the audit log */
	const char *help;	/* one line for the admin page and the docs */
	/* What the queue shows: words, never numbers or codes; small, without a full stop. */
	const char *reason;
	enum trigger_when when;
	const struct setting *settings;	/* keys "on", "urgency", ...; into struct trigger_policy; ends with key NULL */
	const struct trigger_list *list;	/* or NULL */
	bool (*on)(const struct policy *);
	/* Pure: allocates from the arena only; settings were validated when
	 * the policy was. Not called when off. */
	struct verdict (*check)(const struct policy *, const struct perception *,
	    const struct situation *, struct arena *);
};

/* "once", "twice", "three times", ... "ten times", then "many times". Pure. */
struct str trigger_times(int64_t n);

/* All of trigger.def, in its order: the order in which they are asked. */
extern const struct trigger *const trigger_all[];
extern const size_t trigger_all_n;

#define TRIGGER(name) extern const struct trigger trigger_##name;
#include "engine/trigger/trigger.def"
#undef TRIGGER
