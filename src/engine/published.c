/* SPDX-License-Identifier: Apache-2.0 */
/* published.c - loading and storing whole versions of the policy. */
#include "engine/published.h"

#include "base/buf.h"
#include "base/log.h"
#include "kb/answer.h"
#include "store/writer.h"
#include "text/markdown.h"

#include <stdlib.h>

#define PUBLISHED_MAGIC 0x9b1a5ed0u
#define MODEL_BYTES_MAX ((size_t)256 << 20)
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

enum err
published_read(struct db *db, struct embedder *embedder, struct str hash, struct published **out,
    struct fault *f)
{
	struct arena *a = arena_new((size_t)256 << 20);
	struct complaints *c = arena_zalloc(a, sizeof(*c));
	struct source_file *files;
	struct policy_source *v;
	struct policy_snapshot *snap = NULL;
	struct model *model = NULL;
	struct str found, bytes;
	struct fault unfit = { 0 };
	size_t n;
	enum err err;

	complaints_init(c, a);
	err = policy_read(db, hash, a, &found, &files, &n, &bytes, f);
	if (err != E_OK)
		goto out;
	v = arena_array(a, struct policy_source, n + 1);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct policy_source){ files[i].name, files[i].bytes };
	err = policy_load(v, n, c, &snap, f);
	if (err != E_OK)
		goto out;
	/* A model that does not fit (an older format, a damaged row) is made again, and said to be:
	 * until somebody publishes, each start pays for it. */
	err = model_load(snap->policy, embedder, bytes, &model, &unfit);
	if (err != E_OK)
		log_warn(LOG_MODEL_REFUSED, K_Z("text", unfit.text));
	if (err != E_OK)
		err = model_train(snap->policy, &(struct model_how){ .embedder = embedder }, &model, f);
	if (err != E_OK) {
		policy_snapshot_unref(&snap);
		goto out;
	}
	*out = published_new(db, snap, model, f);
	if (*out == NULL)
		err = f != NULL ? f->err : E_INTERNAL;
out:
	arena_free(&a);
	return err;
}

struct publishing {
	const struct policy_source *v;
	size_t n;
	const struct policy_snapshot *snap;
	struct str model_bytes, hash, by;
	int64_t now_us;
	struct arena *a;
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
	return article_store(db, &n, p->now_us, &version, f);
}

static enum err
publish_apply(struct db *db, void *arg, struct fault *f)
{
	struct publishing *p = arg;
	struct source_file *files = arena_array(p->a, struct source_file, p->n + 1);
	struct str *ids = arena_array(p->a, struct str, p->snap->articles_n + 1);

	role_assert_writer();
	for (size_t i = 0; i < p->n; i++)
		files[i] = (struct source_file){ p->v[i].name, p->v[i].bytes };
	TRY(policy_store(db, p->hash, files, p->n, p->model_bytes, p->by, p->now_us, f));
	for (size_t i = 0; i < p->snap->articles_n; i++) {
		ids[i] = p->snap->articles[i].id;
		TRY(publish_article(db, p, &p->snap->articles[i], f));
	}
	return article_keep_only(db, ids, p->snap->articles_n, f);
}

enum err
publish_sources(struct writer *w, struct embedder *embedder, const struct policy_source *v, size_t n,
    struct str by, int64_t now_us, struct complaints *c, struct arena *a, struct publish_result *out, struct fault *f)
{
	struct policy_snapshot *snap = NULL;
	struct model *model = NULL;
	struct buf bytes;
	struct publishing p;
	enum err err;

	*out = (struct publish_result){ 0 };
	TRY(policy_load(v, n, c, &snap, f));
	buf_init(&bytes, MODEL_BYTES_MAX);
	err = model_train(snap->policy, &(struct model_how){ .embedder = embedder }, &model, f);
	if (err != E_OK)
		goto out;
	model_save(model, &bytes);
	if (bytes.over) {
		err = fault(f, E_TOOBIG, "the trained model is larger than 256 MB");
		goto out;
	}
	p = (struct publishing){ .v = v, .n = n, .snap = snap, .model_bytes = buf_str(&bytes),
		.hash = snap->policy->hash, .by = by, .now_us = now_us, .a = a };
	err = writer_call(w, publish_apply, &p, f);
	out->hash = str_dup(a, snap->policy->hash);
	out->intents = snap->policy->intents_n;
	for (size_t i = 0; i < snap->policy->intents_n; i++)
		out->examples += snap->policy->intents[i].examples_n;
	out->articles = snap->articles_n;
out:
	buf_free(&bytes);
	model_unref(&model);
	policy_snapshot_unref(&snap);
	return err;
}
