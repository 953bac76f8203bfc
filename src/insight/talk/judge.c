/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c - one function an expectation: what the record holds, and what was wanted. */
#include "insight/talk/judge.h"

#include "base/json.h"
#include "engine/record_json.h"

#define EVENTS_MAX 4000
#define BODY_MAX ((size_t)64 << 10)

struct court {
	const struct judge_input *in;
	struct arena *a;
	struct conv_row row;
	struct event *v;	/* of the whole conversation */
	json_t **body;
	size_t n;
	struct buf found;
};

static bool
since(const struct court *c, size_t i)
{
	return c->v[i].seq > c->in->mark;
}

/* The newest body of a kind since the customer spoke (or ever), or NULL. */
static json_t *
newest(const struct court *c, enum event_kind k, bool ever)
{
	for (size_t i = c->n; i-- > 0;)
		if (c->v[i].kind == k && (ever || since(c, i)))
			return c->body[i];
	return NULL;
}

static bool
contains(struct str text, struct str part)
{
	return str_find_nocase(text, part) >= 0;
}

/* Everything a customer can read of a message. */
static struct str
message_text(const json_t *body, struct arena *a)
{
	struct str all = json_get_str(body, "text");
	size_t i, k;
	json_t *p, *line;

	json_array_foreach(json_object_get(body, "parts"), i, p)
	{
		all = str_fmt(a, "%S\n%S", all, json_get_str(p, "title"));
		json_array_foreach(json_object_get(p, "lines"), k, line)
			if (json_is_string(line))
				all = str_fmt(a, "%S\n%s", all, json_string_value(line));
		all = str_fmt(a, "%S\n%S %S", all, json_get_str(json_object_get(p, "link"), "label"),
		    json_get_str(json_object_get(p, "link"), "url"));
	}
	return all;
}

static bool
judge_says(struct court *c, bool any)
{
	bool said = false, hit = false;

	for (size_t i = 0; i < c->n; i++) {
		if (c->v[i].kind != EV_MSG_AI || !since(c, i))
			continue;
		buf_fmt(&c->found, "%s\"%.*s\"", said ? " and " : "the AI said ",
		    STR_ARG(json_get_str(c->body[i], "text")));
		said = true;
		hit = hit || (any && contains(message_text(c->body[i], c->a), c->in->line->text));
	}
	if (!said)
		buf_add_z(&c->found, "the AI said nothing");
	return any ? hit : !said;
}

static bool
judge_decided(struct court *c, const char *key, const char *kind)
{
	bool hit = false;

	for (size_t i = 0; i < c->n; i++) {
		struct str got;

		if (c->v[i].kind != EV_DECIDED || !since(c, i))
			continue;
		got = json_get_str(c->body[i], key);
		buf_fmt(&c->found, "%s%.*s %.*s", c->found.n > 0 ? ", " : "decided: ",
		    STR_ARG(json_get_str(c->body[i], "kind")), STR_ARG(got));
		if (str_eq(got, c->in->line->name) &&
		    (kind == NULL || str_eqz(json_get_str(c->body[i], "kind"), kind)))
			hit = true;
	}
	if (c->found.n == 0)
		buf_add_z(&c->found, "nothing was decided");
	return hit;
}

static bool
judge_fired(struct court *c, const char *kind)
{
	bool hit = false;

	for (size_t i = 0; i < c->n; i++) {
		size_t k;
		json_t *y;

		if (c->v[i].kind != EV_DECIDED || !since(c, i))
			continue;
		json_array_foreach(why_wire_json(c->body[i], c->a), k, y)
		{
			if (!json_get_bool(y, "fired", false))
				continue;
			buf_fmt(&c->found, "%s%.*s %.*s", c->found.n > 0 ? ", " : "fired: ",
			    STR_ARG(json_get_str(y, "kind")), STR_ARG(json_get_str(y, "name")));
			hit = hit || (str_eqz(json_get_str(y, "kind"), kind) &&
			    str_eq(json_get_str(y, "name"), c->in->line->name));
		}
	}
	if (c->found.n == 0)
		buf_add_z(&c->found, "nothing fired");
	return hit;
}

static bool
judge_intent(struct court *c)
{
	json_t *p = newest(c, EV_PERCEIVED, false), *top = json_array_get(json_object_get(p, "intents"), 0);
	const struct talk_line *l = c->in->line;

	if (p == NULL) {
		buf_add_z(&c->found, "nothing was perceived (a rule or trigger of the pre-pass acted)");
		return false;
	}
	buf_fmt(&c->found, "intent %.*s %.2f, unknown %.2f", STR_ARG(json_get_str(top, "id")),
	    (double)json_get_i64(top, "p", 0) / 1e6, (double)json_get_i64(p, "unknown", 0) / 1e6);
	return str_eq(json_get_str(top, "id"), l->name) &&
	    (!l->has_number || json_get_i64(top, "p", 0) >= l->number);
}

