/* SPDX-License-Identifier: Apache-2.0 */
/* body.c - what requests share: strict bodies, the caller's conversation, late answers. */
#include "api/body.h"

#include "engine/policy_load.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_ENOUGH ((size_t)1 << 20)

/* ---- bodies ---- */

static bool
is_blank(int32_t cp)
{
	return cp <= 0x20 || cp == 0x7f || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	    (cp >= 0x2000 && cp <= 0x200f) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
	    cp == 0x205f || cp == 0x2060 || cp == 0x3000 || cp == 0xfeff;
}

enum err
text_check(struct str text, const char *key, struct fault *f)
{
	size_t n = 0;
	bool blank = true;

	for (size_t i = 0; i < text.n; n++) {
		int32_t cp = utf8_next(text, &i);

		if (cp == 0)
			return fault(f, E_INVALID, "%s: must not hold a NUL", key);
		blank = blank && is_blank(cp);
	}
	if (n > MESSAGE_CHARS_MAX)
		return fault(f, E_INVALID, "%s: at most %d characters", key, MESSAGE_CHARS_MAX);
	if (blank)
		return fault(f, E_INVALID, "%s: must not be empty", key);
	return E_OK;
}

enum err
body_text(const json_t *body, const char *key, struct str *out, struct fault *f)
{
	TRY(json_need_str(body, key, (size_t)MESSAGE_CHARS_MAX * 4, out, f));
	return text_check(*out, key, f);
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
domain_ok(struct str s)
{
	size_t labels = 0;

	while (s.p != NULL && s.n > 0) {
		struct str rest, label = str_cut(s, '.', &rest);

		if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!is_alnum(label.p[i]) && label.p[i] != '-')
				return false;
		if (rest.p != NULL && rest.n == 0)
			return false;	/* a dot at the end */
		labels++;
		s = rest;
	}
	return labels >= 2;
}

bool
email_ok(struct str s)
{
	struct str domain, local = str_cut(s, '@', &domain);

	if (s.n > 254 || local.n == 0 || local.n > 64 || domain.n == 0)
		return false;
	if (local.p[0] == '.' || local.p[local.n - 1] == '.' || str_find(local, STR("..")) >= 0)
		return false;
	for (size_t i = 0; i < local.n; i++)
		if (!is_alnum(local.p[i]) && strchr("!#$%&'*+/=?^_`{|}~.-", local.p[i]) == NULL)
			return false;
	return domain_ok(domain);
}

enum err
body_email(const json_t *body, const char *key, struct str *out, struct fault *f)
{
	TRY(json_need_str(body, key, 512, out, f));
	*out = str_trim(*out);
	if (!email_ok(*out))
		return fault(f, E_INVALID, "%s: this is not an e-mail address", key);
	return E_OK;
}

/* ---- conversations ---- */

enum err
request_conv(struct request *rq, enum authz_what what, struct conv_row *out, struct fault *f)
{
	struct authz_thing thing;
	struct id id;
	enum err e = E_NOTFOUND;

	if (id_parse(rq->params[0], &id))
		e = conv_get(request_db(rq), id, rq->arena, out, f);
	if (e == E_NOTFOUND)
		return fault(f, E_NOTFOUND, "There is no such thing, or it is not yours.");
	if (e != E_OK)
		return e;
	thing = (struct authz_thing){ .inbox = out->inbox, .contact = out->contact };
	return authz_check(&rq->who, what, &thing, f);
}

enum err
wire_page(struct api *api, struct db *db, const struct conv_row *c, const struct page *p,
    struct arena *a, struct buf *out, int32_t *to, struct fault *f)
{
	size_t n, begun = out->n, shown = 0;
	struct event *v;

	TRY(event_list(db, c->conv, p->after, p->most, p->limit, a, &v, &n, f));
	*to = n < p->limit ? c->last_seq : v[n - 1].seq;
	for (size_t i = 0; i < n; i++) {
		/* One event is always less than what a buf holds beyond `enough`. */
		if (i > 0 && out->n - begun > p->enough) {
			*to = v[i - 1].seq;
			break;
		}
		if (!wire_event_shown(&v[i], p->most))
			continue;
		if (shown++ > 0)
			buf_add_c(out, ',');
		wire_event(out, &v[i], names_of_event(hub_names(api), db, &v[i], a));
	}
	return E_OK;
}

