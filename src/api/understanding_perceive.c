/* SPDX-License-Identifier: Apache-2.0 */
/* understanding_perceive.c - POST /understanding/perceive: what is understood of one text.
 *
 * By the model that answers customers, and beside it by the draft's.  Nothing is stored.
 * Places in the text are bytes inside and UTF-16 units on the wire.
 */
#include "api/understanding.h"

#include "api/authz.h"
#include "engine/policy_load.h"
#include "nlu/perceive.h"
#include "nlu/perception_json.h"

#include <math.h>
#include <stdlib.h>

#define PULLS_MAX 12

struct seen {
	struct buf *out;
	struct arena *a;
	const struct policy *policy;
	const uint32_t *units;	/* UTF-16 units before each byte; text.n + 1 */
	struct str text;
};

static const uint32_t *
units_of(struct arena *a, struct str s)
{
	uint32_t *v = arena_array(a, uint32_t, s.n + 1), units = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		v[i] = units;
		/* a place inside a character is where it begins */
		if ((c & 0xc0) == 0x80)
			v[i] = i > 0 ? v[i - 1] : 0;
		units += (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 2 : 1;
	}
	v[s.n] = units;
	return v;
}

static void
wire_span(const struct seen *s, uint32_t from, uint32_t to)
{
	wire_i64(s->out, "from", s->units[from < s->text.n ? from : s->text.n]);
	wire_i64(s->out, "to", s->units[to < s->text.n ? to : s->text.n]);
}

/* Between the items of a list. */
static void
wire_item(struct buf *out, size_t i)
{
	buf_add_z(out, i > 0 ? ",{" : "{");
}

static void
wire_intents(const struct seen *s, const struct perception *p)
{
	wire_key(s->out, "intents");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < p->p_n; i++) {
		const struct intent *in = &s->policy->intents[p->p[i].intent];

		wire_item(s->out, i);
		wire_str(s->out, "id", in->id);
		wire_str(s->out, "name", in->name);
		wire_i64(s->out, "p_ppm", p->p[i].p_ppm);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
	wire_i64(s->out, "unknown_ppm", p->unknown_ppm);
	wire_i64(s->out, "novelty_ppm", p->novelty_ppm);
	wire_i64(s->out, "act_ppm", s->policy->act_ppm);
	wire_i64(s->out, "unknown_limit_ppm", s->policy->unknown_ppm);
}

static void
wire_clauses(const struct seen *s, const struct perception *p)
{
	wire_key(s->out, "clauses");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < p->clauses_n; i++) {
		const struct clause *c = &p->clauses[i];

		wire_item(s->out, i);
		if (c->intent >= 0)
			wire_str(s->out, "name", s->policy->intents[c->intent].name);
		else
			wire_str_or_null(s->out, "name", STR_NONE);
		wire_i64(s->out, "p_ppm", c->p_ppm);
		wire_span(s, c->from, c->to);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
}

static void
wire_marks(const struct seen *s, const struct perception *p)
{
	wire_key(s->out, "entities");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < p->entities_n; i++) {
		wire_item(s->out, i);
		wire_str(s->out, "kind", p->entities[i].kind);
		wire_str(s->out, "value", p->entities[i].value);
		wire_i64(s->out, "p_ppm", p->entities[i].p_ppm);
		wire_span(s, p->entities[i].from, p->entities[i].to);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
	wire_key(s->out, "personal");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < p->personal_n; i++) {
		wire_item(s->out, i);
		wire_str(s->out, "kind", p->personal[i].kind);
		wire_str(s->out, "what", p->personal[i].what);
		wire_i64(s->out, "p_ppm", p->personal[i].p_ppm);
		wire_span(s, p->personal[i].from, p->personal[i].to);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
	wire_key(s->out, "flags");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < p->flags_n; i++) {
		wire_item(s->out, i);
		wire_str(s->out, "kind", p->flags[i].kind);
		wire_str(s->out, "reason", p->flags[i].reason);
		wire_i64(s->out, "p_ppm", p->flags[i].p_ppm);
		wire_span(s, p->flags[i].from, p->flags[i].to);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
	wire_key(s->out, "corrections");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < p->corrections_n; i++) {
		wire_item(s->out, i);
		wire_str(s->out, "from", p->corrections[i].from);
		wire_str(s->out, "to", p->corrections[i].to);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
}

static void
wire_feelings(const struct seen *s, const struct perception *p)
{
	wire_key(s->out, "mood");
	buf_add_c(s->out, '{');
	for (int i = 0; i < MOOD_N; i++) {
		struct str name = str_fmt(s->a, "%s_ppm", mood_name[i]);

		wire_i64(s->out, name.p, p->mood_ppm[i]);
	}
	buf_add_c(s->out, '}');
	wire_i64(s->out, "sentiment_ppm", p->sentiment_ppm);
	wire_i64(s->out, "asks_person_ppm", p->asks_person_ppm);
	wire_i64(s->out, "churn_ppm", p->churn_ppm);
	wire_i64(s->out, "legal_ppm", p->legal_ppm);
	wire_i64(s->out, "injection_ppm", p->injection_ppm);
	wire_i64(s->out, "complexity_ppm", p->complexity_ppm);
}