static bool
judge_unknown(struct court *c)
{
	json_t *p = newest(c, EV_PERCEIVED, false), *top = json_array_get(json_object_get(p, "intents"), 0);
	int64_t unknown = json_get_i64(p, "unknown", 0);

	buf_fmt(&c->found, "unknown %.2f, best intent %.*s %.2f", (double)unknown / 1e6,
	    STR_ARG(json_get_str(top, "id")), (double)json_get_i64(top, "p", 0) / 1e6);
	return p != NULL && (unknown >= c->in->policy->unknown_ppm ||
	    json_get_i64(top, "p", 0) < c->in->policy->act_ppm);
}

static bool
judge_entity(struct court *c)
{
	json_t *e;
	const struct talk_line *l = c->in->line;
	bool hit = false;
	size_t i;

	json_array_foreach(json_object_get(newest(c, EV_PERCEIVED, false), "entities"), i, e)
	{
		buf_fmt(&c->found, "%s%.*s \"%.*s\"", c->found.n > 0 ? ", " : "found ",
		    STR_ARG(json_get_str(e, "kind")), STR_ARG(json_get_str(e, "value")));
		hit = hit || (str_eq(json_get_str(e, "kind"), l->name) &&
		    (!l->has_text || str_eq(json_get_str(e, "value"), l->text)));
	}
	if (c->found.n == 0)
		buf_add_z(&c->found, "no entity was found");
	return hit;
}

static bool
judge_mood(struct court *c)
{
	json_t *mood = json_object_get(newest(c, EV_PERCEIVED, false), "mood");
	int64_t got = json_get_i64(mood, str_z(c->a, c->in->line->name), 0);

	buf_fmt(&c->found, "%.*s %.2f", STR_ARG(c->in->line->name), (double)got / 1e6);
	return got >= c->in->line->number;
}

static bool
judge_cites(struct court *c)
{
	const struct talk_line *l = c->in->line;
	bool hit = false;

	for (size_t i = 0; i < c->n; i++) {
		size_t k;
		json_t *p;

		if (c->v[i].kind != EV_MSG_AI || !since(c, i))
			continue;
		json_array_foreach(json_object_get(c->body[i], "parts"), k, p)
		{
			struct str anchor = json_get_str(p, "anchor");

			if (!str_eqz(json_get_str(p, "type"), "source"))
				continue;
			buf_fmt(&c->found, "cites %.*s#%.*s ", STR_ARG(json_get_str(p, "article")), STR_ARG(anchor));
			hit = hit || (str_eq(json_get_str(p, "article"), l->name) &&
			    (l->value.n == 0 || str_eq(anchor, l->value) ||
				str_starts(anchor, str_fmt(c->a, "%S-", l->value))));
		}
	}
	if (c->found.n == 0)
		(void)judge_says(c, true);
	return hit;
}

static bool
judge_fact(struct court *c)
{
	const struct talk_line *l = c->in->line;
	size_t i;
	json_t *pair;

	for (size_t k = c->n; k-- > 0;) {
		if (c->v[k].kind != EV_EFFECT_DONE)
			continue;
		json_array_foreach(json_object_get(c->body[k], "fields"), i, pair)
		{
			const char *name = json_string_value(json_array_get(pair, 0));
			const char *value = json_string_value(json_array_get(pair, 1));

			if (name == NULL || value == NULL || !str_eqz(l->name, name))
				continue;
			buf_fmt(&c->found, "%s is \"%s\"", name, value);
			return contains(str_from(value), l->text);
		}
	}
	buf_fmt(&c->found, "no look-up brought a %.*s", STR_ARG(l->name));
	return false;
}

static const char *
holder_text(enum holder h)
{
	static const char *const names[] = { [HOLDER_AI] = "ai", [HOLDER_QUEUE] = "queue",
		[HOLDER_AGENT] = "agent", [HOLDER_NONE] = "none" };

	return names[h];
}

static const char *
status_text(enum conv_status s)
{
	static const char *const names[] = { [CONV_OPEN] = "open", [CONV_WAITING_CUSTOMER] = "waiting_customer",
		[CONV_SNOOZED] = "snoozed", [CONV_RESOLVED] = "resolved" };

	return names[s];
}

static bool
judge_escalated(struct court *c)
{
	json_t *card = newest(c, EV_HANDOVER_CARD, true);
	bool people = c->row.holder == HOLDER_QUEUE || c->row.holder == HOLDER_AGENT;
	struct str code = json_get_str(card, "reason_code");

	if (card == NULL || !people)
		(void)judge_says(c, true);
	buf_fmt(&c->found, "%sholder %s, reason %.*s (%.*s)", c->found.n > 0 ? "; " : "",
	    holder_text(c->row.holder), STR_ARG(code), STR_ARG(json_get_str(card, "reason")));
	return people && card != NULL && (c->in->line->name.n == 0 || str_eq(code, c->in->line->name));
}

