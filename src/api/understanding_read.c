/* SPDX-License-Identifier: Apache-2.0 */
/* understanding_read.c - the intents, their examples and health, the draft, and what to label next. */
#include "api/understanding.h"

#include "insight/eval/metrics.h"
#include "model/draft.h"
#include "nlu/personal.h"
#include "nlu/words.h"

#include <math.h>

#define CONFUSIONS_MAX 60
#define MOVED_MAX 40		/* examples shown on each side of a comparison */
#define LABEL_MAX 8
#define LABEL_FROM 600		/* messages that are looked at */
#define LABEL_WORDS 3		/* "yes" and "HP-1042" teach nothing */
#define LABEL_BYTES 300
#define HEALTH_SHOWN 40

void
wire_share(struct buf *out, const char *key, size_t right, size_t of)
{
	struct interval i = metrics_wilson(right, of);

	wire_key(out, key);
	if (of == 0) {
		buf_add_z(out, "null");
		return;
	}
	buf_add_c(out, '{');
	wire_i64(out, "right", (int64_t)right);
	wire_i64(out, "of", (int64_t)of);
	wire_i64(out, "ppm", lrint(metrics_share(right, of) * PPM));
	wire_i64(out, "low_ppm", lrint(i.low * PPM));
	wire_i64(out, "high_ppm", lrint(i.high * PPM));
	buf_add_c(out, '}');
}

static void
wire_list(struct buf *out, const char *key)
{
	wire_key(out, key);
	buf_add_c(out, '[');
}

static void
wire_item(struct buf *out)
{
	if (out->n > 0 && out->p[out->n - 1] == '}')
		buf_add_c(out, ',');
	buf_add_c(out, '{');
}

/* --- the draft ------------------------------------------------------------- */

static void
wire_moved(struct buf *out, const char *key, const struct understood *u, const struct study_moved *v, size_t n)
{
	wire_list(out, key);
	for (size_t i = 0; i < n && i < MOVED_MAX; i++) {
		wire_item(out);
		wire_str(out, "text", v[i].is->text);
		wire_str(out, "intent", u->draft->policy.intents[v[i].is->intent].id);
		wire_str(out, "was", u->live->policy.intents[v[i].was->best].id);
		wire_str(out, "now", u->draft->policy.intents[v[i].is->best].id);
		buf_add_c(out, '}');
	}
	buf_add_c(out, ']');
}

static void
wire_compare(struct buf *out, const struct understood *u, struct arena *a)
{
	struct study_compare c;

	wire_key(out, "compare");
	if (u->live == NULL || u->draft == NULL) {
		buf_add_z(out, "null");
		return;
	}
	study_compare(a, u->live, u->draft, &c);
	buf_add_c(out, '{');
	wire_share(out, "before", u->live->right, u->live->held);
	wire_share(out, "after", u->draft->right, u->draft->held);
	wire_i64(out, "took_us", u->draft->took_us);
	wire_i64(out, "better_n", (int64_t)c.better_n);
	wire_i64(out, "worse_n", (int64_t)c.worse_n);
	wire_i64(out, "chance_ppm", lrint(c.chance * PPM));
	wire_moved(out, "better", u, c.better, c.better_n);
	wire_moved(out, "worse", u, c.worse, c.worse_n);
	buf_add_c(out, '}');
}

void
wire_draft(struct buf *out, const struct understood *u, struct arena *a)
{
	bool ready = u->live != NULL && (u->change_n == 0 || u->draft != NULL);

	buf_add_c(out, '{');
	wire_str(out, "version", u->version);
	wire_str(out, "state", ready ? STR("ready") : u->fault.n > 0 ? STR("failed") : STR("training"));
	wire_str_or_null(out, "fault", u->fault);
	wire_bool(out, "rough", u->draft != NULL && u->draft->rough);
	wire_i64(out, "past", u->draft == NULL ? 0 : (int64_t)u->draft->past);
	wire_i64(out, "past_left", u->draft == NULL ? 0 : (int64_t)u->draft->past_left);
	wire_list(out, "changes");
	for (size_t i = 0; i < u->change_n; i++) {
		const struct draft_change *c = &u->change[i];

		wire_item(out);
		wire_i64(out, "id", c->id);
		wire_str(out, "kind", str_from(draft_kind_name[c->kind]));
		wire_str(out, "intent", c->intent);
		wire_str_or_null(out, "to", c->to);
		wire_str(out, "text", c->text);
		wire_str(out, "by", c->by);
		wire_i64(out, "at_us", c->at_us);
		wire_bool(out, "applies", u->applies[i]);
		buf_add_c(out, '}');
	}
	buf_add_c(out, ']');
	wire_compare(out, u, a);
	buf_add_c(out, '}');
}

