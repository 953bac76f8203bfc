/* SPDX-License-Identifier: Apache-2.0 */
/* stem.c - glue to libstemmer. */
#include "text/stem.h"

#include <libstemmer.h>
#include <stdlib.h>

struct stemmer {
	struct sb_stemmer *sb;	/* NULL: keeps words */
};

static void
stemmer_close(void *arg)
{
	struct stemmer *s = arg;

	sb_stemmer_delete(s->sb);
	s->sb = NULL;
}

struct stemmer *
stemmer_new(struct arena *a, struct str lang)
{
	struct stemmer *s = arena_new_of(a, struct stemmer);
	char name[4] = { 0 };

	arena_defer(a, stemmer_close, s);
	if (lang.n != 2)
		return s;
	name[0] = lang.p[0];
	name[1] = lang.p[1];
	s->sb = sb_stemmer_new(name, NULL);
	return s;
}

struct str
stemmer_word(struct stemmer *s, struct arena *a, struct str word)
{
	const sb_symbol *out;

	if (s->sb == NULL || word.n == 0 || word.n > 128)
		return word;
	out = sb_stemmer_stem(s->sb, (const sb_symbol *)word.p, (int)word.n);
	if (out == NULL)
		return word;
	return str_dup(a, (struct str){ (const char *)out, (size_t)sb_stemmer_length(s->sb) });
}
