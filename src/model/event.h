/* SPDX-License-Identifier: Apache-2.0 */
/* event.h - the record: append-only, gapless, hash-chained (ENGINE §1).
 *
 * A batch is preconditions and events of one conversation.  batch_apply() runs
 * in the writer: checks, takes seqs, stores header and body apart, chains the
 * hash, projects.  Nothing else writes events.
 */
#pragma once

#include "base/rand.h"
#include "base/role.h"
#include "facts/situation.h"

struct db;

enum event_kind {
#define EVENT(id, name, v, audience, help) EV_##id,
#include "model/event.def"
#undef EVENT
	EV_N
};
enum audience { AUDIENCE_PUBLIC, AUDIENCE_AGENTS, AUDIENCE_INTERNAL };
enum actor_type { ACTOR_SYSTEM, ACTOR_CUSTOMER, ACTOR_AI, ACTOR_AGENT };

struct actor {
	enum actor_type type;
	struct id id;		/* contact or user; zero for system and AI */
};

struct event {
	int64_t gid, conv;	/* internal: never leave the process */
	struct id conv_id;
	int32_t seq;
	int64_t at_us;
	struct actor actor;
	enum audience audience;
	enum event_kind kind;
	int v;
	int64_t turn;		/* 0 = none */
	struct str policy_hash;	/* hex; empty = none */
	struct id cmid;
	bool has_cmid;
	struct str body;	/* canonical JSON; empty and `erased` when inputs were erased */
	bool erased;
	uint8_t hash[32];
};

struct event_new {
	enum event_kind kind;
	struct actor actor;
	int64_t turn;
	struct str policy_hash;
	struct str body;	/* canonical JSON text, at most 60 KB */
};

const char *event_kind_name(enum event_kind k);
enum audience event_audience(enum event_kind k);
bool event_kind_parse(struct str name, enum event_kind *out);
const char *audience_name(enum audience a);
const char *actor_type_name(enum actor_type t);

/* What must hold in the writer, or nothing is stored and E_CONFLICT says what. */
enum batch_pre {
	PRE_HOLDER_AI = 1,		/* holder is the AI */
	PRE_BASIS = 2,			/* the customer's last seq is `basis` */
	PRE_HELD_BY_ACTOR = 4,		/* holder is the agent `agent` */
	PRE_CLAIMABLE = 8,		/* not held by another agent, not resolved */
	PRE_TURN_CURRENT = 16,		/* `turn` is the last started turn and has not ended */
	PRE_NOT_RESOLVED = 32,
	PRE_TIMER_GEN = 64,		/* the timer `timer_kind` is set, and its gen is `timer_gen` */
};

#define REOPEN_DAYS 7
#define EVENT_BODY_MAX ((size_t)60 << 10)
#define BATCH_EVENTS_MAX 64

struct batch {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;	/* owns everything below; freed by batch_free */
	/* where: an existing conversation, or the contact's */
	struct id conv;		/* batch_apply sets it when `open` */
	/* The conversation of `contact` in `inbox` that is not resolved; else the
	 * newest, when it was resolved less than REOPEN_DAYS ago; else a new one:
	 * conversation.opened comes first, made here unless the batch has it, in
	 * the contact's language. */
	bool open;
	struct id contact;
	struct str inbox;
	/* preconditions */
	unsigned pre;
	int32_t basis;
	struct id agent;
	int64_t turn;
	struct str timer_kind;
	int64_t timer_gen;
	/* dedupe: unique for the principal */
	bool has_cmid;
	struct id cmid, principal;
	uint8_t request_hash[32];	/* SHA-256 of the canonical request */
	/* what */
	int64_t at_us;
	struct event_new *events;
	size_t events_n;
	/* results, filled by batch_apply */
	bool replayed;		/* nothing new: the first result is in seq, at_us, conv */
	bool opened;
	int32_t seq;		/* of the first event of the sender (not conversation.opened) */
	struct event *stored;	/* all events stored, in order */
	size_t stored_n;
	struct conv_row *after;	/* the conversation after this batch */
	/* the submitter's own */
	void *ctx;
};

/* batch->arena lives until batch_free. Not thread-safe: one owner at a time. */
struct batch *batch_new(struct id conv);
void batch_free(struct batch **b);
/* One more owner, once it is committed and nobody changes it: any thread. */
struct batch *batch_keep(struct batch *b);
void batch_add(struct batch *b, enum event_kind k, struct actor by, int64_t turn,
    struct str policy_hash, struct str body);	/* copies the texts */
/* E_CONFLICT: a precondition, a transition that the table does not know, or a
 * cmid with another body; E_NOTFOUND: no such conversation. */
enum err batch_apply(struct db *db, struct batch *b, struct fault *f) NODISCARD ON_WRITER;
/* Names in b->after once more: the same transaction may have changed contact or agent. */
enum err batch_reread_names(struct db *db, struct batch *b, struct fault *f) NODISCARD ON_WRITER;

/* A customer's message (or person.asked) on a resolved conversation is preceded
 * by conversation.reopened, which batch_apply adds. */

/* The body of an old version as the current one: what every reader calls.
 * Pure; the body itself when v is current. E_INVALID: no such version. */
enum err event_upcast(enum event_kind kind, int v, struct str body, struct arena *a, struct str *out,
    struct fault *f) NODISCARD;
int event_version(enum event_kind k);	/* the current one */
const char *event_help(enum event_kind k);
/* Salts and new ids; the real one unless a simulation says otherwise, before
 * the writer starts. */
void event_use_rand(struct rand *r);

/* Reading. `most` hides what the reader may not see: AUDIENCE_PUBLIC gives
 * public events only, AGENTS both, INTERNAL all. */
enum err event_list(struct db *db, int64_t conv, int32_t after, enum audience most, size_t limit,
    struct arena *a, struct event **out, size_t *n, struct fault *f) NODISCARD;
/* The last seq, and the resume token of a position (docs/PROTOCOL.md §5). */
enum err event_resume_token(struct db *db, int64_t conv, int32_t seq, struct arena *a,
    struct str *out, struct fault *f) NODISCARD;
/* E_NOTFOUND: unknown or of another history: the reader needs a gap. */
enum err event_resume_seq(struct db *db, int64_t conv, struct str token, int32_t *seq,
    struct fault *f) NODISCARD;
/* The same token without asking the store: what a live frame carries. */
#define EVENT_RESUME_BYTES 32
void event_resume_of(const struct event *e, char out[EVENT_RESUME_BYTES]);
/* The conversation's newest event of a kind. E_NOTFOUND: it has none. */
enum err event_last_of(struct db *db, int64_t conv, enum event_kind kind, struct arena *a,
    struct event *out, struct fault *f) NODISCARD;
/* The last position of the whole record; 0 = empty. */
enum err event_last_gid(struct db *db, int64_t *gid, struct fault *f) NODISCARD;
/* Recomputes the chain; E_INVALID names the first bad seq. */
enum err event_chain_verify(struct db *db, int64_t conv, struct arena *a, struct fault *f) NODISCARD;
