/* SPDX-License-Identifier: Apache-2.0 */
/* said_json.c - the body of message.ai (docs/PROTOCOL.md: text, parts, lang). */
#include "engine/said_json.h"

static json_t *
texts_json(const struct str *v, size_t n, struct arena *a)
{
	json_t *arr = json_arr(a);

	for (size_t i = 0; i < n; i++)
		json_push_str(arr, v[i]);
	return arr;
}

static void
source_json(json_t *o, const struct said_part *p)
{
	json_set_z(o, "type", "source");
	json_set_str(o, "article", p->article);
	json_set_i64(o, "version", p->version);
	json_set_str(o, "anchor", p->anchor);
	json_set_str(o, "title", p->title);
	json_set_str(o, "date", p->date);
	json_set_str(o, "url", p->url);
}

static void
record_json(json_t *o, const struct said_part *p, struct arena *a)
{
	json_t *link = NULL;

	json_set_z(o, "type", "record");
	json_set_str(o, "title", p->title);
	json_set_i64(o, "steps", p->steps);
	json_set_i64(o, "step", p->step);
	json_set(o, "lines", texts_json(p->lines, p->lines_n, a));
	json_set_str(o, "source", p->source);
	json_set_i64(o, "as_of_us", p->as_of_us);
	if (p->link_url.n > 0) {
		link = json_obj(a);
		json_set_str(link, "label", p->link_label);
		json_set_str(link, "url", p->link_url);
		json_set(o, "link", link);
	} else {
		json_set(o, "link", json_null());
	}
}

json_t *
said_to_json(const struct said *s, struct arena *a)
{
	json_t *o = json_obj(a), *parts = json_arr(a);

	for (size_t i = 0; i < s->parts_n; i++) {
		const struct said_part *p = &s->parts[i];
		json_t *part = json_obj(a);

		if (p->kind == SAID_SOURCE) {
			source_json(part, p);
		} else if (p->kind == SAID_RECORD) {
			record_json(part, p, a);
		} else {
			json_set_z(part, "type", "choices");
			json_set(part, "items", texts_json(p->lines, p->lines_n, a));
		}
		json_push(parts, part);
	}
	json_set_str(o, "text", s->text);
	json_set(o, "parts", parts);
	json_set_str(o, "lang", s->lang);
	return o;
}
