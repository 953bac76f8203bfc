/* SPDX-License-Identifier: Apache-2.0 */
/* replay.h - decides again what was decided, from the recorded inputs.
 *
 * Under the same policy the result is the record byte for byte; a difference
 * means that decide() is not pure, or that something it read was not recorded.
 * The policy of each decision is found by its hash, so a conversation that saw
 * several is replayed under each.
 */
#pragma once

#include "model/conv.h"

struct published;

struct replay_result {
	size_t turns, decisions;
	size_t different;	/* decisions that came out otherwise */
	size_t skipped;		/* made without decide(), or inputs erased */
	int32_t first_seq;	/* of the first difference */
	struct str was, is;	/* its recorded and its new text; in the arena */
};

/* find gives the published version of a hash (a reference), like engine's. */
struct replay_source {
	enum err (*find)(void *ctx, struct str hash, struct published **out, struct fault *f);
	void *ctx;
};
enum err replay_conversation(struct db *db, const struct conv_row *c, const struct replay_source *from,
    struct arena *a, struct replay_result *out, struct fault *f) NODISCARD;
