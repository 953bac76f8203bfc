/* SPDX-License-Identifier: Apache-2.0 */
/* kb_eval.c - how often the right passage answers, and how often a wrong one does.
 *
 *	kb_eval ARTICLES QUESTIONS.jsonl [THRESHOLD] [-v]	the curve, or the counts at a threshold
 *	kb_eval --features ARTICLES QUESTIONS.jsonl		what bench/kb_fit fits the score on
 *	kb_eval --final ARTICLES FINAL.jsonl THRESHOLD		the counts, once
 *
 * Thresholds are in millionths.  The articles are stored and searched as a turn
 * does it (FTS5, then kb_rank).  Wrong answers to questions that nothing
 * answers come with an upper bound (Clopper-Pearson, 95 %).  A file named
 * final.jsonl is read by --final only, which adds a line to final.log beside
 * it: when, which file (SHA-256), which threshold, what came out.  A file that
 * stands there already is no held-out one any more, and that is said.
 */
#include "base/clock.h"

#include "base/rand.h"
#include "base/role.h"
#include "kb/corpus_file.h"
#include "model/library.h"
#include "model/store_spec.h"
#include "store/writer.h"
#include "text/tokens.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS_MAX 1000
#define CANDIDATES_MAX 32	/* as engine/turn_act.c */

struct result {
	bool answerable, right, right_article, found;
	double score;
};

struct house {			/* a store with the articles in it */
	char dir[64], path[96];
	struct writer *w;
	struct db_readers *readers;
	struct kb_stats *stats;
	const struct kb_candidate *v;
	size_t n;
	struct arena *fixed;
	int64_t search_us, rank_us;
	bool features, verbose;
};

/* The least rate that makes k or fewer of n as rare as one in twenty. */
static double
upper_bound(int k, int n)
{
	double lo = 0, hi = 1;

	for (int i = 0; i < 60 && n > 0; i++) {
		double p = (lo + hi) / 2, sum = 0, term = pow(1 - p, n);

		for (int j = 0; j <= k; j++) {
			sum += term;
			term *= (double)(n - j) / (j + 1) * p / (1 - p);
		}
		if (sum > 0.05)
			lo = p;
		else
			hi = p;
	}
	return hi;
}

static struct str
get(const json_t *o, const char *key)
{
	return str_from(json_string_value(json_object_get(o, key)));
}

/* --- the store ------------------------------------------------------------ */

static enum err
store_all(struct db *db, void *arg, struct fault *f)
{
	struct house *h = arg;

	for (size_t i = 0, k; i < h->n; i = k) {
		const struct passage *p = &h->v[i].passage;
		struct passage_new *passages = arena_array(h->fixed, struct passage_new, h->n);
		struct article_new n = { .id = p->article, .title = p->title, .language = p->language,
			.date = STR("2026-01-01"), .questions = &h->v[i].questions, .questions_n = 1,
			.passages = passages };
		int32_t version;

		for (k = i; k < h->n && str_eq(h->v[k].passage.article, p->article); k++)
			passages[n.passages_n++] = (struct passage_new){ h->v[k].passage.anchor,
				h->v[k].passage.section, h->v[k].passage.text };
		TRY(article_store(db, &n, 1, &version, f));
	}
	return E_OK;
}

static bool
open_house(struct house *h, const char *articles)
{
	struct db_spec spec;
	struct fault f = { 0 };

	h->fixed = arena_new((size_t)512 << 20);
	h->v = corpus_read(h->fixed, articles, &h->n, &h->stats);
	snprintf(h->dir, sizeof(h->dir), "/tmp/kb-eval-XXXXXX");
	if (h->v == NULL || mkdtemp(h->dir) == NULL)
		return false;
	snprintf(h->path, sizeof(h->path), "%s/store.db", h->dir);
	role_simulate(true);
	spec = model_db_spec(h->path, true, false);
	if (writer_open(&(struct writer_spec){ .db = spec }, &h->w, &f) != E_OK ||
	    db_readers_open(&spec, 1, &h->readers, &f) != E_OK || writer_call(h->w, store_all, h, &f) != E_OK) {
		fprintf(stderr, "kb_eval: %s\n", f.text);
		return false;
	}
	return true;
}

