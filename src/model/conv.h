/* SPDX-License-Identifier: Apache-2.0 */
/* conv.h - conversations as lists and searches read them: the projection.
 *
 * Written only by conv_project(), inside the appending transaction and by
 * `baton rebuild`.  The transition table (model/transition.def) says which
 * event may change holder and status from what.
 */
#pragma once

#include "model/event.h"

struct conv_row {
	int64_t conv;		/* internal */
	struct id id, contact;
	struct str inbox;
	enum holder holder;
	struct id holder_agent;
	enum conv_status status;
	int32_t last_seq, last_customer_seq, last_public_seq;
	int32_t last_ai_seq;	/* last message.ai */
	int64_t opened_us, updated_us;
	int64_t waiting_since_us;	/* in the queue since; 0 = not waiting */
	int64_t promise_us;	/* first human reply is due; 0 = none */
	struct str preview, preview_by;	/* "customer" | "ai" | "agent" */
	struct str reason, reason_code, intent, language, mood, subject, way_back;
	int urgency;
	int64_t turn;		/* last started turn */
	bool turn_open;
	int32_t turn_attempt, turn_basis;
	int64_t gid;		/* last change */
	/* joined for lists */
	struct str contact_name, contact_email, contact_tier, agent_name;
	bool contact_verified;
	int32_t contact_version;
};

enum conv_view { VIEW_QUEUE, VIEW_MINE, VIEW_AI, VIEW_WAITING, VIEW_RESOLVED, VIEW_N };
bool conv_view_parse(struct str name, enum conv_view *out);

struct conv_counts {
	int64_t n[VIEW_N];
};

enum err conv_get(struct db *db, struct id id, struct arena *a, struct conv_row *out, struct fault *f) NODISCARD;
/* The contact's conversation in an inbox that is not resolved, else its newest; E_NOTFOUND. */
enum err conv_of_contact(struct db *db, struct id contact, struct str inbox, struct arena *a,
    struct conv_row *out, struct fault *f) NODISCARD;
/* inboxes: the ones the reader is a member of. The cursor is opaque text. */
enum err conv_list(struct db *db, enum conv_view v, const struct str *inboxes, size_t inboxes_n,
    struct id agent, struct str cursor, size_t limit, struct arena *a, struct conv_row **out, size_t *n,
    struct str *next, struct fault *f) NODISCARD;
enum err conv_counts(struct db *db, const struct str *inboxes, size_t n, struct id agent,
    struct conv_counts *out, struct fault *f) NODISCARD;
/* Of them only how many wait in one inbox's queue: what a turn must know. */
enum err conv_queued(struct db *db, struct str inbox, int64_t *n, struct fault *f) NODISCARD;
/* Rows of the inbox changed after gid, oldest first; limit as it is given: who asks for one more than it tells
 * knows by it that there is more. */
enum err conv_changed(struct db *db, struct str inbox, int64_t after_gid, size_t limit, struct arena *a,
    struct conv_row **out, size_t *n, struct fault *f) NODISCARD;
/* Place in the queue (1 = next), by promise then waiting time; 0 = not waiting. */
enum err conv_queue_place(struct db *db, const struct conv_row *c, int32_t *place, struct fault *f) NODISCARD;
/* Open turns and unanswered customers of the AI: what a restart resumes. */
enum err conv_unfinished(struct db *db, struct arena *a, struct conv_row **out, size_t *n, struct fault *f) NODISCARD;

/* The contact's other conversations, newest first. */
enum err conv_earlier(struct db *db, struct id contact, struct id not_this, size_t limit, struct arena *a,
    struct conv_row **out, size_t *n, struct fault *f) NODISCARD;

struct search_hit {
	struct conv_row row;
	int32_t seq;		/* 0: name or e-mail matched */
	struct str text;	/* of the message */
	const uint32_t *marks;	/* pairs of from, to in UTF-16 units */
	size_t marks_n;		/* numbers, even */
};
/* People by name and e-mail first, then messages by BM25, newest first on ties: of
 * those that match in the inboxes the newest 200 and 1,000 are looked at, so a
 * common word costs no more than that, and who wants what is older says more words. */
enum err conv_search(struct db *db, struct str query, const struct str *inboxes, size_t inboxes_n,
    struct str cursor, size_t limit, struct arena *a, struct search_hit **out, size_t *n,
    struct str *next, struct fault *f) NODISCARD;

/* Waiting times of the last 50 hand-offs that people took, in the same hours'
 * class; n < 10: no range (ENGINE §9). */
struct wait_range {
	size_t n;		/* of hand-offs; fewer than 10: the range is 0, 0 */
	int64_t p50_s, p80_s;
};
enum err wait_range_read(struct db *db, struct str inbox, int hours_class, struct wait_range *out,
    struct fault *f) NODISCARD;
/* For imports (the demo's past hand-offs). */
enum err wait_record(struct db *db, struct str inbox, int hours_class, int64_t requested_us,
    int64_t waited_s, struct fault *f) NODISCARD;

/* Projects one stored event into the small tables. */
enum err conv_project(struct db *db, const struct event *e, struct fault *f) NODISCARD;
/* `baton rebuild`: empties the projections and folds every event again. */
enum err conv_rebuild(struct db *db, int64_t *events, struct fault *f) NODISCARD;
