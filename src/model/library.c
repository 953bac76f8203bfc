/* SPDX-License-Identifier: Apache-2.0 */
/* library.c - published policies and articles.
 *
 * Passages are indexed as stems, made by the same code that stems a customer's
 * words (text/stem.h), in the article's own language: FTS5's own stemmer knows
 * only English.
 */
#include "model/library.h"

#include "base/buf.h"
#include "model/sql.h"
#include "text/stem.h"
#include "text/tokens.h"

#include <string.h>

#define LIVE STR("policy.live")
#define INDEX_BYTES ((size_t)1 << 20)

static enum err
put_setting(struct db *db, struct str name, struct str value, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_setting_put);

	db_bind_str(s, 1, name);
	db_bind_str(s, 2, value);
	return sql_exec(s, f);
}

static enum err
policy_known(struct db *db, struct str hash, bool *known, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_policy_get);

	db_bind_str(s, 1, hash);
	TRY(sql_row(s, known, f));
	db_done(s);
	return E_OK;
}

static enum err
policy_put(struct db *db, struct str hash, struct str model_bytes, const struct policy_past *past,
    struct str by, int64_t now_us, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_policy_add);

	db_bind_str(s, 1, hash);
	db_bind_i64(s, 2, now_us);
	db_bind_str(s, 3, by);
	db_bind_blob(s, 4, model_bytes.p, model_bytes.n);
	db_bind_i64(s, 5, past->to);
	db_bind_i64(s, 6, past->max);
	db_bind_i64(s, 7, past->n);
	db_bind_str(s, 8, past->sum);
	return sql_exec(s, f);
}

static enum err
put_files(struct db *db, struct str hash, const struct source_file *files, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i++) {
		struct stmt *s = db_stmt(db, SQL_policy_file_add);

		db_bind_str(s, 1, hash);
		db_bind_str(s, 2, files[i].name);
		db_bind_blob(s, 3, files[i].bytes.p, files[i].bytes.n);
		TRY(sql_exec(s, f));
	}
	return E_OK;
}

enum err
policy_store(struct db *db, struct str hash, const struct source_file *files, size_t n,
    struct str model_bytes, const struct policy_past *past, struct str by, int64_t now_us, struct fault *f)
{
	bool known;

	role_assert_writer();
	TRY(policy_known(db, hash, &known, f));
	TRY(policy_put(db, hash, model_bytes, past, by, now_us, f));
	if (!known)
		TRY(put_files(db, hash, files, n, f));
	TRY(put_setting(db, LIVE, hash, f));
	return sql_audit(db, now_us, "policy.published", hash, by, f);
}

/* What is stored, as a sum: the same bytes are not read twice for one question. */
static enum err
model_sum(struct db *db, struct str hash, struct arena *a, uint8_t out[32], bool *found, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_policy_get);
	struct str bytes;

	db_bind_str(s, 1, hash);
	TRY(sql_row(s, found, f));
	if (!*found)
		return E_OK;
	bytes = db_blob(s, 0, a);
	db_done(s);
	sha256(bytes.p, bytes.n, out);
	return E_OK;
}

enum err
policy_renew_model(struct db *db, const struct model_renewal *r, int64_t now_us, bool *renewed,
    struct fault *f)
{
	struct arena *a = arena_new(MODEL_BYTES_MAX + ARENA_CEILING_DEFAULT);
	uint8_t sum[32];
	struct stmt *s;
	bool found;
	enum err e;

	role_assert_writer();
	*renewed = false;
	e = model_sum(db, r->hash, a, sum, &found, f);
	arena_free(&a);
	if (e != E_OK || !found || memcmp(sum, r->refused, sizeof(sum)) != 0)
		return e;
	s = db_stmt(db, SQL_policy_renew);
	db_bind_str(s, 1, r->hash);
	db_bind_blob(s, 2, r->bytes.p, r->bytes.n);
	db_bind_i64(s, 3, r->past.to);
	db_bind_i64(s, 4, r->past.max);
	db_bind_i64(s, 5, r->past.n);
	db_bind_str(s, 6, r->past.sum);
	TRY(sql_exec(s, f));
	*renewed = true;
	return sql_audit(db, now_us, "policy.model", r->hash, r->why, f);
}