static void
close_house(struct house *h)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[128];

	db_readers_close(&h->readers);
	writer_close(&h->w);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", h->path, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(h->dir);
	arena_free(&h->fixed);
}

/* --- a question ----------------------------------------------------------- */

static struct kb_candidate *
search(struct house *h, struct str lang, const struct str *words, size_t words_n, struct arena *a, size_t *n)
{
	struct db *db = db_borrow(h->readers);
	struct kb_candidate *v;
	struct passage_hit *hits;
	const struct str *terms;
	struct fault f = { 0 };
	size_t terms_n;

	*n = 0;
	kb_query(h->stats, lang, words, words_n, a, &terms, &terms_n);
	if (terms_n > 0 && passage_search(db, terms, terms_n, CANDIDATES_MAX, a, &hits, n, &f) != E_OK) {
		fprintf(stderr, "kb_eval: %s\n", f.text);
		exit(1);
	}
	v = arena_array(a, struct kb_candidate, *n + 1);
	for (size_t i = 0; i < *n; i++)
		v[i] = (struct kb_candidate){ hits[i].passage, hits[i].questions, hits[i].bm25, NULL };
	db_return(h->readers, &db);
	return v;
}

static bool
is_right(const struct passage *p, struct str article, struct str section)
{
	return str_eq(p->article, article) && str_starts(p->anchor, section) &&
	    (p->anchor.n == section.n || p->anchor.p[section.n] == '-');
}

static void
print_features(const struct result *r, const float x[KB_FEATURES])
{
	printf("%d %d", r->answerable, r->right);
	for (size_t i = 0; i < KB_FEATURES; i++)
		printf(" %.5f", (double)x[i]);
	printf("\n");
}

static struct result
ask(struct house *h, const json_t *o, struct arena *a)
{
	struct str article = get(o, "article"), section = get(o, "section"), lang = get(o, "lang"), q = get(o, "q");
	struct result r = { .answerable = article.n > 0 };
	int64_t start = clock_mono_us(clock_real());
	float x[KB_FEATURES] = { 0 };
	const struct passage *p;
	const struct str *words;
	struct kb_candidate *v;
	size_t words_n, found, n;

	text_words(a, q, &words, &words_n);
	v = search(h, lang, words, words_n, a, &n);
	h->search_us += clock_mono_us(clock_real()) - start;
	start = clock_mono_us(clock_real());
	kb_rank(h->stats, lang, words, words_n, v, n, 3, a, &p, &found);
	h->rank_us += clock_mono_us(clock_real()) - start;
	for (size_t i = 0; i < n; i++)
		r.found |= is_right(&v[i].passage, article, section);
	if (found > 0) {
		r.score = (double)p[0].score_ppm / 1e6;
		r.right_article = str_eq(p[0].article, article);
		r.right = is_right(&p[0], article, section);
	}
	if (h->features && kb_features(h->stats, lang, words, words_n, v, n, a, x))
		print_features(&r, x);
	if (h->verbose && found > 0) {
		printf("%s %.3f  %.*s  -> %.*s#%.*s (%.*s#%.*s)%s", r.right ? "ok " : r.answerable ? "BAD" : "-  ",
		    r.score, STR_ARG(q), STR_ARG(p[0].article), STR_ARG(p[0].anchor), STR_ARG(article),
		    STR_ARG(section), r.answerable && !r.found ? " not found" : "");
		kb_features(h->stats, lang, words, words_n, v, n, a, x);
		for (size_t i = 0; i < KB_FEATURES; i++)
			printf(" %.2f", (double)x[i]);
		printf("\n");
	}
	return r;
}

