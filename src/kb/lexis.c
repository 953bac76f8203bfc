/* SPDX-License-Identifier: Apache-2.0 */
/* lexis.c - numbers the stems of a language and knows which ones belong together. */
#include "kb/lexis.h"

#include "text/lang.h"
#include "text/related.h"
#include "text/stem.h"
#include "text/tokens.h"

#include <math.h>
#include <string.h>

#define TABLE_WORDS 6000	/* of related.txt in one language, at most */
#define SURFACE_SLOTS 65536	/* words as they are written: the rest are stemmed again */
#define PHRASE_MAX 5
#define GAP_MAX 3
#define OTHER_NUMBER 0.5f	/* "my chest is 92" is like "my chest is 100" */
#define RELATED 0.85f		/* what a related word is worth beside the word itself */
#define KEPT_MAX 16

struct entry {
	struct str stem;
	uint32_t df, last;	/* passages that have it; the last one counted */
	int32_t next_first, next_last;	/* with the same first and last byte, in order; -1 */
	int32_t phrase;		/* first one that begins with it; -1 */
	uint16_t group[TERM_GROUPS_MAX];
	bool general[TERM_GROUPS_MAX];
	uint8_t groups_n;
	bool weak;
};

struct phrase {
	int32_t word[PHRASE_MAX];	/* -1: up to GAP_MAX words */
	size_t n;
	uint16_t group;
	bool general;
	int32_t next;			/* with the same first word; -1 */
};

struct surface {		/* a word as it is written */
	struct str word;
	int32_t id;	/* of its stem */
};

struct chain {
	int32_t head, tail;	/* -1: empty */
};

struct lexis {
	struct arena *a;
	struct str lang;
	struct stemmer *st;		/* while learning */
	struct entry *v;		/* by number */
	size_t n, cap;
	int32_t *slot;			/* open addressing; -1: empty */
	size_t slots;
	struct surface *surface;	/* by hash, half full at most; empty: no word */
	size_t surfaces, surface_slots;
	struct chain first[256], last[256];	/* stems by their first and last byte */
	struct phrase *phrase;
	size_t phrases, phrases_cap;
	uint32_t *group_df, *group_last;
	size_t groups;
	int32_t *member;		/* the words that stand for a group, group by group */
	size_t *member_at;		/* where a group's begin; one more than groups */
	uint32_t passages;
	struct str kept[KEPT_MAX];	/* without meaning elsewhere, with one here */
	size_t kept_n;
};

/* --- the vocabulary ------------------------------------------------------- */

static uint64_t
hash_of(struct str s)
{
	uint64_t h = str_hash64(s);

	return h ^ h >> 29;
}

static int32_t
find(const struct lexis *x, struct str stem)
{
	for (size_t i = hash_of(stem) & (x->slots - 1); x->slot[i] >= 0; i = (i + 1) & (x->slots - 1))
		if (str_eq(x->v[x->slot[i]].stem, stem))
			return x->slot[i];
	return -1;
}

/* For guess(): only those that it may choose. */
static void
chain(struct lexis *x, int32_t id)
{
	struct str stem = x->v[id].stem;
	struct chain *f, *l;

	if (stem.n == 0)
		return;
	f = &x->first[(uint8_t)stem.p[0]];
	l = &x->last[(uint8_t)stem.p[stem.n - 1]];
	*(f->tail < 0 ? &f->head : &x->v[f->tail].next_first) = id;
	f->tail = id;
	*(l->tail < 0 ? &l->head : &x->v[l->tail].next_last) = id;
	l->tail = id;
}

static int32_t
put(struct lexis *x, struct str stem)
{
	size_t i = hash_of(stem) & (x->slots - 1);

	for (; x->slot[i] >= 0; i = (i + 1) & (x->slots - 1))
		if (str_eq(x->v[x->slot[i]].stem, stem))
			return x->slot[i];
	if (x->n == x->cap)
		return -1;
	x->v[x->n] = (struct entry){ .stem = str_dup(x->a, stem), .phrase = -1, .next_first = -1, .next_last = -1 };
	x->slot[i] = (int32_t)x->n;
	chain(x, x->slot[i]);
	return (int32_t)x->n++;
}

