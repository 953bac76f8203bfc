/* SPDX-License-Identifier: Apache-2.0 */
/* script.h - a .talk file, read: the grammar of docs/TALK.md as a list of statements.
 *
 * Total: any bytes give statements or E_INVALID with "file:line:column:
 * expected ...".  Strings live in the arena.
 */
#pragma once

#include "base/str.h"

enum talk_verb {
	TALK_TALK,	/* text: the title */
	TALK_AT,	/* when */
	TALK_ON,	/* name: inbox */
	TALK_SAYS,	/* name, text */
	TALK_TIER,	/* name, value */
	TALK_BUTTON,	/* name */
	TALK_EMAIL,	/* name, text */
	TALK_AGENT_IS,	/* name, value: online away */
	TALK_AGENT_DOES,	/* name, value: accepts gives resolves */
	TALK_AGENT_SAYS, TALK_AGENT_NOTES,	/* name, text */
	TALK_CONNECTOR,	/* name, value: fails hangs works */
	TALK_ADVANCE,	/* number: microseconds */
	TALK_EXPECT,
};

enum talk_expectation {
	EXPECT_SAYS, EXPECT_ASKS, EXPECT_REPLIES, EXPECT_INTENT, EXPECT_UNKNOWN, EXPECT_LANGUAGE,
	EXPECT_ENTITY, EXPECT_MOOD, EXPECT_CITES, EXPECT_FACT, EXPECT_RULE, EXPECT_TRIGGER,
	EXPECT_ESCALATED, EXPECT_HOLDER, EXPECT_STATUS, EXPECT_CARD, EXPECT_SILENCE,
};

struct talk_when {
	int year, month, day, hour, minute;
};

struct talk_line {
	int line;
	struct str source;	/* the line as written, trimmed */
	enum talk_verb verb;
	enum talk_expectation expect;
	bool not;
	struct str name, value, text;
	bool has_text;
	int64_t number;		/* ADVANCE: us; EXPECT: ppm */
	bool has_number;
	struct talk_when when;
};

enum err talk_read(struct str file, struct str bytes, struct arena *a, const struct talk_line **out,
    size_t *n, struct fault *f) NODISCARD;