enum err
understanding_draft_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct understood u;

	TRY(understanding_now(rq, &u, f));
	buf_add_z(out, "{\"draft\":");
	wire_draft(out, &u, rq->arena);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

/* --- the intents ----------------------------------------------------------- */

static void
wire_intents(struct buf *out, const struct policy *p, const struct study *s, struct arena *a)
{
	static const char *const risks[] = { "read", "write", "approve", "forbidden" };

	wire_list(out, "intents");
	for (size_t i = 0; i < p->intents_n; i++) {
		const struct intent *in = &p->intents[i];

		wire_item(out);
		wire_str(out, "id", in->id);
		wire_str(out, "name", in->name);
		wire_str(out, "description", in->description);
		wire_str(out, "risk", str_from(risks[in->risk]));
		wire_i64(out, "examples", (int64_t)in->examples_n);
		wire_str_or_null(out, "named", draft_intent_named(a, p, in->id));
		if (s != NULL) {
			wire_share(out, "recall", s->intent[i].right, s->intent[i].held);
			wire_share(out, "precision", s->intent[i].right, s->intent[i].said);
		}
		buf_add_c(out, '}');
	}
	buf_add_c(out, ']');
}

static void
wire_confusions(struct buf *out, const struct study *s)
{
	wire_list(out, "confusions");
	for (size_t i = 0; i < s->confusion_n && i < CONFUSIONS_MAX; i++) {
		const struct study_confusion *c = &s->confusion[i];

		wire_item(out);
		wire_str(out, "truth", s->policy.intents[c->truth].id);
		wire_str(out, "taken", s->policy.intents[c->taken].id);
		wire_i64(out, "n", (int64_t)c->n);
		wire_i64(out, "of", (int64_t)s->intent[c->truth].held);
		buf_add_c(out, '}');
	}
	buf_add_c(out, ']');
}

static void
wire_health(struct buf *out, const struct study *s, struct arena *a)
{
	struct health shown = s->health;
	size_t more = shown.more;

	if (shown.n > HEALTH_SHOWN) {
		more += shown.n - HEALTH_SHOWN;
		shown.n = HEALTH_SHOWN;
	}
	wire_key(out, "problems");
	buf_add_str(out, json_text(a, health_to_json(a, &s->training, &shown)));
	wire_i64(out, "problems_more", (int64_t)more);
}

/* What the live model learned from beside the examples. */
static void
wire_past(struct buf *out, const struct model *m, struct arena *a)
{
	struct str sum;
	size_t n = model_history(m, a, &sum);

	wire_key(out, "past");
	buf_add_c(out, '{');
	wire_i64(out, "n", (int64_t)n);
	wire_str_or_null(out, "sum", sum);
	buf_add_c(out, '}');
}

enum err
understanding_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	const struct study *s;
	struct understood u;
	size_t examples = 0;

	TRY(understanding_now(rq, &u, f));
	/* The draft's figures where there are any: it is what one works on. */
	s = u.draft != NULL ? u.draft : u.change_n == 0 ? u.live : NULL;
	for (size_t i = 0; i < u.policy->intents_n; i++)
		examples += u.policy->intents[i].examples_n;
	buf_add_c(out, '{');
	wire_str(out, "policy", u.pub->policy->hash);
	wire_bool(out, "encoder", model_uses_encoder(u.pub->model));
	wire_past(out, u.pub->model, rq->arena);
	wire_i64(out, "examples", (int64_t)examples);
	wire_intents(out, u.policy, s, rq->arena);
	wire_key(out, "study");
	if (s == NULL) {
		buf_add_z(out, "null");
	} else {
		buf_add_c(out, '{');
		wire_share(out, "accuracy", s->right, s->held);
		wire_i64(out, "off_ppm", s->off_ppm);
		wire_i64(out, "took_us", s->took_us);
		wire_confusions(out, s);
		wire_health(out, s, rq->arena);
		buf_add_c(out, '}');
	}
	wire_key(out, "draft");
	wire_draft(out, &u, rq->arena);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

