/* SPDX-License-Identifier: Apache-2.0 */
/* cond.h - the condition language of rules: text to nodes, and their verdict.
 *
 * The grammar stands in docs/POLICY.md.  Compiling happens when a policy is
 * read; evaluating is pure (only facts, integers and the arena).
 */
#pragma once

#include "facts/perception.h"
#include "facts/situation.h"

#define COND_MAX_NODES 200
#define COND_MAX_DEPTH 32

struct cond_code {
	const struct cond *v;	/* [0] is the root */
	size_t n;
	bool before;		/* only words, hours, region, tier: needs no understanding */
};

/* E_INVALID: "column 12: expected ..."; names are not looked up here. */
enum err cond_compile(struct str text, struct arena *a, struct cond_code *out, struct fault *f) NODISCARD;

struct cond_verdict {
	bool holds;
	struct str text;	/* the tests that made it so: "score .42 < .60" */
};
/* now == NULL (pre-pass): a test that needs understanding does not hold. */
struct cond_verdict cond_eval(const struct cond *v, const struct policy *p,
    const struct perception *now, const struct situation *s, struct arena *a);
