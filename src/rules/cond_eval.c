/* SPDX-License-Identifier: Apache-2.0 */
/* cond_eval.c - does a condition hold, and which tests made it so. Pure. */
#include "rules/cond.h"

#include "rules/phrase.h"

struct scene {
	const struct cond *v;
	const struct policy *p;
	const struct perception *now;
	const struct situation *s;
	struct arena *a;
};

static struct cond_verdict
say(bool holds, struct str text)
{
	return (struct cond_verdict){ holds, text };
}

static bool
in_list(const struct cond *c, struct str v)
{
	for (size_t i = 0; i < c->items_n; i++)
		if (str_eq_nocase(c->items[i], v))
			return true;
	return false;
}

static struct cond_verdict
eval_words(const struct scene *x, const struct cond *c)
{
	const struct str *words = x->s->words;
	size_t n = x->s->words_n;

	for (size_t i = 0; i < c->items_n; i++) {
		bool hit = c->op == COND_WORDS_EXACTLY ? phrase_is(c->items[i], words, n)
						       : phrase_in(c->items[i], words, n);

		if (hit != (c->op == COND_WORDS_ALL))
			return say(hit, str_fmt(x->a, hit ? "says \"%S\"" : "does not say \"%S\"",
			    c->items[i]));
	}
	if (c->op == COND_WORDS_ALL)
		return say(true, STR("says all the words"));
	return say(false, STR("no such words"));
}

static struct cond_verdict
eval_cmp(const struct scene *x, const struct cond *c, const char *name, int32_t value)
{
	static const struct {
		const char *yes, *no;
	} sign[] = {
		[CMP_GE] = { ">=", "<" },
		[CMP_LE] = { "<=", ">" },
		[CMP_GT] = { ">", "<=" },
		[CMP_LT] = { "<", ">=" },
	};
	bool holds = false;

	switch (c->cmp) {
	case CMP_GE:
		holds = value >= c->ppm;
		break;
	case CMP_LE:
		holds = value <= c->ppm;
		break;
	case CMP_GT:
		holds = value > c->ppm;
		break;
	case CMP_LT:
		holds = value < c->ppm;
		break;
	}
	return say(holds, str_fmt(x->a, "%s %P %s %P", name, (int64_t)value,
	    holds ? sign[c->cmp].yes : sign[c->cmp].no, (int64_t)c->ppm));
}

static struct cond_verdict
eval_name(const struct scene *x, const struct cond *c, const char *what, struct str value)
{
	if (value.n == 0)
		return say(false, str_fmt(x->a, "no %s", what));
	return say(in_list(c, value), str_fmt(x->a, "%s %S", what, value));
}

static struct cond_verdict
eval_flag(const struct scene *x, const struct cond *c)
{
	const struct perception *now = x->now;

	for (size_t i = 0; i < now->flags_n; i++)
		if (in_list(c, now->flags[i].kind))
			return say(true, str_fmt(x->a, "%S: %S", now->flags[i].kind, now->flags[i].reason));
	return say(false, str_fmt(x->a, "no %S", c->items[0]));
}

/* A test of what was understood. */
static struct cond_verdict
eval_understood(const struct scene *x, const struct cond *c)
{
	const struct perception *now = x->now;
	bool found;

	if (now == NULL)
		return say(false, STR("not understood yet"));
	if (c->op == COND_INTENT)
		return eval_name(x, c, "intent",
		    now->p_n > 0 ? x->p->intents[now->p[0].intent].id : STR_NONE);
	if (c->op == COND_SCORE)
		return eval_cmp(x, c, "score", now->p_n > 0 ? now->p[0].p_ppm : 0);
	if (c->op == COND_UNKNOWN)
		return eval_cmp(x, c, "unknown", now->unknown_ppm);
	if (c->op == COND_MOOD)
		return eval_cmp(x, c, mood_name[c->mood], now->mood_ppm[c->mood]);
	if (c->op == COND_LANGUAGE)
		return eval_name(x, c, "language", now->language);
	if (c->op == COND_ENTITY) {
		found = perception_entity(now, c->items[0]) != NULL;
		return say(found, str_fmt(x->a, found ? "has %S" : "no %S", c->items[0]));
	}
	if (c->op == COND_CHURN)
		return eval_cmp(x, c, "churn", now->churn_ppm);
	if (c->op == COND_LEGAL)
		return eval_cmp(x, c, "legal", now->legal_ppm);
	if (c->op == COND_INJECTION)
		return eval_cmp(x, c, "injection", now->injection_ppm);
	if (c->op == COND_FLAG)
		return eval_flag(x, c);
	return eval_cmp(x, &(struct cond){ .cmp = CMP_GE,
	    .ppm = (int32_t)x->p->trigger.asked.threshold_ppm }, "asks for a person",
	    now->asks_person_ppm);
}

static struct cond_verdict eval_node(const struct scene *x, int at);

static struct cond_verdict
eval_pair(const struct scene *x, const struct cond *c)
{
	struct cond_verdict l = eval_node(x, c->a), r;
	bool stops = c->op == COND_OR; /* the value that settles it */

	if (l.holds == stops)
		return l;
	r = eval_node(x, c->b);
	if (r.holds == stops)
		return r;
	return say(!stops, str_fmt(x->a, "%S, %S", l.text, r.text));
}

static struct cond_verdict
eval_node(const struct scene *x, int at)
{
	const struct cond *c = &x->v[at];
	struct cond_verdict child;

	switch (c->op) {
	case COND_AND:
	case COND_OR:
		return eval_pair(x, c);
	case COND_NOT:
		child = eval_node(x, c->a);
		return say(!child.holds, child.text);
	case COND_WORDS_ANY:
	case COND_WORDS_ALL:
	case COND_WORDS_EXACTLY:
		return eval_words(x, c);
	case COND_TIER:
		return eval_name(x, c, "tier", x->s->tier);
	case COND_HOURS_OPEN:
		return say(x->s->hours_open == c->open,
		    x->s->hours_open ? STR("open") : STR("closed"));
	case COND_REGION:
		return eval_name(x, c, "region", x->p->inboxes[x->s->inbox].region);
	case COND_INTENT:
	case COND_SCORE:
	case COND_UNKNOWN:
	case COND_MOOD:
	case COND_ENTITY:
	case COND_LANGUAGE:
	case COND_ASKS_PERSON:
	case COND_CHURN:
	case COND_LEGAL:
	case COND_INJECTION:
	case COND_FLAG:
	default:
		return eval_understood(x, c);
	}
}

struct cond_verdict
cond_eval(const struct cond *v, const struct policy *p, const struct perception *now,
    const struct situation *s, struct arena *a)
{
	const struct scene x = { v, p, now, s, a };

	return eval_node(&x, 0);
}