/* The slot of a word, or the free one where it would stand. */
static struct surface *
surface_of(const struct lexis *x, struct str word)
{
	size_t i = hash_of(word) & (x->surface_slots - 1);

	while (x->surface[i].word.n > 0 && !str_eq(x->surface[i].word, word))
		i = (i + 1) & (x->surface_slots - 1);
	return &x->surface[i];
}

/* A word of the articles: its stem, which is not worked out again. */
static void
learn_word(struct lexis *x, struct str word)
{
	struct surface *s = surface_of(x, word);
	int32_t id;

	if (s->word.n > 0)
		return;
	id = put(x, stemmer_word(x->st, x->a, word));
	if (id >= 0 && x->surfaces < x->surface_slots / 2 && word.n > 0) {
		*s = (struct surface){ str_dup(x->a, word), id };
		x->surfaces++;
	}
}

static void
join_group(struct lexis *x, int32_t id, uint16_t group, bool general)
{
	struct entry *e = id >= 0 ? &x->v[id] : NULL;

	for (size_t i = 0; e != NULL && i < e->groups_n; i++)
		if (e->group[i] == group)
			return;
	if (e == NULL || e->groups_n == TERM_GROUPS_MAX)
		return;
	e->group[e->groups_n] = group;
	e->general[e->groups_n++] = general;
}

static void
add_phrase(struct lexis *x, struct str text, uint16_t group, bool general)
{
	struct phrase p = { .group = group, .general = general, .next = -1 };
	struct entry *first;

	while (text.p != NULL && text.n > 0 && p.n < PHRASE_MAX) {
		struct str word = str_cut(text, '_', &text);

		p.word[p.n++] = str_eqz(word, "..") ? -1 : put(x, stemmer_word(x->st, x->a, word));
	}
	if (x->phrases == x->phrases_cap || p.word[0] < 0)
		return;
	first = &x->v[p.word[0]];
	p.next = first->phrase;
	first->phrase = (int32_t)x->phrases;
	x->phrase[x->phrases++] = p;
}

static void
add_row(struct lexis *x, const char *words, uint16_t group, bool weak, bool general)
{
	struct str rest = str_from(words);

	while (rest.p != NULL && rest.n > 0) {
		struct str word = str_cut(rest, ' ', &rest);

		if (word.n == 0)
			continue;
		if (memchr(word.p, '_', word.n) != NULL) {
			add_phrase(x, word, group, general);
			continue;
		}
		word = stemmer_word(x->st, x->a, word);
		if (!weak)
			join_group(x, put(x, word), group, general);
		else if (put(x, word) >= 0)
			x->v[put(x, word)].weak = true;
	}
}

struct lexis *
lexis_new(struct arena *a, struct str lang, size_t room)
{
	struct lexis *x = arena_new_of(a, struct lexis);
	const struct related_row *row;
	size_t n;

	x->a = a;
	x->lang = str_dup(a, lang);
	x->st = stemmer_new(a, lang);
	x->cap = room + TABLE_WORDS;
	x->slots = 64;
	while (x->slots < x->cap * 2)
		x->slots *= 2;
	x->v = arena_array(a, struct entry, x->cap);
	x->slot = arena_array(a, int32_t, x->slots);
	x->surface_slots = x->slots < SURFACE_SLOTS ? x->slots : SURFACE_SLOTS;
	x->surface = arena_array(a, struct surface, x->surface_slots);
	for (size_t i = 0; i < x->slots; i++)
		x->slot[i] = -1;
	for (size_t i = 0; i < 256; i++)
		x->first[i] = x->last[i] = (struct chain){ -1, -1 };
	x->phrases_cap = TABLE_WORDS;
	x->phrase = arena_array(a, struct phrase, x->phrases_cap);
	row = related_rows(&n);
	x->groups = n;
	x->group_df = arena_array(a, uint32_t, n + 1);
	x->group_last = arena_array(a, uint32_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!str_eqz(lang, row[i].lang))
			continue;
		add_row(x, row[i].general, (uint16_t)i, row[i].kind == RELATED_WEAK, true);
		add_row(x, row[i].special, (uint16_t)i, row[i].kind == RELATED_WEAK, false);
	}
	return x;
}

struct str
lexis_lang(const struct lexis *x)
{
	return x->lang;
}

/* --- reading -------------------------------------------------------------- */

