/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - scores passages by how much of the question they hold.
 *
 * BM25 ranks within one query and says nothing between two: "boots" alone beats
 * every threshold somewhere.  So: the share of the question's weight that stands
 * in the passage, its headings and the article's questions; the likeness to the
 * best of these questions; the lead over the next article.
 */
#include "kb/answer.h"

#include "kb/memo.h"
#include "text/lang.h"
#include "text/stem.h"
#include "text/tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANGS_MAX 8
#define QUERY_MAX 48		/* words that count */
#define QUESTIONS_MAX 32
#define MEMO_TEXTS ((size_t)16384)

struct df {
	struct str stem;
	uint32_t n;		/* passages that have it */
};

struct kb_stats {
	struct str lang[LANGS_MAX];
	size_t lang_n;
	struct {
		struct df *v;	/* sorted */
		size_t n, passages;
	} of[LANGS_MAX];
	const struct str *synonyms[LANGS_MAX];	/* stems of the table's words, row by row */
	struct kb_memo *memo;
};

/* Different words for the same thing in a shop, stemmed when used. First comes
 * the language. */
static const char *const synonyms[][10] = {
	{ "en", "parcel", "package", "packet", "shipment", "box" },
	{ "en", "shipping", "ship", "delivery", "deliver", "postage", "dispatch" },
	{ "en", "refund", "reimburse", "reimbursement", "repay" },
	{ "en", "return", "send", "back", "bring" },
	{ "en", "exchange", "swap", "change", "replace" },
	{ "en", "cost", "price", "charge", "fee", "expensive", "cheap", "pay" },
	{ "en", "shop", "store", "shops", "branch" },
	{ "en", "wash", "clean", "laundry", "washing", "dirty" },
	{ "en", "opened", "unpacked", "unwrapped", "unboxed", "tried" },
	{ "en", "broken", "faulty", "defect", "defective", "damaged", "broke", "tear", "torn" },
	{ "en", "warranty", "guarantee" },
	{ "en", "voucher", "coupon", "code", "discount", "promo" },
	{ "en", "invoice", "receipt", "bill" },
	{ "en", "pickup", "collect", "fetch" },
	{ "en", "buy", "purchase", "bought", "order" },
	{ "en", "long", "days", "time", "deadline", "late", "until" },
	{ "en", "abroad", "country", "countries", "international", "overseas" },
	{ "en", "waterproof", "proof", "impregnate", "waterproofing" },
	{ "en", "big", "large", "small", "size", "fit", "tight" },
	{ "en", "present", "gift" },
	{ "en", "cancel", "cancellation", "stop" },
	{ "en", "shoes", "boots", "footwear", "shoe" },
	{ "en", "repair", "mend", "fix" },
	{ "de", "paket", "sendung", "päckchen", "lieferung" },
	{ "de", "versand", "lieferung", "liefern", "verschicken", "porto", "zustellung" },
	{ "de", "erstattung", "geld", "erstatten", "rückerstattung", "gutschrift" },
	{ "de", "umtausch", "umtauschen", "tauschen", "austauschen" },
	{ "de", "rückgabe", "rücksendung", "zurückschicken", "zurückgeben", "zurücksenden", "retoure", "zurück" },
	{ "de", "kosten", "kostet", "preis", "gebühr", "bezahlen" },
	{ "de", "laden", "geschäft", "filiale" },
	{ "de", "frist", "tage", "lange", "zeit", "spät" },
	{ "de", "schuhe", "stiefel", "wanderschuhe" },
	{ "de", "karton", "schachtel", "verpackung", "originalverpackung" },
	{ "de", "geschenk", "verschenkt" },
	{ "de", "geöffnet", "ausgepackt", "aufgemacht", "offen", "anprobiert" },
};

#define SYNONYMS_N (sizeof(synonyms) / sizeof(synonyms[0]))
#define SYNONYM_WORDS 10

/* --- statistics ----------------------------------------------------------- */

static int
cmp_df(const void *a, const void *b)
{
	return str_cmp(((const struct df *)a)->stem, ((const struct df *)b)->stem);
}