/* null where nothing is promised for that intent's risk. */
static void
wire_promised(const struct seen *s, const struct promised *p)
{
	wire_key(s->out, "promised");
	if (p->error_ppm == 0) {
		buf_add_z(s->out, "null");
		return;
	}
	buf_add_c(s->out, '{');
	wire_i64(s->out, "error_ppm", p->error_ppm);
	wire_i64(s->out, "threshold_ppm", p->threshold_ppm);
	wire_i64(s->out, "coverage_ppm", p->coverage_ppm);
	wire_i64(s->out, "evidence", p->evidence);
	wire_bool(s->out, "enough", p->enough);
	wire_bool(s->out, "kept", p->kept);
	buf_add_c(s->out, '}');
}

/* --- why ------------------------------------------------------------------- */

static int
by_strength(const void *x, const void *y)
{
	const struct pull *a = x, *b = y;
	float u = fabsf(a->logit), v = fabsf(b->logit);

	return u < v ? 1 : u > v ? -1 : a->from < b->from ? -1 : a->from > b->from;
}

static void
wire_pulls(const struct seen *s, const struct study *study, int intent)
{
	size_t n = 0;
	const struct pull *v = intent < 0 || study->classifier == NULL ? NULL :
	    classifier_pulls(study->classifier, s->text, intent, s->a, &n);
	struct pull *sorted = arena_array(s->a, struct pull, n + 1);

	for (size_t i = 0; i < n; i++)
		sorted[i] = v[i];
	qsort(sorted, n, sizeof(*sorted), by_strength);
	wire_key(s->out, "pulls");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < n && i < PULLS_MAX; i++) {
		wire_item(s->out, i);
		wire_str(s->out, "word", sorted[i].word);
		wire_i64(s->out, "logit_milli", lrintf(sorted[i].logit * 1000));
		wire_span(s, sorted[i].from, sorted[i].to);
		buf_add_c(s->out, '}');
	}
	buf_add_c(s->out, ']');
}

static void
wire_why(const struct seen *s, const struct study *study, const struct perception *p)
{
	struct study_near near[NEAREST_MAX];
	bool by_meaning;
	size_t n;

	wire_key(s->out, "why");
	if (study == NULL) {
		buf_add_z(s->out, "null");
		return;
	}
	buf_add_c(s->out, '{');
	wire_pulls(s, study, p->p_n > 0 ? p->p[0].intent : -1);
	n = study_nearest(study, s->text, s->a, near, &by_meaning);
	wire_bool(s->out, "by_meaning", by_meaning);
	wire_key(s->out, "nearest");
	buf_add_c(s->out, '[');
	for (size_t i = 0; i < n; i++) {
		const struct intent *in = &study->policy.intents[near[i].example->intent];

		wire_item(s->out, i);
		wire_str(s->out, "text", near[i].example->text);
		wire_str(s->out, "intent", in->id);
		wire_str(s->out, "name", in->name);
		wire_i64(s->out, "similar_ppm", near[i].similar_ppm);
		buf_add_c(s->out, '}');
	}
	buf_add_z(s->out, "]}");
}

static void
wire_seen(struct seen *s, const struct model *m, const struct study *study, int inbox,
    const struct zone *zone, struct api *api)
{
	int64_t from = clock_mono_us(api->clock);
	struct perception p = perceive(m, s->policy, inbox, NULL, s->text, clock_now_us(api->clock), zone, s->a);
	int64_t took = clock_mono_us(api->clock) - from;

	buf_add_c(s->out, '{');
	wire_i64(s->out, "took_us", took);
	wire_str_or_null(s->out, "language", p.language);
	wire_i64(s->out, "language_ppm", p.language_ppm);
	wire_str_or_null(s->out, "script", p.script);
	wire_intents(s, &p);
	wire_clauses(s, &p);
	wire_marks(s, &p);
	wire_feelings(s, &p);
	wire_promised(s, &p.promised);
	wire_why(s, study, &p);
	buf_add_c(s->out, '}');
}

static enum err
read_perceive(struct request *rq, struct str *text, struct str *inbox, struct fault *f)
{
	static const char *const allowed[] = { "text", "inbox", NULL };

	TRY(json_only(rq->body, allowed, f));
	*text = json_get_str(rq->body, "text");
	if (text->n > UNDERSTANDING_TEXT_MAX)
		return fault(f, E_TOOBIG, "text: at most %d bytes", UNDERSTANDING_TEXT_MAX);
	TRY(json_need_str(rq->body, "text", UNDERSTANDING_TEXT_MAX, text, f));
	if (text->n == 0)
		return fault(f, E_INVALID, "text: what is to be understood?");
	*inbox = json_get_str(rq->body, "inbox");
	return E_OK;
}

enum err
understanding_perceive_post(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct understood u;
	struct str text, inbox;
	struct seen s;
	int at = 0;

	TRY(read_perceive(rq, &text, &inbox, f));
	if (inbox.n > 0)
		TRY(authz_check(&rq->who, AUTHZ_INBOX, &(struct authz_thing){ .inbox = inbox }, f));
	TRY(understanding_now(rq, &u, f));
	if (inbox.n > 0 && (at = policy_inbox(u.pub->policy, inbox)) < 0)
		return fault(f, E_INVALID, "inbox: there is no such inbox");
	s = (struct seen){ out, rq->arena, u.pub->policy, units_of(rq->arena, text), text };
	buf_add_c(out, '{');
	wire_key(out, "live");
	wire_seen(&s, u.pub->model, u.live, at, u.pub->snap->zones[at], rq->api);
	wire_key(out, "draft");
	if (u.draft != NULL) {
		s.policy = &u.draft->policy;
		wire_seen(&s, u.draft->model, u.draft, at, u.pub->snap->zones[at], rq->api);
	} else {
		buf_add_z(out, "null");
	}
	wire_bool(out, "training", u.training);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}
