/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - scores passages by how much of the question they hold.
 *
 * BM25 ranks within one query and says nothing between two: "boots" alone beats
 * every threshold somewhere.  So the passages are ranked by coverage, and a
 * logistic function of a few features says how likely the first one answers.
 * A question that nothing answers mostly has a telling word ("student",
 * "rent") that stands nowhere, and so is like no question of the article.
 */
#include "kb/answer.h"

#include "kb/lexis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANGS_MAX 8
#define QUERY_MAX 40		/* terms of a question */
#define RELATED_MAX 240		/* words searched for besides */
#define TEXT_TERMS_MAX 400
#define LINE_TERMS_MAX 24
#define LINES_MAX 24		/* questions of one passage */

enum zone { ZONE_HEADING, ZONE_TEXT, ZONE_TITLE, ZONES };

/* What a word is worth where it stands. */
static const float zone_worth[ZONES] = { 1.0f, 0.9f, 0.6f };

struct kb_doc {			/* a passage, read */
	struct str title, section, text, anchor, questions;
	uint64_t key;
	struct terms zone[ZONES];
	struct terms line[LINES_MAX];	/* the questions it answers */
	size_t lines;
	struct terms any;	/* what all of these have, no terms of its own */
};

struct kb_language {
	struct lexis *lexis;
	struct kb_doc *doc;	/* sorted by key */
	size_t docs;
};

struct kb_stats {
	struct kb_language of[LANGS_MAX];
	size_t n;
};

/* --- reading the articles ------------------------------------------------- */

static uint64_t
key_of(struct str section, struct str text)
{
	return str_hash64_more(str_hash64(section), text);
}

/* "how do I wash it {#rain}": cuts the anchor off; empty without one. */
static struct str
cut_anchor(struct str *line)
{
	ptrdiff_t at = str_find(*line, STR("{#"));
	struct str anchor;

	if (at < 0 || line->n == 0 || line->p[line->n - 1] != '}')
		return STR_NONE;
	anchor = str_sub(*line, (size_t)at + 2, line->n - (size_t)at - 3);
	*line = str_trim(str_sub(*line, 0, (size_t)at));
	return anchor;
}

/* A long section is several passages: rain, rain-2. */
static bool
is_of_section(struct str anchor, struct str section)
{
	return str_starts(anchor, section) && (anchor.n == section.n || anchor.p[section.n] == '-');
}

static bool
same_article(const struct kb_doc *a, const struct kb_doc *b)
{
	return str_eq(a->title, b->title) && str_eq(a->questions, b->questions);
}

static float
share(const struct terms *line, const struct terms *there)
{
	float sum = 0, all = 0;

	for (size_t i = 0; i < line->n; i++) {
		float best = 0, w = line->v[i].weight * line->v[i].weight;

		for (size_t k = 0; k < there->n && best < 1; k++) {
			float m = lexis_match(&line->v[i], &there->v[k]);

			best = m > best ? m : best;
		}
		sum += best * w;
		all += w;
	}
	return all > 0 ? sum / all : 0;
}

/* A question belongs to the passage most like it, of its section if it names one. */
static void
give_line(struct kb_doc *d, size_t n, const struct terms *line, struct str anchor)
{
	float best = -1;
	size_t to = n;

	for (size_t i = 0; i < n; i++) {
		float s = 0.4f * share(line, &d[i].zone[ZONE_TEXT]);

		if (anchor.n > 0 && !is_of_section(d[i].anchor, anchor))
			continue;
		if (anchor.n == 0)
			s += share(line, &d[i].zone[ZONE_HEADING]);
		if (s > best && d[i].lines < LINES_MAX) {
			best = s;
			to = i;
		}
	}
	if (to < n)
		d[to].line[d[to].lines++] = *line;
}

static void
read_article(struct lexis *x, struct kb_doc *d, size_t n, struct arena *a)
{
	struct str rest = d[0].questions;

	for (size_t i = 0; i < n; i++) {
		d[i].zone[ZONE_HEADING] = lexis_read_text(x, d[i].section, TEXT_TERMS_MAX, a);
		d[i].zone[ZONE_TEXT] = lexis_read_text(x, d[i].text, TEXT_TERMS_MAX, a);
		d[i].zone[ZONE_TITLE] = lexis_read_text(x, d[i].title, TEXT_TERMS_MAX, a);
	}
	while (rest.p != NULL && rest.n > 0) {
		struct str line = str_cut(rest, '\n', &rest), anchor = cut_anchor(&line);
		struct terms t = lexis_read_text(x, line, LINE_TERMS_MAX, a);

		give_line(d, n, &t, anchor);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t z = 0; z < ZONES; z++)
			lexis_join(&d[i].any, &d[i].zone[z]);
		for (size_t k = 0; k < d[i].lines; k++)
			lexis_join(&d[i].any, &d[i].line[k]);
	}
}