enum err
request_events(struct request *rq, const struct conv_row *c, enum audience most,
    int64_t limit_default, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct page page = { .most = most, .enough = PAGE_ENOUGH };
	struct str resume;
	int64_t after, limit;
	int32_t to;

	TRY(request_query_i64(rq, "after", 0, 0, INT32_MAX, &after, f));
	TRY(request_query_i64(rq, "limit", limit_default, 1, 200, &limit, f));
	page.after = (int32_t)after;
	page.limit = (size_t)limit;
	buf_add_c(out, '{');
	wire_key(out, "events");
	buf_add_c(out, '[');
	TRY(wire_page(rq->api, request_db(rq), c, &page, rq->arena, out, &to, f));
	buf_add_c(out, ']');
	TRY(event_resume_token(request_db(rq), c->conv, to, rq->arena, &resume, f));
	wire_i64(out, "to", to);
	wire_str(out, "resume", resume);
	wire_bool(out, "more", to < c->last_seq);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

enum err
conv_json(struct api *api, struct db *db, const struct conv_row *c, struct arena *a,
    struct buf *out, struct fault *f)
{
	struct str resume;
	struct wait w;
	bool waiting = c->holder == HOLDER_QUEUE;

	TRY(event_resume_token(db, c->conv, c->last_seq, a, &resume, f));
	if (waiting)
		TRY(engine_wait(api->engine, db, c->inbox, c, a, &w, f));
	wire_conv(out, c, resume, waiting ? &w : NULL);
	return E_OK;
}

void
principal_inboxes(struct api *api, const struct principal *who, struct arena *a,
    const struct str **out, size_t *n)
{
	struct policy_snapshot *snap;
	struct str *v;

	*out = who->inboxes;
	*n = who->inboxes_n;
	if (who->who != WHO_ADMIN)
		return;
	snap = engine_policy(api->engine);
	v = arena_array(a, struct str, snap->policy->inboxes_n + 1);
	for (size_t i = 0; i < snap->policy->inboxes_n; i++)
		v[i] = str_dup(a, snap->policy->inboxes[i].id);
	*out = v;
	*n = snap->policy->inboxes_n;
	policy_snapshot_unref(&snap);
}

/* ---- answers ---- */

enum err
response_json(struct response *rs, const struct buf *b, struct fault *f)
{
	if (b->over)
		return fault(f, E_TOOBIG, "The answer is too big. Please ask for less at once.");
	rs->body = buf_str(b);
	rs->content_type = JSON_TYPE;
	return E_OK;
}

struct late {
	struct api *api;
	struct reply_to to;
	int status;
};

const char *
conflict_field(enum err e, const struct fault *f)
{
	if (e != E_CONFLICT || f == NULL)
		return NULL;
	if (str_starts(str_from(f->text), STR("The customer has written")))
		return "stale";
	if (str_starts(str_from(f->text), STR("this cmid")))
		return "cmid";
	return NULL;
}

static void
late_done(void *arg, enum err e, const struct batch *b, const struct fault *f)
{
	struct late *l = arg;
	struct buf out;

	if (e != E_OK) {
		api_fail_more(l->api, &l->to, e, f, conflict_field(e, f), 0);
	} else {
		buf_init(&out, 512);
		buf_add_c(&out, '{');
		wire_id(&out, "conversation", b->conv);
		wire_i64(&out, "seq", b->seq);
		wire_i64(&out, "at_us", b->at_us);
		wire_bool(&out, "replayed", b->replayed);
		buf_add_c(&out, '}');
		api_reply(l->api, &l->to, b->replayed ? 200 : l->status, buf_str(&out));
		buf_free(&out);
	}
	free(l);
}

struct engine_reply
late_reply(struct request *rq, struct response *rs, int status)
{
	struct late *l = malloc(sizeof(*l));

	CHECK(l != NULL);
	*l = (struct late){ rq->api, rq->to, status };
	rs->later = true;
	return (struct engine_reply){ late_done, l };
}

void
late_reply_drop(struct response *rs, struct engine_reply *r)
{
	rs->later = false;
	free(r->arg);
}
