/* SPDX-License-Identifier: Apache-2.0 */
/* record_names.c - the words of the record for enum values, both ways. */
#include "engine/record_names.h"

static const char *const outcomes[] = {
	[OUTCOME_PASSAGES] = "passages",
	[OUTCOME_RECORD] = "record",
	[OUTCOME_NO_RECORD] = "no_record",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_GATE_PASSED] = "gate_passed",
	[OUTCOME_GATE_FAILED] = "gate_failed",
	[OUTCOME_ERROR] = "error",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_UNKNOWN] = "unknown",
};

#define OUTCOMES_N (sizeof(outcomes) / sizeof(outcomes[0]))

const char *
outcome_name(enum outcome_kind k)
{
	CHECK((size_t)k < OUTCOMES_N);
	return outcomes[k];
}

bool
outcome_kind_of(struct str name, enum outcome_kind *out)
{
	for (size_t i = 0; i < OUTCOMES_N; i++)
		if (str_eqz(name, outcomes[i])) {
			*out = (enum outcome_kind)i;
			return true;
		}
	return false;
}

bool
decision_kind_of(struct str name, enum decision_kind *out)
{
	for (int i = 0; i <= (int)DECISION_WAIT; i++)
		if (str_eqz(name, decision_name((enum decision_kind)i))) {
			*out = (enum decision_kind)i;
			return true;
		}
	return false;
}

bool
why_kind_of(struct str name, enum why_kind *out)
{
	for (int i = 0; i <= (int)WHY_ARTICLE; i++)
		if (str_eqz(name, why_name((enum why_kind)i))) {
			*out = (enum why_kind)i;
			return true;
		}
	return false;
}
