/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h - the desk's door: what surfaces (api, talk, sim) may ask of it.
 *
 * Everything that changes a conversation goes through here and becomes one
 * batch for the writer; `done` is called on the writer thread after the durable
 * commit (or the refusal): it must only queue.  Turns run by themselves on the
 * pools; nothing here blocks.  Thread-safe.
 *
 * `publish` is called on the writer thread for every committed batch, in
 * commit order: the one source of what subscribers see.
 */
#pragma once

#include "base/clock.h"
#include "base/job.h"
#include "facts/outcome.h"
#include "model/conv.h"
#include "store/writer.h"

struct embedder;
struct engine;
struct extdb;
struct policy_snapshot;		/* engine/policy_load.h */
struct published;		/* engine/published.h */

/* The seam for "call me later": the loop's timers, or the fake clock's. */
struct later {
	/* Runs job j on pool p once, after_us from now (0: at once). Thread-safe. */
	void (*after)(struct later *l, int64_t after_us, struct job_pool *p, const struct job *j);
};

struct engine_spec {
	struct writer *writer;
	struct db_readers *readers;
	struct job_pool *turns;		/* normal priority */
	struct job_pool *perceive;	/* nice 5; may be the same */
	struct embedder *embedder;	/* of sentences; NULL: intents by words alone. Outlives the engine */
	struct extdb *ext;		/* NULL: connectors run at once, on the caller (talk) */
	struct later *later;
	struct clock *clock;
	struct rand *rand;
	const char *workspace;		/* where connectors' files are relative to */
	int64_t join_us;		/* turn.join_ms */
	void (*publish)(void *ctx, const struct batch *committed);
	void *publish_ctx;
	/* talk and sim only, else NULL: true answers a call in the connector's place. */
	bool (*connector_fault)(void *ctx, struct str connector, struct outcome *o);
	void *connector_fault_ctx;
};

enum err engine_open(const struct engine_spec *spec, struct engine **out, struct fault *f) NODISCARD;
/* Takes the live policy from the store (E_NOTFOUND: publish first) and resumes
 * what a crash left: requested reads again, unanswered customers, open turns. */
enum err engine_start(struct engine *e, struct fault *f) NODISCARD;
void engine_close(struct engine **e);	/* the pools must be drained */

/* The policy that runs; the caller gets a reference (policy_snapshot_unref). */
struct policy_snapshot *engine_policy(struct engine *e);
/* The same with its model and articles (published_unref). */
struct published *engine_published(struct engine *e);
/* After a publish: takes the store's live policy.  Running workflows stay
 * pinned to the hash they began with. */
enum err engine_reload(struct engine *e, struct fault *f) NODISCARD;

struct engine_reply {
	void (*done)(void *arg, enum err, const struct batch *b, const struct fault *f);
	void *arg;
};

/* From the customer. */
enum from_customer { CUSTOMER_MESSAGE, CUSTOMER_ASKS_PERSON, CUSTOMER_WAY_BACK };
struct customer_input {
	enum from_customer kind;
	struct id contact, visitor;	/* whose; the principal of the cmid */
	struct str inbox;
	struct id cmid;
	struct str text;		/* message or e-mail; validated by the caller */
};
enum err engine_customer(struct engine *e, const struct customer_input *in,
    const struct engine_reply *reply, struct fault *f) NODISCARD;
/* The customer types: the turn waits on, at most 3 s after the first message. */
void engine_customer_typing(struct engine *e, struct id conv, bool on);

/* From an agent; the caller has checked membership of the inbox. */
enum from_agent { AGENT_CLAIM, AGENT_RELEASE, AGENT_RESOLVE, AGENT_MESSAGE, AGENT_NOTE };
struct agent_input {
	enum from_agent kind;
	struct id agent;
	struct str name;		/* shown to the customer on CLAIM */
	struct id conv;
	struct id cmid;
	struct str text;
	int32_t basis;			/* MESSAGE: last customer seq seen; -1 = send anyway */
};
enum err engine_agent(struct engine *e, const struct agent_input *in,
    const struct engine_reply *reply, struct fault *f) NODISCARD;

/* Who is at the desk: available and connected. */
void engine_presence(struct engine *e, struct id agent, const struct str *inboxes, size_t n,
    int sockets_delta, int available /* -1: unchanged, 0, 1 */);
int32_t engine_agents_online(struct engine *e, struct str inbox);

/* What a waiting customer is told (docs/PROTOCOL.md, Wait). */
struct wait {
	int32_t place;		/* 0 = not waiting */
	int64_t low_s, high_s;	/* 0 = no range */
	int32_t agents_online;
	bool open;
	int64_t next_us, until_us;	/* 0 = unknown */
	struct str team;
};
/* c may be NULL: for one who would ask now. */
enum err engine_wait(struct engine *e, struct db *db, struct str inbox, const struct conv_row *c,
    struct arena *a, struct wait *out, struct fault *f) NODISCARD;
