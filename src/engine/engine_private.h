/* SPDX-License-Identifier: Apache-2.0 */
/* engine_private.h - what the files of the engine share.
 *
 * engine.c opens and closes, published.c loads policies, customer.c and
 * agent.c accept, turn.c is the life of a message, effect.c calls outside,
 * card.c writes the hand-off card, wait.c counts, desk.c knows who is there.
 */
#pragma once

#include "base/json.h"
#include "engine/engine.h"
#include "engine/record_fold.h"
#include "engine/published.h"
#include "facts/decision.h"
#include "model/people.h"
#include "store/db.h"

#include <pthread.h>

#define ENGINE_MAGIC 0x62744e47u

/* Past this many crashes a turn is not resumed (ENGINE §3). */
#define TURN_ATTEMPTS_MAX 2
#define TURN_WAIT_MAX_US (3 * US_PER_S)	/* however long the customer types */
#define TYPING_LASTS_US (4 * US_PER_S)
#define IDENTITY_TRIES_CONV 3
#define IDENTITY_TRIES_ADDRESS 10
#define IDENTITY_WINDOW_US (3600 * US_PER_S)

struct desk;
struct flights;
struct outside;
struct recall;

struct engine {
	unsigned magic;
	struct engine_spec spec;
	pthread_mutex_t lock;		/* guards `live` and `older` */
	struct published *live;
	struct published *older[8];	/* pinned by running workflows; newest first */
	struct desk *desk;
	struct flights *flights;
	struct recall *recall;
	struct outside *outside;
	struct job_pool *own_pool;	/* NULL: spec.perceive is used */
};

/* engine.c */
int64_t engine_now_us(struct engine *e);
uint64_t engine_lane(struct id conv);
/* The version with this hash, from memory or the store; a reference. */
enum err engine_published_hash(struct engine *e, struct db *db, struct str hash,
    struct published **out, struct fault *f) NODISCARD;

/* commit.c: a batch and what comes after it.  `extra` runs in the batch's
 * savepoint; `then` after the commit, on the writer thread, and must only
 * queue.  The batch is freed after it. */
struct commit {
	struct engine *e;
	struct batch *b;
	enum err (*extra)(struct db *db, const struct batch *b, void *arg, struct fault *f);
	void (*then)(struct engine *e, const struct batch *b, enum err, const struct fault *f, void *arg);
	void *arg;
};
enum err commit_submit(const struct commit *c, struct fault *f) NODISCARD;

/* turn.c */
void turn_wake(struct engine *e, const struct conv_row *row);
void turn_resume(struct engine *e, struct id conv);	/* go on with the open turn, from the record */
void turn_to_people(struct engine *e, struct id conv, const char *code, const char *text);

/* effect.c: requested is committed; make the call, commit its outcome, go on. */
void effect_call(struct engine *e, struct id conv, int64_t turn, struct str policy_hash,
    const struct pending_effect *p);
/* What has to be known before a look-up that proves identity (ENGINE §9). */
enum err effect_identity_allowed(struct engine *e, struct db *db, const struct conv_row *c,
    const struct situation *s, struct arena *a, bool *allowed, struct fault *f) NODISCARD;

/* desk.c: who is at the desk. */
struct desk *desk_new(void);
void desk_free(struct desk **d);
void desk_presence(struct desk *d, struct id agent, const struct str *inboxes, size_t n,
    int sockets_delta, int available);
int32_t desk_online(struct desk *d, struct str inbox);

/* flights.c: turns under way and customers typing, in memory only. */
struct flights *flights_new(void);
void flights_free(struct flights **f);
/* When the first unanswered message came: now, unless one is waiting already. */
int64_t flight_first(struct flights *f, struct id conv, int64_t now_us);
/* False: a turn with this basis, or a later one, is already under way. */
bool flight_begin(struct flights *f, struct id conv, int32_t basis);
void flight_end(struct flights *f, struct id conv, int32_t basis);
void flight_typing(struct flights *f, struct id conv, int64_t until_us);
int64_t flight_typing_until(struct flights *f, struct id conv);

/* wait.c */
int hours_class(const struct zone *z, const struct hours *h, int64_t at_us);
