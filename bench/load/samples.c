/* SPDX-License-Identifier: Apache-2.0 */
/* samples.c - all times are kept, so that a percentile is one, not an estimate. */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>

void
samples_add(struct samples *s, int64_t us)
{
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 4096 : s->cap * 2;
		s->v = reallocarray(s->v, s->cap, sizeof(s->v[0]));
		if (s->v == NULL)
			die("no memory");
	}
	s->v[s->n++] = (uint32_t)(us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : us);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int64_t
samples_at(struct samples *s, unsigned p)
{
	size_t at;

	if (s->n == 0)
		return 0;
	qsort(s->v, s->n, sizeof(s->v[0]), compare);
	at = (s->n * p + 999) / 1000;
	return s->v[at == 0 ? 0 : at - 1];
}

void
samples_print(struct samples *s, const char *name)
{
	printf("\"%s\":{\"n\":%zu,\"p50\":%lld,\"p90\":%lld,\"p99\":%lld,\"max\":%lld}", name, s->n,
	    (long long)samples_at(s, 500), (long long)samples_at(s, 900),
	    (long long)samples_at(s, 990), (long long)samples_at(s, 1000));
}
