/* SPDX-License-Identifier: Apache-2.0 */
/* published.c - loading and storing whole versions of the policy. */
#include "engine/published.h"

#include "base/buf.h"
#include "base/log.h"
#include "engine/past.h"
#include "kb/answer.h"
#include "store/writer.h"
#include "text/markdown.h"

#include <stdlib.h>

#define PUBLISHED_MAGIC 0x9b1a5ed0u
#define PAST_ARENA ((size_t)64 << 20)
#define ARTICLES_BYTES_MAX ((size_t)320 << 20)	/* in memory: some 30 KB a passage */

struct published *
published_ref(struct published *p)
{
	CHECK_OBJ(p, PUBLISHED_MAGIC);
	p->refs++;
	return p;
}

void
published_unref(struct published **pp)
{
	struct published *p = *pp;

	*pp = NULL;
	if (p == NULL)
		return;
	CHECK_OBJ(p, PUBLISHED_MAGIC);
	if (--p->refs > 0)
		return;
	model_unref(&p->model);
	policy_snapshot_unref(&p->snap);
	arena_free(&p->arena);
	p->magic = 0;
	free(p);
}

static struct str
questions_joined(struct arena *a, const struct article_source *s)
{
	return str_join(a, s->questions, s->questions_n, STR("\n"));
}

/* All passages of all articles, for the statistics of words. */
static enum err
published_stats(struct arena *a, struct published *p, struct fault *f)
{
	const struct policy_snapshot *snap = p->snap;
	struct kb_article_text *v;
	size_t n = 0, cap = 64;

	v = arena_array(a, struct kb_article_text, cap);
	for (size_t i = 0; i < snap->articles_n; i++) {
		const struct article_source *s = &snap->articles[i];
		const struct md_passage *m;
		size_t m_n;

		TRY(markdown_passages(a, s->body, &m, &m_n, f));
		for (size_t k = 0; k < m_n; k++) {
			if (n == cap) {
				struct kb_article_text *more = arena_array(a, struct kb_article_text, cap * 2);

				for (size_t j = 0; j < n; j++)
					more[j] = v[j];
				v = more;
				cap *= 2;
			}
			v[n++] = (struct kb_article_text){ s->language, s->title, m[k].section,
				questions_joined(a, s), m[k].text, m[k].anchor };
		}
	}
	p->kb = kb_stats_new(a, v, n);
	return E_OK;
}

struct reading {
	struct published *p;
	struct db *db;
};

static enum err
published_articles(struct arena *a, void *arg, struct fault *f)
{
	struct reading *r = arg;

	const struct passage_hit *all;
	size_t n;

	TRY(published_stats(a, r->p, f));
	TRY(passage_index_new(r->db, a, &r->p->passages, f));
	if (r->p->passages == NULL)
		return E_OK;
	all = passage_index_all(r->p->passages, &n);
	r->p->docs = arena_array(a, const struct kb_doc *, n + 1);
	for (size_t i = 0; i < n; i++)
		r->p->docs[i] = kb_find(r->p->kb, &all[i].passage);
	return E_OK;
}

static struct published *
published_new(struct db *db, struct policy_snapshot *snap, struct model *model, struct fault *f)
{
	struct published *p = calloc(1, sizeof(*p));

	CHECK(p != NULL);
	p->magic = PUBLISHED_MAGIC;
	p->refs = 1;
	p->snap = snap;
	p->policy = snap->policy;
	p->model = model;
	p->arena = arena_new(ARTICLES_BYTES_MAX);
	if (arena_run(p->arena, published_articles, &(struct reading){ p, db }, f) != E_OK)
		published_unref(&p);
	return p;
}

/* From what it was made of, as far as that is still there: *was becomes what it learned from now. */
static enum err
model_again(struct db *db, struct arena *a, const struct policy *p, struct embedder *embedder,
    struct policy_past *was, const struct fault *why, struct model **out, struct fault *f)
{
	struct past past = { .n = 0 };
	struct str sum;
	size_t used;

	if (embedder != NULL && was->max > 0)
		TRY(past_read(db, p, was->to, (size_t)was->max, a, &past, f));
	TRY(model_train(p, &(struct model_how){ .embedder = embedder, .history = past.v, .history_n = past.n },
	    out, f));
	used = model_history(*out, a, &sum);
	log_warn(LOG_MODEL_REFUSED, K_Z("text", why->text), K_I64("past", past.n), K_Z("from",
	    was->n == 0 ? "the examples alone, as before" : embedder == NULL ?
	    "the examples alone: there is no encoder for past messages" : str_eq(sum, was->sum) ?
	    "the same past messages" : "other past messages: some were erased"));
	was->n = (int64_t)used;
	was->sum = sum;
	return E_OK;
}

static void
published_unfit(struct published *p, const struct fault *why, struct str bytes, const struct policy_past *past)
{
	p->unfit = *why;
	p->past = *past;
	p->past.sum = str_dup(p->arena, past->sum);
	sha256(bytes.p, bytes.n, p->refused);
}

enum err
published_read(struct db *db, struct embedder *embedder, struct str hash, struct published **out,
    struct fault *f)
{
	struct arena *a = arena_new((size_t)256 << 20);
	struct complaints *c = arena_zalloc(a, sizeof(*c));
	struct source_file *files;
	struct policy_source *v;
	struct policy_snapshot *snap = NULL;
	struct policy_past past;
	struct model *model = NULL;
	struct str found, bytes;
	struct fault unfit = { 0 };
	size_t n;
	enum err err;

