/* SPDX-License-Identifier: Apache-2.0 */
/* complaints.c - several mistakes of a user's files, each with its place. */
#include "base/complaints.h"

#include "base/buf.h"

#include <stdlib.h>

void
complaints_init(struct complaints *c, struct arena *a)
{
	*c = (struct complaints){ .a = a };
}

void
complain(struct complaints *c, struct str file, int line, struct str text)
{
	if (c->n == COMPLAINTS_MAX) {
		c->more++;
		return;
	}
	c->v[c->n++] = (struct complaint){
		.file = str_dup(c->a, str_clip_utf8(file, 200)),
		.text = str_dup(c->a, str_clip_utf8(text, 500)),
		.line = line,
	};
}

static int
by_place(const void *pa, const void *pb)
{
	const struct complaint *a = pa, *b = pb;
	int d = str_cmp(a->file, b->file);

	if (d != 0)
		return d;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return str_cmp(a->text, b->text);
}

void
complaints_sort(struct complaints *c)
{
	if (c->n > 1)
		qsort(c->v, c->n, sizeof(c->v[0]), by_place);
}

void
complaints_print(const struct complaints *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct complaint *v = &c->v[i];

		buf_add_str(out, v->file);
		buf_add_c(out, ':');
		if (v->line > 0) {
			buf_add_i64(out, v->line);
			buf_add_c(out, ':');
		}
		buf_add_c(out, ' ');
		buf_add_str(out, v->text);
		buf_add_c(out, '\n');
	}
	if (c->more > 0)
		buf_fmt(out, "... and %zu more\n", c->more);
}