static enum err
live_hash(struct db *db, struct arena *a, struct str *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_setting_get);
	bool found;

	db_bind_str(s, 1, LIVE);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "no policy was published yet");
	*out = db_str(s, 0, a);
	db_done(s);
	return E_OK;
}

static enum err
read_files(struct db *db, struct str hash, struct arena *a, struct source_file **out, size_t *n,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_policy_files);
	size_t cap = 32;
	struct source_file *v = arena_array(a, struct source_file, cap);
	bool row;
	enum err e;

	*n = 0;
	db_bind_str(s, 1, hash);
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		if (*n == cap) {
			struct source_file *grown = arena_array(a, struct source_file, cap * 2);

			memcpy(grown, v, cap * sizeof(v[0]));
			v = grown;
			cap *= 2;
		}
		v[(*n)++] = (struct source_file){ db_str(s, 0, a), db_blob(s, 1, a) };
	}
	db_done(s);
	*out = v;
	return e;
}

enum err
policy_read(struct db *db, struct str hash, struct arena *a, struct str *found_hash,
    struct source_file **files, size_t *n, struct str *model_bytes, struct policy_past *past,
    struct fault *f)
{
	struct stmt *s;
	bool found;

	if (hash.n == 0)
		TRY(live_hash(db, a, &hash, f));
	s = db_stmt(db, SQL_policy_get);
	db_bind_str(s, 1, hash);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no policy %.*s", STR_ARG(hash));
	*model_bytes = db_blob(s, 0, a);
	if (past != NULL)
		*past = (struct policy_past){ db_i64(s, 1), db_i64(s, 2), db_i64(s, 3), db_str(s, 4, a) };
	db_done(s);
	*found_hash = hash;
	return read_files(db, hash, a, files, n, f);
}

/* articles */

static void
hash_add(struct buf *b, struct str s)
{
	buf_add_i64(b, (int64_t)s.n);
	buf_add_c(b, ':');
	buf_add_str(b, s);
}

/* Of what makes a new version. */
static enum err
content_hash(const struct article_new *n, struct str questions, uint8_t out[32], struct fault *f)
{
	struct buf b;
	bool over;

	buf_init(&b, (size_t)4 << 20);
	hash_add(&b, n->title);
	hash_add(&b, n->language);
	hash_add(&b, n->body);
	hash_add(&b, questions);
	over = b.over;
	sha256(b.p, b.n, out);
	buf_free(&b);
	if (over)
		return fault(f, E_TOOBIG, "article %.*s is larger than 4 MB", STR_ARG(n->id));
	return E_OK;
}

/* The stems of a text, one blank between them: what the index holds. */
static struct str
stems(struct arena *a, struct stemmer *st, struct str text, struct fault *f, enum err *e)
{
	const struct str *words;
	struct buf b;
	struct str out;
	size_t n;

	text_words(a, text, &words, &n);
	buf_init(&b, INDEX_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(&b, ' ');
		buf_add_str(&b, stemmer_word(st, a, words[i]));
	}
	if (b.over)
		*e = fault(f, E_TOOBIG, "a passage has more than 1 MB of words");
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

static enum err
add_passages(struct db *db, const struct article_new *n, struct str questions, int32_t version,
    struct arena *a, struct fault *f)
{
	struct stemmer *st = stemmer_new(a, n->language);
	enum err e = E_OK;
	struct str title = stems(a, st, n->title, f, &e), asked = stems(a, st, questions, f, &e);

	for (size_t i = 0; i < n->passages_n && e == E_OK; i++) {
		const struct passage_new *p = &n->passages[i];
		struct str section = stems(a, st, p->section, f, &e), body = stems(a, st, p->text, f, &e);
		struct stmt *s;

		if (e != E_OK)
			break;
		s = db_stmt(db, SQL_passage_add);
		db_bind_str(s, 1, n->id);
		db_bind_i64(s, 2, version);
		db_bind_str(s, 3, p->anchor);
		db_bind_str(s, 4, p->section);
		db_bind_str(s, 5, p->text);
		db_bind_str(s, 6, title);
		db_bind_str(s, 7, asked);
		db_bind_str(s, 8, section);
		db_bind_str(s, 9, body);
		e = sql_exec(s, f);
	}
	return e;
}

static enum err
index_article(struct db *db, int which, struct str id, int32_t version, struct fault *f)
{
	struct stmt *s = db_stmt(db, which);

	db_bind_str(s, 1, id);
	db_bind_i64(s, 2, version);
	return sql_exec(s, f);
}

static enum err
make_current(struct db *db, struct str id, int32_t version, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_article_current_put);

	db_bind_str(s, 1, id);
	db_bind_i64(s, 2, version);
	TRY(sql_exec(s, f));
	return index_article(db, SQL_passage_fts_add, id, version, f);
}

