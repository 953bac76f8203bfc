/* SPDX-License-Identifier: Apache-2.0 */
/* history.h - what was said before, as perceive needs it. Oldest first. */
#pragma once

#include "base/str.h"

enum speaker { BY_CUSTOMER, BY_AI, BY_AGENT };

struct history_item {
	enum speaker by;
	struct str text;
	int64_t at_us;
	int32_t seq;
};
struct history {
	const struct history_item *v;	/* without the unanswered messages */
	size_t n;
	struct str language;		/* of the conversation so far; may be empty */
	struct str awaiting;		/* the slot (entity kind) the AI asked for last; may be empty */
	const struct str *known;	/* slots (entity kinds) that were said before, and stand */
	size_t known_n;
};
