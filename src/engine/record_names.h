/* SPDX-License-Identifier: Apache-2.0 */
/* record_names.h - the words of the record for enum values, both ways. */
#pragma once

#include "facts/decision.h"

const char *outcome_name(enum outcome_kind k);	/* "passages", "no_record", ... */
bool outcome_kind_of(struct str name, enum outcome_kind *out);
bool decision_kind_of(struct str name, enum decision_kind *out);
bool why_kind_of(struct str name, enum why_kind *out);
