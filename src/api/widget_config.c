/* SPDX-License-Identifier: Apache-2.0 */
/* widget_config.c - what the widget must know before anybody says a word. */
#include "api/body.h"

#include "engine/policy_load.h"
#include "flow/render.h"
#include "rules/hours.h"

/* The inbox's language that fits what the browser says, else its first. */
static struct str
choose_language(const struct inbox_policy *in, struct str wanted)
{
	struct str rest, main_part = str_cut(wanted, '-', &rest);

	for (size_t i = 0; i < in->languages_n; i++)
		if (str_eq_nocase(in->languages[i], main_part))
			return in->languages[i];
	return in->languages_n > 0 ? in->languages[0] : STR("en");
}

static bool
right_to_left(struct str lang)
{
	static const char *const rtl[] = { "ar", "dv", "fa", "he", "ps", "ur", "yi" };

	for (size_t i = 0; i < sizeof(rtl) / sizeof(rtl[0]); i++)
		if (str_eqz(lang, rtl[i]))
			return true;
	return false;
}

static void
add_hours(struct buf *out, const struct inbox_policy *in, const struct zone *zone, int64_t now_us)
{
	struct hours_verdict v = hours_at(&in->hours, zone, now_us);

	wire_key(out, "hours");
	buf_add_c(out, '{');
	wire_bool(out, "open", v.open);
	wire_i64_or_null(out, "until_us", v.until_us);
	wire_i64_or_null(out, "next_us", v.next_us);
	wire_str(out, "zone", in->zone);
	buf_add_c(out, '}');
}

static struct str
welcome(const struct policy *p, int inbox, struct str lang, struct arena *a)
{
	struct situation s = { .inbox = inbox, .workflow = -1, .step = -1, .language = lang };

	return render_reply(p, p->own[OWN_WELCOME], &s, a).text;
}

static enum err
add_config(struct request *rq, const struct policy_snapshot *snap, int at, struct str wanted,
    struct buf *out, struct fault *f)
{
	const struct inbox_policy *in = &snap->policy->inboxes[at];
	struct str lang = choose_language(in, wanted);
	struct wait w;

	TRY(engine_wait(rq->api->engine, request_db(rq), in->id, NULL, rq->arena, &w, f));
	buf_add_c(out, '{');
	wire_str(out, "inbox", in->id);
	wire_str(out, "name", in->name);
	wire_str(out, "about", localized_get(&in->about, lang));
	wire_key(out, "brand");
	buf_add_c(out, '{');
	wire_str(out, "color", in->color);
	wire_str(out, "initial", in->initial);
	buf_add_c(out, '}');
	wire_str(out, "lang", lang);
	wire_key(out, "languages");
	buf_add_c(out, '[');
	for (size_t i = 0; i < in->languages_n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		buf_add_json(out, in->languages[i]);
	}
	buf_add_c(out, ']');
	wire_str(out, "dir", right_to_left(lang) ? STR("rtl") : STR("ltr"));
	add_hours(out, in, snap->zones[at], clock_now_us(rq->api->clock));
	wire_i64(out, "people_online", w.agents_online);
	wire_str(out, "welcome", welcome(snap->policy, at, lang, rq->arena));
	wire_key(out, "wait");
	wire_wait(out, &w);
	buf_add_c(out, '}');
	return E_OK;
}

static void
snapshot_release(void *arg)
{
	struct policy_snapshot *snap = arg;

	policy_snapshot_unref(&snap);
}

enum err
widget_config_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, (size_t)64 << 10);
	struct policy_snapshot *snap = engine_policy(rq->api->engine);
	struct str inbox, lang;
	int at;

	arena_defer(rq->arena, snapshot_release, snap);
	TRY(request_query_str(rq, "inbox", 63, &inbox, f));
	TRY(request_query_str(rq, "lang", 35, &lang, f));
	at = policy_inbox(snap->policy, inbox);
	if (at < 0)
		return fault(f, E_NOTFOUND, "There is no such inbox.");
	TRY(add_config(rq, snap, at, lang, out, f));
	return response_json(rs, out, f);
}
