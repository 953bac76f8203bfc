/* SPDX-License-Identifier: Apache-2.0 */
/* nlu_speed.c - how long training and perceiving take, over the tests' own messages.
 *
 *	nlu_speed demo/policy/intents.yaml src/nlu/person.cases
 *
 * Medians of 7 rounds; one thread.
 */
#include "base/clock.h"
#include "nlu/demo_policy.h"
#include "nlu/model.h"
#include "nlu/perceive.h"
#include "text/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES_MAX 1000
#define ROUNDS 7

static int
cmp_i64(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
main(int argc, char **argv)
{
	struct arena *fixed = arena_new((size_t)64 << 20), *a = arena_new(0);
	const struct policy *p = argc > 2 ? demo_policy(fixed, argv[1]) : NULL;
	FILE *f = argc > 2 ? fopen(argv[2], "re") : NULL;
	struct str said[MESSAGES_MAX];
	int64_t train[ROUNDS], one[ROUNDS], sum = 0;
	struct model *m = NULL;
	char line[1024];
	size_t n = 0;

	if (p == NULL || f == NULL) {
		fprintf(stderr, "usage: nlu_speed INTENTS.yaml CASES\n");
		return 64;
	}
	while (n < MESSAGES_MAX && fgets(line, sizeof(line), f) != NULL)
		if (line[1] == '\t')
			said[n++] = str_dup(fixed, str_trim(str_from(line + 2)));
	fclose(f);
	for (int r = 0; r < ROUNDS; r++) {
		int64_t t = clock_mono_us(clock_real());
		struct fault why = { 0 };

		model_unref(&m);
		if (model_train(p, NULL, &m, &why) != E_OK) {
			fprintf(stderr, "%s\n", why.text);
			return 1;
		}
		train[r] = clock_mono_us(clock_real()) - t;
		t = clock_mono_us(clock_real());
		for (size_t i = 0; i < n * 10; i++) {
			sum += perceive(m, p, 0, NULL, said[i % n], t, zone_utc(), a).unknown_ppm;
			arena_reset(a);
		}
		one[r] = (clock_mono_us(clock_real()) - t) * 1000 / (int64_t)(n * 10);
	}
	qsort(train, ROUNDS, sizeof(train[0]), cmp_i64);
	qsort(one, ROUNDS, sizeof(one[0]), cmp_i64);
	printf("%zu messages; perceive %.1f us (%.1f-%.1f); training %.1f ms (%.1f-%.1f); sum %lld\n", n,
	    (double)one[3] / 1e3, (double)one[0] / 1e3, (double)one[6] / 1e3, (double)train[3] / 1e3,
	    (double)train[0] / 1e3, (double)train[6] / 1e3, (long long)sum);
	model_unref(&m);
	arena_free(&fixed);
	arena_free(&a);
	return 0;
}
