/* SPDX-License-Identifier: Apache-2.0 */
/* model_see.c - what a message is about, and the wishes that one message holds.
 *
 * A message is cut where a wish may end: at the signs that end a sentence, and at
 * the words that join two.  It has several wishes only if two of its parts are each
 * sure of another one; a part that is not sure tells nothing.
 */
#include "nlu/model_parts.h"

#include "nlu/embedder.h"
#include "text/tokens.h"

#include <math.h>

#define PARTS_MAX 6
#define PART_WORDS 3		/* a wish has a few words */
#define PART_SURE 0.6
#define PART_UNKNOWN 0.5

static int32_t
ppm(double v)
{
	return !(v > 0) ? 0 : v >= 1 ? PPM : (int32_t)(v * PPM + 0.5);
}

/* "and", "then" in the languages that desks speak; each begins with a letter of ASCII. */
static const char *const joints[] = {
	"and", "also", "but", "then", "plus", "und", "ausserdem", "außerdem", "aber", "sowie",
	"et", "puis", "aussi", "mais", "y", "adem\xc3\xa1s", "tambi\xc3\xa9n", "pero", "e", "tamb\xc3\xa9m", "mas",
	"inoltre", "anche", "ma", "poi", "en", "ook", "maar", "verder",
};

static bool
is_joint(struct str w)
{
	for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++)
		if (w.n > 0 && (w.p[0] | 0x20) == joints[i][0] && str_eq_nocase(w, str_from(joints[i])))
			return true;
	return false;
}

struct part {
	uint32_t from, to;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
words_in(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += !is_blank(s.p[i]) && (i == 0 || is_blank(s.p[i - 1]));
	return n;
}

static struct part
part_of(struct str text, size_t from, size_t to)
{
	while (from < to && is_blank(text.p[from]))
		from++;
	while (to > from && is_blank(text.p[to - 1]))
		to--;
	return (struct part){ (uint32_t)from, (uint32_t)to };
}

/* Ends the part before `to`: with too few words it goes on. */
static void
end_part(struct str text, size_t *from, size_t to, size_t next, struct part *v, size_t *n)
{
	if (*n + 1 >= PARTS_MAX || words_in(str_sub(text, *from, to - *from)) < PART_WORDS)
		return;
	v[(*n)++] = part_of(text, *from, to);
	*from = next;
}

static size_t
cut_parts(struct str text, struct part v[PARTS_MAX])
{
	size_t from = 0, n = 0, i = 0;

	while (i < text.n) {
		char c = text.p[i];

		if ((c == '.' || c == '?' || c == '!' || c == ';' || c == ',') &&
		    (i + 1 == text.n || is_blank(text.p[i + 1]))) {
			end_part(text, &from, c == '?' ? i + 1 : i, i + 1, v, &n);
		} else if (c == '\n') {
			end_part(text, &from, i, i + 1, v, &n);
		} else if (is_blank(c)) {
			size_t to = i + 1;

			while (to < text.n && !is_blank(text.p[to]))
				to++;
			if (is_joint(str_sub(text, i + 1, to - i - 1)) &&
			    words_in((struct str){ text.p + to, text.n - to }) >= PART_WORDS)
				end_part(text, &from, i, to, v, &n);
		}
		i++;
	}
	if (words_in((struct str){ text.p + from, text.n - from }) >= PART_WORDS)
		v[n++] = part_of(text, from, text.n);
	return n;
}

static bool
is_sure_part(const struct model *m, const struct policy *p, struct str said, struct slips_seen *seen, struct arena *a,
    struct class_score *out)
{
	size_t e_n, n;
	const struct entity *e = entities_find(m->patterns, p, said, STR_NONE, 0, NULL, a, &e_n);
	const struct str *words;
	struct slips mended;

	model_words(a, said, e, e_n, &words, &n);
	mended = slips_mend_seen(model_vocab(m), a, seen, words, n);
	return classifier_is_sure(m->classifier, m->embedder, said, &mended, PART_SURE, PART_UNKNOWN, a, out);
}

static void
see_clauses(const struct model *m, const struct policy *p, struct str text, struct slips_seen *seen,
    struct perception *out, struct arena *a)
{
	struct part part[PARTS_MAX];
	size_t n = cut_parts(text, part), k = 0;
	struct clause *v;
	bool several = false;

	if (n < 2)
		return;
	v = arena_array(a, struct clause, n);
	for (size_t i = 0; i < n; i++) {
		struct class_score sure;

		/* one alone is not several */
		if (k == 0 && i + 1 == n)
			break;
		if (!is_sure_part(m, p, str_sub(text, part[i].from, part[i].to - part[i].from), seen, a, &sure))
			continue;
		if (k > 0 && v[k - 1].intent == sure.class) {
			v[k - 1].to = part[i].to;
			continue;
		}
		several |= k > 0;
		v[k++] = (struct clause){ sure.class, ppm(sure.p), part[i].from, part[i].to };
	}
	if (several) {
		out->clauses = v;
		out->clauses_n = k;
	}
}

/* Only placeholders: nothing was said besides the number that was asked for. */
static bool
is_only_entities(const struct slips *mended)
{
	for (size_t i = 0; i < mended->n; i++)
		if (!is_placeholder(mended->words[i]))
			return false;
	return true;
}

static struct promised
promised_by(const struct promise *p, double confidence)
{
	return (struct promised){ .error_ppm = ppm(p->error), .threshold_ppm = p->enough ? ppm(p->threshold) : PPM,
		.coverage_ppm = ppm(p->coverage), .evidence = (uint32_t)p->accepted, .enough = p->enough,
		.kept = p->enough && confidence >= p->threshold };
}

struct sentence
model_see(const struct model *m, const struct policy *p, struct str text, const struct slips *mended,
    struct slips_seen *seen, struct perception *out, struct arena *a)
{
	struct sentence sentence = { 0 };
	struct intent_score *ranked;
	struct classified r;
	bool only_entities = is_only_entities(mended);

	out->unknown_ppm = out->novelty_ppm = PPM;
	if (m == NULL || m->classifier == NULL || mended->n == 0)
		return sentence;
	classifier_read_mended(m->classifier, m->embedder, text, mended, true, a, &r);
	ranked = arena_array(a, struct intent_score, r.top_n + 1);
	for (size_t i = 0; i < r.top_n; i++)
		ranked[i] = (struct intent_score){ r.top[i].class, ppm(r.top[i].p) };
	out->p = ranked;
	out->p_n = r.top_n;
	out->unknown_ppm = only_entities ? PPM / 2 : ppm(r.unknown);
	out->novelty_ppm = ppm(1 - (double)(r.nearest_n > 0 ? r.nearest[0].similarity : r.known));
	if (r.top_n > 0)
		out->promised = promised_by(&m->promise[p->intents[r.top[0].class].risk], r.confidence);
	if (!only_entities)
		see_clauses(m, p, text, seen, out, a);
	if (r.vector != NULL)
		sentence = (struct sentence){ r.vector, embedder_info(m->embedder)->width, model_encoder(m) };
	return sentence;
}
