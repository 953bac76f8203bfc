/* SPDX-License-Identifier: Apache-2.0 */
/* world.h - a whole desk on one thread, for scripts: store, engine, clock, people. */
#pragma once

#include "engine/engine.h"
#include "engine/policy_load.h"
#include "model/conv.h"
#include "text/zone.h"

#define WORLD_PEOPLE_MAX 32

struct world_person {
	struct str name;
	struct id id, visitor, conv;	/* agents: id only */
	bool has_conv, online;
};
enum world_fault { WORLD_WORKS, WORLD_FAILS, WORLD_HANGS };

struct world {
	struct arena *arena;
	char dir[64];			/* temporary folder */
	struct clock_fake clock;
	struct rand *rand;
	struct writer *writer;
	struct db_readers *readers;
	struct job_pool *pool;
	struct engine *engine;
	struct embedder *embedder;	/* borrowed; NULL: words alone */
	struct later later;
	struct later_job *waiting;	/* by due time */
	struct world_person customer[WORLD_PEOPLE_MAX], agent[WORLD_PEOPLE_MAX];
	size_t customers, agents;
	struct str connector[WORLD_PEOPLE_MAX];
	enum world_fault fault[WORLD_PEOPLE_MAX];
	size_t connectors;
	struct str inbox;
};

enum err world_open(const char *workspace, struct embedder *embedder, const struct policy_source *v, size_t n,
    int64_t at_us, struct world **out, struct fault *f) NODISCARD;
void world_close(struct world **w);
/* Runs everything that can run now. */
void world_settle(struct world *w);
/* The clock moves; what falls due on the way runs at its time. */
void world_advance(struct world *w, int64_t by_us);

enum err world_customer(struct world *w, struct str name, struct world_person **out, struct fault *f) NODISCARD;
enum err world_agent(struct world *w, struct str name, struct world_person **out, struct fault *f) NODISCARD;
/* Settles; the error is the engine's answer. */
enum err world_customer_does(struct world *w, struct world_person *p, enum from_customer kind,
    struct str text, struct fault *f) NODISCARD;
enum err world_agent_does(struct world *w, struct world_person *p, struct id conv, enum from_agent kind,
    struct str text, struct fault *f) NODISCARD;
enum err world_set_tier(struct world *w, struct world_person *p, struct str tier, struct fault *f) NODISCARD;
void world_set_online(struct world *w, struct world_person *p, bool online);
