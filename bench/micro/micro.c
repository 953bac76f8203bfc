/* SPDX-License-Identifier: Apache-2.0 */
/* micro.c - what understanding and deciding cost, without store or sockets.
 *
 *	micro WORKSPACE TEXTS
 *
 * Trains the workspace's model, then takes each line of TEXTS as one message and
 * measures the steps of a turn one by one, each the mean of a short loop, so that
 * the clock is not what is measured.  Prints one JSON object: milliseconds of
 * the training, then for each step p50, p99 and worst over the texts in
 * nanoseconds.  "decide" is all calls of a turn together: the pre-pass, the one
 * with the perception and, where that one wants passages, the one with them.
 */
#include "base/clock.h"
#include "engine/decide.h"
#include "engine/policy_load.h"
#include "nlu/model.h"
#include "nlu/perceive.h"
#include "text/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXTS_MAX 512
#define LOOPS 50
#define ARENA ((size_t)32 << 20)

struct bench {
	const struct policy_snapshot *snap;
	struct model *model;
	struct arena *arena;	/* emptied after each call */
	int64_t now_us;
};

enum step { TOKENS, PERCEIVE, PRE_PASS, DECIDE, STEPS_N };
static const char *const names[STEPS_N] = { "tokens", "perceive", "pre_pass", "decide" };
static int64_t took[STEPS_N][TEXTS_MAX];

static int64_t
ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct situation
situation_of(const struct bench *b, struct str text, const struct str *words, size_t n)
{
	return (struct situation){ .basis_seq = 3, .turn = 1, .now_us = b->now_us, .hours_open = true,
		.hours_next = STR("tomorrow at 09:00"), .agents_online = 1, .holder = HOLDER_AI,
		.language = STR("en"), .workflow = -1, .step = -1, .text = text, .words = words,
		.words_n = n };
}

/* All of a turn's calls; what retrieval would bring is the same for all. */
static enum decision_kind
decide_all(const struct policy *p, const struct perception *now, const struct situation *s,
    struct arena *a)
{
	static const struct passage found[] = { { .article = STR_INIT("returns"), .version = 1,
	    .anchor = STR_INIT("opened"), .title = STR_INIT("Returns"), .section = STR_INIT("Opened items"),
	    .date = STR_INIT("2026-11-03"), .language = STR_INIT("en"),
	    .text = STR_INIT("You can send it back opened."), .score_ppm = 800000 } };
	static const struct outcome outcome = { .kind = OUTCOME_PASSAGES, .passages = found, .passages_n = 1 };
	struct decision d = decide(p, NULL, s, NULL, 0, a);

	if (d.kind == DECISION_UNDERSTAND)
		d = decide(p, now, s, NULL, 0, a);
	if (d.kind == DECISION_RETRIEVE)
		d = decide(p, now, s, &outcome, 1, a);
	return d.kind;
}

static int64_t
measure(const struct bench *b, enum step step, struct str text)
{
	static const struct history nothing;
	const struct policy *p = b->snap->policy;
	struct arena *keep = arena_new(ARENA);
	const struct str *words;
	struct perception now;
	struct situation s;
	size_t n;
	int64_t begin;

	text_words(keep, text, &words, &n);
	now = perceive(b->model, p, 0, &nothing, text, b->now_us, b->snap->zones[0], keep);
	s = situation_of(b, text, words, n);
	begin = ns();
	for (int i = 0; i < LOOPS; i++) {
		const struct str *w;
		size_t k;

		if (step == TOKENS)
			text_words(b->arena, text, &w, &k);
		else if (step == PERCEIVE)
			(void)perceive(b->model, p, 0, &nothing, text, b->now_us, b->snap->zones[0], b->arena);
		else if (step == PRE_PASS)
			(void)decide(p, NULL, &s, NULL, 0, b->arena);
		else
			(void)decide_all(p, &now, &s, b->arena);
		arena_reset(b->arena);
	}
	begin = (ns() - begin) / LOOPS;
	arena_free(&keep);
	return begin;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t
run_texts(const struct bench *b, const char *path)
{
	char line[4096];
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (n < TEXTS_MAX && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			continue;
		for (int step = 0; step < STEPS_N; step++) {
			(void)measure(b, (enum step)step, str_from(line));	/* warms up */
			took[step][n] = measure(b, (enum step)step, str_from(line));
		}
		n++;
	}
	(void)fclose(f);
	return n;
}

int
main(int argc, char **argv)
{
	struct bench b = { .arena = arena_new(ARENA), .now_us = clock_now_us(clock_real()) };
	struct policy_snapshot *snap = NULL;
	struct complaints *c = arena_new_of(b.arena, struct complaints);
	struct fault f = { 0 };
	int64_t begin;
	size_t n;

	if (argc != 3) {
		fprintf(stderr, "usage: micro WORKSPACE TEXTS\n");
		return 2;
	}
	complaints_init(c, b.arena);
	if (policy_load_dir(argv[1], c, &snap, &f) != E_OK) {
		fprintf(stderr, "micro: %s\n", f.text);
		return 1;
	}
	b.snap = snap;
	begin = ns();
	if (model_train(snap->policy, NULL, &b.model, &f) != E_OK) {
		fprintf(stderr, "micro: %s\n", f.text);
		return 1;
	}
	printf("{\"train_ms\":%.1f", (double)(ns() - begin) / 1e6);
	n = run_texts(&b, argv[2]);
	for (int step = 0; step < STEPS_N && n > 0; step++) {
		qsort(took[step], n, sizeof(took[step][0]), compare);
		printf(",\"%s\":{\"n\":%zu,\"p50\":%lld,\"p99\":%lld,\"max\":%lld}", names[step], n,
		    (long long)took[step][n / 2], (long long)took[step][n * 99 / 100],
		    (long long)took[step][n - 1]);
	}
	puts("}");
	model_unref(&b.model);
	policy_snapshot_unref(&snap);
	arena_free(&b.arena);
	return 0;
}