static struct kb_text
stems_of(const struct kb_stats *s, size_t l, struct arena *a, struct stemmer *st, struct str text)
{
	const struct kb_text *known = s != NULL && l < s->lang_n ? kb_memo_find(s->memo, l, text) : NULL;

	return known != NULL ? *known : kb_text_read(a, st, text);
}

static void
remember(struct kb_stats *s, size_t l, struct arena *a, struct stemmer *st, const struct kb_article_text *t)
{
	struct str rest = t->questions;

	kb_memo_add(s->memo, a, st, l, t->title);
	kb_memo_add(s->memo, a, st, l, t->section);
	kb_memo_add(s->memo, a, st, l, t->text);
	while (rest.p != NULL && rest.n > 0)
		kb_memo_add(s->memo, a, st, l, str_cut(rest, '\n', &rest));
}

static const struct str *
stem_synonyms(struct arena *a, struct stemmer *st, struct str lang)
{
	struct str *v = arena_array(a, struct str, SYNONYMS_N * SYNONYM_WORDS);

	for (size_t g = 0; g < SYNONYMS_N; g++)
		for (size_t i = 1; str_eqz(lang, synonyms[g][0]) && i < SYNONYM_WORDS && synonyms[g][i] != NULL; i++)
			v[g * SYNONYM_WORDS + i] = stemmer_word(st, a, str_from(synonyms[g][i]));
	return v;
}

static void
count_language(struct kb_stats *s, size_t l, struct arena *a, const struct kb_article_text *v, size_t n)
{
	struct stemmer *st = stemmer_new(a, s->lang[l]);
	struct df *all;
	size_t room = 0, total = 0, distinct = 0;

	for (size_t i = 0; i < n; i++)
		room += (v[i].title.n + v[i].section.n + v[i].questions.n + v[i].text.n) / 2 + 8;
	all = arena_array(a, struct df, room);
	for (size_t i = 0; i < n; i++) {
		struct kb_text w;
		struct str joined;
		size_t start = total, end;

		if (!str_eq(v[i].language, s->lang[l]))
			continue;
		s->of[l].passages++;
		joined = str_fmt(a, "%S\n%S", v[i].section, v[i].text);
		/* Once an article: else its questions make their words common. */
		if (i == 0 || !str_eq(v[i].title, v[i - 1].title))
			joined = str_fmt(a, "%S\n%S\n%S", joined, v[i].title, v[i].questions);
		w = kb_text_read(a, st, joined);
		for (size_t j = 0; j < w.n && total < room; j++)
			all[total++] = (struct df){ w.stems[j], 1 };
		remember(s, l, a, st, &v[i]);
		qsort(all + start, total - start, sizeof(*all), cmp_df);
		end = total;
		total = start;
		for (size_t j = start; j < end; j++)
			if (j == start || !str_eq(all[j].stem, all[total - 1].stem))
				all[total++] = all[j];
	}
	qsort(all, total, sizeof(*all), cmp_df);
	for (size_t i = 0; i < total; i++) {
		if (distinct > 0 && str_eq(all[distinct - 1].stem, all[i].stem))
			all[distinct - 1].n++;
		else
			all[distinct++] = all[i];
	}
	s->of[l].v = all;
	s->of[l].n = distinct;
	s->synonyms[l] = stem_synonyms(a, st, s->lang[l]);
}

struct kb_stats *
kb_stats_new(struct arena *a, const struct kb_article_text *v, size_t n)
{
	struct kb_stats *s = arena_new_of(a, struct kb_stats);

	s->memo = kb_memo_new(a, n * 12 < MEMO_TEXTS ? n * 12 : MEMO_TEXTS);
	for (size_t i = 0; i < n; i++) {
		size_t l = 0;

		while (l < s->lang_n && !str_eq(s->lang[l], v[i].language))
			l++;
		if (l == s->lang_n && l < LANGS_MAX)
			s->lang[s->lang_n++] = str_dup(a, v[i].language);
	}
	for (size_t l = 0; l < s->lang_n; l++)
		count_language(s, l, a, v, n);
	return s;
}

