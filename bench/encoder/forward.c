/* SPDX-License-Identifier: Apache-2.0 */
/* forward.c - an encoder's forward pass alone, for bench/encoder/oracle.py.
 *
 *	forward FILE portable|avx2|avx512|vnni|best
 *
 * Reads lines of "TIMES<tab>TEXT"; answers each with one line of JSON: the processor
 * time of a pass in microseconds (mean of TIMES, tokenizing included), the tokens
 * with [CLS] and [SEP], and the vector.  A kernel that this processor has not: exit 69.
 */
#include "vec/encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES 65536

static double
cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static enum encoder_kernel
kernel_named(const char *name)
{
	static const char *const names[] = { "best", "portable", "avx2", "avx512", "vnni" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum encoder_kernel)i;
	fprintf(stderr, "forward: no kernel \"%s\"\n", name);
	exit(64);
}

static void
answer(const struct encoder *e, struct arena *a, char *line)
{
	char *tab = strchr(line, '\t');
	long times = strtol(line, NULL, 10);
	struct str text = str_from(tab != NULL ? tab + 1 : line);
	size_t width = encoder_info_of(e)->width, words, whole, n;
	float *v = malloc(width * sizeof(*v));
	double began;

	if (v == NULL || times < 1)
		exit(65);
	n = encoder_count_tokens(e, a, text, &words, &whole) + 2;
	began = cpu_us();
	for (long i = 0; i < times; i++) {
		arena_reset(a);
		encoder_embed(e, a, text, v);
	}
	printf("{\"us\":%.2f,\"tokens\":%zu,\"vector\":[", (cpu_us() - began) / (double)times, n);
	for (size_t i = 0; i < width; i++)
		printf("%s%.9g", i > 0 ? "," : "", (double)v[i]);
	printf("]}\n");
	fflush(stdout);
	free(v);
}

int
main(int argc, char **argv)
{
	static char line[LINE_MAX_BYTES];
	struct arena *a = arena_new(0);
	struct encoder *e;
	struct fault f;

	if (argc != 3) {
		fprintf(stderr, "usage: forward FILE KERNEL\n");
		return 64;
	}
	if (encoder_open(argv[1], kernel_named(argv[2]), &e, &f) != E_OK) {
		fprintf(stderr, "forward: %s\n", f.text);
		return 69;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		answer(e, a, line);
	}
	encoder_unref(&e);
	arena_free(&a);
	return 0;
}
