/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.h - what a step brought back: an event, and an input of the next call of decide. */
#pragma once

#include "facts/situation.h"

enum outcome_kind {
	OUTCOME_PASSAGES,	/* of retrieve; may be none */
	OUTCOME_RECORD,		/* of look_up: one row */
	OUTCOME_NO_RECORD,	/* of look_up: no row */
	OUTCOME_REFUSED,	/* the identity limit was reached: no call was made */
	OUTCOME_GATE_PASSED,
	OUTCOME_GATE_FAILED,	/* `error` says why */
	OUTCOME_ERROR,
	OUTCOME_TIMEOUT,
	OUTCOME_UNKNOWN,	/* in a replay: never recorded, never invented */
};

struct passage {
	struct str article;	/* id */
	int32_t version;
	struct str anchor, title, section, date, language;
	struct str text;	/* the passage, plain text */
	int32_t score_ppm;	/* how well it answers, comparable between queries */
};

struct outcome {
	enum outcome_kind kind;
	int step;		/* of the decision that it answers, 0.. */
	const struct passage *passages;
	size_t passages_n;
	const struct field *fields;
	size_t fields_n;
	struct str source;	/* "shop.order" */
	int64_t at_us;
	struct str error;	/* for people; of ERROR, TIMEOUT, REFUSED, GATE_FAILED */
};