static bool
is_number(struct str w)
{
	return w.n > 0 && w.p[0] >= '0' && w.p[0] <= '9';
}

/* How many words the longest phrase at i takes; its group in *p. taken: which
 * of them are its own. */
static size_t
phrase_at(const struct lexis *x, const int32_t *id, size_t n, size_t i, const struct phrase **p, bool *taken)
{
	size_t best = 0, best_words = 0;

	for (int32_t k = id[i] < 0 ? -1 : x->v[id[i]].phrase; k >= 0; k = x->phrase[k].next) {
		const struct phrase *c = &x->phrase[k];
		bool own[PHRASE_MAX + GAP_MAX + 2] = { true };
		size_t at = i + 1, gap = 0, j = 1, words = 1;

		for (; j < c->n; j++) {
			size_t skip = 0;

			if (c->word[j] < 0) {
				gap = GAP_MAX;
				continue;
			}
			while (at + skip < n && skip <= gap && id[at + skip] != c->word[j])
				skip++;
			if (at + skip >= n || skip > gap || at + skip - i >= sizeof(own))
				break;
			own[at + skip - i] = true;
			at += skip + 1;
			gap = 0;
			words++;
		}
		if (j < c->n || words < best_words)
			continue;
		best = at - i;
		best_words = words;
		*p = c;
		memcpy(taken, own, sizeof(own));
	}
	return best;
}

static void
weigh(const struct lexis *x, struct term *t)
{
	uint32_t df = t->id >= 0 ? x->v[t->id].df : 0;
	float all = (float)(x->passages > 0 ? x->passages : 1);

	for (size_t i = 0; i < t->groups_n; i++) {
		uint64_t bit = UINT64_C(1) << (t->group[i] & 63);

		t->asks |= bit;
		t->stands |= t->general[i] ? bit : 0;
		if (df == 0 || t->stem.n == 0)
			df = x->group_df[t->group[i]] > df ? x->group_df[t->group[i]] : df;
	}
	t->known = df > 0;
	t->weight = logf(1.0f + all / (df == 0 ? 0.5f : (float)df)) / logf(1.0f + all * 2.0f);
	if (t->weak)
		t->weight *= 0.15f;
	else if (t->number)
		t->weight *= 0.3f;
}

static struct term
term_of_word(const struct lexis *x, int32_t id, struct str stem)
{
	struct term t = { .stem = stem, .id = id, .sure = 1, .number = is_number(stem) };

	if (id >= 0) {
		const struct entry *e = &x->v[id];

		t.stem = e->stem;
		memcpy(t.group, e->group, sizeof(t.group));
		memcpy(t.general, e->general, sizeof(t.general));
		t.groups_n = e->groups_n;
		t.weak = e->weak;
	}
	return t;
}

/* One letter more, less, other or swapped, in words of five and more; the first
 * letter stays. */
static bool
is_slip(struct str a, struct str b)
{
	size_t i = 0, j;

	if (a.n < 5 || b.n < 5 || a.p[0] != b.p[0] || a.n > b.n + 1 || b.n > a.n + 1)
		return false;
	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	for (j = 0; i + j < a.n && i + j < b.n && a.p[a.n - 1 - j] == b.p[b.n - 1 - j]; j++)
		continue;
	if (i + j + 1 >= a.n && i + j + 1 >= b.n)
		return true;
	return a.n == b.n && i + j + 2 == a.n && a.p[i] == b.p[i + 1] && a.p[i + 1] == b.p[i];
}

/* The word meant by one that nobody knows: a slip away, or the end of a German
 * compound (Daunenjacke is a Jacke); *sure says how far to believe it. */
static int32_t
guess(const struct lexis *x, struct str stem, float *sure)
{
	int32_t best = -1;
	size_t longest = 3;

	*sure = 0.9f;
	if (stem.n == 0)
		return -1;
	for (int32_t i = x->first[(uint8_t)stem.p[0]].head; i >= 0; i = x->v[i].next_first)
		if (is_slip(stem, x->v[i].stem) &&
		    (best < 0 || x->v[i].df > x->v[best].df))
			best = i;
	if (best >= 0 || !str_eqz(x->lang, "de"))
		return best;
	*sure = 0.6f;
	for (int32_t i = x->last[(uint8_t)stem.p[stem.n - 1]].head; i >= 0; i = x->v[i].next_last)
		if (x->v[i].stem.n > longest && stem.n > x->v[i].stem.n + 2 && str_ends(stem, x->v[i].stem)) {
			best = i;
			longest = x->v[i].stem.n;
		}
	return best;
}

