/* SPDX-License-Identifier: Apache-2.0 */
/* memo.c - an open table from text to stems. */
#include "kb/memo.h"

#include "text/tokens.h"

#define MEMO_BYTES ((size_t)4 << 20)	/* of texts */

struct known {
	uint64_t hash;
	struct str text;	/* p == NULL: free */
	size_t lang;
	struct kb_text is;
};

struct kb_memo {
	struct known *v;
	size_t slots;		/* a power of two, at least twice the texts */
	size_t n, max, bytes;
};

/* FNV-1a: only spreads. */
static uint64_t
hash_of(size_t lang, struct str text)
{
	uint64_t x = 0xcbf29ce484222325u + lang;

	for (size_t i = 0; i < text.n; i++)
		x = (x ^ (unsigned char)text.p[i]) * 0x100000001b3u;
	return x ^ x >> 29;
}

struct kb_memo *
kb_memo_new(struct arena *a, size_t texts_max)
{
	struct kb_memo *m = arena_new_of(a, struct kb_memo);

	m->max = texts_max;
	for (m->slots = 16; m->slots < 2 * texts_max; m->slots *= 2)
		continue;
	m->v = arena_array(a, struct known, m->slots);
	return m;
}

static struct known *
slot_of(const struct kb_memo *m, size_t lang, struct str text, uint64_t hash)
{
	size_t at = hash & (m->slots - 1);

	while (m->v[at].text.p != NULL &&
	    (m->v[at].hash != hash || m->v[at].lang != lang || !str_eq(m->v[at].text, text)))
		at = (at + 1) & (m->slots - 1);
	return &m->v[at];
}

void
kb_memo_add(struct kb_memo *m, struct arena *a, struct stemmer *st, size_t lang, struct str text)
{
	uint64_t hash = hash_of(lang, text);
	struct known *k;

	if (m->n >= m->max || text.n == 0 || text.n > MEMO_BYTES - m->bytes)
		return;
	k = slot_of(m, lang, text, hash);
	if (k->text.p != NULL)
		return;
	*k = (struct known){ hash, str_dup(a, text), lang, kb_text_read(a, st, text) };
	m->n++;
	m->bytes += text.n;
}

const struct kb_text *
kb_memo_find(const struct kb_memo *m, size_t lang, struct str text)
{
	const struct known *k = slot_of(m, lang, text, hash_of(lang, text));

	return k->text.p == NULL ? NULL : &k->is;
}

struct kb_text
kb_text_read(struct arena *a, struct stemmer *st, struct str text)
{
	struct kb_text t = { .n = 0 };
	struct str *stems;

	text_words(a, text, &t.forms, &t.n);
	stems = arena_array(a, struct str, t.n + 1);
	for (size_t i = 0; i < t.n; i++)
		stems[i] = stemmer_word(st, a, t.forms[i]);
	t.stems = stems;
	return t;
}