	complaints_init(c, a);
	err = policy_read(db, hash, a, &found, &files, &n, &bytes, &past, f);
	if (err != E_OK)
		goto out;
	v = arena_array(a, struct policy_source, n + 1);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct policy_source){ files[i].name, files[i].bytes };
	err = policy_load(v, n, c, &snap, f);
	if (err != E_OK)
		goto out;
	/* A model that does not fit (an older format, a damaged row) is made again, and said to be.
	 * Reading stores nothing: that is the server's (engine/renew.h). */
	err = model_load(snap->policy, embedder, bytes, &model, &unfit);
	if (err != E_OK)
		err = model_again(db, a, snap->policy, embedder, &past, &unfit, &model, f);
	if (err != E_OK) {
		policy_snapshot_unref(&snap);
		goto out;
	}
	*out = published_new(db, snap, model, f);
	if (*out == NULL)
		err = f != NULL ? f->err : E_INTERNAL;
	else if (unfit.err != E_OK)
		published_unfit(*out, &unfit, bytes, &past);
out:
	arena_free(&a);
	return err;
}

struct publishing {
	const struct publish_spec *spec;
	const struct policy_snapshot *snap;
	struct str model_bytes, hash;
	struct policy_past past;
	struct db *db;
	struct arena *a;	/* the writer's own: the caller's may only be left by the caller */
};

static enum err
publish_article(struct db *db, struct publishing *p, const struct article_source *s, struct fault *f)
{
	struct article_new n = {
		.id = s->id, .title = s->title, .language = s->language, .date = s->updated,
		.body = s->body, .questions = s->questions, .questions_n = s->questions_n,
	};
	const struct md_passage *m;
	struct passage_new *v;
	int32_t version;

	role_assert_writer();
	TRY(markdown_passages(p->a, s->body, &m, &n.passages_n, f));
	v = arena_array(p->a, struct passage_new, n.passages_n + 1);
	for (size_t i = 0; i < n.passages_n; i++)
		v[i] = (struct passage_new){ m[i].anchor, m[i].section, m[i].text };
	n.passages = v;
	return article_store(db, &n, p->spec->now_us, &version, f);
}

static enum err
publish_store(struct arena *a, void *arg, struct fault *f)
{
	struct publishing *p = arg;
	const struct publish_spec *s = p->spec;
	struct source_file *files = arena_array(a, struct source_file, s->n + 1);
	struct str *ids = arena_array(a, struct str, p->snap->articles_n + 1);
	struct db *db = p->db;

	role_assert_writer();
	p->a = a;
	for (size_t i = 0; i < s->n; i++)
		files[i] = (struct source_file){ s->v[i].name, s->v[i].bytes };
	TRY(policy_store(db, p->hash, files, s->n, p->model_bytes, &p->past, s->by, s->now_us, f));
	for (size_t i = 0; i < p->snap->articles_n; i++) {
		ids[i] = p->snap->articles[i].id;
		TRY(publish_article(db, p, &p->snap->articles[i], f));
	}
	return article_keep_only(db, ids, p->snap->articles_n, f);
}

static enum err
publish_apply(struct db *db, void *arg, struct fault *f)
{
	struct publishing *p = arg;
	struct arena *a = arena_new(ARTICLES_BYTES_MAX);
	enum err e;

	p->db = db;
	e = arena_run(a, publish_store, p, f);
	arena_free(&a);
	return e;
}

struct training_to_publish {
	const struct publish_spec *spec;
	const struct policy *policy;
	struct model *model;
	struct policy_past past;
};

static enum err
publish_train(struct arena *a, void *arg, struct fault *f)
{
	struct training_to_publish *t = arg;
	const struct publish_spec *s = t->spec;
	struct past past = { .n = 0 };
	struct db *db;
	enum err err;

	if (s->embedder != NULL && s->readers != NULL && s->past_max > 0) {
		db = db_borrow(s->readers);
		err = past_read(db, t->policy, 0, s->past_max, a, &past, f);
		db_return(s->readers, &db);
		TRY(err);
	}
	TRY(model_train(t->policy, &(struct model_how){ .embedder = s->embedder, .history = past.v,
	    .history_n = past.n }, &t->model, f));
	t->past = (struct policy_past){ .to = past.to, .max = (int64_t)past.max, .n = (int64_t)past.n };
	return E_OK;
}

enum err
publish_sources(const struct publish_spec *spec, struct complaints *c, struct arena *a,
    struct publish_result *out, struct fault *f)
{
	struct policy_snapshot *snap = NULL;
	struct training_to_publish t = { .spec = spec };
	struct arena *scratch = arena_new(PAST_ARENA);
	struct buf bytes;
	struct publishing p;
	enum err err;

	*out = (struct publish_result){ 0 };
	buf_init(&bytes, MODEL_BYTES_MAX);
	err = policy_load(spec->v, spec->n, c, &snap, f);
	if (err != E_OK)
		goto out;
	t.policy = snap->policy;
	err = arena_run(scratch, publish_train, &t, f);
	if (err != E_OK)
		goto out;
	model_save(t.model, &bytes);
	if (bytes.over) {
		err = fault(f, E_TOOBIG, "the trained model is larger than 256 MB");
		goto out;
	}
	p = (struct publishing){ .spec = spec, .snap = snap, .model_bytes = buf_str(&bytes),
		.hash = snap->policy->hash, .past = t.past };
	out->past = model_history(t.model, a, &p.past.sum);
	out->past_left = (size_t)t.past.n - out->past;
	p.past.n = (int64_t)out->past;
	err = writer_call(spec->writer, publish_apply, &p, f);
	out->hash = str_dup(a, snap->policy->hash);
	out->intents = snap->policy->intents_n;
	for (size_t i = 0; i < snap->policy->intents_n; i++)
		out->examples += snap->policy->intents[i].examples_n;
	out->articles = snap->articles_n;
out:
	buf_free(&bytes);
	model_unref(&t.model);
	policy_snapshot_unref(&snap);
	arena_free(&scratch);
	return err;
}
