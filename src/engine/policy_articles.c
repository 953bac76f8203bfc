/* SPDX-License-Identifier: Apache-2.0 */
/* policy_articles.c - the front matter of articles/<name>.md. */
#include "engine/policy_build.h"

/* Cuts "---\n front ---\n body"; body_line counts from 1. */
static bool
split(struct str bytes, struct str *front, struct str *body, int *body_line)
{
	struct str rest = bytes, line = str_cut(rest, '\n', &rest);
	const char *from = rest.p;
	int n = 1;

	if (!str_eqz(str_trim(line), "---"))
		return false;
	while (rest.p != NULL) {
		const char *at = rest.p;

		line = str_cut(rest, '\n', &rest);
		n++;
		if (str_eqz(line, "---") || str_eqz(line, "---\r")) {
			*front = (struct str){ from, (size_t)(at - from) };
			*body = rest;
			*body_line = n + 1;
			return true;
		}
	}
	return false;
}

static void
read_front(struct build *b, const struct yaml *y, struct article_source *s)
{
	static const char *const keys[] = { "id", "title", "language", "updated", "questions",
		NULL };
	const struct yaml *updated, *language, *questions;
	bool spoken = false;
	int32_t day;

	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return;
	s->id = build_id(b, yaml_need(b->c, y, "id"));
	s->title = build_short(b, yaml_need(b->c, y, "title"), 200);
	language = yaml_need(b->c, y, "language");
	s->language = yaml_text(b->c, language);
	for (size_t i = 0; i < b->p->inboxes_n; i++)
		for (size_t k = 0; k < b->p->inboxes[i].languages_n; k++)
			spoken = spoken || str_eq(b->p->inboxes[i].languages[k], s->language);
	if (!spoken && b->p->inboxes_n > 0 && language != NULL)
		build_say(b, language, "no inbox speaks \"%S\"", str_clip_utf8(s->language, 40));
	updated = yaml_need(b->c, y, "updated");
	s->updated = yaml_text(b->c, updated);
	if (updated != NULL && !build_is_date(s->updated, &day))
		build_say(b, updated, "expected a day like 2026-11-03, found \"%S\"",
		    str_clip_utf8(s->updated, 40));
	questions = yaml_get(y, "questions");
	if (questions != NULL)
		s->questions = yaml_texts(b->c, questions, b->a, &s->questions_n);
}

void
build_article(struct build *b, struct str file, struct str bytes)
{
	struct article_source *s = &b->articles[b->articles_n];
	struct str front, body;
	const struct yaml *y;
	size_t bad;

	if (bytes.n > YAML_MAX_BYTES) {
		complain(b->c, file, 0, STR("larger than 1 MB"));
		return;
	}
	if (!str_utf8_valid(bytes, &bad)) {
		complain(b->c, file, 0, str_fmt(b->c->a, "not UTF-8 at byte %zu", bad));
		return;
	}
	if (!split(bytes, &front, &body, &s->body_line)) {
		complain(b->c, file, 1, STR("expected front matter: a line ---, then id, title, "
		    "language, updated, then a line ---"));
		return;
	}
	y = yaml_parse(b->a, file, 2, front, b->c);
	if (y == NULL)
		return;
	s->file = str_dup(b->a, file);
	s->body = str_dup(b->a, body);
	if (str_trim(body).n == 0)
		complain(b->c, file, s->body_line, STR("expected a text after the front matter"));
	read_front(b, y, s);
	b->articles_n++;
}

void
build_articles_check(struct build *b)
{
	for (size_t i = 0; i < b->articles_n; i++)
		for (size_t k = 0; k < i; k++)
			if (b->articles[i].id.n > 0 &&
			    str_eq(b->articles[i].id, b->articles[k].id)) {
				complain(b->c, b->articles[i].file, 2, str_fmt(b->c->a,
				    "the id \"%S\" is that of %S too", b->articles[i].id,
				    b->articles[k].file));
				break;
			}
}
