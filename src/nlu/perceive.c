/* SPDX-License-Identifier: Apache-2.0 */
/* perceive.c - one pass over a message: words, language, entities, intents, moods.
 *
 * Reads like its struct: each part is a function of nlu/senses.h or the model.
 */
#include "nlu/perceive.h"

#include "nlu/injection.h"
#include "nlu/model_parts.h"
#include "nlu/moderate.h"
#include "nlu/personal.h"
#include "nlu/scan.h"
#include "text/lang.h"
#include "text/tokens.h"
#include "text/zone.h"

#include <string.h>

#define TEXT_BYTES_MAX 16000
#define INJECTION_FLAG 500000
#define EARLIER_TEXT 2000	/* bytes of an earlier message that are compared */

static const struct patterns *
patterns_of(const struct model *m, const struct policy *p, struct arena *a)
{
	const struct patterns *pat = NULL;

	if (m != NULL)
		return m->patterns;
	/* Without a model: compiled for this message. A policy that runs has
	 * good patterns; if not, the built-in ones are left. */
	return patterns_compile(a, p, &pat, NULL) == E_OK ? pat : NULL;
}

/* The language of what was said: an e-mail address or an order number has none. */
static void
see_language(const struct inbox_policy *box, struct str prior, const struct str *fixed, size_t n,
    struct perception *out, struct arena *a)
{
	struct str *said;
	struct lang_guess lang;
	size_t said_n = 0;

	said = arena_array(a, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!is_placeholder(fixed[i]))
			said[said_n++] = fixed[i];
	if (said_n == 0)
		return;
	lang = lang_of(said, said_n, box->languages, box->languages_n, prior);
	out->language = lang.lang;
	out->language_ppm = lang.ppm;
}

struct earlier {
	struct mood_reading mood[SIMILAR_MAX];
	size_t n;
};

/* The customer's earlier messages, newest first: how alike, in what mood.  words:
 * of the whole text now, corrected. */
static void
see_history(const struct model *m, const struct history *h, struct str now, const struct str *words,
    struct slips_seen *seen, struct perception *out, struct earlier *earlier, struct arena *a)
{
	const struct vocab *vocab = model_vocab(m);
	const struct likeness *like = NULL;
	size_t words_n = out->words_n;
	struct str plain;

	if (h == NULL || h->n == 0)
		return;
	plain = text_without_addresses(a, now);
	if (plain.p != now.p) {
		text_words(a, plain, &words, &words_n);
		words = slips_correct_seen(vocab, a, seen, words, words_n);
	}
	for (size_t i = h->n; i > 0 && out->similar_n < SIMILAR_MAX; i--) {
		const struct history_item *item = &h->v[i - 1];
		struct str text = str_clip_utf8(item->text, EARLIER_TEXT);
		const struct str *w;
		size_t n;

		if (item->by != BY_CUSTOMER)
			continue;
		text_words(a, text_without_addresses(a, text), &w, &n);
		w = slips_correct_seen(vocab, a, seen, w, n);
		mood_of(w, n, text, NULL, &earlier->mood[earlier->n++]);
		if (like == NULL)
			like = similar_read(a, words, words_n);
		out->similar_ppm[out->similar_n++] = similar_ppm(like, similar_read(a, w, n), -1);
	}
}

/* What must not be said, who speaks of leaving or of the law, who gives the machine orders. */
static void
see_flags(struct str text, struct perception *out, struct arena *a)
{
	const struct flag *found = flags_find(text, a, &out->flags_n);
	struct flag *all = arena_array(a, struct flag, out->flags_n + 1);

	if (out->flags_n > 0)
		memcpy(all, found, out->flags_n * sizeof(*all));
	out->churn_ppm = flags_ppm(found, out->flags_n, "churn");
	out->legal_ppm = flags_ppm(found, out->flags_n, "legal");
	out->injection_ppm = injection_ppm(out->words, out->words_n, text);
	if (out->injection_ppm >= INJECTION_FLAG)
		all[out->flags_n++] = (struct flag){ STR("injection"), injection_reason(out->words, out->words_n), 0, 0,
			out->injection_ppm };
	out->flags = all;
}

struct perception
perceive(const struct model *m, const struct policy *p, int inbox, const struct history *h,
    struct str text, int64_t now_us, const struct zone *zone, struct arena *a)
{
	const struct inbox_policy *box = &p->inboxes[inbox < 0 ? 0 : inbox];
	struct perception out = { 0 };
	struct earlier earlier = { .n = 0 };
	const struct vocab *vocab = model_vocab(m);
	const struct str *words, *placed;
	struct slips mended;
	size_t placed_n;
	struct mood_reading mood;
	struct sentence sentence;
	struct scan scan;
	struct slips_seen seen = { .n = 0 };

	text = str_clip_utf8(text, TEXT_BYTES_MAX);
	scan_text(a, text, &scan);
	text_words(a, text, &out.words, &out.words_n);
	words = slips_correct_seen(vocab, a, &seen, out.words, out.words_n);
	out.entities = entities_find_scanned(patterns_of(m, p, a), p, box->region, &scan,
	    h == NULL ? STR_NONE : h->awaiting, now_us, zone, a, &out.entities_n);
	out.personal = personal_find_scanned(&scan, a, &out.personal_n);
	model_words(a, text, out.entities, out.entities_n, &placed, &placed_n);
	mended = slips_mend_seen(vocab, a, &seen, placed, placed_n);
	out.corrections = mended.fixed;
	out.corrections_n = mended.fixed_n;
	see_language(box, h == NULL ? STR_NONE : h->language, mended.words, mended.n, &out, a);
	sentence = model_see(m, p, text, &mended, &seen, &out, a);
	see_history(m, h, text, words, &seen, &out, &earlier, a);
	mood_of(words, out.words_n, text, &sentence, &mood);
	mood_mount(earlier.mood, earlier.n, out.similar_ppm, out.similar_n, &mood);
	memcpy(out.mood_ppm, mood.ppm, sizeof(out.mood_ppm));
	out.sentiment_ppm = mood.sentiment_ppm;
	see_flags(text, &out, a);
	out.asks_person_ppm = person_wish(words, out.words_n);
	out.complexity_ppm = complexity_of(words, out.words_n, text, out.entities_n, entities_missing(p, &out, h),
	    out.unknown_ppm, out.mood_ppm);
	return out;
}
