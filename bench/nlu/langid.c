/* SPDX-License-Identifier: Apache-2.0 */
/* langid.c - how often the language of a line is told: language TAB text a line.
 *
 *	nlu_langid DATA --final		the word pairs of DATA/langid, as bench/nlu/run reads them
 *	nlu_langid FILE [LANGUAGES]
 *
 * LANGUAGES: en,de,...: only its lines are read and only these may be answered; without
 * it, all that the file names.  Prints one line of JSON: right, n, the Wilson interval
 * at 95 %, the CPU time a line, and the languages that are told worst.  The word pairs have
 * no split of their own: without --final they are not read, and nothing is printed.
 */
#include "base/arena.h"
#include "base/fault.h"
#include "text/lang.h"
#include "text/tokens.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LANGS_MAX 64

static struct str allowed[LANGS_MAX];
static size_t allowed_n, right[LANGS_MAX], seen[LANGS_MAX];

static size_t
lang_at(struct str id, bool add)
{
	for (size_t i = 0; i < allowed_n; i++)
		if (str_eq(allowed[i], id))
			return i;
	if (!add || allowed_n == LANGS_MAX)
		return LANGS_MAX;
	allowed[allowed_n] = (struct str){ strndup(id.p, id.n), id.n };
	return allowed_n++;
}

static void
try_line(struct arena *a, struct str id, struct str text)
{
	size_t truth = lang_at(id, false), n;
	const struct str *words;
	struct lang_guess g;

	if (truth == LANGS_MAX)
		return;
	text_words(a, text, &words, &n);
	g = lang_of(words, n, allowed, allowed_n, STR_NONE);
	seen[truth]++;
	right[truth] += str_eq(g.lang, id);
}

static void
each_line(FILE *f, bool collect)
{
	struct arena *a = arena_new(0);
	char *line = NULL, *tab;
	size_t room = 0;
	ssize_t n;

	rewind(f);
	while ((n = getline(&line, &room, f)) > 0) {
		if ((tab = memchr(line, '\t', (size_t)n)) == NULL)
			continue;
		n -= line[n - 1] == '\n';
		if (collect)
			(void)lang_at((struct str){ line, (size_t)(tab - line) }, true);
		else
			try_line(a, (struct str){ line, (size_t)(tab - line) },
			    (struct str){ tab + 1, (size_t)(line + n - tab - 1) });
		arena_reset(a);
	}
	free(line);
	arena_free(&a);
}

static void
report(const char *row, double us)
{
	size_t n = 0, ok = 0;
	double p, half, middle, z = 1.96;

	for (size_t i = 0; i < allowed_n; i++) {
		n += seen[i];
		ok += right[i];
	}
	n += n == 0;
	p = (double)ok / (double)n;
	middle = (p + z * z / (2 * (double)n)) / (1 + z * z / (double)n);
	half = z * sqrt(p * (1 - p) / (double)n + z * z / (4 * (double)n * (double)n)) / (1 + z * z / (double)n);
	printf("{\"row\":\"%s\",\"value\":%.4f,\"low\":%.4f,\"high\":%.4f,\"n\":%zu,\"text\":\"%.1f\",\"languages\":%zu,"
	    "\"cpu_us\":%.1f,\"worst\":{", row, p, middle - half, middle + half, n, p * 100, allowed_n, us / (double)n);
	for (int k = 0; k < 8; k++) {
		size_t worst = LANGS_MAX;

		for (size_t i = 0; i < allowed_n; i++)
			if (seen[i] > 0 && (worst == LANGS_MAX || right[i] * seen[worst] < right[worst] * seen[i]))
				worst = i;
		if (worst == LANGS_MAX)
			break;
		printf("%s\"%.*s\":%.3f", k == 0 ? "" : ",", STR_ARG(allowed[worst]),
		    (double)right[worst] / (double)seen[worst]);
		seen[worst] = 0;
	}
	printf("}}\n");
}

static int
try_file(const char *path, struct str languages, const char *row)
{
	FILE *f = fopen(path, "r");
	struct str left = languages;
	clock_t before;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	allowed_n = 0;
	memset(seen, 0, sizeof(seen));
	memset(right, 0, sizeof(right));
	while (left.n > 0)
		(void)lang_at(str_cut(left, ',', &left), true);
	if (allowed_n == 0)
		each_line(f, true);
	before = clock();
	each_line(f, false);
	report(row, (double)(clock() - before) * 1e6 / CLOCKS_PER_SEC);
	fclose(f);
	return 0;
}

int
main(int argc, char **argv)
{
	struct stat st;
	char path[4096];

	if (argc < 2 || stat(argv[1], &st) != 0) {
		fprintf(stderr, "usage: nlu_langid DATA --final | FILE [LANGUAGES]\n");
		return 2;
	}
	if (!S_ISDIR(st.st_mode))
		return try_file(argv[1], argc > 2 ? str_from(argv[2]) : STR_NONE, "langid");
	if (argc < 3 || strcmp(argv[2], "--final") != 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/langid/word-pairs.txt", argv[1]);
	return try_file(path, STR_NONE, "langid_54") | try_file(path, STR("en,de,fr,es,pt,it,nl"), "langid_7");
}