static size_t
lang_at(const struct kb_stats *s, struct str lang)
{
	size_t l = 0;

	while (s != NULL && l < s->lang_n && !str_eq(s->lang[l], lang))
		l++;
	return l;
}

static const struct df *
df_of(const struct kb_stats *s, size_t l, struct str stem)
{
	const struct df key = { stem, 0 };

	if (s == NULL || l >= s->lang_n || s->of[l].n == 0)
		return NULL;
	return bsearch(&key, s->of[l].v, s->of[l].n, sizeof(key), cmp_df);
}

/* --- slips ---------------------------------------------------------------- */

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

static struct str
correct_stem(const struct kb_stats *s, size_t l, struct str stem)
{
	const struct df *best = NULL;

	if (s == NULL || l >= s->lang_n || stem.n < 5 || df_of(s, l, stem) != NULL)
		return stem;
	for (size_t i = 0; i < s->of[l].n; i++)
		if (is_slip(stem, s->of[l].v[i].stem) && (best == NULL || s->of[l].v[i].n > best->n))
			best = &s->of[l].v[i];
	return best == NULL ? stem : best->stem;
}

/* --- the question --------------------------------------------------------- */

struct term {
	struct str stem;
	struct str word;	/* as asked: the same form tells more than the stem */
	struct str also[12];	/* stems of its synonyms */
	size_t also_n;
	float weight;		/* idf */
};

struct query {
	struct term v[QUERY_MAX];
	size_t n;
	float weight;
	size_t lang;		/* index in stats */
	struct stemmer *st;
	struct str all[QUERY_MAX];	/* stems of all words, the silent ones too */
	float all_weight;	/* of them together, as a heading weighs its own */
	size_t all_n;
	const struct str *words;	/* the terms' stems, each followed by its synonyms' */
	size_t words_n;
};

static void
add_synonyms(struct term *t, const struct str *stems)
{
	for (size_t g = 0; g < SYNONYMS_N; g++) {
		const struct str *row = &stems[g * SYNONYM_WORDS];
		bool in = false;

		for (size_t i = 1; i < SYNONYM_WORDS && row[i].n > 0; i++)
			in |= str_eq(row[i], t->stem);
		for (size_t i = 1; in && i < SYNONYM_WORDS && row[i].n > 0 && t->also_n < 12; i++)
			t->also[t->also_n++] = row[i];
	}
}

static float
weight_of(const struct kb_stats *s, const struct query *q, struct str lang, struct str stem, float silent)
{
	const struct df *df = df_of(s, q->lang, stem);
	float passages = s != NULL && q->lang < s->lang_n ? (float)s->of[q->lang].passages : 1.0f;

	if (lang_is_stopword(lang, stem))
		return silent;
	return logf(1.0f + passages / (df == NULL ? 0.5f : (float)df->n));
}

static void
read_query(struct query *q, const struct kb_stats *s, struct str lang, const struct str *words, size_t n,
    struct arena *a)
{
	const struct str *also;
	struct str *words_all = arena_array(a, struct str, QUERY_MAX * 13);
	float passages;

	memset(q, 0, sizeof(*q));
	q->lang = lang_at(s, lang);
	q->st = stemmer_new(a, lang);
	also = s != NULL && q->lang < s->lang_n ? s->synonyms[q->lang] : stem_synonyms(a, q->st, lang);
	passages = s != NULL && q->lang < s->lang_n ? (float)s->of[q->lang].passages : 1;
	for (size_t i = 0; i < n && q->n < QUERY_MAX; i++) {
		struct term *t = &q->v[q->n];
		const struct df *df;
		bool seen = false;

		if (q->all_n < QUERY_MAX)
			q->all[q->all_n++] = stemmer_word(q->st, a, words[i]);
		if (lang_is_stopword(lang, words[i]) || words[i].n < 2)
			continue;
		t->stem = correct_stem(s, q->lang, stemmer_word(q->st, a, words[i]));
		t->word = words[i];
		for (size_t k = 0; k < q->n; k++)
			seen |= str_eq(q->v[k].stem, t->stem);
		if (seen)
			continue;
		df = df_of(s, q->lang, t->stem);
		t->weight = logf(1.0f + passages / (df == NULL ? 0.5f : (float)df->n));
		add_synonyms(t, also);
		q->weight += t->weight;
		q->n++;
	}
	for (size_t i = 0; i < q->all_n; i++)
		q->all_weight += weight_of(s, q, lang, q->all[i], 0.5f);
	q->words = words_all;
	for (size_t i = 0; i < q->n; i++) {
		words_all[q->words_n++] = q->v[i].stem;
		for (size_t k = 0; k < q->v[i].also_n; k++)
			words_all[q->words_n++] = q->v[i].also[k];
	}
}