static int
cmp_doc(const void *a, const void *b)
{
	const struct kb_doc *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static void
read_language(struct kb_language *l, struct str lang, struct arena *a, const struct kb_article_text *v, size_t n)
{
	size_t room = 64;

	for (size_t i = 0; i < n; i++)
		room += (v[i].title.n + v[i].section.n + v[i].questions.n + v[i].text.n) / 2 + 8;
	l->lexis = lexis_new(a, lang, room);
	l->doc = arena_array(a, struct kb_doc, n + 1);
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].language, lang))
			lexis_keep(l->lexis, v[i].section);
	for (size_t i = 0; i < n; i++) {
		struct kb_doc *d = &l->doc[l->docs];
		struct str joined;

		if (!str_eq(v[i].language, lang))
			continue;
		*d = (struct kb_doc){ .title = str_dup(a, v[i].title), .section = str_dup(a, v[i].section),
			.text = str_dup(a, v[i].text), .anchor = str_dup(a, v[i].anchor) };
		/* Once an article: else its questions make their words common. */
		joined = str_fmt(a, "%S\n%S", v[i].section, v[i].text);
		if (l->docs > 0 && str_eq(d[-1].title, d->title) && str_eq(d[-1].questions, v[i].questions)) {
			d->questions = d[-1].questions;
		} else {
			d->questions = str_dup(a, v[i].questions);
			joined = str_fmt(a, "%S\n%S\n%S", joined, v[i].title, v[i].questions);
		}
		d->key = key_of(d->section, d->text);
		lexis_learn(l->lexis, joined);
		l->docs++;
	}
	lexis_close(l->lexis);
	for (size_t i = 0, k; i < l->docs; i = k) {
		for (k = i + 1; k < l->docs && same_article(&l->doc[i], &l->doc[k]);)
			k++;
		read_article(l->lexis, &l->doc[i], k - i, a);
	}
	qsort(l->doc, l->docs, sizeof(*l->doc), cmp_doc);
}

struct kb_stats *
kb_stats_new(struct arena *a, const struct kb_article_text *v, size_t n)
{
	struct kb_stats *s = arena_new_of(a, struct kb_stats);

	for (size_t i = 0; i < n; i++) {
		size_t l = 0;

		while (l < s->n && !str_eq(lexis_lang(s->of[l].lexis), v[i].language))
			l++;
		if (l == s->n && l < LANGS_MAX)
			read_language(&s->of[s->n++], v[i].language, a, v, n);
	}
	return s;
}

static const struct kb_language *
language_of(const struct kb_stats *s, struct str lang)
{
	for (size_t l = 0; s != NULL && l < s->n; l++)
		if (str_eq(lexis_lang(s->of[l].lexis), lang))
			return &s->of[l];
	return NULL;
}

const struct kb_doc *
kb_find(const struct kb_stats *s, const struct passage *p)
{
	const struct kb_language *l = language_of(s, p->language);
	const struct kb_doc key = { .key = key_of(p->section, p->text) };
	const struct kb_doc *d = NULL;

	if (l != NULL && l->docs > 0)
		d = bsearch(&key, l->doc, l->docs, sizeof(key), cmp_doc);
	return d != NULL && str_eq(d->text, p->text) ? d : NULL;
}

/* --- the question --------------------------------------------------------- */

void
kb_query(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    struct arena *a, const struct str **out, size_t *out_n)
{
	const struct kb_language *l = language_of(s, language);
	struct str *v = arena_array(a, struct str, QUERY_MAX + RELATED_MAX);
	const struct lexis *x;
	struct terms q;
	size_t n = 0, own;

	if (l == NULL) {
		struct lexis *none = lexis_new(a, language, words_n);

		lexis_close(none);
		x = none;
	} else
		x = l->lexis;
	q = lexis_read(x, words, words_n, true, QUERY_MAX, a);
	for (size_t i = 0; i < q.n; i++)
		if (q.v[i].stem.n > 0)
			v[n++] = q.v[i].stem;
	own = n;
	for (size_t i = 0; i < q.n; i++) {
		struct str more[32];
		size_t found = lexis_related(x, &q.v[i], more, 32);

		for (size_t k = 0; k < found && n < own + RELATED_MAX; k++) {
			bool seen = false;

			for (size_t j = 0; j < n; j++)
				seen |= str_eq(v[j], more[k]);
			if (!seen)
				v[n++] = more[k];
		}
	}
	*out = v;
	*out_n = n;
}

