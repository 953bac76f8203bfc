/* SPDX-License-Identifier: Apache-2.0 */
/* render.c - a decision in words: text, parts, and what the words may rest on. Pure. */
#include "flow/render.h"

#include "flow/template.h"

#define PARTS_MAX 3

struct page {
	const struct policy *p;
	struct values v;
	struct str lang, source;
	int64_t as_of_us;
	struct said_part parts[PARTS_MAX];
	size_t parts_n;
	struct str *grounds;
	size_t grounds_n, grounds_max;
	struct arena *a;
};

static void
ground(struct page *g, struct str s)
{
	if (s.n > 0 && g->grounds_n < g->grounds_max)
		g->grounds[g->grounds_n++] = s;
}

/* The literal words of a template and each value that it takes. */
static void
ground_template(struct page *g, struct str text)
{
	struct str rest = text, literal, name;

	while (template_next(&rest, &literal, &name)) {
		ground(g, literal);
		ground(g, values_get(&g->v, name));
	}
	ground(g, literal);
}

static struct str
fill(struct page *g, struct str text)
{
	ground_template(g, text);
	return template_fill(&g->v, text, g->a);
}

static size_t
count_lines(struct str s)
{
	size_t n = s.n > 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* The items of a localized list, filled; empty ones are left out. */
static const struct str *
fill_lines(struct page *g, const struct localized *l, size_t *n)
{
	struct str rest = localized_get(l, g->lang);
	struct str *v = arena_array(g->a, struct str, count_lines(rest) + 1);

	*n = 0;
	while (rest.n > 0) {
		struct str line = fill(g, str_cut(rest, '\n', &rest));

		if (line.n > 0)
			v[(*n)++] = line;
	}
	return v;
}

static bool
is_web_address(struct str url)
{
	return str_starts(url, STR("https://")) && url.n > 8;
}

static void
add_record(struct page *g, const struct record_card *r)
{
	struct said_part part = { .kind = SAID_RECORD, .steps = r->steps };
	const struct connector_action *act = policy_source(g->p, g->source);
	int64_t step = 0;

	part.title = fill(g, localized_get(&r->title, g->lang));
	part.lines = fill_lines(g, &r->lines, &part.lines_n);
	if (r->steps > 0 && str_i64(template_fill(&g->v, r->step, g->a), &step) && step >= 1 &&
	    step <= r->steps)
		part.step = (int)step;
	if (part.step == 0)
		part.steps = 0;
	part.source = act != NULL && act->label.n > 0 ? localized_get(&act->label, g->lang) : g->source;
	part.as_of_us = g->as_of_us;
	part.link_url = template_fill(&g->v, r->link_url, g->a);
	if (is_web_address(part.link_url)) {
		part.link_label = fill(g, localized_get(&r->link_label, g->lang));
		ground_template(g, r->link_url);
	} else {
		part.link_url = STR_NONE;
	}
	g->parts[g->parts_n++] = part;
}

static struct str
render_text(struct page *g, const struct reply *r)
{
	struct str text = fill(g, localized_get(&r->text, g->lang));
	struct said_part choices = { .kind = SAID_CHOICES };

	if (r->record.present)
		add_record(g, &r->record);
	choices.lines = fill_lines(g, &r->choices, &choices.lines_n);
	if (choices.lines_n > 0)
		g->parts[g->parts_n++] = choices;
	return text;
}

static struct str
render_quote(struct page *g, const struct passage *q)
{
	struct said_part part = {
		.kind = SAID_SOURCE, .article = q->article, .anchor = q->anchor,
		.version = q->version, .date = q->date,
	};

	part.title = q->section.n > 0 ? str_fmt(g->a, "%S: %S", q->title, q->section) : q->title;
	part.url = q->anchor.n > 0
	    ? str_fmt(g->a, "/a/%S/%d#%S", q->article, (int)q->version, q->anchor)
	    : str_fmt(g->a, "/a/%S/%d", q->article, (int)q->version);
	g->parts[g->parts_n++] = part;
	ground(g, q->text);
	ground(g, q->title);
	ground(g, q->section);
	ground(g, q->date);
	return q->text;
}

static void
begin(struct page *g, const struct policy *p, const struct situation *s, struct str lang,
    struct arena *a)
{
	const struct inbox_policy *inbox = &p->inboxes[s->inbox];

	*g = (struct page){ .p = p, .lang = lang, .a = a };
	if (lang.n == 0)
		g->lang = s->language.n > 0 ? s->language : inbox->languages[0];
	g->v.record = s->record;
	g->v.record_n = s->record_n;
	g->v.slots = s->slots;
	g->v.slots_n = s->slots_n;
	g->v.own[0] = (struct field){ STR("inbox"), inbox->name };
	g->v.own[1] = (struct field){ STR("team"), inbox->team };
	g->v.own[2] = (struct field){ STR("about"), localized_get(&inbox->about, g->lang) };
	g->v.own[3] = (struct field){ STR("name"), s->name };
	g->v.own[4] = (struct field){ STR("hours_next"), s->hours_next };
	g->v.own_n = 5;
	g->source = s->record_source;
	g->as_of_us = s->record_at_us;
	g->grounds_max = 200;
	g->grounds = arena_array(a, struct str, g->grounds_max);
}

static struct said
finish(struct page *g, struct str text)
{
	struct said said = { .text = text, .lang = g->lang, .parts_n = g->parts_n };
	struct said_part *parts = arena_array(g->a, struct said_part, PARTS_MAX);

	for (size_t i = 0; i < g->parts_n; i++)
		parts[i] = g->parts[i];
	said.parts = parts;
	said.grounds = g->grounds;
	said.grounds_n = g->grounds_n;
	return said;
}

struct said
render_decision(const struct policy *p, const struct decision *d, const struct situation *s,
    const struct outcome *outcomes, size_t n, struct arena *a)
{
	struct page g;
	struct str text = STR_NONE;

	begin(&g, p, s, d->lang, a);
	g.v.set = d->set;
	g.v.set_n = d->set_n;
	for (size_t i = 0; i < n; i++)
		if (outcomes[i].kind == OUTCOME_RECORD) {
			g.v.record = outcomes[i].fields;
			g.v.record_n = outcomes[i].fields_n;
			g.source = outcomes[i].source;
			g.as_of_us = outcomes[i].at_us;
		}
	if (d->quote != NULL)
		text = render_quote(&g, d->quote);
	if (d->reply >= 0)
		text = str_fmt(a, "%S%s%S", text, text.n > 0 ? "\n\n" : "",
		    render_text(&g, &p->replies[d->reply]));
	return text.n > 0 ? finish(&g, text) : (struct said){ .lang = g.lang };
}

struct said
render_reply(const struct policy *p, int reply, const struct situation *s, struct arena *a)
{
	struct page g;

	begin(&g, p, s, STR_NONE, a);
	return finish(&g, render_text(&g, &p->replies[reply]));
}
