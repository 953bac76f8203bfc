/* SPDX-License-Identifier: Apache-2.0 */
/* gate.h - what leaves the AI is checked once more. Pure.
 *
 * Four questions of a rendered text: does it hold somebody else's personal
 * data (an e-mail, phone number or code such as an order number that stands
 * neither in the customer's own words nor in the sources)?  A prohibited
 * phrase?  A number that is in no source?  Abuse, a threat, hidden characters (nlu/moderate.h,
 * asked by the caller)?  The verdict is an outcome of the
 * turn (OUTCOME_GATE_PASSED or OUTCOME_GATE_FAILED with `error`).
 */
#pragma once

#include "facts/outcome.h"
#include "facts/perception.h"
#include "flow/render.h"

struct gate_input {
	const struct said *said;
	const struct str *words;	/* of said->text and the parts' texts (gate_text), text/tokens.h */
	size_t words_n;
	const struct flag *flags;	/* moderate() of the same text */
	size_t flags_n;
	const struct str *own;		/* the customer's messages of this conversation */
	size_t own_n;
	const struct slot *slots;	/* the conversation's */
	size_t slots_n;
};
struct gate_verdict {
	bool passed;
	const struct why *why;		/* four: personal_data, prohibited, numbers, moderation */
	size_t why_n;
	struct str error;		/* of the first that failed; names the kind, never the datum */
};

/* Everything a customer would see of it, for the tokeniser. */
struct str gate_text(const struct said *said, struct arena *a);
struct gate_verdict gate_check(const struct policy *p, const struct gate_input *in, struct arena *a);