/* "added", "moved" or null: what the draft did to an example that is there now. */
static struct str
change_of(const struct understood *u, struct str intent, struct str text, int64_t *id)
{
	struct str what = STR_NONE;

	*id = 0;
	for (size_t i = 0; i < u->change_n; i++) {
		const struct draft_change *c = &u->change[i];

		if (!u->applies[i] || !str_eq(c->text, text))
			continue;
		if (c->kind == DRAFT_ADD && str_eq(c->intent, intent))
			what = STR("added");
		else if (c->kind == DRAFT_MOVE && str_eq(c->to, intent))
			what = STR("moved");
		else
			continue;
		*id = c->id;
	}
	return what;
}

static void
wire_examples(struct buf *out, const struct understood *u, const struct study *s, int at)
{
	const struct intent *in = &u->policy->intents[at];

	wire_list(out, "examples");
	for (size_t i = 0; i < in->examples_n; i++) {
		const struct study_example *e = s == NULL ? NULL : &s->example[s->intent[at].from + i];
		int64_t id;

		wire_item(out);
		wire_str(out, "text", in->examples[i]);
		wire_str_or_null(out, "change", change_of(u, in->id, in->examples[i], &id));
		wire_i64_or_null(out, "change_id", id);
		if (e != NULL && e->held) {
			wire_bool(out, "right", e->right);
			wire_str(out, "taken", s->policy.intents[e->best].id);
			wire_i64(out, "p_ppm", e->p_ppm);
		}
		buf_add_c(out, '}');
	}
	buf_add_c(out, ']');
}

enum err
understanding_intent_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct understood u;
	int at;

	TRY(understanding_now(rq, &u, f));
	at = policy_intent(u.policy, rq->params[0]);
	if (at < 0)
		return fault(f, E_NOTFOUND, "There is no such intent.");
	buf_add_c(out, '{');
	wire_str(out, "id", u.policy->intents[at].id);
	wire_examples(out, &u, u.draft != NULL ? u.draft : u.change_n == 0 ? u.live : NULL, at);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

/* --- what to label next ---------------------------------------------------- */

static bool
worth_reading(const struct understood *u, struct str text, struct arena *a)
{
	const struct str *words;
	size_t n, own = 0;

	if (text.n > LABEL_BYTES)
		return false;
	/* What becomes an example stands in a file that people copy. */
	(void)personal_find(text, a, &n);
	if (n > 0)
		return false;
	words_of_text(a, text, u->policy, NULL, &words, &n);
	for (size_t i = 0; i < n; i++)
		own += !is_placeholder(words[i]);
	if (own < LABEL_WORDS)
		return false;
	for (size_t i = 0; i < u->policy->intents_n; i++)
		for (size_t k = 0; k < u->policy->intents[i].examples_n; k++)
			if (str_eq(u->policy->intents[i].examples[k], text))
				return false;
	return true;
}

enum err
understanding_next_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	const struct study *s;
	struct understood u;
	struct training t;
	struct str *text, *kept;
	uint32_t next[LABEL_MAX];
	size_t n, k = 0;

	TRY(understanding_now(rq, &u, f));
	s = u.draft != NULL ? u.draft : u.live;
	TRY(draft_messages(request_db(rq), LABEL_FROM, rq->arena, &text, &n, f));
	kept = arena_array(rq->arena, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		if (worth_reading(&u, str_trim(text[i]), rq->arena))
			kept[k++] = str_trim(text[i]);
	buf_add_z(out, "{\"messages\":[");
	if (s != NULL && s->classifier != NULL && k > 0) {
		t = s->training;
		t.history = kept;
		t.history_n = k;
		n = classifier_label_next(s->classifier, &t, next, LABEL_MAX);
		for (size_t i = 0; i < n; i++) {
			struct classified r;

			classifier_read(s->classifier, t.embedder, kept[next[i]], false, rq->arena, &r);
			wire_item(out);
			wire_str(out, "text", kept[next[i]]);
			wire_list(out, "guesses");
			for (size_t g = 0; g < r.top_n && g < 3; g++) {
				wire_item(out);
				wire_str(out, "id", s->policy.intents[r.top[g].class].id);
				wire_i64(out, "p_ppm", lrint(r.top[g].p * PPM));
				buf_add_c(out, '}');
			}
			buf_add_z(out, "]}");
		}
	}
	buf_add_z(out, "],");
	buf_fmt(out, "\"of\":%zu,\"ready\":%s}", k, s != NULL ? "true" : "false");
	return response_json(rs, out, f);
}