static enum err
add_version(struct db *db, const struct article_new *n, struct str questions, const uint8_t hash[32],
    int32_t version, int64_t now_us, struct arena *a, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_article_add);

	db_bind_str(s, 1, n->id);
	db_bind_i64(s, 2, version);
	db_bind_str(s, 3, n->title);
	db_bind_str(s, 4, n->language);
	db_bind_str(s, 5, n->date);
	db_bind_str(s, 6, n->body);
	db_bind_str(s, 7, questions);
	db_bind_blob(s, 8, hash, 32);
	db_bind_i64(s, 9, now_us);
	TRY(sql_exec(s, f));
	TRY(add_passages(db, n, questions, version, a, f));
	TRY(make_current(db, n->id, version, f));
	return sql_audit(db, now_us, "article.version", n->id, n->title, f);
}

/* The current version of an article; 0 = there is none. */
static enum err
current_version(struct db *db, struct str id, int32_t *version, uint8_t hash[32], bool *searched,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_article_get);
	bool found;

	*version = 0;
	*searched = false;
	db_bind_str(s, 1, id);
	db_bind_i64(s, 2, 0);
	TRY(sql_row(s, &found, f));
	if (!found)
		return E_OK;
	*version = (int32_t)db_i64(s, 6);
	(void)db_bytes(s, 7, hash, 32);
	*searched = db_i64(s, 8) != 0;
	db_done(s);
	return E_OK;
}

static enum err
store_article(struct db *db, const struct article_new *n, int64_t now_us, int32_t *version, struct arena *a,
    struct fault *f)
{
	struct str questions = str_join(a, n->questions, n->questions_n, STR("\n"));
	uint8_t hash[32], was[32] = { 0 };
	int32_t current;
	bool searched;

	TRY(content_hash(n, questions, hash, f));
	TRY(current_version(db, n->id, &current, was, &searched, f));
	*version = current;
	if (current > 0 && memcmp(hash, was, sizeof(hash)) == 0)
		return searched ? E_OK : make_current(db, n->id, current, f);
	if (searched)
		TRY(index_article(db, SQL_passage_fts_del, n->id, current, f));
	*version = current + 1;
	return add_version(db, n, questions, hash, *version, now_us, a, f);
}

enum err
article_store(struct db *db, const struct article_new *n, int64_t now_us, int32_t *version, struct fault *f)
{
	struct arena *a = arena_new((size_t)64 << 20);
	enum err e;

	role_assert_writer();
	e = store_article(db, n, now_us, version, a, f);
	arena_free(&a);
	return e;
}

static enum err
searched_articles(struct db *db, struct arena *a, struct str **ids, int64_t **versions, size_t *n,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_article_searched);
	size_t cap = 10000;	/* articles of one desk */
	bool row;
	enum err e;

	*ids = arena_array(a, struct str, cap);
	*versions = arena_array(a, int64_t, cap);
	*n = 0;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		if (*n == cap) {
			e = fault(f, E_TOOBIG, "more than %zu articles", cap);
			break;
		}
		(*ids)[*n] = db_str(s, 0, a);
		(*versions)[(*n)++] = db_i64(s, 1);
	}
	db_done(s);
	return e;
}

