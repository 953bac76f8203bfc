/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - does what happened match an expectation? Reads the record only. */
#pragma once

#include "base/buf.h"
#include "insight/talk/script.h"
#include "facts/policy.h"
#include "model/conv.h"

struct judge_input {
	const struct talk_line *line;
	int32_t mark;			/* events after this seq are "since the customer last spoke" */
	const struct policy *policy;
};

/* found: what there was instead, for the report. */
enum err judge(struct db *db, struct id conv, const struct judge_input *in, struct arena *a, bool *ok,
    struct str *found, struct fault *f) NODISCARD;
/* "      customer: hii wheres my ordr" */
void judge_print_event(const struct event *e, struct arena *a, struct buf *out);