void
kb_query(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    struct arena *a, const struct str **out, size_t *out_n)
{
	struct query *q = arena_new_of(a, struct query);
	struct str *v = arena_array(a, struct str, QUERY_MAX * 13);
	size_t n = 0;

	read_query(q, s, language, words, words_n, a);
	for (size_t i = 0; i < q->n; i++) {
		v[n++] = q->v[i].stem;
		for (size_t k = 0; k < q->v[i].also_n; k++) {
			bool seen = false;

			for (size_t j = 0; j < n; j++)
				seen |= str_eq(v[j], q->v[i].also[k]);
			if (!seen)
				v[n++] = q->v[i].also[k];
		}
	}
	*out = v;
	*out_n = n;
}

/* --- the score ------------------------------------------------------------ */

static float
match(const struct term *t, const struct str *w, size_t n)
{
	float best = 0;

	for (size_t i = 0; i < n; i++) {
		if (str_eq(w[i], t->stem))
			return 1;
		for (size_t k = 0; k < t->also_n; k++)
			if (str_eq(w[i], t->also[k]) && best < 0.75f)
				best = 0.75f;
		if (best < 0.6f && t->stem.n >= 6 && w[i].n >= 6 && memcmp(w[i].p, t->stem.p, 6) == 0)
			best = 0.6f;
	}
	return best;
}

static bool
is_in(struct str w, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i], w))
			return true;
	return false;
}

/* How much of the question stands in w, by weight, times `part`, where better
 * than what `have` holds already. */
static void
cover(const struct query *q, const struct str *w, const struct str *forms, size_t n, float part,
    float *have)
{
	for (size_t i = 0; i < q->n; i++) {
		float m = match(&q->v[i], w, n) * part;

		if (forms != NULL && !is_in(q->v[i].word, forms, n))
			m *= 0.85f;
		if (m > have[i])
			have[i] = m;
	}
}

static float
weigh(const struct query *q, const float *have)
{
	float sum = 0;

	for (size_t i = 0; i < q->n; i++)
		sum += q->v[i].weight * have[i];
	return q->weight > 0 ? sum / q->weight : 0;
}

struct line {			/* one of the questions that an article answers */
	const struct str *v;	/* stems */
	const float *weight;
	const bool *silent;
	size_t n;
};

struct prepared {		/* a candidate's stems */
	const struct kb_candidate *c;
	const struct str *section;
	size_t section_n;
	struct kb_text text, title;
	const struct line *lines;	/* the article's own, shared by its passages */
	size_t lines_n;
	const float *lines_here;	/* how much of each stands in this passage */
};

/* Of a line's words, the share by weight that stands in the passage: its heading
 * counts whole, its text a little less. */
static float
share(const struct line *l, const struct prepared *p, float silent)
{
	float sum = 0, all = 0;

	for (size_t i = 0; i < l->n; i++) {
		float w = l->silent[i] ? silent : l->weight[i];

		/* What is told apart is told by the rarer word. */
		w *= w;

		all += w;
		if (is_in(l->v[i], p->section, p->section_n))
			sum += w;
		else if (is_in(l->v[i], p->text.stems, p->text.n))
			sum += 0.4f * w;
	}
	return all > 0 ? sum / all : 0;
}

/* How much the line belongs to this passage rather than to another one of
 * its article: 1 for the nearest. */
