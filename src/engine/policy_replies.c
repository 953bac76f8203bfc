/* SPDX-License-Identifier: Apache-2.0 */
/* policy_replies.c - replies.yaml: every sentence the AI may say that is not quoted. */
#include "engine/policy_build.h"

#define REPLIES_MAX 500

static void
read_record(struct build *b, const struct yaml *y, struct record_card *r)
{
	static const char *const keys[] = { "title", "steps", "step", "lines", "link", NULL };
	static const char *const links[] = { "label", "url", NULL };
	const struct yaml *link = yaml_get(y, "link"), *steps = yaml_get(y, "steps");

	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return;
	r->present = true;
	r->title = build_localized(b, yaml_need(b->c, y, "title"), true);
	r->lines = build_localized_lists(b, yaml_get(y, "lines"), true);
	if (steps != NULL) {
		r->steps = (int)yaml_int(b->c, steps, 1, 10, 1);
		r->step = build_short(b, yaml_need(b->c, y, "step"), 100);
	} else if (yaml_get(y, "step") != NULL) {
		build_say(b, y, "\"step\" needs \"steps\" beside it");
	}
	if (link == NULL || !yaml_only(b->c, link, links))
		return;
	r->link_label = build_localized(b, yaml_need(b->c, link, "label"), true);
	r->link_url = build_short(b, yaml_need(b->c, link, "url"), 500);
}

static struct reply
read_reply(struct build *b, struct str name, const struct yaml *y)
{
	struct reply r = { .name = name };
	struct yaml *text;
	size_t langs = 0;

	if (!build_is_id(name))
		build_say(b, y, "expected a name of 1 to 32 characters a-z 0-9 _ -, found \"%S\"",
		    str_clip_utf8(name, 60));
	if (!yaml_is(b->c, y, YAML_MAP))
		return r;
	/* languages stand beside record and choices */
	text = arena_new_of(b->a, struct yaml);
	*text = *y;
	text->pairs = arena_array(b->a, struct yaml_pair, y->n + 1);
	for (size_t i = 0; i < y->n; i++)
		if (str_eqz(y->pairs[i].key, "record"))
			read_record(b, y->pairs[i].value, &r.record);
		else if (str_eqz(y->pairs[i].key, "choices"))
			r.choices = build_localized_lists(b, y->pairs[i].value, false);
		else
			text->pairs[langs++] = y->pairs[i];
	text->n = langs;
	r.text = build_localized(b, text, false);
	return r;
}

void
build_replies(struct build *b)
{
	static const char *const keys[] = { "replies", NULL };
	const struct yaml *map;
	struct reply *v;

	if (b->file[FILE_REPLIES] == NULL || !yaml_only(b->c, b->file[FILE_REPLIES], keys))
		return;
	map = yaml_need(b->c, b->file[FILE_REPLIES], "replies");
	if (!yaml_is(b->c, map, YAML_MAP))
		return;
	if (map->n > REPLIES_MAX) {
		build_say(b, map, "more than %d replies", REPLIES_MAX);
		return;
	}
	v = arena_array(b->a, struct reply, map->n + 1);
	b->p->replies = v;
	for (size_t i = 0; i < map->n; i++) {
		v[i] = read_reply(b, map->pairs[i].key, map->pairs[i].value);
		b->p->replies_n++;
	}
	for (int k = 0; k < OWN_N; k++) {
		b->p->own[k] = policy_reply(b->p, str_from(own_reply_name[k]));
		if (b->p->own[k] < 0)
			build_say(b, map, "the reply \"%s\" is missing; the engine says it itself",
			    own_reply_name[k]);
	}
}

static bool
has_language(const struct localized *l, struct str lang)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].lang, lang))
			return true;
	return false;
}

static void
check_texts(struct build *b, const struct yaml *at, const struct localized *l)
{
	for (size_t i = 0; i < l->n; i++)
		build_placeholders(b, at, l->v[i].text);
}

void
build_replies_check(struct build *b)
{
	const struct yaml *map = build_top(b, FILE_REPLIES, "replies");

	for (size_t i = 0; map != NULL && i < b->p->replies_n; i++) {
		const struct reply *r = &b->p->replies[i];
		const struct yaml *at = map->pairs[i].value;

		for (size_t k = 0; k < b->p->inboxes_n; k++) {
			const struct inbox_policy *in = &b->p->inboxes[k];

			if (in->languages_n > 0 && !has_language(&r->text, in->languages[0]))
				build_say(b, at, "reply \"%S\" is missing in \"%S\", the default "
				    "language of inbox \"%S\"", r->name, in->languages[0], in->id);
		}
		check_texts(b, at, &r->text);
		check_texts(b, at, &r->choices);
		check_texts(b, at, &r->record.title);
		check_texts(b, at, &r->record.lines);
		check_texts(b, at, &r->record.link_label);
		build_placeholders(b, at, r->record.step);
		build_placeholders(b, at, r->record.link_url);
	}
}
