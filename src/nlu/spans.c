/* SPDX-License-Identifier: Apache-2.0 */
/* spans.c - see spans.h. */
#include "nlu/spans.h"

#include <stdlib.h>

static int
cmp_strength(const void *a, const void *b)
{
	const struct text_span *x = a, *y = b;

	if (x->p_ppm != y->p_ppm)
		return x->p_ppm > y->p_ppm ? -1 : 1;
	if (x->to - x->from != y->to - y->from)
		return x->to - x->from > y->to - y->from ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from ? 1 : str_cmp(x->kind, y->kind);
}

static int
cmp_place(const void *a, const void *b)
{
	const struct text_span *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

static bool
is_free(const struct text_span *v, size_t n, const struct text_span *e)
{
	for (size_t i = 0; i < n; i++)
		if (e->from < v[i].to && e->to > v[i].from)
			return false;
	return true;
}

/* The end of the character that the plain text's byte to - 1 came from. */
static size_t
raw_end(const struct scan *s, size_t to)
{
	size_t last = plain_at(&s->plain, to - 1);

	while (to < s->low.n && plain_at(&s->plain, to) == last)
		to++;
	return plain_at(&s->plain, to);
}

size_t
spans_choose(const struct scan *s, struct text_span *v, size_t n, size_t most)
{
	size_t kept = 0;

	qsort(v, n, sizeof(*v), cmp_strength);
	for (size_t i = 0; i < n && kept < most; i++)
		if (is_free(v, kept, &v[i]))
			v[kept++] = v[i];
	qsort(v, kept, sizeof(*v), cmp_place);
	for (size_t i = 0; i < kept; i++) {
		size_t end = raw_end(s, v[i].to);

		v[i].from = (uint32_t)plain_at(&s->plain, v[i].from);
		v[i].to = (uint32_t)end;
	}
	return kept;
}