static bool
has_id(const struct terms *t, int32_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (id >= 0 && t->v[i].id == id)
			return true;
	return false;
}

static void
add_term(const struct lexis *x, struct terms *t, struct term one)
{
	weigh(x, &one);
	t->v[t->n++] = one;
	t->numbers |= one.number;
	if (one.id >= 0)
		t->ids[(uint32_t)one.id % TERMS_ID_BITS / 64] |= UINT64_C(1) << (one.id & 63);
	for (size_t i = 0; i < one.groups_n; i++)
		if (one.general[i])
			t->groups[one.group[i] % TERMS_GROUP_BITS / 64] |= UINT64_C(1) << (one.group[i] & 63);
}

/* No meaning of its own, neither in the language nor in these articles. */
static bool
is_empty_word(const struct lexis *x, struct str word)
{
	if (!lang_is_stopword(x->lang, word))
		return false;
	for (size_t i = 0; i < x->kept_n; i++)
		if (str_eq(x->kept[i], word))
			return false;
	return true;
}

/* correct: of a question. There a phrase takes its words with it; in an article
 * they may be asked for one by one. */
struct terms
lexis_read(const struct lexis *x, const struct str *words, size_t n, bool correct, size_t max,
    struct arena *a)
{
	struct stemmer *st = NULL;
	int32_t *id = arena_array(a, int32_t, n + 1);
	bool *done = arena_array(a, bool, n + 1);
	struct str *stem = arena_array(a, struct str, n + 1);
	struct terms t;

	max = max < 2 * n ? max : 2 * n;	/* phrases, and the words left */
	t = (struct terms){ .v = arena_array(a, struct term, max + 1) };
	for (size_t i = 0; i < n; i++) {
		const struct surface *s = surface_of(x, words[i]);

		if (s->word.n > 0) {
			id[i] = s->id;
			stem[i] = x->v[s->id].stem;
			continue;
		}
		if (st == NULL)
			st = stemmer_new(a, x->lang);
		stem[i] = stemmer_word(st, a, words[i]);
		id[i] = find(x, stem[i]);
	}
	for (size_t i = 0; i < n && t.n < max; i++) {
		bool taken[PHRASE_MAX + GAP_MAX + 2] = { false };
		const struct phrase *p = NULL;
		size_t len = done[i] ? 0 : phrase_at(x, id, n, i, &p, taken);
		struct term one = { .id = -1, .sure = 1, .groups_n = 1 };

		if (len == 0)
			continue;
		for (size_t k = 0; k < len; k++)
			done[i + k] |= taken[k];
		one.group[0] = p->group;
		one.general[0] = p->general;
		add_term(x, &t, one);
	}
	for (size_t i = 0; i < n && t.n < max; i++) {
		float sure = 1;
		struct term one;

		if ((done[i] && correct) || is_empty_word(x, words[i]) || words[i].n < 2)
			continue;
		if (id[i] < 0 && correct && !is_number(words[i]) && !lang_has_word(words[i]))
			id[i] = guess(x, stem[i], &sure);
		if (has_id(&t, id[i]))
			continue;
		one = term_of_word(x, id[i], stem[i]);
		one.sure = sure;
		if (done[i])
			one.groups_n = 0;
		add_term(x, &t, one);
	}
	return t;
}

struct terms
lexis_read_text(const struct lexis *x, struct str text, size_t max, struct arena *a)
{
	const struct str *w;
	size_t n;

	text_words(a, text, &w, &n);
	return lexis_read(x, w, n, false, max, a);
}

void
lexis_keep(struct lexis *x, struct str heading)
{
	const struct str *w;
	size_t n;

	text_words(x->a, heading, &w, &n);
	if (n == 1 && x->kept_n < KEPT_MAX && is_empty_word(x, w[0]))
		x->kept[x->kept_n++] = str_dup(x->a, w[0]);
}

/* --- learning ------------------------------------------------------------- */

