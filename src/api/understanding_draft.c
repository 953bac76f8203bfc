/* SPDX-License-Identifier: Apache-2.0 */
/* understanding_draft.c - administrators change the draft, throw it away, or publish it. */
#include "api/understanding.h"

#include "base/log.h"
#include "engine/policy_load.h"
#include "store/db.h"

struct change_job {
	struct arena *arena;	/* owns everything */
	struct api *api;
	struct reply_to to;
	struct draft_change change;
	int64_t id;		/* to undo; 0: none */
	bool clear;
	struct str by;
	int64_t now_us;
};

static struct change_job *
change_new(struct request *rq)
{
	struct arena *a = arena_new((size_t)16 << 20);
	struct change_job *c = arena_new_of(a, struct change_job);

	*c = (struct change_job){ .arena = a, .api = rq->api, .to = rq->to,
		.by = str_dup(a, rq->who.name), .now_us = clock_now_us(rq->api->clock) };
	return c;
}

/* Checked in the transaction: two administrators may have had the same thought. */
static enum err
check_again(struct change_job *c, struct db *db, struct fault *f)
{
	struct published *pub = engine_published(c->api->engine);
	struct draft_change *v;
	struct policy p;
	bool *applies;
	size_t n;
	enum err e = draft_read(db, c->arena, &v, &n, f);

	if (e == E_OK) {
		draft_policy(c->arena, pub->policy, v, n, &p, &applies);
		if (c->change.kind == DRAFT_INTENT)
			c->change.intent = draft_intent_id(c->arena, &p, c->change.to);
		e = draft_check(c->arena, &p, &c->change, f);
		if (e == E_OK && c->change.kind == DRAFT_DELETE)	/* afterwards nothing else knows it */
			c->change.text = str_dup(c->arena, p.intents[policy_intent(&p, c->change.intent)].name);
	}
	published_unref(&pub);
	return e;
}

static enum err
change_apply(struct db *db, void *arg, struct fault *f)
{
	struct change_job *c = arg;

	role_assert_writer();
	if (c->clear)
		return draft_clear(db, INT64_MAX, "draft.discarded", c->by, c->now_us, f);
	if (c->id > 0)
		return draft_undo(db, c->id, c->by, c->now_us, f);
	TRY(check_again(c, db, f));
	return draft_add(db, &c->change, f);
}

static void
change_done(void *arg, enum err e, const struct fault *f)
{
	struct change_job *c = arg;
	struct arena *a = c->arena;
	struct buf out;

	if (e != E_OK) {
		api_fail(c->api, &c->to, e, f);
	} else {
		buf_init(&out, 128);
		buf_fmt(&out, "{\"id\":%lld", (long long)(c->id > 0 ? c->id : c->change.id));
		if (c->change.kind == DRAFT_INTENT)
			wire_str(&out, "intent", c->change.intent);
		buf_add_c(&out, '}');
		api_reply(c->api, &c->to, c->id > 0 || c->clear ? 200 : 201, buf_str(&out));
		buf_free(&out);
	}
	arena_free(&a);
}

static enum err
change_submit(struct change_job *c, struct response *rs, struct fault *f)
{
	struct arena *a = c->arena;

	if (writer_submit(c->api->writer, &(struct write_item){ .apply = change_apply, .done = change_done,
	    .arg = c }) != E_OK) {
		arena_free(&a);
		return fault(f, E_RETRY, "too much is waiting to be stored");
	}
	rs->later = true;
	return E_OK;
}

static enum err
read_kind(const json_t *body, enum draft_kind *out, struct fault *f)
{
	struct str kind;

	TRY(json_need_str(body, "kind", 16, &kind, f));
	for (int i = 0; i < DRAFT_KIND_N; i++)
		if (str_eqz(kind, draft_kind_name[i])) {
			*out = (enum draft_kind)i;
			return E_OK;
		}
	return fault(f, E_INVALID, "kind: add, remove, move, intent, name, describe or delete");
}

/* What a person typed for others to read: without blanks around it. */
static enum err
read_typed(const json_t *body, const char *key, size_t max, struct str *out, struct fault *f)
{
	TRY(json_need_str(body, key, max, out, f));
	*out = str_trim(*out);
	return text_check(*out, key, f);
}

static enum err
read_intent_change(const json_t *body, struct draft_change *c, struct fault *f)
{
	static const char *const made[] = { "kind", "name", "description", NULL };
	static const char *const named[] = { "kind", "intent", "name", NULL };
	static const char *const deleted[] = { "kind", "intent", NULL };
	static const char *const described[] = { "kind", "intent", "description", NULL };

	if (c->kind == DRAFT_DELETE) {
		TRY(json_only(body, deleted, f));
		return json_need_str(body, "intent", 64, &c->intent, f);
	}
	TRY(json_only(body, c->kind == DRAFT_INTENT ? made : c->kind == DRAFT_NAME ? named : described, f));
	if (c->kind != DRAFT_INTENT)
		TRY(json_need_str(body, "intent", 64, &c->intent, f));
	if (c->kind != DRAFT_DESCRIBE)
		TRY(read_typed(body, "name", 100, c->kind == DRAFT_INTENT ? &c->to : &c->text, f));
	if (c->kind != DRAFT_NAME)
		TRY(read_typed(body, "description", 500, &c->text, f));
	return E_OK;
}