static void
report(FILE *out, const struct result *r, int n, double threshold)
{
	int right = 0, wrong = 0, silent = 0, answerable = 0, false_answers = 0, none = 0;

	for (int i = 0; i < n; i++) {
		bool said = r[i].score >= threshold;

		answerable += r[i].answerable;
		none += !r[i].answerable;
		right += r[i].answerable && said && r[i].right;
		wrong += r[i].answerable && said && !r[i].right;
		silent += r[i].answerable && !said;
		false_answers += !r[i].answerable && said;
	}
	fprintf(out, "%.3f  answerable %d: right %d, wrong %d, silent %d; unanswerable %d: answered %d "
	    "(upper bound %.3f)\n", threshold, answerable, right, wrong, silent, none, false_answers,
	    upper_bound(false_answers, none));
}

/* --- once ----------------------------------------------------------------- */

/* Adds a line to final.log; says how often this very file stands there. */
static void
log_final(const char *file, const struct result *r, int n, double threshold)
{
	static char bytes[1 << 20], line[512], path[512];
	uint8_t hash[32];
	char hex[65], day[32];
	time_t now = time(NULL);
	struct tm tm;
	int before = 0;
	FILE *f = fopen(file, "re");

	sha256(bytes, f != NULL ? fread(bytes, 1, sizeof(bytes), f) : 0, hash);
	if (f != NULL)
		fclose(f);
	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	snprintf(path, sizeof(path), "%.*s.log", (int)(strlen(file) - strlen(".jsonl")), file);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		before += strstr(line, hex) != NULL;
	if (f != NULL)
		fclose(f);
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M", gmtime_r(&now, &tm));
	if (before > 0)
		printf("NOT HELD OUT: %s was read %d times before\n", file, before);
	f = fopen(path, "ae");
	if (f == NULL)
		return;
	fprintf(f, "%s sha256=%s reading=%d ", day, hex, before + 1);
	report(f, r, n, threshold);
	fclose(f);
}

int
main(int argc, char **argv)
{
	static struct result r[QUESTIONS_MAX];
	struct arena *a = arena_new((size_t)64 << 20);
	struct house h = { 0 };
	bool final = argc > 1 && strcmp(argv[1], "--final") == 0;
	int first, count = 0, found = 0, answerable = 0;
	char line[4096];
	int64_t ppm = -1;
	const char *questions;
	FILE *f;

	h.features = argc > 1 && strcmp(argv[1], "--features") == 0;
	h.verbose = argc > 3 && strcmp(argv[argc - 1], "-v") == 0;
	first = final || h.features ? 2 : 1;
	questions = argc > first + 1 ? argv[first + 1] : "";
	if (argc > first + 2)
		(void)str_i64(str_from(argv[first + 2]), &ppm);
	if ((final && ppm < 0) || (f = fopen(questions, "re")) == NULL) {
		fprintf(stderr, "usage: kb_eval [--features] ARTICLES QUESTIONS.jsonl [THRESHOLD] [-v]\n"
		    "       kb_eval --final ARTICLES FINAL.jsonl THRESHOLD\n");
		return 64;
	}
	if (str_ends(str_from(questions), STR("final.jsonl")) != final) {
		fprintf(stderr, "kb_eval: --final reads final.jsonl, and nothing else does\n");
		return 64;
	}
	if (!open_house(&h, argv[first]))
		return 1;
	while (count < QUESTIONS_MAX && fgets(line, sizeof(line), f) != NULL) {
		json_t *o = json_loads(line, 0, NULL);

		if (o == NULL)
			continue;
		r[count++] = ask(&h, o, a);
		json_decref(o);
		arena_reset(a);
	}
	fclose(f);
	for (int i = 0; i < count; i++) {
		answerable += r[i].answerable;
		found += r[i].found;
	}
	if (!h.features && count > 0)
		printf("%zu passages, %d questions, a search %lld us, a ranking %lld us; the right passage is among "
		    "the candidates of %d of %d\n", h.n, count, (long long)h.search_us / count,
		    (long long)h.rank_us / count, found, answerable);
	if (ppm >= 0)
		report(stdout, r, count, (double)ppm / 1e6);
	for (double t = 0.1; t < 0.96 && ppm < 0 && !h.features; t += 0.05)
		report(stdout, r, count, t);
	if (final)
		log_final(questions, r, count, (double)ppm / 1e6);
	close_house(&h);
	arena_free(&a);
	return 0;
}
