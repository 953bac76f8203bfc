/* SPDX-License-Identifier: Apache-2.0 */
/* spans.h - of readings that overlap, which stand: for entities and personal data alike.
 *
 * The surer keeps its place, then the longer, then what begins first.  Pure.
 */
#pragma once

#include "nlu/scan.h"

struct text_span {
	struct str kind;	/* the last word between two that are otherwise alike */
	uint32_t from, to;	/* bytes of the scan's plain text, from < to */
	int32_t p_ppm;
	uint32_t at;		/* the caller's own index */
};

/* Keeps at most `most`, in the order of the text; from and to are bytes of the raw text then.
 * Returns how many. */
size_t spans_choose(const struct scan *s, struct text_span *v, size_t n, size_t most);