static float
belongs(size_t line, const struct prepared *all, size_t all_n, const struct prepared *p)
{
	float mine = p->lines_here[line], best = mine;

	for (size_t i = 0; i < all_n; i++)
		if (all[i].lines == p->lines && all[i].lines_here[line] > best)
			best = all[i].lines_here[line];
	if (best <= 0)
		return 0;
	return mine >= best ? 1 : 0.5f * mine / best;
}

/* The words of the heading that were asked for, and how many of both are shared. */
static float
heading_likeness(const struct kb_stats *s, const struct query *q, const struct prepared *p)
{
	struct str lang = p->c->passage.language;
	float both = 0, all = 0;

	for (size_t i = 0; i < p->section_n; i++) {
		float w = weight_of(s, q, lang, p->section[i], 0.5f);
		bool in = is_in(p->section[i], q->all, q->all_n);

		for (size_t k = 0; k < q->n; k++)
			in |= match(&q->v[k], &p->section[i], 1) > 0.5f;
		all += w;
		both += in ? 2 * w : 0;
	}
	all += q->all_weight;
	return all > 0 ? both / all : 0;
}

struct scored {
	const struct kb_candidate *c;
	float score;
	bool same_language;
};

static float
score_one(const struct kb_stats *s, const struct query *q, const struct prepared *all, size_t all_n,
    const struct prepared *p)
{
	const struct prepared as_asked = { .section = q->words, .section_n = q->words_n };
	float have[QUERY_MAX] = { 0 }, own, whole, question = 0, heading;

	cover(q, p->text.stems, p->text.forms, p->text.n, 0.9f, have);
	cover(q, p->section, NULL, p->section_n, 1, have);
	own = weigh(q, have);
	heading = heading_likeness(s, q, p);
	cover(q, p->title.stems, NULL, p->title.n, 0.8f, have);
	for (size_t i = 0; i < p->lines_n; i++) {
		const struct line *asked = &p->lines[i];
		float in[QUERY_MAX] = { 0 }, there, back, f, mine;

		cover(q, asked->v, NULL, asked->n, 1, in);
		there = weigh(q, in);
		if (there <= 0)
			continue;
		back = share(asked, &as_asked, 0);
		mine = belongs(i, all, all_n, p);
		f = there + back > 0 ? 2 * there * back / (there + back) : 0;
		if (f * mine > question)
			question = f * mine;
		cover(q, asked->v, NULL, asked->n, 0.8f * mine, have);
	}
	whole = weigh(q, have);
	return 0.3f * own + 0.25f * whole + 0.3f * question + 0.15f * (heading > 1 ? 1 : heading);
}

static int
cmp_scored(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->same_language != y->same_language)
		return x->same_language ? -1 : 1;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	if (x->c->bm25 > y->c->bm25 || x->c->bm25 < y->c->bm25)
		return x->c->bm25 > y->c->bm25 ? -1 : 1;
	return x->c < y->c ? -1 : x->c > y->c;
}

/* A lead over the next article is evidence; being one of many is none. And one
 * weak word alone does not make a question. */
static float
settle(const struct query *q, const struct scored *v, size_t n, size_t i)
{
	float next = 0, evidence = q->weight * v[i].score / 4.0f;

	for (size_t k = 0; k < n; k++)
		if (v[k].same_language == v[i].same_language &&
		    !str_eq(v[k].c->passage.article, v[i].c->passage.article) && v[k].score > next)
			next = v[k].score;
	return v[i].score * (0.8f + 0.2f * (evidence > 1 ? 1 : evidence)) +
	    0.25f * (v[i].score > next ? v[i].score - next : 0);
}

/* The question as read in a language; the ninth and later share the last slot. */
static size_t
query_for(struct query *q, struct str *lang, size_t *langs, const struct kb_stats *s, struct str want,
    const struct str *words, size_t words_n, struct arena *a)
{
	size_t l = 0;

	while (l < *langs && !str_eq(lang[l], want))
		l++;
	if (l < *langs)
		return l;
	if (*langs == LANGS_MAX)
		return LANGS_MAX - 1;
	lang[l] = want;
	read_query(&q[l], s, want, words, words_n, a);
	(*langs)++;
	return l;
}

