/* SPDX-License-Identifier: Apache-2.0 */
/* world.c - the desk on one thread: the seams of the engine, held by a script. */
#include "insight/talk/world.h"

#include "engine/published.h"
#include "model/people.h"
#include "model/store_spec.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED 20261122
#define SETTLE_MAX 100000
#define JOIN_US (150 * US_PER_MS)

struct later_job {
	int64_t due_us;
	struct job_pool *pool;
	struct job job;
	struct later_job *next;
};

static struct world *
world_of_later(struct later *l)
{
	return (struct world *)(void *)((char *)l - offsetof(struct world, later));
}

static void
world_later(struct later *l, int64_t after_us, struct job_pool *p, const struct job *j)
{
	struct world *w = world_of_later(l);
	struct later_job *n = calloc(1, sizeof(*n)), **at = &w->waiting;

	CHECK(n != NULL);
	n->due_us = clock_now_us(&w->clock.clock) + after_us;
	n->pool = p;
	n->job = *j;
	while (*at != NULL && (*at)->due_us <= n->due_us)
		at = &(*at)->next;
	n->next = *at;
	*at = n;
}

void
world_settle(struct world *w)
{
	for (int i = 0; i < SETTLE_MAX; i++)
		if (writer_step(w->writer) + job_sim_run(w->pool) == 0)
			return;
	NEVER("the desk never comes to rest");
}

void
world_advance(struct world *w, int64_t by_us)
{
	int64_t end = clock_now_us(&w->clock.clock) + by_us;

	world_settle(w);
	while (w->waiting != NULL && w->waiting->due_us <= end) {
		struct later_job *n = w->waiting;
		int64_t now = clock_now_us(&w->clock.clock);

		w->waiting = n->next;
		if (n->due_us > now)
			clock_fake_advance(&w->clock, n->due_us - now);
		CHECK(job_submit(n->pool, &n->job) == E_OK);
		free(n);
		world_settle(w);
	}
	clock_fake_advance(&w->clock, end - clock_now_us(&w->clock.clock));
}

static bool
world_connector(void *ctx, struct str connector, struct outcome *o)
{
	struct world *w = ctx;

	for (size_t i = 0; i < w->connectors; i++) {
		if (!str_eq(w->connector[i], connector) || w->fault[i] == WORLD_WORKS)
			continue;
		*o = w->fault[i] == WORLD_FAILS ?
		    (struct outcome){ .kind = OUTCOME_ERROR, .error = STR("the system is down") } :
		    (struct outcome){ .kind = OUTCOME_TIMEOUT, .error = STR("the system did not answer in time") };
		return true;
	}
	return false;
}

/* The writer is stepped by hand, so writer_call cannot wait for it. */
struct world_call {
	enum err (*apply)(struct db *, void *, struct fault *);
	void *arg;
	enum err err;
	struct fault fault;
};

static void
call_done(void *arg, enum err e, const struct fault *f)
{
	struct world_call *c = arg;

	c->err = e;
	if (e != E_OK && f != NULL)
		c->fault = *f;
}

static enum err
call_apply(struct db *db, void *arg, struct fault *f)
{
	struct world_call *c = arg;

	return c->apply(db, c->arg, f);
}

static enum err
world_write(struct world *w, enum err (*apply)(struct db *, void *, struct fault *), void *arg,
    struct fault *f)
{
	struct world_call c = { .apply = apply, .arg = arg, .err = E_INTERNAL };

	TRY(writer_submit(w->writer, &(struct write_item){ call_apply, call_done, &c, NULL }));
	world_settle(w);
	return c.err == E_OK ? E_OK : fault(f, c.err, "%s", c.fault.text);
}

