/* SPDX-License-Identifier: Apache-2.0 */
/* model_test.h - a store file in a temporary folder, for the tests of src/model.
 *
 * No threads: writer_step() runs on the caller's.
 */
#pragma once

#include "base/clock.h"
#include "base/failpoint.h"
#include "model/conv.h"
#include "model/effect.h"
#include "model/library.h"
#include "model/passages.h"
#include "model/people.h"
#include "model/sql.h"
#include "model/store_spec.h"
#include "model/timer.h"
#include "store/writer.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

#define T0 INT64_C(1790000000000000)
#define INBOX STR("halden")

struct world {
	char dir[64], path[96];
	struct writer *w;
	struct db_readers *r;
	struct arena *a;
	struct id contact, agent, other;
	int64_t now;
};

static inline void
world_open(struct world *x, bool thread)
{
	struct db_spec spec;
	struct fault f;

	spec = model_db_spec(x->path, true, false);
	if (writer_open(&(struct writer_spec){ .db = spec, .thread = thread }, &x->w, &f) != E_OK)
		fail_msg("%s", f.text);
	if (db_readers_open(&spec, 2, &x->r, &f) != E_OK)
		fail_msg("%s", f.text);
}

static inline void
world_close(struct world *x)
{
	db_readers_close(&x->r);
	writer_close(&x->w);
}

static inline enum err
add_people(struct db *db, void *arg, struct fault *f)
{
	struct world *x = arg;
	struct str inbox = INBOX;
	uint8_t token[32];

	rand_bytes(rand_real(), token, sizeof(token));
	TRY(visitor_create(db, &(struct visitor){ .id = id_new(rand_real()), .contact = x->contact, .inbox = inbox,
	    .address = STR("192.0.2.7") }, token, STR("en"), x->now, f));
	TRY(user_create(db, &(struct user){ .id = x->agent, .email = STR("Dana@example.org"),
	    .name = STR("Dana Keller"), .password = STR("x"), .inboxes = &inbox, .inboxes_n = 1 }, x->now, f));
	return user_create(db, &(struct user){ .id = x->other, .email = STR("bo@example.org"),
	    .name = STR("Bo Lind"), .password = STR("x"), .inboxes = &inbox, .inboxes_n = 1 }, x->now, f);
}

static inline struct world *
world_new(bool thread)
{
	struct world *x = calloc(1, sizeof(*x));
	struct fault f;

	role_simulate(!thread);
	(void)failpoint_arm("");
	snprintf(x->dir, sizeof(x->dir), "/tmp/baton-test-XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	snprintf(x->path, sizeof(x->path), "%s/store.db", x->dir);
	x->a = arena_new((size_t)256 << 20);
	x->contact = id_new(rand_real());
	x->agent = id_new(rand_real());
	x->other = id_new(rand_real());
	x->now = T0;
	world_open(x, thread);
	assert_int_equal(writer_call(x->w, add_people, x, &f), E_OK);
	return x;
}

static inline void
world_free(struct world *x)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[128];

	world_close(x);
	arena_free(&x->a);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", x->path, ends[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(x->dir), 0);
	free(x);
}

static inline enum err
apply_batch(struct db *db, void *arg, struct fault *f)
{
	return batch_apply(db, arg, f);
}

static inline enum err
submit(struct world *x, struct batch *b, struct fault *f)
{
	b->at_us = x->now;
	x->now += US_PER_S;
	return writer_call(x->w, apply_batch, b, f);
}

static inline struct batch *
batch_of(struct id conv, enum event_kind k, struct actor by, const char *body)
{
	struct batch *b = batch_new(conv);

	batch_add(b, k, by, 0, STR_NONE, str_from(body));
	return b;
}

#define CUSTOMER(x) ((struct actor){ ACTOR_CUSTOMER, (x)->contact })
#define AI ((struct actor){ ACTOR_AI, { { 0 } } })
#define AGENT(x) ((struct actor){ ACTOR_AGENT, (x)->agent })
#define OTHER(x) ((struct actor){ ACTOR_AGENT, (x)->other })

/* A message of the contact: opens the conversation when there is none. */
static inline struct id
say(struct world *x, struct id contact, const char *body)
{
	struct batch *b = batch_of((struct id){ { 0 } }, EV_MSG_CUSTOMER,
	    (struct actor){ ACTOR_CUSTOMER, contact }, body);
	struct fault f = { 0 };
	struct id id;

	b->open = true;
	b->contact = contact;
	b->inbox = INBOX;
	if (submit(x, b, &f) != E_OK)
		fail_msg("%s", f.text);
	id = b->conv;
	batch_free(&b);
	return id;
}

/* One event; what came of it. */
static inline enum err
post(struct world *x, struct id conv, enum event_kind k, struct actor by, int64_t turn, const char *body)
{
	struct batch *b = batch_new(conv);
	struct fault f = { 0 };
	enum err e;

	batch_add(b, k, by, turn, STR_NONE, str_from(body));
	e = submit(x, b, &f);
	batch_free(&b);
	return e;
}

static inline struct conv_row
row_of(struct world *x, struct id conv)
{
	struct db *db = db_borrow(x->r);
	struct conv_row row;
	struct fault f = { 0 };

	if (conv_get(db, conv, x->a, &row, &f) != E_OK)
		fail_msg("%s", f.text);
	db_return(x->r, &db);
	return row;
}
