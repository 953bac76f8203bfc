/* SPDX-License-Identifier: Apache-2.0 */
/* visit.c - the customer's routes: begin a visit, write, ask for a person, read. */
#include "api/body.h"

#include "engine/policy_load.h"

#include <stdlib.h>
#include <string.h>

/* ---- begin ---- */

struct visit_begin {
	struct api *api;
	struct reply_to to;
	struct visitor visitor;
	char inbox[64], address[ADDR_TEXT_MAX], language[16];
	char token[TOKEN_LEN + 1];
	int64_t now_us;
};

static enum err
visit_apply(struct db *db, void *arg, struct fault *f)
{
	struct visit_begin *v = arg;
	uint8_t hash[32];

	role_assert_writer();
	sha256(v->token, TOKEN_LEN, hash);
	return visitor_create(db, &v->visitor, hash, str_from(v->language), v->now_us, f);
}

static void
visit_done(void *arg, enum err e, const struct fault *f)
{
	struct visit_begin *v = arg;
	struct buf out;

	if (e != E_OK) {
		api_fail(v->api, &v->to, e, f);
	} else {
		buf_init(&out, 256);
		buf_add_c(&out, '{');
		wire_str(&out, "token", str_from(v->token));
		wire_str_or_null(&out, "conversation", STR_NONE);
		buf_add_c(&out, '}');
		api_reply(v->api, &v->to, 201, buf_str(&out));
		buf_free(&out);
	}
	memset(v->token, 0, sizeof(v->token));
	free(v);
}

/* The inbox must exist; the language is one of its own, or its first. */
static enum err
visit_choose(struct api *api, struct str inbox, struct str lang, struct visit_begin *v,
    struct fault *f)
{
	struct policy_snapshot *snap = engine_policy(api->engine);
	int at = policy_inbox(snap->policy, inbox);
	struct str chosen = STR_NONE;

	if (at >= 0) {
		const struct inbox_policy *in = &snap->policy->inboxes[at];

		for (size_t i = 0; i < in->languages_n; i++)
			if (i == 0 || str_eq(in->languages[i], lang))
				chosen = in->languages[i];
		memcpy(v->inbox, inbox.p, inbox.n);
		chosen = str_sub(chosen, 0, sizeof(v->language) - 1);
		if (chosen.n > 0)
			memcpy(v->language, chosen.p, chosen.n);
	}
	policy_snapshot_unref(&snap);
	return at >= 0 ? E_OK : fault(f, E_NOTFOUND, "There is no such thing, or it is not yours.");
}

enum err
visits_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "inbox", "lang", NULL };
	struct visit_begin *v;
	struct str inbox, lang = STR_NONE, main_lang, rest;
	struct addr key = addr_limit_key(&rq->http->client);

	TRY(json_only(rq->body, allowed, f));
	TRY(json_need_str(rq->body, "inbox", sizeof(v->inbox) - 1, &inbox, f));
	if (json_object_get(rq->body, "lang") != NULL)
		TRY(json_need_str(rq->body, "lang", 35, &lang, f));
	main_lang = str_lower(rq->arena, str_cut(lang, '-', &rest));
	v = calloc(1, sizeof(*v));
	CHECK(v != NULL);
	if (visit_choose(rq->api, inbox, main_lang, v, f) != E_OK) {
		free(v);
		return f->err;
	}
	v->api = rq->api;
	v->to = rq->to;
	v->now_us = clock_now_us(rq->api->clock);
	addr_text(&key, v->address);
	token_new(rq->api->rand, v->token);
	v->visitor = (struct visitor){ .id = id_new(rq->api->rand), .contact = id_new(rq->api->rand),
		.inbox = str_from(v->inbox), .address = str_from(v->address) };
	if (writer_submit(rq->api->writer, &(struct write_item){ .apply = visit_apply,
	    .done = visit_done, .arg = v }) != E_OK) {
		free(v);
		return fault(f, E_RETRY, "too much is waiting to be stored");
	}
	rs->later = true;
	return E_OK;
}

/* ---- read ---- */

enum err
visit_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct conv_row c;
	enum err e = conv_of_contact(request_db(rq), rq->who.contact, rq->who.inbox, rq->arena, &c, f);

	if (e != E_OK && e != E_NOTFOUND)
		return e;
	buf_add_z(out, "{\"conversation\":");
	if (e == E_OK)
		TRY(conv_json(rq->api, request_db(rq), &c, rq->arena, out, f));
	else
		buf_add_z(out, "null");
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}

enum err
visit_events_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct conv_row c;
	enum err e = conv_of_contact(request_db(rq), rq->who.contact, rq->who.inbox, rq->arena, &c, f);

	if (e == E_NOTFOUND) {
		rs->body = STR("{\"events\":[],\"to\":0,\"resume\":null,\"more\":false}");
		rs->content_type = JSON_TYPE;
		return E_OK;
	}
	if (e != E_OK)
		return e;
	return request_events(rq, &c, AUDIENCE_PUBLIC, 100, rs, f);
}

/* ---- write ---- */

static enum err
visit_input(struct request *rq, struct response *rs, enum from_customer kind, struct id cmid,
    struct str text, struct fault *f)
{
	struct customer_input in = { .kind = kind, .contact = rq->who.contact,
		.visitor = rq->who.id, .inbox = rq->who.inbox, .cmid = cmid, .text = text };
	struct engine_reply reply = late_reply(rq, rs, 201);
	enum err e = engine_customer(rq->api->engine, &in, &reply, f);

	if (e != E_OK)
		late_reply_drop(rs, &reply);
	return e;
}

enum err
visit_messages_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "cmid", "text", NULL };
	struct id cmid;
	struct str text;

	TRY(json_only(rq->body, allowed, f));
	TRY(request_cmid(rq, &cmid, f));
	TRY(body_text(rq->body, "text", &text, f));
	return visit_input(rq, rs, CUSTOMER_MESSAGE, cmid, text, f);
}

enum err
visit_person_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "cmid", NULL };
	struct id cmid;

	TRY(json_only(rq->body, allowed, f));
	TRY(request_cmid(rq, &cmid, f));
	return visit_input(rq, rs, CUSTOMER_ASKS_PERSON, cmid, STR_NONE, f);
}

enum err
visit_email_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const allowed[] = { "cmid", "email", NULL };
	struct id cmid;
	struct str email;

	TRY(json_only(rq->body, allowed, f));
	TRY(request_cmid(rq, &cmid, f));
	TRY(body_email(rq->body, "email", &email, f));
	return visit_input(rq, rs, CUSTOMER_WAY_BACK, cmid, email, f);
}
