/* SPDX-License-Identifier: Apache-2.0 */
/* classifier.c - what a classifier says of a text, and its references. */
#include "nlu/classifier_parts.h"

#include "nlu/embedder.h"
#include "nlu/senses.h"
#include "nlu/words.h"
#include "vec/blas.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define ENCODER_ARENA ((size_t)32 << 20)

struct classifier *
classifier_ref(struct classifier *c)
{
	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
classifier_unref(struct classifier **cp)
{
	struct classifier *c = *cp;
	struct arena *a;

	*cp = NULL;
	if (c == NULL)
		return;
	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	if (atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	a = c->arena;
	c->magic = 0;
	arena_free(&a);
}

static bool
is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || (ch & 0x80) != 0;
}

/* The text with a word of it replaced, where it stands as it was typed. */
static struct str
replace_word(struct arena *a, struct str text, struct str from, struct str to)
{
	for (size_t at = 0; at < text.n;) {
		struct str rest = { text.p + at, text.n - at };
		ptrdiff_t k = str_find_nocase(rest, from);
		size_t i, end;

		if (k < 0)
			return text;
		i = at + (size_t)k;
		end = i + from.n;
		if ((i == 0 || !is_letter(text.p[i - 1])) && (end >= text.n || !is_letter(text.p[end])))
			return str_fmt(a, "%S%S%S", str_sub(text, 0, i), to,
			    (struct str){ text.p + end, text.n - end });
		at = i + 1;
	}
	return text;
}

/* A word that the encoder has whole is one that people write: it is no slip. */
static bool
encoder_knows(struct embedder *m, struct arena *a, struct str word)
{
	size_t words, whole;

	if (m == NULL)
		return false;
	(void)encoder_count_tokens(embedder_encoder(m), a, word, &words, &whole);
	return words == 1 && whole == 1;
}

struct said
classifier_said_mended(struct embedder *m, struct arena *a, struct str text, const struct slips *mended)
{
	struct said out = { .words = mended->words, .n = mended->n, .text = text, .whole = 1 };
	size_t n, all;

	if (m == NULL)
		return out;
	for (size_t i = 0; i < mended->fixed_n; i++)
		if (!encoder_knows(m, a, mended->fixed[i].from))
			out.text = replace_word(a, out.text, mended->fixed[i].from, mended->fixed[i].to);
	(void)encoder_count_tokens(embedder_encoder(m), a, out.text, &all, &n);
	out.whole = all > 0 ? (float)n / (float)all : 1;
	return out;
}

struct said
classifier_said(const struct classifier *c, struct embedder *m, struct arena *a, struct str text,
    const struct entity *e, size_t e_n)
{
	const struct str *words;
	struct slips mended;
	size_t n;

	model_words(a, text, e, e_n, &words, &n);
	mended = slips_mend(&c->vocab, a, words, n);
	return classifier_said_mended(m, a, text, &mended);
}

/* The examples nearest to a unit vector. */
static size_t
near_known(const struct classifier *c, struct arena *a, const float *x, struct near_one *near)
{
	size_t w = c->mind.width, n = 0;
	int8_t *q = arena_array(a, int8_t, w + 1);
	float top = 1e-12f, scale;

	for (size_t j = 0; j < w; j++)
		top = fabsf(x[j]) > top ? fabsf(x[j]) : top;
	for (size_t j = 0; j < w; j++)
		q[j] = (int8_t)lrintf(x[j] / top * 127);
	scale = top / 127;
	for (size_t i = 0; i < c->known_n; i++) {
		float s = (float)blas_dot_i8(q, c->known + i * w, w) * scale * c->known_scale[i];

		if (n < NEAR_MAX || s > near[NEAR_MAX - 1].s)
			near_keep(near, &n, (struct near_one){ c->known_example[i], c->known_class[i], s });
	}
	return n;
}

static void
rank(const float *logit, const double *p, size_t classes, struct classified *out)
{
	for (size_t c = 0; c < classes; c++) {
		size_t at = out->top_n < 5 ? out->top_n++ : 5;

		while (at > 0 && out->top[at - 1].p < p[c]) {
			if (at < 5)
				out->top[at] = out->top[at - 1];
			at--;
		}
		if (at < 5)
			out->top[at] = (struct class_score){ (int)c, p[c], logit[c] };
	}
}

static void
answer(const struct classifier *c, const struct judge *j, const struct view *v, struct arena *a,
    struct classified *out)
{
	float *logit = arena_array(a, float, c->classes + 1);
	int best;

	out->known = v->sight.known;
	out->p = arena_array(a, double, c->classes + 1);
	best = judge_probabilities(j, v, logit, out->p);
	out->unknown = judge_unknown(j, v, out->p, best);
	out->confidence = judge_confidence(out->p, best, out->unknown);
	rank(logit, out->p, c->classes, out);
}

/* The encoder's scratch is more than a message's arena should hold. */
static void
embed(struct embedder *m, struct str text, float *x)
{
	struct arena *a = arena_new(ENCODER_ARENA);

	embedder_embed(m, a, text, x);
	arena_free(&a);
}

void
classifier_read_mended(const struct classifier *c, struct embedder *m, struct str text,
    const struct slips *mended, bool want_nearest, struct arena *a, struct classified *out)
{
	struct near_one near[NEAR_MAX];
	struct said said;
	struct view v;
	size_t near_n;
	float *x, *z;

	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	*out = (struct classified){ 0 };
	if (c->mind.width == 0)
		m = NULL;
	said = classifier_said_mended(m, a, text, mended);
	view_of(&c->mind, a, said.words, said.n, NULL, NULL, 0, &v);
	answer(c, &c->judge[0], &v, a, out);
	if (m == NULL || (!want_nearest && out->top_n > 0 && out->top[0].p >= (double)c->skip_from &&
	    out->unknown <= (double)c->skip_unknown))
		return;
	x = arena_array(a, float, c->mind.width + 1);
	z = arena_array(a, float, c->mind.width + 1);
	embed(m, said.text, x);
	dense_scale_apply(&c->scale, x, z);
	near_n = near_known(c, a, x, near);
	view_of(&c->mind, a, said.words, said.n, z, near, near_n, &v);
	v.whole = said.whole;
	*out = (struct classified){ .encoder_share = judge_encoder_share(&c->judge[1], &v), .vector = x };
	answer(c, &c->judge[1], &v, a, out);
	for (size_t i = 0; want_nearest && i < near_n && i < NEAREST_MAX; i++)
		out->nearest[out->nearest_n++] = (struct nearest){ (int)near[i].example, near[i].class,
			near[i].s < 0 ? 0 : near[i].s };
}

bool
classifier_is_sure(const struct classifier *c, struct embedder *m, struct str text, const struct slips *mended,
    double p, double unknown, struct arena *a, struct class_score *out)
{
	const struct judge *j = &c->judge[0];
	struct classified r;
	struct view v;
	float *logit;
	double *all;
	int best;

	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	if (m != NULL && c->mind.width > 0) {
		classifier_read_mended(c, m, text, mended, false, a, &r);
		*out = r.top[0];
		return r.top_n > 0 && r.top[0].p >= p && r.unknown < unknown;
	}
	view_of(&c->mind, a, mended->words, mended->n, NULL, NULL, 0, &v);
	logit = arena_alloc(a, (c->classes + 1) * sizeof(*logit));
	all = arena_alloc(a, (c->classes + 1) * sizeof(*all));
	best = judge_probabilities(j, &v, logit, all);
	if (best < 0 || all[best] < p || judge_unknown(j, &v, all, best) >= unknown)
		return false;
	*out = (struct class_score){ best, all[best], logit[best] };
	return true;
}

void
classifier_read_entities(const struct classifier *c, struct embedder *m, struct str text, const struct entity *e,
    size_t e_n, bool want_nearest, struct arena *a, struct classified *out)
{
	const struct str *words;
	struct slips mended;
	size_t n;

	model_words(a, text, e, e_n, &words, &n);
	mended = slips_mend(&c->vocab, a, words, n);
	classifier_read_mended(c, m, text, &mended, want_nearest, a, out);
}

void
classifier_read(const struct classifier *c, struct embedder *m, struct str text, bool want_nearest,
    struct arena *a, struct classified *out)
{
	size_t n;
	const struct entity *e = entities_find(NULL, NULL, text, STR_NONE, 0, NULL, a, &n);

	classifier_read_entities(c, m, text, e, n, want_nearest, a, out);
}

const struct out_of_fold *
classifier_out_of_fold(const struct classifier *c, size_t *n)
{
	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	*n = c->oof_n;
	return c->oof;
}