void
lexis_learn(struct lexis *x, struct str text)
{
	const struct str *w;
	struct terms t;
	size_t n;

	text_words(x->a, text, &w, &n);
	for (size_t i = 0; i < n; i++)
		learn_word(x, w[i]);
	x->passages++;
	t = lexis_read(x, w, n, false, n * 2, x->a);
	for (size_t i = 0; i < t.n; i++) {
		struct entry *e = t.v[i].id >= 0 ? &x->v[t.v[i].id] : NULL;

		if (e != NULL && e->last != x->passages) {
			e->last = x->passages;
			e->df++;
		}
		for (size_t k = 0; k < t.v[i].groups_n; k++) {
			uint16_t g = t.v[i].group[k];

			if (t.v[i].general[k] && x->group_last[g] != x->passages) {
				x->group_last[g] = x->passages;
				x->group_df[g]++;
			}
		}
	}
}

void
lexis_close(struct lexis *x)
{
	x->st = NULL;
	x->member = arena_array(x->a, int32_t, x->n * TERM_GROUPS_MAX + 1);
	x->member_at = arena_array(x->a, size_t, x->groups + 2);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < x->n; i++)
			for (size_t k = 0; x->v[i].df > 0 && k < x->v[i].groups_n; k++) {
				size_t g = x->v[i].group[k];

				if (!x->v[i].general[k])
					continue;
				if (round == 0)
					x->member_at[g + 1]++;
				else
					x->member[x->member_at[g]++] = (int32_t)i;
			}
		for (size_t g = 0; round == 0 && g < x->groups; g++)
			x->member_at[g + 1] += x->member_at[g];
	}
	/* Each start has moved to its end. */
	for (size_t g = x->groups; g > 0; g--)
		x->member_at[g] = x->member_at[g - 1];
	x->member_at[0] = 0;
}

/* --- comparing ------------------------------------------------------------ */

void
lexis_join(struct terms *any, const struct terms *more)
{
	for (size_t i = 0; i < TERMS_ID_BITS / 64; i++)
		any->ids[i] |= more->ids[i];
	for (size_t i = 0; i < TERMS_GROUP_BITS / 64; i++)
		any->groups[i] |= more->groups[i];
	any->numbers |= more->numbers;
}

bool
lexis_may_match(const struct term *asked, const struct terms *there)
{
	if (asked->number && there->numbers)
		return true;
	if (asked->id >= 0 &&
	    (there->ids[(uint32_t)asked->id % TERMS_ID_BITS / 64] >> (asked->id & 63) & 1) != 0)
		return true;
	for (size_t i = 0; i < asked->groups_n; i++)
		if ((there->groups[asked->group[i] % TERMS_GROUP_BITS / 64] >> (asked->group[i] & 63) & 1) != 0)
			return true;
	return false;
}

float
lexis_match(const struct term *asked, const struct term *there)
{
	if (asked->id >= 0 && asked->id == there->id)
		return asked->sure;
	if (asked->number && there->number)
		return OTHER_NUMBER;
	if ((asked->asks & there->stands) == 0)
		return 0;
	for (size_t i = 0; i < asked->groups_n; i++)
		for (size_t k = 0; k < there->groups_n; k++)
			if (asked->group[i] == there->group[k] && there->general[k])
				return asked->sure * (asked->id < 0 && there->id < 0 ? 1 : RELATED);
	return 0;
}

/* The words of a phrase that stands for the group. */
static size_t
add_words(const struct lexis *x, const struct phrase *p, uint16_t group, struct str *out, size_t n, size_t max)
{
	if (p->group != group || !p->general)
		return n;
	for (size_t i = 0; i < p->n && n < max; i++)
		if (p->word[i] >= 0 && x->v[p->word[i]].df > 0)
			out[n++] = x->v[p->word[i]].stem;
	return n;
}

size_t
lexis_related(const struct lexis *x, const struct term *t, struct str *out, size_t max)
{
	size_t n = 0;

	for (size_t g = 0; g < t->groups_n; g++)
		for (size_t i = x->member_at[t->group[g]]; i < x->member_at[t->group[g] + 1] && n < max; i++)
			out[n++] = x->v[x->member[i]].stem;
	for (size_t g = 0; g < t->groups_n; g++)
		for (size_t i = 0; i < x->phrases; i++)
			n = add_words(x, &x->phrase[i], t->group[g], out, n, max);
	return n;
}