/* --- the score ------------------------------------------------------------ */

/* A question before a passage: its terms that may have anything in it. */
struct held_against {
	const struct terms *q;
	float weight;
	size_t term[QUERY_MAX], n;
};

static void
cover(const struct held_against *h, const struct terms *there, float worth, float *have)
{
	const struct terms *q = h->q;

	for (size_t j = 0; j < h->n; j++) {
		size_t i = h->term[j];

		if (have[i] >= worth || !lexis_may_match(&q->v[i], there))
			continue;
		for (size_t k = 0; k < there->n && have[i] < worth; k++) {
			float m = lexis_match(&q->v[i], &there->v[k]) * worth;

			have[i] = m > have[i] ? m : have[i];
		}
	}
}

static float
weight_of(const struct terms *q)
{
	float sum = 0;

	for (size_t i = 0; i < q->n; i++)
		sum += q->v[i].weight;
	return sum;
}

/* The share of the question's weight that `have` holds. */
static float
held(const struct held_against *h, const float *have)
{
	float sum = 0;

	for (size_t j = 0; j < h->n; j++)
		sum += h->q->v[h->term[j]].weight * have[h->term[j]];
	return h->weight > 0 ? sum / h->weight : 0;
}

/* How alike two lines are: the harmonic mean of what each holds of the other. */
static float
likeness(const struct held_against *h, const struct terms *line)
{
	float there[QUERY_MAX] = { 0 }, back = 0, all = 0, f;
	size_t common[QUERY_MAX], common_n = 0;

	cover(h, line, 1, there);
	f = held(h, there);
	if (f <= 0)
		return 0;
	/* Back again only for what was found there. */
	for (size_t k = 0; k < h->n; k++)
		if (there[h->term[k]] > 0)
			common[common_n++] = h->term[k];
	for (size_t i = 0; i < line->n; i++) {
		float best = 0;

		for (size_t k = 0; k < common_n && best < 1; k++) {
			float m = lexis_match(&h->q->v[common[k]], &line->v[i]);

			best = m > best ? m : best;
		}
		back += line->v[i].weight * best;
		all += line->v[i].weight;
	}
	back = all > 0 ? back / all : 0;
	return back > 0 ? 2 * f * back / (f + back) : 0;
}

struct scored {
	const struct kb_candidate *c;
	const struct terms *q;
	float own, whole, line, heading, missing, score;
	bool same_language;
};