static enum err
keep_only(struct db *db, const struct str *ids, size_t n, struct arena *a, struct fault *f)
{
	struct str *have;
	int64_t *versions;
	size_t have_n;

	TRY(searched_articles(db, a, &have, &versions, &have_n, f));
	for (size_t i = 0; i < have_n; i++) {
		bool keep = false;
		struct stmt *s;

		for (size_t k = 0; k < n && !keep; k++)
			keep = str_eq(have[i], ids[k]);
		if (keep)
			continue;
		TRY(index_article(db, SQL_passage_fts_del, have[i], (int32_t)versions[i], f));
		s = db_stmt(db, SQL_article_unsearched);
		db_bind_str(s, 1, have[i]);
		TRY(sql_exec(s, f));
	}
	return E_OK;
}

enum err
article_keep_only(struct db *db, const struct str *ids, size_t n, struct fault *f)
{
	struct arena *a = arena_new(0);
	enum err e;

	role_assert_writer();
	e = keep_only(db, ids, n, a, f);
	arena_free(&a);
	return e;
}

enum err
article_get(struct db *db, struct str id, int32_t version, struct arena *a, struct article *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_article_get);
	bool found;

	db_bind_str(s, 1, id);
	db_bind_i64(s, 2, version);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no such article");
	out->id = db_str(s, 0, a);
	out->title = db_str(s, 1, a);
	out->language = db_str(s, 2, a);
	out->date = db_str(s, 3, a);
	out->body = db_str(s, 4, a);
	out->version = (int32_t)db_i64(s, 5);
	out->current = (int32_t)db_i64(s, 6);
	db_done(s);
	return E_OK;
}

/* Terms are data, never syntax: quoted, a quote inside doubled. */
static struct str
any_of(struct arena *a, const struct str *terms, size_t n)
{
	struct buf b;
	struct str out;

	buf_init(&b, 16 << 10);
	for (size_t i = 0; i < n && b.n < 8 << 10; i++) {
		if (terms[i].n == 0 || terms[i].n > 256 || memchr(terms[i].p, '\0', terms[i].n) != NULL)
			continue;
		if (b.n > 0)
			buf_add_z(&b, " OR ");
		buf_add_c(&b, '"');
		for (size_t k = 0; k < terms[i].n; k++) {
			if (terms[i].p[k] == '"')
				buf_add_c(&b, '"');
			buf_add_c(&b, terms[i].p[k]);
		}
		buf_add_c(&b, '"');
	}
	CHECK(!b.over);
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

void
passage_read(struct stmt *s, struct arena *a, struct passage_hit *h)
{
	h->passage.article = db_str(s, 0, a);
	h->passage.version = (int32_t)db_i64(s, 1);
	h->passage.anchor = db_str(s, 2, a);
	h->passage.title = db_str(s, 3, a);
	h->passage.section = db_str(s, 4, a);
	h->passage.date = db_str(s, 5, a);
	h->passage.language = db_str(s, 6, a);
	h->passage.text = db_str(s, 7, a);
	h->questions = db_str(s, 8, a);
}

enum err
passage_search(struct db *db, const struct str *terms, size_t terms_n, size_t limit, struct arena *a,
    struct passage_hit **out, size_t *n, struct fault *f)
{
	struct str query = any_of(a, terms, terms_n);
	struct stmt *s;
	bool row;
	enum err e;

	*n = 0;
	limit = limit > 500 ? 500 : limit;
	*out = arena_array(a, struct passage_hit, limit);
	if (query.n == 0 || limit == 0)
		return E_OK;
	s = db_stmt(db, SQL_passage_search);
	db_bind_str(s, 1, query);
	db_bind_i64(s, 2, (int64_t)limit);
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		passage_read(s, a, &(*out)[*n]);
		(*out)[(*n)++].bm25 = db_real(s, 9);
	}
	db_done(s);
	return e;
}

enum err
passage_df(struct db *db, struct str term, int64_t *df, int64_t *total, struct fault *f)
{
	struct arena *a = arena_new(0);
	struct str query = any_of(a, &term, 1);
	struct stmt *s = db_stmt(db, SQL_passage_df);
	bool row;
	enum err e;

	*df = *total = 0;
	db_bind_str(s, 1, query.n > 0 ? query : STR("\"\""));
	e = sql_row(s, &row, f);
	if (e == E_OK && row) {
		*df = db_i64(s, 0);
		*total = db_i64(s, 1);
		db_done(s);
	}
	arena_free(&a);
	return e;
}