/* What the article says it answers: read once for all its passages. */
static void
read_lines(struct prepared *p, const struct kb_stats *s, const struct query *q, struct arena *a)
{
	struct str rest = p->c->questions, lang = p->c->passage.language;
	struct line *lines = arena_array(a, struct line, QUESTIONS_MAX);

	for (size_t i = 0; i < QUESTIONS_MAX && rest.p != NULL && rest.n > 0; i++) {
		struct line *l = &lines[p->lines_n++];
		float *weight;
		bool *silent;
		struct kb_text t = stems_of(s, q->lang, a, q->st, str_cut(rest, '\n', &rest));

		l->n = t.n;
		l->v = t.stems;
		l->weight = weight = arena_array(a, float, l->n + 1);
		l->silent = silent = arena_array(a, bool, l->n + 1);
		for (size_t k = 0; k < l->n; k++) {
			silent[k] = lang_is_stopword(lang, l->v[k]);
			weight[k] = silent[k] ? 0 : weight_of(s, q, lang, l->v[k], 0);
		}
	}
	p->lines = lines;
}

static void
prepare(struct prepared *p, const struct kb_candidate *c, const struct query *q, const struct kb_stats *s,
    const struct prepared *before, size_t before_n, struct arena *a)
{
	struct kb_text section;
	float *here;

	p->c = c;
	p->text = stems_of(s, q->lang, a, q->st, c->passage.text);
	p->title = stems_of(s, q->lang, a, q->st, c->passage.title);
	section = stems_of(s, q->lang, a, q->st, c->passage.section);
	p->section = section.stems;
	p->section_n = section.n;
	for (size_t i = 0; i < before_n && p->lines == NULL; i++)
		if (str_eq(before[i].c->passage.article, c->passage.article) &&
		    str_eq(before[i].c->questions, c->questions)) {
			p->lines = before[i].lines;
			p->lines_n = before[i].lines_n;
		}
	if (p->lines == NULL)
		read_lines(p, s, q, a);
	p->lines_here = here = arena_array(a, float, p->lines_n + 1);
	for (size_t i = 0; i < p->lines_n; i++)
		here[i] = share(&p->lines[i], p, 0.5f);
}

void
kb_rank(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    const struct kb_candidate *v, size_t n, size_t max, struct arena *a,
    const struct passage **out, size_t *out_n)
{
	struct scored *r = arena_array(a, struct scored, n + 1);
	struct prepared *all = arena_array(a, struct prepared, n + 1);
	struct passage *p = arena_array(a, struct passage, n + 1);
	struct query *q = arena_array(a, struct query, LANGS_MAX + 1);
	struct str lang[LANGS_MAX + 1];
	size_t langs = 0;

	for (size_t i = 0; i < n; i++) {
		size_t l = query_for(q, lang, &langs, s, v[i].passage.language, words, words_n, a);

		prepare(&all[i], &v[i], &q[l], s, all, i, a);
	}
	for (size_t i = 0; i < n; i++) {
		size_t l = query_for(q, lang, &langs, s, v[i].passage.language, words, words_n, a);

		r[i] = (struct scored){ &v[i], score_one(s, &q[l], all, n, &all[i]),
			str_eq(v[i].passage.language, language) };
	}
	qsort(r, n, sizeof(*r), cmp_scored);
	*out_n = n < max ? n : max;
	for (size_t i = 0; i < *out_n; i++) {
		size_t l = 0;
		float f;

		while (l + 1 < langs && !str_eq(lang[l], r[i].c->passage.language))
			l++;
		f = settle(&q[l], r, n, i);
		p[i] = r[i].c->passage;
		p[i].score_ppm = (int32_t)((f > 1 ? 1 : f) * 1000000.0f);
	}
	/* Only another language answers: it comes first. */
	for (size_t i = 1; i < *out_n; i++)
		if (!str_eq(p[i].language, language) && str_eq(p[0].language, language) &&
		    p[0].score_ppm < 200000 && p[i].score_ppm > 500000) {
			struct passage t = p[0];

			p[0] = p[i];
			p[i] = t;
			break;
		}
	*out = p;
}