static void
score_one(struct scored *r, const struct terms *q, const struct kb_doc *d)
{
	struct held_against h = { .q = q, .weight = weight_of(q) };
	float have[QUERY_MAX] = { 0 };

	r->q = q;
	for (size_t i = 0; i < q->n; i++)
		if (lexis_may_match(&q->v[i], &d->any))
			h.term[h.n++] = i;
	cover(&h, &d->zone[ZONE_HEADING], zone_worth[ZONE_HEADING], have);
	for (size_t i = 0; i < d->lines; i++) {
		float f = likeness(&h, &d->line[i]);

		r->line = f > r->line ? f : r->line;
		cover(&h, &d->line[i], 1, have);
	}
	cover(&h, &d->zone[ZONE_TEXT], zone_worth[ZONE_TEXT], have);
	r->own = held(&h, have);
	r->heading = likeness(&h, &d->zone[ZONE_HEADING]);
	for (size_t i = 0; i < q->n; i++)
		if (have[i] < 0.5f && q->v[i].weight > r->missing)
			r->missing = q->v[i].weight;
	cover(&h, &d->zone[ZONE_TITLE], zone_worth[ZONE_TITLE], have);
	r->whole = held(&h, have);
	r->score = 0.45f * r->own + 0.1f * r->whole + 0.35f * r->line + 0.1f * r->heading;
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

static struct str
section_of(const struct scored *r)
{
	return r->c->passage.section;
}

/* Of r[i]: coverage times likeness, likeness to the nearest question, lead over the next section,
 * the most telling word that is missing, the share of words that stand in no
 * article, how much was recognised at all. */
static void
features(const struct scored *r, size_t n, size_t i, float x[KB_FEATURES])
{
	const struct terms *q = r[i].q;
	float next = 0, unknown = 0, all = weight_of(q);

	for (size_t k = 0; k < n; k++)
		if (r[k].same_language == r[i].same_language && r[k].score > next &&
		    !(str_eq(section_of(&r[k]), section_of(&r[i])) &&
		    str_eq(r[k].c->passage.article, r[i].c->passage.article)))
			next = r[k].score;
	for (size_t k = 0; k < q->n; k++)
		unknown += q->v[k].known || q->v[k].weak ? 0 : q->v[k].weight;
	x[0] = r[i].own * r[i].line;
	x[1] = r[i].line;
	x[2] = r[i].score - next;
	x[3] = r[i].missing;
	x[4] = all > 0 ? unknown / all : 1;
	x[5] = logf(1 + all * r[i].own);
}

/* Fitted by bench/kb_fit on the demo's questions: docs/PROVENANCE.md. */
static const float fitted[KB_FEATURES + 1] = {
#include "kb/answer_weights.inc"
};

static int32_t
probability_ppm(const float x[KB_FEATURES])
{
	float z = fitted[KB_FEATURES];

	for (size_t i = 0; i < KB_FEATURES; i++)
		z += fitted[i] * x[i];
	return (int32_t)(1000000.0f / (1.0f + expf(-z)));
}

/* Candidates that were not published together: read on the spot. */
static const struct kb_stats *
stats_of(const struct kb_candidate *v, size_t n, struct arena *a)
{
	struct kb_article_text *t = arena_array(a, struct kb_article_text, n + 1);

	for (size_t i = 0; i < n; i++)
		t[i] = (struct kb_article_text){ v[i].passage.language, v[i].passage.title, v[i].passage.section,
			v[i].questions, v[i].passage.text, v[i].passage.anchor };
	return kb_stats_new(a, t, n);
}

static struct scored *
score_all(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    const struct kb_candidate *v, size_t n, struct arena *a)
{
	struct scored *r = arena_array(a, struct scored, n + 1);
	struct terms *q = arena_array(a, struct terms, LANGS_MAX + 1);
	const struct kb_doc **doc = arena_array(a, const struct kb_doc *, n + 1);
	size_t known = 0;

	for (; known < n; known++) {
		doc[known] = v[known].doc != NULL ? v[known].doc : kb_find(s, &v[known].passage);
		if (doc[known] == NULL)
			break;
	}
	if (known < n) {
		s = stats_of(v, n, a);
		for (size_t i = 0; i < n; i++)
			doc[i] = kb_find(s, &v[i].passage);
	}
	for (size_t i = 0; i < n; i++) {
		const struct kb_language *l = language_of(s, v[i].passage.language);
		size_t at = l != NULL ? (size_t)(l - s->of) : LANGS_MAX;

		if (l != NULL && q[at].v == NULL)
			q[at] = lexis_read(l->lexis, words, words_n, true, QUERY_MAX, a);
		r[i].c = &v[i];
		r[i].q = &q[at];
		r[i].same_language = str_eq(v[i].passage.language, language);
		if (doc[i] != NULL)
			score_one(&r[i], &q[at], doc[i]);
	}
	qsort(r, n, sizeof(*r), cmp_scored);
	return r;
}

bool
kb_features(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    const struct kb_candidate *v, size_t n, struct arena *a, float x[KB_FEATURES])
{
	if (n > 0)
		features(score_all(s, language, words, words_n, v, n, a), n, 0, x);
	return n > 0;
}

void
kb_rank(const struct kb_stats *s, struct str language, const struct str *words, size_t words_n,
    const struct kb_candidate *v, size_t n, size_t max, struct arena *a,
    const struct passage **out, size_t *out_n)
{
	struct scored *r = score_all(s, language, words, words_n, v, n, a);
	struct passage *p = arena_array(a, struct passage, n + 1);

	*out_n = n < max ? n : max;
	for (size_t i = 0; i < *out_n; i++) {
		float x[KB_FEATURES];

		features(r, n, i, x);
		p[i] = r[i].c->passage;
		p[i].score_ppm = r[i].score > 0 ? probability_ppm(x) : 0;
	}
	/* Only another language answers: it comes first. */
	for (size_t i = 1; i < *out_n; i++)
		if (!str_eq(p[i].language, language) && str_eq(p[0].language, language) &&
		    p[0].score_ppm < 200000 && p[i].score_ppm > 700000) {
			struct passage t = p[0];

			p[0] = p[i];
			p[i] = t;
			break;
		}
	*out = p;
}
