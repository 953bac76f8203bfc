/* SPDX-License-Identifier: Apache-2.0 */
/* turn_act.c - the hands of a turn: retrieve, gate, hand over. */
#include "engine/turn_act.h"

#include "engine/card.h"
#include "kb/answer.h"
#include "nlu/moderate.h"
#include "rules/hours.h"
#include "text/tokens.h"

#define CANDIDATES_MAX 32
#define PASSAGES_MAX 3

enum err
turn_act_retrieve(const struct published *pub, struct db *db, const struct decision *d,
    struct arena *a, struct outcome *out, struct fault *f)
{
	const struct str *words, *terms;
	struct passage_hit *hits;
	struct kb_candidate *v;
	size_t words_n, terms_n, n;

	*out = (struct outcome){ .kind = OUTCOME_PASSAGES, .source = STR("articles") };
	text_words(a, d->query, &words, &words_n);
	kb_query(pub->kb, d->lang, words, words_n, a, &terms, &terms_n);
	if (terms_n == 0)
		return E_OK;
	if (pub->passages != NULL)
		passage_index_search(pub->passages, terms, terms_n, CANDIDATES_MAX, a, &hits, &n);
	else
		TRY(passage_search(db, terms, terms_n, CANDIDATES_MAX, a, &hits, &n, f));
	v = arena_array(a, struct kb_candidate, n + 1);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct kb_candidate){ hits[i].passage, hits[i].questions, hits[i].bm25,
			pub->passages != NULL ? pub->docs[hits[i].at] : NULL };
	kb_rank(pub->kb, d->lang, words, words_n, v, n, PASSAGES_MAX, a, &out->passages, &out->passages_n);
	return E_OK;
}

struct gate_verdict
turn_act_gate(const struct policy *p, const struct folded *o, const struct decision *d,
    const struct said *said, struct arena *a)
{
	struct gate_input in = { .said = said, .own = o->own, .own_n = o->own_n };
	struct slot *slots = arena_array(a, struct slot, o->s.slots_n + d->set_n + 1);
	struct str text = gate_text(said, a);

	for (size_t i = 0; i < o->s.slots_n; i++)
		slots[in.slots_n++] = o->s.slots[i];
	for (size_t i = 0; i < d->set_n; i++)
		slots[in.slots_n++] = d->set[i];
	in.slots = slots;
	text_words(a, text, &in.words, &in.words_n);
	in.flags = moderate(text, a, &in.flags_n);
	return gate_check(p, &in, a);
}

bool
turn_act_gate_failed(const struct folded *o)
{
	for (size_t i = 0; i < o->outcomes_n; i++)
		if (o->outcomes[i].kind == OUTCOME_GATE_FAILED)
			return true;
	return false;
}

void
turn_act_hand_over(struct engine *e, const struct published *pub, const struct conv_row *row,
    const struct folded *o, const struct decision *d, struct arena *a, struct batch *b)
{
	const struct inbox_policy *in = &pub->policy->inboxes[o->s.inbox];
	const struct zone *zone = pub->snap->zones[o->s.inbox];
	struct actor by = { .type = ACTOR_AI };
	json_t *req = json_obj(a);
	int64_t promise;

	(void)e;
	promise = hours_add(&in->hours, zone, o->s.now_us, in->first_human_reply_ms);
	json_set_str(req, "team", in->team);
	json_set_bool(req, "open", o->s.hours_open);
	if (!o->s.hours_open && o->s.hours_next_us > 0)
		json_set_i64(req, "next_us", o->s.hours_next_us);
	if (promise > 0)
		json_set_i64(req, "promise_us", promise);
	json_set_i64(req, "hours_class", hours_class(zone, &in->hours, o->s.now_us));
	batch_add(b, EV_HANDOVER_REQUESTED, by, o->turn, pub->policy->hash, json_text(a, req));
	batch_add(b, EV_HANDOVER_CARD, by, o->turn, pub->policy->hash,
	    json_text(a, card_json(pub->policy, row, o, d, a)));
}