static enum err
world_store(struct world *w, const struct policy_source *v, size_t n, struct fault *f)
{
	struct complaints *c = arena_zalloc(w->arena, sizeof(*c));
	struct publish_result result;
	char path[96];
	struct writer_spec spec = { 0 };

	snprintf(path, sizeof(path), "%s/baton.db", w->dir);
	spec.db = model_db_spec(str_z(w->arena, str_from(path)), true, false);
	TRY(writer_open(&spec, &w->writer, f));
	complaints_init(c, w->arena);
	TRY(publish_sources(&(struct publish_spec){ .writer = w->writer, .embedder = w->embedder, .v = v, .n = n,
	    .by = STR("talk"), .now_us = clock_now_us(&w->clock.clock) }, c, w->arena, &result, f));
	spec.db = model_db_spec(spec.db.path, false, false);
	return db_readers_open(&spec.db, 4, &w->readers, f);
}

enum err
world_open(const char *workspace, struct embedder *embedder, const struct policy_source *v, size_t n,
    int64_t at_us, struct world **out, struct fault *f)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *tmp = getenv("TMPDIR");
	struct engine_spec spec;

	CHECK(w != NULL);
	role_simulate(true);
	w->embedder = embedder;
	w->arena = arena_new((size_t)256 << 20);
	clock_fake_init(&w->clock, at_us);
	w->rand = rand_seeded(SEED);
	w->later.after = world_later;
	w->pool = job_pool_sim();
	*out = w;
	snprintf(w->dir, sizeof(w->dir), "%.40s/baton-talk-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(w->dir) == NULL) {
		w->dir[0] = '\0';
		return fault(f, E_CONFIG, "cannot make a temporary folder in %s", tmp != NULL ? tmp : "/tmp");
	}
	TRY(world_store(w, v, n, f));
	spec = (struct engine_spec){ .writer = w->writer, .readers = w->readers, .turns = w->pool,
		.perceive = w->pool, .embedder = w->embedder, .later = &w->later, .clock = &w->clock.clock,
		.rand = w->rand, .workspace = workspace, .join_us = JOIN_US, .connector_fault = world_connector,
		.connector_fault_ctx = w };
	TRY(engine_open(&spec, &w->engine, f));
	return engine_start(w->engine, f);
}

static void
world_remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

void
world_close(struct world **wp)
{
	struct world *w = *wp;

	*wp = NULL;
	if (w == NULL)
		return;
	while (w->waiting != NULL) {
		struct later_job *n = w->waiting;

		w->waiting = n->next;
		CHECK(job_submit(n->pool, &n->job) == E_OK);
		free(n);
	}
	if (w->engine != NULL)
		world_settle(w);
	engine_close(&w->engine);
	job_pool_free(&w->pool);
	if (w->readers != NULL)
		db_readers_close(&w->readers);
	if (w->writer != NULL)
		writer_close(&w->writer);
	rand_free(&w->rand);
	if (w->dir[0] != '\0')
		world_remove_dir(w->dir);
	arena_free(&w->arena);
	free(w);
}

/* ---- people ---- */

struct new_customer {
	struct visitor v;
	uint8_t token[32];
	int64_t now_us;
};

static enum err
apply_customer(struct db *db, void *arg, struct fault *f)
{
	struct new_customer *n = arg;

	role_assert_writer();
	return visitor_create(db, &n->v, n->token, STR_NONE, n->now_us, f);
}

enum err
world_customer(struct world *w, struct str name, struct world_person **out, struct fault *f)
{
	struct new_customer n = { 0 };
	struct world_person *p;

	for (size_t i = 0; i < w->customers; i++)
		if (str_eq(w->customer[i].name, name)) {
			*out = &w->customer[i];
			return E_OK;
		}
	if (w->customers == WORLD_PEOPLE_MAX)
		return fault(f, E_TOOBIG, "more than %d customers in one script", WORLD_PEOPLE_MAX);
	p = *out = &w->customer[w->customers++];
	*p = (struct world_person){ .name = name, .id = id_new(w->rand), .visitor = id_new(w->rand) };
	n.v = (struct visitor){ .id = p->visitor, .contact = p->id, .inbox = w->inbox,
		.address = str_fmt(w->arena, "script:%S", name) };
	rand_bytes(w->rand, n.token, sizeof(n.token));
	n.now_us = clock_now_us(&w->clock.clock);
	return world_write(w, apply_customer, &n, f);
}

struct new_agent {
	struct user u;
	int64_t now_us;
};

