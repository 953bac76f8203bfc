/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - which passage answers, and how well.
 *
 * The search (model/) brings candidates by BM25; this ranks them and says how
 * likely the best one answers: how much of what was asked, weighed by how
 * telling each word is, stands in the passage, its heading and the questions it
 * is said to answer; whether a telling word stands nowhere; how far the
 * runner-up is behind.  Words are stemmed, related words (text/related.h)
 * count, one slip of the keyboard is forgiven.  The score is a probability,
 * calibrated on the demo's questions (docs/PROVENANCE.md).
 * Pure: no I/O, no clock, integers out.  Thread-safe.
 */
#pragma once

#include "facts/outcome.h"

/* What all articles together say about words: built once a published set of
 * articles, immutable, lives in its arena. */
struct kb_stats;

struct kb_article_text {	/* one passage, as kb_stats_new reads it */
	struct str language, title, section, questions, text;
	struct str anchor;	/* a question that ends in {#anchor} belongs to that section */
};
struct kb_stats *kb_stats_new(struct arena *a, const struct kb_article_text *v, size_t n);

/* A passage as the statistics know it: found once, when both are in memory. */
struct kb_doc;
const struct kb_doc *kb_find(const struct kb_stats *s, const struct passage *p);	/* NULL: unknown */

struct kb_candidate {
	struct passage passage;	/* score_ppm is ignored */
	struct str questions;	/* of the article, joined by '\n' */
	double bm25;		/* of the search; greater is better (FTS5's is negated) */
	const struct kb_doc *doc;	/* kb_find()'s of these statistics; NULL: looked for */
};

/* The words to search for: what carries meaning, slips corrected against the
 * stats' vocabulary. Views or in the arena; empty = nothing to search for. */
void kb_query(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    struct arena *a, const struct str **out, size_t *out_n);

/* The candidates as passages, best first, score_ppm filled, at most `max`.
 * words: of text_words(). Language: the customer's; a passage in another one
 * comes after all in that one unless it is the only that answers. */
void kb_rank(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    const struct kb_candidate *v, size_t n, size_t max, struct arena *a,
    const struct passage **out, size_t *out_n);

/* What the score is made of, for bench/kb_eval: of the passage that kb_rank puts
 * first among the candidates. false: there is none. */
#define KB_FEATURES 6
bool kb_features(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    const struct kb_candidate *v, size_t n, struct arena *a, float x[KB_FEATURES]);