static enum err
read_change(struct request *rq, struct draft_change *c, struct fault *f)
{
	static const char *const allowed[] = { "kind", "intent", "to", "text", NULL };

	TRY(read_kind(rq->body, &c->kind, f));
	if (c->kind > DRAFT_MOVE)
		return read_intent_change(rq->body, c, f);
	TRY(json_only(rq->body, allowed, f));
	TRY(json_need_str(rq->body, "intent", 64, &c->intent, f));
	TRY(json_need_str(rq->body, "text", EXAMPLE_MAX, &c->text, f));
	if (c->kind == DRAFT_MOVE)
		TRY(json_need_str(rq->body, "to", 64, &c->to, f));
	else if (json_object_get(rq->body, "to") != NULL)
		return fault(f, E_INVALID, "to: only where something is moved");
	if (c->kind != DRAFT_ADD)
		return E_OK;
	c->text = str_trim(c->text);
	return text_check(c->text, "text", f);
}

enum err
understanding_changes_post(struct request *rq, struct response *rs, struct fault *f)
{
	struct draft_change d = { .intent = STR(""), .to = STR("") };
	struct change_job *c;

	TRY(read_change(rq, &d, f));
	c = change_new(rq);
	c->change = (struct draft_change){ .kind = d.kind, .intent = str_dup(c->arena, d.intent),
		.to = str_dup(c->arena, d.to), .text = str_dup(c->arena, d.text), .by = c->by,
		.at_us = c->now_us };
	return change_submit(c, rs, f);
}

enum err
understanding_change_delete(struct request *rq, struct response *rs, struct fault *f)
{
	struct change_job *c;
	int64_t id;

	if (!str_i64(rq->params[0], &id) || id < 1)
		return fault(f, E_NOTFOUND, "There is no such change.");
	c = change_new(rq);
	c->id = id;
	return change_submit(c, rs, f);
}

enum err
understanding_draft_delete(struct request *rq, struct response *rs, struct fault *f)
{
	struct change_job *c = change_new(rq);

	c->clear = true;
	return change_submit(c, rs, f);
}

/* --- publish --------------------------------------------------------------- */

struct publish_job {
	struct arena *arena;	/* owns everything */
	struct api *api;
	struct reply_to to;
	struct str version, by;
	int64_t last;
	struct publish_result result;
};

static enum err
clear_apply(struct db *db, void *arg, struct fault *f)
{
	struct publish_job *p = arg;

	role_assert_writer();
	return draft_clear(db, p->last, "draft.published", p->by, clock_now_us(p->api->clock), f);
}

/* On the training pool's one thread: it may wait for the writer. */
static enum err
publish_run(struct arena *a, void *arg, struct fault *f)
{
	struct publish_job *p = arg;
	struct published *pub = engine_published(p->api->engine);
	struct db *db = db_borrow(p->api->readers);
	struct draft_change *v;
	size_t n;
	enum err e = draft_read(db, a, &v, &n, f);

	db_return(p->api->readers, &db);
	if (e == E_OK && (n == 0 || !str_eq(draft_version(a, v, n), p->version)))
		e = fault(f, E_CONFLICT, n == 0 ? "The draft is empty." :
		    "The draft was changed since you looked at it. Look again, then publish.");
	if (e == E_OK)
		e = draft_publish(a, &(struct draft_publishing){ .writer = p->api->writer,
		    .readers = p->api->readers, .embedder = p->api->embedder, .past_max = p->api->past_max,
		    .workspace = p->api->workspace, .live = pub, .v = v, .n = n, .by = p->by,
		    .now_us = clock_now_us(p->api->clock) }, &p->result, f);
	published_unref(&pub);
	TRY(e);
	p->last = v[n - 1].id;
	TRY(engine_reload(p->api->engine, f));
	return writer_call(p->api->writer, clear_apply, p, f);
}

static void
publish_done(struct arena *unused, void *arg, enum err e, const struct fault *f)
{
	struct publish_job *p = arg;
	struct arena *a = p->arena;
	struct buf out;

	(void)unused;
	if (e != E_OK) {
		api_fail(p->api, &p->to, e, f);
	} else {
		buf_init(&out, 512);
		buf_add_c(&out, '{');
		wire_str(&out, "policy", p->result.hash);
		wire_i64(&out, "intents", (int64_t)p->result.intents);
		wire_i64(&out, "examples", (int64_t)p->result.examples);
		wire_i64(&out, "past", (int64_t)p->result.past);
		buf_add_c(&out, '}');
		api_reply(p->api, &p->to, 200, buf_str(&out));
		buf_free(&out);
	}
	arena_free(&a);
}

enum err
understanding_publish_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "version", NULL };
	struct arena *a;
	struct publish_job *p;
	struct str version;

	TRY(json_only(rq->body, allowed, f));
	TRY(json_need_str(rq->body, "version", 64, &version, f));
	a = arena_new(0);
	p = arena_new_of(a, struct publish_job);
	*p = (struct publish_job){ .arena = a, .api = rq->api, .to = rq->to, .version = str_dup(a, version),
		.by = str_dup(a, rq->who.name) };
	if (job_submit(rq->api->train, &(struct job){ .run = publish_run, .done = publish_done,
	    .arg = p }) != E_OK) {
		arena_free(&a);
		return fault(f, E_RETRY, "too much is being trained");
	}
	rs->later = true;
	return E_OK;
}
