/* SPDX-License-Identifier: Apache-2.0 */
/* understanding.c - keeps the studies of the live policy and of the draft up to date.
 *
 * One training job at a time, on a polite pool of one thread; it reads what is wanted
 * when it begins, so changes that come in between are one training more, not many.  A draft
 * is learned in a hurry first, for whoever waits, and then as it would be published.
 */
#include "api/understanding.h"

#include "engine/policy_load.h"
#include "store/db.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LOOK_TEXTS 1000	/* examples and past messages: 1 to 3 s; twice as many, four times as long */
#define KEY_MAX 96	/* policy's hash and draft's version */

struct understanding {
	pthread_mutex_t lock;
	struct api *api;
	struct study *live, *draft;
	bool training;
	char failed[KEY_MAX];	/* what could not be studied: not tried again */
	char why[512];
};

struct understanding *
understanding_new(struct api *api)
{
	struct understanding *u = calloc(1, sizeof(*u));

	CHECK(u != NULL);
	CHECK(pthread_mutex_init(&u->lock, NULL) == 0);
	u->api = api;
	return u;
}

void
understanding_free(struct understanding **up)
{
	struct understanding *u = *up;

	*up = NULL;
	if (u == NULL)
		return;
	study_unref(&u->live);
	study_unref(&u->draft);
	(void)pthread_mutex_destroy(&u->lock);
	free(u);
}

static void
key_of(char out[KEY_MAX], const struct published *pub, struct str version)
{
	struct str hash = str_sub(pub->policy->hash, 0, 64);

	version = str_sub(version, 0, KEY_MAX - 64 - 2);
	memset(out, 0, KEY_MAX);
	if (hash.n > 0)
		memcpy(out, hash.p, hash.n);
	if (version.n > 0)
		memcpy(out + 64, version.p, version.n);
}

static bool
is_current(const struct study *s, const struct published *pub, struct str version)
{
	/* The same policy may have been published again, with another model. */
	return s != NULL && s->base == pub && str_eq(s->version, version);
}

/* --- the job --------------------------------------------------------------- */

static void
release_published(void *arg)
{
	struct published *p = arg;

	published_unref(&p);
}

static enum err
read_draft(struct api *api, struct arena *a, struct draft_change **v, size_t *n, struct fault *f)
{
	struct db *db = db_borrow(api->readers);
	enum err e = draft_read(db, a, v, n, f);

	db_return(api->readers, &db);
	return e;
}

/* Puts a study, or nothing, in its place. */
static void
put(struct understanding *u, struct study **place, struct study *s)
{
	struct study *was;

	CHECK(pthread_mutex_lock(&u->lock) == 0);
	was = *place;
	*place = s;
	CHECK(pthread_mutex_unlock(&u->lock) == 0);
	study_unref(&was);
}

static enum err
read_past(struct api *api, struct arena *a, const struct policy *p, size_t max, struct past *out,
    struct fault *f)
{
	struct db *db = db_borrow(api->readers);
	enum err e = past_read(db, p, 0, max < api->past_max ? max : api->past_max, a, out, f);

	db_return(api->readers, &db);
	return e;
}

static size_t
examples_of(const struct policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->intents_n; i++)
		n += p->intents[i].examples_n;
	return n;
}

/* What publishing would learn from. A first look does what the live model did (which tried
 * whether it helps) as long as it stays quick, or the two could not be compared. */
static enum err
choose_past(struct api *api, struct arena *a, struct study_spec *spec, struct past *past, struct fault *f)
{
	const struct published *live = spec->base;
	struct str sum;
	size_t known = model_history(live->model, a, &sum), examples = examples_of(live->policy);

	if (spec->n == 0 || spec->embedder == NULL || (spec->hurry && known == 0))
		return E_OK;
	if (spec->hurry && known + examples > FIRST_LOOK_TEXTS) {
		spec->past_left = known;
		return E_OK;
	}
	return read_past(api, a, live->policy, spec->hurry ? FIRST_LOOK_TEXTS - examples : SIZE_MAX, past, f);
}