static enum err
apply_agent(struct db *db, void *arg, struct fault *f)
{
	struct new_agent *n = arg;

	role_assert_writer();
	return user_create(db, &n->u, n->now_us, f);
}

static struct str
capitalised(struct arena *a, struct str name)
{
	char *z = str_z(a, name);

	if (z[0] >= 'a' && z[0] <= 'z')
		z[0] = (char)(z[0] - 'a' + 'A');
	return str_from(z);
}

enum err
world_agent(struct world *w, struct str name, struct world_person **out, struct fault *f)
{
	struct new_agent n = { 0 };
	struct world_person *p;

	for (size_t i = 0; i < w->agents; i++)
		if (str_eq(w->agent[i].name, name)) {
			*out = &w->agent[i];
			return E_OK;
		}
	if (w->agents == WORLD_PEOPLE_MAX)
		return fault(f, E_TOOBIG, "more than %d agents in one script", WORLD_PEOPLE_MAX);
	p = *out = &w->agent[w->agents++];
	*p = (struct world_person){ .name = name, .id = id_new(w->rand) };
	n.u = (struct user){ .id = p->id, .email = str_fmt(w->arena, "%S@desk.example", name),
		.name = capitalised(w->arena, name), .password = STR("none"), .inboxes = &w->inbox,
		.inboxes_n = 1, .available = true };
	n.now_us = clock_now_us(&w->clock.clock);
	return world_write(w, apply_agent, &n, f);
}

void
world_set_online(struct world *w, struct world_person *p, bool online)
{
	if (p->online == online)
		return;
	p->online = online;
	engine_presence(w->engine, p->id, &w->inbox, 1, online ? 1 : -1, 1);
}

struct new_tier {
	struct id contact;
	struct str tier;
	int64_t now_us;
};

static enum err
apply_tier(struct db *db, void *arg, struct fault *f)
{
	struct new_tier *n = arg;

	role_assert_writer();
	return contact_set_tier(db, n->contact, n->tier, n->now_us, f);
}

enum err
world_set_tier(struct world *w, struct world_person *p, struct str tier, struct fault *f)
{
	return world_write(w, apply_tier,
	    &(struct new_tier){ p->id, tier, clock_now_us(&w->clock.clock) }, f);
}

/* ---- what they do ---- */

struct answer {
	enum err err;
	struct fault fault;
	struct id conv;
};

static void
answered(void *arg, enum err e, const struct batch *b, const struct fault *f)
{
	struct answer *a = arg;

	a->err = e;
	if (e == E_OK)
		a->conv = b->conv;
	else if (f != NULL)
		a->fault = *f;
}

enum err
world_customer_does(struct world *w, struct world_person *p, enum from_customer kind, struct str text,
    struct fault *f)
{
	struct answer a = { .err = E_INTERNAL };
	struct engine_reply reply = { answered, &a };
	struct customer_input in = { .kind = kind, .contact = p->id, .visitor = p->visitor,
		.inbox = w->inbox, .cmid = id_new(w->rand), .text = text };

	TRY(engine_customer(w->engine, &in, &reply, f));
	/* The answer comes when the customer has finished writing. */
	world_advance(w, JOIN_US + US_PER_MS);
	if (a.err != E_OK)
		return fault(f, a.err, "%s", a.fault.text);
	p->conv = a.conv;
	p->has_conv = true;
	return E_OK;
}

enum err
world_agent_does(struct world *w, struct world_person *p, struct id conv, enum from_agent kind,
    struct str text, struct fault *f)
{
	struct answer a = { .err = E_INTERNAL };
	struct engine_reply reply = { answered, &a };
	struct agent_input in = { .kind = kind, .agent = p->id, .name = capitalised(w->arena, p->name),
		.conv = conv, .cmid = id_new(w->rand), .text = text, .basis = -1 };

	TRY(engine_agent(w->engine, &in, &reply, f));
	world_advance(w, JOIN_US + US_PER_MS);
	return a.err == E_OK ? E_OK : fault(f, a.err, "%s", a.fault.text);
}