static bool
judge_card(struct court *c)
{
	json_t *card = newest(c, EV_HANDOVER_CARD, true);
	const struct talk_line *l = c->in->line;
	json_t *field = json_object_get(card, str_z(c->a, l->name));
	struct str text = STR_NONE;

	if (card == NULL) {
		buf_add_z(&c->found, "there is no card");
		return false;
	}
	if (str_eqz(l->name, "way_back"))
		text = c->row.way_back;	/* shown on the card, may come after it */
	else if (json_is_string(field))
		text = json_get_str(card, str_z(c->a, l->name));
	else if (json_is_object(field) || json_is_array(field))
		text = json_text(c->a, field);
	else if (json_is_integer(field))
		text = str_fmt(c->a, "%ld", json_get_i64(card, str_z(c->a, l->name), 0));
	buf_fmt(&c->found, "the card's %.*s: %.*s", STR_ARG(l->name), STR_ARG(text));
	if (text.n == 0 || str_eqz(text, "[]") || str_eqz(text, "{}"))
		return false;
	return !l->has_text || contains(text, l->text);
}

static bool
judge_state(struct court *c, const char *what, const char *is)
{
	buf_fmt(&c->found, "%s %s", what, is);
	return str_eqz(c->in->line->name, is);
}

static bool
judge_language(struct court *c)
{
	struct str is = json_get_str(newest(c, EV_PERCEIVED, false), "language");

	buf_fmt(&c->found, "language %.*s", STR_ARG(is));
	return str_eq(is, c->in->line->name);
}

static bool
judge_one(struct court *c)
{
	switch (c->in->line->expect) {
	case EXPECT_SAYS:
		return judge_says(c, true);
	case EXPECT_SILENCE:
		return judge_says(c, false);
	case EXPECT_ASKS:
		return judge_decided(c, "slot", "ask");
	case EXPECT_REPLIES:
		return judge_decided(c, "reply", NULL);
	case EXPECT_INTENT:
		return judge_intent(c);
	case EXPECT_UNKNOWN:
		return judge_unknown(c);
	case EXPECT_LANGUAGE:
		return judge_language(c);
	case EXPECT_ENTITY:
		return judge_entity(c);
	case EXPECT_MOOD:
		return judge_mood(c);
	case EXPECT_CITES:
		return judge_cites(c);
	case EXPECT_FACT:
		return judge_fact(c);
	case EXPECT_RULE:
		return judge_fired(c, "rule");
	case EXPECT_TRIGGER:
		return judge_fired(c, "trigger");
	case EXPECT_ESCALATED:
		return judge_escalated(c);
	case EXPECT_HOLDER:
		return judge_state(c, "holder", holder_text(c->row.holder));
	case EXPECT_STATUS:
		return judge_state(c, "status", status_text(c->row.status));
	case EXPECT_CARD:
		return judge_card(c);
	}
	NEVER("expectation");
}

enum err
judge(struct db *db, struct id conv, const struct judge_input *in, struct arena *a, bool *ok,
    struct str *found, struct fault *f)
{
	struct court c = { .in = in, .a = a };

	TRY(conv_get(db, conv, a, &c.row, f));
	TRY(event_list(db, c.row.conv, 0, AUDIENCE_INTERNAL, EVENTS_MAX, a, &c.v, &c.n, f));
	c.body = arena_array(a, json_t *, c.n + 1);
	for (size_t i = 0; i < c.n; i++)
		TRY(json_parse(a, c.v[i].body, BODY_MAX, &c.body[i], f));
	buf_init(&c.found, 8192);
	*ok = judge_one(&c) != in->line->not;
	*found = str_dup(a, buf_str(&c.found));
	buf_free(&c.found);
	return E_OK;
}

void
judge_print_event(const struct event *e, struct arena *a, struct buf *out)
{
	static const char *const who[EV_N] = { [EV_MSG_CUSTOMER] = "customer", [EV_MSG_AI] = "AI",
		[EV_MSG_AGENT] = "agent", [EV_NOTE] = "note" };
	json_t *body;

	if (json_parse(a, e->body, BODY_MAX, &body, NULL) != E_OK)
		return;
	if (who[e->kind] != NULL)
		buf_fmt(out, "      %8s: %.*s\n", who[e->kind], STR_ARG(json_get_str(body, "text")));
	else
		buf_fmt(out, "      %8s  (%s)\n", "", event_kind_name(e->kind));
}
