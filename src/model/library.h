/* SPDX-License-Identifier: Apache-2.0 */
/* library.h - published policies and articles, by content hash and version. */
#pragma once

#include "base/rand.h"
#include "base/role.h"
#include "facts/outcome.h"

#define MODEL_BYTES_MAX ((size_t)256 << 20)

struct db;

struct source_file {
	struct str name, bytes;	/* "policy/rules.yaml", "articles/returns.md" */
};
/* The past messages (model/openings.h) that a model learned from: enough to find them again, and
 * to tell whether they are still the same. */
struct policy_past {
	int64_t to, max;	/* up to which gid, at most how many; 0, 0: none */
	int64_t n;		/* that were used */
	struct str sum;		/* SHA-256 of what was learned from, in hex; empty: none */
};
/* Stores sources and the trained model under the hash and makes it live. The same hash again
 * replaces the model (there may be an encoder now, or more past messages). */
enum err policy_store(struct db *db, struct str hash, const struct source_file *files, size_t n,
    struct str model_bytes, const struct policy_past *past, struct str by, int64_t now_us,
    struct fault *f) NODISCARD ON_WRITER;
/* Another model for the same version, made again since the stored one could not be used: only if that one
 * (refused: SHA-256 of its bytes) still stands there; else *renewed is false and nothing was done (another
 * process was first, or somebody published). What is live, and since when, stays; the audit has the day
 * and why. */
struct model_renewal {
	struct str hash, bytes;
	uint8_t refused[32];
	struct policy_past past;
	struct str why;
};
enum err policy_renew_model(struct db *db, const struct model_renewal *r, int64_t now_us, bool *renewed,
    struct fault *f) NODISCARD ON_WRITER;
/* The live one (empty hash) or a named one. past: may be NULL. E_NOTFOUND: nothing was published. */
enum err policy_read(struct db *db, struct str hash, struct arena *a, struct str *found_hash,
    struct source_file **files, size_t *n, struct str *model_bytes, struct policy_past *past,
    struct fault *f) NODISCARD;

struct passage_new {
	struct str anchor, section, text;
};
struct article_new {
	struct str id, title, language, date, body;	/* Markdown */
	const struct str *questions;
	size_t questions_n;
	const struct passage_new *passages;
	size_t passages_n;
};
/* A new version if title, body, language or questions changed; *version gets
 * the one that is current.  Older versions stay readable. */
enum err article_store(struct db *db, const struct article_new *n, int64_t now_us, int32_t *version,
    struct fault *f) NODISCARD ON_WRITER;
/* Articles that are not in ids are no longer searched (their versions stay). */
enum err article_keep_only(struct db *db, const struct str *ids, size_t n, struct fault *f) NODISCARD ON_WRITER;
struct article {
	struct str id, title, language, date, body;
	int32_t version, current;
};
enum err article_get(struct db *db, struct str id, int32_t version, struct arena *a, struct article *out,
    struct fault *f) NODISCARD;

/* Candidates for kb/answer.h: the best `limit` passages by BM25 over title,
 * question, section and passage; terms are stemmed words, or-ed. */
struct passage_hit {
	struct passage passage;	/* score_ppm is not set */
	double bm25;		/* higher is better */
	struct str questions;	/* of the article, joined by '\n' */
	size_t at;		/* in the index in memory (model/passages.h) */
};
enum err passage_search(struct db *db, const struct str *terms, size_t terms_n, size_t limit,
    struct arena *a, struct passage_hit **out, size_t *n, struct fault *f) NODISCARD;
/* In how many passages (of how many) a term occurs: for idf. */
enum err passage_df(struct db *db, struct str term, int64_t *df, int64_t *total, struct fault *f) NODISCARD;
