/* SPDX-License-Identifier: Apache-2.0 */
/* policy_inboxes.c - inboxes.yaml: who answers, when, and what is promised. */
#include "engine/policy_build.h"

#include "text/zone.h"

#include <stdlib.h>

#define INBOXES_MAX 50

static const char *const day_name[7] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static int
day_of(struct str s)
{
	for (int d = 0; d < 7; d++)
		if (str_eqz(s, day_name[d]))
			return d;
	return -1;
}

/* "09:00" to minutes of the day; 24:00 is the end of one. */
static int
minutes_of(struct str s)
{
	int64_t h, m;

	if (s.n != 5 || s.p[2] != ':' || !str_i64(str_sub(s, 0, 2), &h) ||
	    !str_i64(str_sub(s, 3, 2), &m) || h < 0 || m < 0 || h > 24 || m > 59 ||
	    (h == 24 && m > 0))
		return -1;
	return (int)(h * 60 + m);
}

static void
add_span(struct build *b, const struct yaml *at, struct hours *hours, int day, int from, int to)
{
	for (int i = 0; i < 4; i++) {
		struct span *s = &hours->day[day][i];

		if (s->to_min == 0) {
			*s = (struct span){ (int16_t)from, (int16_t)to };
			return;
		}
		if (from < s->to_min && to > s->from_min) {
			build_say(b, at, "hours of %s overlap: %S", day_name[day], at->text);
			return;
		}
	}
	build_say(b, at, "more than four spans on %s", day_name[day]);
}

static void
read_spans(struct build *b, const struct yaml *list, struct hours *hours, int first, int last)
{
	if (!yaml_is(b->c, list, YAML_LIST))
		return;
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *y = list->items[i];
		struct str to_text, from_text = str_cut(yaml_text(b->c, y), '-', &to_text);
		int from = minutes_of(from_text), to = minutes_of(to_text);

		if (from < 0 || to <= from) {
			build_say(b, y, "expected hours like \"09:00-18:00\", the end after the "
			    "begin, found \"%S\"", str_clip_utf8(y->text, 40));
			continue;
		}
		for (int d = first; d <= last; d++)
			add_span(b, y, hours, d, from, to);
	}
}

static int
by_value(const void *pa, const void *pb)
{
	int32_t a = *(const int32_t *)pa, b = *(const int32_t *)pb;

	return a < b ? -1 : a > b;
}

static void
read_closed(struct build *b, const struct yaml *list, struct hours *hours)
{
	int32_t *days;

	if (!yaml_is(b->c, list, YAML_LIST))
		return;
	days = arena_array(b->a, int32_t, list->n + 1);
	for (size_t i = 0; i < list->n; i++) {
		struct str s = yaml_text(b->c, list->items[i]);

		if (build_is_date(s, &days[hours->closed_n]))
			hours->closed_n++;
		else
			build_say(b, list->items[i], "expected a day like \"2026-12-25\", found "
			    "\"%S\"", str_clip_utf8(s, 40));
	}
	if (hours->closed_n > 1)
		qsort(days, hours->closed_n, sizeof(days[0]), by_value);
	hours->closed = days;
}

static int
by_begin(const void *pa, const void *pb)
{
	const struct span *a = pa, *b = pb;

	/* unused spans stay at the end */
	if ((a->to_min == 0) != (b->to_min == 0))
		return a->to_min == 0 ? 1 : -1;
	return a->from_min - b->from_min;
}

static void
read_hours(struct build *b, const struct yaml *map, struct hours *hours)
{
	if (!yaml_is(b->c, map, YAML_MAP))
		return;
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *y = map->pairs[i].value;
		struct str last_text, first_text = str_cut(map->pairs[i].key, '-', &last_text);
		int first = day_of(first_text);
		int last = last_text.p != NULL ? day_of(last_text) : first;

		if (str_eqz(map->pairs[i].key, "closed"))
			read_closed(b, y, hours);
		else if (first < 0 || last < first)
			build_say(b, y, "expected mon tue wed thu fri sat sun, a range like "
			    "mon-fri, or closed, found \"%S\"",
			    str_clip_utf8(map->pairs[i].key, 40));
		else
			read_spans(b, y, hours, first, last);
	}
	for (int d = 0; d < 7; d++)
		qsort(hours->day[d], 4, sizeof(struct span), by_begin);
}

/* scheme://host[:port], nothing after it. */
static bool
is_origin(struct str s)
{
	size_t skip = str_starts(s, STR("https://")) ? 8 : str_starts(s, STR("http://")) ? 7 : 0;

	if (skip == 0 || s.n == skip || s.n > 300)
		return false;
	for (size_t i = skip; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
		    c == ':' || c == '[' || c == ']'))
			return false;
	}
	return true;
}

static void
read_sites(struct build *b, const struct yaml *list, struct inbox_policy *in)
{
	if (list == NULL)
		return;
	in->sites = yaml_texts(b->c, list, b->a, &in->sites_n);
	for (size_t i = 0; i < in->sites_n; i++)
		if (!is_origin(in->sites[i]))
			build_say(b, list->items[i], "expected an origin like "
			    "\"https://shop.example\" (lower case, no path), found \"%S\"",
			    str_clip_utf8(in->sites[i], 80));
}

