/* SPDX-License-Identifier: Apache-2.0 */
/* kb_eval.c - how often the right passage answers, and how often a wrong one does.
 *
 *	kb_eval demo/articles demo/answers/tune.jsonl [threshold]
 *
 * Without a threshold: prints the curve, to choose one on the tuning questions.
 * With one (in millionths): the counts at it, with an upper bound (Clopper-Pearson, 95 %) for
 * wrong answers to questions that nothing answers.  `-v` prints each question.
 */
#include "kb/corpus_file.h"
#include "text/tokens.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX 1000

struct result {
	bool answerable, right, right_article;
	double score;
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
	const char *s = json_string_value(json_object_get(o, key));

	return str_from(s);
}

static struct result
ask(struct arena *a, const struct kb_stats *s, const struct kb_candidate *v, size_t n, const json_t *o,
    bool verbose)
{
	struct str article = get(o, "article"), section = get(o, "section"), anchor, q = get(o, "q");
	const struct passage *p;
	const struct str *words;
	size_t words_n, found;
	struct result r = { .answerable = article.n > 0 };

	text_words(a, q, &words, &words_n);
	kb_rank(s, get(o, "lang"), words, words_n, v, n, 3, a, &p, &found);
	if (found == 0)
		return r;
	anchor = p[0].anchor;
	r.score = (double)p[0].score_ppm / 1e6;
	r.right_article = str_eq(p[0].article, article);
	r.right = r.right_article && str_starts(anchor, section) &&
	    (anchor.n == section.n || anchor.p[section.n] == '-');
	if (verbose)
		printf("%s %.3f  %.*s  -> %.*s#%.*s (%.*s#%.*s)\n", r.right ? "ok " : r.answerable ? "BAD" : "-  ",
		    r.score, STR_ARG(q), STR_ARG(p[0].article), STR_ARG(anchor), STR_ARG(article),
		    STR_ARG(section));
	return r;
}

static void
report(const struct result *r, int n, double threshold)
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
	printf("%.3f  answerable %d: right %d, wrong %d, silent %d; unanswerable %d: answered %d "
	    "(upper bound %.3f)\n", threshold, answerable, right, wrong, silent, none, false_answers,
	    upper_bound(false_answers, none));
}

int
main(int argc, char **argv)
{
	struct arena *fixed = arena_new((size_t)256 << 20), *a = arena_new((size_t)64 << 20);
	static struct result r[QUESTIONS_MAX];
	bool verbose = argc > 3 && strcmp(argv[argc - 1], "-v") == 0;
	const struct kb_candidate *v;
	struct kb_stats *s;
	char line[4096];
	size_t n;
	int count = 0;
	int64_t ppm = 0;
	FILE *f;

	if (argc < 3 || (f = fopen(argv[2], "re")) == NULL) {
		fprintf(stderr, "usage: kb_eval ARTICLES QUESTIONS.jsonl [THRESHOLD] [-v]\n");
		return 64;
	}
	v = corpus_read(fixed, argv[1], &n, &s);
	while (v != NULL && count < QUESTIONS_MAX && fgets(line, sizeof(line), f) != NULL) {
		json_t *o = json_loads(line, 0, NULL);

		if (o == NULL)
			continue;
		r[count++] = ask(a, s, v, n, o, verbose);
		json_decref(o);
		arena_reset(a);
	}
	fclose(f);
	printf("%zu passages, %d questions\n", n, count);
	if (argc > 3 && str_i64(str_from(argv[3]), &ppm))
		report(r, count, (double)ppm / 1e6);
	else
		for (double t = 0.1; t < 0.9; t += 0.025)
			report(r, count, t);
	arena_free(&fixed);
	arena_free(&a);
	return 0;
}
