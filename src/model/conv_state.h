/* SPDX-License-Identifier: Apache-2.0 */
/* conv_state.h - a conversation's row while events are folded into it; private
 * to src/model.
 *
 * A batch loads the row once, folds all its events and saves it once.
 */
#pragma once

#include "model/conv.h"
#include "store/db.h"

struct conv_state {
	struct conv_row row;
	uint8_t last_hash[32];
	int hours_class;
	/* as in the store: what the tally counted */
	enum conv_view counted_view;
	struct id counted_agent;
	bool counted;		/* false: the conversation is new */
};

/* The columns CONV of sql.def at col.. */
void conv_row_read(struct stmt *s, struct arena *a, struct conv_row *out);
/* And those of JOINED. */
void conv_row_read_joined(struct stmt *s, struct arena *a, struct conv_row *out);
void conv_state_read(struct stmt *s, struct arena *a, struct conv_state *out);
enum err conv_state_load(struct db *db, int64_t conv, struct arena *a, struct conv_state *out,
    struct fault *f) NODISCARD;
/* Folds one event (its transition was allowed); its texts go to the arena.
 * Also writes the tables beside the row: effects, timers, waits. */
enum err conv_state_fold(struct db *db, struct conv_state *c, const struct event *e, struct arena *a,
    struct fault *f) NODISCARD;
enum err conv_state_save(struct db *db, struct conv_state *c, struct fault *f) NODISCARD;
enum conv_view conv_row_view(const struct conv_row *c);
/* The writer's before_commit: the new messages into the words index. */
enum err conv_index_messages(struct db *db, struct fault *f) NODISCARD;

/* Rows of events; the columns EVENT_COLS of sql.def. salt: 16 bytes. */
struct event_raw {
	struct event e;
	uint8_t body_hash[32], salt[16];
};
enum err event_row_read(struct stmt *s, struct arena *a, struct event_raw *out, struct fault *f) NODISCARD;