static enum err
renew(struct arena *a, struct understanding *u, struct study **place, struct study_spec *spec, struct fault *f)
{
	struct past *past = arena_new_of(a, struct past);
	struct study *s;

	spec->embedder = u->api->embedder;
	TRY(choose_past(u->api, a, spec, past, f));
	spec->past = past;
	/* only this job changes *place */
	spec->live = spec->n > 0 ? u->live : NULL;
	TRY(study_new(spec, &s, f));
	put(u, place, s);
	return E_OK;
}

static enum err
train(struct arena *a, void *arg, struct fault *f)
{
	struct understanding *u = arg;
	struct published *pub = engine_published(u->api->engine);
	struct draft_change *v;
	struct str version;
	size_t n;
	enum err e;

	arena_defer(a, release_published, pub);
	TRY(read_draft(u->api, a, &v, &n, f));
	version = draft_version(a, v, n);
	e = is_current(u->live, pub, STR_NONE) ? E_OK : renew(a, u, &u->live, &(struct study_spec){ .base = pub }, f);
	if (e == E_OK && n == 0)
		put(u, &u->draft, NULL);
	else if (e == E_OK && (!is_current(u->draft, pub, version) || u->draft->rough))
		e = renew(a, u, &u->draft, &(struct study_spec){ .base = pub, .v = v, .n = n,
		    .hurry = !is_current(u->draft, pub, version) }, f);
	CHECK(pthread_mutex_lock(&u->lock) == 0);
	key_of(u->failed, pub, version);
	if (e == E_OK)
		u->failed[0] = '\0';
	CHECK(pthread_mutex_unlock(&u->lock) == 0);
	return e;
}

static void
trained(struct arena *a, void *arg, enum err e, const struct fault *f)
{
	struct understanding *u = arg;

	(void)a;
	CHECK(pthread_mutex_lock(&u->lock) == 0);
	u->training = false;
	if (e != E_OK) {
		struct str why = str_sub(api_error_text(e, f), 0, sizeof(u->why) - 1);

		memcpy(u->why, why.p, why.n);
		u->why[why.n] = '\0';
	}
	CHECK(pthread_mutex_unlock(&u->lock) == 0);
}

/* --- what there is --------------------------------------------------------- */

static void
release_study(void *arg)
{
	struct study *s = arg;

	study_unref(&s);
}

static struct study *
borrow(struct study *s, const struct published *pub, struct str version)
{
	return is_current(s, pub, version) ? study_ref(s) : NULL;
}

static void
look(struct understanding *u, struct request *rq, struct understood *out)
{
	char key[KEY_MAX], why[sizeof(u->why)] = "";
	bool start = false;

	key_of(key, out->pub, out->version);
	CHECK(pthread_mutex_lock(&u->lock) == 0);
	out->live = borrow(u->live, out->pub, STR_NONE);
	if (out->change_n > 0)
		out->draft = borrow(u->draft, out->pub, out->version);
	if (out->live == NULL || (out->change_n > 0 && (out->draft == NULL || out->draft->rough))) {
		bool failed = memcmp(u->failed, key, KEY_MAX) == 0;

		start = !u->training && !failed;
		u->training |= start;
		if (failed && !u->training)
			memcpy(why, u->why, sizeof(why));
	}
	out->training = u->training;
	CHECK(pthread_mutex_unlock(&u->lock) == 0);
	out->fault = str_dup(rq->arena, str_from(why));
	if (out->live != NULL)
		arena_defer(rq->arena, release_study, out->live);
	if (out->draft != NULL)
		arena_defer(rq->arena, release_study, out->draft);
	if (start && job_submit(u->api->train, &(struct job){ .run = train, .done = trained, .arg = u }) != E_OK)
		trained(NULL, u, E_RETRY, NULL);
}

enum err
understanding_now(struct request *rq, struct understood *out, struct fault *f)
{
	struct policy *p = arena_new_of(rq->arena, struct policy);
	bool *applies;

	*out = (struct understood){ .pub = engine_published(rq->api->engine) };
	arena_defer(rq->arena, release_published, out->pub);
	TRY(draft_read(request_db(rq), rq->arena, &out->change, &out->change_n, f));
	out->version = draft_version(rq->arena, out->change, out->change_n);
	draft_policy(rq->arena, out->pub->policy, out->change, out->change_n, p, &applies);
	out->policy = p;
	out->applies = applies;
	look(rq->api->understanding, rq, out);
	return E_OK;
}
