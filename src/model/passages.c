/* SPDX-License-Identifier: Apache-2.0 */
/* passages.c - BM25 over the searched passages, from postings in memory.
 *
 * A posting is a passage and what a stem counts in it: each occurrence by its
 * field's weight, as FTS5's bm25() adds them up.
 */
#include "model/passages.h"

#include "model/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DOCS_MAX ((size_t)50000)
#define FIELDS 4
#define FIRST_FIELD 9		/* column of the title's stems */
#define K1 1.2
#define B 0.75
#define LEAST_IDF 1e-6		/* of a word that stands in half of the passages or more */

static const double weights[FIELDS] = { 4.0, 3.0, 2.0, 1.0 };

struct posting {
	uint32_t doc;
	float counts;		/* weights are small whole numbers: exact */
};
struct term {
	struct str word;
	struct posting *v;
	uint32_t n, cap;
};
struct passage_index {
	struct passage_hit *docs;
	uint32_t *words_n;	/* of each passage, all fields */
	size_t docs_n, cap;
	struct term *terms;	/* a hash table, half empty at least */
	size_t terms_n, slots;	/* a power of two */
	double words_mean;
};

static uint64_t
hash_of(struct str s)
{
	uint64_t h = str_hash64(s);

	return h ^ h >> 29;
}

/* The word's slot, or the empty one where it would go. */
static struct term *
slot_of(const struct passage_index *x, struct str word)
{
	size_t at = hash_of(word) & (x->slots - 1);

	while (x->terms[at].word.n > 0 && !str_eq(x->terms[at].word, word))
		at = (at + 1) & (x->slots - 1);
	return &x->terms[at];
}

static void
grow_terms(struct passage_index *x, struct arena *a)
{
	struct term *old = x->terms;
	size_t n = x->slots;

	x->slots = n == 0 ? 1024 : n * 2;
	x->terms = arena_zalloc_n(a, x->slots, sizeof(x->terms[0]));
	for (size_t i = 0; i < n; i++)
		if (old[i].word.n > 0)
			*slot_of(x, old[i].word) = old[i];
}

static void
count_word(struct passage_index *x, struct arena *a, struct str word, uint32_t doc, double weight)
{
	struct term *t;

	if (x->terms_n * 2 >= x->slots)
		grow_terms(x, a);
	t = slot_of(x, word);
	if (t->word.n == 0) {
		t->word = word;
		x->terms_n++;
	}
	if (t->n == 0 || t->v[t->n - 1].doc != doc) {
		if (t->n == t->cap) {
			struct posting *more;

			t->cap = t->cap == 0 ? 4 : t->cap * 2;
			more = arena_array(a, struct posting, t->cap);
			if (t->n > 0)
				memcpy(more, t->v, t->n * sizeof(more[0]));
			t->v = more;
		}
		t->v[t->n++] = (struct posting){ doc, 0 };
	}
	t->v[t->n - 1].counts += (float)weight;
	x->words_n[doc]++;
}

static void
count_words(struct passage_index *x, struct arena *a, struct str words, uint32_t doc, double weight)
{
	while (words.n > 0) {
		struct str rest, word = str_cut(words, ' ', &rest);

		if (word.n > 0)
			count_word(x, a, word, doc, weight);
		words = rest;
	}
}

static struct passage_hit *
add_doc(struct passage_index *x, struct arena *a)
{
	if (x->docs_n == x->cap) {
		size_t cap = x->cap == 0 ? 64 : x->cap * 2;
		struct passage_hit *docs = arena_array(a, struct passage_hit, cap);
		uint32_t *words_n = arena_array(a, uint32_t, cap);

		if (x->docs_n > 0) {
			memcpy(docs, x->docs, x->docs_n * sizeof(docs[0]));
			memcpy(words_n, x->words_n, x->docs_n * sizeof(words_n[0]));
		}
		x->docs = docs;
		x->words_n = words_n;
		x->cap = cap;
	}
	x->words_n[x->docs_n] = 0;
	return &x->docs[x->docs_n++];
}

enum err
passage_index_new(struct db *db, struct arena *a, struct passage_index **out, struct fault *f)
{
	struct passage_index *x = arena_new_of(a, struct passage_index);
	struct stmt *s = db_stmt(db, SQL_passage_all);
	double words = 0;
	bool row;
	enum err e;

	grow_terms(x, a);
	*out = NULL;
	while ((e = db_step(s, &row, f)) == E_OK && row && x->docs_n < DOCS_MAX) {
		struct passage_hit *h = add_doc(x, a);
		uint32_t doc = (uint32_t)(x->docs_n - 1);

		*h = (struct passage_hit){ 0 };
		passage_read(s, a, h);
		h->at = doc;
		for (int i = 0; i < FIELDS; i++)
			count_words(x, a, db_str(s, FIRST_FIELD + i, a), doc, weights[i]);
		words += x->words_n[doc];
	}
	db_done(s);
	if (x->docs_n > 0)
		x->words_mean = words / (double)x->docs_n;
	if (e == E_OK && !row)
		*out = x;
	return e;
}

const struct passage_hit *
passage_index_all(const struct passage_index *x, size_t *n)
{
	*n = x->docs_n;
	return x->docs;
}

static void
add_scores(const struct passage_index *x, const struct term *t, double *scores)
{
	double idf = log(((double)x->docs_n - t->n + 0.5) / (t->n + 0.5));

	if (idf <= 0)
		idf = LEAST_IDF;
	for (uint32_t i = 0; i < t->n; i++) {
		double n = (double)t->v[i].counts, size = x->words_n[t->v[i].doc];

		scores[t->v[i].doc] += idf * (n * (K1 + 1) / (n + K1 * (1 - B + B * size / x->words_mean)));
	}
}

struct scored {
	double score;
	size_t doc;
};

static int
by_score(const void *pa, const void *pb)
{
	const struct scored *a = pa, *b = pb;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->doc < b->doc ? -1 : a->doc > b->doc;
}

void
passage_index_search(const struct passage_index *x, const struct str *terms, size_t terms_n,
    size_t limit, struct arena *a, struct passage_hit **out, size_t *n)
{
	double *scores = arena_zalloc_n(a, x->docs_n + 1, sizeof(scores[0]));
	struct scored *found = arena_array(a, struct scored, x->docs_n + 1);
	size_t found_n = 0;

	for (size_t i = 0; i < terms_n; i++) {
		const struct term *t = slot_of(x, terms[i]);

		if (terms[i].n > 0 && t->word.n > 0)
			add_scores(x, t, scores);
	}
	for (size_t i = 0; i < x->docs_n; i++)
		if (scores[i] > 0)
			found[found_n++] = (struct scored){ scores[i], i };
	qsort(found, found_n, sizeof(found[0]), by_score);
	*n = found_n < limit ? found_n : limit;
	*out = arena_array(a, struct passage_hit, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		(*out)[i] = x->docs[found[i].doc];
		(*out)[i].bm25 = found[i].score;
	}
}
