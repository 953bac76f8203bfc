/* SPDX-License-Identifier: Apache-2.0 */
/* render.h - a decision in words: text, parts, and what the words may rest on. Pure. */
#pragma once

#include "facts/decision.h"

enum said_part_kind { SAID_SOURCE, SAID_RECORD, SAID_CHOICES };
struct said_part {
	enum said_part_kind kind;
	/* SOURCE */
	struct str article, anchor, title, date, url;
	int32_t version;
	/* RECORD */
	int steps, step;	/* 0 = no bar */
	const struct str *lines;	/* also the items of CHOICES */
	size_t lines_n;
	struct str source;	/* for the customer: the action's label, else "shop.order" */
	int64_t as_of_us;
	struct str link_label, link_url;	/* empty url = no link */
};

struct said {
	struct str text, lang;
	const struct said_part *parts;
	size_t parts_n;
	/* For the gate: the literal words of the template (or the passage), and
	 * the values that may stand in it. */
	const struct str *grounds;
	size_t grounds_n;
};

/* Of SAY, ASK, HAND_OVER (and WAIT with a reply). Empty text if the decision
 * says nothing. Record: the last RECORD outcome, else the situation's. */
struct said render_decision(const struct policy *p, const struct decision *d,
    const struct situation *s, const struct outcome *outcomes, size_t n, struct arena *a);
/* Any reply, for the widget's welcome line and for came_back. */
struct said render_reply(const struct policy *p, int reply, const struct situation *s,
    struct arena *a);