static bool
is_colour(struct str s)
{
	if (s.n != 7 || s.p[0] != '#')
		return false;
	for (size_t i = 1; i < 7; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f') ||
		    (s.p[i] >= 'A' && s.p[i] <= 'F')))
			return false;
	return true;
}

static void
read_brand(struct build *b, const struct yaml *map, struct inbox_policy *in)
{
	static const char *const keys[] = { "color", "initial", NULL };
	const struct yaml *color, *initial;

	in->color = STR("#1f4d3a");
	in->initial = str_clip_utf8(in->name, 1);
	if (map == NULL || !yaml_only(b->c, map, keys))
		return;
	color = yaml_get(map, "color");
	initial = yaml_get(map, "initial");
	if (color != NULL) {
		in->color = yaml_text(b->c, color);
		if (!is_colour(in->color))
			build_say(b, color, "expected a colour like \"#1f4d3a\", found \"%S\"",
			    str_clip_utf8(in->color, 40));
	}
	if (initial != NULL)
		in->initial = build_short(b, initial, 8);
}

static void
read_languages(struct build *b, const struct yaml *list, struct inbox_policy *in)
{
	in->languages = yaml_texts(b->c, list, b->a, &in->languages_n);
	if (list != NULL && list->kind == YAML_LIST && in->languages_n == 0)
		yaml_complain(b->c, list, STR("expected at least one language"));
	for (size_t i = 0; i < in->languages_n; i++)
		if (!build_is_language(in->languages[i]))
			build_say(b, list->items[i], "expected a language such as en or de, found "
			    "\"%S\"", str_clip_utf8(in->languages[i], 40));
}

static void
read_inbox(struct build *b, const struct yaml *y, struct inbox_policy *in, const struct zone **z)
{
	static const char *const keys[] = { "id", "name", "team", "about", "languages", "zone",
		"region", "sites", "hours", "promise", "brand", "mode", NULL };
	static const char *const promises[] = { "first_human_reply", NULL };
	const struct yaml *zone, *mode, *promise;
	struct fault f;

	if (!yaml_only(b->c, y, keys) && y->kind != YAML_MAP)
		return;
	in->id = build_id(b, yaml_need(b->c, y, "id"));
	if (policy_inbox(b->p, in->id) >= 0)
		build_say(b, y, "there are two inboxes \"%S\"", in->id);
	in->name = build_short(b, yaml_need(b->c, y, "name"), 100);
	in->team = build_short(b, yaml_need(b->c, y, "team"), 100);
	in->about = build_localized(b, yaml_need(b->c, y, "about"), false);
	read_languages(b, yaml_need(b->c, y, "languages"), in);
	zone = yaml_need(b->c, y, "zone");
	in->zone = yaml_text(b->c, zone);
	if (in->zone.n > 0 && zone_load(b->a, in->zone, z, &f) != E_OK)
		build_say(b, zone, "%s", f.text);
	if (yaml_get(y, "region") != NULL)
		in->region = build_short(b, yaml_get(y, "region"), 32);
	read_sites(b, yaml_get(y, "sites"), in);
	read_hours(b, yaml_need(b->c, y, "hours"), &in->hours);
	promise = yaml_need(b->c, y, "promise");
	if (promise != NULL && yaml_only(b->c, promise, promises))
		in->first_human_reply_ms = build_ms(b, yaml_need(b->c, promise,
		    "first_human_reply"));
	read_brand(b, yaml_get(y, "brand"), in);
	mode = yaml_get(y, "mode");
	if (mode != NULL && str_eqz(yaml_text(b->c, mode), "human-led"))
		in->mode = MODE_HUMAN_LED;
	else if (mode != NULL && !str_eqz(mode->text, "ai-first"))
		build_say(b, mode, "expected ai-first or human-led");
}

void
build_inboxes(struct build *b)
{
	static const char *const keys[] = { "inboxes", NULL };
	const struct yaml *list;
	struct inbox_policy *v;

	if (b->file[FILE_INBOXES] == NULL || !yaml_only(b->c, b->file[FILE_INBOXES], keys))
		return;
	list = yaml_need(b->c, b->file[FILE_INBOXES], "inboxes");
	if (!yaml_is(b->c, list, YAML_LIST))
		return;
	if (list->n == 0 || list->n > INBOXES_MAX) {
		build_say(b, list, "expected 1 to %d inboxes, found %zu", INBOXES_MAX, list->n);
		return;
	}
	v = arena_array(b->a, struct inbox_policy, list->n);
	b->p->inboxes = v;
	b->zones = arena_array(b->a, const struct zone *, list->n);
	for (size_t i = 0; i < list->n; i++) {
		read_inbox(b, list->items[i], &v[i], &b->zones[i]);
		b->p->inboxes_n++;
	}
}
