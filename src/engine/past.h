/* SPDX-License-Identifier: Apache-2.0 */
/* past.h - the desk's past messages, as publishing learns from them: read (model/openings.h), masked
 * (nlu/mask.h), each once.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "facts/policy.h"

#include <stdint.h>

struct db;

#define PAST_BYTES_MAX ((size_t)4 << 20)

struct past {
	const struct str *v;	/* newest first; in the arena */
	size_t n;
	int64_t to;		/* the gid up to which they were looked for */
	size_t max;
};
/* The newest that opened a topic, masked by the policy's entities, at most max of them and
 * PAST_BYTES_MAX. to: up to which gid, 0 = the newest. max 0: none. */
enum err past_read(struct db *db, const struct policy *p, int64_t to, size_t max, struct arena *a,
    struct past *out, struct fault *f) NODISCARD;
