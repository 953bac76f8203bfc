/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c - opening and closing the engine, and which policy runs. */
#include "engine/engine_private.h"

#include "base/log.h"
#include "engine/outside.h"
#include "engine/recall.h"
#include "engine/renew.h"

#include <stdlib.h>
#include <string.h>

enum { OLDER_MAX = sizeof(((struct engine *)0)->older) / sizeof(struct published *) };

int64_t
engine_now_us(struct engine *e)
{
	return clock_now_us(e->spec.clock);
}

uint64_t
engine_lane(struct id conv)
{
	uint64_t lane;

	memcpy(&lane, conv.b, sizeof(lane));
	return lane | 1;	/* 0 is "no lane" */
}

enum err
engine_open(const struct engine_spec *spec, struct engine **out, struct fault *f)
{
	struct engine *e = calloc(1, sizeof(*e));

	(void)f;
	CHECK(e != NULL);
	e->magic = ENGINE_MAGIC;
	e->spec = *spec;
	if (e->spec.perceive == NULL)
		e->spec.perceive = e->spec.turns;
	pthread_mutex_init(&e->lock, NULL);
	e->desk = desk_new();
	e->flights = flights_new();
	e->recall = recall_new();
	e->outside = outside_new();
	*out = e;
	return E_OK;
}

void
engine_close(struct engine **ep)
{
	struct engine *e = *ep;

	*ep = NULL;
	if (e == NULL)
		return;
	CHECK_OBJ(e, ENGINE_MAGIC);
	recall_free(&e->recall);
	outside_free(&e->outside);
	published_unref(&e->live);
	for (size_t i = 0; i < OLDER_MAX; i++)
		published_unref(&e->older[i]);
	desk_free(&e->desk);
	flights_free(&e->flights);
	pthread_mutex_destroy(&e->lock);
	e->magic = 0;
	free(e);
}

enum err
engine_reload(struct engine *e, struct fault *f)
{
	struct published *now = NULL, *was;
	struct db *db = db_borrow(e->spec.readers);
	enum err err = published_read(db, e->spec.embedder, STR_NONE, &now, f);

	db_return(e->spec.readers, &db);
	TRY(err);
	renew_model(e->spec.writer, e->spec.clock, now);
	pthread_mutex_lock(&e->lock);
	was = e->live;
	e->live = now;
	if (was != NULL) {
		published_unref(&e->older[OLDER_MAX - 1]);
		memmove(&e->older[1], &e->older[0], sizeof(e->older[0]) * (OLDER_MAX - 1));
		e->older[0] = was;
	}
	pthread_mutex_unlock(&e->lock);
	recall_clear(e->recall);
	log_info(LOG_POLICY_LIVE, K_STR("policy", str_sub(now->policy->hash, 0, 12)),
	    K_I64("intents", now->policy->intents_n), K_I64("articles", now->snap->articles_n));
	return E_OK;
}

/* What a crash left open: a turn whose process died starts again, a customer
 * nobody answered is answered. */
static enum err
engine_recover(struct arena *a, void *arg, struct fault *f)
{
	struct engine *e = arg;
	struct db *db = db_borrow(e->spec.readers);
	struct conv_row *v;
	size_t n;
	enum err err = conv_unfinished(db, a, &v, &n, f);

	db_return(e->spec.readers, &db);
	TRY(err);
	for (size_t i = 0; i < n; i++)
		turn_wake(e, &v[i]);
	return E_OK;
}

enum err
engine_start(struct engine *e, struct fault *f)
{
	struct arena *a;
	enum err err;

	CHECK_OBJ(e, ENGINE_MAGIC);
	TRY(engine_reload(e, f));
	a = arena_new((size_t)256 << 20);
	err = arena_run(a, engine_recover, e, f);
	arena_free(&a);
	return err;
}

struct published *
engine_published(struct engine *e)
{
	struct published *p;

	pthread_mutex_lock(&e->lock);
	CHECK(e->live != NULL);
	p = published_ref(e->live);
	pthread_mutex_unlock(&e->lock);
	return p;
}

struct policy_snapshot *
engine_policy(struct engine *e)
{
	struct policy_snapshot *s;

	pthread_mutex_lock(&e->lock);
	CHECK(e->live != NULL);
	s = policy_snapshot_ref(e->live->snap);
	pthread_mutex_unlock(&e->lock);
	return s;
}

static struct published *
published_in_memory(struct engine *e, struct str hash)
{
	struct published *found = NULL;

	pthread_mutex_lock(&e->lock);
	if (str_eq(e->live->policy->hash, hash))
		found = published_ref(e->live);
	for (size_t i = 0; i < OLDER_MAX && found == NULL; i++)
		if (e->older[i] != NULL && str_eq(e->older[i]->policy->hash, hash))
			found = published_ref(e->older[i]);
	pthread_mutex_unlock(&e->lock);
	return found;
}

enum err
engine_published_hash(struct engine *e, struct db *db, struct str hash, struct published **out,
    struct fault *f)
{
	*out = published_in_memory(e, hash);
	if (*out != NULL)
		return E_OK;
	TRY(published_read(db, e->spec.embedder, hash, out, f));
	renew_model(e->spec.writer, e->spec.clock, *out);
	pthread_mutex_lock(&e->lock);
	published_unref(&e->older[OLDER_MAX - 1]);
	memmove(&e->older[1], &e->older[0], sizeof(e->older[0]) * (OLDER_MAX - 1));
	e->older[0] = published_ref(*out);
	pthread_mutex_unlock(&e->lock);
	return E_OK;
}

void
engine_presence(struct engine *e, struct id agent, const struct str *inboxes, size_t n,
    int sockets_delta, int available)
{
	desk_presence(e->desk, agent, inboxes, n, sockets_delta, available);
}

int32_t
engine_agents_online(struct engine *e, struct str inbox)
{
	return desk_online(e->desk, inbox);
}
